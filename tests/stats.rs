//! `recount stats`: all sessions together.

use serde_json::{Value, json};

use crate::support::{
    TestEnvironment,
    asked::stats_questions,
    envelope::{GENERATED_AT, PRICE, envelope, message, messages, part, parts},
};

const DAY: i64 = 86_400_000;

/// An answer of the model that has a price, with what it took.
fn answer(session: &str, id: &str, input: i64) -> Value {
    let mut answer = message(session, id);
    answer["role"] = "assistant".into();
    answer["provider_id"] = "mock".into();
    answer["model_id"] = "priced".into();
    answer["tokens"] = json!({ "input": input, "output": 10 });
    answer
}

/// A call of a tool that ran so long and ended with that output, or failed where there is none.
fn call(
    session: &str,
    message: &str,
    id: &str,
    tool: &str,
    ms: i64,
    output: Option<&str>,
) -> Value {
    let mut call = part(session, message, id, "");
    call["part_type"] = "tool".into();
    call["callID"] = id.into();
    call["tool"] = tool.into();
    let time = json!({ "start": GENERATED_AT, "end": GENERATED_AT + ms });
    call["state"] = match output {
        Some(output) => json!({ "status": "completed", "output": output, "time": time }),
        None => json!({ "status": "error", "error": "no", "time": time }),
    };
    call
}

fn edited(session: &str, message: &str, path: &str, operation: &str, at: i64) -> Value {
    json!({
        "session_id": session, "message_id": message, "path": path, "operation": operation,
        "generated_at_unix_ms": at,
    })
}

/// Two sessions with a subagent, in two projects, on two days.
fn with_sessions() -> TestEnvironment {
    let environment = TestEnvironment::new().with_settings(PRICE);
    let session = |id: &str, project: &str, parent: Value| {
        json!({
            "session_id": id, "project_path": project, "title": format!("Title of {id}"),
            "status": if id == "ses_1" { "idle" } else { "busy" }, "parent_session_id": parent,
            "generated_at_unix_ms": GENERATED_AT - 1_000,
        })
    };
    let sessions = [
        session("ses_1", "/home/dev/one", Value::Null),
        session("ses_2", "/home/dev/two", Value::Null),
        session("ses_3", "/home/dev/two", "ses_2".into()),
    ];
    let mut late = answer("ses_2", "msg_2", 50);
    late["generated_at_unix_ms"] = (GENERATED_AT + DAY).into();
    let mut late_call = call("ses_2", "msg_2", "call_4", "bash", 200, Some("é"));
    late_call["generated_at_unix_ms"] = (GENERATED_AT + DAY).into();
    let calls = [
        call("ses_1", "msg_1", "call_1", "bash", 100, Some("abcd")),
        call("ses_1", "msg_1", "call_2", "bash", 600, Some("")),
        call("ses_1", "msg_1", "call_3", "read", 7, None),
        late_call,
    ];
    let files = [
        edited("ses_1", "msg_1", "/r/a", "created", GENERATED_AT),
        edited("ses_1", "msg_9", "/r/a", "edited", GENERATED_AT),
        edited("ses_2", "msg_2", "/r/a", "edited", GENERATED_AT + DAY),
        edited("ses_2", "msg_2", "/r/b", "deleted", GENERATED_AT + DAY),
        edited("ses_2", "msg_2", "/r/c", "edited", GENERATED_AT + DAY + 1),
    ];
    let compacted = |message: &str, before: i64, auto: bool| {
        json!({
            "session_id": "ses_1", "message_id": message, "tokens_before": before,
            "tokens_after": 10, "auto": auto, "generated_at_unix_ms": GENERATED_AT,
        })
    };
    let input = [
        envelope("session.updated", &sessions),
        messages(&[message("ses_1", "msg_0"), answer("ses_1", "msg_1", 100), late]),
        messages(&[answer("ses_3", "msg_3", 1)]),
        parts(&calls),
        envelope("file.edited", &files),
        envelope(
            "session.compacted",
            &[compacted("msg_1", 100, true), compacted("msg_0", 201, false)],
        ),
    ];
    environment.hook(input.concat()).finish().ends_with(0);
    environment
}

fn stats(environment: &TestEnvironment, arguments: &[&str]) -> Value {
    let arguments = [&["stats"], arguments, &["--format", "json", "--timezone", "UTC"]].concat();
    let output = environment.run(arguments).output();
    serde_json::from_str(&output).expect("a JSON value")
}

fn rows(answer: &Value, keys: &[&str]) -> Value {
    let row = |detail: &Value| keys.iter().map(|key| detail[*key].clone()).collect::<Value>();
    answer["details"].as_array().expect("a list").iter().map(row).collect()
}

