//! `recount setup claude`: what becomes of Claude Code's settings.

use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    setup::{files, lines, tree, write},
    support::{Run, TestEnvironment, set_mode},
};

fn setup(environment: &TestEnvironment, options: &[&str]) -> Run {
    environment.recount(["setup", "claude"].iter().chain(options))
}

fn user_settings(environment: &TestEnvironment) -> PathBuf {
    environment.home().join(".claude/settings.json")
}

fn project_settings(environment: &TestEnvironment) -> PathBuf {
    environment.working_folder().join(".claude/settings.local.json")
}

fn backup(settings: &Path) -> PathBuf {
    PathBuf::from(format!("{}.before-recount", settings.display()))
}

/// Writes a file of the person, with its folder.
fn write_at(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("text")
}

fn parsed(path: &Path) -> Value {
    serde_json::from_str(read(path).trim_start_matches('\u{feff}')).expect("Claude Code reads it")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o777
}

/// The hook that is called for an event.
fn hook(event: &str, database: &[&str]) -> Value {
    let program = fs::canonicalize(env!("CARGO_BIN_EXE_recount")).expect("it is there");
    let arguments = ["hooks", "conversation-trace", "--agent", "claude-code"];
    let arguments: Vec<&str> = arguments.iter().chain(database).copied().collect();
    let mut hook =
        json!({ "type": "command", "command": program, "args": arguments, "timeout": 15 });
    if event == "StopFailure" {
        hook["async"] = true.into();
    }
    hook
}

#[test]
fn hooks_go_into_the_settings_and_out_to_the_byte() {
    let texts = [
        None,
        Some(""),
        Some("{}"),
        Some("{}\n"),
        Some("{\n  \"model\": \"opus\"\n}"),
        Some("\u{feff}{\r\n\t\"env\": { \"KEY\": \"secret\" }\r\n}\r\n"),
        Some("{\n  \"hooks\": {\n    \"Stop\": [\n      { \"hooks\": [] }\n    ]\n  }\n}\n"),
        Some("{\"hooks\":{\"Stop\":[]}}"),
    ];
    for option in ["--global", "--project"] {
        for text in texts {
            let environment = TestEnvironment::new();
            let is_global = option == "--global";
            let path = if is_global { user_settings } else { project_settings }(&environment);
            if let Some(text) = text {
                write_at(&path, text);
                set_mode(&path, 0o640);
            }
            let (before, backup) = (files(&environment), backup(&path));
            let output = setup(&environment, &[option]).finish().output();
            if let Some(text) = text {
                assert_eq!(output, lines([("created", &backup), ("updated", &path)]), "{text:?}");
                assert_eq!((read(&backup), mode(&backup)), (text.to_owned(), 0o640));
                assert_eq!(mode(&path), 0o640);
            } else {
                assert_eq!(output, lines([("created", &path)]));
                assert_eq!(mode(&path), 0o600);
            }
            let events = parsed(&path)["hooks"].as_object().expect("an object").clone();
            assert_eq!(events.len(), 29, "{text:?}");
            for (event, groups) in events {
                let last = groups.as_array().expect("a list").last();
                assert_eq!(last, Some(&json!({ "hooks": [hook(&event, &[])] })), "{text:?}");
            }

            let installed = tree(environment.home().parent().expect("it has one"));
            let again = setup(&environment, &[option]).finish().output();
            assert_eq!(again, lines([("unchanged", &path)]), "{text:?}");
            assert_eq!(tree(environment.home().parent().expect("it has one")), installed);

            let output = setup(&environment, &[option, "--remove"]).finish().output();
            let done = if text.is_some() { "updated" } else { "removed" };
            let expected = lines([(done, &path)]);
            let copy = if text.is_some() { lines([("removed", &backup)]) } else { String::new() };
            assert_eq!(output, expected + &copy, "{text:?}");
            assert_eq!(files(&environment), before, "{text:?}");
            assert!(path.parent().expect("it has one").is_dir(), "it may have been there");
            let again = setup(&environment, &[option, "--remove"]).finish().output();
            assert_eq!(again, lines([("unchanged", &path)]));
        }
    }
}

#[test]
fn the_hook_that_is_registered_takes_in_an_event_and_says_nothing() {
    let environment = TestEnvironment::new();
    setup(&environment, &["--database", "x.db"]).finish().ends_with(0);
    let hook = parsed(&user_settings(&environment))["hooks"]["SessionEnd"][0]["hooks"][0].clone();
    let arguments = hook["args"].as_array().expect("a list").iter();
    let event = json!({
        "session_id": "s", "transcript_path": "/t", "cwd": "/", "hook_event_name": "SessionEnd",
        "reason": "other",
    });
    let run = Run::new(Path::new(hook["command"].as_str().expect("text")));
    let run = run.arguments(arguments.map(|argument| argument.as_str().expect("text")));
    assert_eq!(run.input(event.to_string()).finish().output(), "");
    let list = environment.run(["session", "list", "--database", "x.db"]).output();
    assert!(list.contains("claude-code"), "{list}");
}

