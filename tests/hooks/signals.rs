//! A hook that is told to end while it starts, reads or stores: what it was handed is kept.

use std::{io::Write, thread, time::Duration};

use serde_json::json;

use crate::support::{TestEnvironment, body};

/// More than a pipe holds, so that whoever has written it knows that the hook reads.
const LONG_BYTES: usize = 300_000;

/// An event that makes a hook drain.
fn stop_failure(said: &str) -> String {
    json!({
        "session_id": "s", "prompt_id": "p", "hook_event_name": "StopFailure", "error": "unknown",
        "last_assistant_message": said,
    })
    .to_string()
}

#[test]
fn a_hook_that_is_told_to_end_while_it_reads_keeps_all_and_begins_no_drain() {
    let environment = TestEnvironment::new().with_settings("hooks.drain_bytes = 1000000000\n");
    let mut expected = Vec::new();
    for round in 0..30 {
        let event = stop_failure(&format!("{round}{}", "x".repeat(LONG_BYTES)));
        let (early, late) = event.as_bytes().split_at(LONG_BYTES / 2);
        let (running, mut stdin) = environment.hook("").start_open();
        stdin.write_all(early).expect("it reads");
        for _ in 0..=round % 3 {
            running.terminate();
        }
        stdin.write_all(late).expect("it goes on reading");
        drop(stdin);
        assert_eq!(running.finish().output(), "", "round {round}");
        expected.push(event.into_bytes());
        assert_eq!(environment.spooled().len(), expected.len(), "round {round}");
    }
    let mut kept: Vec<_> = environment.spooled().iter().map(|file| body(file)).collect();
    kept.sort_unstable();
    expected.sort_unstable();
    assert!(kept == expected, "every input is whole");
}

#[test]
fn whenever_it_comes_a_signal_loses_nothing_that_was_acknowledged() {
    let environment = TestEnvironment::new();
    let mut acknowledged = Vec::new();
    for round in 0..150_u64 {
        let said = format!("round {round} ends");
        let (running, mut stdin) = environment.hook("").start_open();
        let event = stop_failure(&said);
        let (early, late) = event.split_at(event.len() / 2);
        let _ = stdin.write_all(early.as_bytes());
        thread::sleep(Duration::from_micros(round * 100));
        running.terminate();
        let _ = stdin.write_all(late.as_bytes());
        drop(stdin);
        if running.finish().code == Some(0) {
            acknowledged.push(said);
        }
    }
    environment.run(["spool", "drain"]).ends_with(0);
    let kept = environment.record().column::<String>("SELECT payload FROM events");
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|said| !kept.iter().any(|event| event.contains(*said)))
        .collect();
    assert_eq!(lost, Vec::<&String>::new());
}

#[test]
fn a_hook_that_is_told_to_end_waits_for_no_silent_writer() {
    let environment = TestEnvironment::new().with_settings("hooks.read_timeout_ms = 60000\n");
    let event = stop_failure(&"x".repeat(LONG_BYTES));
    let (running, mut stdin) = environment.hook("").start_open();
    stdin.write_all(event.as_bytes()).expect("it reads");
    running.terminate();
    let finished = running.finish().ends_with(0);
    drop(stdin);
    assert!(finished.elapsed < Duration::from_secs(30), "{:?}", finished.elapsed);
    let [file] = &environment.spooled()[..] else { panic!("one file is kept") };
    assert!(body(file) == event.as_bytes());
}
