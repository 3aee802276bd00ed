//! Of every session what questions about many sessions ask: agent, project, model, title.

use domain::{Model, Resume, UnixMs};

use super::usage::columns;
use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row, resume};

/// The statement. It reads every session: there are a thousand times more messages than those.
pub fn statement() -> String {
    format!(
        "SELECT session_id, agent, project_path, project_name, title, status, parent_session_id, \
                provider_id, model_id, created_at_unix_ms, last_activity_at_unix_ms, {} \
         FROM sessions \
         WHERE NOT ({IS_CANARY})",
        resume::COLUMNS
    )
}

/// What is known of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKnown {
    /// Its identity.
    pub session_id: String,
    /// Which agent holds it.
    pub agent: Option<String>,
    /// The folder that the agent works in.
    pub project_path: Option<String>,
    /// What the project is called.
    pub project_name: Option<String>,
    /// The agent's own title for it.
    pub title: Option<String>,
    /// How it is, in the agent's own word.
    pub status: Option<String>,
    /// The session that started it, if it is a subagent's.
    pub parent_session_id: Option<String>,
    /// The model that spoke last.
    pub model: Option<Model>,
    /// When the first thing in it came into being.
    pub created_at: Option<UnixMs>,
    /// When the last thing in it came into being.
    pub last_activity_at: Option<UnixMs>,
    /// Whether it can be resumed, as it was looked up.
    pub resume: Resume,
}

/// Every session, in no order.
///
/// # Errors
/// The engine failed.
pub fn sessions_known(holder: &Holder<'_>) -> Result<Vec<SessionKnown>, StoreError> {
    holder.engine.query("look for sessions", &statement(), &[], read)
}

fn read(row: &mut Row) -> Result<SessionKnown, StoreError> {
    Ok(SessionKnown {
        session_id: row.text()?.unwrap_or_default(),
        agent: row.text()?,
        project_path: row.text()?,
        project_name: row.text()?,
        title: row.text()?,
        status: row.text()?,
        parent_session_id: row.text()?,
        model: columns(row, "sessions", "provider_id")?,
        created_at: row.integer()?.and_then(UnixMs::new),
        last_activity_at: row.integer()?.and_then(UnixMs::new),
        resume: resume::read(row)?,
    })
}
