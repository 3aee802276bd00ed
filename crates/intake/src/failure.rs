//! What went wrong: `session.error`, and the errors that messages and tool calls carry.
//!
//! A message that ended in an error is told of twice, by its own update and by a `session.error`: with
//! the message's id both are one row.

use std::mem;

use domain::{
    CutText, Earliest, ErrorId, ErrorKind, EventId, Field, Json, MessageId, Record, SessionError,
    SessionId, Stamp, TOOL_OUTPUT_LIMIT_BYTES, UnixMs,
};
use schemars::{Schema, SchemaGenerator};

use crate::event;
use crate::item::{Draft, Moment, remainder};
use crate::json::{Value, canonical, text};
use crate::wire::{Fields as _, FromJson, Note, Nullable, Reason, Refusal, wire};

/// What an error without a session is called among the events.
const KIND: &str = "session.error";

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
    name: Option<String>,
    message: Option<String>,
    /// The provider answered that it does not know who asks, or what they may do.
    is_refused: bool,
}

impl FromJson for AgentError {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let (name, message, data) = match value {
            Value::Object(error) => {
                (text(error, "name"), text(error, "message"), error.get("data"))
            }
            value => (None, value.as_text(), None),
        };
        let (inner, status) = match data {
            Some(Value::Object(data)) => (text(data, "message"), data.get("statusCode")),
            _ => (None, None),
        };
        Ok(Self {
            name: name.map(str::to_owned),
            message: inner.or(message).map(str::to_owned),
            is_refused: is_refusal(status),
        })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

fn is_refusal(status: Option<&Value<'_>>) -> bool {
    matches!(status, Some(Value::Number(status)) if matches!(status.as_u64(), Some(401 | 403)))
}

/// The error of a message, which has a column of its own.
pub(crate) struct MessageError {
    /// All of it.
    pub json: Json,
    error: AgentError,
}

impl FromJson for MessageError {
    fn from_json(value: &mut Value<'_>, notes: &mut Vec<Note>) -> Result<Self, Reason> {
        let error = AgentError::from_json(value, notes)?;
        Ok(Self { json: Json::from_canonical(canonical(&mem::take(value))), error })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

impl MessageError {
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
        self.error.tell(&mut row, stamp);
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
pub(crate) fn cut(text: String) -> CutText {
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
        generated_at_unix_ms: UnixMs,
        /// When it was seen, in Unix milliseconds; the same by default.
        observed_at_unix_ms: Option<UnixMs>,
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
        let id = EventId::new(name).expect("a name is not empty");
        let event = event::row(&draft, &moment, &event::given_id(None, &id), KIND);
        return Ok((event.into(), Vec::new()));
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
