//! Real agents, a person and the real git: whose the lines are in the end.

use std::{fs, path::Path};

use serde_json::Value;

use super::{
    claude::client::ClaudeCode, opencode::OpenCode, recorded::list, surroundings::wait_until_alone,
};
use crate::support::TestEnvironment;

/// What both scripts change.
const SHARED: &str = "first\nsecond\nthird\nfourth\n";

/// Runs git by a shell in the repository of the agents.
fn git(environment: &TestEnvironment, line: &str) {
    let identity = "-c user.name=t -c user.email=t@example.com";
    let shell = environment.program(Path::new("/bin/sh"));
    shell.arguments(["-c", &format!("git {identity} {line}")]).finish().ends_with(0);
}

/// Each line of a file: its text, whose it is, and by which conversation and model.
fn blame(environment: &TestEnvironment, file: &str) -> Vec<[String; 4]> {
    let answer = environment.run(["blame", file, "--format", "json"]).output();
    let answer: Value = serde_json::from_str(&answer).expect("a JSON value");
    let columns = ["text", "contributor", "session_id", "model_id"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list(&answer["details"]).iter().map(|line| columns.map(|name| text(&line[name]))).collect()
}

/// A line as it is expected.
fn line(text: &str, contributor: &str, session: &str) -> [String; 4] {
    let model = match contributor {
        "ai" | "mixed" if session.starts_with("ses_") => "mock/mock-1",
        "ai" | "mixed" => "anthropic/claude-sonnet-4-5",
        _ => "",
    };
    [text, contributor, session, model].map(str::to_owned)
}

#[test]
fn two_agents_and_a_person_are_told_apart_after_amend_and_rebase() {
    let opencode = OpenCode::new();
    let environment = opencode.environment();
    let claude = ClaudeCode::beside(opencode.shared_environment());
    environment.run(["setup", "git"]).ends_with(0);
    let shared = environment.working_folder().join("shared.txt");
    fs::write(&shared, SHARED).expect("a new file");
    git(environment, "add .");
    git(environment, "commit --quiet -m base");
    opencode.run("lines", &[]);
    let ours = opencode.session();
    let result = claude.run("lines", &[]);
    let theirs = result["session_id"].as_str().expect("a session has an id");
    wait_until_alone(environment);
    let text = fs::read_to_string(&shared).expect("it is there");
    let text = text.replace("fourth", "by a person\nfourth");
    let text = text.replace("another edit by Claude", "another edit by Claude Code");
    fs::write(&shared, text).expect("it is ours");
    let expected = [
        line("first", "human", ""),
        line("second", "human", ""),
        line("an edit by OpenCode", "ai", &ours),
        line("third", "human", ""),
        line("an edit by Claude", "ai", theirs),
        line("another edit by Claude Code", "mixed", theirs),
        line("by a person", "human", ""),
        line("fourth", "human", ""),
        line("a command of OpenCode", "ai", &ours),
    ];
    let whole = |session| ["first whole", "second whole"].map(|text| line(text, "ai", session));
    let demand = || {
        assert_eq!(blame(environment, "shared.txt"), expected);
        assert_eq!(blame(environment, "whole by OpenCode.txt"), whole(&ours));
        assert_eq!(blame(environment, "whole by Claude.txt"), whole(theirs));
        assert_eq!(blame(environment, "größer.txt"), [line("a new one", "ai", &ours)]);
    };
    git(environment, "add .");
    git(environment, "commit --quiet -m work");
    demand();
    git(environment, "commit --quiet --amend -m 'better work'");
    demand();
    git(environment, "branch --move topic");
    git(environment, "switch --quiet -c other HEAD~1");
    fs::write(environment.working_folder().join("other.txt"), "other\n").expect("a new file");
    git(environment, "add .");
    git(environment, "commit --quiet -m other");
    git(environment, "rebase --quiet other topic");
    demand();
    assert_eq!(blame(environment, "other.txt"), [line("other", "human", "")]);
}

#[test]
fn agents_that_were_started_in_a_folder_of_the_repository_are_found() {
    let opencode = OpenCode::new();
    let environment = opencode.environment();
    let claude = ClaudeCode::beside(opencode.shared_environment());
    environment.run(["setup", "git"]).ends_with(0);
    let sub = environment.working_folder().join("sub");
    fs::create_dir(&sub).expect("a new folder");
    fs::write(environment.working_folder().join("shared.txt"), SHARED).expect("a new file");
    fs::write(sub.join("shared.txt"), "another with that name\n").expect("a new file");
    git(environment, "add .");
    git(environment, "commit --quiet -m base");
    opencode.prompt("lines", &[]).working_folder(&sub).finish().ends_with(0);
    let ours = opencode.session();
    let run = claude.prompt("lines", &["--output-format", "json"]).working_folder(&sub).finish();
    let result: Value = serde_json::from_str(&run.ends_with(0).stdout).expect("JSON");
    let theirs = result["session_id"].as_str().expect("a session has an id");
    wait_until_alone(environment);
    git(environment, "add .");
    git(environment, "commit --quiet -m work");
    let expected = [
        line("first", "human", ""),
        line("second", "human", ""),
        line("an edit by OpenCode", "ai", &ours),
        line("third", "human", ""),
        line("an edit by Claude", "ai", theirs),
        line("another edit by Claude", "ai", theirs),
        line("fourth", "human", ""),
    ];
    assert_eq!(blame(environment, "shared.txt"), expected);
    let whole = ["first whole", "second whole"].map(|text| line(text, "ai", &ours));
    assert_eq!(blame(environment, "whole by OpenCode.txt"), whole);
    // OpenCode 1.18.33 sums up what became different in its own folder alone.
    assert_eq!(blame(environment, "sub/größer.txt"), [line("a new one", "ai", &ours)]);
    let others =
        [line("another with that name", "human", ""), line("a command of OpenCode", "ai", &ours)];
    assert_eq!(blame(environment, "sub/shared.txt"), others);
}
