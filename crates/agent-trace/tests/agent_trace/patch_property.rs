//! Any diff of two texts, read and applied, makes the second of the first.

use std::fmt::Write;
use std::ops::Range;

use agent_trace::patch::parse;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::patch_applied::apply;
use crate::patch_invariants::check_any_text;

/// Lines that may be taken for something else.
const LINES: [&str; 14] = [
    "",
    " ",
    "a",
    "b",
    "c\r",
    "-- x",
    "++ x",
    "-- a/x",
    "++ b/x",
    "@@ -1 +1 @@",
    "diff --git a/x b/x",
    "\\ No newline",
    "*** Begin Patch",
    "Binary files a and b differ",
];

/// A line and its mark.
type Marked<'a> = (char, &'a str);

fn texts() -> impl Strategy<Value = String> {
    (vec(select(&LINES[..]), 0..9), any::<bool>()).prop_map(|(lines, ends)| {
        let text = lines.join("\n");
        if ends && !lines.is_empty() { text + "\n" } else { text }
    })
}

/// All lines of two texts, with as many in common as there can be.
fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Marked<'a>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for (row, before) in old.iter().enumerate().rev() {
        for (column, after) in new.iter().enumerate().rev() {
            common[row][column] = if before == after {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    let (mut row, mut column, mut marked) = (0, 0, Vec::new());
    while row < old.len() || column < new.len() {
        if row < old.len() && column < new.len() && old[row] == new[column] {
            marked.push((' ', old[row]));
            (row, column) = (row + 1, column + 1);
        } else if column == new.len()
            || row < old.len() && common[row + 1][column] >= common[row][column + 1]
        {
            marked.push(('-', old[row]));
            row += 1;
        } else {
            marked.push(('+', new[column]));
            column += 1;
        }
    }
    marked
}

/// The stretches that hunks take, with so many lines of context.
fn stretches(marked: &[Marked<'_>], context: usize) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for (place, _) in marked.iter().enumerate().filter(|(_, (mark, _))| *mark != ' ') {
        let (start, end) = (place.saturating_sub(context), marked.len().min(place + context + 1));
        match stretches.last_mut() {
            Some(last) if last.end >= start => last.end = end,
            _ => stretches.push(start..end),
        }
    }
    stretches
}

/// A span as GNU diff writes it.
fn span(marked: &[Marked<'_>], stretch: &Range<usize>, mark: char) -> String {
    let count =
        |lines: &[Marked<'_>]| lines.iter().filter(|line| line.0 == ' ' || line.0 == mark).count();
    let (before, lines) = (count(&marked[..stretch.start]), count(&marked[stretch.clone()]));
    match lines {
        0 => format!("{before},0"),
        1 => format!("{}", before + 1),
        _ => format!("{},{lines}", before + 1),
    }
}

/// A diff of two texts, and, if an editor came over it, without the blanks of empty lines.
fn diff(old: &str, new: &str, context: usize, is_trimmed: bool) -> String {
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
    let marked = compare(&lines(old), &lines(new));
    let mut text = "--- x\n+++ x\n".to_owned();
    for stretch in stretches(&marked, context) {
        let (old, new) = (span(&marked, &stretch, '-'), span(&marked, &stretch, '+'));
        writeln!(text, "@@ -{old} +{new} @@").expect("text can be written");
        for (mark, line) in &marked[stretch] {
            if !(is_trimmed && *mark == ' ' && *line == "\n") {
                text.push(*mark);
            }
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_makes_the_second_text_of_the_first(
        old in texts(),
        new in texts(),
        context in 0_usize..4,
        is_trimmed in any::<bool>(),
    ) {
        let diff = diff(&old, &new, context, is_trimmed);
        prop_assert!(check_any_text(diff.as_bytes()), "{diff}");
        let files = parse(diff.as_bytes()).expect("it is a patch");
        prop_assert_eq!(files.len(), 1);
        prop_assert_eq!(apply(old.as_bytes(), &files[0], 0), new.as_bytes(), "{}", diff);
    }
}
