//! Why nobody can say whose lines are.

use agent_trace::{git::GitError, record::RecordError};
use store::StoreError;
use thiserror::Error;

/// Why nobody can say whose lines are.
#[derive(Debug, Error)]
pub enum AttributionError {
    /// Git has no answer.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record cannot be read.
    #[error("`{name}` {error}")]
    Record {
        /// Where it is from.
        name: String,
        /// What is wrong.
        error: RecordError,
    },
    /// The file is outside of the repository.
    #[error("`{0}` is not in this repository")]
    Outside(String),
    /// There are not so many lines.
    #[error("`{path}` has only {lines} lines")]
    Lines {
        /// The file.
        path: String,
        /// How many there are.
        lines: usize,
    },
    /// A file cannot be read or written.
    #[error("`{path}` cannot be {action}")]
    File {
        /// Which.
        path: String,
        /// What was to be done.
        action: &'static str,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
}
