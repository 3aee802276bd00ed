//! What can go wrong in the store, and whose fault it is.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::HolderName;

/// Whose fault a failure is; it alone decides what happens to the files that were being drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// Somebody is in the way for a moment: try again.
    Transient,
    /// The machine, the disk, the database or another program: nothing that was given is condemned.
    Surroundings,
    /// What was being written may be the cause: find out which file it is.
    Data,
}

/// A failure of the store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file or folder of ours could not be used.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process owns the database and did not give it back in time.
    #[error("database `{}` is in use by {holder}", path.display())]
    Held {
        /// Which database.
        path: PathBuf,
        /// Who has it, as far as it says.
        holder: HolderName,
    },
    /// The file system cannot lock files.
    #[error("cannot lock `{}`", path.display())]
    NoLocks {
        /// Which lock file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A program that does not know the lease has the database open.
    #[error("database `{}` is locked by another program", .0.display())]
    LockedByOther(PathBuf),
    /// The database was written by a newer version.
    #[error("database `{}` has schema {found}, this version knows {known}", path.display())]
    NewerSchema {
        /// Which database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// The database was written by an older version and this caller may not change that.
    #[error("database `{}` has schema {found} and has to be migrated to {known}", path.display())]
    OlderSchema {
        /// Which database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// The file is a database, but none of ours.
    #[error("`{}` is not a recount database", .0.display())]
    Foreign(PathBuf),
    /// The database file was replaced or removed while it was open.
    #[error("database `{}` was replaced while it was in use", .0.display())]
    Replaced(PathBuf),
    /// The engine refused.
    #[error("`{}`: cannot {action}", path.display())]
    Engine {
        /// In which database.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the engine says.
        source: turso::Error,
    },
    /// The engine panicked; it must not be used again.
    #[error("`{}`: the engine failed in an assertion when asked to {action}", path.display())]
    EnginePanic {
        /// In which database.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
    },
    /// The disk has too little room for a copy.
    #[error("a copy of `{}` needs {needed_bytes} bytes, {free_bytes} are free", path.display())]
    NoRoom {
        /// Of which database.
        path: PathBuf,
        /// How many bytes it needs.
        needed_bytes: u64,
        /// How many there are.
        free_bytes: u64,
    },
    /// A copy does not hold what it was copied from.
    #[error("`{}` is not a true copy of the database", .0.display())]
    BadCopy(PathBuf),
    /// A decoder panicked.
    #[error("cannot decode spool file `{file}`")]
    Decode {
        /// Which file.
        file: String,
    },
    /// A stored row does not fit its table.
    #[error("table `{table}` holds a row that cannot be read: column `{column}`")]
    Row {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
    },
}

impl StoreError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self {
            Self::LockedByOther(_) | Self::Held { .. } => Blame::Transient,
            Self::Engine { source, .. } => blame_of_engine(source),
            Self::EnginePanic { .. } | Self::Decode { .. } => Blame::Data,
            Self::File { .. }
            | Self::NoLocks { .. }
            | Self::NewerSchema { .. }
            | Self::OlderSchema { .. }
            | Self::Foreign(_)
            | Self::Replaced(_)
            | Self::NoRoom { .. }
            | Self::BadCopy(_)
            | Self::Row { .. } => Blame::Surroundings,
        }
    }

    /// Whether another attempt may succeed.
    pub fn is_transient(&self) -> bool {
        self.blame() == Blame::Transient
    }
}

fn blame_of_engine(error: &turso::Error) -> Blame {
    use turso::Error as E;
    match error {
        E::Busy(_) | E::BusySnapshot(_) | E::Interrupt(_) => Blame::Transient,
        E::Readonly(_) | E::DatabaseFull(_) | E::NotAdb(_) | E::Corrupt(_) | E::IoError(..) => {
            Blame::Surroundings
        }
        E::Error(_)
        | E::Misuse(_)
        | E::Constraint(_)
        | E::ToSqlConversionFailure(_)
        | E::QueryReturnedNoRows
        | E::ConversionFailure(_) => Blame::Data,
        E::BatchStatementFailed { error, .. } | E::BatchRollbackFailed { error, .. } => {
            blame_of_engine(error)
        }
    }
}

/// Names the object of a failed file operation.
pub(crate) trait OnFile<T> {
    fn on_file(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, StoreError>;
}

impl<T> OnFile<T> for io::Result<T> {
    fn on_file(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::File { action, path: path.into(), source })
    }
}
