//! Claude Code against a scripted model: what its transcripts know of a session is in the record.

pub mod client;
mod recorded;
mod transcript;

use std::fs;

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use self::client::ClaudeCode;
use super::{columns, recorded::list, rows, surroundings::sleeper};
use crate::support::wait_until;

/// The id of the session of a run.
fn session(result: &Value) -> &str {
    result["session_id"].as_str().expect("a session has an id")
}

/// How a session is after its last answer, of which the agent said that.
fn demand_rest(shown: &Value, source: &str, result: &Value) {
    let session = &shown["session"];
    let names =
        ["agent", "agent_version", "source", "permission_mode", "end_reason", "parent_session_id"];
    let state = names.map(|name| session[name].clone());
    let expected = json!(["claude-code", "2.1.328", source, "default", "other", null]);
    assert_eq!(json!(state), expected);
    assert!(session["ended_at_unix_ms"].as_i64() >= session["created_at_unix_ms"].as_i64());
    assert_eq!(session["cost_given"], result["total_cost_usd"].to_string());
}

#[test]
fn a_session_with_all_kinds_of_tool_calls_is_recorded() {
    let claude = ClaudeCode::new();
    let result = claude.run("basic", &[]);
    claude.demand_recorded(&[]);
    let shown = claude.shown(session(&result));
    demand_rest(&shown, "startup", &result);
    let folder = claude.environment().working_folder();
    assert_eq!(shown["session"]["project_path"], folder.display().to_string());
    demand_calls(&shown, "error");
    let file = folder.join("hello.txt").display().to_string();
    let operations = columns(&shown, "file_operations", ["path", "operation"]);
    assert_eq!(operations, rows(json!([[file, "created"], [file, "edited"]])));
    let edits = columns(&shown, "edits", ["scope", "path", "operation", "diff"]);
    let [created, edited] = [
        "--- /dev/null\n+++ FILE\n@@ -0,0 +1,1 @@\n+hello world\n",
        "--- FILE\n+++ FILE\n@@ -1,1 +1,1 @@\n-hello world\n+hello mock\n",
    ]
    .map(|diff| diff.replace("FILE", &file));
    let expected = json!([["call", file, "created", created], ["call", file, "edited", edited]]);
    assert_eq!(edits, rows(expected));
}

/// Demands how the calls of the script `basic` ended, each with how long it took; the last one is of a
/// tool that is not there.
fn demand_calls(shown: &Value, without_tool: &str) {
    let mut calls = columns(shown, "tool_calls", ["tool", "status", "exit_code"]);
    // Those that are side by side may end in any order.
    calls.sort_by_key(Value::to_string);
    let expected = rows(json!([
        ["Bash", "completed", 0],
        ["Bash", "completed", 0],
        ["Bash", "error", 2],
        ["Edit", "completed", null],
        ["NoSuchTool", without_tool, null],
        ["Read", "completed", null],
        ["Read", "error", null],
        ["TaskCreate", "completed", null],
        ["TaskUpdate", "completed", null],
        ["Write", "completed", null],
    ]));
    assert_eq!(calls, expected);
    for call in list(&shown["tool_calls"]) {
        // Claude Code 2.1.328 does not run what it does not know, and tells no hook of it but the one
        // at the end of the round.
        let is_timed = call["duration_ms"].is_i64();
        assert_eq!(is_timed, call["tool"] != "NoSuchTool", "{call:#}");
    }
}

#[test]
fn a_subagents_session_is_recorded_beside_its_parents() {
    let claude = ClaudeCode::new();
    let result = claude.run("subagent", &[]);
    let told = claude.demand_recorded(&[]);
    let parent = session(&result);
    demand_rest(&claude.shown(parent), "startup", &result);
    let child = told.keys().find(|id| *id != parent).expect("a subagent has a session");
    let shown = claude.shown(child);
    let names = ["parent_session_id", "agent", "agent_name", "title"];
    let state = names.map(|name| shown["session"][name].clone());
    assert_eq!(json!(state), json!([parent, "claude-code", "general-purpose", "Sub job"]));
    let calls = columns(&shown, "tool_calls", ["tool", "output", "exit_code"]);
    assert_eq!(calls, rows(json!([["Bash", "from-sub", 0]])));
}

