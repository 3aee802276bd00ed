//! A conversation as JSON, in the names of the tables.

use domain::{
    Compaction, Cost, CutText, Earliest, Edit, Field, FileOperation, Json, Latest, Message, Model,
    Part, Patch, Session, SessionError, Step, Tokens, ToolCall, UnixMs,
};
use serde_json::{Map, Value, json};
use store::query::session_show::Conversation;

use crate::TokenCounts;

/// One object with everything.
pub fn whole(conversation: &Conversation) -> Value {
    let mut whole = Map::new();
    whole.insert("session".to_owned(), session_value(&conversation.session));
    for Rows { table, values, .. } in tables(conversation) {
        whole.insert(table.to_owned(), values.into());
    }
    Value::from(whole)
}

/// One object for each thing, with what it is in `record`.
pub fn things(conversation: &Conversation) -> impl Iterator<Item = Value> {
    let session = ("session", session_value(&conversation.session));
    let rows = tables(conversation).into_iter();
    let rows = rows.flat_map(|rows| rows.values.into_iter().map(move |value| (rows.record, value)));
    std::iter::once(session).chain(rows).map(|(record, mut value)| {
        value["record"] = record.into();
        value
    })
}

/// What a conversation has in one table.
struct Rows {
    table: &'static str,
    /// What one of them is.
    record: &'static str,
    values: Vec<Value>,
}

impl Rows {
    fn of<T>(
        table: &'static str,
        record: &'static str,
        rows: &[T],
        value: fn(&T) -> Value,
    ) -> Self {
        Self { table, record, values: rows.iter().map(value).collect() }
    }
}

fn tables(conversation: &Conversation) -> [Rows; 9] {
    let Conversation {
        session: _,
        messages,
        parts,
        tool_calls,
        steps,
        patches,
        compactions,
        errors,
        file_operations,
        edits,
        // Events have a table of their own.
        prompts: _,
    } = conversation;
    [
        Rows::of("messages", "message", messages, message_value),
        Rows::of("parts", "part", parts, part_value),
        Rows::of("tool_calls", "tool_call", tool_calls, tool_call_value),
        Rows::of("step_events", "step_event", steps, step_value),
        Rows::of("patches", "patch", patches, patch_value),
        Rows::of("compaction_events", "compaction_event", compactions, compaction_value),
        Rows::of("session_errors", "session_error", errors, error_value),
        Rows::of("file_operations", "file_operation", file_operations, operation_value),
        Rows::of("edits", "edit", edits, edit_value),
    ]
}

fn session_value(session: &Session) -> Value {
    let Session {
        session_id,
        created_at,
        last_activity_at,
        agent,
        agent_version,
        project_path,
        project_name,
        title,
        parent_session_id,
        agent_name,
        model,
        source,
        status,
        permission_mode,
        ended_at,
        end_reason,
        cost,
        payload,
    } = session;
    json!({
        "session_id": session_id.as_str(),
        "created_at_unix_ms": earliest(*created_at),
        "last_activity_at_unix_ms": latest(*last_activity_at),
        "agent": agent.value().map(domain::Agent::as_str),
        "agent_version": agent_version.value(),
        "project_path": project_path.value(),
        "project_name": project_name.value(),
        "title": title.value(),
        "parent_session_id": parent_session_id.value().map(domain::SessionId::as_str),
        "agent_name": agent_name.value(),
        "provider_id": provider(model),
        "model_id": model_id(model),
        "source": source.value(),
        "status": status.value(),
        "permission_mode": permission_mode.value(),
        "ended_at_unix_ms": ended_at.value(),
        "end_reason": end_reason.value(),
        "cost_given": cost.value().map(Cost::text),
        "cost_given_picodollars": cost.value().map(|cost| cost.amount().0),
        "payload": parsed(payload),
    })
}

