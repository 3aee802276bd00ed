//! Agents' own files that grow with a session: from their bytes to items, with the place behind them.

use std::{io, ops::ControlFlow, path::Path};

use domain::{Batch, Transcript, Unreadable};
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
    let unread = Unread::default();
    Reading { path, lines, transcript, batch, unread, piece_began_at: None, position, sink }.run()
}

/// One reading of one file.
struct Reading<'r> {
    path: &'r Path,
    lines: Lines,
    transcript: intake::claude::Transcript,
    batch: Batch,
    unread: Unread,
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
                        Err(reason) => {
                            self.unread.add(offset, line, reason);
                            ControlFlow::Continue(())
                        }
                    }
                }
                Step::TooLong { offset, bytes } => {
                    (self.sink)(TranscriptFinding::TooLong { offset, bytes })
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
        let unreadable = std::mem::take(&mut self.unread).pieces(self.path);
        self.piece_began_at = None;
        if known == Some(position.as_str()) && unreadable.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let piece = TranscriptPiece { batch, unreadable, position };
        Ok((self.sink)(TranscriptFinding::Piece(piece)))
    }
}

/// Of so many lines each is a piece of its own: a line that is read again from elsewhere is the same
/// piece then. More of them are one, so that a file of the wrong kind does not become a thousand.
const SINGLE_LINES: u64 = 8;

/// Lines of one piece that cannot be read.
#[derive(Default)]
struct Unread {
    lines: u64,
    pieces: Vec<Unreadable>,
}

impl Unread {
    fn add(&mut self, offset: u64, line: &[u8], reason: &str) {
        self.lines += 1;
        if self.lines <= SINGLE_LINES {
            let (reason, bytes) = (reason.to_owned(), line.to_owned());
            self.pieces.push(Unreadable { offset, reason, bytes });
            return;
        }
        let rest = self.pieces.split_off(1);
        let joined = &mut self.pieces[0].bytes;
        for line in rest.iter().map(|piece| &piece.bytes[..]).chain([line]) {
            joined.push(b'\n');
            joined.extend_from_slice(line);
        }
    }

    /// The pieces, which say where in a file they were.
    fn pieces(self, path: &Path) -> Vec<Unreadable> {
        let path = path.display();
        let more = match self.lines {
            ..=SINGLE_LINES => String::new(),
            lines => format!(", with {} more of its lines", lines - 1),
        };
        let mut pieces = self.pieces;
        for Unreadable { offset, reason, .. } in &mut pieces {
            *reason = format!("{reason}: the line at byte {offset} of `{path}`{more}");
        }
        pieces
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
                    TranscriptFinding::Piece(TranscriptPiece { batch, unreadable, position }) => {
                        assert_eq!(unreadable, []);
                        for item in batch.items {
                            item.beside
                                .into_iter()
                                .chain([item.subject])
                                .for_each(|it| self.add(it));
                        }
                        self.position = Some(position);
                    }
                    TranscriptFinding::TooLong { offset, .. } => panic!("{offset}"),
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

    /// The pieces of lines that cannot be read.
    fn unread(text: &str) -> Vec<Unreadable> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("s.jsonl");
        fs::write(&path, text).expect("a new file");
        let mut found = Vec::new();
        let end = read_claude(&path, None, &mut |finding| {
            if let TranscriptFinding::Piece(piece) = finding {
                found.extend(piece.unreadable);
            }
            ControlFlow::Continue(())
        });
        assert_eq!(end.expect("it can be read"), TranscriptEnd::Read);
        found
    }

    #[test]
    fn few_lines_that_cannot_be_read_are_pieces_of_their_own_and_many_are_one() {
        let few = unread("no JSON\n{}\n[]\n{\"torn\n");
        let told: Vec<_> = few.iter().map(|piece| (piece.offset, &piece.bytes[..])).collect();
        assert_eq!(told, [(0, &b"no JSON"[..]), (11, b"[]"), (14, b"{\"torn")]);
        assert!(few[2].reason.starts_with("is no JSON: the line at byte 14 of `/"), "{few:?}");
        let nine = unread(&"[]\n{}\n".repeat(9));
        assert_eq!(nine.len(), 1);
        assert_eq!(nine[0].bytes, b"[]\n[]\n[]\n[]\n[]\n[]\n[]\n[]\n[]");
        assert!(nine[0].reason.ends_with(", with 8 more of its lines"), "{nine:?}");
        assert_eq!(unread(&"junk\n".repeat(200_000)).len(), 1, "1 MB");
    }

    #[test]
    fn what_no_version_knows_is_gone() {
        let agent = domain::Agent::new("agent-of-tomorrow").expect("a name");
        let transcript = Transcript { agent, path: "/dev/zero".to_owned() };
        let end = read(&transcript, None, &mut |_| panic!("nothing is read"));
        assert_eq!(end.expect("nothing is wrong"), TranscriptEnd::Gone);
    }
}
