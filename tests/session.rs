//! `recount session`.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    thread,
};

use serde_json::{Value, json};

use crate::support::{
    TestEnvironment,
    envelope::{GENERATED_AT, envelope, message, messages, part, parts},
};

/// What must not reach a terminal: it moves the cursor, rings, colours, reverses or hides.
const ACTIVE: [char; 12] = [
    '\u{0}',
    '\u{7}',
    '\u{8}',
    '\r',
    '\u{1b}',
    '\u{7f}',
    '\u{9b}',
    '\u{200f}',
    '\u{202e}',
    '\u{2066}',
    '\u{2028}',
    '\u{e0041}',
];

/// A text with everything that acts.
fn hostile(name: &str) -> String {
    let active: String = ACTIVE.iter().collect();
    format!("{name}\u{1b}[31mred\u{1b}]0;title\u{7}{active}")
}

/// A tool call that has ended.
fn tool_call(session: &str, id: &str) -> Value {
    json!({
        "session_id": session,
        "message_id": "msg_1",
        "part_id": id,
        "part_type": "tool",
        "callID": "call_1",
        "tool": "bash",
        "state": { "status": "completed", "input": { "command": "ls" }, "output": "a\nb\n" },
        "generated_at_unix_ms": GENERATED_AT,
    })
}

/// A record with two sessions, of which `ses_2` was active last.
fn with_two_sessions() -> TestEnvironment {
    let environment = TestEnvironment::new();
    let mut later = message("ses_2", "msg_1");
    later["generated_at_unix_ms"] = (GENERATED_AT + 1).into();
    environment.hook(messages(&[message("ses_1", "msg_1"), later])).finish().ends_with(0);
    let payloads = [part("ses_1", "msg_1", "prt_1", "hello\nthere"), tool_call("ses_1", "prt_2")];
    environment.hook(parts(&payloads)).finish().ends_with(0);
    environment
}

/// Each line as the JSON value that it must be.
fn json_lines(output: &str) -> Vec<Value> {
    output.lines().map(|line| serde_json::from_str(line).expect("a JSON value")).collect()
}

#[test]
fn the_list_is_the_same_in_every_form_with_the_last_active_first() {
    let environment = with_two_sessions();
    let list = |form: &str| environment.run(["session", "list", "--format", form]).output();
    let lines = json_lines(&list("jsonl"));
    let whole: Value = serde_json::from_str(&list("json")).expect("a JSON value");
    assert_eq!(whole["details"], Value::from(lines.clone()));
    assert_eq!(whole["summary"], json!({ "sessions": 2, "subagents_hidden": 0 }));
    let meta = json!({
        "sort": "activity", "since_unix_ms": null, "until_unix_ms": null, "count": 2, "next": null,
    });
    assert_eq!(whole["meta"], meta);
    let summary = |row: &Value| {
        let keys = ["session_id", "agent", "messages", "parts", "tool_calls"];
        Value::from(keys.map(|key| row[key].clone()).to_vec())
    };
    let summaries: Vec<Value> = lines.iter().map(summary).collect();
    let expected = [json!(["ses_2", "opencode", 1, 0, 0]), json!(["ses_1", "opencode", 1, 2, 1])];
    assert_eq!(summaries, expected);
    let table = list("table");
    let first_words: Vec<_> =
        table.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(first_words, ["session", "ses_2", "ses_1"]);
    assert_eq!(environment.run(["session", "list"]).output(), table);
}

#[test]
fn the_list_is_as_long_as_was_asked_for() {
    let environment = with_two_sessions();
    for (limit, expected) in [("0", 0), ("1", 1), ("2", 2), ("4294967295", 2)] {
        let arguments = ["session", "list", "--format", "jsonl", "--limit", limit];
        let output = environment.run(arguments).output();
        assert_eq!(output.lines().count(), expected, "{limit}");
    }
    for limit in ["-1", "4294967296", "all"] {
        let limit = format!("--limit={limit}");
        let _ = environment.run(["session", "list", &limit]).ends_with(64).complains("--limit");
    }
}

