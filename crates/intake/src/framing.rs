//! Where one value of an input ends and the next begins.
//!
//! Every byte of the input belongs to exactly one piece: a value, what is blank between values, or
//! bytes that are no value. Memory is bounded by the longest value that is taken, and time is linear
//! in the length of the input, whatever it holds.

use std::io::{self, Read};

use serde::de::IgnoredAny;

use crate::wire::Reason;

/// The longest value that is read.
pub(crate) const VALUE_LIMIT_BYTES: usize = 64 * 1024 * 1024;

const READ_BYTES: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How often, all in all, the input may be scanned again, and how much more in a short one.
const RESCANS: u64 = 2;
const RESCANNED_BYTES: u64 = 1024 * 1024;

const NO_JSON: Reason = "is no JSON";
const CUT_OFF: Reason = "ends in the middle of a value";
const TOO_LONG: Reason = "is longer than 64 MiB";

/// A piece of the input.
#[derive(Debug)]
pub(crate) struct Piece<'f> {
    pub kind: Kind,
    /// Where it begins in the input.
    pub offset: u64,
    pub bytes: &'f [u8],
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// White space and byte order marks.
    Blank,
    /// One well-formed JSON value. Its strings may still hold bytes that are no UTF-8.
    Value,
    /// No value, and why.
    Bad(Reason),
}

/// How much is read at once, and how long a value may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub read_bytes: usize,
    pub value_bytes: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { read_bytes: READ_BYTES, value_bytes: VALUE_LIMIT_BYTES }
    }
}

/// Cuts an input into its pieces.
pub(crate) struct Framer<'r> {
    input: &'r mut dyn Read,
    sizes: Sizes,
    buffer: Vec<u8>,
    /// Where the next piece begins in the buffer and in the input.
    start: usize,
    offset: u64,
    has_ended: bool,
    /// An error that came after bytes that have yet to be cut.
    failure: Option<io::Error>,
    /// The line being skipped, and why.
    bad_line: Option<Reason>,
    rescans: Rescans,
}

/// Reading resumes early after a syntax error, and what lies between is scanned again. All such
/// distances together are bounded by what was scanned once, so that time stays linear.
#[derive(Default)]
struct Rescans {
    scanned_to: u64,
    spent: u64,
}

impl Rescans {
    fn afford(&mut self, bytes: usize) -> bool {
        let spent = self.spent + bytes as u64;
        let is_affordable = spent <= RESCANS * self.scanned_to + RESCANNED_BYTES;
        if is_affordable {
            self.spent = spent;
        }
        is_affordable
    }
}

impl<'r> Framer<'r> {
    pub fn new(input: &'r mut dyn Read, sizes: Sizes) -> Self {
        Self {
            input,
            sizes,
            buffer: Vec::new(),
            start: 0,
            offset: 0,
            has_ended: false,
            failure: None,
            bad_line: None,
            rescans: Rescans::default(),
        }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// The input's own. All whole pieces before it have been given out.
    pub fn next(&mut self) -> io::Result<Option<Piece<'_>>> {
        loop {
            if let Some((kind, length)) = self.measure() {
                return Ok(Some(self.give_out(kind, length)));
            }
            if self.has_ended {
                return Ok(None);
            }
            self.fill()?;
        }
    }

