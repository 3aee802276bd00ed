//! Which tools were called in a session.

use domain::{SessionId, ToolCall};

use super::of_session::in_order;
use crate::{Holder, StoreError, table::select_in_order_sql};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    (select_in_order_sql::<ToolCall>(), "tool_calls_in_order")
}

/// The tool calls of a session, oldest first.
///
/// # Errors
/// The engine failed.
pub fn session_tools(holder: &Holder<'_>, id: &SessionId) -> Result<Vec<ToolCall>, StoreError> {
    in_order(&holder.engine, id)
}
