//! The lines that are not stored, each kind with its reason.
//!
//! Dumps of requests are the largest lines of all: they are known by how they begin, unparsed.

use super::line::Line;
use crate::json::{Value, text};

/// What is left out, by the name that its event would have.
pub(super) const LEFT_OUT: &[(&str, &str)] = &[
    ("api-request", "a dump of a request, which may hold secrets"),
    ("api-request-blob", "a dump of a request, which may hold secrets"),
    ("api-request-shape", "a dump of a request, which may hold secrets"),
    ("attachment/prompt_snapshot", "a dump of a request, which may hold secrets"),
    ("atis-latch", "bookkeeping of the agent's own"),
    ("file-history-snapshot", "names copies of files that the agent keeps elsewhere"),
    ("last-prompt", "a prompt again, which has a line of its own"),
    ("mode", "the mode again, which prompts bear"),
    ("permission-mode", "the mode again, which prompts bear"),
    ("progress", "what a tool's or a hook's end tells again"),
    ("tools-used", "the tools again, whose calls have lines of their own"),
];

/// How a line begins of which the type is known at once; Claude Code writes it without blanks.
const BEGINNINGS: [&str; 2] = [r#"{"type":""#, r#"{"type": ""#];

/// How an attachment begins that dumps a request.
const SNAPSHOTS: [&str; 2] =
    [r#""attachment":{"type":"prompt_snapshot""#, r#""attachment": {"type": "prompt_snapshot""#];

/// Within how many bytes of its line it does.
const SNAPSHOT_WITHIN_BYTES: usize = 512;

/// Whether a line is known to be left out by how it begins.
pub(super) fn is_dump(line: &str) -> bool {
    let kind = BEGINNINGS
        .iter()
        .find_map(|beginning| line.strip_prefix(beginning))
        .and_then(|rest| rest.split('"').next());
    kind.is_some_and(is_named) || is_snapshot(line)
}

/// No brace may stand before it but the line's own, so it is the line's own attachment.
fn is_snapshot(line: &str) -> bool {
    let head = &line[..line.floor_char_boundary(SNAPSHOT_WITHIN_BYTES)];
    let found = SNAPSHOTS.iter().find_map(|snapshot| head.find(snapshot));
    found.is_some_and(|at| head[..at].rfind(['{', '[']) == Some(0))
}

/// Whether a line is left out, by what it says.
pub(super) fn is_left_out(line: &Line<'_>) -> bool {
    match &*line.kind {
        "attachment" => match line.rest.get("attachment") {
            Some(Value::Object(attachment)) => {
                text(attachment, "type").is_some_and(|kind| is_named(&format!("attachment/{kind}")))
            }
            _ => false,
        },
        // It tells only that the queue moved on.
        "queue-operation" => !line.rest.contains_key("content"),
        kind => is_named(kind),
    }
}

fn is_named(name: &str) -> bool {
    LEFT_OUT.iter().any(|(left_out, _)| *left_out == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_known_by_how_it_begins() {
        let snapshot = r#"{"parentUuid":"a","isSidechain":false,"attachment":{"type":"prompt_snapshot","x":1}}"#;
        let spaced = r#"{"parentUuid": null, "attachment": {"type": "prompt_snapshot"}}"#;
        let cases = [
            (r#"{"type":"api-request-shape","shape":{}}"#, true),
            (r#"{"type": "api-request-blob"}"#, true),
            (r#"{"type":"api-request-other"}"#, false),
            (r#"{"type":"user"}"#, false),
            (r#"{"sessionId":"s","type":"api-request"}"#, false),
            (snapshot, true),
            (spaced, true),
            (r#"{"message":{"attachment":{"type":"prompt_snapshot"}}}"#, false),
            (r#"{"a":[],"attachment":{"type":"prompt_snapshot"}}"#, false),
            (r#"{"a":"\"attachment\":{\"type\":\"prompt_snapshot\""}"#, false),
            ("", false),
        ];
        for (line, expected) in cases {
            assert_eq!(is_dump(line), expected, "{line}");
        }
    }
}
