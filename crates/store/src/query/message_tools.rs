//! Which tools each message called.

use std::{collections::HashMap, rc::Rc};

use super::seen::Names;
use crate::{Holder, StoreError};

/// The statement. It reads every call: that is what the question is.
pub const STATEMENT: &str =
    "SELECT session_id, message_id, call_id, tool FROM tool_calls WHERE message_id IS NOT NULL";

/// The calls of each message of each session: their identities, and their tools' names as far as the
/// agent names them.
pub type MessageTools = HashMap<Rc<str>, HashMap<String, Vec<(String, Option<Rc<str>>)>>>;

/// Those of every message, in the order of their identities.
///
/// # Errors
/// The engine failed.
pub fn message_tools(holder: &Holder<'_>) -> Result<MessageTools, StoreError> {
    let names = Names::default();
    let read = |row: &mut crate::engine::Row| {
        let session = names.shared(row.text()?);
        let message = row.text()?.unwrap_or_default();
        let call = row.text()?.unwrap_or_default();
        Ok((session, message, (call, names.shared(row.text()?))))
    };
    let mut tools = MessageTools::new();
    for (session, message, call) in holder.engine.query("look for calls", STATEMENT, &[], read)? {
        let Some(session) = session else { continue };
        tools.entry(session).or_default().entry(message).or_default().push(call);
    }
    for calls in tools.values_mut().flat_map(HashMap::values_mut) {
        calls.sort_unstable();
    }
    Ok(tools)
}
