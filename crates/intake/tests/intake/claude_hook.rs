//! The hook events of Claude Code 2.1.328, as captured, and what each gives beside itself.

use domain::{
    Agent, CutText, Earliest, ErrorKind, Field, Json, PartKind, Role, SessionId, ToolCall, UnixMs,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::merged::Merged;
use crate::support::{
    Found, RECEIVED_AT, at, call_of, compaction_of, error_of, event_of, found, found_later,
    message_of, part_of, session_of,
};

pub const BASIC: &str = include_str!("../../../../tests/fixtures/captures/claude/basic.jsonl");
pub const ERROR: &str = include_str!("../../../../tests/fixtures/captures/claude/error.jsonl");
pub const SUBAGENT: &str =
    include_str!("../../../../tests/fixtures/captures/claude/subagent.jsonl");

const CAPTURES: [(&str, &str); 5] = [
    ("basic", BASIC),
    ("error", ERROR),
    ("short", include_str!("../../../../tests/fixtures/captures/claude/short.jsonl")),
    ("subagent", SUBAGENT),
    // One of each kind, from several sessions.
    ("samples", include_str!("../../../../tests/fixtures/captures/claude/samples.jsonl")),
];

const TRANSCRIPT: &str = "/home/dev/.claude/projects/-home-dev-demo/s.jsonl";

/// An event of the session `s`, with what is its own.
fn event(name: &str, own: Value) -> String {
    let mut event = json!({
        "session_id": "s", "transcript_path": TRANSCRIPT, "cwd": "/home/dev/demo",
        "prompt_id": "p", "permission_mode": "default", "hook_event_name": name,
    });
    let Value::Object(own) = own else { panic!("an object") };
    event.as_object_mut().expect("an object").extend(own);
    event.to_string()
}

/// An event of a tool call.
fn call(name: &str, own: Value) -> String {
    let mut call =
        json!({ "tool_name": "Bash", "tool_input": { "command": "ls" }, "tool_use_id": "c" });
    let Value::Object(own) = own else { panic!("an object") };
    call.as_object_mut().expect("an object").extend(own);
    event(name, call)
}

fn text<T: AsRef<str>>(field: &Field<T>) -> Option<&str> {
    field.value().map(AsRef::as_ref)
}

fn cut(field: &Field<CutText>) -> Option<&str> {
    field.value().map(CutText::text)
}

fn payload(call: &ToolCall) -> Option<&str> {
    call.payload.value().map(Json::as_str)
}

/// Each event of a capture, received a second after the one before it.
pub fn received(capture: &str) -> Vec<Found> {
    capture.lines().zip(0..).map(|(line, second)| found_later(line, second * 1_000)).collect()
}

fn merged<'f>(events: impl IntoIterator<Item = &'f Found>) -> Merged {
    Merged::of(events.into_iter().flat_map(|found| &found.items))
}

#[test]
fn what_the_captured_events_give() {
    // sessions, messages, tool calls, compactions, errors, file operations, edits, events
    let expected = [
        ("basic", [1, 1, 10, 0, 2, 2, 2, 14]),
        ("error", [1, 1, 0, 0, 0, 0, 0, 3]),
        ("short", [1, 1, 0, 1, 0, 0, 0, 11]),
        ("subagent", [2, 1, 2, 0, 0, 0, 0, 7]),
        ("samples", [11, 1, 12, 1, 2, 2, 2, 26]),
    ];
    for ((name, capture), (_, numbers)) in CAPTURES.iter().zip(expected) {
        let events = received(capture);
        for (event, line) in events.iter().zip(capture.lines()) {
            assert_eq!((event.hook_events, event.warnings.len()), (1, 0), "{name}: {line}");
            assert!(!event.items.is_empty(), "{name}: {line}");
        }
        let rows = merged(&events);
        let found = [
            rows.sessions.len(),
            rows.messages.len(),
            rows.tool_calls.len(),
            rows.compactions.len(),
            rows.errors.len(),
            rows.file_operations.len(),
            rows.edits.len(),
            rows.events.len(),
        ];
        assert_eq!(found, numbers, "{name}");
    }
}

