//! `file.edited`: a file changed, and whoever tells of it may know no more than its path.

use domain::{
    CallId, EventId, Field, FileChange, MessageId, OperationId, Record, SessionId, UnixMs,
};

use crate::change::{self, Teller};
use crate::event;
use crate::item::{Draft, Moment, remainder};
use crate::wire::{Fields as _, Name, Nullable, Refusal, wire};

wire! {
    /// A file changed.
    FileEditedFields {
        /// The conversation, or null.
        session_id: Nullable<SessionId>,
        /// The file, as the agent names it.
        path: Name,
        /// When it changed, in Unix milliseconds.
        generated_at_unix_ms: UnixMs,
        /// When it was seen, in Unix milliseconds; the same by default.
        observed_at_unix_ms: Option<UnixMs>,
        /// The message that changed it: what else tells of that message and file is the same change.
        message_id: Option<MessageId>,
        /// The tool call that changed it.
        call_id: Option<CallId>,
        /// The event's identity, where neither message nor call is known.
        event_id: Option<EventId>,
        /// What became of it.
        operation: Option<FileChange>,
    }
}

/// The operation, and its session if it has one.
pub(crate) fn rows(mut draft: Draft<'_, '_>) -> Result<(Record, Vec<Record>), Refusal> {
    let fields = FileEditedFields::take(&mut draft.object, draft.notes)?;
    let moment =
        Moment::new(draft.speaker, fields.generated_at_unix_ms, fields.observed_at_unix_ms);
    let Nullable(session_id) = fields.session_id;
    let beside = session_id.clone().map(|id| draft.speaker.session(id, &moment, &[]).into());
    let path = fields.path.0;
    let is_owned = fields.message_id.is_some() || fields.call_id.is_some();
    let mut operation = match session_id {
        Some(session_id) if is_owned => {
            let (message_id, call_id) = (fields.message_id, fields.call_id);
            let (times, stamp) = (moment.times(), moment.stamp(false));
            let teller = Teller { session_id, message_id, call_id, times, stamp };
            teller.operation(&path, fields.operation)
        }
        session_id => {
            let id = match fields.event_id {
                Some(id) => event::given_id(session_id.as_ref(), &id),
                None => draft.occurrences.id(draft.text),
            };
            let id = OperationId::new(id).expect("it has a prefix");
            let mut operation = change::operation(id, &path);
            (operation.generated_at, operation.ordered_at) = moment.times();
            operation.session_id = Field::new(moment.stamp(false), session_id);
            change::tell_change(&mut operation, fields.operation, moment.stamp(false));
            operation
        }
    };
    operation.payload = Field::new(moment.stamp(false), remainder(&draft.object));
    Ok((operation.into(), beside.into_iter().collect()))
}
