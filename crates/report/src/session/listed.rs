//! A session in a list as JSON, in the names of the tables.

use serde_json::{Value, json};
use store::query::session_list::SessionRow;

/// One object.
pub fn row(row: &SessionRow) -> Value {
    let SessionRow {
        session_id,
        title,
        parent_session_id,
        agent,
        agent_version,
        project_path,
        project_name,
        provider_id,
        model_id,
        status,
        ended_at_unix_ms,
        end_reason,
        created_at_unix_ms,
        last_activity_at_unix_ms,
        messages,
        parts,
        tool_calls,
        cost_given_picodollars,
    } = row;
    json!({
        "session_id": session_id,
        "title": title,
        "parent_session_id": parent_session_id,
        "agent": agent,
        "agent_version": agent_version,
        "project_path": project_path,
        "project_name": project_name,
        "provider_id": provider_id,
        "model_id": model_id,
        "status": status,
        "ended_at_unix_ms": ended_at_unix_ms,
        "end_reason": end_reason,
        "created_at_unix_ms": created_at_unix_ms,
        "last_activity_at_unix_ms": last_activity_at_unix_ms,
        "messages": messages,
        "parts": parts,
        "tool_calls": tool_calls,
        "cost_given_picodollars": cost_given_picodollars,
    })
}
