//! What must be known of the lines before one to read it. Small, since it is stored with each step.

use std::collections::VecDeque;

use domain::{MessageId, SessionId, UnixMs};
use serde::{Deserialize, Serialize};

/// How many calls may be open at once; of more, the oldest are forgotten.
const OPEN_CALLS: usize = 64;

/// By how much a line must be older than any line before it for this to tell of a copy: writers of one
/// file differ by some milliseconds.
const OLDER_BY_MS: i64 = 500;

/// What the lines that have been read tell of those to come.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The session that the last line belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    /// The prompt that is being answered, by its prompt id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The message that holds that prompt, or a later one without a prompt id of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What was last settled was copied by a fork.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_copied: bool,
    #[serde(rename = "time", skip_serializing_if = "Option::is_none")]
    stored_time: Option<i64>,
    #[serde(rename = "latest", skip_serializing_if = "Option::is_none")]
    stored_latest: Option<i64>,
    /// The time of the last line that bears one.
    #[serde(skip)]
    pub time: Option<UnixMs>,
    /// The latest time of any line.
    #[serde(skip)]
    pub latest: Option<UnixMs>,
    /// The last line that bears an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf: Option<String>,
    /// The prompt during which the conversation was last condensed, and how often it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compacted: Option<(String, u64)>,
    /// Calls without a result.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    calls: VecDeque<OpenCall>,
}

/// A call without a result: its id, the message that made it, and the tool.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct OpenCall(String, String, Option<String>);

impl State {
    /// Reads what [`State::write`] wrote; anything else is as none.
    pub fn read(text: &str) -> Self {
        let mut state: Self = serde_json::from_str(text).unwrap_or_default();
        state.time = state.stored_time.and_then(UnixMs::new);
        state.latest = state.stored_latest.and_then(UnixMs::new);
        state
    }

    pub fn write(&self) -> String {
        let (stored_time, stored_latest) =
            (self.time.map(UnixMs::get), self.latest.map(UnixMs::get));
        let state = Self { stored_time, stored_latest, ..self.clone() };
        serde_json::to_string(&state).expect("texts and numbers always print")
    }

    /// The session of lines that name none.
    pub fn session(&self) -> Option<SessionId> {
        SessionId::new(self.session.clone()?).ok()
    }

    /// Whether the last line belongs to this session.
    pub fn is_in(&self, session: &SessionId) -> bool {
        self.session.as_deref() == Some(session.as_str())
    }

    /// The next line belongs to another session. What is known of the last one's prompts does not
    /// count for it.
    pub fn enter(&mut self, session: &SessionId) {
        self.session = Some(session.as_str().to_owned());
        (self.prompt, self.parent, self.compacted) = (None, None, None);
        self.is_copied = false;
    }

    /// Whether the lines before are of a later time. A fork begins with lines of its own.
    pub fn is_beyond(&self, time: Option<UnixMs>) -> bool {
        let times = self.latest.zip(time);
        times.is_some_and(|(latest, time)| time.get() < latest.get().saturating_sub(OLDER_BY_MS))
    }

    /// A message has called a tool.
    pub fn open(&mut self, call: &str, message: &MessageId, tool: Option<&str>) {
        self.calls.retain(|open| open.0 != call);
        if self.calls.len() >= OPEN_CALLS {
            self.calls.pop_front();
        }
        let (message, tool) = (message.as_str().to_owned(), tool.map(str::to_owned));
        self.calls.push_back(OpenCall(call.to_owned(), message, tool));
    }

    /// How often the conversation has been condensed during a prompt.
    pub fn compactions(&self, prompt: &str) -> u64 {
        match &self.compacted {
            Some((during, count)) if during == prompt => *count,
            Some(_) | None => 0,
        }
    }

    /// The tool has answered: which message called it, and which tool is it?
    pub fn close(&mut self, call: &str) -> (Option<MessageId>, Option<String>) {
        let at = self.calls.iter().position(|open| open.0 == call);
        match at.and_then(|at| self.calls.remove(at)) {
            Some(OpenCall(_, message, tool)) => (MessageId::new(message).ok(), tool),
            None => (None, None),
        }
    }
}
