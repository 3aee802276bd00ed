//! What an agent thought in a session, oldest first.

use domain::{SessionId, UnixMs};

use super::of_session::key;
use crate::{Holder, StoreError, engine::Row};

/// The statement, with the index that it needs.
pub const STATEMENT: (&str, &str) = (
    "SELECT message_id, part_id, ordered_at_unix_ms, started_at_unix_ms, ended_at_unix_ms, \
            reasoning_text, signature \
     FROM parts \
     WHERE session_id = ?1 AND part_type = 'reasoning' \
     ORDER BY ordered_at_unix_ms, message_id, part_id",
    "parts_in_order",
);

/// One thought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thought {
    /// The message that it is a part of.
    pub message_id: String,
    /// Its identity there.
    pub part_id: String,
    /// What orders it in the conversation.
    pub ordered_at: Option<UnixMs>,
    /// When it began.
    pub started_at: Option<UnixMs>,
    /// When it ended.
    pub ended_at: Option<UnixMs>,
    /// Its text, byte for byte; some agents give none.
    pub text: Option<String>,
    /// Its signature, byte for byte.
    pub signature: Option<String>,
}

/// The thoughts of a session.
///
/// # Errors
/// The engine failed.
pub fn session_reasoning(holder: &Holder<'_>, id: &SessionId) -> Result<Vec<Thought>, StoreError> {
    holder.engine.query("read thoughts", STATEMENT.0, &key(id), read)
}

fn read(row: &mut Row) -> Result<Thought, StoreError> {
    Ok(Thought {
        message_id: row.text()?.unwrap_or_default(),
        part_id: row.text()?.unwrap_or_default(),
        ordered_at: row.integer()?.and_then(UnixMs::new),
        started_at: row.integer()?.and_then(UnixMs::new),
        ended_at: row.integer()?.and_then(UnixMs::new),
        text: row.text()?,
        signature: row.text()?,
    })
}