#[test]
fn a_failed_answer_is_recorded_with_its_error() {
    let claude = ClaudeCode::new();
    let run = claude.prompt("error", &["--output-format", "json"]).finish().ends_with(1);
    let result = client::result(&run);
    claude.demand_recorded(&[]);
    let shown = claude.shown(session(&result));
    demand_rest(&shown, "startup", &result);
    let errors = columns(&shown, "session_errors", ["error_type", "message"]);
    assert_eq!(errors, rows(json!([["api", "API Error: 400 mock: bad request"]])));
}

#[test]
fn a_session_that_goes_on_and_is_forked_is_recorded_once() {
    let claude = ClaudeCode::new();
    let first = claude.run("basic", &[]);
    let session = session(&first);
    let _ = claude.run("short", &["--resume", session]);
    let third = claude.run("short", &["--resume", session]);
    let fourth = claude.run("short", &["--resume", session, "--fork-session"]);
    let told = claude.demand_recorded(&[session]);
    demand_rest(&claude.shown(session), "resume", &third);
    let fork = told.keys().find(|id| *id != session).expect("a fork is a session");
    let shown = claude.shown(fork);
    demand_rest(&shown, "fork", &fourth);
    let messages = list(&shown["messages"]);
    let (inherited, own) = messages.split_at(messages.len() - 2);
    assert!(inherited.iter().all(|message| message["inherited"] == true), "{inherited:#?}");
    assert!(own.iter().all(|message| message["inherited"].is_null()), "{own:#?}");
    // An answer costs what it cost where it was given. Claude Code counts in a fork what it has copied.
    let given = [&third, &fourth].map(|result| result["total_cost_usd"].as_f64().expect("a cost"));
    assert_eq!(claude.cost(session), format!("{:.5}", given[0]));
    assert_eq!(claude.cost(fork), format!("{:.5}", given[1] - given[0]));
}

#[test]
fn a_compacted_session_is_recorded() {
    let claude = ClaudeCode::new();
    let first = claude.run("short", &[]);
    let session = session(&first);
    let _ = claude.command(&["-p", "/compact", "--resume", session]).finish().ends_with(0);
    let third = claude.run("short", &["--resume", session]);
    let _ = claude.run("short", &["--resume", session, "--fork-session"]);
    claude.demand_recorded(&[session]);
    let shown = claude.shown(session);
    demand_rest(&shown, "resume", &third);
    assert_eq!(columns(&shown, "compaction_events", ["auto"]), rows(json!([[false]])));
    let mut parts = list(&shown["parts"]).iter().filter_map(|part| part["text"].as_str());
    assert!(parts.any(|text| text.contains("Mock summary of the conversation")));
}

#[test]
fn a_session_that_was_compacted_in_the_middle_of_a_turn_is_recorded() {
    let claude = ClaudeCode::new();
    let options = ["--autocompact", "100000", "--output-format", "json"];
    let run = claude.prompt("full", &options).variable("CLAUDE_AUTOCOMPACT_PCT_OVERRIDE", "10");
    let result = client::result(&run.finish().ends_with(0));
    claude.demand_recorded(&[]);
    let shown = claude.shown(session(&result));
    let compactions = columns(&shown, "compaction_events", ["auto", "tokens_before"]);
    assert_eq!(compactions.len(), 1, "{compactions:#?}");
    assert_eq!(compactions[0][0], true);
}

