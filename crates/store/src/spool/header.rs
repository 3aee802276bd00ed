//! The spool form: one line of JSON, then the exact bytes. Spool, outbox and quarantine hold it.

use std::io::{self, BufRead, Read};

use domain::UnixMs;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The form that this version writes; a newer one is left alone.
pub const FORM_VERSION: u32 = 1;

/// A longer first line is no header.
const HEADER_LIMIT_BYTES: u64 = 64 * 1024;

/// What is known of spooled bytes before anybody has read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the form.
    pub recount_spool: u32,
    /// Which hook they were handed to.
    pub kind: String,
    /// When they were handed over.
    pub received_at_unix_ms: i64,
    /// Who speaks, where the caller said so.
    pub agent: Option<String>,
    /// Which database they are meant for; the one beside the spool where there is none.
    pub database: Option<String>,
    /// Orders the files of one millisecond.
    #[serde(default)]
    pub sequence: u64,
    /// How many bytes follow the header.
    pub bytes: u64,
    /// Why they cannot be read; only in quarantine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The hook that takes what agents say.
const CONVERSATION_TRACE: &str = "conversation-trace";

/// Why a file is not in the spool form.
#[derive(Debug, Error)]
pub enum HeaderError {
    /// It begins with no header.
    #[error("its first line is no spool header")]
    Missing,
    /// Another version wrote it, or it is meant for a hook that this version does not know.
    #[error("a newer version wrote it")]
    Newer,
    /// It could not be read.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
}

impl Header {
    /// A header for bytes that were handed over just now.
    pub fn new(agent: Option<String>, received_at: UnixMs, sequence: u64, bytes: u64) -> Self {
        Self {
            recount_spool: FORM_VERSION,
            kind: CONVERSATION_TRACE.to_owned(),
            received_at_unix_ms: received_at.get(),
            agent,
            database: None,
            sequence,
            bytes,
            error: None,
        }
    }

    /// Whether the bytes are what an agent says, which this version can store.
    pub fn is_conversation_trace(&self) -> bool {
        self.kind == CONVERSATION_TRACE
    }

    /// When the bytes were handed over; a time before the epoch counts as the epoch.
    pub fn received_at(&self) -> UnixMs {
        UnixMs::new(self.received_at_unix_ms.max(0)).expect("it is not negative")
    }

    /// The first line of a file.
    pub(crate) fn to_line(&self) -> Vec<u8> {
        self.to_line_of(0)
    }

    /// The same, filled with blanks to a length of at least `length` bytes.
    pub(crate) fn to_line_of(&self, length: usize) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("a header has only text keys");
        line.resize(line.len().max(length.saturating_sub(1)), b' ');
        line.push(b'\n');
        line
    }
}

/// Reads the first line of a file in the spool form and leaves `input` at the bytes behind it.
///
/// # Errors
/// [`HeaderError`]; `Missing` may have read some of the bytes.
pub fn read_header(input: &mut impl BufRead) -> Result<Header, HeaderError> {
    let mut line = Vec::new();
    input.take(HEADER_LIMIT_BYTES).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(HeaderError::Missing);
    }
    match serde_json::from_slice::<Header>(&line) {
        Ok(header) if header.recount_spool == FORM_VERSION => Ok(header),
        _ if is_newer(&line) => Err(HeaderError::Newer),
        _ => Err(HeaderError::Missing),
    }
}

/// Whether a header that cannot be read says itself that a newer version wrote it.
fn is_newer(line: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Version {
        recount_spool: u32,
    }
    serde_json::from_slice::<Version>(line).is_ok_and(|found| found.recount_spool > FORM_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let received_at = UnixMs::new(1_795_168_018_979).expect("not negative");
        Header::new(Some("opencode".to_owned()), received_at, 7, 3)
    }

    #[test]
    fn what_is_written_is_read_and_the_bytes_follow() {
        let mut file = header().to_line();
        file.extend(b"\nab");
        let mut input = &file[..];
        assert_eq!(read_header(&mut input).expect("it is a header"), header());
        assert_eq!(input, b"\nab");
    }

    #[test]
    fn a_plugin_may_leave_out_what_it_does_not_know() {
        let line = br#"{"recount_spool":1,"kind":"conversation-trace","received_at_unix_ms":5,"agent":null,"database":null,"bytes":0,"colour":"red"}
"#;
        let header = read_header(&mut &line[..]).expect("it is a header");
        assert_eq!((header.received_at_unix_ms, header.sequence, header.error), (5, 0, None));
    }

    #[test]
    fn what_is_no_header_is_told_from_a_newer_one() {
        let long = format!("{{\"recount_spool\":1,{}", " ".repeat(70_000));
        let cases: [(&str, &str, bool); 8] = [
            ("empty", "", false),
            ("no line feed", r#"{"recount_spool":1}"#, false),
            ("garbage", "hello\n", false),
            ("an envelope", "{\"type\":\"message.updated\"}\n", false),
            (
                "version 0",
                "{\"recount_spool\":0,\"kind\":\"x\",\"received_at_unix_ms\":1,\"bytes\":0}\n",
                false,
            ),
            ("a newer form", "{\"recount_spool\":2,\"shape\":\"other\"}\n", true),
            (
                "a newer form of the same shape",
                "{\"recount_spool\":9,\"kind\":\"x\",\"received_at_unix_ms\":1,\"bytes\":0}\n",
                true,
            ),
            ("an endless line", &long, false),
        ];
        for (name, text, newer) in cases {
            match read_header(&mut text.as_bytes()) {
                Err(HeaderError::Newer) => assert!(newer, "{name}"),
                Err(HeaderError::Missing) => assert!(!newer, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}
