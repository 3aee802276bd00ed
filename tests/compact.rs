//! `recount db compact`: the record is the same before and after, whenever it is killed.

use std::{fs, path::PathBuf};

use serde_json::json;

use crate::support::{
    TestEnvironment,
    envelope::{envelope, message, messages, part, parts},
    say, set_mode, strace_works,
};

/// A record with a hole where much has been deleted, all of it in its file.
fn with_a_hole() -> TestEnvironment {
    let environment = TestEnvironment::new().with_settings("store.checkpoint_bytes = 0");
    environment.hook(messages(&[message("ses_1", "msg_1")])).finish().ends_with(0);
    environment.hook(parts(&[part("ses_1", "msg_1", "prt_1", "kept")])).finish().ends_with(0);
    let wrong = |number: usize| {
        json!({ "session_id": "ses_1", "message_id": number, "role": "nobody",
                "text": "x".repeat(10_000) })
    };
    let wrong: Vec<_> = (0..60).map(wrong).collect();
    environment.hook(envelope("message.updated", &wrong)).finish().ends_with(0);
    environment.run(["rejects", "discard", "--all"]).ends_with(0);
    environment
}

fn length(environment: &TestEnvironment) -> u64 {
    fs::metadata(environment.default_database()).expect("it is there").len()
}

fn log(environment: &TestEnvironment) -> PathBuf {
    environment.default_database().with_extension("db-wal")
}

#[test]
fn what_was_deleted_is_given_back_and_the_rest_is_the_same() {
    let environment = with_a_hole();
    let (before, tables) = (length(&environment), environment.record().tables());
    // What is handed over is drained first.
    environment.hook(parts(&[part("ses_1", "msg_1", "prt_2", "late")])).finish().ends_with(0);
    let output = environment.run(["db", "compact"]).output();
    let after = length(&environment);
    assert!(after < before / 2, "{before} {after}");
    assert!(
        output.starts_with("saved ") && output.ends_with(&format!(", {after} now\n")),
        "{output}"
    );
    assert!(fs::metadata(log(&environment)).map_or(0, |log| log.len()) == 0);
    let folder = environment.default_database().parent().expect("a folder").to_owned();
    let names =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one").file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().contains("compacted")));
    environment.run(["db", "check"]).ends_with(0);
    environment.record().is_whole();
    assert_ne!(environment.record().tables(), tables, "the late part is in it");
    let again = environment.run(["db", "compact"]).output();
    assert!(again.starts_with("saved 0 bytes: "), "{again}");
    environment.hook(parts(&[part("ses_1", "msg_1", "prt_3", "more")])).finish().ends_with(0);
    let shown = environment.run(["session", "show", "ses_1"]).output();
    assert!(["kept", "late", "more"].iter().all(|text| shown.contains(text)), "{shown}");
}

#[test]
fn there_has_to_be_a_database_and_a_folder_that_can_be_written_to() {
    let environment = TestEnvironment::new();
    environment.run(["db", "compact"]).ends_with(1).complains("does not exist yet");
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    environment.hook(messages(&[message("ses_1", "msg_1")])).finish().ends_with(0);
    environment.run(["session", "list"]).ends_with(0);
    let folder = environment.default_database().parent().expect("a folder").to_owned();
    let before = environment.record().tables();
    set_mode(&folder, 0o555);
    let refused = environment.run(["db", "compact"]);
    set_mode(&folder, 0o755);
    assert_ne!(refused.code, Some(0), "{refused:?}");
    assert_eq!(environment.record().tables(), before);
    environment.run(["db", "check"]).ends_with(0);
}

/// The calls by which it changes a file or a name.
const CALLS: [&str; 10] = [
    "fchmodat",
    "chmod",
    "fdatasync",
    "fsync",
    "ftruncate",
    "openat",
    "pwrite64",
    "pwritev",
    "rename",
    "unlink",
];

#[test]
fn a_compaction_that_is_killed_before_any_change_leaves_the_record_whole() {
    if !strace_works() {
        return;
    }
    let environment = with_a_hole();
    let database = environment.default_database();
    let original = fs::read(&database).expect("it is there");
    let original_log = fs::read(log(&environment)).expect("it is there");
    assert!(!original_log.is_empty(), "what was deleted is still in the log");
    let restore = || {
        fs::write(&database, &original).expect("it is ours");
        fs::write(log(&environment), &original_log).expect("it is ours");
    };
    let tables = environment.record().tables();
    let (mut kills, mut replaced) = (0, 0);
    for call in CALLS {
        for nth in 1..1_000 {
            let option = format!("--inject=?{call}:signal=KILL:when={nth}");
            let run = environment.recount_under_strace([&option], ["db", "compact"]);
            let code = run.finish().code;
            assert!(matches!(code, Some(0) | None), "{option}: {code:?}");
            assert_eq!(environment.record().tables(), tables, "{option}");
            environment.record().is_whole();
            replaced += usize::from(length(&environment) < original.len() as u64);
            if code.is_some() {
                restore();
                break;
            }
            kills += 1;
            environment.run(["db", "check"]).ends_with(0);
            restore();
        }
    }
    say(&format!("compact: killed before {kills} calls, {replaced} times in its new place"));
    assert!(kills > 30 && replaced > CALLS.len(), "{kills} {replaced}");
}
