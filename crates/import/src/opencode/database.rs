//! `OpenCode`'s database, read while `OpenCode` may be writing to it, and without leaving anything
//! beside it.
//!
//! Opening a database in WAL mode makes SQLite create `-wal` and `-shm` where there are none, and a
//! connection that may only read leaves them behind. So where there is no `-wal`, nobody has the
//! database open, and it is read as a file that does not change; whether that was so is looked at
//! after each question, and if not, it is asked again. Where there is one, SQLite's own locks keep
//! reader and writer apart. No question takes longer than a page of rows, so no reader keeps
//! `OpenCode` from writing its log back.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Fault;

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
    let file = File::open(path).map_err(|error| Fault::of_file(&error))?;
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
    let mut encoded = String::new();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
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
