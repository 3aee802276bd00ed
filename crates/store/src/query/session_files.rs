//! Which files the agent changed in a session.

use domain::{FileOperation, SessionId};

use super::of_session::in_order;
use crate::{Holder, StoreError, table::select_in_order_sql};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    (select_in_order_sql::<FileOperation>(), "file_operations_in_order")
}

/// The file operations of a session, oldest first.
///
/// # Errors
/// The engine failed.
pub fn session_files(
    holder: &Holder<'_>,
    id: &SessionId,
) -> Result<Vec<FileOperation>, StoreError> {
    in_order(&holder.engine, id)
}
