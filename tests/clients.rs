//! Real agents against a scripted model: what they know of a session is in the record.

mod attributed;
mod claude;
mod codex;
mod gemini;
mod measure;
mod mock;
mod opencode;
mod rebuilt;
mod recorded;
mod resume;
mod server;
mod surroundings;

use std::{fs, path::Path};

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use self::{opencode::OpenCode, recorded::list, server::Server, surroundings::sleeper};
use crate::support::{PROGRAM, say, set_mode, wait_until};

/// One column of each row of a table, in the order of the rows.
fn column<'s>(shown: &'s Value, table: &str, column: &str) -> Vec<&'s Value> {
    list(&shown[table]).iter().map(|row| &row[column]).collect()
}

/// Some columns of each row of a table.
fn columns<const N: usize>(shown: &Value, table: &str, names: [&str; N]) -> Vec<Value> {
    let rows = list(&shown[table]).iter();
    rows.map(|row| names.map(|name| row[name].clone()).to_vec().into()).collect()
}

/// The elements of a list in JSON.
fn rows(expected: Value) -> Vec<Value> {
    serde_json::from_value(expected).expect("a list")
}

/// How a session is after its last answer.
fn demand_rest(shown: &Value) {
    let session = &shown["session"];
    let names = ["agent", "agent_version", "status", "end_reason"];
    let state = names.map(|name| session[name].clone());
    assert_eq!(json!(state), json!(["opencode", "1.18.33", "idle", "idle"]));
    assert!(session["ended_at_unix_ms"].as_i64() >= session["created_at_unix_ms"].as_i64());
}

#[test]
fn a_session_with_all_kinds_of_tool_calls_is_recorded() {
    let opencode = OpenCode::new();
    opencode.run("basic", &[]);
    opencode.demand_recorded();
    let shown = opencode.shown(&opencode.session());
    demand_rest(&shown);
    // It was asked for beside the conversation.
    assert_eq!(shown["session"]["title"], "Mock title");
    assert_eq!(column(&shown, "messages", "side_call"), vec![&Value::Null; 7]);
    let calls = columns(&shown, "tool_calls", ["tool", "status", "exit_code"]);
    let expected = rows(json!([
        ["bash", "completed", 0],
        ["write", "completed", null],
        ["edit", "completed", null],
        ["bash", "completed", 2],
        ["read", "error", null],
        ["todowrite", "completed", null],
        ["invalid", "completed", null],
    ]));
    assert_eq!(calls, expected);
    let file = opencode.environment().working_folder().join("hello.txt").display().to_string();
    let operations = columns(&shown, "file_operations", ["path", "operation"]);
    assert_eq!(operations, rows(json!([[file, "created"], [file, "edited"]])));
    let errors = columns(&shown, "session_errors", ["error_type", "name"]);
    assert_eq!(errors, rows(json!([["tool", "read"]])));
    let edits = columns(&shown, "edits", ["scope", "path"]);
    assert_eq!(edits, rows(json!([["message", "hello.txt"], ["call", file]])));
    let events =
        opencode.environment().record().column::<String>("SELECT DISTINCT name FROM events");
    assert_eq!(events, ["todo.updated"]);
    let _ = opencode.compare_bytes("a session with all kinds of tool calls");
    let git = opencode.environment().program(Path::new("git"));
    assert_eq!(git.arguments(["status", "--porcelain"]).finish().output(), "?? hello.txt\n");
}

