//! The file beside a subagent's transcript that says what it is.

use domain::{Field, Item, Session, SessionId, Stamp, UnixMs};

use super::agent;
use super::line::{is_true, leftover, take_filled};
use crate::claude::{child, stamp};
use crate::{json, surrogates};

/// What `agent-<id>.meta.json` beside a subagent's transcript says of it: the name, the title and
/// what else is known of its session.
pub fn agent_meta(session: &str, agent_id: &str, json: &[u8]) -> Option<Item> {
    let text = std::str::from_utf8(json).ok()?.trim();
    let repaired = surrogates::replaced(text);
    let mut meta = json::object(repaired.as_deref().unwrap_or(text)).ok()?;
    let parent = SessionId::new(session).ok()?;
    // It bears no time: while the agent works it says less than when that has finished.
    let is_final = is_true(&meta, "finished");
    let stamp = Stamp { is_final, observed_at: UnixMs::EPOCH };
    let mut row = Session::new(child(&parent, agent_id)?);
    row.agent = Field::new(stamp::BEFORE, Some(agent()));
    row.parent_session_id = Field::new(stamp::BEFORE, Some(parent));
    row.agent_name = Field::new(stamp, take_filled(&mut meta, "agentType").map(String::from));
    row.title = Field::new(stamp::BEFORE, take_filled(&mut meta, "description").map(String::from));
    row.payload = Field::new(stamp, leftover(meta));
    Some(Item { subject: row.into(), beside: Vec::new(), bytes: json.len() })
}