#[test]
fn the_files_that_were_changed_most_often_come_first() {
    let answer = stats(&with_sessions(), &["files"]);
    let keys = ["path", "operations", "created", "edited", "deleted", "sessions"];
    let expected =
        json!([["/r/a", 3, 1, 2, 0, 2], ["/r/c", 1, 0, 1, 0, 1], ["/r/b", 1, 0, 0, 1, 1]]);
    assert_eq!(rows(&answer, &keys), expected);
    assert_eq!(answer["details"][0]["last_at_unix_ms"], GENERATED_AT + DAY);
    assert_eq!(answer["summary"], json!({ "operations": 5, "unique_files": 3, "sessions": 2 }));
}

#[test]
fn a_file_is_told_with_its_days_and_the_sessions_behind_it() {
    let environment = with_sessions();
    let said: Vec<_> = (0..7)
        .map(|number| {
            edited(&format!("new_{number}"), "msg_1", "/r/z", "edited", GENERATED_AT + number)
        })
        .collect();
    let mut prompt = message("new_6", "msg_0");
    prompt["role"] = "user".into();
    let input = [
        envelope("file.edited", &said),
        messages(&[prompt]),
        parts(&[part("new_6", "msg_0", "prt_1", " mend\n it ")]),
    ];
    environment.hook(input.concat()).finish().ends_with(0);
    let file = |path: &str| {
        let answer = stats(&environment, &["files", "--path", path]);
        let file = &answer["details"][0];
        let sessions = file["latest_sessions"].as_array().expect("a list").iter();
        let session = |session: &Value| {
            let name = [&session["title"], &session["opening"]];
            json!([session["session_id"], name, session["operations"], session["last_at_unix_ms"]])
        };
        (file["days"].clone(), sessions.map(session).collect::<Value>())
    };
    let (days, sessions) = file("/r/a");
    let expected = json!([
        { "day": "2026-11-20", "operations": 2 }, { "day": "2026-11-21", "operations": 1 },
    ]);
    assert_eq!(days, expected);
    let expected = json!([
        ["ses_2", ["Title of ses_2", null], 1, GENERATED_AT + DAY],
        ["ses_1", ["Title of ses_1", null], 2, GENERATED_AT],
    ]);
    assert_eq!(sessions, expected);
    let (days, sessions) = file("/r/z");
    assert_eq!(days, json!([{ "day": "2026-11-20", "operations": 7 }]));
    assert_eq!(sessions.as_array().map(Vec::len), Some(5), "the last ones of seven");
    assert_eq!(sessions[0], json!(["new_6", [null, "mend it"], 1, GENERATED_AT + 6]));
}

#[test]
fn files_are_found_by_words_of_their_path() {
    let environment = with_sessions();
    for (words, operations) in [("A /r", 3), ("r", 5), ("a b", 0), ("%", 0)] {
        let answer = stats(&environment, &["files", "--path", words]);
        assert_eq!(answer["summary"]["operations"], operations, "{words}");
    }
}

#[test]
fn tools_are_told_with_how_often_they_failed_and_how_long_they_took() {
    let answer = stats(&with_sessions(), &["tools"]);
    let keys = [
        "tool",
        "calls",
        "errors",
        "error_rate_percent",
        "median_duration_ms",
        "mean_duration_ms",
        "output_bytes",
    ];
    let expected = json!([["bash", 3, 0, 0.0, 200, 300, 6], ["read", 1, 1, 100.0, 7, 7, 0]]);
    assert_eq!(rows(&answer, &keys), expected);
    let summary = json!({
        "tools": 2, "calls": 4, "errors": 1, "error_rate_percent": 25.0, "output_bytes": 6,
    });
    assert_eq!(answer["summary"], summary);
}

#[test]
fn the_calls_of_a_message_share_what_it_took_to_the_last_token() {
    let answer = stats(&with_sessions(), &["tool-cost"]);
    let told = |index: usize| {
        let tool = &answer["details"][index];
        let tokens = &tool["tokens"];
        json!([
            tool["tool"],
            tool["calls"],
            tokens["input"],
            tokens["output"],
            tool["cost"]["dollars"],
            tool["is_estimate"]
        ])
    };
    // msg_1 cost $0.0003 and had three calls, two of bash; msg_2 cost $0.0002 and had one.
    assert_eq!(told(0), json!(["bash", 3, 66 + 50, 6 + 10, "0.0004", true]));
    assert_eq!(told(1), json!(["read", 1, 34, 4, "0.0001", true]));
    let summary = &answer["summary"];
    assert_eq!(
        (&summary["total_tokens"], &summary["cost"]["dollars"]),
        (&json!(170), &json!("0.0005"))
    );
    assert_eq!(summary["calls_without_cost"], 0);
}