#[test]
fn the_calls_of_a_captured_session_are_one_row_each() {
    let rows = merged(&received(CAPTURES[0].1));
    let told: Vec<_> = rows
        .tool_calls
        .values()
        .map(|call| {
            let output = cut(&call.output).unwrap_or_default();
            let output = output.chars().take(24).collect::<String>();
            let exit_code = call.exit_code.value().copied();
            let duration_ms = call.duration_ms.value().copied();
            (text(&call.tool), text(&call.status), output, exit_code, duration_ms)
        })
        .map(|(tool, status, output, exit_code, ms)| {
            let (tool, status) = (tool.unwrap_or_default(), status.unwrap_or_default());
            (tool.to_owned(), status.to_owned(), output, exit_code, ms)
        })
        .collect();
    let mut told: Vec<_> = told
        .iter()
        .map(|(tool, status, output, code, ms)| {
            (tool.as_str(), status.as_str(), output.as_str(), *code, *ms)
        })
        .collect();
    told.sort_unstable();
    let expected = [
        ("Bash", "completed", "/home/dev/demo/sub", Some(0), Some(17)),
        ("Bash", "completed", "hi", Some(0), Some(75)),
        ("Bash", "error", "Exit code 2\nls: cannot a", Some(2), Some(57)),
        ("Edit", "completed", "The file /home/dev/demo/", None, Some(62)),
        ("NoSuchTool", "completed", "<tool_use_error>Error: N", None, None),
        ("Read", "completed", "1\thello mock\n2\t", None, Some(20)),
        ("Read", "error", "File does not exist. Not", None, Some(5)),
        ("TaskCreate", "completed", "Task #1 created successf", None, Some(163)),
        ("TaskUpdate", "completed", "Updated task #1 status", None, Some(143)),
        ("Write", "completed", "File created successfull", None, Some(26)),
    ];
    assert_eq!(told, expected);
    for call in rows.tool_calls.values() {
        let has_begun = text(&call.tool) != Some("NoSuchTool");
        assert_eq!(call.started_at.value().is_some(), has_begun, "{call:?}");
        assert!(call.started_at.value() < call.ended_at.value(), "{call:?}");
        assert_eq!(call.generated_at, Earliest(None), "a hook knows no time: {call:?}");
    }
}

#[test]
fn a_subagent_speaks_in_a_session_of_its_own_under_its_parent() {
    let rows = merged(&received(CAPTURES[3].1));
    let sessions: Vec<_> = rows
        .sessions
        .values()
        .map(|session| {
            let parent = session.parent_session_id.value().map(SessionId::as_str);
            (session.session_id.as_str(), parent, text(&session.agent_name))
        })
        .collect();
    let parent = "a48631d7-b157-45ef-bd1b-eaf9130f8fce";
    let child = format!("{parent}/ab7d0dd0c00d8c272");
    let expected = [(parent, None, None), (child.as_str(), Some(parent), Some("general-purpose"))];
    assert_eq!(sessions, expected);
    let by_session: Vec<_> = rows
        .tool_calls
        .values()
        .map(|call| (call.session_id.as_str(), text(&call.tool), cut(&call.output)))
        .map(|(session, tool, output)| (session, tool, output.map(|text| text.len() > 100)))
        .collect();
    let expected =
        [(parent, Some("Agent"), Some(true)), (child.as_str(), Some("Bash"), Some(false))];
    assert_eq!(by_session, expected);
}

#[test]
fn the_nameless_one_that_condenses_a_conversation_is_no_subagent() {
    let stop = |agent_type: &str| {
        found(event("SubagentStop", json!({ "agent_id": "a1", "agent_type": agent_type })))
    };
    for (agent_type, expected) in [("", "s"), (" ", "s"), ("Explore", "s/a1")] {
        let found = stop(agent_type);
        let is_named = expected != "s";
        assert_eq!(found.ends_turn, is_named, "{agent_type:?}");
        let item = found.only_item();
        let session = session_of(&item).expect("it names one");
        assert_eq!(session.session_id.as_str(), expected, "{agent_type:?}");
        assert_eq!(session.ended_at.value().is_some(), is_named, "{agent_type:?}");
        assert!(event_of(&item).is_some(), "{agent_type:?}");
    }
}

