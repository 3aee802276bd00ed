//! Which commits a session wrote lines of.

use domain::{SessionId, UnixMs};

use crate::{Holder, StoreError, query::of_session::key};

/// The statement, with the index that it needs. A commit that another one took the place of, or
/// that nothing leads to any more, is left out.
pub const STATEMENT: (&str, &str) = (
    "SELECT agent_trace_ranges.repository, agent_trace_ranges.commit_id, agent_trace_ranges.path, \
            agent_trace_ranges.contributor, agent_trace_ranges.start_line, \
            agent_trace_ranges.end_line, agent_traces.committed_at_unix_ms, agent_traces.author, \
            agent_traces.subject \
     FROM agent_trace_ranges \
     JOIN agent_traces \
         ON agent_traces.repository = agent_trace_ranges.repository \
             AND agent_traces.commit_id = agent_trace_ranges.commit_id \
             AND agent_traces.source = agent_trace_ranges.source \
     WHERE agent_trace_ranges.session_id = ?1 \
         AND agent_traces.is_abandoned = 0 \
         AND NOT EXISTS \
             (SELECT 1 FROM commit_rewrites \
              WHERE commit_rewrites.repository = agent_trace_ranges.repository \
                  AND commit_rewrites.old_commit_id = agent_trace_ranges.commit_id)",
    "agent_trace_ranges_of_session",
);

/// Some lines of a session in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinesOfSession {
    /// The repository.
    pub repository: String,
    /// The commit.
    pub commit_id: String,
    /// The file.
    pub path: String,
    /// Whether they are the agent's own, or were changed.
    pub contributor: String,
    /// How many.
    pub lines: u64,
    /// When the commit was made.
    pub committed_at: UnixMs,
    /// Who wrote the commit.
    pub author: Option<String>,
    /// The first line of its message.
    pub subject: Option<String>,
}

/// The lines of a session in commits, in no order.
///
/// # Errors
/// The engine failed.
pub fn session_commits(
    holder: &Holder<'_>,
    id: &SessionId,
) -> Result<Vec<LinesOfSession>, StoreError> {
    holder.engine.query("look for commits of a session", STATEMENT.0, &key(id), |row| {
        let (repository, commit_id, path) = (row.text()?, row.text()?, row.text()?);
        let contributor = row.text()?.unwrap_or_default();
        let (start, end) = (row.integer()?.unwrap_or(1), row.integer()?.unwrap_or(0));
        Ok(LinesOfSession {
            repository: repository.unwrap_or_default(),
            commit_id: commit_id.unwrap_or_default(),
            path: path.unwrap_or_default(),
            contributor,
            lines: u64::try_from(end - start + 1).unwrap_or(0),
            committed_at: row.integer()?.and_then(UnixMs::new).unwrap_or(UnixMs::EPOCH),
            author: row.text()?,
            subject: row.text()?,
        })
    })
}
