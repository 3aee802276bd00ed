//! `message.updated`: one message without its parts.

use domain::{
    Compaction, Cost, Earliest, Field, Message, MessageId, Model, Record, Role, SessionId,
    SideCall, Stamp, Tokens, UnixMs,
};
use schemars::{Schema, SchemaGenerator};

use crate::change::{SummaryDiffs, Teller};
use crate::compaction;
use crate::failure::MessageError;
use crate::item::{Draft, Moment, remainder};
use crate::json::Value;
use crate::wire::{Count, Fields as _, FromJson, Note, Reason, Refusal, Seen, wire};

wire! {
    /// One message without its parts.
    MessageFields {
        /// The conversation.
        session_id: SessionId,
        /// The message's identity in the conversation.
        message_id: MessageId,
        /// Who speaks.
        role: Role,
        /// When it came into being, in Unix milliseconds.
        generated_at_unix_ms: UnixMs,
        /// When this snapshot of it was seen, in Unix milliseconds; the same by default.
        observed_at_unix_ms: Option<UnixMs>,
        /// When it was complete, in Unix milliseconds.
        completed_at_unix_ms: Option<UnixMs>,
        /// The message that it answers.
        parent_message_id: Option<String>,
        /// The agent's mode or sub-agent.
        agent_name: Option<String>,
        /// Who serves the model.
        provider_id: Option<String>,
        /// The model that spoke.
        model_id: Option<String>,
        /// Why the model stopped.
        finish: Option<String>,
        /// What went wrong.
        error: Option<MessageError>,
        /// What it cost in US dollars, as the agent says.
        cost: Option<Cost>,
        /// What it took.
        tokens: Option<Counts>,
        /// The changes that the agent sums up, a list of `{file, patch, status}`.
        summary_diffs: Option<SummaryDiffs>,
        /// True where it is the conversation in short, to go on with.
        summary: Option<Seen<bool>>,
        /// It was copied from the session that this one was forked from, and counts there.
        inherited: Option<bool>,
        /// The folder that the agent works in.
        project_path: Option<String>,
    }
}

wire! {
    /// Numbers of tokens.
    TokenFields {
        /// Prompt tokens that were not read from the cache.
        input: Option<Count>,
        /// Answer tokens without reasoning.
        output: Option<Count>,
        /// Thinking tokens.
        reasoning: Option<Count>,
        /// Prompt tokens that the cache took part in.
        cache: Option<CacheFields>,
    }
}

wire! {
    /// Numbers of prompt tokens.
    CacheFields {
        /// Those read from the cache.
        read: Option<Count>,
        /// Those written to the cache, for however long.
        write: Option<Count>,
        /// Those of `write` that the cache keeps for an hour.
        write_1h: Option<Count>,
    }
}

/// What was taken, where all that is said of it fits: half of it would give a wrong cost. What does not
/// fit as a whole stays in the payload.
pub(crate) struct Counts(pub Option<Tokens>);

impl FromJson for Counts {
    fn from_json(value: &mut Value<'_>, notes: &mut Vec<Note>) -> Result<Self, Reason> {
        let (before, whole) = (notes.len(), value.clone());
        let fields = TokenFields::from_json(value, notes)?;
        if notes.len() > before {
            *value = whole;
            return Ok(Self(None));
        }
        Ok(Self(fields.tokens()))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        <TokenFields as FromJson>::schema(generator)
    }
}

impl TokenFields {
    /// The counts, if there are any.
    fn tokens(self) -> Option<Tokens> {
        let count = |count: Option<Count>| count.map(|Count(count)| count);
        let (read, write, write_1h) = self
            .cache
            .map_or((None, None, None), |cache| (cache.read, cache.write, cache.write_1h));
        let tokens = Tokens {
            input: count(self.input),
            output: count(self.output),
            reasoning: count(self.reasoning),
            cache_read: count(read),
            cache_write: count(write),
            cache_write_1h: count(write_1h),
        };
        (!tokens.is_empty()).then_some(tokens)
    }
}