#[test]
fn a_session_is_told_in_every_form() {
    let environment = with_two_sessions();
    let show =
        |form: &str| environment.run(["session", "show", "ses_1", "--format", form]).output();
    let text = show("text");
    assert!(text.starts_with("session ses_1\nopencode · "), "{text}");
    assert!(text.contains("\n  hello\n  there\n  bash · completed\n"), "{text}");
    assert_eq!(environment.run(["session", "show", "ses_1"]).output(), text);
    let whole: Value = serde_json::from_str(&show("json")).expect("a JSON value");
    assert_eq!(whole["session"]["session_id"], "ses_1");
    assert_eq!(whole["parts"][0]["text"], "hello\nthere");
    assert_eq!(whole["tool_calls"][0]["output"], "a\nb\n");
    let lines = json_lines(&show("jsonl"));
    let records: Vec<&Value> = lines.iter().map(|line| &line["record"]).collect();
    assert_eq!(records, ["session", "message", "part", "part", "tool_call"]);
    for (line, (key, place)) in
        lines[1..].iter().zip([("messages", 0), ("parts", 0), ("parts", 1), ("tool_calls", 0)])
    {
        let mut expected = whole[key][place].clone();
        expected["record"] = line["record"].clone();
        assert_eq!(*line, expected);
    }
}

#[test]
fn an_empty_record_is_an_empty_list() {
    let environment = TestEnvironment::new();
    for (form, expected) in [("table", "no sessions yet\n"), ("jsonl", "")] {
        let output = environment.run(["session", "list", "--format", form]).output();
        assert_eq!(output, expected, "{form}");
    }
    let output = environment.run(["session", "list", "--format", "json"]).output();
    let list: Value = serde_json::from_str(&output).expect("a JSON value");
    assert_eq!((&list["details"], &list["meta"]["next"]), (&json!([]), &Value::Null));
}

#[test]
fn an_id_that_is_not_there_ends_with_1_and_one_that_is_none_with_64() {
    let list = "hint: `recount session list` says which there are";
    let near = "hint: did you mean `ses_2`?";
    let cases = [
        ("another", "ses_2x", 1, "recount: session `ses_2x` is not in the record", near),
        ("other case", "SES_2", 1, "recount: session `SES_2` is not in the record", list),
        ("a pattern", "ses_%", 1, "recount: session `ses_%` is not in the record", "hint: did you"),
        ("nothing alike", "x", 1, "recount: session `x` is not in the record", list),
        ("several", "ses", 1, "recount: `ses` begins several sessions", "`ses_1`, `ses_2`"),
        ("empty", "", 64, "recount: the session id is empty", list),
        ("white space", " \t", 64, "recount: the session id is", list),
    ];
    let environment = with_two_sessions();
    for (name, id, code, complaint, hint) in cases {
        for command in ["show", "tools"] {
            let finished = environment.run(["session", command, id]).ends_with(code);
            assert_eq!(finished.complains(complaint).complains(hint).stdout, "", "{name}");
        }
    }
}

#[test]
fn a_session_is_found_by_the_beginning_that_only_it_has() {
    let environment = TestEnvironment::new();
    let payloads = ["abc", "abcd", "b"].map(|id| message(id, "msg_1"));
    environment.hook(messages(&payloads)).finish().ends_with(0);
    for (beginning, id) in [("abc", "abc"), ("abcd", "abcd"), ("b", "b")] {
        let output = environment.run(["session", "show", beginning, "--format", "json"]).output();
        let whole: Value = serde_json::from_str(&output).expect("a JSON value");
        assert_eq!(whole["session"]["session_id"], id);
    }
    environment.run(["session", "show", "ab"]).ends_with(1).complains("`abc`, `abcd`");
}

#[test]
fn an_id_is_found_whatever_it_is_made_of() {
    let ids = [
        "with blanks ",
        "a/../b",
        "-dash",
        "--format",
        "'; DROP TABLE sessions; --",
        "\"",
        "%_*?",
        "gr\u{fc}n",
        "gru\u{308}n",
        "日本",
        "👩\u{200d}💻",
        "line\nfeed",
        "\u{1b}[31m",
        "\u{202e}",
        "0",
        "null",
    ];
    let environment = TestEnvironment::new();
    let payloads: Vec<Value> = ids.iter().map(|id| message(id, "msg_1")).collect();
    environment.hook(messages(&payloads)).finish().ends_with(0);
    for id in ids {
        let output = environment.run(["session", "show", "--format", "json", "--", id]).output();
        let whole: Value = serde_json::from_str(&output).expect("a JSON value");
        assert_eq!(whole["session"]["session_id"], id);
        assert_eq!(whole["messages"].as_array().map(Vec::len), Some(1), "{id}");
    }
}

