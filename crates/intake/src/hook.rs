//! Native hook events: what an agent itself hands to a hook, kept whole.
//!
//! What a hook says of messages and tool calls is not taken apart here.

use domain::{
    Batch, Earliest, Event, EventId, Field, Item, Json, Receipts, SessionId, Stamp, UnixMs,
};

use crate::agents::{CLAUDE_CODE, sender};
use crate::identity::Digest;
use crate::item::{Moment, Place, Speaker};
use crate::json::{Object, canonical, object, text};
use crate::surrogates;
use crate::wire::Reason;

/// The event with which Claude Code, Codex and Gemini CLI end a session.
const SESSION_END: &str = "SessionEnd";

/// A batch of one event. The same content is one row, however often it is delivered: an event
/// without id and time cannot be told from its second delivery.
///
/// # Errors
/// Why the event has no one meaning.
pub(crate) fn batch(raw: &str, envelope: usize, speaker: &Speaker) -> Result<Batch, Reason> {
    let repaired = surrogates::replaced(raw);
    let place = Place { envelope, index: 0 };
    let warnings = repaired.iter().map(|_| surrogates::note().at(place)).collect();
    let content = object(repaired.as_deref().unwrap_or(raw))?;
    let speaker = Speaker {
        agent: speaker.agent.clone().or_else(|| sender(&content)),
        agent_version: None,
        received_at: speaker.received_at,
    };
    let payload = canonical(&content);
    let id = Digest::of_bytes(payload.as_bytes()).id();
    let name = text(&content, "hook_event_name");
    let session_id = session_id(&content, &speaker);
    let generated_at = text(&content, "timestamp").and_then(unix_ms);
    let received_at = speaker.received_at;

    // Its own stamp must be the same at every delivery.
    let observed_at = generated_at.unwrap_or(UnixMs::EPOCH);
    let stamp = Stamp { is_final: true, observed_at };
    let mut event = Event::new(EventId::new(id).expect("it has a prefix"));
    event.generated_at = Earliest(generated_at);
    event.ordered_at = Earliest(Some(generated_at.unwrap_or(received_at).ordered_by(received_at)));
    event.receipts = Receipts::at(received_at);
    event.session_id = Field::new(stamp, session_id.clone());
    event.agent = Field::new(stamp, speaker.agent.clone());
    event.name = Field::new(stamp, name.map(str::to_owned));
    event.payload = Field::new(stamp, Some(Json::from_canonical(payload)));

    let moment = Moment::new(&speaker, generated_at.unwrap_or(received_at), None);
    let beside = session_id.map(|id| speaker.session(id, &moment, &[]).into());
    let ends_turn = name == Some(SESSION_END);
    let item =
        Item { subject: event.into(), beside: beside.into_iter().collect(), bytes: raw.len() };
    Ok(Batch {
        items: vec![item],
        warnings,
        is_hook_event: true,
        ends_turn,
        transcripts: Vec::new(),
    })
}

/// The session that an event belongs to. A subagent of Claude Code has one of its own; the
/// nameless one that compaction starts has not (2.1: two `SubagentStop` with an empty type).
fn session_id(event: &Object<'_>, speaker: &Speaker) -> Option<SessionId> {
    let session = SessionId::new(text(event, "session_id")?).ok()?;
    let filled = |key| text(event, key).filter(|text| !text.is_empty());
    let is_claude = speaker.agent_name() == CLAUDE_CODE;
    match (filled("agent_id"), filled("agent_type")) {
        (Some(agent_id), Some(_)) if is_claude => {
            SessionId::new(format!("{session}/{agent_id}")).ok()
        }
        (Some(_) | None, Some(_) | None) => Some(session),
    }
}

/// A time as Gemini CLI 0.61.0 gives it: RFC 3339.
fn unix_ms(timestamp: &str) -> Option<UnixMs> {
    let timestamp: jiff::Timestamp = timestamp.parse().ok()?;
    UnixMs::new(timestamp.as_millisecond())
}
