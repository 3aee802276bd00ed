//! What an event may hold where its rows tell all of it (Claude Code 2.1.328). A key that is not
//! listed here, or holds something else, is news: the event is kept whole.

use crate::json::{Object, Value};

/// The keys of one event beside those of [`COMMON`].
#[derive(Clone, Copy)]
pub(super) struct Keys {
    needed: &'static [(&'static str, Form)],
    other: &'static [(&'static str, Form)],
}

/// What a key may hold. Null is as if it were not there.
#[derive(Clone, Copy)]
enum Form {
    /// A text with something other than white space.
    Id,
    Text,
    Flag,
    Duration,
    Any,
    /// Tool calls, at least one.
    Calls,
}

const COMMON: &[(&str, Form)] = &[
    ("session_id", Form::Id),
    ("transcript_path", Form::Text),
    ("cwd", Form::Text),
    ("hook_event_name", Form::Text),
    ("prompt_id", Form::Text),
    ("permission_mode", Form::Text),
    ("agent_id", Form::Text),
    ("agent_type", Form::Text),
    // The same for a whole turn, and kept with its prompt.
    ("effort", Form::Any),
];

const CALL: &[(&str, Form)] =
    &[("tool_name", Form::Text), ("tool_input", Form::Any), ("tool_use_id", Form::Id)];

/// The server is a part of the tool's name.
const SERVER: (&str, Form) = ("mcp_server", Form::Text);

pub(super) const BEFORE: Keys = Keys { needed: CALL, other: &[SERVER] };

pub(super) const AFTER: Keys = Keys {
    needed: CALL,
    other: &[SERVER, ("tool_response", Form::Any), ("duration_ms", Form::Duration)],
};

pub(super) const FAILED: Keys = Keys {
    needed: CALL,
    other: &[
        SERVER,
        ("error", Form::Text),
        ("is_interrupt", Form::Flag),
        ("duration_ms", Form::Duration),
    ],
};

pub(super) const BATCH: Keys = Keys { needed: &[("tool_calls", Form::Calls)], other: &[] };

/// One call of a batch.
const BATCHED: Keys = Keys { needed: CALL, other: &[SERVER, ("tool_response", Form::Any)] };

pub(super) const PROMPT: Keys = Keys {
    needed: &[("prompt_id", Form::Id), ("prompt", Form::Text)],
    other: &[("source", Form::Text), ("session_title", Form::Text)],
};

impl Keys {
    /// Whether the rows tell all that an event holds.
    pub fn tell_all(&self, event: &Object<'_>) -> bool {
        let text = |key| event.get(key).and_then(Value::as_text).unwrap_or_default().trim();
        // Whoever has an id and no name speaks for the session, and no row tells of the id.
        let is_nameless = !text("agent_id").is_empty() && text("agent_type").is_empty();
        !is_nameless && self.fit(event, COMMON)
    }

    fn fit(&self, object: &Object<'_>, common: &[(&str, Form)]) -> bool {
        let has =
            |(key, form): &(&str, Form)| object.get(*key).is_some_and(|value| form.fits(value));
        let known = |key: &str| {
            let lists = [self.needed, self.other, common];
            lists.into_iter().flatten().find(|(known, _)| *known == key).map(|(_, form)| *form)
        };
        self.needed.iter().all(has)
            && object.iter().all(|(key, value)| {
                *value == Value::Null || known(key).is_some_and(|form| form.fits(value))
            })
    }
}

impl Form {
    fn fits(self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::Id, Value::Text(text)) => !text.trim().is_empty(),
            (Self::Duration, Value::Number(number)) => number.as_i64().is_some_and(|ms| ms >= 0),
            (Self::Calls, Value::List(calls)) => {
                !calls.is_empty()
                    && calls
                        .iter()
                        .all(|call| matches!(call, Value::Object(call) if BATCHED.fit(call, &[])))
            }
            (Self::Text, Value::Text(_)) | (Self::Flag, Value::Bool(_)) | (Self::Any, _) => true,
            _ => false,
        }
    }
}
