//! Whose the added lines of commits are.

use turso::Value;

use crate::{Holder, StoreError, TraceRange, TraceSource, engine::Row};

/// The statement, with the index that it needs.
pub const STATEMENT: (&str, &str) = (
    "SELECT commit_id, source, path, start_line, end_line, contributor, agent, model_id, \
            session_id, message_id, call_id, drift, url \
     FROM agent_trace_ranges \
     WHERE repository = ?1 AND commit_id = ?2 \
     ORDER BY source, path, start_line",
    "sqlite_autoindex_agent_trace_ranges_1",
);

/// Some lines of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeKnown {
    /// The commit.
    pub commit_id: String,
    /// Who says so.
    pub source: TraceSource,
    /// The lines, and whose they are.
    pub range: TraceRange,
}

/// The ranges of some commits, of each by source, path and line.
///
/// # Errors
/// The engine failed.
pub fn ranges(
    holder: &Holder<'_>,
    repository: &str,
    commits: &[String],
) -> Result<Vec<RangeKnown>, StoreError> {
    let mut found = Vec::new();
    for commit in commits {
        let key = [repository, commit].map(|text| Value::Text(text.to_owned()));
        found.extend(holder.engine.query("read attributed lines", STATEMENT.0, &key, read)?);
    }
    Ok(found)
}

fn read(row: &mut Row) -> Result<RangeKnown, StoreError> {
    let wrong = |column| StoreError::Row { table: "agent_trace_ranges", column };
    let commit_id = row.text()?.unwrap_or_default();
    let source = TraceSource::named(&row.text()?.unwrap_or_default());
    let source = source.ok_or(wrong("source"))?;
    let path = row.text()?.unwrap_or_default();
    let line = |value: Option<i64>| value.and_then(|line| u32::try_from(line).ok());
    Ok(RangeKnown {
        commit_id,
        source,
        range: TraceRange {
            path,
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
        },
    })
}