    fn give_out(&mut self, kind: Kind, length: usize) -> Piece<'_> {
        let (start, offset) = (self.start, self.offset);
        self.start += length;
        self.offset += length as u64;
        Piece { kind, offset, bytes: &self.buffer[start..self.start] }
    }

    /// What the next piece is and how long; `None` if more input must come first.
    fn measure(&mut self) -> Option<(Kind, usize)> {
        let bytes = &self.buffer[self.start..];
        if let Some(reason) = self.bad_line {
            let end = line_end(bytes, 0);
            if end.is_some() {
                self.bad_line = None;
            }
            let length = end.unwrap_or(bytes.len());
            return (length > 0).then_some((Kind::Bad(reason), length));
        }
        let blank = blank_bytes(bytes);
        if blank > 0 {
            return Some((Kind::Blank, blank));
        }
        if bytes.is_empty() || (!self.has_ended && BYTE_ORDER_MARK.starts_with(bytes)) {
            return None;
        }
        let may_grow = !self.has_ended && bytes.len() < self.sizes.value_bytes;
        match scan(bytes) {
            Scan::Whole(length) if length < bytes.len() || !may_grow || is_closed(bytes[0]) => {
                Some((Kind::Value, length))
            }
            // At the end of the buffer even a syntax error may be the first half of a number.
            Scan::Malformed(at) if at < bytes.len() || !may_grow => Some(self.skip(NO_JSON, at)),
            Scan::Whole(_) | Scan::Malformed(_) | Scan::CutOff if may_grow => None,
            Scan::Whole(_) | Scan::Malformed(_) | Scan::CutOff => {
                let reason = if self.has_ended { CUT_OFF } else { TOO_LONG };
                Some(self.skip(reason, bytes.len()))
            }
        }
    }

    /// How far to skip over something bad that was scanned to `at`: to the end of its first line, so
    /// that a line cut off does not take the next one with it, else to the end of the line where
    /// the scan stopped.
    fn skip(&mut self, reason: Reason, at: usize) -> (Kind, usize) {
        let bytes = &self.buffer[self.start..];
        self.rescans.scanned_to = self.rescans.scanned_to.max(self.offset + at as u64);
        let early = line_end(bytes, 0).filter(|end| self.rescans.afford(at.saturating_sub(*end)));
        let end = early.or_else(|| line_end(bytes, at.saturating_sub(1)));
        if end.is_none() {
            self.bad_line = Some(reason);
        }
        (Kind::Bad(reason), end.unwrap_or(bytes.len()))
    }

    /// Reads on until what has not been given out is twice as long, so that all scans of one value
    /// together are linear in its length.
    fn fill(&mut self) -> io::Result<()> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let kept = self.buffer.len();
        let wanted = (2 * kept).clamp(self.sizes.read_bytes, self.sizes.value_bytes) - kept;
        self.buffer.reserve(wanted);
        match (&mut *self.input).take(wanted as u64).read_to_end(&mut self.buffer) {
            Ok(read) => self.has_ended = read < wanted,
            Err(error) if self.buffer.len() > kept => self.failure = Some(error),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// How many of the first bytes are white space or byte order marks.
pub(crate) fn blank_bytes(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    loop {
        let trimmed = match rest {
            [b' ' | b'\t' | b'\r' | b'\n', trimmed @ ..] => trimmed,
            _ => match rest.strip_prefix(BYTE_ORDER_MARK) {
                Some(trimmed) => trimmed,
                None => return bytes.len() - rest.len(),
            },
        };
        rest = trimmed;
    }
}

/// How many of the last bytes are white space or byte order marks.
pub(crate) fn blank_bytes_at_end(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    loop {
        let trimmed = match rest {
            [trimmed @ .., b' ' | b'\t' | b'\r' | b'\n'] => trimmed,
            _ => match rest.strip_suffix(BYTE_ORDER_MARK) {
                Some(trimmed) => trimmed,
                None => return bytes.len() - rest.len(),
            },
        };
        rest = trimmed;
    }
}

/// Where the line ends that goes on at `from`, its line feed included.
fn line_end(bytes: &[u8], from: usize) -> Option<usize> {
    bytes[from..].iter().position(|&byte| byte == b'\n').map(|at| from + at + 1)
}

/// Whether a value that begins so shows its end by itself: a number does not.
fn is_closed(first: u8) -> bool {
    matches!(first, b'{' | b'[' | b'"')
}

/// What stands at the start of some bytes.
enum Scan {
    /// A value of so many bytes.
    Whole(usize),
    /// The beginning of a value.
    CutOff,
    /// No value, which shows after so many bytes.
    Malformed(usize),
}

/// Finds the end of a value without recursion and without judging what its strings hold.
fn scan(bytes: &[u8]) -> Scan {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(IgnoredAny)) => Scan::Whole(values.byte_offset()),
        Some(Err(error)) if !error.is_eof() => {
            Scan::Malformed(position(bytes, error.line(), error.column()))
        }
        Some(Err(_)) | None => Scan::CutOff,
    }
}

/// The index of a place that `serde_json` names by line and column.
fn position(bytes: &[u8], line: usize, column: usize) -> usize {
    let lines_before = line.saturating_sub(1);
    let start = bytes.split_inclusive(|&byte| byte == b'\n').take(lines_before).map(<[u8]>::len);
    (start.sum::<usize>() + column).min(bytes.len())
}

#[cfg(test)]
mod tests;