#[test]
fn nothing_of_a_record_or_an_argument_acts_on_a_terminal() {
    let environment = TestEnvironment::new();
    let id = hostile("session");
    let mut foreign = message(&id, "msg_1");
    for key in ["project_path", "model_id", "provider_id", "agent_name", "finish", "error"] {
        foreign[key] = hostile(key).into();
    }
    let mut call = tool_call(&id, "prt_2");
    call["tool"] = hostile("tool").into();
    call["state"]["status"] = hostile("status").into();
    call["state"]["output"] = hostile("output").into();
    call["state"]["error"] = hostile("error").into();
    call["state"]["input"] = json!({ "command": hostile("input") });
    let mut file = part(&id, "msg_2", "prt_3", "");
    (file["part_type"], file["filename"]) = ("file".into(), hostile("file").into());
    let said = [part(&id, "msg_1", "prt_1", &hostile("text")), call, file];
    let file = environment.working_folder().join("hostile.ndjson");
    fs::write(&file, messages(&[foreign]) + &parts(&said)).expect("a new file");
    let arguments = ["replay", "--show", "hostile.ndjson", "--agent", "evil\u{1b}[2J\u{202e}"];
    let text = environment.run(arguments).output();
    let table = environment.run(["session", "list"]).output();
    // A command line holds no NUL.
    let unknown = id.replace('\0', "");
    let complaint = environment.run(["session", "show", &unknown]).ends_with(1).stderr;
    for (name, printed) in [("table", &table), ("text", &text), ("complaint", &complaint)] {
        let found: Vec<char> = printed.chars().filter(|found| ACTIVE.contains(found)).collect();
        assert!(found.is_empty(), "{name}: {found:?} in {printed:?}");
        assert!(printed.contains("session\\u{1b}[31mred"), "{name}: {printed:?}");
    }
    for shown in ["text", "project_path", "tool", "status", "output", "error", "input", "file"] {
        assert!(text.contains(&format!("{shown}\\u")), "{shown} is missing in {text}");
    }
}

