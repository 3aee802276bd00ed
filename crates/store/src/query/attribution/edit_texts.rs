//! What edits say, and which model made them.

use domain::{Model, UnixMs};
use turso::Value;

use crate::{Holder, StoreError, engine::Row, query::usage::columns};

/// The statement, with the index that it needs.
pub const STATEMENT: (&str, &str) = (
    "SELECT edits.id, edits.edit_id, edits.diff, edits.call_id, \
            coalesce(edits.message_id, tool_calls.message_id), \
            messages.provider_id, messages.model_id, \
            coalesce(tool_calls.ordered_at_unix_ms, edits.ordered_at_unix_ms), \
            edits.scope = 'message' AND instr(messages.summary_diffs, edits.path) = 0 \
     FROM edits \
     LEFT JOIN tool_calls \
         ON tool_calls.session_id = edits.session_id AND tool_calls.call_id = edits.call_id \
     LEFT JOIN messages \
         ON messages.session_id = edits.session_id \
             AND messages.message_id = coalesce(edits.message_id, tool_calls.message_id) \
     WHERE edits.id = ?1",
    "INTEGER PRIMARY KEY",
);

/// An edit with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditText {
    /// Its row.
    pub row: i64,
    /// Its identity in its session.
    pub edit_id: String,
    /// The diff as it came.
    pub diff: Option<String>,
    /// The tool call that made it.
    pub call_id: Option<String>,
    /// The message that made it.
    pub message_id: Option<String>,
    /// The model that said so.
    pub model: Option<Model>,
    /// What orders it.
    pub at: Option<UnixMs>,
    /// Whether it is of a message whose summary names its file no longer: it was taken back.
    pub is_taken_back: bool,
}

/// The edits of some rows, in no order.
///
/// # Errors
/// The engine failed.
pub fn edit_texts(holder: &Holder<'_>, rows: &[i64]) -> Result<Vec<EditText>, StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let key = [Value::Integer(*row)];
        found.extend(holder.engine.query("read an edit", STATEMENT.0, &key, read)?);
    }
    Ok(found)
}

fn read(row: &mut Row) -> Result<EditText, StoreError> {
    Ok(EditText {
        row: row.integer()?.unwrap_or_default(),
        edit_id: row.text()?.unwrap_or_default(),
        diff: row.text()?,
        call_id: row.text()?,
        message_id: row.text()?,
        model: columns(row, "messages", "provider_id")?,
        at: row.integer()?.and_then(UnixMs::new),
        is_taken_back: row.integer()? == Some(1),
    })
}
