//! Native hook events: what an agent itself hands to a hook.
//!
//! Those of the agents that we know are taken apart, each in its own file; what any other hook says is
//! kept whole.

mod session;

use domain::{
    Agent, Batch, Earliest, Event, EventId, Field, Item, Json, Receipts, Record, Session,
    SessionId, Stamp, UNKNOWN_AGENT, UnixMs,
};

use crate::agents::{self, sender};
use crate::identity::Digest;
use crate::item::{Moment, Place, Speaker};
use crate::json::{Object, canonical, object, text};
use crate::surrogates;
use crate::wire::Reason;

pub(crate) use session::{Phase, tell};

/// The event with which most agents end a session.
const SESSION_END: &str = "SessionEnd";

/// One event as it was heard.
pub(crate) struct Heard<'a> {
    pub content: Object<'a>,
    pub speaker: Speaker,
    /// How long its text is.
    pub bytes: usize,
}

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
    let agent = speaker.agent.clone();
    let heard = Heard { content, speaker, bytes: raw.len() };
    let batch = agents::batch(agent.as_ref().map_or(UNKNOWN_AGENT, Agent::as_str), heard);
    Ok(Batch { warnings, is_hook_event: true, ..batch })
}

impl Heard<'_> {
    pub fn name(&self) -> Option<&str> {
        text(&self.content, "hook_event_name")
    }

    /// The session that it names.
    pub fn session_id(&self) -> Option<SessionId> {
        SessionId::new(text(&self.content, "session_id")?).ok()
    }

    /// When it came into being, and when it was received.
    pub fn moment(&self) -> Moment {
        Moment::new(&self.speaker, self.generated_at().unwrap_or(self.speaker.received_at), None)
    }

    fn generated_at(&self) -> Option<UnixMs> {
        unix_ms(text(&self.content, "timestamp")?)
    }

    /// The event itself, whole.
    pub fn event(&self, session_id: Option<SessionId>) -> Event {
        let payload = canonical(&self.content);
        let id = Digest::of_bytes(payload.as_bytes()).id();
        let generated_at = self.generated_at();
        let received_at = self.speaker.received_at;
        // Its own stamp must be the same at every delivery.
        let observed_at = generated_at.unwrap_or(UnixMs::EPOCH);
        let stamp = Stamp { is_final: true, observed_at };
        let mut event = Event::new(EventId::new(id).expect("it has a prefix"));
        event.generated_at = Earliest(generated_at);
        event.ordered_at = Earliest(Some(self.moment().ordered));
        event.receipts = Receipts::at(received_at);
        event.session_id = Field::new(stamp, session_id);
        event.agent = Field::new(stamp, self.speaker.agent.clone());
        event.name = Field::new(stamp, self.name().map(str::to_owned));
        event.payload = Field::new(stamp, Some(Json::from_canonical(payload)));
        event
    }

    /// A text that says something.
    pub fn filled(&self, key: &str) -> Option<String> {
        text(&self.content, key).filter(|text| !text.trim().is_empty()).map(str::to_owned)
    }

    /// The session of that id, of which nothing is known but that something was heard of it.
    pub fn session(&self, id: SessionId) -> Session {
        self.speaker.session(id, &self.moment(), &[])
    }

    /// The event as nothing but itself.
    pub fn whole(self) -> Batch {
        let session_id = self.session_id();
        let session = session_id.clone().map(|id| self.session(id).into());
        let ends_turn = self.name() == Some(SESSION_END);
        self.kept(session_id, session.into_iter().collect(), ends_turn)
    }

    /// The event, whole, and what follows from it.
    pub fn kept(self, session: Option<SessionId>, beside: Vec<Record>, ends_turn: bool) -> Batch {
        let item = Item { subject: self.event(session).into(), beside, bytes: self.bytes };
        Batch { items: vec![item], ends_turn, ..Batch::default() }
    }
}

/// A time as Gemini CLI 0.61.0 gives it: RFC 3339.
fn unix_ms(timestamp: &str) -> Option<UnixMs> {
    let timestamp: jiff::Timestamp = timestamp.parse().ok()?;
    UnixMs::new(timestamp.as_millisecond())
}
