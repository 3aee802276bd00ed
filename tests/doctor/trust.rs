//! A project may be anybody's: a look from its folder runs nothing that it names or holds.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{Findings, hook, hooks, program, user_settings};
use crate::{
    setup::write,
    support::{PROGRAM, TestEnvironment, set_mode},
};

const CANARY: &str = "claude-code canary";

/// A program called recount that tells of being run.
fn trap(environment: &TestEnvironment, path: &Path) -> String {
    let ran = environment.home().join("ran");
    program(path, &format!("echo recount 0.1.0; echo ran >> '{}'", ran.display()));
    path.to_string_lossy().into_owned()
}

/// What is found with and without a canary; nothing but ourselves may have been run.
fn looked_at(environment: &TestEnvironment, path: Option<&Path>) -> Findings {
    let look = |options: &[&str]| {
        let run = environment.recount(["doctor", "--format", "json"].iter().chain(options));
        let run = path.into_iter().fold(run, |run, path| run.variable("PATH", path));
        Findings::of(&run.finish())
    };
    look(&[]);
    let findings = look(&["--canary"]);
    assert!(!environment.home().join("ran").exists(), "something else was run");
    findings
}

fn line(text: &str) -> Value {
    json!({ "type": "command", "command": format!("{text} hooks conversation-trace") })
}

#[test]
fn what_a_project_registers_is_not_run() {
    for settings in [".claude/settings.json", ".claude/settings.local.json"] {
        let environment = TestEnvironment::new();
        let inside = trap(&environment, &environment.working_folder().join("recount"));
        let outside = trap(&environment, &environment.home().join("bin/recount"));
        for registered in [
            hook("./recount", &[]),
            hook("${CLAUDE_PROJECT_DIR}/recount", &[]),
            hook(&inside, &[]),
            hook(&outside, &[]),
            line("./recount"),
            line("\"$CLAUDE_PROJECT_DIR/recount\""),
        ] {
            write(&environment, settings, &hooks(&["Stop"], &registered));
            let findings = looked_at(&environment, None);
            for check in ["claude-code program", CANARY] {
                let told = findings.told(check).join("\n");
                assert!(told.starts_with("warning: `"), "{registered}: {told}");
                assert!(told.ends_with("was not run: it is registered by this project"), "{told}");
            }
        }
    }
}

#[test]
fn what_a_projects_entry_for_opencode_names_is_not_run() {
    let environment = TestEnvironment::new();
    let inside = trap(&environment, &environment.working_folder().join("recount"));
    environment.run(["setup", "opencode", "--project"]).ends_with(0);
    let config = environment.working_folder().join("opencode.json");
    let mut value: Value =
        serde_json::from_slice(&fs::read(&config).expect("a file")).expect("JSON");
    value["plugin"][0] = json!([value["plugin"][0].clone(), { "command": inside }]);
    fs::write(&config, value.to_string()).expect("a file");
    let told = looked_at(&environment, None).told("opencode canary").join("\n");
    assert!(told.ends_with("was not run: it is registered by this project"), "{told}");
}

#[test]
fn what_lies_in_a_project_is_not_run_whoever_registers_it() {
    let environment = TestEnvironment::new();
    let bin = environment.working_folder().join("bin");
    trap(&environment, &bin.join("recount"));
    fs::create_dir(environment.home().join(".claude")).expect("a new folder");
    for registered in ["bin/recount", "${CLAUDE_PROJECT_DIR}/bin/recount", "recount"] {
        let settings = hooks(&["Stop"], &hook(registered, &[]));
        fs::write(user_settings(&environment), settings).expect("a file");
        let told = looked_at(&environment, Some(&bin)).told(CANARY).join("\n");
        assert!(told.ends_with("was not run: it lies in this project"), "{registered}: {told}");
    }
}

#[test]
fn what_others_can_change_is_not_run() {
    let environment = TestEnvironment::new();
    let bin = environment.home().join("bin");
    let path = PathBuf::from(trap(&environment, &bin.join("recount")));
    let settings = hooks(&["Stop"], &hook("recount", &[]));
    write(&environment, ".claude/settings.json", &settings);
    let link = environment.home().join("open");
    fs::create_dir(&link).expect("a folder");
    symlink(&path, link.join("recount")).expect("a link");
    for (open, mode, search) in [(&path, 0o757, &bin), (&bin, 0o777, &bin), (&link, 0o1777, &link)]
    {
        set_mode(open, mode);
        let told = looked_at(&environment, Some(search)).told(CANARY).join("\n");
        assert!(told.ends_with("was not run: others can change it"), "{}: {told}", open.display());
        set_mode(open, 0o755);
    }
}

#[test]
fn this_very_program_is_run_whatever_it_is_called_but_only_as_set_up_calls_it() {
    let environment = TestEnvironment::new();
    symlink(PROGRAM, environment.working_folder().join("r")).expect("a link");
    let told = |registered: &Value| {
        write(&environment, ".claude/settings.json", &hooks(&["Stop"], registered));
        looked_at(&environment, None).told(CANARY).join("\n")
    };
    let good = told(&hook("./r", &[]));
    assert!(good.starts_with("ok: `./r` for `Stop` took "), "{good}");
    let mut other = hook("./r", &[]);
    other["args"] = json!(["db", "check", "hooks", "conversation-trace"]);
    let other = told(&other);
    assert_eq!(other, "warning: `./r` was not run: it is registered by this project");
    let database = environment.home().join("made/x.db");
    let made = told(&hook("./r", &["--database", &database.to_string_lossy()]));
    assert!(made.contains("was not run: this project has it make the database `"), "{made}");
    assert!(!database.parent().expect("it has one").exists());
}
