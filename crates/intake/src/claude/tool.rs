//! A tool call: what a hook or a line of a transcript tells of it, and the rows that follow.

use std::borrow::Cow;

use domain::{
    CallId, Earliest, ErrorKind, Field, Json, MessageId, PartId, Record, SessionError, SessionId,
    Stamp, ToolCall,
};

use super::{edit, stamp};
use crate::change::{FileDiff, Teller};
use crate::failure::{self, cut};
use crate::json::{Object, Value, canonical, text};
use crate::part::{file_path, slim_result};

/// How Claude Code 2.1.328 says that somebody stopped it.
pub(crate) const INTERRUPTION: &str = "[Request interrupted by user";

/// What a response says of every call that nothing befell; it is not kept.
const USUAL: [(&str, Value<'_>); 5] = [
    ("isImage", Value::Bool(false)),
    ("noOutputExpected", Value::Bool(false)),
    ("replaceAll", Value::Bool(false)),
    ("stderr", Value::Text(Cow::Borrowed(""))),
    ("userModified", Value::Bool(false)),
];

/// How a call ended, as far as its teller knows.
#[derive(Debug, Default)]
pub(crate) enum Outcome {
    /// It has not ended, or the teller knows nothing of its end.
    #[default]
    Running,
    /// It gave this to the model, where the teller knows.
    Done(Option<String>),
    /// It failed, and gave this to the model.
    Failed(String),
}

/// What one source tells of one call. What it does not know is left empty.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub session_id: SessionId,
    pub call_id: CallId,
    pub stamp: Stamp,
    /// When it came into being, and what orders it.
    pub times: (Earliest, Earliest),
    pub message_id: Option<MessageId>,
    pub part_id: Option<PartId>,
    pub tool: Option<String>,
    pub input: Option<Value<'a>>,
    pub outcome: Outcome,
    /// The tool's own response: a hook's `tool_response`, a line's `toolUseResult`.
    pub response: Option<Value<'a>>,
    /// It is known to have been interrupted, also where no text and no response says so.
    pub is_interrupted: bool,
    /// Somebody or a rule did not let it go on: the tool itself did not fail.
    pub is_denied: bool,
    pub duration_ms: Option<i64>,
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    /// Who allowed it.
    pub permission: Option<Value<'a>>,
    /// What else the line says that tells of it.
    pub line: Option<Value<'a>>,
}

impl<'a> Told<'a> {
    /// A call of which nothing is known yet.
    pub fn new(
        session_id: SessionId,
        call_id: CallId,
        stamp: Stamp,
        times: (Earliest, Earliest),
    ) -> Self {
        Self {
            session_id,
            call_id,
            stamp,
            times,
            message_id: None,
            part_id: None,
            tool: None,
            input: None,
            outcome: Outcome::Running,
            response: None,
            is_interrupted: false,
            is_denied: false,
            duration_ms: None,
            started_at: None,
            ended_at: None,
            permission: None,
            line: None,
        }
    }

    /// The call, its error, and the files that it changed.
    pub fn rows(mut self) -> Vec<Record> {
        let is_unknown = self.response.is_none();
        let mut response = Response { is_unknown, ..Response::of(self.response.take()) };
        self.is_interrupted |= response.is_interrupted
            || matches!(self.said(), Some(said) if said.starts_with(INTERRUPTION));
        let changes = response.change.take();
        let mut rows = Vec::with_capacity(3);
        rows.extend(self.error().map(Record::from));
        rows.extend(changes.into_iter().flat_map(|change| self.change(change)));
        rows.insert(0, self.call(response).into());
        rows
    }

