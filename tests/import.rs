//! `recount import opencode`.

use std::{
    collections::BTreeMap,
    fs,
    io::{Seek, SeekFrom, Write},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, UNIX_EPOCH},
};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};

use crate::support::{
    Finished, OpenCode, Random, TestEnvironment,
    opencode::{SCHEMA, an_hour_ago},
    say, set_mode,
};

const CAPTURES: [&str; 3] = ["basic", "subagent", "error"];

const NOTHING_LOADED: &str = "Loaded 0 step_events, 0 patches, 0 reasoning parts\n";

fn capture(name: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let file = format!("{root}/tests/fixtures/captures/opencode/{name}.jsonl");
    fs::read_to_string(file).expect("the capture is there")
}

/// What the plugin makes of it.
fn envelopes(name: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    format!("{root}/tests/fixtures/opencode/{name}.envelopes.ndjson")
}

/// An `OpenCode` that was used in all the captured ways.
fn used(environment: &TestEnvironment) -> OpenCode {
    let opencode = OpenCode::new(&environment.opencode_folder());
    for name in CAPTURES {
        opencode.hear(&capture(name));
    }
    opencode
}

fn import(environment: &TestEnvironment) -> Finished {
    environment.run(["import", "opencode"])
}

/// What the second line counts.
fn counts(finished: &Finished) -> BTreeMap<&str, u64> {
    let line = finished.stdout.lines().nth(1).expect("two lines");
    let words = line.split(' ').filter_map(|word| word.split_once('='));
    words.filter_map(|(name, count)| Some((name, count.parse().ok()?))).collect()
}

fn count(finished: &Finished, name: &str) -> u64 {
    counts(finished)[name]
}

/// The rows that an import makes in an empty record.
fn tables_of(opencode: &Path) -> Vec<(String, Vec<String>)> {
    let environment = TestEnvironment::new();
    let run = environment.recount(["import", "opencode"]).arguments([opencode]);
    let _ = run.finish();
    environment.record().tables()
}

/// The names in a folder and what its files hold, but for the shared memory of those who have a
/// database open.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_shared = name.ends_with("-shm");
            (name, if is_shared { Vec::new() } else { fs::read(entry.path()).expect("a file") })
        })
        .collect()
}

#[test]
fn what_the_plugin_has_told_live_is_not_told_again() {
    for name in CAPTURES {
        let environment = TestEnvironment::new();
        OpenCode::new(&environment.opencode_folder()).hear(&capture(name));
        environment.run(["replay", &envelopes(name)]).ends_with(0);
        let live = environment.record().tables();
        let finished = import(&environment).ends_with(0);
        assert_eq!(
            (count(&finished, "stored"), count(&finished, "updated")),
            (0, 0),
            "{finished:?}"
        );
        assert!(count(&finished, "duplicate") > 0, "{finished:?}");
        assert_eq!(environment.record().tables(), live, "{name}");
    }
}

#[test]
fn the_plugin_adds_to_an_import_what_only_it_has_seen() {
    for name in CAPTURES {
        let (imported, live) = (TestEnvironment::new(), TestEnvironment::new());
        OpenCode::new(&imported.opencode_folder()).hear(&capture(name));
        import(&imported).ends_with(0);
        live.run(["replay", &envelopes(name)]).ends_with(0);
        let told = |environment: &TestEnvironment, table: &str, columns: &str| {
            let sql = format!("SELECT json_array({columns}) FROM {table} ORDER BY 1");
            environment.record().column::<String>(&sql)
        };
        for (table, columns) in [
            (
                "messages",
                "message_id, role, tokens_output, cost_given, error, generated_at_unix_ms, payload",
            ),
            (
                "parts",
                "part_id, part_type, text, reasoning_text, generated_at_unix_ms, ended_at_unix_ms",
            ),
            ("tool_calls", "call_id, status, input, output, exit_code, file_path, error"),
            ("step_events", "part_id, reason, cost_given, tokens_cache_read, snapshot_hash"),
            ("patches", "part_id, git_hash, files"),
            ("edits", "edit_id, path, diff"),
            ("file_operations", "operation_id, path, operation"),
            (
                "sessions",
                "session_id, title, parent_session_id, project_name, agent_name, model_id, agent_version, payload",
            ),
        ] {
            assert_eq!(
                told(&imported, table, columns),
                told(&live, table, columns),
                "{name} {table}"
            );
        }
        imported.run(["replay", &envelopes(name)]).ends_with(0);
        OpenCode::new(&live.opencode_folder()).hear(&capture(name));
        import(&live).ends_with(0);
        // An event row keeps when it was received.
        let conversation = |environment: &TestEnvironment| {
            let tables = environment.record().tables().into_iter();
            tables.filter(|(table, _)| table != "events").collect::<Vec<_>>()
        };
        assert!(conversation(&imported) == conversation(&live), "{name}");
    }
}

