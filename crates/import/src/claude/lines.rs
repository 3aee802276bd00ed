//! The lines of a transcript, in memory that does not grow with it.

use std::{
    fs::File,
    io::{self, BufRead},
    os::unix::fs::FileExt,
};

use serde::de::IgnoredAny;

use super::position::{BEFORE_BYTES, Position, Seen, before};

/// A longer line is passed over: nobody takes in so much at once (context/envelope.md).
const LINE_LIMIT_BYTES: usize = 64 << 20;

/// Of so many of them it is known where they begin.
const PASSED_OVER_LIMIT: usize = 64;

/// So much is read at a time, at least.
const CHUNK_BYTES: usize = 64 << 10;

/// So much is read at a time of a long line, at most.
const LONGEST_CHUNK_BYTES: usize = 1 << 20;

/// So much of what was handed out is kept, to tell a place in it from others.
const KEPT_BYTES: usize = 64 << 10;

/// A transcript that is read line by line, up to what was its end when it was opened.
#[derive(Debug)]
pub struct Lines {
    file: File,
    seen: Seen,
    known: Option<Position>,
    /// A stretch of the file.
    buffer: Vec<u8>,
    /// Where in the file it begins.
    base: u64,
    /// Where in it the next line begins.
    next: usize,
    /// Up to where in it no end of that line stands.
    searched: usize,
    /// Where in the file a line begins that is too long and has not ended yet.
    too_long: Option<u64>,
    /// Where in the file lines begin that were.
    passed_over: Vec<u64>,
    /// The file has become shorter.
    is_cut: bool,
    is_at_end: bool,
}

/// What is found in a transcript.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'l> {
    /// A whole line.
    Line {
        /// Where it begins.
        offset: u64,
        /// The line without its end.
        line: &'l [u8],
    },
    /// A line that is too long to be handed out, the first time that it is come across.
    TooLong {
        /// Where it begins.
        offset: u64,
        /// How long it is, without its end.
        bytes: u64,
    },
    /// So many more bytes were read.
    Passed(u64),
    /// Nothing more but what is no whole line yet.
    End,
}

impl Lines {
    pub(super) fn new(file: File, seen: Seen, known: Option<Position>) -> Self {
        let base = known.as_ref().map_or(0, |known| known.offset);
        let passed_over = known.as_ref().map(|known| known.too_long.clone()).unwrap_or_default();
        Self {
            file,
            seen,
            known,
            buffer: Vec::new(),
            base,
            next: 0,
            searched: 0,
            too_long: None,
            passed_over,
            is_cut: false,
            is_at_end: false,
        }
    }

    /// What the reader of the lines has left; `None` where the file is read from its beginning.
    pub fn state(&self) -> Option<&str> {
        self.known.as_ref().map(|known| known.state.as_str())
    }

    /// The next finding.
    ///
    /// # Errors
    /// The file cannot be read any further.
    pub fn step(&mut self) -> io::Result<Step<'_>> {
        while let Some(end) = self.end_of_line() {
            let (start, offset) = (self.next, self.base + self.next as u64);
            self.next = end + 1;
            let is_too_long = end - start > LINE_LIMIT_BYTES;
            if let Some(offset) = self.too_long.take().or(is_too_long.then_some(offset)) {
                if self.note_too_long(offset) {
                    return Ok(Step::TooLong { offset, bytes: self.base + end as u64 - offset });
                }
            } else if !self.buffer[start..end].trim_ascii().is_empty() {
                return Ok(Step::Line { offset, line: &self.buffer[start..end] });
            }
        }
        if self.buffer.len() - self.next > LINE_LIMIT_BYTES || self.too_long.is_some() {
            self.too_long.get_or_insert(self.base + self.next as u64);
            self.next = self.buffer.len();
        }
        match self.refill()? {
            0 if self.has_last_line() => {
                let (start, offset) = (self.next, self.base + self.next as u64);
                self.next = self.buffer.len();
                Ok(Step::Line { offset, line: &self.buffer[start..] })
            }
            0 => {
                self.is_at_end = true;
                Ok(Step::End)
            }
            bytes => Ok(Step::Passed(bytes)),
        }
    }

    /// Whether it was not known.
    fn note_too_long(&mut self, offset: u64) -> bool {
        let is_new = !self.passed_over.contains(&offset);
        if is_new && self.passed_over.len() < PASSED_OVER_LIMIT {
            self.passed_over.push(offset);
        }
        is_new
    }

    /// Whether a line without its end is whole all the same: no object is the beginning of another.
    fn has_last_line(&self) -> bool {
        let rest = self.buffer[self.next..].trim_ascii();
        rest.starts_with(b"{")
            && rest.ends_with(b"}")
            && serde_json::from_slice::<IgnoredAny>(rest).is_ok()
    }

    /// Where the next line begins.
    pub fn end(&self) -> u64 {
        self.too_long.unwrap_or(self.base + self.next as u64)
    }

    /// A place that the next reading can go on from, with what the reader of the lines has to know
    /// there. To be kept where what stands before `offset` is taken in.
    ///
    /// # Errors
    /// The file cannot be read, or no longer so far.
    pub fn position(&self, offset: u64, state: String) -> io::Result<String> {
        let before = self.before(offset)?;
        let is_whole = self.is_at_end && !self.is_cut;
        let position = Position::at(offset, &before, &self.seen, is_whole, state);
        Ok(position.beyond(self.passed_over.clone()).text())
    }

    /// As it was read, where that is still known: the file may be another by now.
    fn before(&self, offset: u64) -> io::Result<Vec<u8>> {
        let start = offset.saturating_sub(BEFORE_BYTES).checked_sub(self.base);
        let kept = start.zip(offset.checked_sub(self.base)).and_then(|(start, end)| {
            let [start, end] = [start, end].map(|at| usize::try_from(at).ok());
            self.buffer.get(start?..end?)
        });
        kept.map_or_else(|| before(&self.file, offset), |kept| Ok(kept.to_vec()))
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    fn end_of_line(&mut self) -> Option<usize> {
        let mut rest = &self.buffer[self.searched..];
        self.searched += rest.skip_until(b'\n').expect("memory can be read");
        let end = self.searched.checked_sub(1).filter(|end| *end >= self.next)?;
        (self.buffer[end] == b'\n').then_some(end)
    }

    /// Reads on, but not beyond what was the end.
    fn refill(&mut self) -> io::Result<u64> {
        if self.next > KEPT_BYTES + CHUNK_BYTES {
            let dropped = self.next - KEPT_BYTES;
            self.buffer.drain(..dropped);
            self.base += dropped as u64;
            (self.next, self.searched) = (self.next - dropped, self.searched - dropped);
            self.buffer.shrink_to(2 * LONGEST_CHUNK_BYTES);
        }
        let filled = self.buffer.len();
        let at = self.base + filled as u64;
        let left = usize::try_from(self.seen.bytes.saturating_sub(at)).unwrap_or(usize::MAX);
        let chunk = filled.clamp(CHUNK_BYTES, LONGEST_CHUNK_BYTES).min(left);
        self.buffer.resize(filled + chunk, 0);
        let read = self.file.read_at(&mut self.buffer[filled..], at);
        self.buffer.truncate(filled + read.as_ref().copied().unwrap_or(0));
        self.is_cut |= matches!(read, Ok(0)) && chunk > 0;
        match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.refill(),
            read => read.map(|bytes| bytes as u64),
        }
    }
}
