//! `recount replay`.

use std::{fs, path::PathBuf};

use crate::support::{
    Finished, Random, TestEnvironment,
    envelope::{GENERATED_AT, hook_event, message, messages, part, parts},
};

const CAPTURED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/opencode-basic.ndjson");

const ALL_DUPLICATE: &str = "replayed 1 file: attempted=84 stored=0 updated=0 duplicate=84 \
                             rejected=0 unreadable=0\n";

/// Writes a file into the working folder, from where it can be named by its name alone.
fn write(environment: &TestEnvironment, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = environment.working_folder().join(name);
    fs::create_dir_all(path.parent().expect("it has one")).expect("a new folder");
    fs::write(&path, content).expect("the file is written");
    path
}

/// A file in the spool form.
fn spool_form(version: u32, kind: &str, received_at: i64, body: &str) -> String {
    format!(
        "{{\"recount_spool\":{version},\"kind\":\"{kind}\",\"received_at_unix_ms\":{received_at},\
         \"agent\":\"codex\",\"database\":null,\"bytes\":{}}}\n{body}",
        body.len()
    )
}

/// One message, as an envelope on a line.
fn one(id: &str) -> String {
    messages(&[message("ses_1", id)])
}

/// The first line that it printed.
fn sums(finished: &Finished) -> &str {
    finished.stdout.lines().next().unwrap_or_default()
}

/// The rows that the captured conversation makes.
fn captured_rows() -> Vec<(String, Vec<String>)> {
    let environment = TestEnvironment::new();
    environment.run(["replay", CAPTURED]).ends_with(0);
    environment.record().tables()
}

#[test]
fn the_same_file_twice_changes_no_row() {
    let environment = TestEnvironment::new();
    let output = environment.run(["replay", CAPTURED]).output();
    assert!(output.starts_with("replayed 1 file: attempted=84 stored="), "{output}");
    assert!(output.ends_with(" duplicate=0 rejected=0 unreadable=0\n"), "{output}");
    let first = environment.record().tables();
    let revision = "SELECT value FROM store_state WHERE name = 'revision'";
    let revision_before = environment.record().number(revision);
    assert_eq!(environment.run(["replay", CAPTURED]).output(), ALL_DUPLICATE);
    assert_eq!(environment.record().tables(), first);
    assert_eq!(environment.record().number(revision), revision_before);
    let count = |name| first.iter().find(|(table, _)| table == name).map(|(_, rows)| rows.len());
    assert_eq!((count("sessions"), count("messages")), (Some(1), Some(7)));
}

#[test]
fn any_order_of_the_lines_gives_the_same_rows() {
    let captured = fs::read_to_string(CAPTURED).expect("the fixture is there");
    let expected = captured_rows();
    let mut lines: Vec<&str> = captured.lines().collect();
    lines.reverse();
    let mut random = Random::from_seed(7);
    for round in 0..4 {
        let environment = TestEnvironment::new();
        write(&environment, "lines.ndjson", lines.join("\n"));
        environment.run(["replay", "lines.ndjson"]).ends_with(0);
        assert_eq!(environment.record().tables(), expected, "round {round}");
        lines.sort_by_cached_key(|_| random.below(u64::MAX));
    }
}

#[test]
fn any_split_into_files_gives_the_same_rows() {
    let captured = fs::read_to_string(CAPTURED).expect("the fixture is there");
    let environment = TestEnvironment::new();
    for (number, line) in captured.lines().enumerate() {
        write(&environment, &format!("split/{:02}.json", 99 - number), line);
    }
    let finished = environment.run(["replay", "split"]).ends_with(0);
    assert!(sums(&finished).starts_with("replayed 40 files: attempted=84 "), "{finished:?}");
    assert_eq!(environment.record().tables(), captured_rows());
}

#[test]
fn standard_input_gives_the_same_rows_and_leaves_nothing_in_the_spool() {
    let environment = TestEnvironment::new();
    let captured = fs::read(CAPTURED).expect("the fixture is there");
    for _ in 0..2 {
        environment.recount(["replay", "-"]).input(captured.clone()).finish().output();
        assert_eq!(environment.spooled(), [] as [PathBuf; 0]);
    }
    assert_eq!(environment.record().tables(), captured_rows());
}

