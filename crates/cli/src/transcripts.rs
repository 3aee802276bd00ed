//! Agents' own files that grow with a session: from their bytes to items, with the place behind them.

use std::{io, ops::ControlFlow, path::Path};

use domain::{Batch, Transcript};
use import::claude::{self, Lines, Opened, Step};
use store::{TranscriptEnd, TranscriptFinding, TranscriptPiece, receipt_now};

/// A piece has about so many items …
const PIECE_ITEMS: usize = 250;
/// … or so many bytes of lines: small enough for a hook to store in the time that it has.
const PIECE_BYTES: u64 = 1 << 20;

/// The agent whose files these are.
pub const CLAUDE: &str = "claude-code";

/// Reads a transcript that an event spoke of; the store's reader.
///
/// # Errors
/// The file is there and cannot be read.
pub fn read(
    transcript: &Transcript,
    position: Option<&str>,
    sink: &mut dyn FnMut(TranscriptFinding) -> ControlFlow<()>,
) -> io::Result<TranscriptEnd> {
    match transcript.agent.as_str() {
        CLAUDE => read_claude(Path::new(&transcript.path), position, sink),
        // An older version does not know what a newer one has found due.
        _ => Ok(TranscriptEnd::Gone),
    }
}

/// Reads a transcript of Claude Code.
///
/// # Errors
/// The file is there and cannot be read.
pub fn read_claude(
    path: &Path,
    position: Option<&str>,
    sink: &mut dyn FnMut(TranscriptFinding) -> ControlFlow<()>,
) -> io::Result<TranscriptEnd> {
    let (received_at, _) = receipt_now();
    let lines = match claude::open(path, position, received_at.get())? {
        Opened::Lines(lines) => *lines,
        Opened::Unchanged => return Ok(TranscriptEnd::Read),
        Opened::Gone => return Ok(TranscriptEnd::Gone),
    };
    let mut batch = Batch::default();
    if let Some(meta) = claude::meta_beside(path) {
        let item = intake::claude::agent_meta(&meta.session, &meta.agent_id, &meta.json);
        batch.items.extend(item);
    }
    let transcript = intake::claude::Transcript::resume(lines.state(), received_at);
    Reading { lines, transcript, batch, piece_began_at: None, position, sink }.run()
}

/// One reading of one file.
struct Reading<'r> {
    lines: Lines,
    transcript: intake::claude::Transcript,
    batch: Batch,
    piece_began_at: Option<u64>,
    /// Where it began.
    position: Option<&'r str>,
    sink: &'r mut dyn FnMut(TranscriptFinding) -> ControlFlow<()>,
}

