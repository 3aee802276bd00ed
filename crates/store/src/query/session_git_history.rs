//! Which files changed in a session, by the agent's own snapshots.

use domain::{Patch, SessionId};

use super::of_session::in_order;
use crate::{Holder, StoreError, table::select_in_order_sql};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    (select_in_order_sql::<Patch>(), "patches_in_order")
}

/// The patches of a session, oldest first.
///
/// # Errors
/// The engine failed.
pub fn session_git_history(holder: &Holder<'_>, id: &SessionId) -> Result<Vec<Patch>, StoreError> {
    in_order(&holder.engine, id)
}