#[test]
fn two_lines_tell_what_was_loaded_and_a_second_time_there_is_nothing_to_load() {
    let environment = TestEnvironment::new();
    let _opencode = used(&environment);
    let first = import(&environment).output();
    assert_eq!(
        first,
        "Loaded 20 step_events, 2 patches, 3 reasoning parts\n\
         imported 4 sessions, 15 messages, 48 parts, 9 tool calls: stored=67 updated=0 duplicate=0 \
         rejected=0 unreadable=0 unchanged=0 skipped=0\n"
    );
    let rows = ["sessions", "messages", "parts", "tool_calls", "step_events", "patches"];
    let rows = rows.map(|table| environment.record().rows(table));
    assert_eq!(rows, [4, 15, 48, 9, 20, 2], "each counts once");
    let tables = environment.record().tables();
    let revision = "SELECT value FROM store_state WHERE name = 'revision'";
    let revision_before = environment.record().number(revision);
    let second = import(&environment).output();
    assert!(second.starts_with(NOTHING_LOADED), "{second}");
    let all = environment.run(["import", "opencode", "--all"]).ends_with(0);
    assert_eq!((count(&all, "duplicate"), count(&all, "stored")), (67, 0), "{all:?}");
    assert_eq!(environment.record().tables(), tables);
    assert_eq!(environment.record().number(revision), revision_before);
}

#[test]
fn a_session_that_went_on_is_read_from_where_it_was() {
    let environment = TestEnvironment::new();
    let mut opencode = OpenCode::new(&environment.opencode_folder());
    opencode.session(&json!({ "id": "ses_1" }));
    opencode.converse("ses_1", 1_200, 1);
    import(&environment).ends_with(0);
    let at = an_hour_ago() + 60_000;
    let part = |text: &str| {
        json!({ "id": "prt_new", "sessionID": "ses_1", "messageID": "msg_ses_1_000007",
                "type": "text", "text": text })
    };
    opencode.part(&part("new"), at, at);
    let finished = import(&environment).ends_with(0);
    assert_eq!((count(&finished, "stored"), count(&finished, "unchanged")), (1, 2_401));

    // Not the last row, and its clock was set back.
    opencode.part(&part("newer"), at, at + 5);
    opencode.execute(
        "UPDATE part SET time_updated = 7, data = json_set(data, '$.metadata', 1) \
                      WHERE id = 'prt_ses_1_000003_0000'",
    );
    opencode
        .session(&json!({ "id": "ses_1", "title": "Another title", "time": { "updated": at } }));
    let finished = import(&environment).ends_with(0);
    assert_eq!(count(&finished, "stored"), 0, "{finished:?}");
    assert!(count(&finished, "updated") >= 2, "{finished:?}");
    let record = environment.record();
    let text = "SELECT text FROM parts WHERE part_id = 'prt_new'";
    assert_eq!(record.column::<String>(text), ["newer"]);
    assert_eq!(record.column::<String>("SELECT title FROM sessions"), ["Another title"]);
    assert_eq!(count(&import(&environment).ends_with(0), "unchanged"), 2_402);
}

#[test]
fn another_store_in_the_same_place_is_read_from_its_start() {
    let environment = TestEnvironment::new();
    let folder = environment.opencode_folder();
    OpenCode::new(&folder).converse("ses_1", 3, 2);
    import(&environment).ends_with(0);
    fs::remove_dir_all(&folder).expect("it is ours");
    OpenCode::new(&folder).converse("ses_1", 5, 2);
    let finished = import(&environment).ends_with(0);
    assert_eq!((count(&finished, "stored"), count(&finished, "unchanged")), (6, 0), "{finished:?}");
}

