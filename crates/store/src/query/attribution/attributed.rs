//! How many lines each contributor, agent and model added.

use domain::UnixMs;
use turso::Value;

use crate::{Holder, StoreError};

/// The statement. It reads every range: that is what the question is. A commit that another one took the
/// place of, or that nothing leads to any more, is left out, and of two records of one commit our own counts.
pub const STATEMENT: &str = "SELECT agent_traces.repository, agent_traces.commit_id, \
            agent_trace_ranges.contributor, agent_trace_ranges.agent, agent_trace_ranges.model_id, \
            agent_trace_ranges.session_id, \
            sum(agent_trace_ranges.end_line - agent_trace_ranges.start_line + 1) \
     FROM agent_traces \
     JOIN agent_trace_ranges \
         ON agent_trace_ranges.repository = agent_traces.repository \
             AND agent_trace_ranges.commit_id = agent_traces.commit_id \
             AND agent_trace_ranges.source = agent_traces.source \
     WHERE agent_traces.committed_at_unix_ms >= ?1 AND agent_traces.committed_at_unix_ms < ?2 \
         AND agent_traces.source = 'computed' \
         AND agent_traces.is_abandoned = 0 \
         AND NOT EXISTS \
             (SELECT 1 FROM commit_rewrites \
              WHERE commit_rewrites.repository = agent_traces.repository \
                  AND commit_rewrites.old_commit_id = agent_traces.commit_id) \
     GROUP BY agent_traces.repository, agent_traces.commit_id, agent_trace_ranges.contributor, \
         agent_trace_ranges.agent, agent_trace_ranges.model_id, agent_trace_ranges.session_id";

/// The lines of one contributor and conversation in one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributedLines {
    /// The repository.
    pub repository: String,
    /// The commit.
    pub commit_id: String,
    /// What wrote them.
    pub contributor: String,
    /// The agent, where one had a part in it.
    pub agent: Option<String>,
    /// Its model.
    pub model_id: Option<String>,
    /// The conversation.
    pub session_id: Option<String>,
    /// How many lines.
    pub lines: u64,
}

/// The added lines of commits that were made in a time, in no order.
///
/// # Errors
/// The engine failed.
pub fn attributed(
    holder: &Holder<'_>,
    since: Option<UnixMs>,
    until: Option<UnixMs>,
) -> Result<Vec<AttributedLines>, StoreError> {
    let bounds = [since.map_or(0, UnixMs::get), until.map_or(i64::MAX, UnixMs::get)];
    let bounds = bounds.map(Value::Integer);
    holder.engine.query("count attributed lines", STATEMENT, &bounds, |row| {
        Ok(AttributedLines {
            repository: row.text()?.unwrap_or_default(),
            commit_id: row.text()?.unwrap_or_default(),
            contributor: row.text()?.unwrap_or_default(),
            agent: row.text()?,
            model_id: row.text()?,
            session_id: row.text()?,
            lines: row.integer()?.and_then(|lines| u64::try_from(lines).ok()).unwrap_or_default(),
        })
    })
}