fn message_value(message: &Message) -> Value {
    let Message {
        session_id,
        message_id,
        generated_at,
        ordered_at,
        role,
        agent_name,
        parent_message_id,
        model,
        tokens,
        cost,
        finish,
        completed_at,
        request_id,
        error,
        summary_diffs,
        side_call,
        inherited,
        payload,
    } = message;
    json!({
        "session_id": session_id.as_str(),
        "message_id": message_id.as_str(),
        "generated_at_unix_ms": earliest(*generated_at),
        "ordered_at_unix_ms": earliest(*ordered_at),
        "role": role.value().map(|role| role.as_str()),
        "agent_name": agent_name.value(),
        "parent_message_id": parent_message_id.value(),
        "provider_id": provider(model),
        "model_id": model_id(model),
        "tokens": tokens.value().map(tokens_value),
        "cost_given": cost.value().map(Cost::text),
        "cost_given_picodollars": cost.value().map(|cost| cost.amount().0),
        "finish": finish.value(),
        "completed_at_unix_ms": completed_at.value(),
        "request_id": request_id.value(),
        "error": parsed(error),
        "summary_diffs": parsed(summary_diffs),
        "side_call": side_call.value().map(|call| call.as_str()),
        "inherited": inherited.value(),
        "payload": parsed(payload),
    })
}

fn part_value(part: &Part) -> Value {
    let Part {
        session_id,
        message_id,
        part_id,
        generated_at,
        ordered_at,
        kind,
        text,
        reasoning_text,
        signature,
        started_at,
        ended_at,
        compaction_auto,
        file_mime,
        file_name,
        payload,
    } = part;
    json!({
        "session_id": session_id.as_str(),
        "message_id": message_id.as_str(),
        "part_id": part_id.as_str(),
        "generated_at_unix_ms": earliest(*generated_at),
        "ordered_at_unix_ms": earliest(*ordered_at),
        "part_type": kind.value().map(|kind| kind.as_str()),
        "text": text.value(),
        "reasoning_text": reasoning_text.value(),
        "signature": signature.value(),
        "started_at_unix_ms": started_at.value(),
        "ended_at_unix_ms": ended_at.value(),
        "compaction_auto": compaction_auto.value(),
        "file_mime": file_mime.value(),
        "file_name": file_name.value(),
        "payload": parsed(payload),
    })
}

fn tool_call_value(call: &ToolCall) -> Value {
    let ToolCall {
        session_id,
        call_id,
        generated_at,
        ordered_at,
        message_id,
        part_id,
        tool,
        status,
        input,
        output,
        file_path,
        exit_code,
        error,
        started_at,
        ended_at,
        duration_ms,
        payload,
    } = call;
    json!({
        "session_id": session_id.as_str(),
        "call_id": call_id.as_str(),
        "generated_at_unix_ms": earliest(*generated_at),
        "ordered_at_unix_ms": earliest(*ordered_at),
        "message_id": message_id.value().map(domain::MessageId::as_str),
        "part_id": part_id.value().map(domain::PartId::as_str),
        "tool": tool.value(),
        "status": status.value(),
        "input": parsed(input),
        "output": output.value().map(CutText::text),
        "output_full_bytes": output.value().map(CutText::full_bytes),
        "file_path": file_path.value(),
        "exit_code": exit_code.value(),
        "error": error.value().map(CutText::text),
        "error_full_bytes": error.value().map(CutText::full_bytes),
        "started_at_unix_ms": started_at.value(),
        "ended_at_unix_ms": ended_at.value(),
        "duration_ms": duration_ms.value(),
        "payload": parsed(payload),
    })
}

fn step_value(step: &Step) -> Value {
    let Step {
        session_id,
        message_id,
        part_id,
        generated_at,
        ordered_at,
        kind,
        reason,
        snapshot,
        cost,
        tokens,
    } = step;
    json!({
        "session_id": session_id.as_str(),
        "message_id": message_id.as_str(),
        "part_id": part_id.as_str(),
        "generated_at_unix_ms": earliest(*generated_at),
        "ordered_at_unix_ms": earliest(*ordered_at),
        "event_type": kind.value().map(|kind| kind.as_str()),
        "reason": reason.value(),
        "snapshot_hash": snapshot.value(),
        "cost_given": cost.value().map(Cost::text),
        "cost_given_picodollars": cost.value().map(|cost| cost.amount().0),
        "tokens": tokens.value().map(tokens_value),
    })
}

fn patch_value(patch: &Patch) -> Value {
    let Patch { session_id, message_id, part_id, generated_at, ordered_at, git_hash, files } =
        patch;
    json!({
        "session_id": session_id.as_str(),
        "message_id": message_id.as_str(),
        "part_id": part_id.as_str(),
        "generated_at_unix_ms": earliest(*generated_at),
        "ordered_at_unix_ms": earliest(*ordered_at),
        "git_hash": git_hash.value(),
        "files": parsed(files),
    })
}

