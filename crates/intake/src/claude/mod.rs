//! Claude Code: what its hooks are handed, and what it writes itself in its transcripts.
//!
//! Hooks come at once and know little, transcripts come late and know nearly all. What both speak of
//! is written here once, so that equal facts give equal values.

mod edit;
#[cfg_attr(not(test), expect(dead_code, reason = "taken off by the first who needs it"))]
mod failure;
#[expect(dead_code, reason = "taken off by the first who needs it")]
mod stamp;
#[expect(dead_code, reason = "taken off by the first who needs it")]
mod tool;
mod transcript;

pub use transcript::{Transcript, agent_meta};

use domain::SessionId;

/// The session of a subagent, which has no id of its own: that of the session which started it, and
/// its own name there. `None` where it bears no name.
#[expect(dead_code, reason = "taken off by the first who needs it")]
pub(crate) fn child(session: &SessionId, agent_id: &str) -> Option<SessionId> {
    let is_named = !agent_id.trim().is_empty();
    is_named.then(|| SessionId::new(format!("{session}/{agent_id}")).expect("it is not empty"))
}
