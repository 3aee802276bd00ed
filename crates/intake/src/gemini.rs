//! The hook events of Gemini CLI (0.61.0). Each is kept whole in `events`, and tells of its session.
//!
//! None gives a prompt or an answer an id, and `AfterAgent.prompt_response` repeats pieces of an answer
//! that came in several; so both stay in `events` alone until somebody reads Gemini CLI's own file, which
//! has ids, and counts them once.

use domain::Batch;

use crate::hook::{Heard, Phase, tell};

/// Where in a session an event lies, and whether a turn ends with it.
fn kind(name: Option<&str>) -> (Phase, bool) {
    match name {
        Some("SessionStart") => (Phase::Start, false),
        Some("AfterAgent") => (Phase::Within, true),
        Some("SessionEnd") => (Phase::End, true),
        Some(_) | None => (Phase::Within, false),
    }
}

/// What an event tells. One without a session is kept as it is.
pub(crate) fn batch(heard: Heard<'_>) -> Batch {
    let Some(session_id) = heard.session_id() else { return heard.whole() };
    let (phase, ends_turn) = kind(heard.name());
    let mut session = heard.session(session_id.clone());
    tell(&mut session, &heard, phase);
    heard.kept(Some(session_id), vec![session.into()], ends_turn)
}