#[test]
fn what_was_written_just_now_is_looked_at_again() {
    let environment = TestEnvironment::new();
    let opencode = OpenCode::new(&environment.opencode_folder());
    let now = an_hour_ago() + 3_600_000;
    let part = |text: &str| {
        json!({ "id": "prt_1", "sessionID": "ses_1", "messageID": "msg_1", "type": "text",
                "text": text, "time": { "start": now, "end": now } })
    };
    opencode.part(&part("aaa"), now, now);
    import(&environment).ends_with(0);
    // As long, and in the same millisecond.
    opencode.part(&part("bbb"), now, now);
    import(&environment).ends_with(0);
    assert_eq!(environment.record().column::<String>("SELECT text FROM parts"), ["bbb"]);
}

#[test]
fn nothing_in_the_folder_is_changed() {
    for is_open in [true, false] {
        let environment = TestEnvironment::new();
        let folder = environment.opencode_folder();
        let opencode = is_open.then(|| used(&environment));
        if opencode.is_none() {
            drop(used(&environment));
        }
        let before = content(&folder);
        assert_eq!(before.len(), if is_open { 3 } else { 1 });
        assert_eq!(count(&import(&environment).ends_with(0), "stored"), 67);
        import(&environment).ends_with(0);
        assert_eq!(content(&folder), before, "open: {is_open}");
    }
}

#[test]
fn a_log_that_was_left_behind_is_read() {
    let environment = TestEnvironment::new();
    let opencode = used(&environment);
    let copy = environment.working_folder().join("copy");
    fs::create_dir(&copy).expect("a new folder");
    for (name, _) in content(&environment.opencode_folder()) {
        fs::copy(environment.opencode_folder().join(&name), copy.join(&name)).expect("a copy");
    }
    drop(opencode);
    let before = content(&copy);
    assert!(before.contains_key("opencode.db-wal"), "{:?}", before.keys());
    let finished = environment.run(["import", "opencode", "copy"]).ends_with(0);
    assert_eq!(count(&finished, "stored"), 67);
    assert_eq!(content(&copy), before);
}

#[test]
fn a_folder_that_may_not_be_written_is_read() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    let folder = environment.working_folder().join("store");
    let opencode = OpenCode::new(&folder);
    for name in CAPTURES {
        opencode.hear(&capture(name));
    }
    for is_open in [true, false] {
        if !is_open {
            opencode.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            for suffix in ["-wal", "-shm"] {
                fs::remove_file(format!("{}{suffix}", opencode.database().display()))
                    .expect("a log");
            }
        }
        for (name, _) in content(&folder) {
            set_mode(&folder.join(name), 0o644);
        }
        set_mode(&folder, 0o555);
        let finished = environment.run(["import", "opencode", "--all", "store"]);
        assert_eq!((finished.code, count(&finished, "skipped")), (Some(0), 0), "{finished:?}");
        set_mode(&folder, 0o755);
    }
    let tables = environment.record().tables();
    assert_eq!(tables, tables_of(&folder));
}

#[test]
fn a_store_is_read_while_it_is_written() {
    let environment = TestEnvironment::new();
    let folder = environment.opencode_folder();
    let writer = OpenCode::new(&folder);
    let is_over = AtomicBool::new(false);
    let imports = thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = writer;
            for session in 0..30 {
                writer.session(&json!({ "id": format!("ses_{session}") }));
                writer.converse(&format!("ses_{session}"), 40, 5);
                writer.execute("PRAGMA wal_checkpoint(TRUNCATE)");
                // It closes its database, and nothing is left beside it, at times.
                if session % 3 == 0 {
                    let database = writer.database().to_owned();
                    drop(writer);
                    thread::sleep(Duration::from_millis(5));
                    writer = OpenCode::open(&database);
                }
            }
            is_over.store(true, Ordering::SeqCst);
        });
        let mut imports = 0;
        while !is_over.load(Ordering::SeqCst) {
            import(&environment).ends_with(0);
            imports += 1;
        }
        imports
    });
    import(&environment).ends_with(0);
    say(&format!("import: {imports} times while a store was written"));
    assert_eq!(environment.record().rows("parts"), 30 * 40 * 5);
    assert_eq!(environment.record().tables(), tables_of(&folder));
}

