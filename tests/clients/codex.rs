//! Codex against a scripted model: its sessions are in the record and go on.

pub mod client;

use std::fs;

use serde_json::{Value, json};

use self::client::Codex;

/// Some columns of the one session in the list.
fn listed<const N: usize>(codex: &Codex, columns: [&str; N]) -> Value {
    let list = codex.recount(&["session", "list", "--check", "--format", "json"]).finish();
    let list: Value = serde_json::from_str(&list.output()).expect("JSON");
    assert_eq!(list["summary"]["sessions"], 1, "{list:#}");
    columns.map(|column| list["details"][0][column].clone()).to_vec().into()
}

#[test]
fn a_person_who_has_set_it_up_has_sessions_in_the_list() {
    let codex = Codex::new();
    let before = codex.config();
    let _ = codex.setup(&[]).finish().ends_with(0);
    codex.run("one");
    let folder = codex.environment().working_folder();
    let columns = ["session_id", "agent", "project_path", "model_id", "messages", "resume_state"];
    let expected = json!([codex.session(), "codex", folder, "gpt-5.5", 2, "active"]);
    assert_eq!(listed(&codex, columns), expected);
    assert_eq!(listed(&codex, ["end_reason"]), json!(["other"]));
    let shown = codex.shown();
    let texts: Vec<_> =
        shown["parts"].as_array().expect("a list").iter().map(|part| &part["text"]).collect();
    assert_eq!(texts, ["[[script:short]] one", "Short answer."]);
    let _ = codex.setup(&["--remove"]).finish().ends_with(0);
    assert_eq!(codex.config(), before, "what Codex was told to trust is gone with the hooks");
    assert!(!codex.hooks().exists());
}

#[test]
fn a_hook_is_called_once_setup_has_had_it_trusted_and_nobody_elses_is() {
    let codex = Codex::new();
    let witness = codex.environment().home().join("called");
    let others = json!({ "type": "command", "command": format!("touch '{}'", witness.display()) });
    let others = json!({ "hooks": { "Stop": [{ "hooks": [others] }] } }).to_string();
    fs::write(codex.hooks(), &others).expect("a new file");
    let nowhere = codex.environment().home().join("programs");
    let setup = codex.setup(&[]).variable("PATH", nowhere).finish().ends_with(0);
    let _ = setup.complains("`codex` is not in the `PATH`");
    codex.run("one");
    assert!(!codex.environment().default_database().exists(), "nothing is called");
    let doctor = codex.recount(&["doctor", "--agent", "codex"]).finish();
    assert!(doctor.stdout.contains("6 of our 6 hooks in `"), "{}", doctor.stdout);
    let trusted = codex.setup(&[]).finish().output();
    assert!(trusted.contains("trusted 6 hooks in "), "{trusted}");
    assert!(!codex.setup(&[]).finish().output().contains("trusted"), "twice is once");
    codex.run("two");
    assert_eq!(listed(&codex, ["messages"]), json!([2]));
    assert!(!witness.exists(), "another's hook");
    let doctor = codex.recount(&["doctor", "--agent", "codex"]).finish();
    assert!(!doctor.stdout.contains("not trusted"), "{}", doctor.stdout);
    let _ = codex.setup(&["--remove"]).finish().ends_with(0);
    assert_eq!(fs::read_to_string(codex.hooks()).expect("it is there"), others);
    assert!(!codex.config().contains("trusted_hash"));
}

#[test]
fn trust_of_the_persons_own_stays() {
    let codex = Codex::new();
    let own = "\n[hooks.state]\n\n[hooks.state.\"/elsewhere/hooks.json:stop:0:0\"]\ntrusted_hash = \"sha256:0\" # mine\n";
    codex.configure(own);
    let before = codex.config();
    let _ = codex.setup(&[]).finish().ends_with(0);
    assert!(codex.config().contains("trusted_hash = \"sha256:0\" # mine\n"));
    let _ = codex.setup(&["--remove"]).finish().ends_with(0);
    assert_eq!(codex.config(), before);
}