#[test]
fn files_that_a_patch_changes_are_recorded() {
    let opencode = OpenCode::new();
    opencode.run("patch", &["--model", "mock/gpt-5-mock"]);
    opencode.demand_recorded();
    let shown = opencode.shown(&opencode.session());
    let operations = [
        ("README.md", "deleted"),
        ("README.md", "edited"),
        ("moved.txt", "created"),
        ("new.txt", "created"),
        ("new.txt", "deleted"),
    ];
    let folder = opencode.environment().working_folder();
    let path = |name: &str| folder.join(name).display().to_string();
    let mut found: Vec<_> = columns(&shown, "file_operations", ["path", "operation"]);
    found.sort_by_key(Value::to_string);
    assert_eq!(found, operations.map(|(name, change)| json!([path(name), change])));
    // A file that moved bears its change where it has come to.
    let mut found = columns(&shown, "edits", ["scope", "path", "operation"]);
    found.sort_by_key(Value::to_string);
    let summed_up: Vec<_> = found.extract_if(.., |edit| edit[0] == "message").collect();
    let files = list(&shown["messages"][0]["summary_diffs"]).iter();
    let mut files: Vec<_> = files.map(|diff| diff["file"].clone()).collect();
    files.sort_by_key(Value::to_string);
    assert_eq!(summed_up.iter().map(|edit| edit[1].clone()).collect::<Vec<_>>(), files);
    let edits = operations.iter().filter(|operation| **operation != ("new.txt", "deleted"));
    let edits = edits.map(|(name, change)| json!(["call", path(name), change]));
    assert_eq!(found, edits.collect::<Vec<_>>());
}

#[test]
fn what_a_person_attaches_is_recorded_without_its_content() {
    const DOT: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4\
                       nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
    let opencode = OpenCode::new();
    let server = Server::start(&opencode);
    let session = server.open();
    let readme = opencode.environment().working_folder().join("README.md");
    let readme = format!("file://{}", readme.display());
    let parts = json!([
        { "type": "text", "text": "[[script:short]] look" },
        { "type": "file", "mime": "text/plain", "filename": "README.md", "url": readme },
        { "type": "file", "mime": "image/png", "filename": "dot.png", "url": DOT },
        { "type": "agent", "name": "general" },
        { "type": "subtask", "agent": "general", "description": "Sub job", "prompt": "[[script:sub]]" },
    ]);
    server.post(&format!("/session/{session}/message"), &json!({ "parts": parts }));
    opencode.wait_until_recorded();
    let shown = opencode.shown(&session).to_string();
    assert!(!shown.contains("iVBORw0KGgo"));
}

#[test]
fn a_subagents_session_is_recorded_beside_its_parents() {
    let opencode = OpenCode::new();
    opencode.run("subagent", &[]);
    opencode.demand_recorded();
    let sessions = opencode.sessions();
    let [parent, child] = &sessions[..] else { panic!("{sessions:?}") };
    demand_rest(&opencode.shown(parent));
    let shown = opencode.shown(child);
    demand_rest(&shown);
    assert_eq!(shown["session"]["title"], "Sub job (@general subagent)");
    assert_eq!(shown["session"]["parent_session_id"], **parent);
}

#[test]
fn a_failed_answer_is_recorded_with_its_error() {
    let opencode = OpenCode::new();
    opencode.prompt("error", &[]).finish().ends_with(1);
    opencode.demand_recorded();
    let shown = opencode.shown(&opencode.session());
    let errors = columns(&shown, "session_errors", ["error_type", "name", "message"]);
    assert_eq!(errors, rows(json!([["api", "APIError", "mock: bad request"]])));
    demand_rest(&shown);
}

#[test]
fn a_compacted_session_is_recorded() {
    let opencode = OpenCode::new();
    let server = Server::start(&opencode);
    let session = server.open();
    server.prompt(&session, "short");
    let model = json!({ "providerID": "mock", "modelID": "mock-1" });
    server.post(&format!("/session/{session}/summarize"), &model);
    server.prompt(&session, "short");
    opencode.wait_until_recorded();
    let shown = opencode.shown(&session);
    demand_rest(&shown);
    let side_calls = column(&shown, "messages", "side_call");
    let compactions = side_calls.iter().filter(|call| **call == "compaction").count();
    assert_eq!((compactions, side_calls.len()), (1, 6));
    let compactions =
        columns(&shown, "compaction_events", ["auto", "tokens_before", "tokens_after"]);
    assert_eq!(compactions, rows(json!([[false, 900, 30]])));
}