#[test]
fn killed_at_any_moment_it_goes_on() {
    let environment = TestEnvironment::new();
    let folder = environment.opencode_folder();
    let mut opencode = OpenCode::new(&folder);
    for session in 0..8 {
        opencode.session(&json!({ "id": format!("ses_{session}") }));
        opencode.converse(&format!("ses_{session}"), 150, 5);
    }
    drop(opencode);
    let mut random = Random::from_seed(Random::seed_of_this_run("import"));
    let mut kills = 0;
    let last = loop {
        let run = environment.recount(["import", "opencode"]);
        let finished = run.kill_after(random.span(Duration::from_millis(300))).finish();
        match finished.code {
            Some(0) => break finished,
            Some(code) => panic!("{code}: {finished:?}"),
            None => kills += 1,
        }
        if kills > 30 {
            break import(&environment).ends_with(0);
        }
    };
    say(&format!(
        "import: killed {kills} times; then {}",
        last.stdout.lines().last().unwrap_or("")
    ));
    assert_eq!(environment.record().tables(), tables_of(&folder));
    environment.record().is_whole();
    assert_eq!(count(&import(&environment).ends_with(0), "unchanged"), 8 * (1 + 150 + 750));
}

#[test]
fn what_cannot_be_read_is_counted_every_time_and_the_rest_is_stored() {
    let environment = TestEnvironment::new();
    let opencode = used(&environment);
    opencode.execute(
        "UPDATE part SET data = '{\"type\":\"te' WHERE rowid IN (3, 9);
         UPDATE message SET data = 'null' WHERE rowid = 2;
         UPDATE session SET model = '{' WHERE parent_id IS NOT NULL;
         UPDATE part SET data = x'ff00' WHERE rowid = 12",
    );
    for round in 0..2 {
        let finished = import(&environment).ends_with(65).complains("it is skipped");
        let line = finished.stdout.lines().nth(1).expect("two lines");
        let expected =
            "skipped=5 (1 `model` is no JSON, 2 ends too early, 1 is no JSON, 1 is no JSON object)";
        assert!(line.ends_with(expected), "{line}");
        assert_eq!(count(&finished, "stored"), if round == 0 { 62 } else { 0 }, "{line}");
    }
}

#[test]
fn what_intake_refuses_is_kept_in_rejects() {
    let environment = TestEnvironment::new();
    let opencode = OpenCode::new(&environment.opencode_folder());
    let at = an_hour_ago();
    opencode.message(&json!({ "id": "msg_1", "sessionID": "ses_1", "role": "critic" }), at);
    let part = json!({ "id": "prt_1", "sessionID": "ses_1", "messageID": "msg_1", "type": "song" });
    opencode.part(&part, at, at);
    let finished = import(&environment).ends_with(0);
    assert_eq!(count(&finished, "rejected"), 2, "{finished:?}");
    assert_eq!(environment.record().rows("rejects"), 2);
}

#[test]
fn a_file_that_is_no_store_we_know_is_told_and_left() {
    let missing_column =
        SCHEMA.replace("  `data` text NOT NULL,\n  CONSTRAINT `fk_part", "  CONSTRAINT `fk_part");
    assert_ne!(missing_column, SCHEMA);
    let environment = TestEnvironment::new();
    let folder = environment.opencode_folder();
    fs::create_dir_all(&folder).expect("a new folder");
    fs::write(folder.join("opencode-text.db"), "hello".repeat(1_000)).expect("a file");
    fs::write(folder.join("opencode-empty.db"), "").expect("a file");
    drop(OpenCode::with_schema(&folder.join("opencode-drift.db"), &missing_column));
    drop(OpenCode::with_schema(&folder.join("opencode-other.db"), "CREATE TABLE t (a)"));
    drop(OpenCode::with_schema(&folder.join("opencode-fresh.db"), ""));
    OpenCode::with_schema(&folder.join("opencode-beta.db"), SCHEMA).hear(&capture("basic"));
    let before = content(&folder);
    let finished = import(&environment).ends_with(65);
    let finished = finished
        .complains("opencode-text.db is no SQLite database")
        .complains("opencode-drift.db has no `part.data`, so its schema is not one we know")
        .complains("opencode-other.db has no `session.id`");
    assert!(finished.stdout.contains("\nimported 1 session, 7 messages, "), "{finished:?}");
    assert_eq!(count(&finished, "skipped"), 3);
    assert_eq!(content(&folder), before);
}

