//! Which files a session changed in a time without a diff that tells how.

use domain::{Model, UnixMs};
use serde::Deserialize;
use turso::Value;

use crate::{Holder, StoreError, engine::Row, query::usage::columns};

/// The statement, with the index that it needs.
pub fn statement() -> (&'static str, &'static str) {
    (
        "SELECT file_operations.path, file_operations.ordered_at_unix_ms, file_operations.call_id, \
                file_operations.message_id, messages.provider_id, messages.model_id, tool_calls.input \
         FROM file_operations \
         LEFT JOIN tool_calls \
             ON tool_calls.session_id = file_operations.session_id \
                 AND tool_calls.call_id = file_operations.call_id \
         LEFT JOIN messages \
             ON messages.session_id = file_operations.session_id \
                 AND messages.message_id = file_operations.message_id \
         WHERE file_operations.session_id = ?1 AND file_operations.ordered_at_unix_ms > ?2 \
             AND file_operations.ordered_at_unix_ms <= ?3 AND file_operations.path IS NOT NULL \
             AND coalesce(file_operations.operation, '') <> 'deleted' \
             AND NOT EXISTS \
                 (SELECT 1 FROM edits \
                  WHERE edits.session_id = file_operations.session_id \
                      AND edits.call_id = file_operations.call_id \
                      AND edits.path = file_operations.path)",
        "file_operations_in_order",
    )
}

/// A change of a file of which no diff is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// The file, as the agent names it.
    pub path: String,
    /// What orders it.
    pub at: UnixMs,
    /// The tool call that made it.
    pub call_id: Option<String>,
    /// The message that made it.
    pub message_id: Option<String>,
    /// The model that said so.
    pub model: Option<Model>,
    /// What the tool was given to write, where it was a whole file.
    pub content: Option<String>,
}

/// The changes of a session after one time and up to another, that no diff tells of.
///
/// # Errors
/// The engine failed.
pub fn untold(
    holder: &Holder<'_>,
    session_id: &str,
    after: UnixMs,
    until: UnixMs,
) -> Result<Vec<Untold>, StoreError> {
    let bounds = [
        Value::Text(session_id.to_owned()),
        Value::Integer(after.get()),
        Value::Integer(until.get()),
    ];
    holder.engine.query("look for changes without a diff", statement().0, &bounds, read)
}

fn read(row: &mut Row) -> Result<Untold, StoreError> {
    Ok(Untold {
        path: row.text()?.unwrap_or_default(),
        at: row.integer()?.and_then(UnixMs::new).unwrap_or(UnixMs::EPOCH),
        call_id: row.text()?,
        message_id: row.text()?,
        model: columns(row, "messages", "provider_id")?,
        content: row.text()?.as_deref().and_then(content),
    })
}

/// The `content` of a tool's input.
fn content(input: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Input {
        content: Option<String>,
    }
    serde_json::from_str::<Input>(input).ok()?.content
}
