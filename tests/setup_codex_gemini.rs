//! `recount setup codex` and `recount setup gemini`: what becomes of the files of those agents. The
//! agents themselves are not there; `clients` runs them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    setup::tree,
    support::{Run, TestEnvironment, set_mode},
};

/// An agent, where its hooks are, for which events, and whether there may be comments.
struct Case {
    agent: &'static str,
    global: &'static str,
    project: &'static str,
    events: &'static [&'static str],
    takes_comments: bool,
}

const CASES: [Case; 2] = [
    Case {
        agent: "codex",
        global: ".codex/hooks.json",
        project: ".codex/hooks.json",
        events: &[
            "SessionStart",
            "UserPromptSubmit",
            "SubagentStart",
            "SubagentStop",
            "Stop",
            "SessionEnd",
        ],
        takes_comments: false,
    },
    Case {
        agent: "gemini",
        global: ".gemini/settings.json",
        project: ".gemini/settings.json",
        events: &["SessionStart", "BeforeAgent", "AfterAgent", "SessionEnd"],
        takes_comments: true,
    },
];

impl Case {
    fn setup(&self, environment: &TestEnvironment, options: &[&str]) -> Run {
        environment.recount(["setup", self.agent].iter().chain(options))
    }

    fn path(&self, environment: &TestEnvironment, option: &str) -> PathBuf {
        match option {
            "--project" => environment.working_folder().join(self.project),
            _ => environment.home().join(self.global),
        }
    }

    /// What is called.
    fn command(&self) -> String {
        let program = fs::canonicalize(env!("CARGO_BIN_EXE_recount")).expect("it is there");
        format!("'{}' hooks conversation-trace --agent {}", program.display(), self.agent)
    }
}

/// Writes a file of the person, with its folder.
fn write_at(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("text")
}

#[test]
fn hooks_go_in_once_and_out_to_the_byte() {
    let texts = [
        None,
        Some(""),
        Some("{}\n"),
        Some("{\n  \"other\": [1, 2]\n}"),
        Some("\u{feff}{\r\n\t\"env\": { \"KEY\": \"secret\" }\r\n}\r\n"),
        Some(
            "{ \"hooks\": { \"SessionEnd\": [ { \"hooks\": [{ \"type\": \"command\", \"command\": \"mine\" }] } ] } }",
        ),
    ];
    for (case, option) in CASES.iter().flat_map(|case| ["--global", "--project"].map(|o| (case, o)))
    {
        for text in texts {
            let environment = TestEnvironment::new();
            let path = case.path(&environment, option);
            if let Some(text) = text {
                write_at(&path, text);
            }
            let _ = case.setup(&environment, &[option]).finish().ends_with(0);
            let after = read(&path);
            let hooks: Value =
                serde_json::from_str(after.trim_start_matches('\u{feff}')).expect("JSON");
            for event in case.events {
                let group = hooks["hooks"][event].as_array().and_then(|groups| groups.last());
                let hook = &group.expect("it is registered")["hooks"][0];
                assert_eq!([&hook["type"], &hook["command"]], ["command", &case.command()]);
            }
            assert_eq!(
                hooks["hooks"].as_object().map(serde_json::Map::len),
                Some(case.events.len())
            );
            let again = case.setup(&environment, &[option]).finish().ends_with(0).stdout;
            assert_eq!(again, format!("unchanged {}\n", path.display()));
            assert_eq!(read(&path), after);
            let _ = case.setup(&environment, &[option, "--remove"]).finish().ends_with(0);
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), text, "{option} {text:?}");
        }
    }
}

#[test]
fn a_dry_run_changes_nothing_and_starts_nothing() {
    for case in &CASES {
        let environment = TestEnvironment::new();
        let programs = environment.home().join("programs");
        write_at(&programs.join("codex"), "#!/bin/sh\ntouch \"$HOME/started\"\n");
        set_mode(&programs.join("codex"), 0o755);
        let before = tree(&environment.home());
        let run = case.setup(&environment, &["--dry-run"]);
        let run = run.variable("PATH", programs).finish().ends_with(0);
        assert!(
            run.stdout.contains("would create ") && run.stdout.contains("+   \"SessionStart\"")
        );
        assert_eq!(tree(&environment.home()), before);
    }
}

#[test]
fn a_file_that_the_agent_does_not_read_is_left_alone() {
    let texts = ["{", "[]", "{\"hooks\": []}", "{\"hooks\": {\"SessionEnd\": {}}}", "// mine\n{}"];
    for (case, text) in CASES.iter().flat_map(|case| texts.map(|text| (case, text))) {
        let environment = TestEnvironment::new();
        let path = case.path(&environment, "--global");
        write_at(&path, text);
        let is_read = case.takes_comments && text.starts_with("//");
        let finished = case.setup(&environment, &[]).finish();
        if is_read {
            assert_eq!(finished.code, Some(0), "{}", finished.stderr);
            let _ = case.setup(&environment, &["--remove"]).finish().ends_with(0);
        } else {
            let named = format!("`{}`, line 1", path.display());
            let _ = finished.ends_with(78).complains(&named).complains("nothing was changed");
        }
        assert_eq!(read(&path), text);
    }
}

#[test]
fn a_codex_that_does_not_answer_as_it_should_costs_no_hooks() {
    let answers = [
        ("exit 3", "has ended"),
        ("echo no; exit 0", "has ended"),
        (
            "read line; echo '{\"id\":1,\"error\":{\"code\":-1}}'; cat >/dev/null",
            "does not understand `initialize`",
        ),
        (
            "read line; echo '{\"id\":1,\"result\":{}}'; read line; read line; \
             echo '{\"id\":2,\"result\":{\"data\":[]}}'; cat >/dev/null",
            "does not understand `hooks/list`",
        ),
    ];
    for (script, complaint) in answers {
        let environment = TestEnvironment::new();
        let programs = environment.home().join("programs");
        write_at(&programs.join("codex"), &format!("#!/bin/sh\n{script}\n"));
        set_mode(&programs.join("codex"), 0o755);
        let path = format!("{}:/usr/bin:/bin", programs.display());
        let run = CASES[0].setup(&environment, &[]).variable("PATH", path).finish().ends_with(0);
        let _ = run.complains(complaint).complains("until you trust them");
        assert!(CASES[0].path(&environment, "--global").exists());
    }
}

#[test]
fn hooks_that_gemini_cli_does_not_call_are_set_up_with_a_word() {
    let environment = TestEnvironment::new();
    let path = CASES[1].path(&environment, "--global");
    write_at(&path, &json!({ "hooksConfig": { "enabled": false } }).to_string());
    let run = CASES[1].setup(&environment, &[]).finish().ends_with(0);
    let _ = run.complains("switches hooks off");
    let doctor = environment.run(["doctor", "--agent", "gemini"]);
    assert!(doctor.stdout.contains("switches all hooks off: `hooksConfig.enabled`"));
}

#[test]
fn what_is_to_be_removed_from_elsewhere_is_hinted_at() {
    for case in &CASES {
        let environment = TestEnvironment::new();
        let _ = case.setup(&environment, &[]).finish().ends_with(0);
        let run = case.setup(&environment, &["--project", "--remove"]).finish().ends_with(0);
        let _ = run.complains("--global --remove");
    }
}
