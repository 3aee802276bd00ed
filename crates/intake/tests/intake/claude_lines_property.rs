//! However a transcript is cut and read, its rows are the same.

use std::ops::Range;

use domain::Batch;
use intake::claude::Transcript;
use proptest::prelude::*;

use crate::claude_lines::{BASIC, CHILD, COMPACTED, ERROR, FORKED, RESUMED, SUBAGENT, feed, read};
use crate::merged::Merged;
use crate::support::{RECEIVED_AT, at};

const ALL: [&str; 7] = [BASIC, ERROR, SUBAGENT, CHILD, RESUMED, FORKED, COMPACTED];

/// How much of the end of a transcript is cut at every byte.
const END_BYTES: usize = 5 * 1024;

/// Where reading stands: how far, and what is known of the lines before.
#[derive(Clone, Default)]
struct Cursor {
    offset: u64,
    state: Option<String>,
}

impl Cursor {
    /// Reads on to an end. A line that has none there waits.
    fn read_to(&mut self, text: &str, end: usize) -> Batch {
        self.read(text, end, Transcript::finish)
    }

    /// Reads on to where a commit is made and the reader is killed.
    fn read_until_killed(&mut self, text: &str, end: usize) -> Batch {
        self.read(text, end, Transcript::flush)
    }

    fn read(&mut self, text: &str, end: usize, end_by: fn(&mut Transcript, &mut Batch)) -> Batch {
        let mut batch = Batch::default();
        let mut reader = Transcript::resume(self.state.as_deref(), at(RECEIVED_AT));
        let start = usize::try_from(self.offset).expect("it is within the text");
        let lines = whole_lines(text, start, end);
        let end = feed(&mut reader, self.offset, lines, &mut batch);
        end_by(&mut reader, &mut batch);
        let (offset, state) = reader.position(end);
        assert!(offset >= self.offset, "a reading never goes back");
        *self = Self { offset, state: Some(state) };
        batch
    }
}

/// The lines of a text that begin at a place and have ended at another.
fn whole_lines(text: &str, start: usize, end: usize) -> &str {
    let last = text.as_bytes()[start..end].iter().rposition(|byte| *byte == b'\n');
    last.map_or("", |last| &text[start..=start + last])
}

/// Reads a text with stops.
fn read_in_steps(text: &str, stops: impl IntoIterator<Item = usize>) -> Merged {
    let mut cursor = Cursor::default();
    let stops = stops.into_iter().chain([text.len()]);
    let batches: Vec<_> = stops.map(|stop| cursor.read_to(text, stop)).collect();
    Merged::of(batches.iter().flat_map(|batch| &batch.items))
}

fn cuts(text: &str) -> Range<usize> {
    text.len().saturating_sub(END_BYTES)..text.len()
}

#[test]
fn a_transcript_cut_at_every_byte_of_its_end_and_then_completed_gives_the_same() {
    for (number, text) in ALL.into_iter().enumerate() {
        let whole = read(text);
        // A reader is handed whole lines: all cuts within one line are the same to it.
        let mut last = None;
        for cut in cuts(text) {
            let lines = whole_lines(text, 0, cut);
            if last.replace(lines) == Some(lines) {
                continue;
            }
            read_in_steps(text, [cut]).assert_same(&whole, &format!("text {number} at {cut}"));
        }
    }
}

#[test]
fn a_transcript_cut_after_every_line_gives_the_same() {
    for (number, text) in ALL.into_iter().enumerate() {
        let ends: Vec<_> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        let whole = read(text);
        let in_steps = read_in_steps(text, ends.iter().copied());
        in_steps.assert_same(&whole, &format!("text {number} line by line"));
        for end in ends {
            read_in_steps(text, [end]).assert_same(&whole, &format!("text {number} at {end}"));
        }
    }
}

#[test]
fn a_transcript_read_twice_gives_the_same() {
    for text in ALL {
        let mut batches = Vec::new();
        for _ in 0..2 {
            batches.push(Cursor::default().read_to(text, text.len()));
        }
        Merged::of(batches.iter().flat_map(|batch| &batch.items)).assert_same(&read(text), "twice");
        assert_eq!(batches[0], batches[1]);
    }
}

#[test]
fn a_state_that_cannot_be_read_is_as_none() {
    for state in ["", "{", "null", "[]", "7", r#"{"time":-1}"#, r#"{"calls":3}"#] {
        let mut batch = Batch::default();
        let mut reader = Transcript::resume(Some(state), at(RECEIVED_AT));
        feed(&mut reader, 0, BASIC, &mut batch);
        reader.finish(&mut batch);
        Merged::of(&batch.items).assert_same(&read(BASIC), state);
    }
}

#[test]
fn the_state_stays_small() {
    for text in ALL {
        let mut cursor = Cursor::default();
        cursor.read_to(text, text.len());
        let state = cursor.state.expect("it has been read");
        assert!(state.len() < 400, "{state}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn stops_anywhere_change_nothing(
        which in 0..ALL.len(),
        mut stops in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let text = ALL[which];
        let mut stops: Vec<_> = stops.drain(..).map(|stop| stop.index(text.len())).collect();
        stops.sort_unstable();
        read_in_steps(text, stops.iter().copied()).assert_same(&read(text), "stops");
        let mut cursor = Cursor::default();
        let mut batches: Vec<_> =
            stops.into_iter().map(|stop| cursor.read_until_killed(text, stop)).collect();
        batches.push(cursor.read_to(text, text.len()));
        let rows = Merged::of(batches.iter().flat_map(|batch| &batch.items));
        rows.assert_same(&read(text), "killed after commits");
    }
}