#[test]
fn only_the_last_hundred_calls_of_a_tool_are_looked_at() {
    let environment = TestEnvironment::new();
    let calls: Vec<Value> = (0..130)
        .map(|number| {
            let id = format!("call_{number:03}");
            let output = (number >= 50).then_some("x");
            let mut call = call("ses_1", &format!("msg_{number}"), &id, "bash", number, output);
            call["generated_at_unix_ms"] = (GENERATED_AT + number).into();
            call
        })
        .collect();
    environment.hook(parts(&calls)).finish().ends_with(0);
    let answer = stats(&environment, &["tool-cost"]);
    let keys = ["calls", "errors", "median_duration_ms", "output_bytes", "calls_without_tokens"];
    assert_eq!(rows(&answer, &keys), json!([[100, 20, 79, 80, 100]]));
    assert_eq!(answer["details"][0]["cost"], Value::Null);
    assert_eq!(stats(&environment, &["tools"])["summary"]["calls"], 130);
}

#[test]
fn errors_are_told_by_day_type_and_name() {
    let environment = with_sessions();
    let failed = |id: &str, at: i64| {
        json!({
            "session_id": "ses_2", "error_id": id, "generated_at_unix_ms": at,
            "error": { "name": "ContextOverflowError", "data": { "message": "too long" } },
        })
    };
    let errors = [failed("err_1", GENERATED_AT + DAY), failed("err_2", GENERATED_AT + DAY + 1)];
    environment.hook(envelope("session.error", &errors)).finish().ends_with(0);
    let answer = stats(&environment, &["errors"]);
    let keys = ["day", "error_type", "name", "errors", "sessions"];
    let expected = json!([
        ["2026-11-21", "context", "ContextOverflowError", 2, 1],
        ["2026-11-20", "tool", "read", 1, 1],
    ]);
    assert_eq!(rows(&answer, &keys), expected);
    let summary = json!({ "errors": 3, "sessions": 2, "by_type": { "context": 2, "tool": 1 } });
    assert_eq!(answer["summary"], summary);
}

#[test]
fn compactions_are_counted_by_session() {
    let answer = stats(&with_sessions(), &["compactions"]);
    let keys =
        ["session_id", "compactions", "automatic", "mean_tokens_before", "mean_tokens_after"];
    assert_eq!(rows(&answer, &keys), json!([["ses_1", 2, 1, 150, 10]]));
    let summary = json!({
        "sessions": 1, "sessions_asked": 3, "compactions": 2, "automatic": 1,
        "mean_tokens_before": 150, "mean_tokens_after": 10,
    });
    assert_eq!(answer["summary"], summary);
}

#[test]
fn sessions_and_agents_are_told_with_what_they_did_and_took() {
    let environment = with_sessions();
    let sessions = stats(&environment, &["sessions"]);
    let keys = ["session_id", "messages", "calls", "duration_ms"];
    let expected =
        json!([["ses_1", 2, 3, 1_600], ["ses_2", 1, 1, DAY + 1_001], ["ses_3", 1, 0, 1_000]]);
    assert_eq!(rows(&sessions, &keys), expected);
    let cost = |index: usize| sessions["details"][index]["usage"]["cost"]["dollars"].clone();
    assert_eq!([cost(0), cost(1), cost(2)], ["0.0003", "0.0002", "0.000102"]);
    let agents = stats(&environment, &["agents"]);
    let keys = ["agent", "sessions", "subagents", "mean_duration_ms", "messages", "calls"];
    let mean = (1_600 + DAY + 1_001) / 2;
    assert_eq!(rows(&agents, &keys), json!([["opencode", 2, 1, mean, 4, 4]]));
    assert_eq!(agents["summary"]["usage"]["cost"]["dollars"], "0.000602");
}

