//! Transcripts that hooks speak of: they are read on by the hooks that end a turn and by every
//! command, whatever is in their place, and nobody waits for them.

use std::{
    fs::{self, OpenOptions},
    io::{BufWriter, Write},
    os::unix::fs::symlink,
    path::Path,
    thread,
    time::Duration,
};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::support::{
    Random, TestEnvironment,
    claude::{Claude, answer, event},
    say, set_mode,
};

/// Time enough for a hook on any machine.
const PATIENT: &str = "hooks.deadline_ms = 60000\n";

/// A hook ends that long after its input at the latest: its deadline, and the time for a last step.
const LONGEST_HOOK: Duration = Duration::from_millis(2_250);

fn messages(environment: &TestEnvironment) -> Vec<String> {
    environment.record().column("SELECT message_id FROM messages ORDER BY 1")
}

fn due(environment: &TestEnvironment) -> i64 {
    environment.record().number("SELECT count(due_at_unix_ms) FROM import_cursors")
}

#[test]
fn the_end_of_a_turn_reads_on_and_so_do_the_next_and_any_command() {
    let environment = TestEnvironment::new().with_settings(PATIENT);
    let claude = Claude::new(&environment);
    let says = |name: &str| environment.hook(claude.event("s", name)).finish().output();
    claude.append("s", &[answer("s", 1, "one")]);
    assert_eq!(says("PreToolUse"), "");
    assert_eq!(environment.spooled().len(), 1, "in a turn it is only spooled");
    assert_eq!(says("Stop"), "");
    assert_eq!(messages(&environment), ["msg_s_1"]);
    claude.append("s", &[answer("s", 2, "two")]);
    assert_eq!(says("SessionEnd"), "");
    assert_eq!(messages(&environment).len(), 2);
    let commands: [&[&str]; 3] = [&["session", "list"], &["spool", "drain"], &["db", "status"]];
    for (nth, command) in (3..).zip(commands) {
        claude.append("s", &[answer("s", nth, "more")]);
        environment.run(command).ends_with(0);
        assert_eq!(messages(&environment).len(), nth, "{command:?}");
    }
    assert_eq!(due(&environment), 1, "what is written late is still awaited");
}

#[test]
fn what_was_read_long_after_the_last_event_is_awaited_no_more() {
    let environment = TestEnvironment::new().with_settings(PATIENT);
    let claude = Claude::new(&environment);
    claude.append("s", &[answer("s", 1, "one")]);
    environment.hook(claude.event("s", "Stop")).finish().ends_with(0);
    assert_eq!(due(&environment), 1);
    thread::sleep(Duration::from_millis(5_050));
    claude.append("s", &[answer("s", 2, "two")]);
    environment.run(["session", "list"]).ends_with(0);
    assert_eq!((messages(&environment).len(), due(&environment)), (2, 0));
}

#[test]
fn a_subagents_transcript_is_read_with_what_stands_beside_it() {
    let environment = TestEnvironment::new().with_settings(PATIENT);
    let claude = Claude::new(&environment);
    claude.lay("subagent");
    for event in claude.events("subagent") {
        environment.hook(event).finish().ends_with(0);
    }
    environment.run(["session", "list"]).ends_with(0);
    let record = environment.record();
    let child = "FROM sessions WHERE parent_session_id IS NOT NULL";
    assert_eq!(record.column::<String>(&format!("SELECT agent_name {child}")), ["general-purpose"]);
    assert_eq!(record.column::<String>(&format!("SELECT title {child}")), ["Sub job"]);
    let texts = "SELECT count(*) FROM parts WHERE session_id LIKE '%/%' AND text <> ''";
    assert!(record.number(texts) > 0);
}

#[test]
fn whatever_lies_in_the_place_of_a_transcript_holds_up_nobody() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    let claude = Claude::new(&environment);
    let at = |name: &str| claude.project().join(format!("{name}.jsonl"));
    mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a new name");
    fs::create_dir(at("folder")).expect("a new folder");
    symlink("/dev/zero", at("zero")).expect("a new name");
    symlink(at("loop"), at("loop")).expect("a new name");
    claude.append("locked", &[answer("locked", 1, "one")]);
    set_mode(&at("locked"), 0);
    fs::write(at("garbage"), [0xff, 0, b'\n', b'{', b'\n'].repeat(1_000)).expect("a new file");
    claude.append("real", &[answer("real", 1, "one")]);
    symlink(at("real"), at("link")).expect("a new name");
    let names =
        ["pipe", "folder", "zero", "loop", "locked", "garbage", "gone", "pipe.jsonl/x", "link"];
    for name in names {
        let finished = environment.hook(event("s", "Stop", &at(name))).finish();
        assert!(finished.elapsed < LONGEST_HOOK, "{name}: {:?}", finished.elapsed);
        assert_eq!(finished.output(), "", "{name}");
        assert_eq!(environment.spooled().len(), 0, "{name}");
    }
    assert_eq!(messages(&environment), ["msg_real_1"], "a link to a file is a file");
    let finished = environment.run(["session", "list"]).ends_with(0);
    assert!(finished.elapsed < Duration::from_secs(5), "{finished:?}");
    assert!(finished.stderr.contains("locked.jsonl"), "{finished:?}");
}