#[test]
fn whoever_stands_behind_our_hooks_has_to_be_trusted_again_and_that_is_told() {
    let codex = Codex::new();
    let _ = codex.setup(&[]).finish().ends_with(0);
    let hooks = fs::read_to_string(codex.hooks()).expect("it is there");
    let own = r#"{ "hooks": [{ "type": "command", "command": "true" }] }"#;
    let behind = hooks.replacen(" ],\n", &format!(", {own} ],\n"), 1);
    fs::write(codex.hooks(), &behind).expect("a file");
    let key = format!("{}:session_start:1:0", codex.hooks().display());
    codex.configure(&format!("\n[hooks.state.{}]\ntrusted_hash = \"sha256:0\"\n", json!(key)));
    let removed = codex.setup(&["--remove"]).finish().ends_with(0);
    let _ = removed.complains("other hooks in the file stand elsewhere now");
    let rest: Value =
        serde_json::from_str(&fs::read_to_string(codex.hooks()).expect("it is there"))
            .expect("JSON");
    assert_eq!(
        rest["hooks"],
        json!({ "SessionStart": [serde_json::from_str::<Value>(own).expect("JSON")] })
    );
}

#[test]
fn hooks_of_a_project_are_trusted_where_codex_trusts_the_project() {
    let codex = Codex::new();
    let setup = codex.setup(&["--project"]).finish().ends_with(0);
    let _ = setup.complains("Codex calls no hooks of a project that it does not trust");
    let folder = codex.environment().working_folder();
    codex.configure(&format!("\n[projects.{}]\ntrust_level = \"trusted\"\n", json!(folder)));
    let before = codex.config();
    assert!(codex.setup(&["--project"]).finish().output().contains("trusted 6 hooks in "));
    codex.run("one");
    assert_eq!(listed(&codex, ["messages"]), json!([2]));
    let _ = codex.setup(&["--project", "--remove"]).finish().ends_with(0);
    assert_eq!(codex.config(), before);
}

#[test]
fn a_session_goes_on_in_the_same_session() {
    let codex = Codex::new();
    let _ = codex.setup(&[]).finish().ends_with(0);
    codex.run("one");
    let session = codex.session();
    let elsewhere = codex.environment().home();
    let options = ["exec", "--skip-git-repo-check", "[[script:short]] two"];
    let arguments = [&["session", "resume", &session[..13], "--"][..], &options].concat();
    let _ = codex.recount(&arguments).working_folder(&elsewhere).finish().ends_with(0);
    assert_eq!(codex.session(), session, "it has one rollout");
    let prompts = ["[[script:short]] one", "[[script:short]] two"];
    for prompt in prompts {
        let rollout = codex.rollout();
        let is_prompt = |line: &&str| line.contains("\"UserMessage\"") && line.contains(prompt);
        let of_prompt = rollout.lines().filter(is_prompt);
        assert_eq!(of_prompt.count(), 1, "{prompt}");
    }
    assert_eq!(listed(&codex, ["messages", "agent"]), json!([4, "codex"]));
    let shown = codex.shown();
    assert_eq!(shown["session"]["source"], "resume");
    assert_eq!(shown["session"]["project_path"], json!(codex.environment().working_folder()));
    let parts = shown["parts"].as_array().expect("a list").iter();
    let said: Vec<_> = parts.map(|part| part["text"].as_str().expect("a text")).collect();
    assert_eq!(said, [prompts[0], "Short answer.", prompts[1], "Short answer."]);
}

#[test]
fn a_session_that_is_gone_is_told_as_gone() {
    let codex = Codex::new();
    let _ = codex.setup(&[]).finish().ends_with(0);
    codex.run("one");
    let session = codex.session();
    codex.remove_rollout();
    assert_eq!(listed(&codex, ["resume_state"]), json!(["invalid"]));
    let refused = codex.recount(&["session", "resume", &session, "--", "exec"]).finish();
    let _ = refused.ends_with(1).complains("is gone: Codex does not have it any more");
    let options = ["--fallback", "--yes", "--", "exec", "--skip-git-repo-check"];
    let arguments = [&["session", "resume", &session][..], &options].concat();
    let _ = codex.recount(&arguments).finish().ends_with(0);
    assert_ne!(codex.session(), session, "a new one has begun");
    assert!(codex.rollout().contains("Read the file "));
}
