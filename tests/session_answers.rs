//! Questions about one session, asked of a conversation that a real agent had.

use serde_json::{Value, json};

use crate::support::{
    TestEnvironment,
    asked::session_questions,
    envelope::{GENERATED_AT, envelope, message, messages, part, parts},
};

/// The session of the capture.
const SESSION: &str = "ses_e0789eb93ffedKMnpzpgPS2p7j";

/// What the real `OpenCode` said in one turn with seven tool calls.
fn with_a_conversation() -> TestEnvironment {
    let environment = TestEnvironment::new();
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/opencode-basic.ndjson");
    environment.run(["replay", capture]).ends_with(0);
    environment
}

fn answer(environment: &TestEnvironment, question: &str, session: &str) -> Value {
    let output = environment.run(["session", question, session, "--format", "json"]).output();
    serde_json::from_str(&output).expect("a JSON value")
}

#[test]
fn each_question_is_answered_with_meta_summary_and_details() {
    let environment = with_a_conversation();
    let tokens = json!({
        "input": 1200, "output": 336, "reasoning": 144, "cache_read": 6000, "cache_write": 0,
        "cache_write_1h": null,
    });
    let given = json!({ "picodollars": 12_600_000_000_i64, "dollars": "0.0126" });
    let file = "/home/dev/demo/hello.txt";
    let cases = [
        (
            "reasoning",
            3,
            json!({
                "thoughts": 3, "thoughts_with_text": 3, "thoughts_with_signature": 0,
                "characters": 117, "duration_ms": 74,
            }),
        ),
        (
            "steps",
            12,
            json!({
                "started": 6, "finished": 6, "tokens": tokens, "total_tokens": 7680,
                "cost_given": given,
            }),
        ),
        ("git-history", 2, json!({ "patches": 2, "unique_files": 1, "files": [file] })),
        (
            "cost",
            6,
            json!({
                "cost": null, "source": "step_finish", "messages_without_cost": 6,
                "cost_given": given, "difference": null, "cost_with_subagents": null,
                "session_cost_given": null, "tokens": tokens, "total_tokens": 7680,
            }),
        ),
        (
            "files",
            2,
            json!({
                "operations": 2, "unique_files": 1, "files": [{ "path": file, "operations": 2 }],
            }),
        ),
        ("errors", 1, json!({ "errors": 1, "by_type": { "tool": 1 } })),
        (
            "messages",
            7,
            json!({
                "user": 1, "assistant": 6, "side_calls": 0, "parts": 31, "tool_calls": 7,
                "tokens": tokens, "total_tokens": 7680,
            }),
        ),
        (
            "tokens",
            5,
            json!({
                "tokens": 1689, "is_estimate": true, "characters_per_token": 4, "counted": tokens,
                "total_counted": 7680,
            }),
        ),
        ("compactions", 0, json!({ "compactions": 0, "automatic": 0, "tokens_saved": null })),
        ("tree", 1, json!({ "subagents": 0, "levels": 1 })),
    ];
    for (question, count, summary) in cases {
        let answer = answer(&environment, question, SESSION);
        let meta = json!({
            "session_id": SESSION, "agent": "opencode", "title": null, "count": count,
            "copied": 0,
        });
        assert_eq!(answer["meta"], meta, "{question}");
        assert_eq!(answer["summary"], summary, "{question}");
        assert_eq!(answer["details"].as_array().map(Vec::len), Some(count), "{question}");
    }
    let tools = answer(&environment, "tools", SESSION);
    assert_eq!((&tools["summary"]["calls"], &tools["summary"]["errors"]), (&json!(7), &json!(1)));
    assert_eq!(tools["details"][3]["exit_code"], 2);
    assert_eq!(tools["details"][4]["has_failed"], true);
}

#[test]
fn the_lines_of_an_answer_are_its_details() {
    let environment = with_a_conversation();
    for question in session_questions() {
        let whole = answer(&environment, question, SESSION);
        let lines = environment.run(["session", question, SESSION, "--format", "jsonl"]).output();
        let lines: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect("a JSON value")).collect();
        assert_eq!(Value::from(lines), whole["details"], "{question}");
        let text = environment.run(["session", question, &SESSION[..8]]).output();
        assert!(text.starts_with(&format!("session {SESSION}\n")), "{question}: {text}");
    }
}

#[test]
fn a_session_without_any_of_it_is_answered_and_an_unknown_one_is_not() {
    let environment = TestEnvironment::new();
    environment.hook(messages(&[message("ses_1", "msg_1")])).finish().ends_with(0);
    for question in session_questions() {
        let answer = answer(&environment, question, "ses_1");
        let expected = match question {
            "tree" | "messages" => 1,
            "tokens" => 5,
            _ => 0,
        };
        assert_eq!(answer["details"].as_array().map(Vec::len), Some(expected), "{question}");
        environment
            .run(["session", question, "ses_2"])
            .ends_with(1)
            .complains("recount: session `ses_2` is not in the record");
    }
}

