//! The session with its subagents.

use domain::{SessionId, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::session_tree::{Branch, session_tree};

use super::{SessionMeta, known};
use crate::{Report, ReportError, Source};

/// A session with those that it started.
pub type Tree = Report<SessionMeta, TreeSummary, TreeDetail>;

/// The whole tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TreeSummary {
    /// Sessions below the one that was asked about.
    pub subagents: usize,
    /// How many sessions stand one below the other at most, the root counted.
    pub levels: usize,
}

/// One session of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TreeDetail {
    /// Its identity.
    pub session_id: String,
    /// The session that started it.
    pub parent_session_id: Option<String>,
    /// How far it is from the root, which is at 0.
    pub depth: usize,
    /// Which subagent it is.
    pub agent_name: Option<String>,
    /// The agent's own title for it.
    pub title: Option<String>,
    /// When the first thing in it came into being, in Unix milliseconds.
    pub created_at_unix_ms: Option<i64>,
    /// When the last thing in it came into being.
    pub last_activity_at_unix_ms: Option<i64>,
}

/// The session and all below it, each before what it started.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn tree(source: &Source<'_>, id: &SessionId) -> Result<Tree, ReportError> {
    let session = known(source, id)?;
    let branches = session_tree(source.holder, id)?.unwrap_or_default();
    let details: Vec<_> = branches.into_iter().map(detail).collect();
    let levels = details.iter().map(|branch| branch.depth + 1).max().unwrap_or_default();
    let summary = TreeSummary { subagents: details.len().saturating_sub(1), levels };
    Ok(Report { meta: SessionMeta::of(&session, details.len(), 0), summary, details })
}

fn detail(branch: Branch) -> TreeDetail {
    let Branch {
        session_id,
        parent_session_id,
        depth,
        agent: _,
        agent_name,
        title,
        created_at,
        last_activity_at,
    } = branch;
    TreeDetail {
        session_id,
        parent_session_id,
        depth,
        agent_name,
        title,
        created_at_unix_ms: created_at.map(UnixMs::get),
        last_activity_at_unix_ms: last_activity_at.map(UnixMs::get),
    }
}
