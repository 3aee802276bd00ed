//! `OpenCode`'s database, read while `OpenCode` may be writing to it, and without leaving anything
//! beside it.
//!
//! Opening a database in WAL mode makes SQLite create `-wal` and `-shm` where there are none, and a
//! connection that may only read leaves them behind. So where there is no `-wal`, nobody has the
//! database open, and it is read as a file that does not change; whether that was so is looked at
//! after each question, and if not, it is asked again. Where there is one, SQLite's own locks keep
//! reader and writer apart; if `OpenCode` ends just then, its log stays for its next start. No
//! question takes longer than a page of rows, so no reader keeps `OpenCode` from writing its log
//! back.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    io::{self, Read},
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Fault, open_file};

/// As long as `OpenCode` itself waits.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a question is asked that somebody disturbs.
const TRIES: usize = 10;

/// Where the header says how the database is written (SQLite file format, 1.3.3).
const READ_VERSION_AT: usize = 19;
const WAL: u8 = 2;

/// The database of one `OpenCode`.
pub(crate) struct Database {
    path: PathBuf,
    open: Option<Open>,
}

struct Open {
    connection: Connection,
    /// The file as it was, where nobody may change it while it is read.
    still: Option<Still>,
}

/// What changes when a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Still {
    inode: (u64, u64),
    bytes: u64,
    written_at: (i64, i64),
    changed_at: (i64, i64),
}

impl Database {
    pub fn new(path: PathBuf) -> Self {
        Self { path, open: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks one short question.
    pub fn ask<T>(
        &mut self,
        question: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Fault> {
        for _ in 0..TRIES {
            let open = match self.open.take() {
                Some(open) => open,
                None => open(&self.path)?,
            };
            let answer = question(&open.connection);
            if open.still.is_none_or(|still| still_is(&self.path) == Some(still)) {
                self.open = Some(open);
                return answer.map_err(|error| fault(&error));
            }
        }
        Err(Fault::Everywhere("changes all the time".into()))
    }

    /// The columns of a table; none where there is no such table.
    pub fn columns(&mut self, table: &'static str) -> Result<BTreeSet<String>, Fault> {
        self.ask(|connection| {
            let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
            let names = statement.query_map([table], |row| row.get(0))?;
            names.collect()
        })
    }

    /// Whether there is a session of that id.
    pub fn has_session(&mut self, id: &str) -> Result<bool, Fault> {
        if self.is_empty()? {
            return Ok(false);
        }
        let sql = "SELECT count(*) > 0 FROM session WHERE id = ?1";
        self.ask(|connection| connection.query_row(sql, [id], |row| row.get(0)))
    }

    /// Whether there is no table at all, as right after `OpenCode` has made the file.
    pub fn is_empty(&mut self) -> Result<bool, Fault> {
        let sql = "SELECT count(*) = 0 FROM sqlite_schema WHERE type = 'table'";
        self.ask(|connection| connection.query_row(sql, [], |row| row.get(0)))
    }
}

fn open(path: &Path) -> Result<Open, Fault> {
    let still = if is_in_wal_mode(path)? { still_is(path) } else { None };
    let immutable = if still.is_some() { "&immutable=1" } else { "" };
    let uri = format!("file:{}?mode=ro{immutable}", percent_encoded(path));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(uri, flags).map_err(|error| fault(&error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| fault(&error))?;
    Ok(Open { connection, still })
}

/// Whether a log belongs to the database whenever somebody uses it.
fn is_in_wal_mode(path: &Path) -> Result<bool, Fault> {
    let mut header = Vec::new();
    let file = open_file(path).map_err(|error| Fault::of_file(&error))?;
    let length = READ_VERSION_AT as u64 + 1;
    file.take(length).read_to_end(&mut header).map_err(|error| Fault::of_file(&error))?;
    Ok(header.get(READ_VERSION_AT) == Some(&WAL))
}

/// The state of a database that nobody has open; `None` where somebody may have.
fn still_is(path: &Path) -> Option<Still> {
    let mut log = OsString::from(path);
    log.push("-wal");
    let found = fs::symlink_metadata(log);
    if !found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return None;
    }
    let file = fs::metadata(path).ok()?;
    Some(Still {
        inode: (file.dev(), file.ino()),
        bytes: file.size(),
        written_at: (file.mtime(), file.mtime_nsec()),
        changed_at: (file.ctime(), file.ctime_nsec()),
    })
}

fn percent_encoded(path: &Path) -> String {
    let encoded = path.as_os_str().as_bytes().iter().map(|&byte| {
        let is_plain = byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
        if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    });
    encoded.collect()
}

/// What SQLite says, in our words; its own may quote a statement.
fn fault(error: &rusqlite::Error) -> Fault {
    use ErrorCode as E;
    match error.sqlite_error_code() {
        Some(E::NotADatabase) => Fault::Everywhere("is no SQLite database".into()),
        Some(E::DatabaseCorrupt) => Fault::Here("is damaged".into()),
        Some(E::DatabaseBusy | E::DatabaseLocked) => Fault::Everywhere("is locked".into()),
        Some(E::SystemIoFailure) => Fault::Here("cannot be read from the disk".into()),
        Some(E::CannotOpen | E::ReadOnly | E::PermissionDenied) => Fault::Everywhere(
            "has a log that cannot be used where it lies; copy the folder and name the copy".into(),
        ),
        Some(code) => Fault::Everywhere(format!("cannot be read ({code:?})").into()),
        None => Fault::Here("holds a value that cannot be read".into()),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn count(database: &mut Database) -> Result<i64, Fault> {
        database
            .ask(|connection| connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)))
    }

    /// A database with one row, and one who has it open.
    fn written(folder: &TempDir) -> (Connection, PathBuf) {
        let path = folder.path().join("a b?#%.db");
        let writer = Connection::open(&path).expect("it can be made");
        let sql = "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)";
        writer.execute_batch(sql).expect("the statements are right");
        (writer, path)
    }

    fn names(folder: &TempDir) -> usize {
        fs::read_dir(folder.path()).expect("a folder").count()
    }

    #[test]
    fn who_opens_closes_or_writes_it_meanwhile_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (writer, path) = written(&folder);
        let mut database = Database::new(path.clone());
        assert_eq!(count(&mut database), Ok(1));
        writer.execute_batch("INSERT INTO t VALUES (2)").expect("it can be written");
        assert_eq!(count(&mut database), Ok(2));
        drop(database);
        drop(writer);
        assert_eq!(names(&folder), 1, "nobody has it open");

        let mut database = Database::new(path.clone());
        assert_eq!((count(&mut database), names(&folder)), (Ok(2), 1));
        let writer = Connection::open(&path).expect("it is there");
        writer.execute_batch("INSERT INTO t VALUES (3)").expect("it can be written");
        assert_eq!(count(&mut database), Ok(3), "there is a log now");
        drop(writer);
        assert_eq!(count(&mut database), Ok(3));
    }

    #[test]
    fn what_is_asked_while_it_changes_is_asked_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (writer, path) = written(&folder);
        drop(writer);
        let mut database = Database::new(path.clone());
        let times = std::cell::Cell::new(0);
        let answer = database.ask(|connection| {
            times.set(times.get() + 1);
            let found = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
            if times.get() == 1 {
                let writer = Connection::open(&path)?;
                writer.execute_batch("INSERT INTO t VALUES (2)")?;
            }
            found
        });
        assert_eq!((answer, times.get()), (Ok(2_i64), 2));
    }

