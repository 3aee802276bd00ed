//! `recount import claude`.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;

use crate::support::{
    Finished, Random, TestEnvironment,
    claude::{Claude, answer},
    say, set_mode,
};

const CAPTURES: [&str; 3] = ["basic", "subagent", "error"];

fn import(environment: &TestEnvironment) -> Finished {
    environment.run(["import", "claude"])
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

/// The rows of the record, without when an event was first and last received.
fn tables(environment: &TestEnvironment) -> Vec<(String, Vec<String>)> {
    let record = environment.record();
    let mut tables = record.tables();
    let events = "SELECT json_array(event_id, session_id, agent, name, payload, \
                                    generated_at_unix_ms) FROM events ORDER BY 1";
    tables.retain(|(table, _)| table != "events");
    tables.push(("events".to_owned(), record.column(events)));
    tables
}

/// The rows that an import makes of the same files in an empty record.
fn tables_of(claude: &Claude) -> Vec<(String, Vec<String>)> {
    let environment = TestEnvironment::new();
    let run = environment.recount(["import", "claude"]).arguments([claude.projects()]);
    let _ = run.finish();
    tables(&environment)
}

/// Demands the same rows, and names those that are not.
fn alike(one: &[(String, Vec<String>)], other: &[(String, Vec<String>)], what: &str) {
    for ((table, one), (_, other)) in one.iter().zip(other) {
        let only = |these: &[String], those: &[String]| {
            let only = these.iter().filter(|row| !those.contains(row)).cloned();
            only.collect::<Vec<_>>()
        };
        let (one, other) = (only(one, other), only(other, one));
        assert!(one.is_empty() && other.is_empty(), "{what}: {table}:\n{one:#?}\n{other:#?}");
    }
}

fn hand_over(environment: &TestEnvironment, claude: &Claude, capture: &str) {
    for event in claude.events(capture) {
        assert_eq!(environment.hook(event).finish().output(), "");
    }
}

/// Each answer has several lines, and each call two.
#[test]
fn what_several_lines_tell_of_counts_once() {
    let environment = TestEnvironment::new();
    Claude::new(&environment).lay("basic");
    let first = import(&environment).output();
    let counted = "3 reasoning parts\nimported 1 session, 9 messages, 22 parts, 10 tool calls: ";
    assert!(first.contains(counted), "{first}");
    let rows = ["sessions", "messages", "parts", "tool_calls"];
    let rows = rows.map(|table| environment.record().rows(table));
    assert_eq!(rows, [1, 9, 22, 10]);
}

#[test]
fn two_lines_tell_what_was_loaded_and_a_second_time_there_is_nothing_to_load() {
    let environment = TestEnvironment::new();
    let claude = Claude::new(&environment);
    for capture in CAPTURES {
        claude.lay(capture);
    }
    let first = import(&environment).output();
    assert!(first.starts_with("Loaded 0 step_events, 0 patches, "), "{first}");
    assert!(first.contains("\nimported 4 sessions, "), "{first}");
    assert!(first.ends_with(" rejected=0 unreadable=0 unchanged=0 skipped=0\n"), "{first}");
    let before = tables(&environment);
    let revision = "SELECT value FROM store_state WHERE name = 'revision'";
    let revision_before = environment.record().number(revision);
    let second = import(&environment).output();
    assert_eq!(
        second,
        "Loaded 0 step_events, 0 patches, 0 reasoning parts\n\
         imported 0 sessions, 0 messages, 0 parts, 0 tool calls: stored=0 updated=0 duplicate=0 \
         rejected=0 unreadable=0 unchanged=4 skipped=0\n"
    );
    assert_eq!(environment.record().number(revision), revision_before);
    let all = environment.run(["import", "claude", "--all"]).ends_with(0);
    assert_eq!((count(&all, "stored"), count(&all, "updated")), (0, 0), "{all:?}");
    assert!(count(&all, "duplicate") > 90, "{all:?}");
    alike(&tables(&environment), &before, "again");
}

#[test]
fn what_hooks_and_transcripts_have_told_live_is_not_told_again() {
    for capture in CAPTURES {
        let environment = TestEnvironment::new();
        let claude = Claude::new(&environment);
        claude.lay(capture);
        hand_over(&environment, &claude, capture);
        environment.run(["session", "list"]).ends_with(0);
        let live = tables(&environment);
        for _ in 0..2 {
            let finished = environment.run(["import", "claude", "--all"]).ends_with(0);
            let sums = (count(&finished, "stored"), count(&finished, "updated"));
            assert_eq!(sums, (0, 0), "{capture}: {finished:?}");
        }
        alike(&tables(&environment), &live, capture);
    }
}

/// Writes what hooks were handed as spool files, whose receipts are part of the rows.
fn spool_files(environment: &TestEnvironment, claude: &Claude, capture: &str) -> PathBuf {
    let folder = environment.home().join("events");
    fs::create_dir(&folder).expect("a new folder");
    for (nth, event) in claude.events(capture).iter().enumerate() {
        let header = json!({ "recount_spool": 1, "kind": "conversation-trace",
                             "received_at_unix_ms": 1_795_199_846_000_usize + nth, "bytes": 0 });
        let file = folder.join(format!("{nth:03}.spool"));
        fs::write(file, format!("{header}\n{event}")).expect("a new file");
    }
    folder
}

#[test]
fn hooks_and_transcripts_give_the_same_rows_in_any_order() {
    for capture in CAPTURES {
        let home = TestEnvironment::new();
        let claude = Claude::new(&home);
        claude.lay(capture);
        let events = spool_files(&home, &claude, capture);
        let hooks = |environment: &TestEnvironment| {
            environment.recount(["replay"]).arguments([&events]).finish().ends_with(0);
        };
        let lines = |environment: &TestEnvironment| {
            let run = environment.recount(["import", "claude"]);
            run.arguments([claude.projects()]).finish().ends_with(0);
        };
        let [first, last] = [TestEnvironment::new(), TestEnvironment::new()];
        lines(&first);
        hooks(&first);
        hooks(&last);
        lines(&last);
        alike(&tables(&first), &tables(&last), capture);
    }
}

#[test]
fn a_session_that_went_on_is_read_from_where_it_was() {
    let environment = TestEnvironment::new();
    let claude = Claude::new(&environment);
    claude.append("s", &[answer("s", 1, "one"), answer("s", 2, "two")]);
    import(&environment).ends_with(0);
    claude.append("s", &[answer("s", 3, "three")]);
    let finished = import(&environment).ends_with(0);
    assert_eq!((count(&finished, "stored"), count(&finished, "duplicate")), (1, 0), "{finished:?}");
    assert_eq!(environment.record().rows("messages"), 3);
}

#[test]
fn a_transcript_or_a_folder_may_be_named_and_nothing_is_1() {
    let environment = TestEnvironment::new();
    let claude = Claude::new(&environment);
    import(&environment).ends_with(1).complains("holds no transcript");
    claude.append("s", &[answer("s", 1, "one")]);
    claude.append("t", &[answer("t", 1, "one")]);
    let named = environment.recount(["import", "claude"]);
    let finished = named.arguments([claude.transcript("s")]).finish().ends_with(0);
    assert_eq!(count(&finished, "stored"), 1);
    let elsewhere = environment.recount(["import", "claude", "nowhere"]);
    elsewhere.finish().ends_with(1).complains("hint: name the folder `projects`");
    let configured = environment.recount(["import", "claude"]);
    let configured = configured.variable("CLAUDE_CONFIG_DIR", environment.home().join(".claude"));
    let finished = configured.finish().ends_with(0);
    assert_eq!((count(&finished, "stored"), count(&finished, "unchanged")), (1, 1), "{finished:?}");
    let gone = environment.recount(["import", "claude"]);
    gone.variable("CLAUDE_CONFIG_DIR", "/nowhere").finish().ends_with(1);
}

#[test]
fn what_cannot_be_read_is_counted_and_keeps_no_other() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    let claude = Claude::new(&environment);
    let project = claude.project();
    claude.append("s", &[answer("s", 1, "one")]);
    claude.append("locked", &[answer("locked", 1, "one")]);
    set_mode(&claude.transcript("locked"), 0);
    fs::create_dir(project.join("closed")).expect("a new folder");
    set_mode(&project.join("closed"), 0);
    mknodat(CWD, project.join("pipe.jsonl"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
        .expect("a new name");
    symlink("/dev/zero", project.join("zero.jsonl")).expect("a new name");
    symlink("..", project.join("loop")).expect("a new name");
    let mut text = fs::read(claude.transcript("s")).expect("it is ours");
    text.extend(b"no JSON\n[]\n{\n\n");
    text.extend(format!("{}\n{{\"type\":\"assist", answer("s", 2, "two")).into_bytes());
    fs::write(claude.transcript("s"), text).expect("it is ours");
    let finished = import(&environment).ends_with(65);
    set_mode(&project.join("closed"), 0o755);
    let line = finished.stdout.lines().nth(1).expect("two lines");
    assert_eq!((count(&finished, "stored"), count(&finished, "rejected")), (2, 0), "{line}");
    assert!(line.contains(" skipped=4 (") && line.contains("2 is no file"), "{line}");
    assert!(line.contains("2 may not be read"), "{line}");
    assert_eq!((count(&finished, "unreadable"), environment.quarantined().len()), (3, 3), "{line}");
    let whole = environment.recount(["import", "claude"]).arguments([claude.transcript("s")]);
    let whole = whole.finish().ends_with(0);
    assert_eq!((count(&whole, "unreadable"), environment.quarantined().len()), (0, 3), "{whole:?}");
    let again =
        environment.recount(["import", "claude", "--all"]).arguments([claude.transcript("s")]);
    again.finish().ends_with(65);
    assert_eq!(environment.quarantined().len(), 3, "each is kept once");
}

#[test]
fn two_imports_at_once_and_hooks_beside_them_give_the_rows_of_one() {
    let environment = TestEnvironment::new();
    let claude = Claude::new(&environment);
    let is_over = AtomicBool::new(false);
    let imports = thread::scope(|scope| {
        for session in ["s", "t"] {
            let (claude, environment) = (&claude, &environment);
            scope.spawn(move || {
                for nth in 1..=150 {
                    claude.append(session, &[answer(session, nth, "some text")]);
                    if nth % 10 == 0 {
                        let event = claude.event(session, "Stop");
                        environment.hook(event).finish().ends_with(0);
                    }
                }
            });
        }
        let importers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut imports = 0;
                    while !is_over.load(Ordering::SeqCst) {
                        let finished = import(&environment);
                        // It may come before the first line.
                        assert!(matches!(finished.code, Some(0 | 1)), "{finished:?}");
                        imports += 1;
                    }
                    imports
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(1_500));
        is_over.store(true, Ordering::SeqCst);
        importers.into_iter().map(|one| one.join().expect("it ended")).sum::<u32>()
    });
    import(&environment).ends_with(0);
    say(&format!("import claude: {imports} times while transcripts were written"));
    let record = environment.record();
    assert_eq!((record.rows("messages"), record.rows("parts")), (300, 300));
    record.is_whole();
    let told = |environment: &TestEnvironment| {
        tables(environment)
            .into_iter()
            .filter(|(table, _)| table == "messages" || table == "parts")
            .collect::<Vec<_>>()
    };
    let alone = TestEnvironment::new();
    let run = alone.recount(["import", "claude"]).arguments([claude.projects()]);
    run.finish().ends_with(0);
    assert_eq!(told(&environment), told(&alone));
}

#[test]
fn killed_at_any_moment_it_goes_on() {
    let environment = TestEnvironment::new();
    let claude = Claude::new(&environment);
    for capture in CAPTURES {
        claude.lay(capture);
    }
    for session in 0..6 {
        let session = format!("s{session}");
        let lines: Vec<_> = (1..=400).map(|nth| answer(&session, nth, "some text")).collect();
        claude.append(&session, &lines);
    }
    let mut random = Random::from_seed(Random::seed_of_this_run("import claude"));
    let mut kills = 0;
    let last = loop {
        let run = environment.recount(["import", "claude"]);
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
    let last = last.stdout.lines().last().unwrap_or("").to_owned();
    say(&format!("import claude: killed {kills} times; then {last}"));
    alike(&tables(&environment), &tables_of(&claude), "killed");
    environment.record().is_whole();
}