fn compaction_value(compaction: &Compaction) -> Value {
    let Compaction {
        session_id,
        compaction_id,
        generated_at,
        ordered_at,
        message_id,
        part_id,
        auto,
        tokens_before,
        tokens_after,
        messages_before,
        messages_after,
        payload,
    } = compaction;
    json!({
        "session_id": session_id.as_str(),
        "compaction_id": compaction_id.as_str(),
        "generated_at_unix_ms": earliest(*generated_at),
        "ordered_at_unix_ms": earliest(*ordered_at),
        "message_id": message_id.value().map(domain::MessageId::as_str),
        "part_id": part_id.value().map(domain::PartId::as_str),
        "auto": auto.value(),
        "tokens_before": tokens_before.value(),
        "tokens_after": tokens_after.value(),
        "messages_before": messages_before.value(),
        "messages_after": messages_after.value(),
        "payload": parsed(payload),
    })
}

fn error_value(error: &SessionError) -> Value {
    let SessionError {
        session_id,
        error_id,
        generated_at,
        ordered_at,
        kind,
        name,
        message,
        message_id,
        call_id,
        payload,
    } = error;
    json!({
        "session_id": session_id.as_str(),
        "error_id": error_id.as_str(),
        "generated_at_unix_ms": earliest(*generated_at),
        "ordered_at_unix_ms": earliest(*ordered_at),
        "error_type": kind.value().map(|kind| kind.as_str()),
        "name": name.value(),
        "message": message.value().map(CutText::text),
        "message_full_bytes": message.value().map(CutText::full_bytes),
        "message_id": message_id.value().map(domain::MessageId::as_str),
        "call_id": call_id.value().map(domain::CallId::as_str),
        "payload": parsed(payload),
    })
}

fn operation_value(operation: &FileOperation) -> Value {
    let FileOperation {
        operation_id,
        generated_at,
        ordered_at,
        session_id,
        message_id,
        call_id,
        path,
        operation,
        payload,
    } = operation;
    json!({
        "operation_id": operation_id.as_str(),
        "generated_at_unix_ms": earliest(*generated_at),
        "ordered_at_unix_ms": earliest(*ordered_at),
        "session_id": session_id.value().map(domain::SessionId::as_str),
        "message_id": message_id.value().map(domain::MessageId::as_str),
        "call_id": call_id.value().map(domain::CallId::as_str),
        "path": path.value(),
        "operation": operation.value().map(|change| change.as_str()),
        "payload": parsed(payload),
    })
}

fn edit_value(edit: &Edit) -> Value {
    let Edit {
        session_id,
        edit_id,
        generated_at,
        ordered_at,
        message_id,
        call_id,
        scope,
        path,
        operation,
        diff,
    } = edit;
    json!({
        "session_id": session_id.as_str(),
        "edit_id": edit_id.as_str(),
        "generated_at_unix_ms": earliest(*generated_at),
        "ordered_at_unix_ms": earliest(*ordered_at),
        "message_id": message_id.value().map(domain::MessageId::as_str),
        "call_id": call_id.value().map(domain::CallId::as_str),
        "scope": scope.value().map(|scope| scope.as_str()),
        "path": path.value(),
        "operation": operation.value().map(|change| change.as_str()),
        "diff": diff.value(),
    })
}

/// Counts of tokens, each by its name.
pub fn tokens_value(tokens: &Tokens) -> Value {
    serde_json::to_value(TokenCounts::from(*tokens)).expect("counts are numbers")
}

fn earliest(time: Earliest) -> Option<i64> {
    time.0.map(UnixMs::get)
}

fn latest(time: Latest) -> Option<i64> {
    time.0.map(UnixMs::get)
}

fn provider(model: &Field<Model>) -> Option<&str> {
    model.value()?.provider_id.as_deref()
}

fn model_id(model: &Field<Model>) -> Option<&str> {
    model.value()?.model_id.as_deref()
}

/// A stored JSON text as the value that it is.
fn parsed(json: &Field<Json>) -> Value {
    let text = json.value().map_or("null", Json::as_str);
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}
