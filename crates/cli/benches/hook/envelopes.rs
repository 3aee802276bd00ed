//! Synthetic conversations, the one source of input for every case: items as long as those of the
//! captured OpenCode session (`tests/fixtures/opencode-basic.ndjson`, 440 bytes each), with ids
//! that grow with time as OpenCode's do.

use std::io::{self, Write};

/// A message has this many parts …
pub const PARTS_PER_MESSAGE: u64 = 10;
/// … and a session this many messages.
const MESSAGES_PER_SESSION: u64 = 100;

/// How many messages of the hook cases are in one session.
const EVENTS_PER_SESSION: u64 = 50;

/// When the first thing was said, in Unix milliseconds.
const BEGIN_UNIX_MS: u64 = 1_795_168_018_979;

const TEXT: &str = "I will look at the repository first: what is there, how it is built and which \
                    tests there are. Then I will write the change, run the tests and say what I did.";

/// What an agent hands to one hook: a message and its first part.
pub fn event(number: u64) -> Vec<u8> {
    let session = format!("ses_event{:08}", number / EVENTS_PER_SESSION);
    let mut text = Vec::new();
    let written = message(&mut text, &session, number).and_then(|()| {
        envelope(&mut text, "message.part.updated", |out| part(out, &session, number, 0))
    });
    written.expect("a vector grows");
    text
}

/// A capture with this many parts and a message for each ten of them.
pub fn capture(out: &mut impl Write, parts: u64) -> io::Result<()> {
    for number in 0..parts / PARTS_PER_MESSAGE {
        let session = format!("ses_capture{:06}", number / MESSAGES_PER_SESSION);
        message(out, &session, number)?;
        envelope(out, "message.part.updated", |out| {
            (0..PARTS_PER_MESSAGE).try_for_each(|index| {
                out.write_all(if index == 0 { b"" } else { b"," })?;
                part(out, &session, number, index)
            })
        })?;
    }
    Ok(())
}

fn envelope<W: Write>(
    out: &mut W,
    kind: &str,
    payloads: impl FnOnce(&mut W) -> io::Result<()>,
) -> io::Result<()> {
    write!(out, r#"{{"type":"{kind}","agent":"opencode","agent_version":"1.18.33","payloads":["#)?;
    payloads(out)?;
    out.write_all(b"]}\n")
}

fn message(out: &mut impl Write, session: &str, number: u64) -> io::Result<()> {
    let at = time(number, 0);
    envelope(out, "message.updated", |out| {
        write!(
            out,
            r#"{{"session_id":"{session}","message_id":"msg_{number:012x}001ntcMnOhq","role":"assistant","generated_at_unix_ms":{at},"completed_at_unix_ms":{},"parent_message_id":"msg_{number:012x}000","agent_name":"build","provider_id":"mock","model_id":"mock-1","cost":0.0021,"tokens":{{"input":1200,"output":340,"reasoning":12,"cache":{{"read":800,"write":16}}}},"finish":"stop","project_path":"/home/dev/demo"}}"#,
            at + 900,
        )
    })
}

fn part(out: &mut impl Write, session: &str, number: u64, index: u64) -> io::Result<()> {
    let at = time(number, index);
    write!(
        out,
        r#"{{"session_id":"{session}","message_id":"msg_{number:012x}001ntcMnOhq","part_id":"prt_{number:012x}{index:03}ntcMnOhq","part_type":"text","text":"{TEXT} {number}.{index}","time":{{"start":{at},"end":{}}},"generated_at_unix_ms":{at},"observed_at_unix_ms":{}}}"#,
        at + 55,
        at + 60,
    )
}

fn time(number: u64, index: u64) -> u64 {
    BEGIN_UNIX_MS + number * 1_000 + index * 80
}
