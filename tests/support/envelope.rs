//! Envelopes and hook events as agents hand them over.

use serde_json::{Value, json};

/// When everything in the tests came into being, unless they say otherwise.
pub const GENERATED_AT: i64 = 1_795_168_018_979;

/// Settings in which the model `priced` of the provider `mock` has a price.
pub const PRICE: &str = r#"
[[prices]]
provider = "mock"
model = "priced"
input = "2"
output = "10"
source = "a test"
"#;

/// One batch on a line of its own.
pub fn envelope(kind: &str, payloads: &[Value]) -> String {
    format!("{}\n", json!({ "type": kind, "agent": "opencode", "payloads": payloads }))
}

/// Messages in one batch.
pub fn messages(payloads: &[Value]) -> String {
    envelope("message.updated", payloads)
}

/// Parts in one batch.
pub fn parts(payloads: &[Value]) -> String {
    envelope("message.part.updated", payloads)
}

/// A message of the person.
pub fn message(session: &str, id: &str) -> Value {
    json!({
        "session_id": session,
        "message_id": id,
        "role": "user",
        "generated_at_unix_ms": GENERATED_AT,
    })
}

/// A text part without an id of its own.
pub fn nameless_part(session: &str, message: &str, text: &str) -> Value {
    json!({
        "session_id": session,
        "message_id": message,
        "part_type": "text",
        "text": text,
        "generated_at_unix_ms": GENERATED_AT,
    })
}

/// A text part.
pub fn part(session: &str, message: &str, id: &str, text: &str) -> Value {
    let mut part = nameless_part(session, message, text);
    part["part_id"] = id.into();
    part
}

/// A native hook event as Claude Code 2.1 sends it.
pub fn hook_event(session: &str, name: &str, prompt: &str) -> String {
    let event = json!({
        "session_id": session,
        "transcript_path": "/home/dev/.claude/projects/-home-dev-demo/x.jsonl",
        "cwd": "/home/dev/demo",
        "hook_event_name": name,
        "prompt": prompt,
    });
    format!("{event}\n")
}
