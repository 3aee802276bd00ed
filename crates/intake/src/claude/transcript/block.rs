//! The blocks of a message: texts, thoughts, files, and calls of tools.

use std::mem;

use domain::{
    CallId, Field, Json, Message, MessageId, Part, PartId, PartKind, Record, Role, SessionId,
};

use super::event;
use super::line::{Clock, Line, is_true, leftover, take_filled, take_object, take_text};
use super::state::State;
use crate::claude::tool::{Outcome, Told, said};
use crate::json::{Object, Value, text};
use crate::part::slim_file;

/// What a call says that the model made itself, which is usual.
const DIRECT: (&str, &str) = ("type", "direct");

/// The rows of one line that is a piece of a message.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    session: SessionId,
    message: MessageId,
    line_id: String,
    is_own_id: bool,
    clock: Clock,
    /// What is left of the line itself. The first row takes it.
    rest: Object<'a>,
    done: Vec<Record>,
}

impl<'a> Rows<'a> {
    pub fn new(session: SessionId, message: MessageId, line: &mut Line<'a>) -> Self {
        line.keep_parent();
        Self {
            session,
            message,
            line_id: line.id(),
            is_own_id: line.uuid.is_some(),
            clock: line.clock,
            rest: mem::take(&mut line.rest),
            done: Vec::with_capacity(3),
        }
    }

    /// The message itself, of which each line tells again.
    pub fn message(&self, role: Role) -> Message {
        let mut row = Message::new(self.session.clone(), self.message.clone());
        (row.generated_at, row.ordered_at) = self.clock.times;
        row.role = Field::new(self.clock.stamp(), Some(role));
        row
    }

    /// All rows of the blocks.
    pub fn finish(self) -> Vec<Record> {
        self.done
    }

