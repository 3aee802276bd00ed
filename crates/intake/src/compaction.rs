//! `session.compacted`, and what else tells that a conversation was condensed: a part of the message
//! that asks for it, and the message that sums it up.

use domain::{Compaction, CompactionId, Earliest, Field, MessageId, Record, SessionId, UnixMs};

use crate::item::{Draft, Moment, remainder};
use crate::wire::{Count, Fields as _, Refusal, wire};

wire! {
    /// The conversation was condensed.
    CompactedFields {
        /// The conversation.
        session_id: SessionId,
        /// The message that asked for it, which is its identity.
        message_id: MessageId,
        /// When it was done, in Unix milliseconds.
        generated_at_unix_ms: UnixMs,
        /// When it was seen, in Unix milliseconds; the same by default.
        observed_at_unix_ms: Option<UnixMs>,
        /// Whether the agent did it on its own.
        auto: Option<bool>,
        /// Tokens of the conversation before it.
        tokens_before: Option<Count>,
        /// Tokens of what stands for it since.
        tokens_after: Option<Count>,
        /// Messages of the conversation before it.
        messages_before: Option<Count>,
        /// Messages that stand for it since.
        messages_after: Option<Count>,
    }
}

/// The compaction that a message asked for.
pub(crate) fn row(
    session_id: SessionId,
    message_id: &MessageId,
    times: (Earliest, Earliest),
) -> Compaction {
    let id = CompactionId::new(message_id.as_str()).expect("the id of a message is not empty");
    let mut compaction = Compaction::new(session_id, id);
    (compaction.generated_at, compaction.ordered_at) = times;
    compaction
}

/// The compaction, and its session.
pub(crate) fn rows(mut draft: Draft<'_, '_>) -> Result<(Record, Vec<Record>), Refusal> {
    let fields = CompactedFields::take(&mut draft.object, draft.notes)?;
    let moment =
        Moment::new(draft.speaker, fields.generated_at_unix_ms, fields.observed_at_unix_ms);
    let stamp = moment.stamp(true);
    let session = draft.speaker.session(fields.session_id.clone(), &moment, &[]);
    let count = |count: Option<Count>| Field::new(stamp, count.map(|Count(count)| count));
    let mut compaction = row(fields.session_id, &fields.message_id, moment.times());
    compaction.message_id = Field::new(stamp, Some(fields.message_id));
    compaction.auto = Field::new(stamp, fields.auto);
    compaction.tokens_before = count(fields.tokens_before);
    compaction.tokens_after = count(fields.tokens_after);
    compaction.messages_before = count(fields.messages_before);
    compaction.messages_after = count(fields.messages_after);
    compaction.payload = Field::new(stamp, remainder(&draft.object));
    Ok((compaction.into(), vec![session.into()]))
}
