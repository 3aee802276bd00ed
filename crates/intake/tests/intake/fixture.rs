//! A whole session of OpenCode, as its plugin would have sent it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use domain::{Agent, Decoded, Record, UnixMs};
use intake::{Origin, decode};

const SESSION: &[u8] = include_bytes!("../../../../tests/fixtures/opencode-basic.ndjson");

fn table(record: &Record) -> &'static str {
    match record {
        Record::Session(_) => "sessions",
        Record::Message(_) => "messages",
        Record::Part(_) => "parts",
        Record::ToolCall(_) => "tool_calls",
        Record::Step(_) => "step_events",
        Record::Patch(_) => "patches",
        Record::Compaction(_) => "compaction_events",
        Record::SessionError(_) => "session_errors",
        Record::FileOperation(_) => "file_operations",
        Record::Edit(_) => "edits",
        Record::Event(_) => "events",
        Record::Commit(_) => "commits",
        Record::Rewrite(_) => "commit_rewrites",
    }
}

#[test]
fn a_session_of_opencode_is_taken_in_whole() {
    let received_at = UnixMs::new(1_795_169_860_000).expect("not negative");
    let origin = Origin { agent: None, received_at };
    let mut batches = Vec::new();
    let flow = decode(&mut &*SESSION, &origin, &mut |decoded| {
        match decoded {
            Decoded::Items(batch) => batches.push(batch),
            Decoded::Rejected(reject) => panic!("{reject:?}"),
            Decoded::Unreadable(piece) => panic!("{piece:?}"),
        }
        ControlFlow::Continue(())
    });
    assert_eq!(flow.expect("a slice does not fail"), ControlFlow::Continue(()));

    let mut counts = BTreeMap::new();
    for batch in &batches {
        assert_eq!(batch.warnings, []);
        assert!(!batch.ends_turn);
        for item in &batch.items {
            for record in std::iter::once(&item.subject).chain(&item.beside) {
                *counts.entry(table(record)).or_insert(0) += 1;
                if let Record::Session(session) = record {
                    assert_eq!(session.agent.value().map(Agent::as_str), Some("opencode"));
                    assert_eq!(session.agent_version.value().map(String::as_str), Some("1.18.33"));
                }
            }
        }
    }
    assert_eq!(batches.len(), 40);
    let expected = [
        ("edits", 5),
        ("file_operations", 4),
        ("messages", 25),
        ("parts", 59),
        ("patches", 2),
        ("session_errors", 1),
        ("sessions", 84),
        ("step_events", 12),
        ("tool_calls", 26),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}