#[test]
fn a_filter_takes_what_it_names_and_nothing_else() {
    let environment = with_sessions();
    let cases: [(&[&str], i64); 20] = [
        (&[], 4),
        (&["--agent", "opencode"], 4),
        (&["--agent", "claude-code"], 0),
        (&["--project", "one"], 3),
        (&["--project", "/home/dev/two/"], 1),
        (&["--project", "wo"], 0),
        (&["--model", "priced"], 4),
        (&["--model", "mock/priced"], 4),
        (&["--model", "mock"], 0),
        (&["--status", "idle"], 3),
        (&["--text", "TITLE ses_1"], 3),
        (&["--text", "two"], 1),
        (&["--text", "ses_1 two"], 0),
        (&["--file", "/r/a"], 4),
        (&["--file", "b"], 1),
        (&["--file", "r/c", "--text", "ses_1"], 0),
        (&["--file", "/r"], 0),
        (&["--since", "2026-11-21"], 1),
        (&["--until", "2026-11-20"], 3),
        (&["--since", "2026-11-22"], 0),
    ];
    for (filter, calls) in cases {
        let told = |question: &str, key: &str| {
            stats(&environment, &[&[question], filter].concat())["summary"][key].clone()
        };
        assert_eq!(told("tools", "calls"), calls, "{filter:?}");
        assert_eq!(told("tool-cost", "calls"), calls, "{filter:?}");
        assert_eq!(told("sessions", "calls"), calls, "{filter:?}");
        assert_eq!(told("agents", "calls"), calls, "{filter:?}");
    }
    environment.run(["stats", "tools", "--since", "soon"]).ends_with(64).complains("is no time");
}

#[test]
fn what_a_fork_copied_is_told_once() {
    let environment = with_sessions();
    let mut copied = answer("ses_4", "msg_1", 100);
    copied["inherited"] = true.into();
    let input = [
        messages(&[copied, answer("ses_4", "msg_5", 1)]),
        parts(&[call("ses_4", "msg_1", "call_1", "bash", 1, None)]),
        envelope("file.edited", &[edited("ses_4", "msg_1", "/r/a", "edited", GENERATED_AT)]),
    ];
    environment.hook(input.concat()).finish().ends_with(0);
    let told = |question: &str, key: &str| stats(&environment, &[question])["summary"][key].clone();
    assert_eq!([told("tools", "calls"), told("tools", "errors")], [4, 1]);
    assert_eq!([told("files", "operations"), told("errors", "errors")], [5, 1]);
    assert_eq!([told("sessions", "messages"), told("sessions", "calls")], [5, 4]);
    let changed = stats(&environment, &["sessions", "--file", "/r/a"]);
    assert_eq!(changed["summary"]["sessions"], 2, "a copy of a change is none");
}

#[test]
fn rows_are_cut_and_sums_are_not() {
    let environment = with_sessions();
    for (limit, count) in [("0", 0), ("1", 1), ("4294967295", 3)] {
        let answer = stats(&environment, &["files", "--limit", limit]);
        assert_eq!(
            (&answer["meta"]["count"], &answer["meta"]["total"]),
            (&json!(count), &json!(3))
        );
        assert_eq!(answer["details"].as_array().map(Vec::len), Some(count), "{limit}");
        assert_eq!(answer["summary"]["operations"], 5, "{limit}");
    }
    let table = environment.run(["stats", "files", "--limit", "1"]).output();
    assert!(table.ends_with("1 of 3 are shown; `--limit` says how many\n"), "{table}");
}

#[test]
fn a_summary_stands_beside_the_time_before() {
    let environment = TestEnvironment::new();
    let at = |id: &str, at: i64, input: i64| {
        let mut answer = answer("ses_1", id, input);
        answer["generated_at_unix_ms"] = at.into();
        answer["tokens"]["cache"] = json!({ "read": 3 * input });
        answer
    };
    let payloads = [
        at("msg_1", GENERATED_AT - 3 * DAY, 100),
        at("msg_2", GENERATED_AT - 2 * DAY, 200),
        at("msg_3", GENERATED_AT, 400),
    ];
    environment.hook(messages(&payloads)).finish().ends_with(0);
    let whole = stats(&environment, &["summary"]);
    let figures = |figures: &Value| {
        json!([figures["sessions"], figures["messages"], figures["usage"]["input"]])
    };
    assert_eq!(figures(&whole["summary"]), json!([1, 3, 700]));
    assert_eq!(whole["summary"]["cache_hit_percent"], 75.0);
    assert_eq!(whole["details"].as_array().map(Vec::len), Some(1));
    let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).expect("a time").to_string();
    let [since, until] = [GENERATED_AT - DAY, GENERATED_AT + DAY].map(time);
    let halves = stats(&environment, &["summary", "--since", &since, "--until", &until]);
    assert_eq!(figures(&halves["summary"]), json!([1, 1, 400]));
    let [asked, before] = [&halves["details"][0], &halves["details"][1]];
    assert_eq!((&asked["period"], &before["period"]), (&json!("asked"), &json!("before")));
    assert_eq!(figures(asked), json!([1, 1, 400]));
    assert_eq!(figures(before), json!([1, 2, 300]));
    assert_eq!(before["until_unix_ms"], asked["since_unix_ms"]);
    assert_eq!(before["since_unix_ms"], GENERATED_AT - 3 * DAY);
}

