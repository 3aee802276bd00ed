//! `message.updated`: one message without its parts.

use domain::{
    Cost, Earliest, Field, Json, Message, MessageId, Model, Record, Role, SessionId, Tokens, UnixMs,
};

use crate::item::{Draft, Moment, remainder};
use crate::wire::Count;
use crate::wire::{Fields as _, Refusal, wire};

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
        error: Option<Json>,
        /// What it cost in US dollars, as the agent says.
        cost: Option<Cost>,
        /// What it took.
        tokens: Option<TokenFields>,
        /// The changes that the agent sums up.
        summary_diffs: Option<Json>,
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
        /// Those written to the cache.
        write: Option<Count>,
    }
}

impl TokenFields {
    /// The counts, if there are any.
    pub fn tokens(self) -> Option<Tokens> {
        let count = |count: Option<Count>| count.map(|Count(count)| count);
        let (read, write) = self.cache.map_or((None, None), |cache| (cache.read, cache.write));
        let tokens = Tokens {
            input: count(self.input),
            output: count(self.output),
            reasoning: count(self.reasoning),
            cache_read: count(read),
            cache_write: count(write),
        };
        (!tokens.is_empty()).then_some(tokens)
    }
}

/// The message, and its session.
pub(crate) fn rows(mut draft: Draft<'_, '_>) -> Result<(Record, Vec<Record>), Refusal> {
    let fields = MessageFields::take(&mut draft.object, draft.notes)?;
    let moment =
        Moment::new(draft.speaker, fields.generated_at_unix_ms, fields.observed_at_unix_ms);
    let stamp = moment.stamp(fields.completed_at_unix_ms.is_some() || fields.error.is_some());
    let has_model = fields.provider_id.is_some() || fields.model_id.is_some();
    let model =
        has_model.then_some(Model { provider_id: fields.provider_id, model_id: fields.model_id });

    let times = [fields.completed_at_unix_ms];
    let mut session = draft.speaker.session(fields.session_id.clone(), &moment, &times);
    let answered = model.clone().filter(|_| fields.role == Role::Assistant);
    session.model = Field::new(moment.stamp(false), answered);
    session.project_path = Field::new(moment.stamp(false), fields.project_path);

    let mut message = Message::new(fields.session_id, fields.message_id);
    message.generated_at = Earliest(Some(moment.generated));
    message.ordered_at = Earliest(Some(moment.ordered));
    message.role = Field::new(stamp, Some(fields.role));
    message.agent_name = Field::new(stamp, fields.agent_name);
    message.parent_message_id = Field::new(stamp, fields.parent_message_id);
    message.model = Field::new(stamp, model);
    message.tokens = Field::new(stamp, fields.tokens.and_then(TokenFields::tokens));
    message.cost = Field::new(stamp, fields.cost);
    message.finish = Field::new(stamp, fields.finish);
    message.completed_at = Field::new(stamp, fields.completed_at_unix_ms.map(UnixMs::get));
    message.error = Field::new(stamp, fields.error);
    message.summary_diffs = Field::new(stamp, fields.summary_diffs);
    message.payload = Field::new(stamp, remainder(&draft.object));
    Ok((message.into(), vec![session.into()]))
}
