//! What went wrong: `session.error`, and the errors that messages and tool calls carry.
//!
//! A message that ended in an error is told of twice, by its own update and by a `session.error`: with
//! the message's id both are one row.

use domain::{
    CutText, Earliest, ErrorId, ErrorKind, Event, EventId, Field, Json, MessageId, Receipts,
    Record, SessionError, SessionId, Stamp, TOOL_OUTPUT_LIMIT_BYTES,
};
use schemars::{Schema, SchemaGenerator};

use crate::event;
use crate::item::{Draft, Moment, remainder};
use crate::json::{Object, Value, canonical};
use crate::wire::{Fields as _, FromJson, Note, Nullable, Reason, Refusal, wire};

/// The names that `OpenCode` 1.18 gives to errors.
const KINDS: [(&str, ErrorKind); 7] = [
    ("APIError", ErrorKind::Api),
    ("ContentFilterError", ErrorKind::Api),
    ("ProviderAuthError", ErrorKind::Auth),
    ("ContextOverflowError", ErrorKind::Context),
    ("MessageOutputLengthError", ErrorKind::Output),
    ("StructuredOutputError", ErrorKind::Output),
    ("MessageAbortedError", ErrorKind::Aborted),
];

/// An error as the agent gave it. It stays where it is, so that it gets into the payload.
pub(crate) struct AgentError {
    /// All of it.
    json: Json,
    name: Option<String>,
    message: Option<String>,
    /// The provider answered that it does not know who asks, or what they may do.
    is_refused: bool,
}

impl FromJson for AgentError {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let value = &*value;
        let mut error = Self {
            json: Json::from_canonical(canonical(value)),
            name: None,
            message: None,
            is_refused: false,
        };
        match value {
            Value::Object(object) => {
                error.name = text(object, "name");
                error.message = text(object, "message");
                if let Some(Value::Object(data)) = object.get("data") {
                    error.message = text(data, "message").or(error.message);
                    error.is_refused = is_refusal(data.get("statusCode"));
                }
            }
            Value::Text(message) => error.message = Some(message.clone().into_owned()),
            _ => {}
        }
        Ok(error)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

fn is_refusal(status: Option<&Value<'_>>) -> bool {
    matches!(status, Some(Value::Number(status)) if matches!(status.as_u64(), Some(401 | 403)))
}

fn text(object: &Object<'_>, key: &str) -> Option<String> {
    match object.get(key) {
        Some(Value::Text(text)) => Some(text.clone().into_owned()),
        _ => None,
    }
}

/// The error of a message, which has a column of its own.
pub(crate) struct MessageError(AgentError);

impl FromJson for MessageError {
    fn from_json(value: &mut Value<'_>, notes: &mut Vec<Note>) -> Result<Self, Reason> {
        let error = AgentError::from_json(value, notes);
        *value = Value::Null;
        error.map(Self)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

impl MessageError {
    /// All of it.
    pub fn json(&self) -> Json {
        self.0.json.clone()
    }

    /// The row of the error that ended a message.
    pub fn row(
        self,
        session_id: SessionId,
        message_id: &MessageId,
        times: (Earliest, Earliest),
        stamp: Stamp,
    ) -> SessionError {
        let mut row = row(session_id, &message_name(message_id), times);
        row.message_id = Field::new(stamp, Some(message_id.clone()));
        self.0.tell(&mut row, stamp);
        row
    }
}

impl AgentError {
    fn kind(&self) -> ErrorKind {
        let known = KINDS.iter().find(|(name, _)| self.name.as_deref() == Some(name));
        match known.map_or(ErrorKind::Unknown, |(_, kind)| *kind) {
            ErrorKind::Api if self.is_refused => ErrorKind::Auth,
            kind => kind,
        }
    }

    /// Writes what it says into a row.
    fn tell(self, row: &mut SessionError, stamp: Stamp) {
        row.kind = Field::new(stamp, Some(self.kind()));
        row.name = Field::new(stamp, self.name);
        row.message = Field::new(stamp, self.message.map(cut));
    }
}

/// How much of an error's message is kept.
fn cut(text: String) -> CutText {
    CutText::new(text, TOOL_OUTPUT_LIMIT_BYTES)
}

fn message_name(message_id: &MessageId) -> String {
    format!("message:{message_id}")
}

/// An error of which nothing is known yet.
pub(crate) fn row(session_id: SessionId, name: &str, times: (Earliest, Earliest)) -> SessionError {
    let error_id = ErrorId::new(name).expect("a name with a prefix is not empty");
    let mut row = SessionError::new(session_id, error_id);
    (row.generated_at, row.ordered_at) = times;
    row
}

wire! {
    /// Something went wrong in a session.
    ErrorFields {
        /// The conversation, or null.
        session_id: Nullable<SessionId>,
        /// When it happened, in Unix milliseconds.
        generated_at_unix_ms: domain::UnixMs,
        /// When it was seen, in Unix milliseconds; the same by default.
        observed_at_unix_ms: Option<domain::UnixMs>,
        /// The error's identity in its session. Without it, and without a message, every error is a
        /// row of its own.
        error_id: Option<ErrorId>,
        /// The message that it ended, which then is its identity.
        message_id: Option<MessageId>,
        /// The agent's own error: `{name, data: {message}}`.
        error: Option<AgentError>,
    }
}

/// The error and its session; without a session, an event.
pub(crate) fn rows(mut draft: Draft<'_, '_>) -> Result<(Record, Vec<Record>), Refusal> {
    let fields = ErrorFields::take(&mut draft.object, draft.notes)?;
    let moment =
        Moment::new(draft.speaker, fields.generated_at_unix_ms, fields.observed_at_unix_ms);
    let stamp = moment.stamp(true);
    let Nullable(session_id) = fields.session_id;
    let name = match (&fields.message_id, &fields.error_id) {
        (Some(message_id), _) => message_name(message_id),
        (None, Some(error_id)) => error_id.as_str().to_owned(),
        (None, None) => draft.occurrences.id(draft.text),
    };
    let Some(session_id) = session_id else {
        return Ok((sessionless(&draft, &moment, &name).into(), Vec::new()));
    };
    let session = draft.speaker.session(session_id.clone(), &moment, &[]);
    let mut row = row(session_id, &name, moment.times());
    row.message_id = Field::new(stamp, fields.message_id);
    row.payload = Field::new(stamp, remainder(&draft.object));
    if let Some(error) = fields.error {
        error.tell(&mut row, stamp);
    }
    Ok((row.into(), vec![session.into()]))
}

fn sessionless(draft: &Draft<'_, '_>, moment: &Moment, name: &str) -> Event {
    let id = EventId::new(name).map(|id| event::given_id(None, &id));
    let id = EventId::new(id.expect("a name is not empty")).expect("it has a prefix");
    let stamp = moment.stamp(true);
    let mut event = Event::new(id);
    (event.generated_at, event.ordered_at) = moment.times();
    event.receipts = Receipts::at(draft.speaker.received_at);
    event.agent = Field::new(stamp, draft.speaker.agent.clone());
    event.name = Field::new(stamp, Some("session.error".to_owned()));
    event.payload = Field::new(stamp, remainder(&draft.object));
    event
}
