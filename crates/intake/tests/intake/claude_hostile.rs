//! Hook events of Claude Code with values of every wrong form: none is refused, none is lost.

use serde_json::{Value, json};

use crate::support::{call_of, event_of, found, message_of};

const EVENTS: [&str; 16] = [
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "UserPromptSubmit",
    "SessionStart",
    "SessionEnd",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
    "PostModelSwitch",
    "PermissionRequest",
    "EventOfTomorrow",
];

const KEYS: [&str; 31] = [
    "session_id",
    "transcript_path",
    "cwd",
    "prompt_id",
    "permission_mode",
    "agent_id",
    "agent_type",
    "effort",
    "tool_name",
    "tool_input",
    "tool_use_id",
    "mcp_server",
    "tool_response",
    "duration_ms",
    "error",
    "error_details",
    "is_interrupt",
    "tool_calls",
    "prompt",
    "source",
    "session_title",
    "model",
    "reason",
    "trigger",
    "compact_summary",
    "to_model",
    "last_assistant_message",
    "agent_transcript_path",
    "key_of_tomorrow",
    "stop_hook_active",
    "timeout",
];

/// An event with every key that one of them may have, each as it should be.
fn full(name: &str) -> Value {
    let mut event = json!({
        "session_id": "s", "transcript_path": "/t/s.jsonl", "cwd": "/d", "prompt_id": "p",
        "permission_mode": "default", "hook_event_name": name, "prompt": "hi", "tool_name": "Write",
        "tool_input": { "file_path": "/f" }, "tool_use_id": "c", "duration_ms": 1, "error": "Exit code 1",
        "tool_response": { "type": "create", "filePath": "/f", "content": "a", "structuredPatch": [] },
        "tool_calls": [{ "tool_name": "Bash", "tool_input": {}, "tool_use_id": "b", "tool_response": "x" }],
    });
    if name != "UserPromptSubmit" {
        event.as_object_mut().expect("an object").remove("prompt");
    }
    event
}

fn hostile() -> Vec<Value> {
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    vec![
        Value::Null,
        json!(true),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!(" \n"),
        json!("\0"),
        json!("a\0b"),
        json!("x".repeat(20_000)),
        json!("é\u{10FFFF}\u{FFFD}"),
        json!([]),
        json!({}),
        json!([[], {}, null, 7]),
        json!({ "": { "": [] } }),
        json!([{ "tool_use_id": 7 }]),
        json!({ "filePath": 7, "structuredPatch": [{ "lines": [7], "oldStart": -1 }] }),
        json!({ "filePath": "/f", "structuredPatch": [{ "lines": ["+a"], "oldStart": u64::MAX, "oldLines": u64::MAX, "newStart": 0, "newLines": 0 }] }),
        json!({ "notebook_path": "/f", "original_file": "\0\r\n", "updated_file": "\u{FEFF}" }),
        json!({ "stdout": 7, "exitCode": 1e300 }),
        json!({ "stdout": "x", "exitCode": "7" }),
        deep,
    ]
}

#[test]
fn a_value_of_the_wrong_form_loses_nothing() {
    for name in EVENTS {
        for key in KEYS {
            for value in hostile() {
                let mut event = full(name);
                event[key] = value;
                let found = found(event.to_string());
                assert_eq!((found.rejects.len(), found.unreadable.len()), (0, 0), "{name} {key}");
                assert!(!found.items.is_empty(), "{name} {key}");
            }
        }
    }
}