#[test]
fn a_killed_session_is_recorded_up_to_the_running_call_and_goes_on() {
    const SESSION: &str = "0b5ecc2e-4f0a-4c53-9f5e-6a4f3a1d2b7c";
    let claude = ClaudeCode::new();
    let mut run = claude.prompt("hang", &["--session-id", SESSION]).start();
    let sleeper = sleeper(claude.environment(), &mut run);
    // Claude Code writes it down a little after the call has begun.
    wait_until("the call is in the transcript", || {
        let mut texts = claude.transcripts().into_iter().map(fs::read_to_string);
        texts.any(|text| text.expect("a text").contains(r#""type":"tool_use""#))
    });
    drop(run);
    kill_process(sleeper, Signal::KILL).expect("it outlives whom it was started by");
    claude.demand_recorded(&[]);
    let calls = columns(&claude.shown(SESSION), "tool_calls", ["tool", "status"]);
    assert_eq!(calls, rows(json!([["Bash", "running"]])));
    let resumed = claude.run("short", &["--resume", SESSION]);
    claude.demand_recorded(&[]);
    demand_rest(&claude.shown(SESSION), "resume", &resumed);
}

#[test]
fn a_call_that_was_interrupted_is_aborted() {
    const SESSION: &str = "3c1de0a4-7b52-4c8e-8f6a-5d0b9e2f7a11";
    let claude = ClaudeCode::new();
    let mut run = claude.prompt("hang", &["--session-id", SESSION]).start();
    let _ = sleeper(claude.environment(), &mut run);
    run.interrupt();
    let _ = run.finish();
    claude.demand_recorded(&[]);
    let shown = claude.shown(SESSION);
    let calls = columns(&shown, "tool_calls", ["tool", "status"]);
    assert_eq!(calls, rows(json!([["Bash", "error"]])));
    let errors = columns(&shown, "session_errors", ["error_type"]);
    assert_eq!(errors, rows(json!([["aborted"], ["aborted"]])), "the call, and the answer");
}

#[test]
fn what_hooks_tell_is_recorded_where_there_is_no_transcript() {
    let claude = ClaudeCode::new();
    let result = claude.run("basic", &["--no-session-persistence"]);
    assert!(claude.transcripts().is_empty());
    let shown = claude.shown(session(&result));
    let names = ["agent", "source", "permission_mode", "end_reason"];
    let state = names.map(|name| shown["session"][name].clone());
    assert_eq!(json!(state), json!(["claude-code", "startup", "default", "other"]));
    assert!(shown["session"]["ended_at_unix_ms"].is_i64());
    let texts = columns(&shown, "parts", ["part_type", "text"]);
    assert_eq!(texts, rows(json!([["text", "[[script:basic]] please do the demo"]])));
    // No hook tells that there is no such tool.
    demand_calls(&shown, "completed");
    let edits = columns(&shown, "edits", ["scope", "operation"]);
    assert_eq!(edits, rows(json!([["call", "created"], ["call", "edited"]])));
}

#[test]
fn the_plugin_changes_nothing_that_claude_code_prints() {
    for (script, code) in [("basic", 0), ("subagent", 0), ("error", 1)] {
        let printed = [ClaudeCode::new(), ClaudeCode::without_plugin()].map(|claude| {
            let run = claude.prompt(script, &[]).finish().ends_with(code);
            (run.stdout, run.stderr)
        });
        assert_eq!(printed[0], printed[1]);
    }
}

#[test]
fn no_hook_prints_anything() {
    let claude = ClaudeCode::new();
    let options = ["--output-format", "stream-json", "--verbose", "--include-hook-events"];
    let run = claude.prompt("basic", &options).finish().ends_with(0);
    let lines = run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let hooks: Vec<Value> =
        lines.filter(|line: &Value| line["subtype"] == "hook_response").collect();
    assert!(hooks.len() > 20, "{} hooks", hooks.len());
    for hook in hooks {
        let said = ["stdout", "stderr", "exit_code"].map(|name| hook[name].clone());
        assert_eq!(json!(said), json!(["", "", 0]), "{hook:#}");
    }
}

#[test]
fn a_person_who_has_set_it_up_needs_no_plugin() {
    let claude = ClaudeCode::without_plugin();
    claude.recount(&["setup", "claude"]).finish().ends_with(0);
    let result = claude.run("basic", &[]);
    claude.demand_recorded(&[]);
    demand_rest(&claude.shown(session(&result)), "startup", &result);
}