#[test]
fn empty_standard_input_is_no_fault() {
    let environment = TestEnvironment::new();
    let output = environment.run(["replay", "-"]).output();
    assert!(output.starts_with("replayed 1 file: attempted=0 "), "{output}");
}

#[test]
fn a_folder_gives_its_captures_at_any_depth_and_a_named_file_may_have_any_name() {
    let environment = TestEnvironment::new();
    for name in ["a.json", "b.jsonl", "deep/er/c.ndjson", "deep/notes.txt", "deep/d.bak"] {
        write(&environment, &format!("folder/{name}"), one(name));
    }
    write(&environment, "folder/e.spool", spool_form(1, "conversation-trace", 1, &one("e.spool")));
    let finished = environment.run(["replay", "folder"]).ends_with(0);
    assert!(sums(&finished).starts_with("replayed 4 files: attempted=4 stored=4 "), "{finished:?}");
    environment.run(["replay", "folder/deep/notes.txt"]).ends_with(0);
    let stored = environment
        .record()
        .column::<String>("SELECT message_id FROM messages ORDER BY message_id");
    assert_eq!(stored, ["a.json", "b.jsonl", "deep/er/c.ndjson", "deep/notes.txt", "e.spool"]);
}

#[test]
fn several_inputs_are_summed_up() {
    let environment = TestEnvironment::new();
    write(&environment, "a.json", one("msg_1"));
    write(&environment, "b.json", messages(&[message("ses_1", "msg_1"), message("ses_1", "")]));
    let run = environment.recount(["replay", "a.json", "-", "b.json"]).input(one("msg_2"));
    assert_eq!(
        run.finish().output(),
        "replayed 3 files: attempted=4 stored=2 updated=0 duplicate=1 rejected=1 unreadable=0\n"
    );
}

#[test]
fn a_file_in_the_spool_form_keeps_its_receipt_and_its_agent() {
    let received_at = GENERATED_AT + 86_400_000;
    let event = hook_event("ses_1", "UserPromptSubmit", "hello");
    let environment = TestEnvironment::new();
    write(
        &environment,
        "x.spool",
        spool_form(1, "conversation-trace", received_at, &(one("msg_1") + &event)),
    );
    environment.run(["replay", "x.spool"]).output();
    let record = environment.record();
    for table in ["messages", "sessions", "events"] {
        let received = record.column::<i64>(&format!("SELECT received_at_unix_ms FROM {table}"));
        assert_eq!(received, [received_at], "{table}");
    }
    assert_eq!(record.column::<String>("SELECT agent FROM events"), ["codex"]);
}

#[test]
fn what_is_for_another_version_or_hook_is_left_and_the_rest_is_taken_in() {
    let cases = [
        ("newer form", spool_form(2, "conversation-trace", 1, &one("msg_1")), "a newer version"),
        ("other hook", spool_form(1, "weather-report", 1, &one("msg_1")), "for another hook"),
    ];
    for (name, content, complaint) in cases {
        let environment = TestEnvironment::new();
        let path = write(&environment, "a.spool", &content);
        write(&environment, "b.json", one("msg_2"));
        let finished = environment.run(["replay", "a.spool", "b.json"]).ends_with(65);
        let finished = finished.complains("a.spool").complains(complaint);
        assert!(sums(&finished).contains("attempted=1 stored=1 "), "{name}: {finished:?}");
        assert_eq!(fs::read_to_string(path).ok(), Some(content), "{name}");
        assert_eq!(environment.quarantined(), [] as [PathBuf; 0], "{name}");
    }
}