#[test]
fn a_cost_is_worked_out_by_steps_where_they_tell_of_tokens_and_else_by_messages() {
    let environment = TestEnvironment::new().with_settings(
        r#"
        [[prices]]
        provider = "mock"
        model = "mock-1"
        input = "1"
        output = "10"
        source = "a test"
        "#,
    );
    let answered = |id: &str, output: u64| {
        let mut answer = message("ses_1", id);
        answer["role"] = "assistant".into();
        answer["provider_id"] = "mock".into();
        answer["model_id"] = "mock-1".into();
        answer["tokens"] = json!({ "input": 1000, "output": output });
        answer["cost"] = json!(0.5);
        answer
    };
    let copied = {
        let mut answer = answered("msg_3", 1_000_000);
        answer["inherited"] = true.into();
        answer
    };
    let step = |id: &str, output: u64| {
        json!({
            "session_id": "ses_1", "message_id": "msg_1", "part_id": id, "part_type": "step-finish",
            "tokens": { "input": 500, "output": output }, "generated_at_unix_ms": GENERATED_AT,
        })
    };
    let payloads = [answered("msg_1", 7), answered("msg_2", 100), copied];
    environment.hook(messages(&payloads)).finish().ends_with(0);
    environment.hook(parts(&[step("prt_1", 10), step("prt_2", 20)])).finish().ends_with(0);
    let answer = answer(&environment, "cost", "ses_1");
    // 1,000 in and 30 out by the steps, 1,000 in and 100 out by the message, the copy not counted.
    let cost = |index: usize| answer["details"][index]["cost"]["dollars"].clone();
    assert_eq!([cost(0), cost(1)], [json!("0.0013"), json!("0.002")]);
    let summary = &answer["summary"];
    assert_eq!(summary["cost"]["dollars"], "0.0033");
    assert_eq!(summary["source"], "both");
    assert_eq!(summary["cost_given"]["dollars"], "1.00");
    assert_eq!(summary["difference"]["dollars"], "-0.9967");
    assert_eq!(answer["details"][2]["counts"], false);
}

/// What the real Claude Code left in its transcripts.
fn with_transcripts(capture: &str) -> TestEnvironment {
    let environment = TestEnvironment::new();
    let folder = format!("{}/tests/fixtures/captures/claude/{capture}", env!("CARGO_MANIFEST_DIR"));
    environment.run(["import", "claude", &folder]).ends_with(0);
    environment
}

#[test]
fn what_a_fork_copied_is_told_and_counts_where_it_came_from() {
    let environment = with_transcripts("forked.transcript");
    let list = environment.run(["session", "list", "--format", "json"]).output();
    let list: Value = serde_json::from_str(&list).expect("a JSON value");
    let sessions = list.as_array().unwrap_or_else(|| list["details"].as_array().expect("a list"));
    let ids = sessions.iter().map(|session| session["session_id"].as_str().expect("an id"));
    let told = ids.map(|id| answer(&environment, "reasoning", id));
    let mut told: Vec<_> = told
        .map(|told| {
            let counts = told["details"].as_array().expect("a list").iter();
            let counts = counts.filter(|thought| thought["counts"] == true).count();
            assert_eq!(told["summary"]["thoughts"], counts);
            (told["meta"]["count"].clone(), told["meta"]["copied"].clone(), counts)
        })
        .collect();
    told.sort_by_key(|(_, _, counts)| *counts);
    assert_eq!(told, [(json!(3), json!(2), 1), (json!(3), json!(0), 3)]);
}