#[test]
fn an_event_that_says_more_than_its_rows_is_kept_whole_beside_them() {
    let tool = json!({ "tool_name": "Bash", "tool_input": {}, "tool_use_id": "c" });
    let batch = json!({ "tool_calls": [tool] });
    let prompt = json!({ "prompt": "hi" });
    let cases = [
        ("as it should be", "PreToolUse", tool.clone(), json!({}), false),
        ("null is nothing", "PreToolUse", tool.clone(), json!({ "key_of_tomorrow": null }), false),
        ("a new key", "PreToolUse", tool.clone(), json!({ "key_of_tomorrow": 1 }), true),
        ("a key of another form", "PostToolUse", tool.clone(), json!({ "duration_ms": "1" }), true),
        ("a duration below zero", "PostToolUse", tool.clone(), json!({ "duration_ms": -5 }), true),
        ("no text of an error", "PostToolUseFailure", tool.clone(), json!({ "error": 7 }), true),
        (
            "a nameless agent",
            "PreToolUse",
            tool.clone(),
            json!({ "agent_id": "a", "agent_type": "" }),
            true,
        ),
        ("a batch", "PostToolBatch", batch.clone(), json!({}), false),
        (
            "a new key in a batch",
            "PostToolBatch",
            json!({ "tool_calls": [{ "tool_name": "Bash", "tool_input": {}, "tool_use_id": "c", "new": 1 }] }),
            json!({}),
            true,
        ),
        (
            "a stranger in a batch",
            "PostToolBatch",
            json!({ "tool_calls": [tool, 7] }),
            json!({}),
            true,
        ),
        ("a prompt", "UserPromptSubmit", prompt.clone(), json!({ "source": "sdk" }), false),
        ("a new key of a prompt", "UserPromptSubmit", prompt, json!({ "files": ["/f"] }), true),
    ];
    for (name, event, own, more, is_kept) in cases {
        let mut input = json!({ "session_id": "s", "hook_event_name": event, "prompt_id": "p" });
        for fields in [own, more] {
            let Value::Object(fields) = fields else { panic!("an object") };
            input.as_object_mut().expect("an object").extend(fields);
        }
        let found = found(input.to_string());
        let rows =
            found.items.iter().filter(|item| call_of(item).is_some() || message_of(item).is_some());
        assert_eq!(rows.count(), 1, "{name}");
        let calls = found.items.iter().filter_map(call_of);
        assert!(calls.filter_map(|call| call.duration_ms.value()).all(|ms| *ms >= 0), "{name}");
        let events: Vec<_> = found.items.iter().filter_map(event_of).collect();
        assert_eq!(events.len(), usize::from(is_kept), "{name}");
        for event in events {
            let payload = event.payload.value().expect("it is whole").as_str();
            assert_eq!(serde_json::from_str::<Value>(payload).expect("JSON"), input, "{name}");
        }
    }
}

#[test]
fn an_event_without_what_identifies_its_row_is_kept_as_an_event() {
    let cases = [
        ("no id of a call", json!({ "hook_event_name": "PreToolUse", "session_id": "s" })),
        (
            "a blank id",
            json!({ "hook_event_name": "PostToolUse", "session_id": "s", "tool_use_id": " " }),
        ),
        (
            "an empty batch",
            json!({ "hook_event_name": "PostToolBatch", "session_id": "s", "tool_calls": [] }),
        ),
        (
            "a batch of strangers",
            json!({ "hook_event_name": "PostToolBatch", "session_id": "s", "tool_calls": [7, {}] }),
        ),
        (
            "a prompt without an id",
            json!({ "hook_event_name": "UserPromptSubmit", "session_id": "s", "prompt": "x" }),
        ),
        (
            "a prompt without a text",
            json!({ "hook_event_name": "UserPromptSubmit", "session_id": "s", "prompt_id": "p" }),
        ),
        (
            "no session",
            json!({ "hook_event_name": "PreToolUse", "tool_use_id": "c", "tool_name": "x", "tool_input": {} }),
        ),
    ];
    for (name, input) in cases {
        let item = found(input.to_string()).only_item();
        assert!(event_of(&item).is_some(), "{name}");
        assert!(call_of(&item).is_none() && message_of(&item).is_none(), "{name}");
    }
}

#[test]
fn half_characters_in_a_call_are_replaced_with_a_warning() {
    let input = r#"{"hook_event_name":"PreToolUse","session_id":"s","tool_use_id":"c","tool_name":"x","tool_input":{"a":"\ud800"}}"#;
    let found = found(input);
    assert_eq!(found.notes(), [("payload", "holds half a character, kept as U+FFFD")]);
    let row = call_of(&found.items[0]).expect("it is one");
    assert_eq!(row.input.value().map(domain::Json::as_str), Some("{\"a\":\"\u{FFFD}\"}"));
}
