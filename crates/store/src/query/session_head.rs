//! What is known of a session itself.

use domain::{Session, SessionId};

use super::of_session::session;
use crate::{Holder, StoreError};

/// The session's row, or `None` where nothing is known of it.
///
/// # Errors
/// The engine failed.
pub fn session_head(holder: &Holder<'_>, id: &SessionId) -> Result<Option<Session>, StoreError> {
    session(&holder.engine, id)
}