#[test]
fn what_a_person_answered_is_recorded() {
    let opencode = OpenCode::new();
    let server = Server::start(&opencode);
    let session = server.open();
    server.prompt_only(&session, "question");
    let mut asked = json!([]);
    wait_until("it asks", || {
        asked = server.get("/question");
        !list(&asked).is_empty()
    });
    let question = asked[0]["id"].as_str().expect("a question has an id");
    server.post(&format!("/question/{question}/reply"), &json!({ "answers": [["Red"]] }));
    wait_until("it is idle again", || server.get("/session/status") == json!({}));
    opencode.wait_until_recorded();
    let shown = opencode.shown(&session);
    let texts = list(&shown["parts"]).iter().filter(|part| part["part_type"] == "question");
    let texts: Vec<_> = texts.map(|part| part["text"].as_str().expect("a text")).collect();
    assert_eq!(texts, [r#"[{"question":"Which colour?","answer":"Red"}]"#]);
}

#[test]
fn what_a_fork_copies_is_recorded_as_inherited() {
    let opencode = OpenCode::new();
    let server = Server::start(&opencode);
    let session = server.open();
    server.prompt(&session, "short");
    let fork = server.post(&format!("/session/{session}/fork"), &json!({}));
    let fork = fork["id"].as_str().expect("a session has an id");
    server.prompt(fork, "short");
    opencode.wait_until_recorded();
    let inherited = [Value::from(true), Value::from(true), Value::Null, Value::Null];
    let shown = opencode.shown(fork);
    let inherited: Vec<_> = inherited.iter().collect();
    assert_eq!(column(&shown, "messages", "inherited"), inherited);
}

#[test]
fn a_killed_session_is_recorded_up_to_the_running_call() {
    let opencode = OpenCode::new();
    let mut run = opencode.prompt("hang", &[]).start();
    let sleeper = sleeper(opencode.environment(), &mut run);
    let session = opencode.session();
    let running = rows(json!([["bash", "running"]]));
    wait_until("the call is recorded", || {
        let found = opencode.environment().run(["session", "show", &session, "--format", "json"]);
        let shown: Value = serde_json::from_str(&found.stdout).unwrap_or_default();
        !shown.is_null() && columns(&shown, "tool_calls", ["tool", "status"]) == running
    });
    drop(run);
    kill_process(sleeper, Signal::KILL).expect("it outlives whom it was started by");
    let shown = opencode.shown(&session);
    assert_eq!(columns(&shown, "tool_calls", ["tool", "status"]), running);
    assert_eq!(shown["session"]["status"], "busy");
    opencode.environment().run(["import", "opencode"]).ends_with(0);
    opencode.demand_recorded();
}

#[test]
fn what_is_told_in_ten_thousand_pieces_is_kept_once() {
    let opencode = OpenCode::new();
    opencode.run("stream", &[]);
    opencode.demand_recorded();
    let text = opencode.environment().record().number("SELECT max(length(text)) FROM parts");
    assert_eq!(text, 50_000);
    let ours = opencode.compare_bytes("what is told in ten thousand pieces");
    assert!(ours < 2 * text, "each thing is there once: {ours} bytes");
}

#[test]
fn an_answer_takes_at_most_three_processes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (processes, answers) = processes_and_answers(folder.path(), "basic");
    say(&format!("clients: {processes} processes for {answers} answers"));
    assert!(processes <= 3 * answers);
}

/// Runs a prompt with a program in between that counts how often it is started.
fn processes_and_answers(folder: &Path, script: &str) -> (usize, usize) {
    let (counter, starts) = (folder.join("recount"), folder.join("starts"));
    let shell = format!("#!/bin/sh\necho >>'{}'\nexec '{PROGRAM}' \"$@\"\n", starts.display());
    fs::write(&counter, shell).expect("a new file");
    set_mode(&counter, 0o755);
    let opencode = OpenCode::handing_over_to(&counter);
    opencode.run(script, &[]);
    opencode.demand_recorded();
    let shown = opencode.shown(&opencode.session());
    let roles = column(&shown, "messages", "role");
    let answers = roles.iter().filter(|role| **role == "assistant").count();
    (fs::read_to_string(starts).expect("it was started").lines().count(), answers)
}

#[test]
fn a_person_who_has_set_it_up_needs_nothing_else() {
    let opencode = OpenCode::without_plugin();
    opencode.environment().run(["setup", "opencode"]).ends_with(0);
    opencode.run("short", &[]);
    opencode.demand_recorded();
    demand_rest(&opencode.shown(&opencode.session()));
}