    /// The text that the model gets.
    fn said(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Running | Outcome::Done(None) => None,
            Outcome::Done(Some(text)) | Outcome::Failed(text) => Some(text),
        }
    }

    fn call(self, response: Response<'a>) -> ToolCall {
        let stamp = self.stamp;
        let said = self.said().map(str::to_owned);
        let (status, status_stamp) = self.status();
        let exit_code =
            response.exit_code.or_else(|| exit_code(self.failure()?)).or(response.success);
        let mut call = ToolCall::new(self.session_id, self.call_id);
        (call.generated_at, call.ordered_at) = self.times;
        call.message_id = Field::new(stamp, self.message_id);
        call.part_id = Field::new(stamp, self.part_id);
        call.tool = Field::new(stamp, self.tool);
        call.status = Field::new(status_stamp, Some(status.to_owned()));
        let path = self.input.as_ref().and_then(file_path);
        call.file_path = Field::new(stamp, path.map(str::to_owned));
        call.input = Field::new(stamp, self.input.map(|input| json(&input)));
        call.output = match said {
            Some(said) => Field::new(stamp, Some(cut(said))),
            // What the model gets outdoes what we make of the response, whoever tells of it.
            None => Field::new(stamp::BEFORE, response.output.map(cut)),
        };
        if let Outcome::Failed(error) = self.outcome {
            call.error = Field::new(stamp, Some(cut(error)));
        }
        call.exit_code = Field::new(stamp, exit_code);
        call.started_at = Field::new(stamp, self.started_at);
        call.ended_at = Field::new(stamp, self.ended_at);
        call.duration_ms = Field::new(stamp, self.duration_ms.or(response.duration_ms));
        // A subagent's lines hold no response: what its hook says of that is not to be lost.
        let stamp = if response.is_unknown { stamp::BEFORE } else { stamp };
        call.payload = Field::new(stamp, payload(response.rest, self.permission, self.line));
        call
    }

    fn failure(&self) -> Option<&str> {
        let Outcome::Failed(error) = &self.outcome else { return None };
        Some(error)
    }

    /// A call that runs may have ended for another teller, whoever knows more otherwise.
    fn status(&self) -> (&'static str, Stamp) {
        match self.outcome {
            _ if self.is_interrupted => ("interrupted", self.stamp),
            Outcome::Running => ("running", stamp::BEFORE),
            Outcome::Done(_) => ("completed", self.stamp),
            Outcome::Failed(_) => ("error", self.stamp),
        }
    }

    fn error(&self) -> Option<SessionError> {
        let message = self.failure()?.to_owned();
        let is_stopped = self.is_interrupted || self.is_denied;
        let kind = if is_stopped { ErrorKind::Aborted } else { ErrorKind::Tool };
        let name = format!("call:{}", self.call_id);
        let mut row = failure::row(self.session_id.clone(), &name, self.times);
        row.kind = Field::new(self.stamp, Some(kind));
        row.name = Field::new(self.stamp, self.tool.clone());
        row.message = Field::new(self.stamp, Some(cut(message)));
        row.message_id = Field::new(self.stamp, self.message_id.clone());
        row.call_id = Field::new(self.stamp, Some(self.call_id.clone()));
        Some(row)
    }

    /// The operation and the edit. Both are known by the call: a hook does not know the message.
    fn change(&self, change: FileDiff) -> Vec<Record> {
        let teller = Teller {
            session_id: self.session_id.clone(),
            message_id: None,
            call_id: Some(self.call_id.clone()),
            times: self.times,
            stamp: self.stamp,
        };
        let message_id = Field::new(self.stamp, self.message_id.clone());
        let path = change.path.clone().unwrap_or_default();
        let mut operation = teller.operation(&path, change.change);
        operation.message_id = message_id.clone();
        let mut rows = vec![operation.into()];
        if change.diff.is_some() {
            let mut edit = teller.edit(change);
            edit.message_id = message_id;
            rows.push(edit.into());
        }
        rows
    }
}

/// The text that the model gets, by what a tool result holds: a text, or blocks of which some are
/// texts. Anything else is given as JSON, without the content of images.
pub(crate) fn said(mut value: Value<'_>) -> String {
    if let Value::Text(text) = value {
        return text.into_owned();
    }
    joined(&value).unwrap_or_else(|| {
        slim_result(&mut value);
        canonical(&value)
    })
}

/// The texts of blocks, where there are any.
fn joined(value: &Value<'_>) -> Option<String> {
    let Value::List(blocks) = value else { return None };
    let texts = blocks.iter().filter_map(|block| match block {
        Value::Object(block) if text(block, "type") == Some("text") => text(block, "text"),
        _ => None,
    });
    let texts: Vec<_> = texts.collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// What a tool's response says.
#[derive(Default)]
struct Response<'a> {
    /// The text that the model gets, as far as the response holds it.
    output: Option<String>,
    exit_code: Option<i64>,
    /// Zero where a process has ended and nothing speaks of a failure.
    success: Option<i64>,
    is_interrupted: bool,
    /// The teller does not know it.
    is_unknown: bool,
    duration_ms: Option<i64>,
    change: Option<FileDiff>,
    /// What none of these has taken.
    rest: Option<Value<'a>>,
}