#[test]
fn a_bad_envelope_is_counted_and_kept_and_its_neighbours_are_stored() {
    let environment = TestEnvironment::new();
    let bad = "{\"type\":\"weather.changed\",\"payloads\":[]}";
    write(&environment, "a.ndjson", format!("{}{bad}\n{}", one("msg_1"), one("msg_2")));
    let finished = environment.run(["replay", "a.ndjson"]).ends_with(65);
    let finished = finished.complains("its `type` is unknown").complains("a.ndjson");
    assert_eq!(
        finished.stdout,
        "replayed 1 file: attempted=2 stored=2 updated=0 duplicate=0 rejected=0 unreadable=1\n"
    );
    let quarantined = environment.quarantined();
    let kept: Vec<String> =
        quarantined.iter().map(|path| fs::read_to_string(path).expect("text")).collect();
    assert!(matches!(&kept[..], [piece] if piece.ends_with(bad)), "{kept:?}");
    // The same again keeps nothing twice.
    environment.run(["replay", "a.ndjson"]).ends_with(65);
    assert_eq!(environment.quarantined(), quarantined);
}

#[test]
fn the_sessions_of_the_input_are_shown_and_no_others() {
    let environment = TestEnvironment::new();
    write(&environment, "other.json", messages(&[message("ses_other", "msg_1")]));
    write(&environment, "mine.json", messages(&[message("ses_a", "m"), message("ses_b", "m")]));
    let output = environment.run(["replay", "other.json"]).output();
    assert_eq!(output.lines().count(), 1, "{output}");
    let output = environment.run(["replay", "--show", "mine.json"]).output();
    let shown: Vec<&str> = output.lines().filter(|line| line.starts_with("session ")).collect();
    assert_eq!(shown, ["session ses_a", "session ses_b"]);
}

#[test]
fn a_file_that_is_missing_is_named_and_nothing_is_taken_in() {
    let environment = TestEnvironment::new();
    write(&environment, "a.json", one("msg_1"));
    let finished = environment.run(["replay", "a.json", "nowhere.json"]).ends_with(1);
    let finished = finished.complains("recount: `nowhere.json` cannot be read: No such file");
    assert_eq!(finished.stdout, "");
    assert_eq!(environment.run(["session", "list"]).output(), "no sessions yet\n");
}

#[test]
fn the_agent_of_the_command_line_outdoes_those_of_the_input() {
    let cases: [(&str, &[&str], &str); 3] = [
        ("of the envelope", &[], "opencode"),
        ("of the command line", &["--agent", "my-agent"], "my-agent"),
        ("blank on the command line", &["--agent", " "], "opencode"),
    ];
    for (name, arguments, expected) in cases {
        let environment = TestEnvironment::new();
        write(&environment, "a.json", one("msg_1"));
        environment.run([&["replay", "a.json"], arguments].concat()).output();
        let agents = environment.record().column::<String>("SELECT agent FROM sessions");
        assert_eq!(agents, [expected], "{name}");
    }
}

#[test]
fn what_the_plugin_made_of_every_capture_is_the_same_rows_twice() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/opencode");
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|it| it == "ndjson")).collect();
    assert!(files.len() >= 3, "{files:?}");
    let environment = TestEnvironment::new();
    // An event keeps when it was received last.
    let rows = || {
        let record = environment.record();
        let mut tables = record.tables();
        tables.retain(|(name, _)| name != "events");
        (tables, record.column::<String>("SELECT event_id || payload FROM events ORDER BY 1"))
    };
    environment.recount(["replay"]).arguments(&files).finish().ends_with(0);
    let once = rows();
    environment.recount(["replay"]).arguments(files.iter().rev()).finish().ends_with(0);
    assert_eq!(rows(), once);
}

#[test]
fn ten_thousand_states_of_a_part_take_the_room_of_one() {
    let file_bytes = |states: i64| {
        let environment = TestEnvironment::new();
        let lines = (1..=states).map(|state| {
            let mut part =
                part("ses_1", "msg_1", "prt_1", &format!("{state:05} {}", "x".repeat(1_000)));
            part["observed_at_unix_ms"] = (GENERATED_AT + state).into();
            parts(&[part])
        });
        write(&environment, "stream.ndjson", lines.collect::<String>());
        environment.run(["replay", "stream.ndjson"]).ends_with(0);
        let record = environment.record();
        let kept: Vec<i64> = record.column("SELECT CAST(substr(text, 1, 5) AS INTEGER) FROM parts");
        assert_eq!(kept, [states]);
        record.number("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    };
    assert_eq!(file_bytes(10_000), file_bytes(1));
}
