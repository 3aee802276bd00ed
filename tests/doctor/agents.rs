//! What agents are told to call.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::{Findings, doctor, hook, hooks, program, setup, user_settings};
use crate::{
    setup::write,
    support::{PROGRAM, TestEnvironment},
};

const REGISTRATION: &str = "claude-code registration";
const PROGRAM_OF_CLAUDE: &str = "claude-code program";
const EVENTS: &str = "claude-code events";

/// What is found once that was done to Claude Code's settings, as set-up has left them.
fn claude(change: impl Fn(&TestEnvironment)) -> Findings {
    let environment = TestEnvironment::new();
    setup(&environment, &["claude"]);
    change(&environment);
    let findings = doctor(&environment, &[]);
    assert!(!environment.working_folder().join("ran").exists(), "something else was run");
    findings
}

/// The same where one hook is registered.
fn with_hook(hook: &Value) -> Findings {
    claude(|environment| put_settings(environment, &hooks(&["Stop"], hook)))
}

fn put_settings(environment: &TestEnvironment, text: &str) {
    fs::write(user_settings(environment), text).expect("a file");
}

fn settings(environment: &TestEnvironment) -> Value {
    serde_json::from_slice(&fs::read(user_settings(environment)).expect("a file")).expect("JSON")
}

/// Says in the settings of the project that the plugin is enabled.
fn enable_plugin(environment: &TestEnvironment) {
    write(environment, ".claude/settings.json", r#"{"enabledPlugins": {"recount@x": true}}"#);
}

#[test]
fn hooks_that_are_registered_twice_are_found() {
    claude(|environment| setup(environment, &["claude", "--project"]))
        .also_tells(
            REGISTRATION,
            "warning: 29 events, such as `ConfigChange`, are registered twice alike",
        )
        .nothing_else(&[REGISTRATION]);
    let twice = "failure: 29 events, such as `ConfigChange`, are registered more than once";
    claude(|environment| setup(environment, &["claude", "--project", "--database", "/x.db"]))
        .also_tells(REGISTRATION, twice)
        .nothing_else(&[REGISTRATION]);
    claude(|environment| {
        let place = env!("CARGO_MANIFEST_DIR");
        let clone = json!({ "source": { "source": "directory" }, "installLocation": place });
        let plugins = environment.home().join(".claude/plugins");
        fs::create_dir_all(&plugins).expect("a folder");
        let known = json!({ "x": clone }).to_string();
        fs::write(plugins.join("known_marketplaces.json"), known).expect("a file");
        enable_plugin(environment);
    })
    .also_tells(REGISTRATION, twice)
    .also_tells(PROGRAM_OF_CLAUDE, "failure: `recount` is not in the `PATH`")
    .nothing_else(&[REGISTRATION, PROGRAM_OF_CLAUDE]);
    claude(|environment| {
        let mut settings = settings(environment);
        let other = json!({ "hooks": [hook("/bin/true", &[])] });
        settings["hooks"]["Stop"].as_array_mut().expect("a list").push(other);
        put_settings(environment, &settings.to_string());
    })
    .also_tells(REGISTRATION, "failure: 1 event, such as `Stop`, is registered more than once");
}

#[test]
fn what_is_registered_for_all_projects_is_not_doubled_in_the_persons_own_folder() {
    let environment = TestEnvironment::new();
    setup(&environment, &["claude"]);
    let entry = environment.home().join(".config/opencode/opencode.json");
    setup(&environment, &["opencode", "--project"]);
    fs::create_dir_all(entry.parent().expect("it has one")).expect("a folder");
    fs::rename(environment.working_folder().join("opencode.json"), &entry).expect("it was made");
    for folder in [environment.home(), environment.home().join(".config/opencode")] {
        let run = environment.recount(["doctor", "--format", "json"]).working_folder(&folder);
        Findings::of(&run.finish())
            .tells(REGISTRATION, "ok: 29 events in `")
            .tells("opencode registration", "ok: an entry in `")
            .nothing_else(&[]);
    }
}

#[test]
fn hooks_that_claude_code_does_not_call_are_found() {
    claude(enable_plugin)
        .also_tells(
            REGISTRATION,
            "failure: the plugin `recount@x` is enabled, and its files are not",
        )
        .nothing_else(&[REGISTRATION]);
    claude(|environment| {
        put_settings(
            environment,
            &settings(environment).to_string().replace("\"Stop\"", "\"Stopp\""),
        );
    })
    .tells(EVENTS, "warning: not registered, or only for some: `Stop`")
    .nothing_else(&[EVENTS]);
    claude(|environment| {
        let mut settings = settings(environment);
        settings["hooks"]["PreToolUse"][0]["matcher"] = "Bash".into();
        settings["hooks"]["PostToolUse"][0]["matcher"] = "*".into();
        settings["hooks"]["Stop"][0]["hooks"][0]["if"] = "Bash(git *)".into();
        put_settings(environment, &settings.to_string());
    })
    .tells(EVENTS, "warning: not registered, or only for some: `PreToolUse`, `Stop`")
    .nothing_else(&[EVENTS]);
    claude(|environment| {
        write(environment, ".claude/settings.local.json", r#"{"disableAllHooks": true}"#);
    })
    .also_tells(REGISTRATION, "failure: `")
    .nothing_else(&[REGISTRATION]);
    claude(|environment| put_settings(environment, "{,"))
        .tells(REGISTRATION, "failure: `")
        .nothing_else(&[REGISTRATION]);
}

#[test]
fn the_program_that_hooks_call_is_looked_at() {
    let environment = TestEnvironment::new();
    let at = |name: &str| environment.home().join(name);
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    program(&at("old/recount"), "echo recount 0.0.1");
    program(&at("silent/recount"), "exit 3");
    program(&at("wrapper"), "echo recount 0.1.0; touch ran");
    fs::create_dir(at("plain")).expect("a folder");
    fs::write(at("plain/recount"), "").expect("a file");
    let shell = |line: &str| json!({ "type": "command", "command": line });
    let long = "recount hooks conversation-trace; touch ran";
    let cases = [
        (hook("/nowhere/recount", &[]), "failure: `/nowhere/recount` is not there"),
        (hook(&text(at("plain/recount")), &[]), "failure: `"),
        (hook(&text(at("silent/recount")), &[]), "failure: `"),
        (hook(&text(at("old/recount")), &[]), "warning: `"),
        (hook(&text(at("wrapper")), &[]), "warning: `"),
        (shell(long), "warning: `recount hooks conversation-trace; touch ran` is more than a call"),
        (shell("recount hooks conversation-trace"), "failure: `recount` is not in the `PATH`"),
    ];
    for (hook, expected) in cases {
        with_hook(&hook)
            .tells(PROGRAM_OF_CLAUDE, expected)
            .nothing_else(&[PROGRAM_OF_CLAUDE, EVENTS]);
    }
    assert!(!at("ran").exists(), "something else was run");
}

#[test]
fn what_is_wrong_with_opencodes_plugin_is_found() {
    const REGISTRATION: &str = "opencode registration";
    let plugin = |environment: &TestEnvironment| {
        environment.home().join(".config/opencode/plugin/recount.js")
    };
    let findings = |change: &dyn Fn(&TestEnvironment)| {
        let environment = TestEnvironment::new();
        setup(&environment, &["opencode"]);
        change(&environment);
        doctor(&environment, &[])
    };
    findings(&|environment| setup(environment, &["opencode", "--project"]))
        .also_tells(REGISTRATION, "warning: OpenCode loads everything more than once")
        .nothing_else(&[REGISTRATION]);
    findings(&|environment| {
        let text = fs::read_to_string(plugin(environment)).expect("text");
        fs::write(plugin(environment), text + "// changed\n").expect("a file");
    })
    .also_tells(REGISTRATION, "warning: `")
    .nothing_else(&[REGISTRATION]);
    findings(&|environment| {
        fs::remove_file(plugin(environment)).expect("it is there");
        let entry = r#"{"plugin": ["file:///d/recount/plugins/opencode/recount.js"]}"#;
        write(environment, "opencode.json", entry);
    })
    .tells(REGISTRATION, "failure: `")
    .nothing_else(&[REGISTRATION]);
    findings(&|environment| {
        write(environment, "opencode.jsonc", "{");
    })
    .also_tells(REGISTRATION, "failure: `")
    .also_tells(REGISTRATION, "ok: `")
    .nothing_else(&[REGISTRATION]);
    // What was installed and has moved since is looked for in the `PATH`.
    findings(&|environment| {
        let text = fs::read_to_string(plugin(environment)).expect("text");
        let program = fs::canonicalize(PROGRAM).expect("it is there");
        let text = text.replace(&*program.to_string_lossy(), "/nowhere/recount");
        fs::write(plugin(environment), text).expect("a file");
    })
    .tells("opencode program", "failure: `recount` is not in the `PATH`")
    .nothing_else(&["opencode program"]);
}