#[test]
fn an_event_says_how_the_session_is() {
    let start = json!({ "source": "resume", "model": "opus", "session_title": "mine", "agent_type": "rev" });
    let item = found(event("SessionStart", start)).only_item();
    let session = session_of(&item).expect("it names one");
    assert_eq!(text(&session.source), Some("resume"));
    assert_eq!(text(&session.title), Some("mine"));
    assert_eq!(text(&session.agent_name), Some("rev"));
    assert_eq!(text(&session.permission_mode), Some("default"));
    assert_eq!(text(&session.project_path), Some("/home/dev/demo"));
    assert_eq!(session.model.value().map(ToString::to_string).as_deref(), Some("opus"));
    assert_eq!(session.agent.value().map(Agent::as_str), Some("claude-code"));
    assert_eq!((session.ended_at.value(), session.end_reason.value()), (None, None));

    let item = found(event("SessionEnd", json!({ "reason": "clear" }))).only_item();
    let session = session_of(&item).expect("it names one");
    assert_eq!(session.ended_at.value(), Some(&RECEIVED_AT));
    assert_eq!(text(&session.end_reason), Some("clear"));

    let switch = json!({ "from_model": "sonnet", "to_model": "opus" });
    for (name, expected) in [("PostModelSwitch", Some("opus")), ("PreModelSwitch", None)] {
        let item = found(event(name, switch.clone())).only_item();
        let model = session_of(&item).and_then(|session| session.model.value());
        assert_eq!(model.map(ToString::to_string).as_deref(), expected, "{name}");
    }
}

#[test]
fn of_the_folders_that_events_name_the_one_of_the_start_counts() {
    let folder = |name: &str, folder: &str| found(event(name, json!({ "cwd": folder })));
    let cases = [
        (
            "the start outdoes the rest",
            vec![folder("SessionStart", "/a"), folder("Stop", "/b")],
            "/a",
        ),
        ("in any order", vec![folder("Stop", "/b"), folder("SessionStart", "/a")], "/a"),
        ("any is better than none", vec![folder("Stop", "/b"), folder("Stop", "")], "/b"),
    ];
    for (name, events, expected) in cases {
        let rows = merged(&events);
        let session = rows.sessions.values().next().expect("they name one");
        assert_eq!(text(&session.project_path), Some(expected), "{name}");
    }
}

#[test]
fn a_prompt_is_a_message_with_one_part() {
    let own = json!({ "prompt": "do it", "source": "user", "effort": { "level": "high" }, "session_title": "mine" });
    let item = found(event("UserPromptSubmit", own)).only_item();
    let message = message_of(&item).expect("it is one");
    assert_eq!((message.message_id.as_str(), message.role.value()), ("p", Some(&Role::User)));
    assert_eq!((message.generated_at.0, message.ordered_at.0), (None, Some(at(RECEIVED_AT))));
    let payload = r#"{"effort":{"level":"high"},"source":"user"}"#;
    assert_eq!(message.payload.value().map(Json::as_str), Some(payload));
    let part = part_of(&item).expect("it has one");
    assert_eq!((part.message_id.as_str(), part.part_id.as_str()), ("p", "prompt"));
    assert_eq!(part.kind.value(), Some(&PartKind::Text));
    assert_eq!(text(&part.text), Some("do it"));
    assert_eq!(session_of(&item).and_then(|session| text(&session.title)), Some("mine"));
    assert!(event_of(&item).is_none(), "its rows tell all of it");
}

#[test]
fn a_turn_that_failed_is_an_error_of_its_prompt_and_an_event() {
    let cases = [
        (
            json!({ "error": "unknown", "last_assistant_message": "API Error: 400 mock: bad request" }),
            ErrorKind::Api,
            "API Error: 400 mock: bad request",
        ),
        (
            json!({ "error": "authentication_failed", "error_details": "no key" }),
            ErrorKind::Auth,
            "no key",
        ),
        (
            json!({ "error": "max_output_tokens", "error_details": "x", "last_assistant_message": "y" }),
            ErrorKind::Output,
            "y",
        ),
    ];
    for (own, kind, message) in cases {
        let found = found(event("StopFailure", own.clone()));
        assert!(found.ends_turn);
        let item = found.only_item();
        let error = error_of(&item).expect("it is one");
        assert_eq!(error.error_id.as_str(), "prompt:p");
        assert_eq!(
            (error.kind.value(), cut(&error.message)),
            (Some(&kind), Some(message)),
            "{own}"
        );
        assert_eq!(text(&error.name), own["error"].as_str());
        assert!(event_of(&item).is_some());
    }
    let nameless = found(event("StopFailure", json!({ "prompt_id": null, "error": "unknown" })));
    let item = nameless.only_item();
    assert!(error_of(&item).is_none() && event_of(&item).is_some());
}

