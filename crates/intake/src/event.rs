//! `event.recorded`: what has no table of its own.

use domain::{Event, EventId, Field, Receipts, Record, SessionId, UnixMs};

use crate::item::{Draft, Moment, remainder};
use crate::wire::{Fields as _, Kept, Name, Nullable, Refusal, wire};

wire! {
    /// An event without a table of its own.
    EventFields {
        /// The conversation, or null.
        session_id: Nullable<SessionId>,
        /// What happened, in the agent's own word.
        name: Name,
        /// When it happened, in Unix milliseconds.
        generated_at_unix_ms: UnixMs,
        /// When it was seen, in Unix milliseconds; the same by default.
        observed_at_unix_ms: Option<UnixMs>,
        /// The event's identity in its session. Without it every event is a row of its own.
        event_id: Option<EventId>,
        /// What the agent says of it.
        _properties as "properties": Option<Kept>,
    }
}

/// The event, and its session if it has one.
pub(crate) fn rows(mut draft: Draft<'_, '_>) -> Result<(Record, Vec<Record>), Refusal> {
    let fields = EventFields::take(&mut draft.object, draft.notes)?;
    let moment =
        Moment::new(draft.speaker, fields.generated_at_unix_ms, fields.observed_at_unix_ms);
    let Nullable(session_id) = fields.session_id;
    let event_id = match fields.event_id {
        Some(id) => given_id(session_id.as_ref(), &id),
        None => draft.occurrences.id(draft.text),
    };
    let beside = session_id.clone().map(|id| draft.speaker.session(id, &moment, &[]).into());

    let mut event = row(&draft, &moment, &event_id, &fields.name.0);
    event.session_id = Field::new(moment.stamp(true), session_id);
    Ok((event.into(), beside.into_iter().collect()))
}

/// The event of an item, under an id with a prefix.
pub(crate) fn row(draft: &Draft<'_, '_>, moment: &Moment, id: &str, name: &str) -> Event {
    let stamp = moment.stamp(true);
    let mut event = Event::new(EventId::new(id).expect("it has a prefix"));
    (event.generated_at, event.ordered_at) = moment.times();
    event.receipts = Receipts::at(draft.speaker.received_at);
    event.agent = Field::new(stamp, draft.speaker.agent.clone());
    event.name = Field::new(stamp, Some(name.to_owned()));
    event.payload = Field::new(stamp, remainder(&draft.object));
    event
}

/// An agent's own id, with what keeps two sessions apart. Who speaks is not part of it: the same
/// event may come with and without a name.
pub(crate) fn given_id(session_id: Option<&SessionId>, id: &EventId) -> String {
    format!("{}/{id}", session_id.map_or("-", SessionId::as_str))
}
