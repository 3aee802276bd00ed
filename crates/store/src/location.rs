//! Where a database lies, and the names of what lies beside it.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use crate::files;

/// How many links a database path may lead through.
const LINKS_LIMIT: usize = 32;

/// One database: its resolved path, from which every other name follows, so that two names of
/// one file share one lease and one spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    database: PathBuf,
}

impl Location {
    /// The same as [`Self::resolve`], making the folder where it is missing, for its owner alone.
    ///
    /// # Errors
    /// The folder cannot be made or resolved.
    pub fn create(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            files::create_folder(folder)?;
        }
        Self::resolve(path)
    }

    /// Follows links, also a dangling one, and resolves the folder, which has to exist.
    ///
    /// # Errors
    /// The folder cannot be resolved, or the links go round.
    pub fn resolve(path: &Path) -> io::Result<Self> {
        let mut path = path.to_path_buf();
        for _ in 0..LINKS_LIMIT {
            let Some(name) = path.file_name() else {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "names no file"));
            };
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let here = fs::canonicalize(folder.unwrap_or(Path::new(".")))?.join(name);
            match fs::read_link(&here) {
                Ok(target) => path = here.parent().unwrap_or(Path::new("/")).join(target),
                Err(_) if fs::metadata(&here).is_ok_and(|found| !found.is_file()) => {
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
                }
                Err(_) => return Ok(Self { database: here }),
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, "its links go round"))
    }

    /// The database file.
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// The folder that it lies in.
    pub fn folder(&self) -> &Path {
        self.database.parent().unwrap_or(Path::new("/"))
    }

    /// The engine's log.
    pub fn wal(&self) -> PathBuf {
        self.beside("-wal")
    }

    /// The file whose lock is the lease. It is never deleted.
    pub fn lock(&self) -> PathBuf {
        self.beside(".lock")
    }

    /// What was handed to us and is not stored yet.
    pub fn spool(&self) -> PathBuf {
        self.beside(".spool")
    }

    /// What could not be read.
    pub fn quarantine(&self) -> PathBuf {
        self.beside(".quarantine")
    }

    /// What hooks have to say; nobody sees their standard error.
    pub fn log(&self) -> PathBuf {
        self.beside(".log")
    }

    /// The copy that is kept before a migration from `version`.
    pub fn copy_before(&self, version: i64) -> PathBuf {
        self.beside(&format!(".before-migration-{version}"))
    }

    /// The database written anew, before it takes this one's place.
    pub fn compacted(&self) -> PathBuf {
        self.beside(".compacted.tmp")
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = OsString::from(&self.database);
        name.push(suffix);
        PathBuf::from(name)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_name_follows_the_resolved_path() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let folder = fs::canonicalize(folder.path())?;
        let location = Location::resolve(&folder.join("r.db"))?;
        assert_eq!(location.database(), folder.join("r.db"));
        assert_eq!(location.lock(), folder.join("r.db.lock"));
        assert_eq!(location.spool(), folder.join("r.db.spool"));
        assert_eq!(location.quarantine(), folder.join("r.db.quarantine"));
        assert_eq!(location.log(), folder.join("r.db.log"));
        assert_eq!(location.wal(), folder.join("r.db-wal"));
        Ok(())
    }

    #[test]
    fn a_link_and_its_target_are_one_database() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("deep"))?;
        symlink("deep/real.db", folder.path().join("dangling.db"))?;
        symlink("dangling.db", folder.path().join("second.db"))?;
        let direct = Location::resolve(&folder.path().join("deep/real.db"))?;
        assert_eq!(Location::resolve(&folder.path().join("second.db"))?, direct);
        fs::write(direct.database(), "")?;
        assert_eq!(Location::resolve(&folder.path().join("second.db"))?, direct);
        Ok(())
    }

    #[test]
    fn what_is_no_file_is_no_database() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert!(Location::resolve(folder.path()).is_err());
        assert!(Location::resolve(Path::new("/dev/null")).is_err());
        Ok(())
    }

    #[test]
    fn links_that_go_round_are_an_error() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        symlink("b", folder.path().join("a"))?;
        symlink("a", folder.path().join("b"))?;
        assert!(Location::resolve(&folder.path().join("a")).is_err());
        Ok(())
    }
}