#[test]
fn a_condensed_conversation_is_known_by_its_prompt() {
    for (trigger, expected) in [("auto", Some(true)), ("manual", Some(false)), ("other", None)] {
        let events = ["PreCompact", "PostCompact"]
            .map(|name| found(event(name, json!({ "trigger": trigger, "compact_summary": "…" }))));
        assert_eq!(events.each_ref().map(|event| event.ends_turn), [true, false]);
        let rows = merged(&events);
        assert_eq!((rows.compactions.len(), rows.events.len()), (1, 2));
        let compaction = compaction_of(&events[0].items[0]).expect("it is one");
        assert_eq!(compaction.compaction_id.as_str(), "prompt:p");
        assert_eq!(compaction.auto.value().copied(), expected, "{trigger}");
    }
}

#[test]
fn what_a_call_became_is_read_from_the_event_that_ends_it() {
    let done = |response: Value| call("PostToolUse", json!({ "tool_response": response }));
    let failed = |error: &str, is_interrupt: bool| {
        call("PostToolUseFailure", json!({ "error": error, "is_interrupt": is_interrupt }))
    };
    let shell = |more: Value| {
        let mut response = json!({ "stdout": "out", "stderr": "", "interrupted": false });
        response
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        done(response)
    };
    let cases = [
        ("running", call("PreToolUse", json!({})), ("running", None, None)),
        ("a shell", shell(json!({})), ("completed", Some("out"), Some(0))),
        (
            "a shell that complains",
            shell(json!({ "stderr": "err" })),
            ("completed", Some("out\nerr"), Some(0)),
        ),
        ("a shell with a code", shell(json!({ "code": 3 })), ("completed", Some("out"), Some(3))),
        (
            "a code that is explained",
            shell(json!({ "returnCodeInterpretation": "No matches" })),
            ("completed", Some("out"), None),
        ),
        (
            "a shell that goes on",
            shell(json!({ "backgroundTaskId": "b1" })),
            ("completed", Some("out"), None),
        ),
        (
            "a shell that was stopped",
            shell(json!({ "interrupted": true })),
            ("interrupted", Some("out"), None),
        ),
        ("a text", done(json!("plain")), ("completed", Some("plain"), None)),
        ("nothing", done(Value::Null), ("completed", None, None)),
        (
            "a file",
            done(json!({ "type": "text", "file": { "content": "x\n" } })),
            ("completed", Some("x\n"), None),
        ),
        (
            "an agent",
            done(
                json!({ "agentId": "a", "prompt": "do", "content": [{ "type": "text", "text": "1" }, { "type": "text", "text": "2" }] }),
            ),
            ("completed", Some("1\n2"), None),
        ),
        ("blocks", done(json!([{ "type": "text", "text": "1" }])), ("completed", Some("1"), None)),
        (
            "a page, whose code is no process'",
            done(json!({ "code": 200, "result": "page" })),
            ("completed", Some("page"), None),
        ),
        (
            "anything",
            done(json!({ "task": { "id": "1" } })),
            ("completed", Some(r#"{"task":{"id":"1"}}"#), None),
        ),
        (
            "a failure",
            failed("Exit code 2\nls: no", false),
            ("error", Some("Exit code 2\nls: no"), Some(2)),
        ),
        (
            "a failure of old",
            failed("Error: Exit code 127", false),
            ("error", Some("Error: Exit code 127"), Some(127)),
        ),
        ("a failure of no process", failed("Exit code", false), ("error", Some("Exit code"), None)),
        ("stopped", failed("stopped", true), ("interrupted", Some("stopped"), None)),
        (
            "stopped, in words",
            failed("[Request interrupted by user for tool use]", false),
            ("interrupted", Some("[Request interrupted by user for tool use]"), None),
        ),
    ];
    for (name, input, (status, output, exit_code)) in cases {
        let found = found(input);
        let item = &found.items[0];
        let row = call_of(item).expect("it is one");
        let told = (text(&row.status), cut(&row.output), row.exit_code.value().copied());
        assert_eq!(told, (Some(status), output, exit_code), "{name}");
        assert!(event_of(item).is_none(), "its rows tell all of it: {name}");
        let error = error_of(item);
        let kind = if status == "interrupted" { ErrorKind::Aborted } else { ErrorKind::Tool };
        let has_failed = name.starts_with("a failure") || name.starts_with("stopped");
        assert_eq!(error.and_then(|row| row.kind.value()), has_failed.then_some(&kind), "{name}");
        assert_eq!(cut(&row.error), output.filter(|_| has_failed), "{name}");
        assert_eq!(
            error.map(|row| row.error_id.as_str()),
            has_failed.then_some("call:c"),
            "{name}"
        );
    }
}

#[test]
fn what_no_column_takes_of_a_response_is_kept_without_bulk() {
    let long = "x".repeat(20_000);
    let cases = [
        (
            "a shell",
            json!({ "stdout": "out", "stderr": "", "interrupted": false, "isImage": false, "noOutputExpected": false }),
            None,
        ),
        (
            "a shell that says more",
            json!({ "stdout": "", "stderr": "err", "isImage": true }),
            Some(json!({ "stderr": "err", "isImage": true })),
        ),
        (
            "an agent",
            json!({ "agentId": "a", "prompt": "do", "content": [{ "type": "text", "text": "1" }], "totalTokens": 7 }),
            Some(json!({ "agentId": "a", "totalTokens": 7 })),
        ),
        (
            "a picture",
            json!({ "type": "image", "file": { "base64": "QUJD", "type": "image/png" } }),
            Some(json!({ "type": "image", "file": { "base64_bytes": 4, "type": "image/png" } })),
        ),
        (
            "blocks",
            json!([{ "type": "text", "text": "1" }, { "type": "image", "source": { "type": "base64", "data": "QUJD" } }]),
            Some(
                json!([{ "type": "text", "text": "1" }, { "type": "image", "source": { "type": "base64", "data_bytes": 4 } }]),
            ),
        ),
        ("a long text", json!({ "log": long }), Some(json!({ "log": &long[..10_240] }))),
    ];
    for (name, response, rest) in cases {
        let found = found(call("PostToolUse", json!({ "tool_response": response })));
        let row = call_of(&found.items[0]).expect("it is one");
        let kept = payload(row).map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
        assert_eq!(kept, rest.map(|rest| json!({ "response": rest })), "{name}");
    }
}

#[test]
fn every_call_of_a_batch_is_told_and_the_event_that_ended_it_counts_more() {
    let batched = |id: &str, response: &str| json!({ "tool_name": "Bash", "tool_input": { "command": id }, "tool_use_id": id, "tool_response": response });
    let calls: Vec<_> = (0..2_500).map(|number| batched(&format!("c{number}"), "out")).collect();
    let many = found(event("PostToolBatch", json!({ "tool_calls": calls })));
    assert_eq!((many.items.len(), many.batch_sizes), (2_500, vec![1_000, 1_000, 500]));
    assert_eq!((many.hook_events, many.transcripts.len()), (3, 1));

    let batch = event("PostToolBatch", json!({ "tool_calls": [batched("c", "told")] }));
    let after =
        call("PostToolUse", json!({ "tool_response": { "stdout": "made" }, "duration_ms": 4 }));
    let failed = call("PostToolUseFailure", json!({ "error": "told" }));
    let before = call("PreToolUse", json!({}));
    let cases = [
        ("alone", vec![&batch], ("completed", "told", None)),
        ("after it ended", vec![&before, &after, &batch], ("completed", "told", Some(4))),
        ("before it ended", vec![&batch, &before, &after], ("completed", "told", Some(4))),
        ("after it failed", vec![&before, &failed, &batch], ("error", "told", None)),
    ];
    for (name, events, expected) in cases {
        let events: Vec<_> = events.into_iter().map(found).collect();
        let rows = merged(&events);
        let row = rows.tool_calls.values().next().expect("it is one");
        let told = (
            text(&row.status).unwrap_or_default(),
            cut(&row.output).unwrap_or_default(),
            row.duration_ms.value().copied(),
        );
        assert_eq!(told, expected, "{name}");
    }
}

#[test]
fn the_file_that_a_call_works_on_is_found_in_its_input() {
    for key in ["file_path", "notebook_path", "path"] {
        let found = found(call("PreToolUse", json!({ "tool_input": { key: "/a/b" } })));
        let row = call_of(&found.items[0]).expect("it is one");
        assert_eq!(text(&row.file_path), Some("/a/b"), "{key}");
        assert_eq!(
            row.input.value().map(Json::as_str),
            Some(format!(r#"{{"{key}":"/a/b"}}"#).as_str())
        );
    }
}

#[test]
fn an_event_names_the_transcripts_that_have_more_to_tell() {
    let stop = |own: Value| {
        let found = found(event("SubagentStop", own));
        found
            .transcripts
            .into_iter()
            .map(|file| (file.agent.as_str().to_owned(), file.path))
            .collect::<Vec<_>>()
    };
    let file = |path: &str| ("claude-code".to_owned(), path.to_owned());
    let beside = "/home/dev/.claude/projects/-home-dev-demo/s/subagents/agent-a1.jsonl";
    let cases = [
        ("its own", json!({}), vec![file(TRANSCRIPT)]),
        ("of a subagent", json!({ "agent_id": "a1" }), vec![file(TRANSCRIPT), file(beside)]),
        (
            "named twice",
            json!({ "agent_id": "a1", "agent_transcript_path": beside }),
            vec![file(TRANSCRIPT), file(beside)],
        ),
        (
            "named otherwise",
            json!({ "agent_transcript_path": "/x.jsonl" }),
            vec![file(TRANSCRIPT), file("/x.jsonl")],
        ),
        ("a way out of the folder", json!({ "agent_id": "../../x" }), vec![file(TRANSCRIPT)]),
        ("a path from somewhere", json!({ "transcript_path": "s.jsonl" }), vec![]),
        ("another file", json!({ "transcript_path": "/etc/passwd" }), vec![]),
        ("no text", json!({ "transcript_path": 7, "agent_id": "a1" }), vec![]),
    ];
    for (name, own, expected) in cases {
        assert_eq!(stop(own), expected, "{name}");
    }
    let codex =
        r#"{"session_id":"s","hook_event_name":"Stop","turn_id":"t","transcript_path":"/x.jsonl"}"#;
    assert_eq!(found(codex).transcripts, []);
}

#[test]
fn a_turn_ends_where_the_transcript_has_news() {
    let ending = ["Stop", "StopFailure", "PreCompact", "SessionEnd"];
    let going_on = [
        "SessionStart",
        "PreToolUse",
        "PostToolUse",
        "PostCompact",
        "Notification",
        "TomorrowsEvent",
    ];
    for (name, ends) in
        ending.map(|name| (name, true)).into_iter().chain(going_on.map(|name| (name, false)))
    {
        assert_eq!(found(event(name, json!({}))).ends_turn, ends, "{name}");
    }
}

#[test]
fn an_event_is_kept_in_events_unless_its_rows_tell_all_of_it() {
    let taken_apart =
        ["PreToolUse", "PostToolUse", "PostToolUseFailure", "PostToolBatch", "UserPromptSubmit"];
    for (capture, events) in CAPTURES {
        for line in events.lines() {
            let sample: Value = serde_json::from_str(line).expect("JSON");
            let name = sample["hook_event_name"].as_str().expect("a name");
            let found = found(line);
            let rows: Vec<_> = found.items.iter().filter_map(event_of).collect();
            let is_kept = !taken_apart.contains(&name);
            assert_eq!(rows.len(), usize::from(is_kept), "{capture}: {line}");
            for row in rows {
                let payload = row.payload.value().expect("it is whole").as_str();
                assert_eq!(serde_json::from_str::<Value>(payload).expect("JSON"), sample);
                assert_eq!(text(&row.name), Some(name));
            }
            for item in found.items.iter().take(1) {
                let session = session_of(item).expect("it names one");
                let mode = sample["permission_mode"].as_str();
                assert_eq!(text(&session.permission_mode), mode, "{capture}: {line}");
            }
        }
    }
}

fn shuffled_twice() -> impl Strategy<Value = (usize, Vec<usize>)> {
    (0..CAPTURES.len()).prop_flat_map(|capture| {
        let events = CAPTURES[capture].1.lines().count();
        let twice: Vec<usize> = (0..events).chain(0..events).collect();
        (Just(capture), Just(twice).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn captured_events_in_any_order_and_twice_give_the_same_rows((capture, order) in shuffled_twice()) {
        let events = received(CAPTURES[capture].1);
        prop_assert_eq!(merged(order.iter().map(|index| &events[*index])), merged(&events));
    }
}

#[test]
fn a_time_is_only_that_of_the_receipt() {
    let rows = merged(&received(CAPTURES[0].1));
    let session = rows.sessions.values().next().expect("one");
    let count = i64::try_from(CAPTURES[0].1.lines().count()).expect("few");
    let last = RECEIVED_AT + (count - 1) * 1_000;
    assert_eq!(session.created_at.0.map(UnixMs::get), Some(RECEIVED_AT));
    assert_eq!(session.last_activity_at.0.map(UnixMs::get), Some(last));
    assert_eq!(session.ended_at.value(), Some(&last));
}