impl Reading<'_> {
    fn run(mut self) -> io::Result<TranscriptEnd> {
        loop {
            let goes_on = match self.lines.step()? {
                Step::Line { offset, line } => {
                    self.piece_began_at.get_or_insert(offset);
                    match self.transcript.line(offset, line, &mut self.batch) {
                        Ok(()) => ControlFlow::Continue(()),
                        Err(reason) => (self.sink)(TranscriptFinding::Skipped { offset, reason }),
                    }
                }
                Step::Skipped { offset, reason } => {
                    (self.sink)(TranscriptFinding::Skipped { offset, reason })
                }
                Step::Passed(bytes) => (self.sink)(TranscriptFinding::Passed(bytes)),
                Step::End => return self.end(),
            };
            if goes_on.is_break() || (self.is_full() && self.hand_out(None)?.is_break()) {
                return Ok(TranscriptEnd::BrokenOff);
            }
        }
    }

    /// Only here is what the next lines may settle handed out as it seems.
    fn end(mut self) -> io::Result<TranscriptEnd> {
        self.transcript.finish(&mut self.batch);
        match self.hand_out(self.position)? {
            ControlFlow::Continue(()) => Ok(TranscriptEnd::Read),
            ControlFlow::Break(()) => Ok(TranscriptEnd::BrokenOff),
        }
    }

    fn is_full(&self) -> bool {
        let began_at = self.piece_began_at.unwrap_or_else(|| self.lines.end());
        self.batch.items.len() >= PIECE_ITEMS || self.lines.end() - began_at >= PIECE_BYTES
    }

    /// Hands out a piece, but not one that ends a reading where `known` is: all of it is taken in.
    fn hand_out(&mut self, known: Option<&str>) -> io::Result<ControlFlow<()>> {
        self.transcript.flush(&mut self.batch);
        let (offset, state) = self.transcript.position(self.lines.end());
        let position = self.lines.position(offset, state)?;
        let batch = std::mem::take(&mut self.batch);
        self.piece_began_at = None;
        if known == Some(position.as_str()) {
            return Ok(ControlFlow::Continue(()));
        }
        Ok((self.sink)(TranscriptFinding::Piece(TranscriptPiece { batch, position })))
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, fs::OpenOptions, io::Write, path::PathBuf};

    use domain::{Join, Record, Session};

    use super::*;

    /// What a transcript tells.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Told {
        things: BTreeSet<String>,
        session: Option<Session>,
        position: Option<String>,
    }

    impl Told {
        fn add(&mut self, record: Record) {
            match record {
                // A piece sums up what it tells of its session.
                Record::Session(session) => {
                    let known = self.session.take();
                    let both = known.map(|known| known.join(session.clone()));
                    self.session = Some(both.unwrap_or(session));
                }
                // It knows when it was received.
                Record::Event(event) => {
                    self.things.insert(format!("{:?}", event.event_id));
                }
                other => {
                    self.things.insert(format!("{other:?}"));
                }
            }
        }

        /// The same with what a file tells from here on.
        fn and(mut self, path: &Path) -> Self {
            let position = self.position.clone();
            let end = read_claude(path, position.as_deref(), &mut |finding| {
                match finding {
                    TranscriptFinding::Piece(TranscriptPiece { batch, position }) => {
                        for item in batch.items {
                            item.beside
                                .into_iter()
                                .chain([item.subject])
                                .for_each(|it| self.add(it));
                        }
                        self.position = Some(position);
                    }
                    TranscriptFinding::Skipped { offset, reason } => panic!("{offset} {reason}"),
                    TranscriptFinding::Passed(_) => {}
                }
                ControlFlow::Continue(())
            });
            assert_eq!(end.expect("it can be read"), TranscriptEnd::Read);
            self
        }
    }

    fn fixture() -> Vec<u8> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("tests/fixtures/captures/claude/basic.transcript");
        fs::read(folder.join("c804c64c-326a-4bd2-936b-b03d63b804ba.jsonl")).expect("a fixture")
    }

    #[test]
    fn cut_at_any_byte_of_its_end_and_completed_it_tells_the_same() {
        const END: usize = 5_000;
        let bytes = fixture();
        let (before, end) = bytes.split_at(bytes.len() - END);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path: PathBuf = folder.path().join("s.jsonl");
        fs::write(&path, &bytes).expect("a new file");
        let whole = Told::default().and(&path);
        let mut file = OpenOptions::new().append(true).open(&path).expect("it is there");
        let mut make = |kept: usize, appended: &[u8]| {
            file.set_len(kept as u64).expect("it is ours");
            file.write_all(appended).expect("there is room");
        };
        make(before.len(), b"");
        let first = Told::default().and(&path);
        for cut in 1..END {
            make(before.len(), &end[..cut]);
            let second = first.clone().and(&path);
            make(before.len() + cut, &end[cut..]);
            let third = second.and(&path);
            assert!(third.things == whole.things && third.session == whole.session, "{cut}");
        }
    }

    #[test]
    fn what_stands_behind_a_line_that_waits_for_others_is_told_though_its_place_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("s.jsonl");
        let line = |nth: usize, rest: &str| {
            let at = format!("2026-11-20T00:00:00.{:03}Z", nth % 1_000);
            format!(r#"{{"sessionId":"s","uuid":"u{nth}","timestamp":"{at}",{rest}}}"#) + "\n"
        };
        let prompt = r#""type":"user","promptId":"p","message":{"role":"user","content":"hi"}"#;
        let lines: Vec<String> = (1..=2 * PIECE_ITEMS)
            .map(|nth| line(nth, r#""type":"attachment","attachment":{"type":"date"}"#))
            .collect();
        fs::write(&path, line(0, prompt) + &lines.concat()).expect("a new file");
        let mut position = None;
        let broken_off = read_claude(&path, None, &mut |finding| match finding {
            TranscriptFinding::Piece(piece) => {
                position = Some(piece.position);
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        });
        assert_eq!(broken_off.expect("it can be read"), TranscriptEnd::BrokenOff);
        let told = Told { position, ..Told::default() }.and(&path);
        let events = told.things.iter().filter(|thing| thing.starts_with("EventId"));
        assert_eq!(events.count(), 2 * PIECE_ITEMS);
    }

    #[test]
    fn what_no_version_knows_is_gone() {
        let agent = domain::Agent::new("agent-of-tomorrow").expect("a name");
        let transcript = Transcript { agent, path: "/dev/zero".to_owned() };
        let end = read(&transcript, None, &mut |_| panic!("nothing is read"));
        assert_eq!(end.expect("nothing is wrong"), TranscriptEnd::Gone);
    }
}
