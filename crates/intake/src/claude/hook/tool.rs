//! The events of one tool call, and the one that sums up the calls of an answer.

use std::mem;

use domain::{CallId, Stamp};

use super::Hook;
use crate::claude::stamp;
use crate::claude::tool::{Outcome, Told, said};
use crate::json::{Object, Value, text};

/// `PreToolUse`.
pub(super) fn before(hook: &mut Hook<'_>) {
    let call = mem::take(&mut hook.content);
    hook.tell(call, stamp::BEFORE, |told, _| told.started_at = told.ended_at.take());
}

/// `PostToolUse`.
pub(super) fn after(hook: &mut Hook<'_>) {
    let call = mem::take(&mut hook.content);
    hook.tell(call, stamp::AFTER, |told, call| {
        told.outcome = Outcome::Done(None);
        told.response = call.remove("tool_response");
    });
}

/// `PostToolUseFailure`.
pub(super) fn failed(hook: &mut Hook<'_>) {
    let call = mem::take(&mut hook.content);
    hook.tell(call, stamp::AFTER, |told, call| {
        told.outcome = Outcome::Failed(call.remove("error").map(said).unwrap_or_default());
        told.is_interrupted = call.get("is_interrupt") == Some(&Value::Bool(true));
    });
}

/// `PostToolBatch`, whose `tool_response` is what the model gets.
pub(super) fn batch(hook: &mut Hook<'_>) {
    let Some(Value::List(calls)) = hook.content.remove("tool_calls") else { return };
    for call in calls {
        let Value::Object(call) = call else { continue };
        hook.tell(call, stamp::BATCH, |told, call| {
            let said = call.remove("tool_response").filter(|value| *value != Value::Null).map(said);
            told.outcome = Outcome::Done(said);
        });
    }
}

impl<'a> Hook<'a> {
    /// Tells of a call what every event says of it, and what `add` knows; one without an id is left
    /// to the event. Events come when a call ends, but for the first.
    fn tell(
        &mut self,
        mut call: Object<'a>,
        stamp: Stamp,
        add: impl FnOnce(&mut Told<'a>, &mut Object<'a>),
    ) {
        let id = text(&call, "tool_use_id").map(CallId::new);
        let Some(Ok(call_id)) = id else { return };
        let mut told = Told::new(self.session.session_id.clone(), call_id, stamp, self.times());
        told.tool = text(&call, "tool_name").map(str::to_owned);
        told.input = call.remove("tool_input").filter(|input| *input != Value::Null);
        told.ended_at = Some(self.received_at.get());
        if let Some(Value::Number(number)) = call.get("duration_ms") {
            told.duration_ms = number.as_i64().filter(|duration| *duration >= 0);
        }
        add(&mut told, &mut call);
        self.subjects.push(told.rows());
    }
}