#[test]
fn a_compaction_that_a_fork_copied_counts_once() {
    let environment = with_transcripts("compacted.transcript");
    let stats = environment.run(["stats", "compactions", "--format", "json"]).output();
    let stats: Value = serde_json::from_str(&stats).expect("a JSON value");
    let [counts_in, copy] =
        ["46c8fba1-6d82-4d2a-abdf-c985353ac9b6", "77c69b2e-6400-4bca-9ff1-9740ce154650"];
    assert_eq!(
        (&stats["summary"]["compactions"], &stats["summary"]["sessions"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(stats["details"][0]["session_id"], counts_in);
    for (session, counts) in [(counts_in, true), (copy, false)] {
        let told = answer(&environment, "compactions", session);
        assert_eq!(told["summary"]["compactions"], i32::from(counts), "{session}");
        assert_eq!(told["details"][0]["counts"], counts, "{session}");
    }
}

#[test]
fn a_session_is_found_by_its_beginning_though_its_subagents_begin_alike() {
    let environment = with_transcripts("subagent.transcript");
    let parent = "a48631d7-b157-45ef-bd1b-eaf9130f8fce";
    let tree = answer(&environment, "tree", &parent[..8]);
    assert_eq!(tree["meta"]["session_id"], parent);
    assert_eq!(tree["summary"], json!({ "subagents": 1, "levels": 2 }));
    let child = answer(&environment, "tree", &format!("{parent}/a"));
    assert_eq!(child["meta"]["session_id"], format!("{parent}/ab7d0dd0c00d8c272"));
    let explained = environment.run(["usage", "--explain", &parent[..8], "--format", "json"]);
    let explained: Value = serde_json::from_str(&explained.output()).expect("a JSON value");
    assert_eq!(explained["id"], parent);
    // The agent's own figure is for its subagents too, and is set beside the sum of all.
    let cost = answer(&environment, "cost", parent);
    let dollars = |key: &str| cost["summary"][key]["dollars"].clone();
    assert_eq!(dollars("cost"), "0.0117");
    assert_eq!(dollars("cost_with_subagents"), "0.0234");
    assert_eq!(dollars("session_cost_given"), "0.0234");
    assert_eq!(cost["summary"]["difference"], Value::Null);
}

#[test]
fn a_tree_holds_every_session_once_even_if_one_is_said_to_be_below_itself() {
    let environment = TestEnvironment::new();
    let session = |id: &str, parent: &str| {
        json!({
            "session_id": id, "parent_session_id": parent, "generated_at_unix_ms": GENERATED_AT,
        })
    };
    let payloads =
        [session("root", "leaf"), session("a", "root"), session("b", "root"), session("leaf", "a")];
    environment.hook(envelope("session.updated", &payloads)).finish().ends_with(0);
    let tree = answer(&environment, "tree", "root");
    let told = |branch: &Value| (branch["session_id"].clone(), branch["depth"].clone());
    let branches: Vec<_> = tree["details"].as_array().into_iter().flatten().map(told).collect();
    let expected = [("root", 0), ("a", 1), ("leaf", 2), ("b", 1)];
    assert_eq!(branches, expected.map(|(id, depth)| (json!(id), json!(depth))));
    assert_eq!(tree["summary"], json!({ "subagents": 3, "levels": 3 }));
}

#[test]
fn nothing_of_an_answer_acts_on_a_terminal() {
    let environment = TestEnvironment::new();
    let hostile = "\u{1b}]0;title\u{7}\u{202e}\r";
    let mut thought = part("ses_1", "msg_1", "prt_1", hostile);
    thought["part_type"] = "reasoning".into();
    let call = json!({
        "session_id": "ses_1", "message_id": "msg_1", "part_id": "prt_2", "part_type": "tool",
        "callID": hostile, "tool": hostile, "generated_at_unix_ms": GENERATED_AT,
        "state": { "status": "error", "error": hostile, "input": { "filePath": hostile } },
    });
    let patch = json!({
        "session_id": "ses_1", "message_id": "msg_1", "part_id": "prt_3", "part_type": "patch",
        "hash": hostile, "files": [hostile], "generated_at_unix_ms": GENERATED_AT,
    });
    environment.hook(parts(&[thought, call, patch])).finish().ends_with(0);
    for question in session_questions() {
        for form in ["text", "json", "jsonl"] {
            let output = environment.run(["session", question, "ses_1", "--format", form]).output();
            let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!output.contains(acts), "{question} {form}: {output:?}");
        }
    }
}

/// A part of a message that is a text.
fn text(message: &str, id: &str, text: &str) -> Value {
    part("ses_1", message, id, text)
}

#[test]
fn what_fills_a_conversation_is_counted_where_the_agent_counts_and_else_estimated() {
    let environment = TestEnvironment::new();
    let mut reply = message("ses_1", "msg_2");
    reply["role"] = "assistant".into();
    reply["generated_at_unix_ms"] = (GENERATED_AT + 1).into();
    reply["tokens"] = json!({
        "input": 500, "output": 60, "reasoning": 9, "cache": { "read": 400, "write": 100 },
    });
    environment.hook(messages(&[message("ses_1", "msg_1"), reply])).finish().ends_with(0);
    let call = json!({
        "session_id": "ses_1", "message_id": "msg_2", "part_id": "p4", "part_type": "tool",
        "callID": "c", "tool": "bash", "generated_at_unix_ms": GENERATED_AT,
        "state": { "status": "completed", "input": { "a": "x" }, "output": "0123456789a" },
    });
    let mut thought = text("msg_2", "p3", "thinking ".repeat(40).as_str());
    thought["part_type"] = "reasoning".into();
    let said = [text("msg_1", "p1", &"é".repeat(40)), text("msg_2", "p2", &"b".repeat(22))];
    environment.hook(parts(&[&said[..], &[thought, call]].concat())).finish().ends_with(0);
    let found = answer(&environment, "tokens", "ses_1");
    let told = |row: &Value| json!([row["category"], row["tokens"], row["basis"]]);
    let told: Vec<_> = found["details"].as_array().into_iter().flatten().map(told).collect();
    // The first request took 1,000 tokens, of which about 10 are the prompt's.
    let expected = json!([
        ["system", 990, "estimated"],
        ["user", 10, "estimated"],
        ["assistant", 5, "estimated"],
        ["tools", 5, "estimated"],
        ["reasoning", 9, "counted"],
    ]);
    assert_eq!(json!(told), expected);
    assert_eq!(found["summary"]["tokens"], 1019);
    assert_eq!(found["summary"]["total_counted"], 1069);
}

#[test]
fn a_request_that_failed_tells_nothing_of_what_stands_before_the_prompt() {
    let environment = TestEnvironment::new();
    let reply = |id: &str, later: i64, input: u64| {
        let mut reply = message("ses_1", id);
        reply["role"] = "assistant".into();
        reply["generated_at_unix_ms"] = (GENERATED_AT + later).into();
        reply["tokens"] = json!({ "input": input, "output": 0 });
        reply
    };
    let system = || answer(&environment, "tokens", "ses_1")["details"][0].clone();
    let hand_over = |reply| drop(environment.hook(messages(&[reply])).finish().ends_with(0));
    hand_over(reply("msg_1", 0, 0));
    assert_eq!((&system()["tokens"], &system()["basis"]), (&Value::Null, &json!("unknown")));
    hand_over(reply("msg_2", 1, 700));
    assert_eq!((&system()["tokens"], &system()["basis"]), (&json!(700), &json!("estimated")));
}

#[test]
fn a_message_is_told_with_its_parts_and_tool_calls() {
    let environment = with_a_conversation();
    let found = answer(&environment, "messages", SESSION);
    let failing = &found["details"][4];
    assert_eq!((&failing["role"], &failing["model_id"]), (&json!("assistant"), &json!("mock-1")));
    let calls = failing["parts"].as_array().into_iter().flatten();
    let calls: Vec<_> = calls
        .map(|part| &part["tool_call"])
        .filter(|call| !call.is_null())
        .map(|call| json!([call["tool"], call["status"], call["has_failed"]]))
        .collect();
    let expected = json!([["bash", "completed", false], ["read", "error", true]]);
    assert_eq!(json!(calls), expected);
    let texts = found["details"].as_array().into_iter().flatten();
    let texts = texts.filter_map(|message| message["parts"].as_array()).flatten();
    let texts: Vec<_> = texts.filter_map(|part| part["text"].as_str()).collect();
    assert_eq!(texts[1], "First I run a command.");
}

#[test]
fn a_call_that_failed_without_a_word_has_failed() {
    let environment = TestEnvironment::new();
    let call = |id: &str, status: &str| {
        json!({
            "session_id": "ses_1", "message_id": "msg_1", "part_id": id, "part_type": "tool",
            "callID": id, "tool": "bash", "state": { "status": status },
            "generated_at_unix_ms": GENERATED_AT,
        })
    };
    let calls = [call("c1", "error"), call("c2", "completed"), call("c3", "running")];
    environment.hook(parts(&calls)).finish().ends_with(0);
    let summary = &answer(&environment, "tools", "ses_1")["summary"];
    assert_eq!((&summary["calls"], &summary["errors"]), (&json!(3), &json!(1)));
    assert_eq!(answer(&environment, "errors", "ses_1")["summary"]["errors"], 1);
    let stats = environment.run(["stats", "tools"]).output();
    assert!(stats.starts_with("3 calls · 1 tool · 1 failed (33.3 %)"), "{stats}");
}

#[test]
fn an_id_may_be_what_a_narrow_terminal_shows_of_it() {
    let environment = with_a_conversation();
    let cut = format!("{}…", &SESSION[..10]);
    let shown = environment.run(["session", "show", &cut]).output();
    assert!(shown.contains(SESSION), "{shown}");
}

#[test]
fn compactions_are_told_with_what_they_saved() {
    let environment = TestEnvironment::new();
    let condensed = |message: &str, auto: bool, tokens: [i64; 2]| {
        let [before, after] = tokens;
        json!({
            "session_id": "ses_1", "message_id": message, "auto": auto, "tokens_before": before,
            "tokens_after": after, "generated_at_unix_ms": GENERATED_AT,
        })
    };
    let both = [condensed("msg_1", true, [9_000, 1_000]), condensed("msg_2", false, [5_000, 700])];
    environment.hook(envelope("session.compacted", &both)).finish().ends_with(0);
    let found = answer(&environment, "compactions", "ses_1");
    let expected = json!({ "compactions": 2, "automatic": 1, "tokens_saved": 12_300 });
    assert_eq!(found["summary"], expected);
    assert_eq!(found["details"][0]["tokens_before"], 9_000);
}
