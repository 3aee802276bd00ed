//! A database without what deleted rows have left: written anew beside it, checked, and put in its
//! place by one rename.
//!
//! Until the rename the database is the old one, after it the new one, and both have an empty log:
//! whoever dies in between leaves a whole record, and at worst a copy that the next try removes. All
//! of it is done under the lease; what is handed over meanwhile waits in the spool.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::{
    Holder, Location, Settings, StoreError,
    check::faults_of,
    engine::{Engine, Row},
    error::OnFile,
    files,
};

/// The engine writes the copy into its log first, and then into the file (turso 0.8.3).
const COPIES: u64 = 2;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// How long the database was.
    pub before_bytes: u64,
    /// How long it is.
    pub after_bytes: u64,
}

/// Writes the database anew where that makes it shorter, and gives the lease back.
///
/// # Errors
/// The disk has too little room, the copy is not what it was copied from, or a file cannot be
/// written; the database is as it was.
pub fn compact(holder: Holder<'_>) -> Result<Compacted, StoreError> {
    let Holder { engine, lease, store } = holder;
    let location = store.location();
    engine.checkpoint()?;
    has_no_log(location)?;
    let before_bytes = length(location.database())?;
    has_room(location, before_bytes)?;
    let copy = Copy::at(location)?;
    let outcome = copy
        .write(&engine)
        .and_then(|()| copy.is_the_same(&engine, store.settings()))
        .and_then(|()| copy.replace(&engine, location, before_bytes));
    // Its own lock goes before the lease.
    drop(engine);
    copy.remove();
    drop(lease);
    outcome.map(|after_bytes| Compacted { before_bytes, after_bytes })
}

/// The database written anew, until it has the name of the old one.
struct Copy {
    location: Location,
}

impl Copy {
    /// Where it will be; what an earlier try has left there is removed.
    fn at(location: &Location) -> Result<Self, StoreError> {
        let path = location.compacted();
        let copy = Self { location: Location::resolve(&path).on_file("look at", &path)? };
        copy.remove();
        Ok(copy)
    }

    fn path(&self) -> &Path {
        self.location.database()
    }

    fn remove(&self) {
        // Whatever stays is in nobody's way but the next try's, which says so.
        let _ = fs::remove_file(self.path());
        let _ = fs::remove_file(self.location.wal());
    }

    fn write(&self, engine: &Engine) -> Result<(), StoreError> {
        let Some(path) = self.path().to_str() else {
            let reason = "the engine takes no path that is not UTF-8";
            let error = io::Error::new(io::ErrorKind::InvalidInput, reason);
            return Err(error).on_file("write", self.path());
        };
        // The engine takes a literal only (turso 0.8.3).
        let literal = path.replace('\'', "''");
        engine.execute("write it anew", &format!("VACUUM INTO '{literal}'"), Vec::new())?;
        fs::set_permissions(path, Permissions::from_mode(0o600)).on_file("take from others", path)
    }

    /// That it is whole, and holds as many rows of each table as what it was copied from.
    fn is_the_same(&self, original: &Engine, settings: &Settings) -> Result<(), StoreError> {
        let copy = Engine::open(&self.location, settings, None)?;
        let is_whole = faults_of(&copy, "PRAGMA integrity_check")?.is_empty();
        if !is_whole || contents(&copy)? != contents(original)? {
            return Err(StoreError::BadCopy(self.path().to_owned()));
        }
        copy.checkpoint()?;
        has_no_log(&self.location)
    }

    /// Puts it in the place of the database, if it is shorter; says how long the database is now.
    fn replace(
        &self,
        engine: &Engine,
        location: &Location,
        before_bytes: u64,
    ) -> Result<u64, StoreError> {
        let (path, after_bytes) = (self.path(), length(self.path())?);
        if after_bytes >= before_bytes {
            return Ok(before_bytes);
        }
        File::open(path).and_then(|file| file.sync_all()).on_file("make durable", path)?;
        // The engine still has its lock, so that no other program has begun to write. A log that is
        // not empty would be replayed into what is not its database.
        engine.is_unchanged()?;
        has_no_log(location)?;
        fs::rename(path, location.database()).on_file("replace", location.database())?;
        files::sync_folder(location.folder()).on_file("make durable", location.folder())?;
        Ok(after_bytes)
    }
}

/// The schema, the revision and the rows of every table.
fn contents(engine: &Engine) -> Result<Vec<(String, Option<i64>)>, StoreError> {
    let tables = "SELECT name \
                  FROM sqlite_schema \
                  WHERE type = 'table' \
                  ORDER BY name";
    let tables = engine.query("read the schema", tables, &[], Row::text)?;
    let count = |sql: String| engine.query_first("count rows", &sql, &[], Row::integer);
    let counts = tables.into_iter().flatten().map(|table| {
        let rows = count(format!("SELECT count(*) FROM \"{table}\""))?.flatten();
        Ok((table, rows))
    });
    let revision = count(crate::query::revision::SQL.to_owned())?.flatten();
    let version = crate::migration::version(engine)?;
    let marks = [("revision".to_owned(), revision), ("version".to_owned(), Some(version))];
    counts.chain(marks.map(Ok)).collect()
}

fn length(path: &Path) -> Result<u64, StoreError> {
    fs::metadata(path).map(|metadata| metadata.len()).on_file("look at", path)
}

/// That all of a database is in its file.
fn has_no_log(location: &Location) -> Result<(), StoreError> {
    match fs::metadata(location.wal()) {
        Ok(log) if log.len() > 0 => Err(StoreError::LockedByOther(location.database().to_owned())),
        _ => Ok(()),
    }
}

/// That the disk has room for the copy.
fn has_room(location: &Location, bytes: u64) -> Result<(), StoreError> {
    let folder = location.folder();
    let disk = rustix::fs::statvfs(folder).map_err(io::Error::from).on_file("look at", folder)?;
    let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
    let needed_bytes = bytes.saturating_mul(COPIES);
    if free_bytes < needed_bytes {
        let path: PathBuf = location.database().to_owned();
        return Err(StoreError::NoRoom { path, needed_bytes, free_bytes });
    }
    Ok(())
}
