//! A session with the sessions that it started, and those that they started.

use std::collections::HashSet;

use domain::{Agent, SessionId, UnixMs};
use turso::Value;

use super::of_session::session;
use crate::{Holder, StoreError, engine::Row};

/// The statement, with the index that it needs.
pub const STATEMENT: (&str, &str) = (
    "SELECT session_id, parent_session_id, agent, agent_name, title, created_at_unix_ms, \
            last_activity_at_unix_ms \
     FROM sessions \
     WHERE parent_session_id = ?1 \
     ORDER BY created_at_unix_ms, session_id",
    "sessions_by_parent",
);

/// A tree has at most this many sessions: what claims more is no agent's work.
const SESSIONS_LIMIT: usize = 10_000;

/// One session of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its identity.
    pub session_id: String,
    /// The session that started it.
    pub parent_session_id: Option<String>,
    /// How far it is from the root, which is at 0.
    pub depth: usize,
    /// Which agent holds it.
    pub agent: Option<String>,
    /// Which subagent it is.
    pub agent_name: Option<String>,
    /// The agent's own title for it.
    pub title: Option<String>,
    /// When the first thing in it came into being.
    pub created_at: Option<UnixMs>,
    /// When the last thing in it came into being.
    pub last_activity_at: Option<UnixMs>,
}

/// A session and all below it, each before what it started; `None` where it is not known. A session
/// that is said to be below itself stands once.
///
/// # Errors
/// The engine failed.
pub fn session_tree(
    holder: &Holder<'_>,
    id: &SessionId,
) -> Result<Option<Vec<Branch>>, StoreError> {
    let Some(root) = session(&holder.engine, id)? else { return Ok(None) };
    let root = Branch {
        session_id: id.as_str().to_owned(),
        parent_session_id: root.parent_session_id.value().map(|id| id.as_str().to_owned()),
        depth: 0,
        agent: root.agent.value().map(|agent| Agent::as_str(agent).to_owned()),
        agent_name: root.agent_name.value().cloned(),
        title: root.title.value().cloned(),
        created_at: root.created_at.0,
        last_activity_at: root.last_activity_at.0,
    };
    let mut waiting = vec![root];
    let (mut tree, mut known) = (Vec::new(), HashSet::new());
    while let Some(branch) = waiting.pop() {
        if tree.len() == SESSIONS_LIMIT || !known.insert(branch.session_id.clone()) {
            continue;
        }
        let depth = branch.depth + 1;
        let parent = [Value::Text(branch.session_id.clone())];
        let children =
            holder.engine.query("read a tree", STATEMENT.0, &parent, |row| read(row, depth))?;
        waiting.extend(children.into_iter().rev());
        tree.push(branch);
    }
    Ok(Some(tree))
}

fn read(row: &mut Row, depth: usize) -> Result<Branch, StoreError> {
    Ok(Branch {
        session_id: row.text()?.unwrap_or_default(),
        parent_session_id: row.text()?,
        depth,
        agent: row.text()?,
        agent_name: row.text()?,
        title: row.text()?,
        created_at: row.integer()?.and_then(UnixMs::new),
        last_activity_at: row.integer()?.and_then(UnixMs::new),
    })
}
