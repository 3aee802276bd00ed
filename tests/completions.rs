//! Completions: the scripts that are printed, tried in the shells that are there, and what they ask.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::Path,
    time::Duration,
};

use serde_json::json;

use crate::support::{
    TestEnvironment,
    envelope::{GENERATED_AT, envelope, message, messages},
    say,
};

/// Sessions of which some have names that a shell would understand.
fn with_sessions() -> TestEnvironment {
    let environment = TestEnvironment::new();
    for id in
        ["ses_1", "ses_2", "other", "$(touch pwned)", "ses_3;touch pwned", "--force", "ses_1/a"]
    {
        let session = json!({ "session_id": id, "generated_at_unix_ms": GENERATED_AT });
        environment.hook(envelope("session.updated", &[session])).finish().ends_with(0);
    }
    environment.run(["spool", "drain"]).ends_with(0);
    environment
}

/// What bash offers for the last of these words, in a folder in which `recount` is found.
fn offered_by_bash(environment: &TestEnvironment, words: &[&str]) -> Vec<String> {
    let script = r#"
        PATH="$PWD:$PATH"
        source <(recount completions bash)
        [[ "$(complete -p recount)" == *"-F _recount_with_record"* ]] || exit 3
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
        _recount_with_record "$1" "${@: -1}" "${@: -2:1}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let bash = environment.program(Path::new("/bin/bash"));
    let arguments = ["--norc", "--noprofile", "-c", script, "bash"];
    let output = bash.arguments(arguments).arguments(words).finish().output();
    output.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The same; on a busy machine what is asked may take too long to be told, and is asked again.
fn offered_in_time(environment: &TestEnvironment, words: &[&str], count: usize) -> Vec<String> {
    let tries = (0..20).map(|_| offered_by_bash(environment, words));
    let found = tries.inspect(|found| assert!(found.len() <= count, "{words:?}: {found:?}"));
    found.into_iter().find(|found| found.len() == count).unwrap_or_default()
}

#[test]
fn bash_offers_commands_options_sessions_and_agents() {
    if !Path::new("/bin/bash").exists() {
        say("skipped: bash is not there");
        return;
    }
    let environment = with_sessions();
    let program = environment.working_folder().join("recount");
    symlink(env!("CARGO_BIN_EXE_recount"), program).expect("a new link");
    let other = environment.working_folder().join("other.db");
    let other = other.to_str().expect("a name");
    let cases: [(&[&str], &[&str]); 9] = [
        (&["recount", "sessi"], &["session"]),
        (&["recount", "session", "exp"], &["export"]),
        (&["recount", "session", "show", "--form"], &["--format"]),
        (&["recount", "session", "show", "--format", "js"], &["json", "jsonl"]),
        (&["recount", "session", "show", "ses_"], &["ses_1", "ses_2"]),
        (&["recount", "session", "cost", "--format", "json", "ses_1/"], &["ses_1/a"]),
        (&["recount", "usage", "daily", "--agent", ""], &["opencode"]),
        (&["recount", "usage", "--explain", "oth"], &["other"]),
        (&["recount", "--database", other, "session", "show", ""], &[]),
    ];
    for (words, expected) in cases {
        assert_eq!(offered_in_time(&environment, words, expected.len()), expected, "{words:?}");
    }
    let all = offered_in_time(&environment, &["recount", "session", "show", ""], 4);
    assert_eq!(all.len(), 4, "{all:?}");
    assert!(!environment.working_folder().join("pwned").exists());
    assert!(!Path::new(other).exists(), "nobody asked for a database");
}

#[test]
fn scripts_are_right_where_their_shell_can_tell() {
    let environment = TestEnvironment::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = environment.run(["completions", shell]).output();
        assert!(script.contains("recount complete ") || shell == "bash", "{script}");
        let file = environment.working_folder().join(shell);
        fs::write(&file, script).expect("a new file");
        let checker = ["/bin", "/usr/bin"].map(|folder| Path::new(folder).join(shell));
        let Some(checker) = checker.iter().find(|program| program.exists()) else {
            say(&format!("skipped: {shell} is not there"));
            continue;
        };
        environment.program(checker).arguments(["-n".as_ref(), file.as_os_str()]).finish().output();
    }
}

#[test]
fn what_a_shell_asks_waits_for_nobody_and_changes_nothing() {
    let environment = with_sessions();
    environment.hook(messages(&[message("ses_9", "msg_1")])).finish().ends_with(0);
    let waiting = environment.spooled();
    assert_eq!(waiting.len(), 1);
    let ask = || environment.run(["complete", "sessions", "ses_"]);
    // On a busy machine it may be too late, and is asked again.
    let told = (0..20).map(|_| ask().output()).find(|told| !told.is_empty());
    assert_eq!(told.as_deref(), Some("ses_1\nses_2\n"), "nothing is drained");
    assert_eq!(environment.spooled(), waiting);
    let lock = File::options().write(true).open(environment.lock()).expect("it is there");
    lock.lock().expect("nobody has it");
    let asked = ask();
    assert!(asked.elapsed < Duration::from_secs(2), "{asked:?}");
    assert_eq!(asked.output(), "", "whoever has the lease is not waited for");
}

#[test]
fn what_a_shell_asks_makes_no_database_and_never_complains() {
    let environment = TestEnvironment::new();
    assert_eq!(environment.run(["complete", "agents"]).output(), "");
    assert!(!environment.default_database().parent().expect("a folder").exists());
    fs::create_dir_all(environment.default_database().parent().expect("a folder")).expect("ours");
    fs::write(environment.default_database(), "no database").expect("a new file");
    assert_eq!(environment.run(["complete", "sessions", "a"]).output(), "");
    let environment = environment.with_settings("wrong");
    assert_eq!(environment.run(["complete", "sessions", "a"]).output(), "");
}
