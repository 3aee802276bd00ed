//! Where the model steps of a session began and ended.

use domain::{SessionId, Step};

use super::of_session::in_order;
use crate::{Holder, StoreError, table::select_in_order_sql};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    (select_in_order_sql::<Step>(), "step_events_in_order")
}

/// The ends of the steps of a session, oldest first.
///
/// # Errors
/// The engine failed.
pub fn session_steps(holder: &Holder<'_>, id: &SessionId) -> Result<Vec<Step>, StoreError> {
    in_order(&holder.engine, id)
}
