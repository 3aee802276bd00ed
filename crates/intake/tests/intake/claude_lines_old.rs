//! Lines of older versions of Claude Code (2024 and 2025), of other ways to fork, and of types that
//! the captures do not hold.

use domain::{
    Agent, CutText, ErrorKind, Event, Json, PartKind, Role, Session, SessionError, SideCall,
};
use serde_json::{Value, json};

use crate::claude_lines::{json, read};
use crate::merged::Merged;

/// A line of the session `s`, with what is its own.
fn line(kind: &str, uuid: &str, second: u32, own: Value) -> String {
    let mut line = json!({
        "type": kind, "uuid": uuid, "sessionId": "s", "cwd": "/home/dev/demo", "version": "1.0.44",
        "userType": "external", "isSidechain": false, "parentUuid": null,
        "timestamp": format!("2025-07-01T10:00:{second:02}.000Z"),
    });
    let Value::Object(own) = own else { panic!("an object") };
    line.as_object_mut().expect("an object").extend(own);
    format!("{line}\n")
}

fn user(uuid: &str, second: u32, content: &Value) -> String {
    line("user", uuid, second, json!({ "message": { "role": "user", "content": content } }))
}

fn prompt(uuid: &str, second: u32, prompt_id: &str, text: &str) -> String {
    let message = json!({ "role": "user", "content": text });
    line("user", uuid, second, json!({ "message": message, "promptId": prompt_id }))
}

fn answer(uuid: &str, second: u32, id: &str, content: &Value) -> String {
    let message = json!({
        "id": id, "type": "message", "role": "assistant", "model": "claude-sonnet-4-20250514",
        "content": content, "stop_reason": "end_turn",
        "usage": { "input_tokens": 3, "output_tokens": 7 },
    });
    line("assistant", uuid, second, json!({ "message": message, "requestId": "req_1" }))
}

fn text(text: &str) -> Value {
    json!([{ "type": "text", "text": text }])
}

fn only<'r, R>(mut rows: impl Iterator<Item = &'r R>) -> &'r R {
    let row = rows.next().expect("there is one");
    assert!(rows.next().is_none(), "there is one");
    row
}

fn session(rows: &Merged) -> &Session {
    only(rows.sessions.values())
}

fn ids(rows: &Merged) -> Vec<&str> {
    rows.messages.values().map(|row| row.message_id.as_str()).collect()
}

#[test]
fn a_prompt_without_an_id_goes_by_its_line() {
    let cases = [
        user("u1", 1, &json!("do it")),
        user("u1", 1, &text("do it")),
        user("u1", 1, &json!(["do it"])),
    ];
    for prompt in cases {
        let rows = read(&[prompt, answer("a1", 2, "msg_1", &text("done"))].concat());
        assert_eq!(ids(&rows), ["msg_1", "u1"]);
        let part = rows.parts.values().find(|row| row.part_id.as_str() == "u1");
        let part = part.expect("the prompt's part");
        assert_eq!(part.text.value().map(String::as_str), Some("do it"));
        let answer = &rows.messages.values().next().expect("the answer");
        assert_eq!(answer.parent_message_id.value().map(String::as_str), Some("u1"));
        assert!(session(&rows).created_at.0.is_some());
    }
}

#[test]
fn an_answer_of_2025_keeps_its_own_cost_and_its_text_alone() {
    let message = json!({
        "role": "assistant", "content": "done", "model": "claude-3-7-sonnet-20250219",
        "usage": { "input_tokens": 3, "output_tokens": 7 },
    });
    let own = json!({ "message": message, "costUSD": 0.0123, "durationMs": 1500 });
    let rows = read(&line("assistant", "a1", 1, own));
    let message = only(rows.messages.values());
    assert_eq!(message.message_id.as_str(), "a1", "without an id it goes by its line");
    assert_eq!(message.tokens.value().and_then(|tokens| tokens.output), Some(7));
    let part = only(rows.parts.values());
    assert_eq!(part.text.value().map(String::as_str), Some("done"));
    assert_eq!(json(part.payload.value()), json!({ "costUSD": 0.0123, "durationMs": 1500 }));
}

