//! Which tools each message called.

use std::{collections::HashMap, rc::Rc};

use super::seen::Names;
use crate::{Holder, StoreError, engine::Row};

/// The statement, with the index that holds all that it reads. It reads every call: that is what the
/// question is.
pub const STATEMENT: (&str, &str) = (
    "SELECT session_id, message_id, tool FROM tool_calls WHERE message_id IS NOT NULL",
    "tool_calls_seen",
);

/// The tool of each call of each message of each session, as far as the agent names it.
pub type MessageTools = HashMap<Rc<str>, HashMap<String, Vec<Option<Rc<str>>>>>;

/// Those of every message, in the order of their names.
///
/// # Errors
/// The engine failed.
pub fn message_tools(holder: &Holder<'_>) -> Result<MessageTools, StoreError> {
    let names = Names::default();
    let read = |row: &mut Row| -> Result<_, StoreError> {
        let session = names.shared(row.text()?);
        let message = row.text()?.unwrap_or_default();
        Ok((session, message, names.shared(row.text()?)))
    };
    let add = |tools: &mut MessageTools, row: &mut Row| {
        if let (Some(session), message, tool) = read(row)? {
            tools.entry(session).or_default().entry(message).or_default().push(tool);
        }
        Ok(())
    };
    let mut tools = holder.engine.fold("look for calls", STATEMENT.0, &[], add)?;
    for calls in tools.values_mut().flat_map(HashMap::values_mut) {
        calls.sort_unstable();
    }
    Ok(tools)
}