#[test]
fn of_a_damaged_store_the_rest_is_read() {
    let environment = TestEnvironment::new();
    let folder = environment.opencode_folder();
    let mut opencode = OpenCode::new(&folder);
    for session in 0..20 {
        opencode.session(&json!({ "id": format!("ses_{session}") }));
        opencode.converse(&format!("ses_{session}"), 20, 20);
    }
    let database = opencode.database().to_owned();
    drop(opencode);
    let bytes = fs::metadata(&database).expect("it is there").len();
    let mut file = fs::OpenOptions::new().write(true).open(&database).expect("it is ours");
    file.seek(SeekFrom::Start(bytes / 2 / 4_096 * 4_096)).expect("it is long");
    file.write_all(&[0xff; 8_192]).expect("it can be written");
    drop(file);
    let finished = import(&environment).ends_with(65).complains("is damaged");
    assert!(count(&finished, "stored") > 4_000, "{finished:?}");
    let again = import(&environment).ends_with(65);
    assert_eq!((count(&again, "stored"), count(&again, "updated")), (0, 0), "{again:?}");
}

#[test]
fn rows_of_the_move_from_folders_have_the_times_that_they_tell() {
    let environment = TestEnvironment::new();
    let opencode = OpenCode::new(&environment.opencode_folder());
    opencode.hear(&capture("basic"));
    let times = "SELECT json_array(part_id, generated_at_unix_ms / 10000) FROM parts ORDER BY 1";
    let last = "SELECT last_activity_at_unix_ms / 10000 FROM sessions";
    import(&environment).ends_with(0);
    let expected =
        (environment.record().column::<String>(times), environment.record().number(last));
    // As `OpenCode` 1.2 did it, three weeks later.
    opencode.execute(
        "UPDATE part SET time_created = time_created + 1814400000;
         UPDATE part SET time_updated = time_created;
         UPDATE message SET time_updated = time_updated + 1814400000",
    );
    let moved = TestEnvironment::new();
    let run = moved.recount(["import", "opencode"]).arguments([opencode.database()]);
    run.finish().ends_with(0);
    let found = (moved.record().column::<String>(times), moved.record().number(last));
    assert_eq!(found, expected);
}

#[test]
fn a_database_may_be_named_and_an_own_one_is_none() {
    let environment = TestEnvironment::new();
    environment
        .run(["import", "opencode"])
        .ends_with(1)
        .complains("nothing of `OpenCode` is found");
    let elsewhere = environment.working_folder().join("else where?.db");
    OpenCode::with_schema(&elsewhere, SCHEMA).hear(&capture("error"));
    fs::create_dir_all(environment.opencode_folder()).expect("a new folder");
    let named = environment.recount(["import", "opencode"]).variable("OPENCODE_DB", &elsewhere);
    assert!(named.finish().output().contains("imported 1 session, 2 messages"));
    let run = environment.recount(["import", "opencode", "else where?.db"]);
    assert!(run.finish().output().starts_with(NOTHING_LOADED));
    let own = environment.default_database();
    let run = environment.recount(["import", "opencode"]).arguments([own]);
    run.finish().ends_with(1).complains("hint: name its folder for data or its database");
}

#[test]
fn an_agent_has_to_be_named() {
    let finished = TestEnvironment::new().run(["import"]).ends_with(64);
    assert_eq!(finished.stdout, "");
    let finished = finished.complains("recount: an agent is missing");
    let _ =
        finished.complains("hint: `recount import AGENT`, where AGENT is one of: claude, opencode");
}

/// A folder of JSON files.
struct Folders<'e> {
    environment: &'e TestEnvironment,
    at: i64,
}

impl<'e> Folders<'e> {
    fn of(environment: &'e TestEnvironment) -> Self {
        Self { environment, at: an_hour_ago() }
    }

