//! When each agent was last heard of.

use domain::UnixMs;

use crate::{Holder, StoreError, canary::IS_CANARY};

/// The statement. It reads every session: there are a thousand times more messages than those.
pub fn statement() -> String {
    format!(
        "SELECT agent, max(last_activity_at_unix_ms) \
         FROM sessions \
         WHERE NOT ({IS_CANARY}) \
         GROUP BY agent"
    )
}

/// An agent, and when the last thing in a session of it came into being.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastEvent {
    /// Which agent; nothing where nobody said so.
    pub agent: Option<String>,
    /// When, where a time is known.
    pub at: Option<UnixMs>,
}

/// Every agent that has a session, by name.
///
/// # Errors
/// The engine failed.
pub fn last_events(holder: &Holder<'_>) -> Result<Vec<LastEvent>, StoreError> {
    let read = |row: &mut crate::engine::Row| {
        Ok(LastEvent { agent: row.text()?, at: row.integer()?.and_then(UnixMs::new) })
    };
    let mut found = holder.engine.query("look for last events", &statement(), &[], read)?;
    found.sort_by(|one, other| one.agent.cmp(&other.agent));
    Ok(found)
}
