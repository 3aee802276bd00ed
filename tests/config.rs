//! `recount config`, and what the settings file does to any command.

use std::fs;

use serde_json::Value;

use crate::support::{ENVELOPE, TestEnvironment};

/// The settings as `config show` tells them: value and source by key.
fn setting(output: &str, key: &str) -> (Value, Value) {
    let shown: Value = serde_json::from_str(output).expect("JSON");
    let settings = shown["settings"].as_array().expect("a list");
    let found = settings.iter().find(|setting| setting["key"] == key).expect("the key is listed");
    (found["value"].clone(), found["source"].clone())
}

#[test]
fn show_tells_where_each_value_comes_from() {
    let environment = TestEnvironment::new().with_settings("[hooks]\ndeadline_ms = 7\n");
    let run = environment.recount(["config", "show", "--format", "json", "--database", "x.db"]);
    let output = run.variable("RECOUNT_LOG", "info").finish().output();
    assert_eq!(setting(&output, "hooks.deadline_ms"), (7.into(), "file".into()));
    assert_eq!(setting(&output, "log"), ("info".into(), "environment".into()));
    assert_eq!(setting(&output, "readers.lease_timeout_ms"), (5000.into(), "default".into()));
    let database = environment.working_folder().join("x.db").display().to_string();
    assert_eq!(setting(&output, "database"), (database.into(), "command_line".into()));
}

#[test]
fn what_show_prints_is_a_settings_file_that_says_the_same() {
    let settings = "\
        store.synchronous = \"normal\"\n\
        [[prices]]\n\
        provider = \"p\"\n\
        model = \"m  # \\u001b\"\n\
        aliases = [\"n\"]\n\
        from = 2026-01-02\n\
        prompt_over_tokens = 200_000\n\
        input = 3.750\n\
        reasoning = 4\n";
    let first = TestEnvironment::new().with_settings(settings);
    let shown = first.run(["config", "show"]).output();
    let price = r#"prices = [{ provider = "p", model = "m  # \u001b", aliases = ["n"], from = "2026-01-02", prompt_over_tokens = 200000, input = "3.75", reasoning = "4" }]"#;
    assert!(shown.contains(price), "{shown}");
    assert!(shown.contains("store.synchronous = \"normal\""), "{shown}");
    assert!(shown.contains("# file, line 1"), "{shown}");
    let second = TestEnvironment::new().with_settings(&shown);
    let again = second.run(["config", "show"]).output();
    let values = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| Some(line.rsplit_once("  #")?.0.trim().to_owned())).collect()
    };
    assert_eq!(values(&again), values(&shown));
}

#[test]
fn the_schema_is_one() {
    let output = TestEnvironment::new().run(["config", "schema"]).output();
    let schema: Value = serde_json::from_str(&output).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema), "{schema:#}");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn a_fault_in_the_file_stops_commands_with_78_and_says_all_of_it() {
    let environment = TestEnvironment::new()
        .with_settings("[hooks]\ndeadline = 5\n[store]\nsynchronous = \"never\"\n");
    let file = environment.settings_file().display().to_string();
    for arguments in [["config", "show"], ["db", "path"]] {
        let finished = environment.run(arguments).ends_with(78);
        let expected = format!(
            "recount: settings file `{file}`, line 2: unknown key `hooks.deadline`\n\
             hint: did you mean `hooks.deadline_ms`?\n\
             recount: settings file `{file}`, line 4: `store.synchronous` is \"never\" but has to be \"full\" or \"normal\"\n"
        );
        assert_eq!((finished.stdout.as_str(), finished.stderr), ("", expected));
    }
}

#[test]
fn a_fault_in_the_file_stops_no_hook_and_is_logged() {
    for settings in ["[hooks]\ndeadline = 5\n", "[", "[[prices]]\nmodel = 1\n"] {
        let environment = TestEnvironment::new().with_settings(settings);
        let run = environment.recount(["hooks", "conversation-trace"]).input(ENVELOPE);
        let receipt = run.finish().output();
        assert!(receipt.starts_with("conversation-trace: attempted=1"), "{settings}: {receipt}");
        let log = environment.default_database().with_extension("db.log");
        let log = fs::read_to_string(log).expect("the fault is logged");
        assert!(log.contains("WARN") && log.contains("config.toml`, line "), "{settings}: {log}");
    }
}

#[test]
fn without_anything_to_say_no_log_is_made() {
    let environment = TestEnvironment::new();
    let run = environment.recount(["hooks", "conversation-trace"]).input(ENVELOPE);
    run.finish().ends_with(0);
    assert!(!environment.default_database().with_extension("db.log").exists());
}

#[test]
fn the_schema_helps_even_where_the_file_is_broken() {
    let environment = TestEnvironment::new().with_settings("[");
    assert!(environment.run(["config", "schema"]).output().contains("drain_files"));
}
