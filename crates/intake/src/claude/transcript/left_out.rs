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

/// Within how many bytes of its line an attachment begins; Claude Code writes little before it.
const ATTACHMENT_WITHIN_BYTES: usize = 512;

/// Whether a line is known to be left out by how it begins.
pub(super) fn is_dump(line: &str) -> bool {
    kind_of(line).is_some_and(is_named) || is_snapshot(line)
}

/// The type of an object that begins with it.
fn kind_of(object: &str) -> Option<&str> {
    let rest = object.strip_prefix('{')?.trim_start().strip_prefix(r#""type""#)?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    rest.split('"').next()
}

/// Whether the first thing in a line that holds others is the attachment that dumps a request. What
/// is written otherwise is known when it is parsed.
fn is_snapshot(line: &str) -> bool {
    let head = &line[..line.floor_char_boundary(ATTACHMENT_WITHIN_BYTES)];
    let Some(at) = head.bytes().skip(1).position(|byte| matches!(byte, b'{' | b'[')) else {
        return false;
    };
    let (before, attachment) = head.split_at(at + 1);
    let key = before.trim_end().strip_suffix(':').map(str::trim_end);
    key.is_some_and(|key| key.ends_with(r#""attachment""#))
        && kind_of(attachment) == Some("prompt_snapshot")
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
