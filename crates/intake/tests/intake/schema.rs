//! The published schema and the decoder agree.

use intake::envelope_schema;
use serde_json::{Value, json};

use crate::support::{envelope, found};

const PUBLISHED: &str = include_str!("../../../../context/envelope.schema.json");
const SESSION: &str = include_str!("../../../../tests/fixtures/opencode-basic.ndjson");

#[test]
fn the_published_schema_is_the_one_that_the_types_give() {
    assert!(
        PUBLISHED == envelope_schema(),
        "publish it: cargo test -p recount-intake -- --ignored publish_the_schema"
    );
}

#[test]
#[ignore = "writes context/envelope.schema.json"]
fn publish_the_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../context/envelope.schema.json");
    std::fs::write(path, envelope_schema()).expect("the folder can be written to");
}

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&envelope_schema()).expect("the schema is JSON");
    jsonschema::draft202012::new(&schema).expect("the schema is one")
}

#[test]
fn a_whole_session_fits() {
    let validator = validator();
    for line in SESSION.lines() {
        let envelope: Value = serde_json::from_str(line).expect("the fixture is JSON");
        let errors: Vec<_> = validator.iter_errors(&envelope).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn what_fits_is_taken_in_whole_and_what_does_not_fit_is_not() {
    let message = json!({
        "session_id": "s", "message_id": "m", "role": "user", "generated_at_unix_ms": 1,
    });
    let part = |kind: &str| {
        json!({
            "session_id": "s", "message_id": "m", "part_type": kind, "generated_at_unix_ms": 1,
        })
    };
    let event = json!({ "name": "a", "generated_at_unix_ms": 1 });
    let text = part("text");
    let of_session = json!({ "session_id": "s", "generated_at_unix_ms": 1 });
    let mut cases = vec![
        ("message.updated", message.clone(), json!({}), true),
        (
            "message.updated",
            message.clone(),
            json!({ "cost": 0.1, "tokens": { "input": 1 } }),
            true,
        ),
        ("message.updated", message.clone(), json!({ "cost": null, "error": 7, "new": [] }), true),
        ("message.updated", message.clone(), json!({ "cost": -1 }), false),
        (
            "message.updated",
            message.clone(),
            json!({ "tokens": { "cache": { "read": -1 } } }),
            false,
        ),
        ("message.updated", message.clone(), json!({ "session_id": " " }), false),
        ("message.updated", message.clone(), json!({ "role": "system" }), false),
        ("message.updated", message.clone(), json!({ "generated_at_unix_ms": -1 }), false),
        ("message.updated", message, json!({ "type": "x" }), false),
        ("message.part.updated", text.clone(), json!({ "text": "" }), true),
        ("message.part.updated", text.clone(), json!({ "text": "", "time": { "end": 1 } }), true),
        ("message.part.updated", text.clone(), json!({}), false),
        ("message.part.updated", text, json!({ "text": "", "part_id": "" }), false),
        ("message.part.updated", part("patch"), json!({ "hash": "h" }), true),
        ("message.part.updated", part("patch"), json!({ "text": "d", "files": ["a"] }), true),
        ("message.part.updated", part("patch"), json!({ "text": "" }), false),
        ("message.part.updated", part("future"), json!({}), false),
        ("event.recorded", event.clone(), json!({}), true),
        ("event.recorded", event.clone(), json!({ "session_id": null }), true),
        ("event.recorded", event, json!({ "name": "" }), false),
        (
            "session.updated",
            of_session.clone(),
            json!({ "title": "", "ended_at_unix_ms": 1 }),
            true,
        ),
        ("session.updated", of_session.clone(), json!({ "parent_session_id": "" }), false),
        ("session.updated", of_session.clone(), json!({ "session_id": null }), false),
        ("session.error", of_session.clone(), json!({ "error": {}, "message_id": "m" }), true),
        ("session.error", of_session.clone(), json!({ "session_id": null }), true),
        ("session.error", of_session.clone(), json!({ "generated_at_unix_ms": null }), false),
        ("session.compacted", of_session.clone(), json!({ "message_id": "m" }), true),
        ("session.compacted", of_session.clone(), json!({}), false),
        (
            "session.compacted",
            of_session.clone(),
            json!({ "message_id": "m", "tokens_before": -1 }),
            false,
        ),
        ("file.edited", of_session.clone(), json!({ "path": "a", "operation": "created" }), true),
        ("file.edited", of_session.clone(), json!({ "path": "a", "operation": "moved" }), false),
        ("file.edited", of_session, json!({ "path": " " }), false),
    ];
    let commit = json!({
        "repository": "/r/.git", "commit_id": "Ab".repeat(20), "generated_at_unix_ms": 1,
    });
    let rewrite = json!({ "rewritten_from": "c".repeat(64), "rewritten_by": "amend" });
    cases.extend([
        ("commit.recorded", commit.clone(), json!({ "worktree": "/r", "new": 1 }), true),
        ("commit.recorded", commit.clone(), rewrite, true),
        ("commit.recorded", commit.clone(), json!({ "worktree": null }), true),
        ("commit.recorded", commit.clone(), json!({ "worktree": "r" }), false),
        ("commit.recorded", commit.clone(), json!({ "repository": ".git" }), false),
        ("commit.recorded", commit.clone(), json!({ "commit_id": "HEAD" }), false),
        ("commit.recorded", commit.clone(), json!({ "rewritten_from": "a\n" }), false),
        ("commit.recorded", commit, json!({ "rewritten_by": "" }), false),
    ]);
    for kind in ["tool", "step-start", "step-finish", "compaction", "file", "snapshot", "agent"] {
        cases.push(("message.part.updated", part(kind), json!({}), true));
    }
    let validator = validator();
    for (kind, mut item, changes, fits) in cases {
        for (key, value) in changes.as_object().expect("changes are an object") {
            item[key] = value.clone();
        }
        let input = envelope(kind, &[&item.to_string()]);
        let value: Value = serde_json::from_str(&input).expect("JSON");
        assert_eq!(validator.is_valid(&value), fits, "{input}");
        let found = found(&input);
        let is_whole = found.items.len() == 1 && found.warnings.is_empty();
        assert_eq!(is_whole, fits, "{input}");
    }
}
