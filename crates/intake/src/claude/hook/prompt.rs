//! The events that a prompt identifies: the prompt itself, the error that ended its turn, and that the
//! conversation was condensed meanwhile.

use domain::{
    Compaction, CompactionId, Field, Message, MessageId, Part, PartId, PartKind, Role, Stamp,
};

use super::Hook;
use crate::claude::{PROMPT_PART, failure as kinds, of_prompt, stamp};
use crate::failure::{self, cut};
use crate::item::remainder;
use crate::json::{Object, Value};

/// What is kept of a prompt beside its text.
const KEPT: [&str; 2] = ["effort", "source"];

/// `UserPromptSubmit`. A line of the transcript tells of the same message, and of more parts.
pub(super) fn submitted(hook: &mut Hook<'_>) {
    let Some(message_id) = prompt_id(hook) else { return };
    let Some(prompt) = hook.text("prompt") else { return };
    let stamp = stamp::BEFORE;
    let session_id = hook.session.session_id.clone();
    let mut message = Message::new(session_id.clone(), message_id.clone());
    (message.generated_at, message.ordered_at) = hook.times();
    message.role = Field::new(stamp, Some(Role::User));
    let rest = KEPT.iter().filter_map(|key| hook.content.remove_entry(*key));
    let rest: Object<'_> = rest.filter(|(_, value)| *value != Value::Null).collect();
    message.payload = Field::new(stamp, remainder(&rest));

    let part_id = PartId::new(PROMPT_PART).expect("a word");
    let mut part = Part::new(session_id, message_id, part_id);
    (part.generated_at, part.ordered_at) = hook.times();
    part.kind = Field::new(stamp, Some(PartKind::Text));
    part.text = Field::new(stamp, Some(prompt));
    // A person gave it that name.
    let named = Stamp { is_final: true, observed_at: hook.received_at };
    hook.session.title = Field::new(named, hook.text("session_title"));
    hook.subjects.push(vec![message.into(), part.into()]);
}

/// `StopFailure`: the turn ended in an error, of which a line of the transcript tells too.
pub(super) fn failed(hook: &mut Hook<'_>) {
    let Some(prompt_id) = prompt_id(hook) else { return };
    let stamp = stamp::AFTER;
    let (word, said) = (hook.text("error"), hook.text("last_assistant_message"));
    let message = said.or_else(|| hook.text("error_details"));
    let kind = kinds::kind(word.as_deref(), None, message.as_deref());
    let name = of_prompt(prompt_id.as_str());
    let mut row = failure::row(hook.session.session_id.clone(), &name, hook.times());
    row.kind = Field::new(stamp, Some(kind));
    row.name = Field::new(stamp, word);
    row.message = Field::new(stamp, message.map(cut));
    hook.beside.push(row.into());
}

/// `PreCompact`.
pub(super) fn condenses(hook: &mut Hook<'_>) {
    compaction(hook, stamp::BEFORE);
}

/// `PostCompact`.
pub(super) fn condensed(hook: &mut Hook<'_>) {
    compaction(hook, stamp::AFTER);
}

fn compaction(hook: &mut Hook<'_>, stamp: Stamp) {
    let Some(prompt_id) = prompt_id(hook) else { return };
    let id = CompactionId::new(of_prompt(prompt_id.as_str()));
    let id = id.expect("a name with a prefix is not empty");
    let mut row = Compaction::new(hook.session.session_id.clone(), id);
    (row.generated_at, row.ordered_at) = hook.times();
    let auto = match hook.text("trigger").as_deref() {
        Some("auto") => Some(true),
        Some("manual") => Some(false),
        Some(_) | None => None,
    };
    row.auto = Field::new(stamp, auto);
    hook.beside.push(row.into());
}

fn prompt_id(hook: &Hook<'_>) -> Option<MessageId> {
    MessageId::new(hook.text("prompt_id")?).ok()
}
