//! Which sessions an id may mean: the one of that name, those that begin with it, those that were
//! active last.

use turso::Value;

use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row};

/// The statements, with the index that each needs.
pub fn statements() -> [(String, &'static str); 2] {
    [(beginning_sql(), "sqlite_autoindex_sessions_1"), (latest_sql(), "sessions_by_activity")]
}

fn beginning_sql() -> String {
    format!(
        "SELECT session_id \
         FROM sessions \
         WHERE session_id >= ?1 AND session_id < ?2 AND NOT ({IS_CANARY}) \
             AND instr(substr(session_id, length(?1) + 1), '/') = 0 \
         ORDER BY session_id \
         LIMIT ?3"
    )
}

fn latest_sql() -> String {
    format!(
        "SELECT session_id \
         FROM sessions \
         WHERE NOT ({IS_CANARY}) \
         ORDER BY last_activity_at_unix_ms DESC \
         LIMIT ?1"
    )
}

/// At most `limit` sessions whose id begins with a text, in the order of their ids: a session of
/// exactly that id comes first. Subagents' sessions (`<session>/<agent>`) are found once the text
/// goes beyond their parent's id.
///
/// # Errors
/// The engine failed.
pub fn sessions_beginning_with(
    holder: &Holder<'_>,
    text: &str,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    // Every text that begins with it is below it with the greatest character at its end.
    let beyond = format!("{text}{}", char::MAX);
    let parameters =
        [Value::Text(text.to_owned()), Value::Text(beyond), Value::Integer(limit.into())];
    holder.engine.query("find a session", &beginning_sql(), &parameters, id)
}

/// At most `limit` sessions, the last active first.
///
/// # Errors
/// The engine failed.
pub fn latest_sessions(holder: &Holder<'_>, limit: u32) -> Result<Vec<String>, StoreError> {
    let parameters = [Value::Integer(limit.into())];
    holder.engine.query("find a session", &latest_sql(), &parameters, id)
}

fn id(row: &mut Row) -> Result<String, StoreError> {
    Ok(row.text()?.unwrap_or_default())
}