#[test]
fn the_last_line_of_an_answer_tells_its_tokens() {
    let lines: Vec<_> = [(1, 1, Value::Null), (2, 1, Value::Null), (3, 90, json!("end_turn"))]
        .into_iter()
        .map(|(second, output, stop_reason)| {
            let message = json!({
                "id": "msg_1", "role": "assistant", "model": "m", "stop_reason": stop_reason,
                "content": text("a"), "usage": { "input_tokens": 3, "output_tokens": output },
            });
            line("assistant", &format!("a{second}"), second, json!({ "message": message }))
        })
        .collect();
    let rows = read(&lines.concat());
    let message = only(rows.messages.values());
    assert_eq!(message.tokens.value().and_then(|tokens| tokens.output), Some(90));
    assert_eq!(message.completed_at.value(), Some(&1_751_364_003_000));
    assert_eq!(rows.parts.len(), 3);
}

#[test]
fn a_result_whose_response_is_a_text_is_a_result() {
    let call =
        json!([{ "type": "tool_use", "id": "c1", "name": "Bash", "input": { "command": "ls" } }]);
    let result = |response: Value, result: Value| {
        let message = json!({ "role": "user", "content": [result] });
        line("user", "u2", 3, json!({ "message": message, "toolUseResult": response }))
    };
    let done = json!({ "type": "tool_result", "tool_use_id": "c1", "content": "a\nb" });
    let failed = json!({ "type": "tool_result", "tool_use_id": "c1", "is_error": true, "content": "Error: no" });
    let interrupted = json!({ "type": "tool_result", "tool_use_id": "c1", "is_error": true, "content": "[Request interrupted by user for tool use]" });
    let blocks = json!({ "type": "tool_result", "tool_use_id": "c1", "content": [{ "type": "text", "text": "a" }, { "type": "image", "source": { "type": "base64", "data": "AAAA" } }] });
    let cases = [
        (json!("a\nb"), done, "completed", "a\nb"),
        (json!("Error: no"), failed, "error", "Error: no"),
        (Value::Null, interrupted, "interrupted", "[Request interrupted by user for tool use]"),
        (json!([]), blocks, "completed", "a"),
    ];
    for (response, block, status, output) in cases {
        let rows = read(&[answer("a1", 2, "msg_1", &call), result(response, block)].concat());
        let row = only(rows.tool_calls.values());
        assert_eq!(row.status.value().map(String::as_str), Some(status));
        assert_eq!(row.output.value().map(CutText::text), Some(output), "{status}");
        let kinds: Vec<_> = rows.errors.values().map(|row| row.kind.value().copied()).collect();
        let expected = match status {
            "error" => vec![Some(ErrorKind::Tool)],
            "interrupted" => vec![Some(ErrorKind::Aborted)],
            _ => vec![],
        };
        assert_eq!(kinds, expected, "{status}");
    }
}

/// What 2.1.328 wrote for a call that ran when it was interrupted, and for one that nobody allowed.
#[test]
fn a_call_that_was_not_let_go_on_is_no_failure_of_its_tool() {
    let call =
        json!([{ "type": "tool_use", "id": "c1", "name": "Bash", "input": { "command": "ls" } }]);
    let content = "The user doesn't want to proceed with this tool use.";
    let result =
        json!({ "type": "tool_result", "tool_use_id": "c1", "is_error": true, "content": content });
    let cases = [
        (json!("user-rejected"), ErrorKind::Aborted),
        (json!("permission-rule"), ErrorKind::Aborted),
        (Value::Null, ErrorKind::Tool),
    ];
    for (denied, kind) in cases {
        let message = json!({ "role": "user", "content": [result] });
        let own = json!({ "message": message, "toolUseResult": "User rejected tool use", "toolDenialKind": denied });
        let lines = answer("a1", 2, "msg_1", &call) + &line("user", "u2", 3, own);
        let rows = read(&lines);
        assert_eq!(only(rows.errors.values()).kind.value(), Some(&kind), "{denied}");
        let call = only(rows.tool_calls.values());
        assert_eq!(call.status.value().map(String::as_str), Some("error"), "{denied}");
        let payload = json(call.payload.value());
        assert_eq!(payload["line"]["toolDenialKind"], denied, "it is kept");
    }
}

