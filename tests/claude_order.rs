//! What the real Claude Code handed to its hooks and wrote in its transcript gives one record, in
//! whatever order and however often it is taken in.

use std::{fs, path::PathBuf};

use serde_json::json;

use crate::support::{Random, TestEnvironment};

/// When the first event of a capture was received, about when the captured session began.
const RECEIVED_AT: i64 = 1_795_170_343_000;

/// A table and its rows.
type Tables = Vec<(String, Vec<String>)>;

fn captures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/captures/claude")
}

/// The events of a capture, each as a file in the spool form with the time of its receipt.
fn events(environment: &TestEnvironment, capture: &str) -> Vec<PathBuf> {
    let events =
        fs::read_to_string(captures().join(format!("{capture}.jsonl"))).expect("a capture");
    let file = |(number, event): (usize, &str)| {
        let received_at = RECEIVED_AT + 250 * i64::try_from(number).expect("a small number");
        let header = json!({
            "recount_spool": 1, "kind": "conversation-trace", "received_at_unix_ms": received_at,
            "agent": "claude-code", "sequence": 0, "bytes": event.len(),
        });
        let path = environment.working_folder().join(format!("{capture}-{number:03}.spool"));
        fs::write(&path, format!("{header}\n{event}")).expect("a new file");
        path
    };
    events.lines().enumerate().map(file).collect()
}

fn replay(environment: &TestEnvironment, files: &[PathBuf]) {
    if !files.is_empty() {
        environment.recount(["replay"]).arguments(files).finish().ends_with(0);
    }
}

fn import(environment: &TestEnvironment, capture: &str) {
    let transcripts = captures().join(format!("{capture}.transcript"));
    environment.recount(["import", "claude"]).arguments([transcripts]).finish().ends_with(0);
}

/// The record of all events, taken in by `take`.
fn record(capture: &str, take: impl FnOnce(&TestEnvironment, Vec<PathBuf>)) -> Tables {
    let environment = TestEnvironment::new();
    let files = events(&environment, capture);
    take(&environment, files);
    environment.record().tables()
}

fn are_the_same(name: &str, found: &Tables, expected: &Tables) {
    for ((table, found), (_, expected)) in found.iter().zip(expected) {
        let other = found.iter().zip(expected).find(|(found, expected)| found != expected);
        assert_eq!((other, found.len()), (None, expected.len()), "{name}: {table}");
    }
}

/// Every file twice, in an order that nobody chose.
fn shuffled_twice(files: &[PathBuf], random: &mut Random) -> Vec<PathBuf> {
    let mut files = [files, files].concat();
    for last in (1..files.len()).rev() {
        let other = random.below(last as u64 + 1);
        files.swap(last, usize::try_from(other).expect("a small number"));
    }
    files
}

#[test]
fn hook_events_give_the_same_rows_in_any_order_and_twice() {
    let mut random = Random::from_seed(Random::seed_of_this_run("hook events"));
    for capture in ["basic", "subagent", "error", "short"] {
        let in_order = record(capture, |environment, files| replay(environment, &files));
        assert!(in_order.iter().any(|(table, rows)| table == "messages" && !rows.is_empty()));
        for _ in 0..3 {
            let found = record(capture, |environment, files| {
                replay(environment, &shuffled_twice(&files, &mut random));
            });
            are_the_same(capture, &found, &in_order);
        }
    }
}

#[test]
fn hook_events_and_the_transcript_give_the_same_rows_whichever_comes_when() {
    let mut random = Random::from_seed(Random::seed_of_this_run("hooks and transcript"));
    for capture in ["basic", "subagent", "error"] {
        let in_order = record(capture, |environment, files| {
            replay(environment, &files);
            import(environment, capture);
        });
        for _ in 0..3 {
            let found = record(capture, |environment, files| {
                let files = shuffled_twice(&files, &mut random);
                let at = usize::try_from(random.below(files.len() as u64 + 1)).expect("small");
                replay(environment, &files[..at]);
                import(environment, capture);
                replay(environment, &files[at..]);
                import(environment, capture);
            });
            are_the_same(capture, &found, &in_order);
        }
    }
}
