//! Why there is no answer.

use domain::SessionId;
use store::StoreError;
use thiserror::Error;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ReportError {
    /// Nothing is known of the session.
    #[error("session `{0}` is not in the record")]
    UnknownSession(SessionId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