    fn write(&self, path: &str, content: &Value) {
        self.write_text(path, &serde_json::to_string_pretty(content).expect("JSON"));
    }

    fn write_text(&self, path: &str, text: &str) {
        let path = self.environment.opencode_folder().join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a new folder");
        fs::write(&path, text).expect("a new file");
        let file = fs::File::open(path).expect("it is there");
        let written_at = u64::try_from(self.at + 100).expect("it is later than 1970");
        let written_at = UNIX_EPOCH + Duration::from_millis(written_at);
        file.set_modified(written_at).expect("it is ours");
    }

    /// One part of each type, as `OpenCode` 0.9 to 1.1 wrote them.
    fn conversation(&self) {
        let at = self.at;
        self.write("storage/project/p1.json", &json!({ "id": "p1", "worktree": "/home/dev/demo" }));
        self.write(
            "storage/session/p1/ses_1.json",
            &json!({ "id": "ses_1", "version": "1.1.0", "projectID": "elsewhere", "slug": "a-slug",
                     "directory": "/home/dev/demo/sub", "title": "Old one",
                     "time": { "created": at, "updated": at + 90 },
                     "summary": { "additions": 1, "deletions": 0, "files": 1 } }),
        );
        self.write(
            "storage/session_diff/ses_1.json",
            &json!([{ "file": "a.txt", "before": "", "after": "a", "additions": 1, "deletions": 0 }]),
        );
        self.write(
            "storage/message/ses_1/msg_1.json",
            &json!({ "id": "msg_1", "sessionID": "ses_1", "role": "user", "agent": "build",
                     "model": { "providerID": "anthropic", "modelID": "claude" },
                     "time": { "created": at + 1 } }),
        );
        self.write(
            "storage/message/ses_1/msg_2.json",
            &json!({ "id": "msg_2", "sessionID": "ses_1", "role": "assistant", "mode": "build",
                     "parentID": "msg_1", "providerID": "anthropic", "modelID": "claude",
                     "cost": 0.25, "tokens": { "input": 3, "output": 5, "reasoning": 7,
                     "cache": { "read": 11, "write": 13 } }, "path": { "cwd": "/home/dev/demo",
                     "root": "/home/dev/demo" }, "finish": "stop",
                     "time": { "created": at + 2, "completed": at + 80 } }),
        );
        for (number, part) in parts(at).iter().enumerate() {
            let message = if number < 3 { "msg_1" } else { "msg_2" };
            let id = format!("prt_{number:02}");
            let mut part = part.clone();
            part["id"] = id.clone().into();
            part["sessionID"] = "ses_1".into();
            part["messageID"] = message.into();
            self.write(&format!("storage/part/{message}/{id}.json"), &part);
        }
    }
}

fn parts(at: i64) -> Vec<Value> {
    let time = json!({ "start": at + 10, "end": at + 20 });
    vec![
        json!({ "type": "text", "text": "please" }),
        json!({ "type": "file", "mime": "image/png", "filename": "a.png",
                "url": "data:image/png;base64,AAAABBBBCCCC" }),
        json!({ "type": "compaction", "auto": true }),
        json!({ "type": "step-start", "snapshot": "s1" }),
        json!({ "type": "reasoning", "text": "I think", "time": time,
                "metadata": { "anthropic": { "signature": "sig_abc" } } }),
        json!({ "type": "reasoning", "text": "unsigned", "time": time }),
        json!({ "type": "tool", "tool": "bash", "callID": "call_1", "state": {
                "status": "completed", "input": { "command": "ls" }, "output": "a.txt",
                "metadata": { "exit": 0 }, "time": time } }),
        json!({ "type": "text", "text": "done", "time": time }),
        json!({ "type": "step-finish", "reason": "stop", "snapshot": "s2", "cost": 0.25,
                "tokens": { "input": 3, "output": 5, "reasoning": 7,
                            "cache": { "read": 11, "write": 13 } } }),
        json!({ "type": "patch", "hash": "abc", "files": ["/home/dev/demo/a.txt"] }),
    ]
}

