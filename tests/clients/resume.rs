//! Real agents that are started by `recount session resume`: the second turn is in the same session.

use serde_json::Value;

use super::{claude::client::ClaudeCode, column, opencode::OpenCode};

/// How often the person speaks in a session, and how often the model.
fn turns(shown: &Value) -> [usize; 2] {
    let roles = column(shown, "messages", "role");
    ["user", "assistant"].map(|wanted| roles.iter().filter(|role| **role == wanted).count())
}

#[test]
fn claude_code_goes_on_in_the_same_session() {
    let claude = ClaudeCode::new();
    let first = claude.run("short", &[]);
    let session = first["session_id"].as_str().expect("a session has an id");
    let before = turns(&claude.shown(session));
    let options = ["--", "-p", "[[script:short]] go on", "--model", "claude-sonnet-4-5"];
    let run = claude.resume(&[&[&session[..8]][..], &options].concat());
    let elsewhere = claude.environment().home();
    let _ = run.working_folder(&elsewhere).finish().ends_with(0);
    claude.demand_recorded(&[]);
    assert_eq!(claude.transcripts().len(), 1);
    assert_eq!(turns(&claude.shown(session)), before.map(|turns| 2 * turns));
}

#[test]
fn claude_code_begins_a_session_where_the_transcript_is_gone() {
    let claude = ClaudeCode::new();
    let first = claude.run("short", &[]);
    let session = first["session_id"].as_str().expect("a session has an id");
    claude.shown(session);
    for transcript in claude.transcripts() {
        std::fs::remove_file(transcript).expect("it is there");
    }
    let refused = claude.resume(&[session, "--", "-p"]).finish().ends_with(1);
    let _ = refused.complains("is gone: Claude Code does not have it any more");
    let begun = claude.resume(&[session, "--fallback", "--", "-p"]).finish().ends_with(0);
    let _ = begun.complains("is gone: Claude Code does not have it any more");
    let [transcript] = &claude.transcripts()[..] else { panic!("it has begun one session") };
    let text = std::fs::read_to_string(transcript).expect("a text");
    let is_of_old = |line: &str| line.contains(&format!(r#""sessionId":"{session}""#));
    assert!(text.contains("Read the file ") && !text.lines().any(is_of_old));
}

#[test]
fn opencode_goes_on_in_the_same_session() {
    let opencode = OpenCode::new();
    opencode.run("short", &[]);
    let session = opencode.session();
    let before = turns(&opencode.shown(&session));
    let run = opencode.resume(&[&session, "--", "run", "[[script:short]] go on"]);
    let elsewhere = opencode.environment().home();
    let _ = run.working_folder(&elsewhere).finish().ends_with(0);
    opencode.demand_recorded();
    assert_eq!(opencode.sessions(), [&*session]);
    assert_eq!(turns(&opencode.shown(&session)), before.map(|turns| 2 * turns));
}
