//! `--canary`: what is registered is called as its agent calls it, and nothing of that stays.

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};

use super::{Findings, doctor, hook, hooks, program, setup, user_settings};
use crate::{
    setup::write,
    support::{
        PROGRAM, TestEnvironment,
        envelope::{hook_event, message, messages},
    },
};

/// The path of the program, as text.
fn recount() -> String {
    fs::canonicalize(PROGRAM).expect("it is there").to_string_lossy().into_owned()
}

/// Demands that a record holds nothing of a canary, and so many sessions.
fn holds(environment: &TestEnvironment, database: &Path, sessions: usize) {
    let list = ["session", "list", "--format", "json", "--database"];
    let run = environment.recount(list).arguments([database]);
    let list: Value = serde_json::from_str(&run.finish().output()).expect("JSON");
    assert_eq!(list["details"].as_array().expect("a list").len(), sessions, "{list:#}");
    let record = crate::support::Record::of(database);
    for (table, rows) in record.tables() {
        assert!(rows.iter().all(|row| !row.contains("recount-canary-")), "{table}: {rows:?}");
    }
}

#[test]
fn what_is_set_up_brings_an_event_into_the_record_and_nothing_of_it_stays() {
    let environment = TestEnvironment::new();
    setup(&environment, &["claude"]);
    setup(&environment, &["opencode"]);
    let findings = doctor(&environment, &["--canary"]);
    let starts = format!("ok: `{}`", recount());
    findings
        .tells("claude-code canary", &format!("{starts} for `SessionStart` took "))
        .tells("opencode canary", &format!("{starts} took "))
        .nothing_else(&[]);
    holds(&environment, &environment.default_database(), 0);
    assert!(environment.spooled().is_empty() && environment.quarantined().is_empty());
    doctor(&environment, &["--canary"]).nothing_else(&[]);
}