#[test]
fn a_subagent_without_a_name_stays_aside_in_its_session() {
    let aside = |uuid: &str, second, kind, message: Value| {
        line(kind, uuid, second, json!({ "isSidechain": true, "message": message }))
    };
    let lines = [
        user("u1", 1, &json!("do it")),
        aside("u2", 2, "user", json!({ "role": "user", "content": "a part of it" })),
        aside("a2", 3, "assistant", json!({ "id": "msg_2", "content": text("done") })),
        answer("a1", 4, "msg_1", &text("all done")),
    ];
    let rows = read(&lines.concat());
    let parents: Vec<_> = rows
        .messages
        .values()
        .map(|row| (row.message_id.as_str(), row.parent_message_id.value().map(String::as_str)))
        .collect();
    assert_eq!(parents, [("msg_1", Some("u1")), ("msg_2", None), ("u1", None), ("u2", None)]);
    let asides = rows.parts.values().filter(|row| json(row.payload.value())["isSidechain"] == true);
    assert_eq!(asides.count(), 2);
}

#[test]
fn titles_count_by_who_gave_them() {
    let custom = r#"{"type":"custom-title","customTitle":"mine","sessionId":"s"}"#;
    let ai = r#"{"type":"ai-title","aiTitle":"its own","sessionId":"s"}"#;
    let own = r#"{"type":"summary","summary":"what it was about","leafUuid":"a1"}"#;
    let other = r#"{"type":"summary","summary":"another session","leafUuid":"b7"}"#;
    let cases = [
        ("the agent's", vec![ai], Some("its own"), 0),
        ("a person's before the agent's", vec![custom, ai], Some("mine"), 0),
        ("a person's after the agent's", vec![ai, custom], Some("mine"), 0),
        ("a summary of this session", vec![own], Some("what it was about"), 0),
        ("a summary of another", vec![other], None, 1),
        ("none", vec![r#"{"type":"ai-title","sessionId":"s"}"#], None, 1),
    ];
    for (name, lines, title, events) in cases {
        let lines = [answer("a1", 1, "msg_1", &text("hi")), lines.join("\n")].concat();
        let rows = read(&lines);
        assert_eq!(session(&rows).title.value().map(String::as_str), title, "{name}");
        assert_eq!(rows.events.len(), events, "{name}");
    }
}

#[test]
fn a_summary_at_the_beginning_belongs_to_nobody_yet() {
    let rows = read(r#"{"type":"summary","summary":"About","leafUuid":"x"}"#);
    let event = only(rows.events.values());
    assert_eq!(event.session_id.value(), None);
    assert_eq!(event.agent.value().map(Agent::as_str), Some("claude-code"));
    assert_eq!(json(event.payload.value()), json!({ "summary": "About", "leafUuid": "x" }));
    assert!(rows.sessions.is_empty());
}

#[test]
fn a_summary_of_what_was_condensed_is_a_side_call_without_a_boundary_too() {
    let own = json!({ "isCompactSummary": true, "message": { "role": "user", "content": "This session is being continued" } });
    let rows = read(&line("user", "u1", 1, own));
    assert_eq!(only(rows.messages.values()).side_call.value(), Some(&SideCall::Compaction));
    assert!(rows.compactions.is_empty());
}

/// The boundary and the summary of a compaction.
fn condensed(number: u32, second: u32, prompt_id: Option<&str>) -> String {
    let boundary = json!({ "subtype": "compact_boundary", "content": "Conversation compacted", "compactMetadata": { "trigger": "auto", "preTokens": 100 } });
    let summary = json!({
        "isCompactSummary": true, "parentUuid": format!("b{number}"), "promptId": prompt_id,
        "message": { "role": "user", "content": "In short" },
    });
    let boundary = line("system", &format!("b{number}"), second, boundary);
    boundary + &line("user", &format!("s{number}"), second, summary)
}

#[test]
fn compactions_are_counted_within_their_prompt() {
    let lines = [
        prompt("u1", 1, "p1", "do it"),
        condensed(1, 2, Some("p1")),
        answer("a1", 3, "msg_1", &text("half")),
        condensed(2, 4, Some("p1")),
        answer("a2", 5, "msg_2", &text("all")),
        condensed(3, 6, None),
        prompt("u2", 7, "p2", "more"),
        condensed(4, 8, Some("p2")),
    ];
    let rows = read(&lines.concat());
    let ids: Vec<_> = rows.compactions.values().map(|row| row.compaction_id.as_str()).collect();
    assert_eq!(ids, ["b3", "prompt:p1", "prompt:p1/2", "prompt:p2"]);
    assert!(rows.compactions.values().all(|row| row.auto.value() == Some(&true)));
}

#[test]
fn a_compaction_without_a_summary_waits_for_an_answer() {
    let boundary = || line("system", "b1", 1, json!({ "subtype": "compact_boundary" }));
    assert!(read(&boundary()).compactions.is_empty());
    let rows = read(&(boundary() + &answer("a1", 2, "msg_1", &text("hi"))));
    assert_eq!(only(rows.compactions.values()).compaction_id.as_str(), "b1");
}

/// Attachments follow one in the middle of a turn, and its summary follows them.
#[test]
fn what_stands_between_a_compaction_and_its_summary_is_no_part_of_it() {
    let date = json!({ "parentUuid": "b1", "attachment": { "type": "date" } });
    let date = line("attachment", "d1", 2, date);
    let compaction = condensed(1, 2, Some("p1"));
    let (boundary, summary) = compaction.split_at(compaction.find('\n').expect("two lines") + 1);
    let summary = summary.replace(r#""parentUuid":"b1""#, r#""parentUuid":"d1""#);
    let rows = read(&[&prompt("u1", 1, "p1", "do it"), boundary, &date, &summary].concat());
    assert_eq!(only(rows.compactions.values()).compaction_id.as_str(), "prompt:p1");
}

#[test]
fn a_fork_that_copied_a_compaction_keeps_it_apart_from_its_own() {
    let copied = |line: String| {
        line.replace(r#""requestId":"req_1""#, r#""requestId":"req_1","requestSessionId":"old""#)
    };
    let lines = [
        line("queue-operation", "q", 50, json!({ "operation": "enqueue", "content": "x" })),
        prompt("u1", 1, "p", "old"),
        condensed(1, 2, Some("p")),
        copied(answer("a1", 3, "msg_1", &text("old"))),
        prompt("u2", 51, "p", "new"),
        condensed(2, 52, Some("p")),
        answer("a2", 53, "msg_2", &text("new")),
    ];
    let rows = read(&lines.concat());
    let compactions: Vec<_> =
        rows.compactions.values().map(|row| row.compaction_id.as_str()).collect();
    assert_eq!(compactions, ["b1", "prompt:p"]);
    let inherited: Vec<_> = rows
        .messages
        .values()
        .filter(|row| row.inherited.value() == Some(&true))
        .map(|row| row.message_id.as_str())
        .collect();
    assert_eq!(inherited, ["msg_1", "s1", "u1"]);
}

#[test]
fn a_branch_says_of_each_line_where_it_is_from() {
    let from = json!({ "forkedFrom": { "sessionId": "old", "messageUuid": "u1" } });
    let lines = [
        prompt("u1", 1, "p1", "old").replace(
            r#""type":"user""#,
            r#""type":"user","forkedFrom":{"sessionId":"old","messageUuid":"u1"}"#,
        ),
        prompt("u2", 5, "p2", "new"),
    ];
    let rows = read(&lines.concat());
    assert_eq!(ids(&rows), ["p2", "u1"]);
    let old = &rows.messages.values().last().expect("the copy");
    assert_eq!(old.inherited.value(), Some(&true));
    let part = rows.parts.values().find(|row| row.part_id.as_str() == "u1").expect("its part");
    assert_eq!(json(part.payload.value())["forkedFrom"], from["forkedFrom"]);
}

#[test]
fn a_second_prompt_with_the_same_id_is_not_lost() {
    let lines = [
        prompt("u1", 1, "p", "first"),
        answer("a1", 2, "msg_1", &text("one")),
        prompt("u2", 3, "p", "second"),
        answer("a2", 4, "msg_2", &text("two")),
    ];
    let rows = read(&lines.concat());
    assert_eq!(ids(&rows), ["msg_1", "msg_2", "p", "u2"]);
    let inherited = rows.messages.values().filter(|row| row.inherited.value().is_some()).count();
    assert_eq!(inherited, 0);
}

#[test]
fn what_a_command_printed_is_no_prompt() {
    let beginnings =
        ["<local-command-stdout>", "<local-command-stderr>", "<bash-stdout>", "<bash-stderr>"];
    for beginning in beginnings {
        let lines =
            [prompt("u1", 1, "p", &format!("{beginning}out")), prompt("u2", 2, "p", "real")];
        let rows = read(&lines.concat());
        assert_eq!(ids(&rows), ["p", "u1"], "{beginning}");
        assert!(rows.messages.values().all(|row| row.role.value() == Some(&Role::User)));
    }
}

#[test]
fn an_interruption_is_an_error_without_a_message() {
    for content in
        [json!("[Request interrupted by user]"), text("[Request interrupted by user for tool use]")]
    {
        let rows = read(&user("u1", 1, &content));
        let error: &SessionError = only(rows.errors.values());
        assert_eq!(
            (error.error_id.as_str(), error.kind.value()),
            ("u1", Some(&ErrorKind::Aborted))
        );
        assert!(rows.messages.is_empty());
    }
}

#[test]
fn a_request_that_is_tried_again_is_an_error_without_its_headers() {
    let cases = [
        (
            json!({ "status": 529, "headers": { "set-cookie": "secret" }, "error": { "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } } }),
            ErrorKind::Api,
            Some("overloaded_error"),
            Some("Overloaded"),
        ),
        (
            json!({ "cause": { "code": "FailedToOpenSocket", "path": "https://api.anthropic.com" } }),
            ErrorKind::Api,
            Some("FailedToOpenSocket"),
            None,
        ),
        (
            json!({ "status": 401, "message": "who are you" }),
            ErrorKind::Auth,
            None,
            Some("who are you"),
        ),
        (json!("odd"), ErrorKind::Api, None, None),
    ];
    for (error, kind, name, message) in cases {
        let own =
            json!({ "subtype": "api_error", "level": "error", "error": error, "retryAttempt": 1 });
        let rows = read(&line("system", "e1", 1, own));
        let row = only(rows.errors.values());
        assert_eq!((row.error_id.as_str(), row.kind.value()), ("e1", Some(&kind)));
        assert_eq!(row.name.value().map(String::as_str), name);
        assert_eq!(row.message.value().map(CutText::text), message);
        let payload = row.payload.value().map_or("", Json::as_str);
        assert!(payload.contains("retryAttempt") && !payload.contains("secret"), "{payload}");
    }
}

#[test]
fn lines_without_a_table_are_events_under_their_own_names() {
    let attachment = json!({ "attachment": { "type": "queued_command", "prompt": "wait" }, "rendered": [1], "renderedRole": "system" });
    let cases = [
        (
            line("system", "e", 1, json!({ "subtype": "turn_duration", "durationMs": 5 })),
            "system/turn_duration",
            json!({ "durationMs": 5 }),
        ),
        (line("system", "e", 1, json!({ "content": "x" })), "system", json!({ "content": "x" })),
        (
            line("attachment", "e", 1, attachment),
            "attachment/queued_command",
            json!({ "attachment": { "prompt": "wait" } }),
        ),
        (line("pr-link", "e", 1, json!({ "prNumber": 7 })), "pr-link", json!({ "prNumber": 7 })),
        (
            line(
                "user",
                "e",
                1,
                json!({ "isMeta": true, "message": { "role": "user", "content": "Caveat" } }),
            ),
            "user/meta",
            json!({ "message": { "content": "Caveat" } }),
        ),
        (line("user", "e", 1, json!({ "message": 7 })), "user", json!({ "message": 7 })),
        (line("assistant", "e", 1, json!({})), "assistant", Value::Null),
    ];
    for (line, name, payload) in cases {
        let rows = read(&line);
        let event: &Event = only(rows.events.values());
        assert_eq!(event.event_id.as_str(), "s/e");
        assert_eq!(event.name.value().map(String::as_str), Some(name));
        assert_eq!(json(event.payload.value()), payload, "{name}");
    }
    let timed = "2025-07-01T10:00:00.000Z";
    let rows =
        read(&format!(r#"{{"type":"tag","tag":"x","sessionId":"s","timestamp":"{timed}"}}"#));
    assert!(only(rows.events.values()).event_id.as_str().starts_with("sha256:"));
    assert!(session(&rows).created_at.0.is_some(), "no copied line is without an id");
}

#[test]
fn each_block_has_its_place() {
    let blocks = json!([
        { "type": "redacted_thinking", "data": "AAAA" },
        { "type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": { "query": "q" } },
        { "type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [{ "type": "web_search_result", "url": "https://example.org" }] },
        { "type": "mcp_tool_use", "id": "mcp_1", "name": "look", "server_name": "files", "input": {} },
        { "type": "mcp_tool_result", "tool_use_id": "mcp_1", "is_error": true, "content": [{ "type": "text", "text": "no" }] },
        { "type": "block_of_tomorrow", "x": 1 },
        { "type": "text", "text": "", "citations": null },
        "bare",
    ]);
    let rows = read(&answer("a", 1, "msg_1", &blocks));
    let kinds: Vec<_> = rows
        .parts
        .values()
        .map(|row| (row.part_id.as_str(), row.kind.value().copied().expect("each has one")))
        .collect();
    let expected = [
        ("a", PartKind::Reasoning),
        ("a/1", PartKind::Tool),
        ("a/3", PartKind::Tool),
        ("a/6", PartKind::Text),
        ("a/7", PartKind::Text),
    ];
    assert_eq!(kinds, expected);
    let thought = rows.parts.values().next().expect("the first");
    assert_eq!(json(thought.payload.value())["data"], "AAAA");
    let statuses: Vec<_> =
        rows.tool_calls.values().map(|row| row.status.value().map(String::as_str)).collect();
    assert_eq!(statuses, [Some("error"), Some("completed")]);
    let event = only(rows.events.values());
    assert_eq!(event.event_id.as_str(), "s/a/5");
    assert_eq!(event.name.value().map(String::as_str), Some("block/block_of_tomorrow"));
}

#[test]
fn files_of_a_prompt_are_parts_without_their_content() {
    let content = json!([
        { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "QUJD" } },
        { "type": "text", "text": "what is this" },
        { "type": "document", "title": "a.pdf", "source": { "type": "base64", "media_type": "application/pdf", "data": "QUJDRA==" } },
        { "type": "text", "text": "and that" },
    ]);
    let own = json!({ "promptId": "p", "message": { "role": "user", "content": content } });
    let rows = read(&line("user", "u", 1, own));
    assert_eq!(ids(&rows), ["p"]);
    let parts: Vec<_> = rows.parts.values().map(|row| row.part_id.as_str()).collect();
    assert_eq!(parts, ["prompt", "u", "u/2", "u/3"]);
    let part = |id: &str| rows.parts.values().find(|row| row.part_id.as_str() == id).expect("it");
    assert_eq!(part("prompt").text.value().map(String::as_str), Some("what is this"));
    assert_eq!(part("u").file_mime.value().map(String::as_str), Some("image/png"));
    assert_eq!(part("u/2").file_name.value().map(String::as_str), Some("a.pdf"));
    assert_eq!(json(part("u/2").payload.value())["source"]["data_bytes"], 8);
    let all = rows.parts.values().filter_map(|row| row.payload.value()).map(Json::as_str);
    assert!(all.collect::<String>().find("QUJD").is_none());
}