/// The message, its session, and what follows from it.
pub(crate) fn rows(mut draft: Draft<'_, '_>) -> Result<(Record, Vec<Record>), Refusal> {
    let fields = MessageFields::take(&mut draft.object, draft.notes)?;
    let moment =
        Moment::new(draft.speaker, fields.generated_at_unix_ms, fields.observed_at_unix_ms);
    let stamp = moment.stamp(fields.completed_at_unix_ms.is_some() || fields.error.is_some());
    let model = Model::named(fields.provider_id, fields.model_id);
    let tokens = fields.tokens.and_then(|Counts(tokens)| tokens);
    let is_summary = fields.summary.is_some_and(|Seen(flag)| flag == Some(true));
    let side_call = side_call(fields.agent_name.as_deref(), is_summary);

    let times = [fields.completed_at_unix_ms];
    let mut session = draft.speaker.session(fields.session_id.clone(), &moment, &times);
    if fields.inherited == Some(true) {
        // What was copied is older than the session.
        session.created_at = Earliest(None);
    }
    let answered = model.clone().filter(|_| fields.role == Role::Assistant);
    session.model = Field::new(moment.stamp(false), answered);
    session.project_path = Field::new(moment.stamp(false), fields.project_path);
    let mut beside = vec![Record::from(session)];

    let mut message = Message::new(fields.session_id, fields.message_id);
    (message.generated_at, message.ordered_at) = moment.times();
    if is_summary && let Some(asked_by) = &fields.parent_message_id {
        beside.extend(summed_up(&message, asked_by, tokens, stamp).map(Record::from));
    }
    if let Some(summary) = fields.summary_diffs {
        message.summary_diffs = Field::new(stamp, Some(summary.json));
        let teller = teller(&message, stamp);
        beside.extend(summary.diffs.into_iter().map(|diff| teller.edit(diff).into()));
    }
    if let Some(error) = fields.error {
        message.error = Field::new(stamp, Some(error.json.clone()));
        let ended_at = fields.completed_at_unix_ms.unwrap_or(moment.generated);
        let times = Moment::new(draft.speaker, ended_at, None).times();
        let session_id = message.session_id.clone();
        beside.push(error.row(session_id, &message.message_id, times, stamp).into());
    }
    message.role = Field::new(stamp, Some(fields.role));
    message.agent_name = Field::new(stamp, fields.agent_name);
    message.parent_message_id = Field::new(stamp, fields.parent_message_id);
    message.model = Field::new(stamp, model);
    message.tokens = Field::new(stamp, tokens);
    message.cost = Field::new(stamp, fields.cost);
    message.finish = Field::new(stamp, fields.finish);
    message.completed_at = Field::new(stamp, fields.completed_at_unix_ms.map(UnixMs::get));
    message.side_call = Field::new(stamp, side_call);
    message.inherited = Field::new(stamp, fields.inherited);
    message.payload = Field::new(stamp, remainder(&draft.object));
    Ok((message.into(), beside))
}

/// What a message is beside the conversation. `OpenCode` 1.18 has agents of these names for it.
fn side_call(agent_name: Option<&str>, is_summary: bool) -> Option<SideCall> {
    let by_name = agent_name.and_then(|name| name.parse().ok());
    by_name.or(is_summary.then_some(SideCall::Compaction))
}

/// The compaction whose summary a message is: it was made from the whole conversation, and stands
/// for it since. An empty count says that the message is still being written.
fn summed_up(
    message: &Message,
    asked_by: &str,
    tokens: Option<Tokens>,
    stamp: Stamp,
) -> Option<Compaction> {
    let asked_by = MessageId::new(asked_by).ok()?;
    let tokens = tokens.filter(|_| stamp.is_final)?;
    let prompt = [tokens.input, tokens.cache_read, tokens.cache_write];
    let before = prompt.into_iter().flatten().reduce(i64::saturating_add);
    let times = (message.generated_at, message.ordered_at);
    let mut compaction = compaction::row(message.session_id.clone(), &asked_by, times);
    compaction.message_id = Field::new(stamp, Some(asked_by));
    compaction.tokens_before = Field::new(stamp, before);
    compaction.tokens_after = Field::new(stamp, tokens.output);
    Some(compaction)
}

fn teller(message: &Message, stamp: Stamp) -> Teller {
    Teller {
        session_id: message.session_id.clone(),
        message_id: Some(message.message_id.clone()),
        call_id: None,
        times: (message.generated_at, message.ordered_at),
        stamp,
    }
}
