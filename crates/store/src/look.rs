//! What can be seen of a record from outside, without the lease: enough to tell whether anything
//! has been stored or handed over since the last look.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use crate::Store;

/// What the files of a record looked like. Two looks that are equal saw the same record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    database: Option<Seen>,
    log: Option<Seen>,
    spool: Option<Seen>,
    outbox: Option<Seen>,
}

/// What the file system tells of a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    inode: u64,
    /// Of a file its length, of a folder how many entries it has: its time alone is as coarse as
    /// the kernel's clock.
    size: u64,
    modified: (i64, i64),
}

impl Seen {
    fn file(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        Some(Self { inode: metadata.ino(), size: metadata.len(), modified })
    }

    fn folder(path: &Path) -> Option<Self> {
        let entries = fs::read_dir(path).ok()?.count() as u64;
        Some(Self { size: entries, ..Self::file(path)? })
    }
}

impl Store {
    /// Looks at the database, its log, the spool and the outbox; opens nothing and waits for nobody.
    pub fn look(&self) -> Look {
        let outbox = self.settings().outbox.as_deref();
        Look {
            database: Seen::file(self.location().database()),
            log: Seen::file(&self.location().wal()),
            spool: Seen::folder(&self.location().spool()),
            outbox: outbox.and_then(Seen::folder),
        }
    }
}
