//! The lines of a patch, one after the other, with their numbers.

/// What is left of a text.
pub(super) struct Lines<'a> {
    /// The line that comes next.
    current: Option<&'a [u8]>,
    /// What follows it.
    rest: &'a [u8],
    /// Its number, from 1 on.
    number: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        let (current, rest) = first(text);
        Self { current, rest, number: 1 }
    }

    /// The line that comes next, without its line feed.
    pub(super) fn peek(&self) -> Option<&'a [u8]> {
        self.current
    }

    /// The same as a line of a header: a carriage return at its end is not part of it.
    pub(super) fn peek_header(&self) -> Option<&'a [u8]> {
        self.current.map(without_carriage_return)
    }

    /// As a line of a header, what comes after the line that comes next.
    pub(super) fn peek_second_header(&self) -> Option<&'a [u8]> {
        first(self.rest).0.map(without_carriage_return)
    }

    /// The number of the line that comes next.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Goes on to the line after.
    pub(super) fn advance(&mut self) {
        (self.current, self.rest) = first(self.rest);
        self.number += 1;
    }
}

/// The first line of a text, and the rest.
fn first(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match text.iter().position(|byte| *byte == b'\n') {
        Some(end) => (Some(&text[..end]), &text[end + 1..]),
        None => ((!text.is_empty()).then_some(text), &[]),
    }
}

pub(super) fn without_carriage_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
