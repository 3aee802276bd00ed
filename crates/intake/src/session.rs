//! `session.updated`: what an agent says of a session as a whole. A session never ends for good, since
//! it can be resumed: nothing of it is final.

use domain::{Field, Model, Record, SessionId, UnixMs};

use crate::change::{SummaryDiffs, Teller};
use crate::item::{Draft, Moment, remainder};
use crate::wire::{Fields as _, Refusal, wire};

wire! {
    /// A session as a whole.
    SessionFields {
        /// The conversation.
        session_id: SessionId,
        /// When it began, in Unix milliseconds; or when this was seen, where the agent does not say.
        generated_at_unix_ms: UnixMs,
        /// When this snapshot of it was seen, in Unix milliseconds; the same by default.
        observed_at_unix_ms: Option<UnixMs>,
        /// The version of the agent that holds it.
        agent_version: Option<String>,
        /// The agent's own title for it.
        title: Option<String>,
        /// The session that started it, for a subagent's.
        parent_session_id: Option<SessionId>,
        /// The folder that the agent works in.
        project_path: Option<String>,
        /// What the project is called.
        project_name: Option<String>,
        /// The agent's mode, or which subagent it is.
        agent_name: Option<String>,
        /// Who serves the model.
        provider_id: Option<String>,
        /// The model in use.
        model_id: Option<String>,
        /// How the session is, in the agent's own word.
        status: Option<String>,
        /// What the agent may do unasked, in its own word.
        permission_mode: Option<String>,
        /// When it came to an end or to rest, in Unix milliseconds.
        ended_at_unix_ms: Option<UnixMs>,
        /// Why it did.
        end_reason: Option<String>,
        /// The changes of the whole session, a list of `{file, patch, status}`.
        summary_diffs: Option<SummaryDiffs>,
    }
}

/// The session, and the changes that it sums up.
pub(crate) fn rows(mut draft: Draft<'_, '_>) -> Result<(Record, Vec<Record>), Refusal> {
    let fields = SessionFields::take(&mut draft.object, draft.notes)?;
    let moment =
        Moment::new(draft.speaker, fields.generated_at_unix_ms, fields.observed_at_unix_ms);
    let stamp = moment.stamp(false);
    let ended_at = fields.ended_at_unix_ms;
    let mut session = draft.speaker.session(fields.session_id.clone(), &moment, &[ended_at]);
    if fields.agent_version.is_some() {
        session.agent_version = Field::new(stamp, fields.agent_version);
    }
    session.title = Field::new(stamp, fields.title);
    session.parent_session_id = Field::new(stamp, fields.parent_session_id);
    session.project_path = Field::new(stamp, fields.project_path);
    session.project_name = Field::new(stamp, fields.project_name);
    session.agent_name = Field::new(stamp, fields.agent_name);
    session.model = Field::new(stamp, Model::named(fields.provider_id, fields.model_id));
    session.status = Field::new(stamp, fields.status);
    session.permission_mode = Field::new(stamp, fields.permission_mode);
    session.ended_at = Field::new(stamp, ended_at.map(UnixMs::get));
    session.end_reason = Field::new(stamp, fields.end_reason);
    session.payload = Field::new(stamp, remainder(&draft.object));

    let (message_id, call_id, times) = (None, None, moment.times());
    let teller = Teller { session_id: fields.session_id, message_id, call_id, times, stamp };
    let diffs = fields.summary_diffs.map(|summary| summary.diffs).unwrap_or_default();
    let edits = diffs.into_iter().map(|diff| teller.edit(diff).into()).collect();
    Ok((session.into(), edits))
}