#[test]
fn a_named_database_follows_and_the_backup_stays_what_was_before() {
    let environment = TestEnvironment::new();
    let path = user_settings(&environment);
    write_at(&path, "{\"a\": 1}");
    let registered = || parsed(&path)["hooks"]["Stop"][0]["hooks"][0].clone();
    let database = environment.working_folder().join("x.db").display().to_string();
    for (options, database) in
        [(&["--database", "x.db"][..], &["--database", &database][..]), (&[], &[])]
    {
        setup(&environment, options).finish().ends_with(0);
        assert_eq!(registered(), hook("Stop", database));
        assert_eq!(read(&backup(&path)), "{\"a\": 1}");
    }
    // What has been changed since is not in the backup, which therefore stays.
    fs::write(&path, read(&path).replace("\"a\": 1", "\"a\": 2")).expect("it is there");
    let output = setup(&environment, &["--remove"]).finish().output();
    assert_eq!(output, lines([("updated", &path)]));
    assert_eq!([read(&path), read(&backup(&path))], ["{\"a\": 2}", "{\"a\": 1}"]);
    // The next one takes its place, and nobody reads in it what he may not read in the settings.
    set_mode(&backup(&path), 0o644);
    set_mode(&path, 0o600);
    let output = setup(&environment, &[]).finish().output();
    assert_eq!(output, lines([("updated", &backup(&path)), ("updated", &path)]));
    assert_eq!((read(&backup(&path)), mode(&backup(&path))), ("{\"a\": 2}".to_owned(), 0o600));
}

#[test]
fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let environment = TestEnvironment::new();
    let path = user_settings(&environment);
    write_at(&path, "{\n  \"a\": 1\n}\n");
    let all = environment.home().parent().expect("it has one").to_owned();
    let dry = |options: &[&str]| {
        let before = tree(&all);
        let output = setup(&environment, options).arguments(["--dry-run"]).finish().output();
        assert_eq!(tree(&all), before, "{options:?}");
        output
    };
    let output = dry(&[]);
    let start = format!(
        "would create {}\nwould update {}\n  -   \"a\": 1\n  +   \"a\": 1,\n  +   \"hooks\": {{\n  +     \"SessionStart\": [ {{ ",
        backup(&path).display(),
        path.display(),
    );
    assert!(output.starts_with(&start), "{output}");
    setup(&environment, &[]).finish().ends_with(0);
    assert_eq!(dry(&[]), lines([("unchanged", &path)]));
    let output = dry(&["--remove"]);
    assert!(output.starts_with(&format!("would update {}\n  -   \"a\": 1,\n", path.display())));
    assert!(output.ends_with(&lines([("would remove", &backup(&path))])), "{output}");
}

#[test]
fn the_settings_are_where_claude_code_looks() {
    let environment = TestEnvironment::new();
    let folder = environment.working_folder().join("elsewhere");
    let run = setup(&environment, &[]).variable("CLAUDE_CONFIG_DIR", &folder);
    assert_eq!(run.finish().output(), lines([("created", &folder.join("settings.json"))]));
    // A project is the repository that the working folder is in.
    write(&environment, "repository/.git", "gitdir: elsewhere");
    let inner = environment.working_folder().join("repository/a/b");
    fs::create_dir_all(&inner).expect("a new folder");
    let run = setup(&environment, &["--project"]).working_folder(&inner);
    let path = environment.working_folder().join("repository/.claude/settings.local.json");
    assert_eq!(run.finish().output(), lines([("created", &path)]));

    let run = setup(&environment, &[]).without_variable("HOME").finish();
    run.ends_with(78)
        .complains("no folder for Claude Code's settings is known: ")
        .complains("hint: set `HOME`");
    setup(&environment, &["--project"]).without_variable("HOME").finish().ends_with(0);
}

#[test]
fn a_link_is_followed_and_stays_one() {
    let environment = TestEnvironment::new();
    let (link, target) = (user_settings(&environment), environment.home().join("dotfiles/claude"));
    write_at(&target, "{ \"a\": 1 }");
    fs::create_dir(environment.home().join(".claude")).expect("a new folder");
    symlink("../dotfiles/claude", &link).expect("a new link");
    let before = files(&environment);
    let output = setup(&environment, &[]).finish().output();
    assert_eq!(output, lines([("created", &backup(&link)), ("updated", &link)]));
    assert!(link.is_symlink() && read(&target).contains("conversation-trace"));
    setup(&environment, &["--remove"]).finish().ends_with(0);
    assert_eq!(files(&environment), before);

    // What we made and somebody has linked to is emptied and not taken away.
    fs::remove_file(&link).expect("it is there");
    setup(&environment, &[]).finish().ends_with(0);
    fs::rename(&link, &target).expect("it is there");
    symlink(&target, &link).expect("a new link");
    setup(&environment, &["--remove"]).finish().ends_with(0);
    assert_eq!(read(&link), "{}\n");
}

