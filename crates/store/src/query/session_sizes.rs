//! How much each session takes, the last active first: what retention goes by.

use turso::Value;

use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row};

/// Of a table what is long in it, and the index that finds a session's rows.
const LONG: [(&str, &[&str], &str); 4] = [
    ("messages", &["summary_diffs", "payload"], "messages_in_order"),
    ("parts", &["text", "reasoning_text", "payload"], "parts_in_order"),
    ("tool_calls", &["input", "output", "payload"], "tool_calls_in_order"),
    ("edits", &["diff"], "edits_in_order"),
];

/// What a row takes besides, with its indexes; about.
const ROW_BYTES: i64 = 400;

/// The statements, with the index that each needs.
pub fn statements() -> Vec<(String, &'static str)> {
    let long = LONG.iter().map(|(table, columns, index)| (bytes_sql(table, columns), *index));
    [(sessions_sql(), "sessions_by_activity")].into_iter().chain(long).collect()
}

fn sessions_sql() -> String {
    format!(
        "SELECT session_id, agent, last_activity_at_unix_ms \
         FROM sessions \
         WHERE NOT ({IS_CANARY}) \
         ORDER BY last_activity_at_unix_ms DESC"
    )
}

fn bytes_sql(table: &str, columns: &[&str]) -> String {
    let lengths: Vec<String> =
        columns.iter().map(|column| format!("coalesce(length({column}), 0)")).collect();
    let lengths = lengths.join(" + ");
    format!("SELECT sum({lengths} + {ROW_BYTES}) FROM {table} WHERE session_id = ?1")
}

/// A session, and how much it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSize {
    /// Its identity.
    pub session_id: String,
    /// Which agent holds it.
    pub agent: Option<String>,
    /// When the last thing in it came into being.
    pub last_activity_at_unix_ms: Option<i64>,
    /// About how many bytes it takes.
    pub bytes: i64,
}

/// Every session, the last active first.
///
/// # Errors
/// The engine failed.
pub fn session_sizes(holder: &Holder<'_>) -> Result<Vec<SessionSize>, StoreError> {
    let engine = &holder.engine;
    let mut sessions = engine.query("list sessions", &sessions_sql(), &[], |row| {
        Ok(SessionSize {
            session_id: row.text()?.unwrap_or_default(),
            agent: row.text()?,
            last_activity_at_unix_ms: row.integer()?,
            bytes: ROW_BYTES,
        })
    })?;
    for session in &mut sessions {
        let key = [Value::Text(session.session_id.clone())];
        for (table, columns, _) in LONG {
            let sql = bytes_sql(table, columns);
            let bytes = engine.query_first("measure a session", &sql, &key, Row::integer)?;
            session.bytes += bytes.flatten().unwrap_or(0);
        }
    }
    Ok(sessions)
}