#[test]
fn nothing_is_coloured_where_no_terminal_is() {
    let environment = with_two_sessions();
    let cases: [&[&str]; 4] = [
        &["session", "show", "ses_1"],
        &["session", "list"],
        &["session", "show", "ses_9"],
        &["--help"],
    ];
    for arguments in cases {
        let run = environment.recount(arguments).variable("TERM", "xterm-256color");
        let finished = run.variable("COLORTERM", "truecolor").finish();
        assert!(!finished.stdout.contains('\u{1b}'), "{finished:?}");
        assert!(!finished.stderr.contains('\u{1b}'), "{finished:?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let environment = TestEnvironment::new();
    // More than a pipe holds, so that the program is still writing when its reader goes.
    let long = "a line that is long enough\n".repeat(20_000);
    let input =
        messages(&[message("ses_1", "msg_1")]) + &parts(&[part("ses_1", "msg_1", "prt_1", &long)]);
    environment.hook(input).finish().ends_with(0);
    for form in ["text", "json", "jsonl"] {
        let (reader, writer) = io::pipe().expect("a pipe");
        let head = thread::spawn(move || BufReader::new(reader).lines().next());
        let run = environment.recount(["session", "show", "ses_1", "--format", form]);
        let finished = run.stdout(writer).finish().ends_with(0);
        assert_eq!(finished.stderr, "", "{form}");
        let line = head.join().expect("reading does not panic").expect("a line").expect("text");
        assert!(!line.is_empty(), "{form}");
    }
}

#[test]
fn what_a_fork_copied_is_shown_and_not_totalled() {
    let environment = TestEnvironment::new();
    let session = json!({
        "session_id": "ses_1",
        "generated_at_unix_ms": GENERATED_AT,
        "title": "Demo (fork #1)",
        "status": "idle",
    });
    let mut copied = message("ses_1", "msg_1");
    copied["inherited"] = true.into();
    copied["generated_at_unix_ms"] = (GENERATED_AT - 5_000).into();
    copied["cost"] = json!(0.5);
    let mut own = message("ses_1", "msg_2");
    own["cost"] = json!(0.25);
    let own_part = part("ses_1", "msg_2", "prt_9", "mine");
    let input = [
        envelope("session.updated", &[session]),
        parts(&[part("ses_1", "msg_1", "prt_1", "copied"), tool_call("ses_1", "prt_2"), own_part]),
        messages(&[copied, own]),
    ];
    environment.hook(input.concat()).finish().ends_with(0);
    let list = json_lines(&environment.run(["session", "list", "--format", "jsonl"]).output());
    let keys = ["title", "status", "messages", "parts", "tool_calls", "cost_given_picodollars"];
    let told = keys.map(|key| list[0][key].clone());
    assert_eq!(
        Value::from(told.to_vec()),
        json!(["Demo (fork #1)", "idle", 1, 1, 0, 250_000_000_000_i64])
    );
    assert_eq!(list[0]["created_at_unix_ms"], GENERATED_AT, "the copies are older than it");
    let shown = environment.run(["session", "show", "ses_1"]).output();
    for text in ["Demo (fork #1)", "copied by a fork", "  copied\n", "  mine\n"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
}

#[test]
fn a_change_that_was_taken_back_is_not_told() {
    let environment = TestEnvironment::new();
    let summed_up = |diffs: Value, seconds: i64| {
        let mut message = message("ses_1", "msg_1");
        message["summary_diffs"] = diffs;
        message["observed_at_unix_ms"] = (GENERATED_AT + seconds * 1_000).into();
        messages(&[message])
    };
    let of = |file: &str| json!({ "file": file, "patch": format!("+{file}"), "status": "added" });
    let told = || {
        let shown = environment.run(["session", "show", "ses_1", "--format", "json"]).output();
        let shown: Value = serde_json::from_str(&shown).expect("a JSON value");
        let edits = shown["edits"].as_array().expect("a list").iter();
        edits.map(|edit| edit["path"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    environment.hook(summed_up(json!([of("a"), of("b")]), 1)).finish().ends_with(0);
    assert_eq!(told(), ["a", "b"]);
    environment.hook(summed_up(json!([of("b")]), 3)).finish().ends_with(0);
    assert_eq!(told(), ["b"]);
    environment.hook(summed_up(json!([of("a")]), 2)).finish().ends_with(0);
    assert_eq!(told(), ["b"], "an older summary says nothing");
    environment.hook(summed_up(json!([]), 4)).finish().ends_with(0);
    assert_eq!(told(), Vec::<String>::new());
}

#[test]
fn what_went_wrong_and_what_was_changed_is_told_in_json() {
    let environment = TestEnvironment::new();
    let error = json!({ "name": "ContextOverflowError", "data": { "message": "too long" } });
    let error = json!({
        "session_id": "ses_1", "message_id": "msg_1", "error_id": "evt_1", "error": error,
        "generated_at_unix_ms": GENERATED_AT,
    });
    let edited = json!({
        "session_id": "ses_1", "message_id": "msg_1", "path": "/r/a", "operation": "created",
        "generated_at_unix_ms": GENERATED_AT,
    });
    let compacted = json!({
        "session_id": "ses_1", "message_id": "msg_1", "tokens_before": 9, "tokens_after": 1,
        "generated_at_unix_ms": GENERATED_AT,
    });
    let input = [
        envelope("session.error", &[error]),
        envelope("file.edited", &[edited]),
        envelope("session.compacted", &[compacted]),
    ];
    environment.hook(input.concat()).finish().ends_with(0);
    let shown = environment.run(["session", "show", "ses_1", "--format", "json"]).output();
    let shown: Value = serde_json::from_str(&shown).expect("a JSON value");
    let error = &shown["session_errors"][0];
    assert_eq!((&error["error_type"], &error["message"]), (&json!("context"), &json!("too long")));
    let operation = &shown["file_operations"][0];
    assert_eq!((&operation["operation"], &operation["path"]), (&json!("created"), &json!("/r/a")));
    let compaction = &shown["compaction_events"][0];
    assert_eq!((&compaction["tokens_before"], &compaction["tokens_after"]), (&json!(9), &json!(1)));
}
