//! What a patch makes of a text, so that a diff can be held against what it was made of.

use agent_trace::patch::{FilePatch, Hunk, Line, Span};

/// Applies a file's hunks to what a parent had.
///
/// # Panics
/// If a line is not where the patch says.
pub fn apply(old: &[u8], file: &FilePatch<'_>, parent: usize) -> Vec<u8> {
    let old: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
    let mut new: Vec<Vec<u8>> = Vec::new();
    let mut position = 0;
    for hunk in &file.hunks {
        let start = lines_before(hunk.old[parent]);
        new.extend(old[position..start].iter().map(|line| line.to_vec()));
        assert_eq!(lines_before(hunk.new), new.len(), "a hunk comes where it says");
        position = start;
        change(&old, &mut position, &mut new, hunk, parent);
    }
    new.extend(old[position..].iter().map(|line| line.to_vec()));
    new.concat()
}

fn change(
    old: &[&[u8]],
    position: &mut usize,
    new: &mut Vec<Vec<u8>>,
    hunk: &Hunk<'_>,
    parent: usize,
) {
    for line in &hunk.lines {
        if line.was_in(parent) {
            assert_eq!(
                old[*position].escape_ascii().to_string(),
                bytes(line).escape_ascii().to_string()
            );
            *position += 1;
        }
        if line.is_in_new() {
            new.push(bytes(line));
        }
    }
}

/// How many lines stand before a span.
fn lines_before(span: Span) -> usize {
    let first = if span.lines == 0 { span.start } else { span.start - 1 };
    usize::try_from(first).expect("tests are small")
}

fn bytes(line: &Line<'_>) -> Vec<u8> {
    let line_feed: &[u8] = if line.has_line_feed { b"\n" } else { b"" };
    [line.text, line_feed].concat()
}
