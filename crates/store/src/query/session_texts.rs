//! How long the texts of a session are, without the texts.

use domain::{PartKind, SessionId};

use super::{of_session::key, usage::columns};
use crate::{Holder, StoreError, engine::Row};

/// The statements, with the index that each needs.
pub const STATEMENTS: [(&str, &str); 2] = [
    (
        "SELECT message_id, part_type, coalesce(length(text), 0), coalesce(length(reasoning_text), 0) \
         FROM parts \
         WHERE session_id = ?1",
        "parts_in_order",
    ),
    (
        "SELECT message_id, coalesce(length(input), 0), \
                coalesce(output_full_bytes, 0) + coalesce(error_full_bytes, 0) \
         FROM tool_calls \
         WHERE session_id = ?1",
        "tool_calls_in_order",
    ),
];

/// How long the texts of a part are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartLength {
    /// Its message.
    pub message_id: String,
    /// What it is.
    pub kind: Option<PartKind>,
    /// Characters of its text.
    pub text: i64,
    /// Characters of its thought.
    pub reasoning: i64,
}

/// How long the texts of a tool call are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLength {
    /// The message that made it.
    pub message_id: Option<String>,
    /// Characters that it was given.
    pub input: i64,
    /// Bytes that it gave back, also those that are not kept.
    pub output: i64,
}

/// Those of the parts and of the tool calls of a session, in no order.
///
/// # Errors
/// The engine failed.
pub fn session_texts(
    holder: &Holder<'_>,
    id: &SessionId,
) -> Result<(Vec<PartLength>, Vec<CallLength>), StoreError> {
    let [(parts, _), (calls, _)] = STATEMENTS;
    let parts = holder.engine.query("measure texts", parts, &key(id), part)?;
    let calls = holder.engine.query("measure texts", calls, &key(id), call)?;
    Ok((parts, calls))
}

fn part(row: &mut Row) -> Result<PartLength, StoreError> {
    Ok(PartLength {
        message_id: row.text()?.unwrap_or_default(),
        kind: columns(row, "parts", "part_type")?,
        text: row.integer()?.unwrap_or_default(),
        reasoning: row.integer()?.unwrap_or_default(),
    })
}

fn call(row: &mut Row) -> Result<CallLength, StoreError> {
    Ok(CallLength {
        message_id: row.text()?,
        input: row.integer()?.unwrap_or_default(),
        output: row.integer()?.unwrap_or_default(),
    })
}
