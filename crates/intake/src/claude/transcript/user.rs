//! Lines of the user's side: prompts, what commands printed, summaries of what was condensed, and
//! what tools gave back.

use domain::{Batch, CallId, ErrorKind, Field, Item, MessageId, Role, SessionId, SideCall};

use super::block::{Rows, kind, put_back, take_blocks, text_of};
use super::line::{Line, is_true, leftover, take_filled};
use super::unsettled::{Summary, Text};
use super::{Transcript, item};
use crate::claude::tool::{INTERRUPTION, Outcome, Told, said};
use crate::failure::{self, cut};
use crate::json::{Object, Value, text};

/// How texts begin that the agent writes in the user's name and that are no prompts.
const NO_PROMPTS: [&str; 5] = [
    INTERRUPTION,
    "<local-command-stdout>",
    "<local-command-stderr>",
    "<bash-stdout>",
    "<bash-stderr>",
];

/// What a line of a tool's result repeats.
const RESULT_REPEATS: [&str; 2] = ["promptId", "sourceToolAssistantUUID"];

/// Why a call was not let go on: `user-rejected` (also what ran when the agent was interrupted),
/// `interrupted`, `cancelled`, `permission-rule`, `automode-blocked` and others (2.1.328). Hooks tell of
/// no error then.
const DENIED: &str = "toolDenialKind";

impl Transcript {
    pub(super) fn user(&mut self, mut line: Line<'_>, batch: &mut Batch) {
        let Some(session) = line.session.clone() else { return self.other(line, batch) };
        let Some((message, blocks)) = take_blocks(&mut line) else {
            return self.other(line, batch);
        };
        let (results, blocks): (Vec<_>, Vec<_>) =
            blocks.into_iter().enumerate().partition(|(_, block)| is_result(block));
        if results.is_empty() && line.is("isMeta") {
            return self.meta(line, message, blocks, batch);
        }
        put_back(&mut line, message);
        let has_results = !results.is_empty();
        for (index, result) in results {
            if let Value::Object(result) = result {
                self.result(&session, &mut line, index, result, batch);
            }
        }
        match &*blocks {
            [] if has_results => {}
            [(_, block)] if is_interruption(block) => {
                batch.items.push(interrupted(session, line, block));
            }
            _ if has_results => self.said(session, line, blocks, batch),
            _ if line.is("isCompactSummary") => self.summary(session, line, blocks, batch),
            _ if blocks.iter().find_map(|(_, block)| text_of(block)).is_some_and(is_prompt) => {
                self.prompt(session, line, blocks, batch);
            }
            _ => self.printed(session, line, blocks, batch),
        }
    }

    /// What the agent tells the model in the user's name.
    fn meta<'a>(
        &mut self,
        mut line: Line<'a>,
        mut message: Object<'a>,
        blocks: Vec<(usize, Value<'a>)>,
        batch: &mut Batch,
    ) {
        let mut blocks: Vec<_> = blocks.into_iter().map(|(_, block)| block).collect();
        let is_text = matches!(*blocks, [Value::Text(_)]);
        let text = if is_text { blocks.pop() } else { None };
        message.insert("content".into(), text.unwrap_or(Value::List(blocks)));
        put_back(&mut line, message);
        self.other(line, batch);
    }

