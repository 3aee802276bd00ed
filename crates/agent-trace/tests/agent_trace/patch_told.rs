//! A patch in a short form that a table can hold.

use std::fmt::Write;

use agent_trace::patch::{FilePatch, Hunk, LineKind, Span, parse};

/// A case: its name, the patch, and what is read, in the form of [`told`].
pub type Case = (&'static str, &'static [u8], &'static str);

/// Checks each case of a table.
///
/// # Panics
/// If one reads differently.
pub fn check(cases: &[Case]) {
    for (name, patch, expected) in cases {
        assert_eq!(told(patch), *expected, "{name}");
    }
}

/// What is read: per file a line `Modified old => new`, per hunk one of spans and lines, of which `$` ends one without a
/// line feed.
pub fn told(patch: &[u8]) -> String {
    match parse(patch) {
        Ok(files) => files.iter().map(file).collect::<Vec<_>>().join("\n"),
        Err(error) => format!("{error:?}"),
    }
}

fn file(file: &FilePatch<'_>) -> String {
    let old = file.old_path.as_deref().unwrap_or("-");
    let new = file.new_path.as_deref().unwrap_or("-");
    let binary = if file.is_binary { " binary" } else { "" };
    let mut text = format!("{:?} {old} => {new}{binary}", file.change);
    for read in &file.hunks {
        text.push('\n');
        text.push_str(&hunk(read));
    }
    text
}

fn hunk(hunk: &Hunk<'_>) -> String {
    let mut text = String::new();
    for span in hunk.old.iter().chain([&hunk.new]) {
        let Span { start, lines } = span;
        write!(text, "{start},{lines} ").expect("text can be written");
    }
    for line in &hunk.lines {
        let mark = match line.kind {
            LineKind::Context => ' ',
            LineKind::Added => '+',
            LineKind::Removed => '-',
        };
        let end = if line.has_line_feed { "" } else { "$" };
        write!(text, "|{mark}{}{end}", line.text.escape_ascii()).expect("text can be written");
    }
    text
}