#[test]
fn the_folders_of_before_are_read() {
    let environment = TestEnvironment::new();
    Folders::of(&environment).conversation();
    let finished = import(&environment).ends_with(0);
    assert_eq!(
        finished.stdout,
        "Loaded 2 step_events, 1 patches, 2 reasoning parts\n\
         imported 1 session, 2 messages, 10 parts, 1 tool call: stored=13 updated=1 duplicate=0 \
         rejected=0 unreadable=0 unchanged=0 skipped=0\n"
    );
    let record = environment.record();
    let one = |sql: &str| record.column::<String>(sql);
    assert_eq!(
        one(
            "SELECT json_array(title, project_name, agent_version, payload ->> '$.projectID') FROM sessions"
        ),
        [r#"["Old one","demo","1.1.0","p1"]"#]
    );
    assert_eq!(one("SELECT signature FROM parts WHERE signature IS NOT NULL"), ["sig_abc"]);
    assert_eq!(
        one("SELECT payload ->> '$.url' FROM parts WHERE part_type = 'file'"),
        ["data:image/png"]
    );
    assert_eq!(
        one("SELECT json_array(tokens_input, tokens_cache_read, tokens_cache_write, cost_given)
             FROM step_events WHERE event_type = 'finish'"),
        [r#"[3,11,13,"0.25"]"#]
    );
    assert_eq!(
        one("SELECT json_array(git_hash, json(files)) FROM patches"),
        [r#"["abc",["/home/dev/demo/a.txt"]]"#]
    );
    assert_eq!(
        one(
            "SELECT json_array(role, agent_name, model_id, cost_given) FROM messages ORDER BY message_id"
        ),
        [r#"["user","build","claude",null]"#, r#"["assistant","build","claude","0.25"]"#]
    );
    assert_eq!(
        record.column::<i64>("SELECT compaction_auto FROM parts WHERE part_type = 'compaction'"),
        [1]
    );
    assert_eq!(one("SELECT output FROM tool_calls"), ["a.txt"]);
    let again = import(&environment).ends_with(0);
    assert!(again.stdout.starts_with(NOTHING_LOADED), "{again:?}");
    assert_eq!(count(&again, "unchanged"), 14);
}

#[test]
fn the_layout_of_one_project_is_read() {
    let environment = TestEnvironment::new();
    let folders = Folders::of(&environment);
    let at = folders.at;
    let root = "project/home-dev-demo/storage/session";
    folders.write(
        &format!("{root}/info/ses_1.json"),
        &json!({ "id": "ses_1", "version": "0.3.0", "title": "First", "time": { "created": at, "updated": at } }),
    );
    folders.write(
        &format!("{root}/message/ses_1/msg_1.json"),
        &json!({ "id": "msg_1", "sessionID": "ses_1", "role": "user", "time": { "created": at } }),
    );
    for (message, part) in [("msg_1", "prt_1"), ("msg_lost", "prt_2")] {
        folders.write(
            &format!("{root}/part/ses_1/{message}/{part}.json"),
            &json!({ "id": part, "sessionID": "ses_1", "messageID": message, "type": "text", "text": part }),
        );
    }
    let finished = import(&environment).ends_with(0);
    assert!(
        finished.stdout.contains("imported 1 session, 1 message, 2 parts, 0 tool calls: stored=4 "),
        "{finished:?}"
    );
}

#[test]
fn what_is_in_folders_and_database_alike_is_one_row_and_the_newer_counts() {
    let environment = TestEnvironment::new();
    let folders = Folders::of(&environment);
    folders.conversation();
    let at = folders.at;
    let opencode = OpenCode::new(&environment.opencode_folder());
    let text = |text: &str| {
        json!({ "id": "prt_07", "sessionID": "ses_1", "messageID": "msg_2",
        "type": "text", "text": text, "time": { "start": at + 10, "end": at + 900 } })
    };
    opencode.part(&text("done, and more"), at + 10, at + 900);
    import(&environment).ends_with(0);
    let record = environment.record();
    assert_eq!(record.rows("parts"), 10);
    let text = "SELECT text FROM parts WHERE part_id = 'prt_07'";
    assert_eq!(record.column::<String>(text), ["done, and more"]);
    let tables = record.tables();
    let again = environment.run(["import", "opencode", "--all"]).ends_with(0);
    assert_eq!((count(&again, "stored"), count(&again, "updated")), (0, 0), "{again:?}");
    assert_eq!(environment.record().tables(), tables);
}

#[test]
fn the_changes_of_a_session_are_read_from_their_file_beside_the_database() {
    let environment = TestEnvironment::new();
    let folders = Folders::of(&environment);
    let opencode = OpenCode::new(&environment.opencode_folder());
    opencode.session(&json!({ "id": "ses_1", "time": { "created": folders.at } }));
    let diff = "--- a.txt\n+++ a.txt\n@@ -0,0 +1,1 @@\n+a\n";
    folders.write("storage/session_diff/ses_1.json", &json!([{ "file": "a.txt", "patch": diff }]));
    folders.write("storage/session_diff/ses_2.json", &json!([]));
    import(&environment).ends_with(0);
    let record = environment.record();
    assert_eq!(record.column::<String>("SELECT diff FROM edits WHERE path = 'a.txt'"), [diff]);
    let created = "SELECT created_at_unix_ms FROM sessions";
    assert_eq!(record.column::<i64>(created), [folders.at]);
}

#[test]
fn a_file_that_cannot_be_read_keeps_no_other() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    // Makes the folders above as the one who needs them.
    environment.run(["session", "list"]).ends_with(0);
    let folders = Folders::of(&environment);
    folders.conversation();
    folders.write_text("storage/part/msg_2/prt_05.json", "{\"type\": \"reasoning\", \"te");
    folders.write_text("storage/message/ses_1/msg_3.json", "");
    folders.write_text("storage/message/ses_2/msg_4.json", "[]");
    folders.write_text("storage/session/p1/ses_3.json", "no");
    folders.write(
        "storage/part/msg_stray/prt_90.json",
        &json!({ "type": "text", "text": "stray", "sessionID": "ses_9" }),
    );
    folders.write(
        "storage/part/msg_stray/prt_91.json",
        &json!({ "type": "text", "text": "of nobody" }),
    );
    folders.write("storage/part/msg_stray/notes.txt", &json!({}));
    let secret = environment.opencode_folder().join("storage/part/msg_2/prt_04.json");
    set_mode(&secret, 0);
    let locked = environment.opencode_folder().join("storage/message/ses_4");
    fs::create_dir(&locked).expect("a new folder");
    set_mode(&locked, 0);
    for _ in 0..2 {
        let finished = import(&environment).ends_with(65);
        let line = finished.stdout.lines().nth(1).expect("two lines");
        assert!(line.ends_with("skipped=7 (2 ends too early, 1 is no JSON, 1 is no JSON object, 2 may not be read, 1 names no session)"), "{line}");
    }
    assert_eq!(environment.record().rows("parts"), 9);
    set_mode(&locked, 0o755);
}

#[test]
fn a_pipe_in_the_place_of_a_file_holds_up_nothing() {
    let environment = TestEnvironment::new();
    let folders = Folders::of(&environment);
    folders.conversation();
    let pipe = |name: &str| {
        let path = environment.opencode_folder().join(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a new name");
        path
    };
    pipe("storage/part/msg_2/prt_99.json");
    pipe("storage/session/p1/ses_3.json");
    let finished = import(&environment).ends_with(65);
    let line = finished.stdout.lines().nth(1).expect("two lines");
    assert!(line.ends_with("skipped=2 (2 is no file)"), "{line}");
    let named = pipe("other.db").display().to_string();
    let refused = environment.run(["import", "opencode", &named]).ends_with(65);
    assert!(refused.stdout.ends_with("skipped=1 (1 is no file)\n"), "{refused:#?}");
}

#[test]
#[ignore = "takes ten seconds; tests/run -- --ignored"]
fn a_hundred_thousand_parts_take_little_memory() {
    let environment = TestEnvironment::new();
    let mut opencode = OpenCode::new(&environment.opencode_folder());
    opencode.session(&json!({ "id": "ses_1" }));
    opencode.converse("ses_1", 1_000, 100);
    drop(opencode);
    let finished =
        environment.under_shell("ulimit -v 150000 && exec \"$0\" import opencode").finish();
    assert_eq!(count(&finished, "stored"), 101_001, "{finished:?}");
}
