//! Claude Code: what its hooks are handed, and what it writes itself in its transcripts.
//!
//! Hooks come at once and know little, transcripts come late and know nearly all. What both speak of
//! is written here once, so that equal facts give equal values.

mod edit;
mod failure;
pub(crate) mod hook;
mod stamp;
mod tool;
mod transcript;

pub use transcript::{Transcript, agent_meta};

use domain::SessionId;

/// The part of a prompt's message that is the prompt itself.
pub(crate) const PROMPT_PART: &str = "prompt";

/// A name for what bears none of its own and comes at most once for a prompt.
pub(crate) fn of_prompt(prompt_id: &str) -> String {
    format!("prompt:{prompt_id}")
}

/// The session of a subagent, which has no id of its own: that of the session which started it, and
/// its own name there. `None` where it bears no name.
pub(crate) fn child(session: &SessionId, agent_id: &str) -> Option<SessionId> {
    let is_named = !agent_id.trim().is_empty();
    is_named.then(|| SessionId::new(format!("{session}/{agent_id}")).expect("it is not empty"))
}