    /// What is left of the line, where no block has taken it.
    pub fn take_rest(&mut self) -> Object<'a> {
        mem::take(&mut self.rest)
    }

    /// The first block goes by the line's id.
    pub fn part_id(&self, index: usize) -> PartId {
        let id = match index {
            0 => self.line_id.clone(),
            index => format!("{}/{index}", self.line_id),
        };
        PartId::new(id).expect("the id of a line is not empty")
    }

    /// A block of a user's message.
    pub fn said(&mut self, index: usize, id: Option<PartId>, block: Value<'a>) {
        let block = match block {
            Value::Text(text) => [("text".into(), Value::Text(text))].into(),
            Value::Object(block) => block,
            other => return self.event(index, [("block".into(), other)].into()),
        };
        let id = id.unwrap_or_else(|| self.part_id(index));
        match kind(&block) {
            "text" | "" if text(&block, "text").is_some() => self.text(id, block),
            "image" | "document" => self.file(id, block),
            _ => self.event(index, block),
        }
    }

    /// A block of an answer.
    pub fn answered(&mut self, index: usize, block: Value<'a>, state: &mut State) {
        let block = match block {
            Value::Object(block) => block,
            other => return self.said(index, None, other),
        };
        match kind(&block) {
            "thinking" if text(&block, "thinking").is_some() => self.thought(index, block),
            "redacted_thinking" => {
                let id = self.part_id(index);
                self.part(id, PartKind::Reasoning, block);
            }
            "tool_use" | "server_tool_use" | "mcp_tool_use" => self.call(index, block, state),
            result if result.ends_with("_tool_result") => self.result(index, block),
            _ => self.said(index, None, Value::Object(block)),
        }
    }

    fn text(&mut self, id: PartId, mut block: Object<'a>) {
        let text = take_text(&mut block, "text");
        block.remove("type");
        let stamp = self.clock.stamp();
        self.part(id, PartKind::Text, block).text = Field::new(stamp, text.map(Into::into));
    }

    fn thought(&mut self, index: usize, mut block: Object<'a>) {
        let stamp = self.clock.stamp();
        let thinking = take_text(&mut block, "thinking");
        let signature = take_text(&mut block, "signature");
        block.remove("type");
        let id = self.part_id(index);
        let part = self.part(id, PartKind::Reasoning, block);
        part.reasoning_text = Field::new(stamp, thinking.map(Into::into));
        part.signature = Field::new(stamp, signature.map(Into::into));
    }

    fn file(&mut self, id: PartId, mut block: Object<'a>) {
        slim_file(&mut block);
        let stamp = self.clock.stamp();
        let name = take_filled(&mut block, "title").map(Into::into);
        let mime = match block.get_mut("source") {
            Some(Value::Object(source)) => take_filled(source, "media_type").map(Into::into),
            _ => None,
        };
        let part = self.part(id, PartKind::File, block);
        part.file_mime = Field::new(stamp, mime);
        part.file_name = Field::new(stamp, name);
    }

    fn call(&mut self, index: usize, mut block: Object<'a>, state: &mut State) {
        let Some(call) = text(&block, "id").and_then(|id| CallId::new(id).ok()) else {
            return self.event(index, block);
        };
        block.remove("id");
        if kind(&block) == "tool_use" {
            block.remove("type");
        }
        if matches!(block.get("caller"), Some(Value::Object(caller))
            if caller.len() == 1 && text(caller, DIRECT.0) == Some(DIRECT.1))
        {
            block.remove("caller");
        }
        let mut told = self.told(call);
        told.part_id = Some(self.part_id(index));
        told.tool = take_filled(&mut block, "name").map(Into::into);
        state.open(told.call_id.as_str(), &self.message, told.tool.as_deref());
        told.input = block.remove("input");
        let id = self.part_id(index);
        self.part(id, PartKind::Tool, block);
        self.done.extend(told.rows());
    }

    /// What a tool of the provider's own has answered.
    fn result(&mut self, index: usize, mut block: Object<'a>) {
        let call = text(&block, "tool_use_id").and_then(|id| CallId::new(id).ok());
        let (Some(call), true) = (call, block.contains_key("content")) else {
            return self.event(index, block);
        };
        let content = block.remove("content").unwrap_or_default();
        let has_failed = is_true(&block, "is_error")
            || matches!(&content, Value::Object(content) if kind(content).ends_with("_error"));
        let mut told = self.told(call);
        told.outcome = match (has_failed, said(content)) {
            (true, text) => Outcome::Failed(text),
            (false, text) => Outcome::Done(Some(text)),
        };
        self.done.extend(told.rows());
    }

    fn told(&self, call: CallId) -> Told<'a> {
        let (stamp, times) = (self.clock.stamp(), self.clock.times);
        let mut told = Told::new(self.session.clone(), call, stamp, times);
        told.message_id = Some(self.message.clone());
        told
    }

    fn part(&mut self, id: PartId, kind: PartKind, rest: Object<'a>) -> &mut Part {
        let stamp = self.clock.stamp();
        let mut part = Part::new(self.session.clone(), self.message.clone(), id);
        (part.generated_at, part.ordered_at) = self.clock.times;
        part.kind = Field::new(stamp, Some(kind));
        part.payload = Field::new(stamp, self.payload(rest));
        self.done.push(part.into());
        match self.done.last_mut() {
            Some(Record::Part(part)) => part,
            _ => unreachable!("it was pushed just now"),
        }
    }

    fn event(&mut self, index: usize, mut block: Object<'a>) {
        let name = match take_filled(&mut block, "type") {
            Some(kind) => format!("block/{kind}"),
            None => "block".to_owned(),
        };
        let payload = self.with_rest(block);
        let told = event::Told {
            session: Some(&self.session),
            line_id: &self.line_id,
            is_own_id: self.is_own_id,
            index,
            clock: &self.clock,
        };
        self.done.push(told.event(&name, payload).into());
    }

    fn payload(&mut self, block: Object<'a>) -> Option<Json> {
        leftover(self.with_rest(block))
    }

    /// What is left of a block, with what is left of the line where nobody has taken that yet.
    fn with_rest(&mut self, mut block: Object<'a>) -> Object<'a> {
        let rest = mem::take(&mut self.rest);
        if block.is_empty() {
            return rest;
        }
        for (key, value) in rest {
            let key = if block.contains_key(&key) { format!("line.{key}").into() } else { key };
            block.insert(key, value);
        }
        block
    }
}

/// The blocks of a content: a text alone is one.
pub(super) fn blocks(content: Value<'_>) -> Option<Vec<Value<'_>>> {
    match content {
        Value::Text(_) => Some(vec![content]),
        Value::List(blocks) => Some(blocks),
        _ => None,
    }
}

/// The text of a block that is one.
pub(super) fn text_of<'v>(block: &'v Value<'_>) -> Option<&'v str> {
    match block {
        Value::Text(text) => Some(text),
        Value::Object(block) if matches!(kind(block), "text" | "") => text(block, "text"),
        _ => None,
    }
}

pub(super) fn kind<'o>(block: &'o Object<'_>) -> &'o str {
    text(block, "type").unwrap_or_default()
}

/// What is left of the message that a line holds, once its content is taken.
pub(super) fn put_back<'a>(line: &mut Line<'a>, mut message: Object<'a>) {
    message.remove("role");
    if !message.is_empty() {
        line.rest.insert("message".into(), Value::Object(message));
    }
}

/// The message of a line with its blocks; both stay where they are if there are none.
pub(super) fn take_blocks<'a>(line: &mut Line<'a>) -> Option<(Object<'a>, Vec<Value<'a>>)> {
    let mut message = take_object(&mut line.rest, "message")?;
    if matches!(message.get("content"), Some(Value::Text(_) | Value::List(_))) {
        let blocks = blocks(message.remove("content")?)?;
        return Some((message, blocks));
    }
    line.rest.insert("message".into(), Value::Object(message));
    None
}