/// Appends bytes to the transcript of a session.
fn append(claude: &Claude, session: &str, bytes: &[u8]) {
    let file = OpenOptions::new().append(true).open(claude.transcript(session));
    file.and_then(|mut file| file.write_all(bytes)).expect("it is ours");
}

#[test]
fn a_line_that_cannot_be_read_is_kept_and_told() {
    let environment = TestEnvironment::new().with_settings(PATIENT);
    let claude = Claude::new(&environment);
    claude.append("s", &[answer("s", 1, "one")]);
    append(&claude, "s", b"{\"torn\n");
    claude.append("s", &[answer("s", 2, "two")]);
    environment.hook(claude.event("s", "Stop")).finish().ends_with(0);
    assert_eq!((messages(&environment).len(), environment.quarantined().len()), (2, 1));
    let log = fs::read_to_string(environment.default_database().with_extension("db.log"));
    assert!(log.expect("it has spoken").contains("they are kept in quarantine"));
    append(&claude, "s", &[b"\xff\n[]\n\xff\n", &b"junk\n".repeat(300_000)[..]].concat());
    let finished = environment.run(["session", "list"]).ends_with(0);
    assert!(finished.stderr.contains("in quarantine: 3 pieces"), "{finished:?}");
    assert!(finished.stderr.len() < 2_000, "{finished:?}");
    let listed = environment.run(["rejects", "list", "--format", "jsonl"]).ends_with(0).stdout;
    let reason = format!("the line at byte {}", answer("s", 1, "one").to_string().len() + 1);
    assert!(listed.contains(&reason) && listed.contains("\"claude-code\""), "{listed}");
    environment.run(["import", "claude", "--all"]).ends_with(65);
    let doctor = environment.run(["doctor"]).ends_with(0);
    assert!(doctor.stdout.contains("could not be read"), "{doctor:?}");
}

#[test]
fn a_line_that_is_too_long_to_be_kept_is_told_for_as_long_as_it_is_there() {
    let environment = TestEnvironment::new().with_settings(PATIENT);
    let claude = Claude::new(&environment);
    claude.append("s", &[answer("s", 1, "one")]);
    append(&claude, "s", &[&vec![b'x'; (64 << 20) + 1][..], b"\n"].concat());
    environment.hook(claude.event("s", "Stop")).finish().ends_with(0);
    let log = fs::read_to_string(environment.default_database().with_extension("db.log"));
    assert!(log.expect("it has spoken").contains("bytes=67108865"));
    for _ in 0..2 {
        let doctor = environment.run(["doctor"]).ends_with(0);
        assert!(doctor.stdout.contains("lines over 64 MiB"), "{doctor:?}");
    }
    fs::remove_file(claude.transcript("s")).expect("it is ours");
    let doctor = environment.run(["doctor"]).ends_with(0);
    assert!(!doctor.stdout.contains("lines over 64 MiB"), "{doctor:?}");
}

/// What is done with the text of a file.
type Change<'c> = &'c dyn Fn(&Path, &str);

#[test]
fn what_was_cut_rewritten_or_replaced_is_read_anew() {
    let lines = |texts: &[usize]| {
        let lines = texts.iter().map(|&nth| answer("s", nth, "text").to_string() + "\n");
        lines.collect::<Vec<_>>().concat()
    };
    let rewrite = |path: &Path, text: &str| {
        let file = OpenOptions::new().write(true).truncate(true).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).expect("it is ours");
    };
    let replace = |path: &Path, text: &str| {
        fs::write(path.with_extension("new"), text).expect("a new file");
        fs::rename(path.with_extension("new"), path).expect("it is ours");
    };
    let cases: [(&str, Change<'_>, &[usize], usize); 4] = [
        ("cut and continued", &rewrite, &[1, 5], 3),
        ("rewritten, as long", &rewrite, &[3, 4], 4),
        ("rewritten, longer", &rewrite, &[3, 4, 5], 5),
        ("replaced", &replace, &[1, 3], 3),
    ];
    for (name, change, after, expected) in cases {
        let environment = TestEnvironment::new().with_settings(PATIENT);
        let claude = Claude::new(&environment);
        claude.append("s", &[answer("s", 1, "text"), answer("s", 2, "text")]);
        let stop = || environment.hook(claude.event("s", "Stop")).finish().ends_with(0);
        stop();
        change(&claude.transcript("s"), &lines(after));
        stop();
        assert_eq!(messages(&environment).len(), expected, "{name}");
        let session = environment.run(["session", "list"]).output();
        assert!(session.contains('s'), "{name}");
    }
}

