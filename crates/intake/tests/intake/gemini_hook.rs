//! The hook events of Gemini CLI 0.61.0, as captured, and what each tells of its session.

use domain::{Field, UnixMs};
use serde_json::{Value, json};

use crate::merged::Merged;
use crate::support::{Found, RECEIVED_AT, found, found_later};

const SHORT: &str = include_str!("../../../../tests/fixtures/captures/gemini/short.jsonl");
const ERROR: &str = include_str!("../../../../tests/fixtures/captures/gemini/error.jsonl");

/// When the captured session ended: 2026-11-20T10:23:21.753Z.
const ENDED_AT: i64 = 1_795_170_201_753;

fn text(field: &Field<String>) -> Option<&str> {
    field.value().map(String::as_str)
}

fn merged<'f>(events: impl IntoIterator<Item = &'f Found>) -> Merged {
    Merged::of(events.into_iter().flat_map(|found| &found.items))
}

/// Each event of a capture, received at once and some seconds late.
fn received(capture: &str) -> Vec<Found> {
    capture.lines().map(|line| found_later(line, 300_000)).collect()
}

#[test]
fn what_the_captured_events_give() {
    for (name, capture, ends) in [("short", SHORT, 2), ("error", ERROR, 0)] {
        let events = received(capture);
        assert_eq!(events.iter().filter(|found| found.ends_turn).count(), ends, "{name}");
        let rows = merged(&events);
        let expected = [("events", capture.lines().count()), ("sessions", 1)];
        assert_eq!(rows.counts().into_iter().collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn a_session_is_told_with_folder_and_end_by_the_events_own_times() {
    let events = received(SHORT);
    let orders = [
        merged(&events),
        merged(events.iter().rev()),
        merged(events.iter().chain(&received(SHORT))),
    ];
    for rows in orders {
        let session = rows.sessions.values().next().expect("one");
        let told = [&session.project_path, &session.source, &session.end_reason, &session.title];
        assert_eq!(told.map(text), [Some("/home/dev/demo"), Some("startup"), Some("exit"), None]);
        assert_eq!(session.ended_at.value(), Some(&ENDED_AT));
        assert_eq!(session.last_activity_at.0.map(UnixMs::get), Some(ENDED_AT));
    }
}

#[test]
fn a_time_that_cannot_be_is_not_when_a_session_ended() {
    let event = |timestamp: Value| {
        let event = json!({
            "session_id": "s", "hook_event_name": "SessionEnd", "timestamp": timestamp, "reason": "exit",
        });
        event.to_string()
    };
    for timestamp in ["9999-12-31T23:59:59Z", "yesterday", "1969-01-01T00:00:00Z", ""] {
        let rows = merged([&found(event(timestamp.into()))]);
        let session = rows.sessions.values().next().expect("one");
        assert_eq!(session.ended_at.value(), Some(&RECEIVED_AT), "{timestamp}");
    }
}

#[test]
fn values_of_the_wrong_form_lose_nothing() {
    let keys = ["session_id", "cwd", "source", "reason", "timestamp", "transcript_path", "prompt"];
    let values = [
        json!(null),
        json!(7),
        json!([{}]),
        json!({ "a": [] }),
        json!(" "),
        json!("\0"),
        json!(-1.5),
    ];
    for name in ["SessionStart", "BeforeAgent", "AfterAgent", "SessionEnd", "EventOfTomorrow"] {
        for key in keys {
            for value in &values {
                let mut event = json!({
                    "session_id": "s", "hook_event_name": name, "cwd": "/d",
                    "timestamp": "2026-11-20T10:17:00.393Z",
                });
                event[key] = value.clone();
                // Without its time nothing but its agent's own words tells whose it is.
                let found =
                    crate::support::found_by(&mut event.to_string().as_bytes(), Some("gemini"));
                assert_eq!((found.items.len(), found.unreadable.len()), (1, 0), "{event}");
            }
        }
    }
}
