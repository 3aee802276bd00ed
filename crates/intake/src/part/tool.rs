//! Tool calls: the part's own row shows that there was one, what it did is in `tool_calls`.

use std::mem;

use domain::{CallId, CutText, ErrorKind, Field, Json, TOOL_OUTPUT_LIMIT_BYTES, ToolCall, UnixMs};
use schemars::{Schema, SchemaGenerator};

use super::Rows;
use super::body::Span;
use super::question::{Answers, questions};
use crate::change::FileDiffs;
use crate::failure;
use crate::json::{Value, canonical};
use crate::wire::{FromJson, Note, Reason, Seen, wire};

/// The keys under which tools are given the file they work on; the first one counts.
const FILE_PATH_KEYS: [&str; 4] = ["filePath", "file_path", "notebook_path", "path"];

/// The states in which a call has ended (`OpenCode` 1.18: pending, running, completed, error).
const DONE: &str = "completed";
const FAILED: &str = "error";

/// The tool of `OpenCode` 1.18 that asks the person.
const QUESTION: &str = "question";

wire! {
    /// A tool call.
    ToolFields {
        /// The call's identity in the conversation.
        call_id as "callID": Option<CallId>,
        /// The tool's name.
        tool: Option<String>,
        /// How far it is.
        state: Option<ToolState>,
    }
}

wire! {
    /// How far a tool call is.
    #[derive(Default)]
    ToolState {
        /// The agent's own word; `completed` and `error` end the call.
        status: Option<String>,
        /// What the tool was given.
        input: Option<ToolInput>,
        /// What it gave back.
        output: Option<String>,
        /// What went wrong.
        error: Option<String>,
        /// What the tool says of the call.
        metadata: Option<ToolMetadata>,
        /// When it ran.
        time: Option<Span>,
    }
}

wire! {
    /// What a tool says of its call.
    #[derive(Default)]
    ToolMetadata {
        /// How its process ended.
        exit: Option<i64>,
        /// The change that it made, as a unified diff.
        diff: Option<String>,
        /// The file that it changed, with its diff.
        filediff: Option<FileDiffs>,
        /// The files that it changed, with their diffs.
        files: Option<FileDiffs>,
        /// The file that it wrote.
        filepath: Option<Seen<String>>,
        /// Whether that was there before.
        exists: Option<Seen<bool>>,
        /// For each question that was asked, what was answered.
        answers: Option<Answers>,
    }
}

/// What a tool was given.
#[derive(Default)]
pub(crate) struct ToolInput {
    json: Option<Json>,
    file_path: Option<String>,
    questions: Vec<String>,
}

impl FromJson for ToolInput {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let value = mem::take(value);
        Ok(Self {
            json: Some(Json::from_canonical(canonical(&value))),
            file_path: file_path(&value).map(str::to_owned),
            questions: questions(&value),
        })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

/// The file that a tool works on, by what it was given.
pub(crate) fn file_path<'v>(input: &'v Value<'_>) -> Option<&'v str> {
    let Value::Object(input) = input else { return None };
    FILE_PATH_KEYS.iter().find_map(|key| match input.get(*key)? {
        Value::Text(path) if !path.is_empty() => Some(path.as_ref()),
        _ => None,
    })
}

impl ToolFields {
    pub fn span(&self) -> Span {
        self.state.as_ref().and_then(|state| state.time).unwrap_or_default()
    }

    pub fn has_ended(&self) -> bool {
        let status = self.state.as_ref().and_then(|state| state.status.as_deref());
        status.is_some_and(|status| [DONE, FAILED].contains(&status))
    }

    /// Writes the call, and what follows from it.
    pub fn tell(self, rows: &mut Rows) {
        let stamp = rows.stamp;
        let call_id = self.call_id.unwrap_or_else(|| {
            CallId::new(rows.own_name()).expect("a name with a prefix is not empty")
        });
        let state = self.state.unwrap_or_default();
        let metadata = state.metadata.unwrap_or_default();
        let span = state.time.unwrap_or_default();
        let input = state.input.unwrap_or_default();
        let has_failed = state.status.as_deref() == Some(FAILED);
        let is_done = state.status.as_deref().is_none_or(|status| status == DONE);
        let error = state.error.map(|text| CutText::new(text, TOOL_OUTPUT_LIMIT_BYTES));

        let mut call = ToolCall::new(rows.part.session_id.clone(), call_id.clone());
        (call.generated_at, call.ordered_at) = rows.times();
        call.message_id = Field::new(stamp, Some(rows.part.message_id.clone()));
        call.part_id = Field::new(stamp, Some(rows.part.part_id.clone()));
        call.tool = Field::new(stamp, self.tool.clone());
        call.status = Field::new(stamp, state.status);
        call.input = Field::new(stamp, input.json);
        let output = state.output.map(|text| CutText::new(text, TOOL_OUTPUT_LIMIT_BYTES));
        call.output = Field::new(stamp, output);
        call.file_path = Field::new(stamp, input.file_path.clone());
        call.exit_code = Field::new(stamp, metadata.exit);
        // What failed without a word has failed all the same.
        let silent = || has_failed.then(|| CutText::new(String::new(), TOOL_OUTPUT_LIMIT_BYTES));
        call.error = Field::new(stamp, error.clone().or_else(silent));
        call.started_at = Field::new(stamp, span.start.map(UnixMs::get));
        call.ended_at = Field::new(stamp, span.end.map(UnixMs::get));
        rows.beside.push(call.into());

        if has_failed {
            rows.failure(&call_id, self.tool.clone(), error);
        }
        if is_done {
            if self.tool.as_deref() == Some(QUESTION) {
                rows.question(&call_id, &input.questions, metadata.answers.as_ref());
            }
            rows.changes(call_id, metadata.changes(input.file_path));
        }
    }
}

impl Rows {
    fn failure(&mut self, call_id: &CallId, tool: Option<String>, error: Option<CutText>) {
        let stamp = self.stamp;
        let session_id = self.part.session_id.clone();
        let mut row = failure::row(session_id, &format!("call:{call_id}"), self.times());
        row.kind = Field::new(stamp, Some(ErrorKind::Tool));
        row.name = Field::new(stamp, tool);
        row.message = Field::new(stamp, error);
        row.message_id = Field::new(stamp, Some(self.part.message_id.clone()));
        row.call_id = Field::new(stamp, Some(call_id.clone()));
        self.beside.push(row.into());
    }
}
