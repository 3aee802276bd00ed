//! Lines and blocks that have no table of their own: events, with all that no column says.

use std::borrow::Cow;
use std::mem;

use domain::{Batch, Event, EventId, Field, Item, SessionId};
use serde_json::value::RawValue;

use super::line::{Clock, Line, Source, leftover, take_filled, take_object};
use super::{Transcript, agent};
use crate::identity::Digest;
use crate::json::{Object, Value};
use crate::part::slim_file;
use crate::wire::Reason;

/// What an event is called whose line does not say.
const NAMELESS: &str = "line";

/// What an attachment holds again, as the model gets it.
const RENDERED: [&str; 3] = ["rendered", "renderedRole", "renderedBesideToolResult"];

/// What tells of an event beside its content.
pub(super) struct Told<'l> {
    pub session: Option<&'l SessionId>,
    /// The line's id, or the one made from its content.
    pub line_id: &'l str,
    pub is_own_id: bool,
    /// Which block of the line it is; 0 for the line itself.
    pub index: usize,
    pub clock: &'l Clock,
}

impl Told<'_> {
    /// Without receipts: nobody hands a line over, and it may be read again.
    pub fn event(&self, name: &str, mut payload: Object<'_>) -> Event {
        slim_file(&mut payload);
        let stamp = self.clock.stamp();
        let mut event = Event::new(self.id());
        (event.generated_at, event.ordered_at) = self.clock.times;
        event.session_id = Field::new(stamp, self.session.cloned());
        event.agent = Field::new(stamp, Some(agent()));
        event.name = Field::new(stamp, Some(name.to_owned()));
        event.payload = Field::new(stamp, leftover(payload));
        event
    }

    fn id(&self) -> EventId {
        let id = match (self.is_own_id, self.session) {
            (true, Some(session)) => format!("{session}/{}", self.line_id),
            (true, None) => format!("-/{}", self.line_id),
            (false, _) => self.line_id.to_owned(),
        };
        let id = if self.index == 0 { id } else { format!("{id}/{}", self.index) };
        EventId::new(id).expect("it is not empty")
    }
}

impl Transcript {
    /// A line that is an event, under the name that it gives itself.
    pub(super) fn other(&mut self, mut line: Line<'_>, batch: &mut Batch) {
        let kind = mem::take(&mut line.kind);
        let name = match &*kind {
            "" => Cow::Borrowed(NAMELESS),
            "system" => named("system", take_filled(&mut line.rest, "subtype")),
            "attachment" => attachment(&mut line.rest),
            "user" if line.is("isMeta") => {
                line.rest.remove("isMeta");
                Cow::Borrowed("user/meta")
            }
            kind => Cow::Borrowed(kind),
        };
        // Lines that are part of a conversation's tree may be copied from another's.
        if let (None, Some(session)) = (&line.uuid, &line.session) {
            self.sessions.begun(session, &line.clock);
        }
        event(line, &name, batch);
    }

    /// A line that is an object and still has no one meaning: it names a key twice, nests too deep,
    /// or holds a number beyond all numbers. Its text is kept as it is.
    ///
    /// # Errors
    /// Why it is no object.
    pub(super) fn unread(&self, source: Source<'_>, reason: Reason) -> Result<Item, Reason> {
        if !source.text.starts_with('{') {
            return Err("is no object");
        }
        // This parser does not look into what it reads, so it minds neither.
        serde_json::from_str::<&RawValue>(source.text).map_err(|_| "is no JSON")?;
        let session = self.state.session();
        let told = Told {
            session: session.as_ref(),
            line_id: &Digest::of_bytes(source.text.as_bytes()).id(),
            is_own_id: false,
            index: 0,
            clock: &Clock::new(None, self.state.time, self.received_at),
        };
        let payload = [("line", source.text), ("reason", reason)]
            .map(|(key, text)| (key.into(), Value::Text(text.into())));
        let subject = told.event(NAMELESS, payload.into()).into();
        Ok(Item { subject, beside: Vec::new(), bytes: source.bytes })
    }
}

/// A line as an event, with all that is left of it.
fn event(mut line: Line<'_>, name: &str, batch: &mut Batch) {
    line.keep_parent();
    let told = Told {
        session: line.session.as_ref(),
        line_id: &line.id(),
        is_own_id: line.uuid.is_some(),
        index: 0,
        clock: &line.clock,
    };
    let subject = told.event(name, line.rest).into();
    let bytes = line.source.bytes;
    batch.items.push(Item { subject, beside: Vec::new(), bytes });
}

fn attachment<'a>(rest: &mut Object<'a>) -> Cow<'a, str> {
    for key in RENDERED {
        rest.remove(key);
    }
    let Some(mut attachment) = take_object(rest, "attachment") else { return "attachment".into() };
    let name = named("attachment", take_filled(&mut attachment, "type"));
    rest.insert("attachment".into(), Value::Object(attachment));
    name
}

fn named<'a>(kind: &'static str, of: Option<Cow<'a, str>>) -> Cow<'a, str> {
    of.map_or(Cow::Borrowed(kind), |of| Cow::Owned(format!("{kind}/{of}")))
}
