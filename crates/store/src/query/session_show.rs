//! One conversation: its messages, their parts and all that follows from those, in their order.

use std::collections::HashMap;

use domain::{
    Compaction, Edit, Event, FileOperation, Json, Message, MessageId, Part, Patch, Session,
    SessionError, SessionId, Step, ToolCall,
};
use serde::Deserialize;

use super::of_session::{in_order, session};
use crate::{Holder, StoreError, engine::Engine, table::select_in_order_sql};

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// What is known of the session.
    pub session: Session,
    /// Its messages, oldest first.
    pub messages: Vec<Message>,
    /// Their parts, oldest first, also those whose message is not known.
    pub parts: Vec<Part>,
    /// Their tool calls, oldest first.
    pub tool_calls: Vec<ToolCall>,
    /// Where model steps began and ended, oldest first.
    pub steps: Vec<Step>,
    /// Which files changed in a step, oldest first.
    pub patches: Vec<Patch>,
    /// Where the conversation was condensed, oldest first.
    pub compactions: Vec<Compaction>,
    /// What went wrong, oldest first.
    pub errors: Vec<SessionError>,
    /// Which files the agent changed, oldest first.
    pub file_operations: Vec<FileOperation>,
    /// The changes themselves, oldest first.
    pub edits: Vec<Edit>,
    /// What the person asked as events tell it, oldest first: of a session that has no messages.
    pub prompts: Vec<Event>,
}

/// The event with a prompt, of Gemini CLI (0.61.0), which gives it no id.
pub(super) const PROMPTED: &str = "BeforeAgent";

/// The statements, with the index that each needs.
pub fn statements() -> [(String, &'static str); 10] {
    [
        (select_in_order_sql::<Message>(), "messages_in_order"),
        (select_in_order_sql::<Part>(), "parts_in_order"),
        (select_in_order_sql::<ToolCall>(), "tool_calls_in_order"),
        (select_in_order_sql::<Step>(), "step_events_in_order"),
        (select_in_order_sql::<Patch>(), "patches_in_order"),
        (select_in_order_sql::<Compaction>(), "compaction_events_in_order"),
        (select_in_order_sql::<SessionError>(), "session_errors_in_order"),
        (select_in_order_sql::<FileOperation>(), "file_operations_in_order"),
        (select_in_order_sql::<Edit>(), "edits_in_order"),
        (select_in_order_sql::<Event>(), "events_in_order"),
    ]
}

/// One conversation, or `None` where nothing is known of it.
///
/// # Errors
/// The engine failed.
pub fn session_show(
    holder: &Holder<'_>,
    id: &SessionId,
) -> Result<Option<Conversation>, StoreError> {
    let engine = &holder.engine;
    let Some(session) = session(engine, id)? else { return Ok(None) };
    let messages: Vec<Message> = in_order(engine, id)?;
    let parts: Vec<Part> = in_order(engine, id)?;
    let is_told = !messages.is_empty() || !parts.is_empty();
    let prompts = if is_told { Vec::new() } else { prompts(engine, id)? };
    let mut edits = in_order(engine, id)?;
    leave_out_what_was_taken_back(&mut edits, &messages);
    Ok(Some(Conversation {
        session,
        messages,
        parts,
        tool_calls: in_order(engine, id)?,
        steps: in_order(engine, id)?,
        patches: in_order(engine, id)?,
        compactions: in_order(engine, id)?,
        errors: in_order(engine, id)?,
        file_operations: in_order(engine, id)?,
        edits,
        prompts,
    }))
}

fn prompts(engine: &Engine, id: &SessionId) -> Result<Vec<Event>, StoreError> {
    let mut events: Vec<Event> = in_order(engine, id)?;
    events.retain(|event| event.name.value().is_some_and(|name| name == PROMPTED));
    Ok(events)
}

/// A message sums up anew what was done for it, and what it names no more was taken back.
fn leave_out_what_was_taken_back(edits: &mut Vec<Edit>, messages: &[Message]) {
    let summaries: HashMap<&MessageId, Vec<String>> = messages
        .iter()
        .filter_map(|message| Some((&message.message_id, files_in(message.summary_diffs.value()?))))
        .collect();
    edits.retain(|edit| {
        let summary = edit.message_id.value().and_then(|message| summaries.get(message));
        let is_of_summary = edit.edit_id.as_str().starts_with("message:");
        match (summary, edit.path.value()) {
            (Some(files), Some(path)) if is_of_summary => files.contains(path),
            (Some(_) | None, Some(_) | None) => true,
        }
    });
}

/// The files that a summary names.
fn files_in(summary: &Json) -> Vec<String> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(alias = "filePath")]
        file: Option<String>,
    }
    let named: Vec<Named> = serde_json::from_str(summary.as_str()).unwrap_or_default();
    named.into_iter().filter_map(|named| named.file).collect()
}