    /// What a tool gave back. The line's own response is the first result's; there is never a second.
    fn result<'a>(
        &mut self,
        session: &SessionId,
        line: &mut Line<'a>,
        index: usize,
        mut result: Object<'a>,
        batch: &mut Batch,
    ) {
        let call = text(&result, "tool_use_id").and_then(|id| CallId::new(id).ok());
        let bytes = if index == 0 { line.source.bytes } else { 0 };
        let Some(call) = call else {
            let id = MessageId::new(line.id()).expect("the id of a line is not empty");
            let mut rows = Rows::new(session.clone(), id, line);
            rows.said(index, None, Value::Object(result));
            batch.items.extend(item(rows.finish(), bytes));
            return;
        };
        let mut told = Told::new(session.clone(), call, line.clock.stamp(), line.clock.times);
        (told.message_id, told.tool) = self.state.close(told.call_id.as_str());
        told.outcome = outcome(&mut result);
        told.response = line.rest.remove("toolUseResult");
        told.permission = line.rest.remove("permissionDecision");
        told.is_denied = text(&line.rest, DENIED).is_some();
        told.line = Some(left_of_result(line));
        if !self.state.is_copied {
            self.sessions.begun(session, &line.clock);
        }
        batch.items.extend(item(told.rows(), bytes));
    }

    /// Texts and files that are no prompt: a message under the line's own id.
    pub(super) fn said<'a>(
        &mut self,
        session: SessionId,
        line: Line<'a>,
        blocks: Vec<(usize, Value<'a>)>,
        batch: &mut Batch,
    ) {
        let item = self.message(session, line, blocks, None);
        batch.items.push(item);
    }

    /// What commands print, and the like: copied or not, as the prompt before it.
    fn printed<'a>(
        &mut self,
        session: SessionId,
        line: Line<'a>,
        blocks: Vec<(usize, Value<'a>)>,
        batch: &mut Batch,
    ) {
        if line.is_branched {
            return self.said(session, line, blocks, batch);
        }
        let stamp = line.clock.stamp();
        let item = self.message(session, line, blocks, None);
        batch.items.extend(self.unsettled.keep(Text { item, stamp }).map(|text| text.item));
    }

    /// What stands for the conversation since it was condensed.
    fn summary<'a>(
        &mut self,
        session: SessionId,
        mut line: Line<'a>,
        blocks: Vec<(usize, Value<'a>)>,
        batch: &mut Batch,
    ) {
        line.rest.remove("isCompactSummary");
        let stamp = line.clock.stamp();
        if !self.unsettled.awaits_summary() {
            let item = self.message(session, line, blocks, Some(SideCall::Compaction));
            return batch.items.push(item);
        }
        let prompt_id = take_filled(&mut line.rest, "promptId").map(String::from);
        let item = self.message(session, line, blocks, Some(SideCall::Compaction));
        self.summarised(Summary { prompt_id, text: Text { item, stamp } }, batch);
    }

    fn message<'a>(
        &mut self,
        session: SessionId,
        mut line: Line<'a>,
        blocks: Vec<(usize, Value<'a>)>,
        side_call: Option<SideCall>,
    ) -> Item {
        let (bytes, stamp) = (line.source.bytes, line.clock.stamp());
        let is_copied = self.state.is_copied || line.is_branched;
        let id = MessageId::new(line.id()).expect("the id of a line is not empty");
        let mut rows = Rows::new(session, id, &mut line);
        let mut message = rows.message(Role::User);
        message.side_call = Field::new(stamp, side_call);
        message.inherited = Field::new(stamp, is_copied.then_some(true));
        for (index, block) in blocks {
            rows.said(index, None, block);
        }
        message.payload = Field::new(stamp, leftover(rows.take_rest()));
        Item { subject: message.into(), beside: rows.finish(), bytes }
    }
}

/// Somebody stopped the answer.
fn interrupted(session: SessionId, mut line: Line<'_>, block: &Value<'_>) -> Item {
    let stamp = line.clock.stamp();
    let mut row = failure::row(session, &line.id(), line.clock.times);
    row.kind = Field::new(stamp, Some(ErrorKind::Aborted));
    row.message = Field::new(stamp, text_of(block).map(|text| cut(text.to_owned())));
    line.keep_parent();
    row.payload = Field::new(stamp, leftover(line.rest));
    Item { subject: row.into(), beside: Vec::new(), bytes: line.source.bytes }
}

fn is_result(block: &Value<'_>) -> bool {
    matches!(block, Value::Object(block) if kind(block) == "tool_result")
}

fn is_interruption(block: &Value<'_>) -> bool {
    text_of(block).is_some_and(|text| text.starts_with(INTERRUPTION))
}

fn is_prompt(text: &str) -> bool {
    !text.is_empty() && !NO_PROMPTS.iter().any(|beginning| text.starts_with(beginning))
}

fn outcome(result: &mut Object<'_>) -> Outcome {
    let has_failed = is_true(result, "is_error");
    match (has_failed, result.remove("content")) {
        (true, content) => Outcome::Failed(said(content.unwrap_or(Value::Text("".into())))),
        (false, content) => Outcome::Done(content.map(said)),
    }
}

/// What is left of the line of a result, with its id: answers name it as what they follow.
fn left_of_result<'a>(line: &mut Line<'a>) -> Value<'a> {
    let caller = text(&line.rest, "sourceToolAssistantUUID").map(str::to_owned);
    let mut rest = std::mem::take(&mut line.rest);
    for key in RESULT_REPEATS {
        rest.remove(key);
    }
    rest.retain(|_, value| !matches!(value, Value::Null | Value::Bool(false)));
    if line.parent_uuid.as_deref() != caller.as_deref()
        && let Some(parent) = line.parent_uuid.clone()
    {
        rest.insert("parentUuid".into(), Value::Text(parent));
    }
    if let Some(uuid) = line.uuid.clone() {
        rest.insert("uuid".into(), Value::Text(uuid));
    }
    Value::Object(rest)
}
