//! One hunk: its header, and as many lines as the header says.

use super::{Hunk, Line, LineKind, Lines, PatchError, Span};

/// How many parents a hunk may have, so that what a line costs is bounded. The largest merge of Linux
/// has 66.
const PARENT_LIMIT: usize = 128;

/// Whether a line is meant as the header of a hunk. Within a file anything with two `@` is; elsewhere
/// it may be prose.
pub(super) fn begins(line: &[u8], is_within_file: bool) -> bool {
    let rest = line.iter().position(|byte| *byte != b'@').map_or(&[][..], |ats| &line[ats..]);
    line.starts_with(b"@@") && (is_within_file || rest.starts_with(b" -"))
}

/// Reads the hunk that comes next.
pub(super) fn read<'a>(lines: &mut Lines<'a>) -> Result<Hunk<'a>, PatchError> {
    let line = lines.number();
    let (old, new) =
        lines.peek_header().and_then(header).ok_or(PatchError::BadHunkHeader { line })?;
    lines.advance();
    let mut left = Left { old: old.iter().map(|span| span.lines).collect(), new: new.lines };
    let mut hunk = Hunk { old, new, lines: Vec::new() };
    while left.is_any() {
        let text = lines.peek().ok_or(PatchError::TruncatedHunk { line })?;
        if !note(text, &mut hunk) {
            let read = content(text, hunk.old.len()).ok_or(PatchError::TruncatedHunk { line })?;
            left.take(&read).ok_or_else(|| misfit(&read, line))?;
            hunk.lines.push(read);
        }
        lines.advance();
    }
    while lines.peek().is_some_and(|text| note(text, &mut hunk)) {
        lines.advance();
    }
    if lines.peek().is_some_and(goes_on) {
        return Err(PatchError::OverlongHunk { line });
    }
    Ok(hunk)
}

/// How many lines are still to come, in each parent and in the new file.
struct Left {
    old: Vec<u64>,
    new: u64,
}

impl Left {
    fn is_any(&self) -> bool {
        self.new > 0 || self.old.iter().any(|lines| *lines > 0)
    }

    /// Counts a line. There is none where it is one too many.
    fn take(&mut self, line: &Line<'_>) -> Option<()> {
        for (parent, left) in self.old.iter_mut().enumerate() {
            *left = left.checked_sub(line.was_in(parent).into())?;
        }
        self.new = self.new.checked_sub(line.is_in_new().into())?;
        Some(())
    }
}

/// What is wrong where a line is one too many: an empty line was none of the hunk.
fn misfit(read: &Line<'_>, line: u64) -> PatchError {
    if read.marks.is_empty() {
        PatchError::TruncatedHunk { line }
    } else {
        PatchError::OverlongHunk { line }
    }
}

/// Whether a line says, in whatever language, that the line before has no line feed; if so, it has none.
fn note(text: &[u8], hunk: &mut Hunk<'_>) -> bool {
    match hunk.lines.last_mut() {
        Some(last) if text.starts_with(b"\\ ") => {
            last.has_line_feed = false;
            true
        }
        _ => false,
    }
}

/// A line of a hunk. Where an editor took blanks away from its end, those were marks of context.
fn content(text: &[u8], parents: usize) -> Option<Line<'_>> {
    let bare = text.strip_suffix(b"\r").unwrap_or(text);
    let (marks, _) = bare.split_at(parents.min(bare.len()));
    if !marks.iter().all(|mark| b" +-".contains(mark)) {
        return None;
    }
    let is_added = marks.contains(&b'+');
    let kind = match (is_added, marks.contains(&b'-')) {
        (true, true) => return None,
        (false, true) => LineKind::Removed,
        (true, false) if marks.len() == parents && !marks.contains(&b' ') => LineKind::Added,
        (true | false, false) => LineKind::Context,
    };
    Some(Line { kind, marks, text: &text[marks.len()..], has_line_feed: true })
}

/// Whether a line after a hunk looks as if it were one of its lines. What begins with `--` is the next
/// file, the signature of a mail or a border of its parts.
fn goes_on(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'+' | b'-'))
        && !line.starts_with(b"--")
        && !line.trim_ascii().is_empty()
}

/// The spans of `@@ -1,2 +3,4 @@`, and of the same with more `@` and a span for each parent.
fn header(line: &[u8]) -> Option<(Vec<Span>, Span)> {
    let (ats, mut rest) = line.split_at(line.iter().position(|byte| *byte != b'@')?);
    let parents = ats.len().checked_sub(1).filter(|parents| *parents <= PARENT_LIMIT)?;
    let is_combined = parents > 1;
    let mut old = Vec::with_capacity(parents);
    for _ in 0..parents {
        let (read, after) = span(rest.strip_prefix(b" -")?, is_combined)?;
        old.push(read);
        rest = after;
    }
    let (new, rest) = span(rest.strip_prefix(b" +")?, is_combined)?;
    let section = rest.strip_prefix(b" ")?.strip_prefix(ats)?;
    (!old.is_empty() && !section.starts_with(b"@")).then_some((old, new))
}

/// The span that a text begins with, and the rest.
///
/// In a combined diff git gives an empty one the number of the line after (`show_parent_lno` and
/// `dump_sline` in git's `combine-diff.c`), elsewhere of the line before.
fn span(text: &[u8], is_combined: bool) -> Option<(Span, &[u8])> {
    let (mut start, rest) = number(text)?;
    let (lines, rest) = match rest.strip_prefix(b",") {
        Some(rest) => number(rest)?,
        None => (1, rest),
    };
    if is_combined && lines == 0 {
        start = start.saturating_sub(1);
    }
    let is_possible = start.checked_add(lines).is_some() && (start > 0 || lines == 0);
    is_possible.then_some((Span { start, lines }, rest))
}

/// The number that a text begins with, and the rest.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((str::from_utf8(digits).ok()?.parse().ok()?, rest))
}
