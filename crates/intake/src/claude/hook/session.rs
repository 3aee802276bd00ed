//! What an event tells of its session: how it began and ended, and how it is now.

use domain::{Field, Model, Session, Stamp};

use super::Hook;
use crate::claude::stamp;
use crate::json::{Object, text};

/// What any event may tell. Where a subagent speaks, the session is its own.
pub(super) fn tell_common(session: &mut Session, event: &Object<'_>, now: Stamp) {
    let filled = |key| text(event, key).filter(|text| !text.is_empty()).map(str::to_owned);
    session.permission_mode = Field::new(now, filled("permission_mode"));
    session.agent_name = Field::new(now, filled("agent_type"));
    session.project_path = Field::new(stamp::OTHER_FOLDER, filled("cwd"));
}

/// `SessionStart`, also where a session goes on.
pub(super) fn started(hook: &mut Hook<'_>) {
    let now = stamp::state(hook.received_at);
    let named = Stamp { is_final: true, ..now };
    hook.session.source = Field::new(now, hook.text("source"));
    hook.session.model = Field::new(now, Model::named(None, hook.text("model")));
    hook.session.title = Field::new(named, hook.text("session_title"));
    let folder = hook.session.project_path.value().cloned();
    hook.session.project_path = Field::new(stamp::START_FOLDER, folder);
}

/// `SessionEnd`.
pub(super) fn ended(hook: &mut Hook<'_>) {
    subagent_ended(hook);
    hook.session.end_reason = Field::new(stamp::state(hook.received_at), hook.text("reason"));
}

/// `SubagentStop`, in the subagent's own session.
pub(super) fn subagent_ended(hook: &mut Hook<'_>) {
    let now = stamp::state(hook.received_at);
    hook.session.ended_at = Field::new(now, Some(hook.received_at.get()));
}

/// `PostModelSwitch`.
pub(super) fn model_switched(hook: &mut Hook<'_>) {
    let model = Model::named(None, hook.text("to_model"));
    hook.session.model = Field::new(stamp::state(hook.received_at), model);
}