/// Runs with these options, which has to end so and to change no file.
fn is_refused(environment: &TestEnvironment, options: &[&str], code: i32, complaint: &str) {
    let before = files(environment);
    let finished = setup(environment, options).finish().ends_with(code).complains(complaint);
    assert_eq!(finished.stdout, "", "{options:?}");
    assert!(files(environment) == before, "{options:?}: {complaint}");
}

#[test]
fn settings_that_claude_code_does_not_read_are_left_alone() {
    let long = format!("{{ \"a\": \"{}\" }}", "x".repeat(10 << 20));
    let deep = "[".repeat(1 << 20);
    let cases: [(&[u8], &str); 11] = [
        (b"{\n  \"a\": 1,\n}", "settings.json`, line 2, column 9: trailing commas"),
        (b"{} // why", "settings.json`, line 1, column 4: comments are not allowed"),
        (b"[]", "settings.json`, line 1: no JSON object is in it"),
        (b"{ \"hooks\": [] }", "line 1: `hooks` has to be an object"),
        (b"{ \"hooks\": {},\n\"hooks\": {} }", "line 2: `hooks` is there a second time"),
        (b"{ \"a\": \"\xff\" }", "settings.json` is no text: invalid utf-8"),
        (b"\xff\xfe{\0}\0", "settings.json` is no text: invalid utf-8"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", "settings.json`, line 1, column 1: "),
        (b"\0", "settings.json`, line 1, column 1: "),
        (deep.as_bytes(), "line 1, column 513: "),
        (long.as_bytes(), "settings.json` is longer than 8388608 bytes"),
    ];
    let environment = TestEnvironment::new();
    for (text, complaint) in cases {
        write_at(&user_settings(&environment), text);
        for options in [&[][..], &["--dry-run"], &["--remove"]] {
            is_refused(&environment, options, 78, complaint);
        }
    }
    // Where the person's hooks are set wrong, ours cannot be set beside them.
    for (text, complaint) in [
        ("{ \"hooks\": {\n\"Stop\": {} } }", "line 2: `Stop` has to be a list"),
        ("{ \"hooks\": { \"Stop\": [], \"Stop\": [] } }", "`Stop` is there a second time"),
    ] {
        write_at(&user_settings(&environment), text);
        is_refused(&environment, &[], 78, complaint);
    }
    fs::remove_file(user_settings(&environment)).expect("it is there");
    fs::create_dir(user_settings(&environment)).expect("a new folder");
    is_refused(&environment, &[], 74, "settings.json` is no file");
}

#[test]
fn settings_that_their_owner_has_made_read_only_are_left_alone() {
    let environment = TestEnvironment::new();
    let path = user_settings(&environment);
    write_at(&path, "{}");
    set_mode(&path, 0o444);
    let complaint = "settings.json` would have to be changed, and is read-only for its owner";
    for options in [&[][..], &["--dry-run"]] {
        is_refused(&environment, options, 74, complaint);
    }
    is_refused(&environment, &[], 74, "(`chmod u+w`) and run the command again");
    // There is nothing to take away.
    setup(&environment, &["--remove"]).finish().ends_with(0);
    set_mode(&path, 0o644);
    setup(&environment, &[]).finish().ends_with(0);
    set_mode(&path, 0o444);
    is_refused(&environment, &["--remove"], 74, complaint);
}

#[test]
fn hooks_that_are_switched_off_are_set_up_with_a_word() {
    const OFF: &str = r#"{"disableAllHooks": true}"#;
    let environment = TestEnvironment::new();
    let said = |options: &[&str]| setup(&environment, options).finish().ends_with(0).stderr;
    assert_eq!(said(&[]), "");
    assert_eq!(said(&["--remove"]), "");
    let hint = |path: &Path| {
        format!(
            "hint: `{}` switches all hooks off: \
             Claude Code calls none until `disableAllHooks` is gone from it\n",
            path.display()
        )
    };
    let path = user_settings(&environment);
    write_at(&path, OFF);
    assert_eq!(said(&["--dry-run"]), hint(&path));
    assert_eq!(said(&[]), hint(&path));
    assert_eq!(said(&["--remove"]), "");
    // The project's settings outdo those of the person.
    let project = write(&environment, ".claude/settings.json", r#"{"disableAllHooks": false}"#);
    assert_eq!(said(&["--project"]), "");
    write_at(&project, OFF);
    assert_eq!(said(&["--project"]), hint(&project));
}

#[test]
fn long_settings_are_changed_in_time() {
    let environment = TestEnvironment::new();
    let path = user_settings(&environment);
    let text = format!("{{\n  \"a\": [{}1]\n}}\n", "\"x\", ".repeat(500_000));
    write_at(&path, &text);
    setup(&environment, &[]).finish().ends_with(0);
    setup(&environment, &["--remove"]).finish().ends_with(0);
    assert!(read(&path) == text);
}

#[test]
fn nothing_is_set_up_beside_the_plugin() {
    const ON: &str = r#"{"enabledPlugins": {"recount@recount": true}}"#;
    const OFF: &str = r#"{"enabledPlugins": {"recount@recount": false}}"#;
    let complaint =
        |path: &Path| format!("the plugin `recount@recount` is enabled in `{}`: ", path.display());
    let environment = TestEnvironment::new();
    let user = user_settings(&environment);
    write_at(&user, ON);
    is_refused(&environment, &[], 78, &complaint(&user));
    is_refused(&environment, &["--project", "--dry-run"], 78, &complaint(&user));
    is_refused(&environment, &[], 78, "hint: nothing more has to be set up; to have hooks instead");
    // This project has it not.
    let local = write(&environment, ".claude/settings.local.json", OFF);
    setup(&environment, &["--project"]).finish().ends_with(0);
    setup(&environment, &["--project", "--remove"]).finish().ends_with(0);
    assert_eq!(read(&local), OFF);

    write_at(&user, OFF);
    fs::remove_file(local).expect("it is there");
    let shared = write(&environment, ".claude/settings.json", ON);
    is_refused(&environment, &["--project"], 78, &complaint(&shared));
    fs::remove_file(shared).expect("it is there");
    setup(&environment, &["--project"]).finish().ends_with(0);

    // Some other project has it, which hooks for all projects would reach too.
    let other = environment.working_folder().join("other");
    write_at(&other.join(".claude/settings.local.json"), ON);
    let place = json!([{ "scope": "local", "projectPath": other }]);
    let installed = json!({ "version": 2, "plugins": { "recount@recount": place } });
    let list = environment.home().join(".claude/plugins/installed_plugins.json");
    write_at(&list, installed.to_string());
    is_refused(&environment, &[], 78, &complaint(&other.join(".claude/settings.local.json")));
    setup(&environment, &["--project"]).finish().ends_with(0);
    // What is there can always be taken away.
    fs::remove_file(&list).expect("it is there");
    setup(&environment, &[]).finish().ends_with(0);
    let settings = parsed(&user)["hooks"].clone();
    write_at(
        &user,
        json!({ "enabledPlugins": { "recount@x": true }, "hooks": settings }).to_string(),
    );
    is_refused(&environment, &[], 78, "the plugin `recount@x` is enabled");
    setup(&environment, &["--remove"]).finish().ends_with(0);
    assert_eq!(parsed(&user), json!({ "enabledPlugins": { "recount@x": true } }));
}

#[test]
fn what_is_to_be_removed_from_elsewhere_is_hinted_at() {
    let environment = TestEnvironment::new();
    let removed = |options: &[&str]| {
        setup(&environment, &["--remove"]).arguments(options).finish().ends_with(0).stderr
    };
    assert_eq!([removed(&[]), removed(&["--project"])], ["", ""]);
    setup(&environment, &["--project"]).finish().ends_with(0);
    let hint = "hint: this project has them: `recount setup claude --project --remove`\n";
    assert_eq!([removed(&["--dry-run"]), removed(&[])], [hint, hint]);
    assert_eq!(removed(&["--project"]), "");
    setup(&environment, &[]).finish().ends_with(0);
    let hint = "hint: they are there for all projects: `recount setup claude --global --remove`\n";
    assert_eq!(removed(&["--project"]), hint);
    assert_eq!([removed(&[]), removed(&["--project"])], ["", ""]);
}

#[test]
fn setups_at_once_do_it_once() {
    let environment = TestEnvironment::new();
    let path = user_settings(&environment);
    write_at(&path, "{ \"a\": 1 }");
    let runs: Vec<_> = (0..8).map(|_| setup(&environment, &[]).start()).collect();
    for run in runs {
        let _ = run.finish().ends_with(0);
    }
    assert_eq!(read(&path).matches("conversation-trace").count(), 29);
    assert_eq!(read(&backup(&path)), "{ \"a\": 1 }");
    let folder = path.parent().expect("it has one");
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 2, "nothing is left over");
}
