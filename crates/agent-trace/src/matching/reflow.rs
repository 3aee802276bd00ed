//! Lines that a formatter broke, joined or punctuated anew: they say the same, one after the other.

use super::{Found, How, Matching};
use crate::{attribution::Drift, commit::AddedLine};

/// So many written lines ahead are looked at for the beginning of a line.
const AHEAD: usize = 64;

/// A line has to say so much to be looked for.
const BEGINS: usize = 4;

/// No written line is parted into more.
const PARTS: usize = 64;

/// Finds lines whose text, without what formatters change, is that of written lines in one row.
pub fn find(matching: &mut Matching<'_, '_>) {
    let written = matching.left_written(false);
    let added = matching.left_added();
    let stream = Stream::new(written.iter().map(|&at| plain(matching.written[at].text)));
    let lines: Vec<PlainLine> = added
        .iter()
        .map(|&at| {
            let AddedLine { number, text } = matching.file.added[at];
            PlainLine { at, number, text: plain(text) }
        })
        .collect();
    let mut from = 0;
    let mut at = 0;
    while at < lines.len() && from < written.len() {
        let group = Group::grow(&stream, &lines[at..], from);
        let Some(group) = group else {
            at += 1;
            continue;
        };
        for (line, begins) in &group.lines {
            let edit = matching.written[written[*begins]].edit;
            let how = How::Drifted(Drift::Format);
            matching.found[*line] = Some(Found { edit, written: Some(written[*begins]), how });
        }
        for used in &written[group.begin..group.end] {
            matching.is_used[*used] = true;
        }
        at += group.lines.len();
        from = group.end;
    }
}

/// A text without what formatters change.
fn plain(text: &[u8]) -> Vec<u8> {
    let kept = text.iter().filter(|byte| !byte.is_ascii_whitespace() && !b",;".contains(byte));
    kept.map(|byte| if b"'`".contains(byte) { b'"' } else { *byte }).collect()
}

/// An added line without what formatters change.
struct PlainLine {
    at: usize,
    number: u32,
    text: Vec<u8>,
}

/// Plain texts in one row.
struct Stream {
    bytes: Vec<u8>,
    /// Where each line begins, and where the last one ends.
    begins: Vec<usize>,
}

impl Stream {
    fn new(lines: impl Iterator<Item = Vec<u8>>) -> Self {
        let (mut bytes, mut begins) = (Vec::new(), vec![0]);
        for line in lines {
            bytes.extend(line);
            begins.push(bytes.len());
        }
        Self { bytes, begins }
    }

    fn has(&self, at: usize, text: &[u8]) -> bool {
        self.bytes.get(at..).is_some_and(|rest| rest.starts_with(text))
    }

    /// The line that holds a byte.
    fn line_of(&self, byte: usize) -> usize {
        self.begins.partition_point(|begin| *begin <= byte).saturating_sub(1)
    }
}

/// Added lines that say what some written lines say, from the first to the last byte.
struct Group {
    /// Each added line with the written line in which it begins.
    lines: Vec<(usize, usize)>,
    begin: usize,
    end: usize,
}

impl Group {
    /// Begins with the first added line at a written line from `from` on, and goes on until a written line
    /// ends with an added one.
    fn grow(stream: &Stream, added: &[PlainLine], from: usize) -> Option<Self> {
        let first = &added.first()?.text;
        let lines = stream.begins.len() - 1;
        let begin = (from..lines.min(from + AHEAD))
            .find(|&line| first.len() >= BEGINS && stream.has(stream.begins[line], first))?;
        let mut group = Self { lines: Vec::new(), begin, end: begin };
        let mut byte = stream.begins[begin];
        for (line, number) in added.iter().take(PARTS).zip(added[0].number..) {
            if line.number != number || !stream.has(byte, &line.text) {
                return None;
            }
            group.lines.push((line.at, stream.line_of(byte).min(lines - 1)));
            byte += line.text.len();
            if let Ok(end) = stream.begins.binary_search(&byte) {
                group.end = end.max(begin + 1);
                return Some(group);
            }
        }
        None
    }
}