#[test]
fn an_empty_record_is_answered_with_nothing() {
    let environment = TestEnvironment::new();
    for question in stats_questions().into_iter().filter(|question| *question != "summary") {
        let answer = stats(&environment, &[question]);
        assert_eq!(answer["details"], json!([]), "{question}");
        assert_eq!(environment.run(["stats", question, "--format", "jsonl"]).output(), "");
        assert_eq!(environment.run(["stats", question]).output().lines().count(), 1, "{question}");
    }
}

#[test]
fn what_a_real_agent_did_is_summed_up() {
    let environment = TestEnvironment::new();
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/opencode-basic.ndjson");
    environment.run(["replay", capture]).ends_with(0);
    let told = |question: &str| stats(&environment, &[question])["summary"].clone();
    assert_eq!(told("files"), json!({ "operations": 2, "unique_files": 1, "sessions": 1 }));
    let tools = told("tools");
    assert_eq!((&tools["calls"], &tools["errors"]), (&json!(7), &json!(1)));
    let sessions = told("sessions");
    assert_eq!((&sessions["calls"], &sessions["usage"]["total_tokens"]), (&json!(7), &json!(7680)));
    assert_eq!(told("agents")["usage"], sessions["usage"]);
    assert_eq!(told("errors")["errors"], 1);
    assert_eq!(told("tool-cost")["calls"], 7);
}

#[test]
fn nothing_of_an_answer_acts_on_a_terminal_and_its_lines_are_its_details() {
    let environment = TestEnvironment::new();
    let hostile = "\u{1b}]0;title\u{7}\u{202e}\r";
    let session = json!({
        "session_id": hostile, "title": hostile, "project_path": hostile,
        "generated_at_unix_ms": GENERATED_AT,
    });
    let compacted = json!({
        "session_id": hostile, "message_id": hostile, "generated_at_unix_ms": GENERATED_AT,
    });
    let input = [
        envelope("session.updated", &[session]),
        parts(&[call(hostile, hostile, hostile, hostile, 1, None)]),
        envelope("file.edited", &[edited(hostile, hostile, hostile, "edited", GENERATED_AT)]),
        envelope("session.compacted", &[compacted]),
    ];
    environment.hook(input.concat()).finish().ends_with(0);
    for question in stats_questions() {
        for form in ["table", "json", "jsonl"] {
            let output = environment.run(["stats", question, "--format", form]).output();
            let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!output.contains(acts), "{question} {form}: {output:?}");
        }
        let lines = environment.run(["stats", question, "--format", "jsonl"]).output();
        let lines: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect("a JSON value")).collect();
        let expected = match question {
            // Nothing took any tokens or was committed; an agent and a project; categories are always all of them.
            "activity" | "attribution" => 0,
            "facets" => 2,
            "tokens" => 5,
            _ => 1,
        };
        assert_eq!(lines.len(), expected, "{question}");
        assert_eq!(Value::from(lines), stats(&environment, &[question])["details"], "{question}");
    }
}

#[test]
fn sessions_stand_in_the_order_that_is_asked_for() {
    let environment = with_sessions();
    let ids = |sort: &str| -> Vec<(String, Value)> {
        let arguments = ["stats", "sessions", "--sort", sort, "--format", "json"];
        let answer: Value =
            serde_json::from_str(&environment.run(arguments).output()).expect("a JSON value");
        let details = answer["details"].as_array().expect("a list");
        let rank = |session: &Value| match sort {
            "cost" => session["usage"]["cost"]["picodollars"].clone(),
            "tokens" => session["usage"]["total_tokens"].clone(),
            "duration" => session["duration_ms"].clone(),
            "activity" => session["last_activity_at_unix_ms"].clone(),
            _ => session[sort].clone(),
        };
        let id = |session: &Value| session["session_id"].as_str().expect("an id").to_owned();
        details.iter().map(|session| (id(session), rank(session))).collect()
    };
    for sort in ["messages", "calls", "cost", "tokens", "duration", "activity"] {
        let sorted = ids(sort);
        let ranks: Vec<_> = sorted.iter().map(|(_, rank)| rank.as_i64().unwrap_or(-1)).collect();
        assert!(ranks.is_sorted_by(|one, next| one >= next), "{sort}: {sorted:?}");
        assert_eq!(sorted.len(), ids("messages").len(), "{sort}");
    }
}