    #[test]
    fn a_reader_keeps_nobody_from_writing_the_log_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (writer, path) = written(&folder);
        let mut database = Database::new(path);
        assert_eq!(count(&mut database), Ok(1));
        let checkpoint = |writer: &Connection| {
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
        };
        assert_eq!(checkpoint(&writer), Ok(0), "it is not busy");
        assert_eq!(count(&mut database), Ok(1));
    }

    #[test]
    fn a_database_without_a_log_is_read_under_its_locks() {
        let folder = tempfile::tempdir().expect("a folder");
        let (writer, path) = written(&folder);
        writer.execute_batch("PRAGMA journal_mode = DELETE").expect("nobody else has it open");
        let mut database = Database::new(path);
        assert_eq!(count(&mut database), Ok(1));
        writer.execute_batch("INSERT INTO t VALUES (2)").expect("it can be written");
        assert_eq!((count(&mut database), names(&folder)), (Ok(2), 1));
    }

    #[test]
    fn what_is_no_database_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut database = Database::new(path.clone());
        assert_eq!(database.is_empty(), Err(Fault::Everywhere("is gone".into())));
        fs::write(&path, "").expect("a file");
        assert_eq!(Database::new(path.clone()).is_empty(), Ok(true));
        fs::write(&path, "text, and more of it".repeat(99)).expect("a file");
        let reason = "is no SQLite database";
        assert_eq!(Database::new(path).is_empty(), Err(Fault::Everywhere(reason.into())));
    }
}