impl<'a> Response<'a> {
    fn of(value: Option<Value<'a>>) -> Self {
        match value {
            None | Some(Value::Null) => Self::default(),
            Some(Value::Object(object)) => Self::of_object(object),
            Some(Value::Text(text)) => Self { output: Some(text.into_owned()), ..Self::default() },
            Some(mut value) => {
                let output = said(value.clone());
                let is_text = joined(&value).is_some() && blocks_are_texts(&value);
                slim_result(&mut value);
                let rest = (!is_text).then_some(value);
                Self { output: Some(output), rest, ..Self::default() }
            }
        }
    }

    fn of_object(mut object: Object<'a>) -> Self {
        let change = edit::take(&mut object);
        let is_interrupted = object.remove("interrupted") == Some(Value::Bool(true));
        let exit_code = ended_with(&object);
        let has_ended = object.contains_key("stdout")
            && !is_interrupted
            && ["returnCodeInterpretation", "backgroundTaskId"]
                .iter()
                .all(|key| object.get(*key).is_none_or(|value| *value == Value::Null));
        let duration_ms =
            ["durationMs", "totalDurationMs"].iter().find_map(|key| duration(&object, key));
        let output = output(&mut object);
        // An agent's own response repeats what it was asked.
        if object.contains_key("agentId") {
            object.remove("prompt");
        }
        for (key, usual) in &USUAL {
            if object.get(*key) == Some(usual) {
                object.remove(*key);
            }
        }
        let mut rest = Value::Object(object);
        slim_result(&mut rest);
        let is_edit = change.is_some();
        let output = output.or_else(|| (!is_edit).then(|| canonical(&rest)));
        let rest = Some(rest).filter(|rest| !rest.is_spent());
        let success = has_ended.then_some(0);
        let is_unknown = false;
        Self { output, exit_code, success, is_interrupted, is_unknown, duration_ms, change, rest }
    }
}

fn blocks_are_texts(value: &Value<'_>) -> bool {
    let Value::List(blocks) = value else { return false };
    blocks.iter().all(|block| {
        matches!(block, Value::Object(block) if text(block, "type") == Some("text") && block.len() == 2)
    })
}

/// Takes the text that the model gets out of a response, by the form that it has: shells, `Read`,
/// agents and MCP, `Grep`, `WebFetch`.
fn output(object: &mut Object<'_>) -> Option<String> {
    if let Some(stdout) = take_text(object, "stdout") {
        let stderr = text(object, "stderr").unwrap_or_default();
        let gap = if stdout.is_empty() || stderr.is_empty() { "" } else { "\n" };
        return Some(format!("{stdout}{gap}{stderr}"));
    }
    if let Some(Value::Object(file)) = object.get_mut("file")
        && let Some(content) = take_text(file, "content")
    {
        return Some(content);
    }
    let content = object.get("content");
    if let Some(texts) = content.and_then(joined) {
        if content.is_some_and(blocks_are_texts) {
            object.remove("content");
        }
        return Some(texts);
    }
    take_text(object, "content").or_else(|| take_text(object, "result"))
}

fn take_text(object: &mut Object<'_>, key: &str) -> Option<String> {
    let text = text(object, key)?.to_owned();
    object.remove(key);
    Some(text)
}

/// A negative duration is none.
fn duration(object: &Object<'_>, key: &str) -> Option<i64> {
    integer(object, key).filter(|duration| *duration >= 0)
}

fn integer(object: &Object<'_>, key: &str) -> Option<i64> {
    let Some(Value::Number(number)) = object.get(key) else { return None };
    number.as_i64()
}

/// How a process ended, by the response. A `code` without a process may be one of HTTP.
fn ended_with(object: &Object<'_>) -> Option<i64> {
    let of_process = ["exitCode", "exit_code"].iter().find_map(|key| integer(object, key));
    of_process.or_else(|| integer(object, "code").filter(|_| object.contains_key("stdout")))
}

/// How a process ended, by what is said of its failure.
fn exit_code(error: &str) -> Option<i64> {
    let error = error.strip_prefix("Error: ").unwrap_or(error);
    let rest = error.strip_prefix("Exit code ")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

fn payload(
    response: Option<Value<'_>>,
    permission: Option<Value<'_>>,
    line: Option<Value<'_>>,
) -> Option<Json> {
    let parts = [("response", response), ("permission", permission), ("line", line)];
    let object: Object<'_> = parts
        .into_iter()
        .filter_map(|(key, value)| Some((key.into(), value.filter(|value| !value.is_spent())?)))
        .collect();
    (!object.is_empty()).then(|| Json::from_canonical(canonical(&object)))
}

fn json(value: &Value<'_>) -> Json {
    Json::from_canonical(canonical(value))
}
