//! What must hold of whatever is read as a patch; the fuzz target checks the same.

use agent_trace::patch::{Change, FilePatch, Hunk, Line, LineKind, Span, parse};

/// Reads a text, and checks what came out of it. Says whether it was a patch.
///
/// # Panics
/// If something does not hold.
pub fn check_any_text(text: &[u8]) -> bool {
    let Ok(files) = parse(text) else { return false };
    assert!(!files.is_empty(), "a patch has a file");
    files.iter().for_each(check_file);
    let hunks = files.iter().flat_map(|file| &file.hunks);
    let lines: usize = hunks.map(|hunk| hunk.lines.len() + 1).sum();
    assert!(lines <= text.split(|byte| *byte == b'\n').count(), "no line is told twice");
    true
}

fn check_file(file: &FilePatch<'_>) {
    match file.change {
        Change::Created => assert_eq!(file.old_path, None),
        Change::Deleted => assert_eq!(file.new_path, None),
        Change::Modified | Change::Renamed | Change::Copied => {
            assert_eq!(file.old_path.is_some(), file.new_path.is_some());
        }
    }
    assert!(file.path().is_some() || !file.hunks.is_empty(), "there is a name or a change");
    assert!(!file.old_path.iter().chain(&file.new_path).any(String::is_empty));
    file.hunks.iter().for_each(check_hunk);
}

fn check_hunk(hunk: &Hunk<'_>) {
    assert!(!hunk.old.is_empty());
    for (parent, span) in hunk.old.iter().enumerate() {
        check_span(*span, hunk.lines.iter().filter(|line| line.was_in(parent)).count());
    }
    check_span(hunk.new, hunk.lines.iter().filter(|line| line.is_in_new()).count());
    check_numbers(hunk.new, hunk.added(), LineKind::Added);
    check_numbers(hunk.old[0], hunk.removed(), LineKind::Removed);
    for line in &hunk.lines {
        assert!(!line.text.contains(&b'\n') && line.marks.len() <= hunk.old.len());
    }
}

fn check_span(span: Span, lines: usize) {
    assert_eq!(usize::try_from(span.lines), Ok(lines), "the counts are those of the lines");
    assert!(span.start > 0 || lines == 0);
}

/// Lines are numbered in order and within their span.
fn check_numbers<'a>(span: Span, lines: impl Iterator<Item = (u64, &'a Line<'a>)>, kind: LineKind) {
    let mut next = span.start;
    for (number, line) in lines {
        assert!(number >= next && number < span.start + span.lines && line.kind == kind);
        next = number + 1;
    }
}
