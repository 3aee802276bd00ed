//! What was said, message by message.

use domain::{Cost, Message, Model, Part, PartId, Picodollars, SessionId, ToolCall, UnixMs};
use pricing::charge;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::session_show::session_show;

use super::{
    Copied, SessionMeta, meta,
    turns::{Turn, turns},
};
use crate::{Amount, Report, ReportError, Source, TokenCounts};

/// The messages of a session with their parts and tool calls.
pub type Messages = Report<SessionMeta, MessagesSummary, MessageDetail>;

/// All messages together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessagesSummary {
    /// Messages of the person.
    pub user: usize,
    /// Messages of the model.
    pub assistant: usize,
    /// Messages beside the conversation: for a title, a summary or a compaction.
    pub side_calls: usize,
    /// Parts.
    pub parts: usize,
    /// Tool calls.
    pub tool_calls: usize,
    /// What they took, by kind.
    pub tokens: TokenCounts,
    /// What they took in all.
    pub total_tokens: i64,
}

/// One message; where only parts of it are known, without what the message itself tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessageDetail {
    /// Its identity; null for tool calls of no known message.
    pub message_id: Option<String>,
    /// What orders it in the conversation, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// When it was complete.
    pub completed_at_unix_ms: Option<i64>,
    /// `user` or `assistant`, or the agent's own word for another.
    pub role: Option<String>,
    /// The agent's mode or sub-agent.
    pub agent_name: Option<String>,
    /// What it is beside the conversation: `title`, `summary` or `compaction`.
    pub side_call: Option<String>,
    /// Who serves the model.
    pub provider_id: Option<String>,
    /// The model that spoke.
    pub model_id: Option<String>,
    /// Why it ended.
    pub finish: Option<String>,
    /// What it took.
    pub tokens: Option<TokenCounts>,
    /// What it cost by today's prices.
    pub cost: Option<Amount>,
    /// What it cost, as the agent says.
    pub cost_given: Option<Amount>,
    /// What ended it, as the agent tells it.
    pub error: Option<serde_json::Value>,
    /// Its parts, oldest first.
    pub parts: Vec<MessagePart>,
    /// The tool calls that none of its parts shows, oldest first.
    pub tool_calls: Vec<MessageCall>,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// One part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessagePart {
    /// Its identity in the message.
    pub part_id: String,
    /// What it is: `text`, `reasoning`, `tool`, `file` and the like.
    pub part_type: Option<String>,
    /// What orders it in the conversation, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// What it says.
    pub text: Option<String>,
    /// What the agent thought.
    pub reasoning_text: Option<String>,
    /// What an attached file is.
    pub file_mime: Option<String>,
    /// What an attached file is called.
    pub file_name: Option<String>,
    /// The tool call that it shows.
    pub tool_call: Option<MessageCall>,
}

/// One tool call; what it was given and gave back is told by the question for tool calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessageCall {
    /// Its identity.
    pub call_id: String,
    /// The tool's name.
    pub tool: Option<String>,
    /// The agent's own word for how it is.
    pub status: Option<String>,
    /// Whether it failed.
    pub has_failed: bool,
    /// The file that it worked on.
    pub file_path: Option<String>,
    /// How long it ran, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// The messages, oldest first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn messages(source: &Source<'_>, id: &SessionId) -> Result<Messages, ReportError> {
    let found = session_show(source.holder, id)?;
    let conversation = found.ok_or_else(|| ReportError::UnknownSession(id.clone()))?;
    let copied = Copied::of(source, id)?;
    let turns = turns(&conversation);
    let details: Vec<_> = turns.iter().map(|turn| detail(source, turn, &copied)).collect();
    let meta = meta(&conversation.session, details.iter().map(|message| message.counts));
    Ok(Report { meta, summary: summary(&details), details })
}

fn detail(source: &Source<'_>, turn: &Turn<'_>, copied: &Copied) -> MessageDetail {
    let message_id = turn.message_id.map(domain::MessageId::as_str);
    let parts = turn.parts.iter().map(|part| part_of(part, turn.calls_of_parts.get(&part.part_id)));
    let detail = MessageDetail {
        message_id: message_id.map(str::to_owned),
        at_unix_ms: turn.ordered_at().map(UnixMs::get),
        parts: parts.collect(),
        tool_calls: turn.other_calls.iter().map(|call| call_of(call)).collect(),
        counts: copied.counts(message_id),
        ..MessageDetail::default()
    };
    match turn.message {
        Some(message) => told(source, message, detail),
        None => detail,
    }
}

/// What the message itself tells.
fn told(source: &Source<'_>, message: &Message, parts: MessageDetail) -> MessageDetail {
    let model = message.model.value();
    let tokens = message.tokens.value();
    let charged = tokens
        .and_then(|tokens| charge(source.prices, model, message.generated_at.0, tokens).cost.ok());
    let error = message.error.value().and_then(|error| serde_json::from_str(error.as_str()).ok());
    MessageDetail {
        completed_at_unix_ms: message.completed_at.value().copied(),
        role: message.role.value().map(|role| role.as_str().to_owned()),
        agent_name: message.agent_name.value().cloned(),
        side_call: message.side_call.value().map(|call| call.as_str().to_owned()),
        provider_id: model.and_then(|Model { provider_id, .. }| provider_id.clone()),
        model_id: model.and_then(|Model { model_id, .. }| model_id.clone()),
        finish: message.finish.value().cloned(),
        tokens: tokens.map(|tokens| TokenCounts::from(*tokens)),
        cost: charged.map(Amount::from),
        cost_given: message.cost.value().map(Cost::amount).map(Picodollars::into),
        error,
        ..parts
    }
}

fn part_of(part: &Part, call: Option<&&ToolCall>) -> MessagePart {
    MessagePart {
        part_id: PartId::as_str(&part.part_id).to_owned(),
        part_type: part.kind.value().map(|kind| kind.as_str().to_owned()),
        at_unix_ms: part.ordered_at.0.map(UnixMs::get),
        text: part.text.value().cloned(),
        reasoning_text: part.reasoning_text.value().cloned(),
        file_mime: part.file_mime.value().cloned(),
        file_name: part.file_name.value().cloned(),
        tool_call: call.map(|call| call_of(call)),
    }
}

fn call_of(call: &ToolCall) -> MessageCall {
    MessageCall {
        call_id: call.call_id.as_str().to_owned(),
        tool: call.tool.value().cloned(),
        status: call.status.value().cloned(),
        has_failed: call.error.value().is_some(),
        file_path: call.file_path.value().cloned(),
        duration_ms: call.length_ms(),
    }
}

fn summary(details: &[MessageDetail]) -> MessagesSummary {
    let mut summary = MessagesSummary::default();
    for message in details.iter().filter(|message| message.counts) {
        match message.role.as_deref() {
            _ if message.side_call.is_some() => summary.side_calls += 1,
            Some("user") => summary.user += 1,
            Some("assistant") => summary.assistant += 1,
            Some(_) | None => {}
        }
        summary.parts += message.parts.len();
        let shown = message.parts.iter().filter(|part| part.tool_call.is_some()).count();
        summary.tool_calls += shown + message.tool_calls.len();
        summary.tokens.add(message.tokens.unwrap_or_default());
    }
    summary.total_tokens = summary.tokens.total();
    summary
}
