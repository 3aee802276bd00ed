//! Tool calls: the part's own row shows that there was one, what it did is in `tool_calls`.

use std::mem;

use domain::{CallId, CutText, Field, Json, TOOL_OUTPUT_LIMIT_BYTES, ToolCall, UnixMs};
use schemars::{Schema, SchemaGenerator};

use super::Rows;
use super::body::Span;
use crate::json::{Value, canonical};
use crate::wire::{FromJson, Note, Reason, wire};

/// The keys under which tools are given the file they work on; the first one counts.
const FILE_PATH_KEYS: [&str; 3] = ["filePath", "file_path", "path"];

/// The states in which a call has ended (`OpenCode` 1.18: pending, running, completed, error).
const ENDED: [&str; 2] = ["completed", "error"];

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
    }
}

/// What a tool was given.
pub(crate) struct ToolInput {
    json: Json,
    file_path: Option<String>,
}

impl FromJson for ToolInput {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let value = mem::take(value);
        Ok(Self {
            json: Json::from_canonical(canonical(&value)),
            file_path: file_path(&value).map(str::to_owned),
        })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

fn file_path<'v>(input: &'v Value<'_>) -> Option<&'v str> {
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
        status.is_some_and(|status| ENDED.contains(&status))
    }

    /// Writes the call, and the change that it made.
    pub fn tell(self, rows: &mut Rows) {
        let stamp = rows.stamp;
        let call_id = self.call_id.unwrap_or_else(|| {
            CallId::new(rows.own_name()).expect("a name with a prefix is not empty")
        });
        let state = self.state.unwrap_or_default();
        let metadata = state.metadata.unwrap_or_default();
        let span = state.time.unwrap_or_default();
        let (input, file_path) =
            state.input.map_or((None, None), |input| (Some(input.json), input.file_path));
        let cut = |text| CutText::new(text, TOOL_OUTPUT_LIMIT_BYTES);

        let mut call = ToolCall::new(rows.part.session_id.clone(), call_id.clone());
        (call.generated_at, call.ordered_at) = rows.times();
        call.message_id = Field::new(stamp, Some(rows.part.message_id.clone()));
        call.part_id = Field::new(stamp, Some(rows.part.part_id.clone()));
        call.tool = Field::new(stamp, self.tool);
        call.status = Field::new(stamp, state.status);
        call.input = Field::new(stamp, input);
        call.output = Field::new(stamp, state.output.map(cut));
        call.file_path = Field::new(stamp, file_path.clone());
        call.exit_code = Field::new(stamp, metadata.exit);
        call.error = Field::new(stamp, state.error.map(cut));
        call.started_at = Field::new(stamp, span.start.map(UnixMs::get));
        call.ended_at = Field::new(stamp, span.end.map(UnixMs::get));
        rows.beside.push(call.into());

        if let Some(diff) = metadata.diff.filter(|diff| !diff.is_empty()) {
            rows.edit_of_call(call_id, file_path, diff);
        }
    }
}

impl Rows {
    fn edit_of_call(&mut self, call_id: CallId, path: Option<String>, diff: String) {
        let edit_id = match &path {
            Some(path) => format!("call:{call_id}:{path}"),
            None => format!("call:{call_id}"),
        };
        let mut edit = self.edit(&edit_id, path, diff);
        edit.call_id = Field::new(self.stamp, Some(call_id));
        self.beside.push(edit.into());
    }
}
