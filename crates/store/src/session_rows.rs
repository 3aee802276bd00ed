//! The rows of whole sessions, wherever they lie: what goes, goes from every table at once.

use domain::{SessionId, UnixMs};
use turso::Value;

use crate::{
    Holder, StoreError,
    canary::is_canary,
    engine::{Engine, Row},
    write::next_revision,
};

/// Every table with rows of sessions.
pub(crate) const TABLES: [&str; 11] = [
    "sessions",
    "messages",
    "parts",
    "tool_calls",
    "step_events",
    "patches",
    "compaction_events",
    "session_errors",
    "file_operations",
    "edits",
    "events",
];

impl Holder<'_> {
    /// Removes all rows of a session, unless it was active at that time or later, and says how many
    /// there were. What of it was read in an agent's own store is not read again.
    ///
    /// # Errors
    /// The engine failed; all of them are still there.
    pub fn remove_session(&self, id: &SessionId, before: UnixMs) -> Result<u64, StoreError> {
        self.engine.transaction(|engine| {
            let key = Value::Text(id.as_str().to_owned());
            let sql = "SELECT last_activity_at_unix_ms FROM sessions WHERE session_id = ?1";
            let key_only = [key.clone()];
            let last = engine.query_first("look for a session", sql, &key_only, Row::integer)?;
            let is_old = last.flatten().is_some_and(|last| last < before.get());
            if !is_old || is_canary(id.as_str()) {
                return Ok(0);
            }
            remove_rows(engine, "remove a session", "session_id = ?1", &[key])
        })
    }
}

/// Removes the rows for which that is so from every table, and says how many there were.
pub(crate) fn remove_rows(
    engine: &Engine,
    action: &'static str,
    condition: &str,
    parameters: &[Value],
) -> Result<u64, StoreError> {
    let mut removed = 0;
    for table in TABLES {
        let sql = format!("DELETE FROM {table} WHERE {condition}");
        removed += engine.execute(action, &sql, parameters.to_vec())?;
    }
    if removed > 0 {
        let revision = next_revision(engine)?;
        let sql = "INSERT INTO store_state (name, value) VALUES ('removal', ?1) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        engine.execute(action, sql, vec![Value::Integer(revision)])?;
    }
    Ok(removed)
}