#[test]
fn the_plugins_and_a_shells_line_are_called_as_claude_code_calls_them() {
    // A plugin that has the program in its own folder, and a line for a shell that finds it by a variable.
    let environment = TestEnvironment::new();
    let place = environment.home().join("a clone/plugins/r");
    program(
        &place.join("bin/recount"),
        &format!("echo \"$CLAUDE_PLUGIN_ROOT\" >> \"$HOME/roots\"\nexec '{}' \"$@\"", recount()),
    );
    let exec = hook("${CLAUDE_PLUGIN_ROOT}/bin/recount", &[]);
    let line = "\"${CLAUDE_PLUGIN_ROOT}/bin/recount\" hooks conversation-trace --agent claude-code";
    let groups = [exec, json!({ "type": "command", "command": line })]
        .map(|hook| json!([{ "hooks": [hook] }]));
    let [exec, line] = groups;
    let list = json!({ "hooks": { "Stop": exec, "SessionStart": line } });
    fs::create_dir_all(place.join("hooks")).expect("a folder");
    fs::write(place.join("hooks/hooks.json"), list.to_string()).expect("a file");
    let installed = json!({ "plugins": { "recount@x": [{ "installPath": place }] } });
    let plugins = environment.home().join(".claude/plugins");
    fs::create_dir_all(&plugins).expect("a folder");
    fs::write(plugins.join("installed_plugins.json"), installed.to_string()).expect("a file");
    fs::write(user_settings(&environment), r#"{"enabledPlugins": {"recount@x": true}}"#)
        .expect("a file");

    let findings = doctor(&environment, &["--canary", "--agent", "claude"]);
    findings
        .also_tells("claude-code canary", "ok: `")
        .tells("claude-code registration", "ok: 2 events in the plugin `recount@x`, `")
        .nothing_else(&["claude-code events"]);
    assert_eq!(findings.told("claude-code canary").len(), 2);
    let roots = fs::read_to_string(environment.home().join("roots")).expect("it was called");
    let roots: Vec<&str> = roots.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(roots, [&*place.to_string_lossy(); 2]);
    holds(&environment, &environment.default_database(), 0);
}

/// A program called recount that does so with an event, and whatever recount does with all else.
fn disturbed(environment: &TestEnvironment, line: &str) -> String {
    let path = environment.home().join("bin/recount");
    let line = format!("case \"$1\" in hooks) {line};; *) exec '{}' \"$@\";; esac", recount());
    program(&path, &line);
    path.to_string_lossy().into_owned()
}

#[test]
fn a_command_that_would_not_do_for_its_agent_is_told_precisely() {
    let good = format!("'{}' \"$@\"", recount());
    let cases = [
        ("echo wrong >&2; exit 3".to_owned(), "ended with exit code 3: wrong", 0),
        ("sleep 60".to_owned(), "did not end within 1 seconds, and was killed", 0),
        (format!("{good}; sleep 60"), "did not end within 1 seconds, and was killed", 0),
        (
            format!("echo hello; exec {good}"),
            "prints 6 bytes to its standard output, which Claude Code tells its model",
            0,
        ),
        ("cat > /dev/null".to_owned(), "ms, and nothing is in `", 0),
        ("kill -9 $$".to_owned(), "was ended by a signal", 0),
    ];
    for (line, expected, sessions) in cases {
        let environment = TestEnvironment::new();
        let path = disturbed(&environment, &line);
        fs::create_dir(environment.home().join(".claude")).expect("a new folder");
        fs::write(user_settings(&environment), hooks(&["Stop"], &hook(&path, &[])))
            .expect("a file");
        let finished = environment.recount(["doctor", "--canary", "--format", "json"]).finish();
        assert!(finished.elapsed < Duration::from_secs(30), "{line}");
        let findings = Findings::of(&finished);
        let told = findings.told("claude-code canary").remove(0);
        assert!(told.starts_with("failure: `") && told.contains(expected), "{line}: {told}");
        findings.nothing_else(&["claude-code canary", "claude-code events"]);
        holds(&environment, &environment.default_database(), sessions);
    }
    let environment = TestEnvironment::new();
    setup(&environment, &["opencode"]);
    let plugin = environment.home().join(".config/opencode/plugin/recount.js");
    let text = fs::read_to_string(&plugin).expect("text");
    let path = disturbed(&environment, &format!("{good} > /dev/null"));
    fs::write(&plugin, text.replace(&recount(), &path)).expect("a file");
    let told = doctor(&environment, &["--canary"]).told("opencode canary").remove(0);
    assert!(
        told.contains("gives no receipt, without which OpenCode keeps all to itself"),
        "{told}"
    );
}

#[test]
fn a_command_that_writes_to_another_database_is_told_and_nothing_stays_there() {
    let environment = TestEnvironment::new();
    let other = environment.working_folder().join("other/x.db");
    setup(&environment, &["claude", "--database", &other.to_string_lossy()]);
    let findings = doctor(&environment, &["--canary"]);
    let told = findings.told("claude-code canary").remove(0);
    let expected = format!(
        "the event arrived in `{}`, while this looks at `{}`",
        other.display(),
        environment.default_database().display()
    );
    assert!(told.starts_with("warning: ") && told.ends_with(&expected), "{told}");
    holds(&environment, &other, 0);
    // Where that one is looked at, all is well.
    doctor(&environment, &["--canary", "--database", &other.to_string_lossy()]).nothing_else(&[]);
}

#[test]
fn nothing_but_recount_is_run() {
    let environment = TestEnvironment::new();
    let wrapper = environment.working_folder().join("bin/wrapper");
    program(&wrapper, "touch ran");
    let named_alike = environment.working_folder().join("bin/recount.sh");
    program(&named_alike, "touch ran");
    let groups = [
        hook(&wrapper.to_string_lossy(), &[]),
        hook(&named_alike.to_string_lossy(), &[]),
        json!({ "type": "command", "command": format!("{} hooks conversation-trace; touch ran", recount()) }),
        json!({ "type": "command", "command": format!("{} hooks conversation-trace $(touch ran)", recount()) }),
        json!({ "type": "command", "command": "touch ran" }),
        json!({ "type": "http", "url": "http://localhost:1" }),
    ];
    let settings = json!({ "hooks": { "Stop": [{ "hooks": groups }] } });
    fs::create_dir(environment.home().join(".claude")).expect("a new folder");
    fs::write(user_settings(&environment), settings.to_string()).expect("a file");
    let findings = doctor(&environment, &["--canary"]);
    let told = findings.told("claude-code canary");
    let endings = [
        "` is not recount, and was not run",
        "` is not recount, and was not run",
        "; touch ran` was not run: it is more than a call of recount",
        "$(touch ran)` was not run: it is more than a call of recount",
    ];
    assert_eq!(told.len(), endings.len(), "{told:#?}");
    for (told, ending) in told.iter().zip(endings) {
        assert!(told.starts_with("warning: `") && told.ends_with(ending), "{told}");
    }
    assert!(!environment.working_folder().join("ran").exists());
}

#[test]
fn what_a_killed_one_has_left_is_never_shown_and_removed_by_the_next() {
    let environment = TestEnvironment::new();
    setup(&environment, &["claude"]);
    // The session of a person that is named similarly, and what two canaries have left: one just now.
    let real = ["recount-canaryx", "recount-canary", "recount-canary_1"];
    let input: Vec<Value> = real.iter().map(|session| message(session, "msg_1")).collect();
    environment.hook(messages(&input)).finish().ends_with(0);
    for session in ["recount-canary-0-0", "recount-canary-1-0"] {
        environment.hook(messages(&[message(session, "msg_1")])).finish().ends_with(0);
        environment.hook(hook_event(session, "SessionEnd", "")).finish().ends_with(0);
    }
    environment.run(["spool", "drain"]).ends_with(0);
    let list = environment.run(["session", "list"]).output();
    assert!(!list.contains("recount-canary-") && list.contains("recount-canaryx"), "{list}");
    for arguments in [["session", "show"], ["usage", "--explain"]] {
        environment.recount(arguments).arguments(["recount-canary-0-0"]).finish().ends_with(1);
    }
    let told = environment.run(["db", "status"]).output();
    assert!(told.contains("\nsessions: 3\nmessages: 3\n"), "{told}");

    let aged =
        "UPDATE sessions SET received_at_unix_ms = 1 WHERE session_id LIKE 'recount-canary-0%';
        UPDATE messages SET received_at_unix_ms = 1 WHERE session_id LIKE 'recount-canary-0%';
        UPDATE events SET received_at_unix_ms = 1 WHERE session_id LIKE 'recount-canary-0%';
        UPDATE sessions SET received_at_unix_ms = 1 WHERE session_id LIKE 'recount-canaryx'";
    super::ask(&environment.default_database(), aged);
    let findings = doctor(&environment, &[]);
    findings.tells("canary", "ok: what an earlier one has left is removed").nothing_else(&[]);
    let left = environment.record().column::<String>("SELECT session_id FROM sessions ORDER BY 1");
    assert_eq!(
        left,
        ["recount-canary", "recount-canary-1-0", "recount-canary_1", "recount-canaryx"]
    );
    environment.record().is_whole();
}

#[test]
fn a_project_is_looked_at_from_where_its_agent_works() {
    let environment = TestEnvironment::new();
    write(&environment, ".git", "");
    setup(&environment, &["claude", "--project"]);
    let inner = environment.working_folder().join("a/b");
    fs::create_dir_all(&inner).expect("a folder");
    let run =
        environment.recount(["doctor", "--canary", "--format", "json"]).working_folder(&inner);
    Findings::of(&run.finish()).tells("claude-code canary", "ok: `").nothing_else(&[]);
}

#[test]
fn where_nothing_can_be_stored_each_command_is_told_to_fail() {
    let environment = TestEnvironment::new();
    setup(&environment, &["claude"]);
    setup(&environment, &["opencode"]);
    let looked_at = |options: &[&str]| {
        let run = environment.recount(["doctor", "--format", "json"].iter().chain(options));
        Findings::of(&run.variable("RECOUNT_DATABASE", "/proc/x/y.db").finish())
    };
    looked_at(&[]).tells("database", "failure: nothing can be written to `/proc`: ");
    let findings = looked_at(&["--canary"]);
    for agent in ["claude-code", "opencode"] {
        let told = findings.told(&format!("{agent} canary")).join("\n");
        assert!(told.starts_with("failure: `"), "{told}");
        assert!(told.contains(" ended with exit code 74: "), "{told}");
    }
}
