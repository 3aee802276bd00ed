//! Whose the added lines of a commit are.

use turso::Value;

use crate::{Holder, StoreError, TraceRange, TraceSource, engine::Row};

/// The statement, with the index that it needs.
pub const STATEMENT: (&str, &str) = (
    "SELECT path, start_line, end_line, contributor, agent, model_id, session_id, message_id, \
            call_id, drift, url \
     FROM agent_trace_ranges \
     WHERE repository = ?1 AND commit_id = ?2 AND source = ?3 \
     ORDER BY path, start_line",
    "sqlite_autoindex_agent_trace_ranges_1",
);

/// The ranges of a commit's record, by path and line.
///
/// # Errors
/// The engine failed.
pub fn ranges(
    holder: &Holder<'_>,
    repository: &str,
    commit_id: &str,
    source: TraceSource,
) -> Result<Vec<TraceRange>, StoreError> {
    let key = [repository, commit_id, source.as_str()].map(|text| Value::Text(text.to_owned()));
    holder.engine.query("read attributed lines", STATEMENT.0, &key, read)
}

fn read(row: &mut Row) -> Result<TraceRange, StoreError> {
    let wrong = |column| StoreError::Row { table: "agent_trace_ranges", column };
    let line = |value: Option<i64>| value.and_then(|line| u32::try_from(line).ok());
    Ok(TraceRange {
        path: row.text()?.unwrap_or_default(),
        start_line: line(row.integer()?).ok_or(wrong("start_line"))?,
        end_line: line(row.integer()?).ok_or(wrong("end_line"))?,
        contributor: row.text()?.unwrap_or_default(),
        agent: row.text()?,
        model_id: row.text()?,
        session_id: row.text()?,
        message_id: row.text()?,
        call_id: row.text()?,
        drift: row.text()?,
        url: row.text()?,
    })
}
