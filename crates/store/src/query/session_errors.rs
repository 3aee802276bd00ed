//! What went wrong in a session.

use domain::{SessionError, SessionId};

use super::of_session::in_order;
use crate::{Holder, StoreError, table::select_in_order_sql};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    (select_in_order_sql::<SessionError>(), "session_errors_in_order")
}

/// The errors of a session, oldest first.
///
/// # Errors
/// The engine failed.
pub fn session_errors(
    holder: &Holder<'_>,
    id: &SessionId,
) -> Result<Vec<SessionError>, StoreError> {
    in_order(&holder.engine, id)
}
