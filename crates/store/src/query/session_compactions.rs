//! How often a session was condensed.

use domain::{Compaction, SessionId};

use super::of_session::in_order;
use crate::{Holder, StoreError, table::select_in_order_sql};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    (select_in_order_sql::<Compaction>(), "compaction_events_in_order")
}

/// The compactions of a session, oldest first.
///
/// # Errors
/// The engine failed.
pub fn session_compactions(
    holder: &Holder<'_>,
    id: &SessionId,
) -> Result<Vec<Compaction>, StoreError> {
    in_order(&holder.engine, id)
}