#[test]
fn a_transcript_that_is_moved_while_its_session_goes_on_is_one_session() {
    let environment = TestEnvironment::new().with_settings(PATIENT);
    let claude = Claude::new(&environment);
    claude.append("s", &[answer("s", 1, "one")]);
    environment.hook(claude.event("s", "Stop")).finish().ends_with(0);
    let elsewhere = claude.projects().join("-elsewhere");
    fs::create_dir(&elsewhere).expect("a new folder");
    let moved = elsewhere.join("s.jsonl");
    fs::rename(claude.transcript("s"), &moved).expect("it is ours");
    environment.hook(event("s", "Stop", &moved)).finish().ends_with(0);
    assert_eq!(messages(&environment), ["msg_s_1"]);
    assert_eq!(environment.record().rows("sessions"), 1);
}

#[test]
fn hooks_that_are_killed_at_any_moment_hurt_no_transcript() {
    let environment = TestEnvironment::new().with_settings(PATIENT);
    let claude = Claude::new(&environment);
    let mut random = Random::from_seed(Random::seed_of_this_run("transcripts"));
    let mut kills = 0;
    for nth in 1..=60 {
        claude.append("s", &[answer("s", nth, "some text")]);
        let run = environment.hook(claude.event("s", "Stop"));
        let finished = run.kill_after(random.span(Duration::from_millis(40))).finish();
        kills += u32::from(finished.code.is_none());
    }
    say(&format!("transcripts: {kills} of 60 hooks killed"));
    environment.run(["session", "list"]).ends_with(0);
    assert_eq!(messages(&environment).len(), 60);
    let alone = TestEnvironment::new();
    let run = alone.recount(["import", "claude"]).arguments([claude.projects()]);
    run.finish().ends_with(0);
    let rows = |environment: &TestEnvironment| {
        let tables = environment.record().tables().into_iter();
        tables.filter(|(table, _)| table == "messages" || table == "parts").collect::<Vec<_>>()
    };
    assert!(rows(&environment) == rows(&alone));
    environment.record().is_whole();
}

/// Writes a transcript of about so many bytes.
fn long_transcript(claude: &Claude, bytes: usize) -> usize {
    let text = "some words of an answer ".repeat(1_000);
    let count = bytes / text.len();
    let file = fs::File::create(claude.transcript("s")).expect("a new file");
    let mut file = BufWriter::new(file);
    for nth in 1..=count {
        writeln!(file, "{}", answer("s", nth, &text)).expect("there is room");
    }
    file.flush().expect("there is room");
    count
}

fn a_long_transcript_delays_no_hook_and_is_read_to_its_end_by_a_command(bytes: usize) {
    let environment = TestEnvironment::new();
    let claude = Claude::new(&environment);
    let count = long_transcript(&claude, bytes);
    let mut longest = Duration::ZERO;
    let mut last = 0;
    for _ in 0..3 {
        let finished = environment.hook(claude.event("s", "Stop")).finish();
        longest = longest.max(finished.elapsed);
        assert!(finished.elapsed < LONGEST_HOOK, "{finished:?}");
        assert_eq!(finished.output(), "");
        let stored = messages(&environment).len();
        last = stored;
    }
    let run = environment.recount(["session", "list"]).kill_after(Duration::from_mins(10));
    let finished = run.finish().ends_with(0);
    assert_eq!(messages(&environment).len(), count);
    say(&format!(
        "transcripts: {} MB: a hook took {longest:?} at most, three read {last} of {count} lines, \
         then a command {:?}",
        bytes >> 20,
        finished.elapsed
    ));
}

#[test]
fn a_long_transcript_delays_no_hook() {
    a_long_transcript_delays_no_hook_and_is_read_to_its_end_by_a_command(30 << 20);
}

#[test]
#[ignore = "takes a minute; tests/run -- --ignored"]
fn a_very_long_transcript_delays_no_hook() {
    a_long_transcript_delays_no_hook_and_is_read_to_its_end_by_a_command(200 << 20);
}

#[test]
fn a_line_without_end_delays_no_hook() {
    let environment = TestEnvironment::new();
    let claude = Claude::new(&environment);
    claude.append("s", &[answer("s", 1, "one")]);
    let file = OpenOptions::new().append(true).open(claude.transcript("s")).expect("it is there");
    // A hole is read as zeros.
    file.set_len(2 << 30).expect("it takes no room");
    let finished = environment.hook(claude.event("s", "Stop")).finish();
    assert!(finished.elapsed < LONGEST_HOOK, "{finished:?}");
    assert_eq!(finished.output(), "");
    let line = "ulimit -v 400000 && exec \"$0\" session list";
    assert!(environment.under_shell(line).finish().output().contains('s'));
    assert_eq!(messages(&environment), ["msg_s_1"]);
}
