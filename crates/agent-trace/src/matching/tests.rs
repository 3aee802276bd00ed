//! Cases that say what is found of what, each a few edits and a commit.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::attribute;
use crate::{
    AddedLine, Attributed, Before, CommittedFile, Edit, EditScope, Origin, Told,
    patch::{self, Hunk},
    written::lines_of,
};

/// An edit of `f` by a session at a time.
fn edit<'a>(session: &str, at: i64, hunks: &'a str) -> Edit<'a> {
    edit_of("f", session, at, hunks)
}

fn edit_of<'a>(path: &str, session: &str, at: i64, hunks: &'a str) -> Edit<'a> {
    Edit {
        id: format!("{session}-{at}"),
        path: path.to_owned(),
        at_unix_ms: at,
        origin: Origin { session_id: Some(session.to_owned()), ..Origin::default() },
        scope: EditScope::Call,
        is_mixed: false,
        told: Told::Hunks(hunks_of(hunks)),
    }
}

fn hunks_of(text: &str) -> Vec<Hunk<'_>> {
    let patch = patch::parse(text.as_bytes()).expect("a patch");
    patch.into_iter().flat_map(|file| file.hunks).collect()
}

/// A file that is new in the commit: all of its lines are added.
fn new_file<'a>(path: &str, text: &'a str) -> CommittedFile<'a> {
    let lines = (1..).zip(lines_of(text.as_bytes()));
    let added = lines.map(|(number, text)| AddedLine { number, text }).collect();
    CommittedFile { path: path.to_owned(), old_path: None, added, before: None }
}

/// `1-2 ai s1 whitespace; 3-3 human`
fn told(attributed: &Attributed) -> String {
    let mut told = Vec::new();
    for file in &attributed.files {
        for range in &file.ranges {
            let mut one = format!("{}-{} {}", range.start_line, range.end_line, range.contributor);
            let session = range.origin.as_ref().and_then(|origin| origin.session_id.as_ref());
            for word in
                session.map(String::as_str).into_iter().chain(range.drift.map(super::Drift::as_str))
            {
                let _ = write!(one, " {word}");
            }
            told.push(one);
        }
    }
    told.join("; ")
}

/// A patch that makes a small program.
const NEW: &str = "@@ -0,0 +1,4 @@\n+fn main() {\n+    let total = 1;\n+    print(total);\n+}\n";

/// Edits of `f` as session and hunks, in the order of time.
type Edits = &'static [(&'static str, &'static str)];

/// What it shows, the edits, the text of the committed file, and what is found.
type Case = (&'static str, Edits, &'static str, &'static str);

const CASES: &[Case] = &[
    (
        "as it was",
        &[("s", NEW)],
        "fn main() {\n    let total = 1;\n    print(total);\n}\n",
        "1-4 ai s",
    ),
    (
        "a person puts a line above",
        &[("s", NEW)],
        "// mine\nfn main() {\n    let total = 1;\n    print(total);\n}\n",
        "1-1 human; 2-5 ai s",
    ),
    (
        "a person puts a line between",
        &[("s", NEW)],
        "fn main() {\n    let total = 1;\n    let mine = 2;\n    print(total);\n}\n",
        "1-2 ai s; 3-3 human; 4-5 ai s",
    ),
    (
        "a person changes a line",
        &[("s", NEW)],
        "fn main() {\n    let total = 12;\n    print(total);\n}\n",
        "1-1 ai s; 2-2 mixed s; 3-4 ai s",
    ),
    ("a person deletes a line", &[("s", NEW)], "fn main() {\n    print(total);\n}\n", "1-3 ai s"),
    (
        "other white space",
        &[("s", NEW)],
        "fn main() {\n\tlet total = 1;\n\tprint(total);\n}\n",
        "1-1 ai s; 2-3 ai s whitespace; 4-4 ai s",
    ),
    (
        "a formatter joins lines",
        &[("s", "@@ -0,0 +1,4 @@\n+call(\n+  first,\n+  second,\n+);\n")],
        "call(first, second);\n",
        "1-1 ai s format",
    ),
    (
        "a formatter parts a line",
        &[("s", "@@ -0,0 +1 @@\n+call(first, 'second')\n")],
        "call(\n  first,\n  \"second\",\n);\n",
        "1-4 ai s format",
    ),
    (
        "lines change places",
        &[("s", "@@ -0,0 +1,3 @@\n+use zebra;\n+use apple;\n+use mango;\n")],
        "use apple;\nuse mango;\nuse zebra;\n",
        "1-3 ai s",
    ),
    ("nothing alike", &[("s", NEW)], "struct Other;\nimpl Other {}\n", "1-2 unknown"),
    ("a brace alone is nobody's", &[("s", NEW)], "mod mine {\n}\n", "1-2 unknown"),
    (
        "a blank line at its place",
        &[("s", "@@ -0,0 +1,3 @@\n+one\n+\n+two\n")],
        "one\n\ntwo\n",
        "1-3 ai s",
    ),
    (
        "two sessions",
        &[("s", "@@ -0,0 +1,2 @@\n+one\n+two\n"), ("t", "@@ -1,2 +1,3 @@\n one\n+between\n two\n")],
        "one\nbetween\ntwo\n",
        "1-1 ai s; 2-2 ai t; 3-3 ai s",
    ),
    (
        "a second edit in place of the first",
        &[("s", "@@ -0,0 +1,2 @@\n+one\n+two\n"), ("t", "@@ -1,2 +1,2 @@\n one\n-two\n+three\n")],
        "one\nthree\n",
        "1-1 ai s; 2-2 ai t",
    ),
    (
        "what was taken away and brought back",
        &[
            ("s", "@@ -0,0 +1,1 @@\n+the first thought\n"),
            ("t", "@@ -1,1 +1,1 @@\n-the first thought\n+another\n"),
        ],
        "the first thought\n",
        "1-1 ai s",
    ),
    (
        "each line is used once",
        &[("s", "@@ -0,0 +1,1 @@\n+twice over\n")],
        "twice over\nother\ntwice over\n",
        "1-1 ai s; 2-3 human",
    ),
    (
        "content that looks like a head",
        &[("s", "@@ -0,0 +1,2 @@\n+-- select\n+++ add\n")],
        "-- select\n++ add\n",
        "1-2 ai s",
    ),
    (
        "CRLF on both sides",
        &[("s", "@@ -0,0 +1,2 @@\n+one\r\n+two\r\n")],
        "one\r\ntwo\r\n",
        "1-2 ai s",
    ),
    (
        "CRLF became LF",
        &[("s", "@@ -0,0 +1,2 @@\n+one\r\n+two\r\n")],
        "one\ntwo\n",
        "1-2 ai s whitespace",
    ),
    (
        "no line feed at the end",
        &[("s", "@@ -0,0 +1 @@\n+one\n\\ No newline at end of file\n")],
        "one",
        "1-1 ai s",
    ),
];

#[test]
fn lines_are_found_by_place_then_by_text_then_by_likeness() {
    for (name, edits, commit, expected) in CASES {
        let edits: Vec<Edit<'_>> =
            (1..).zip(*edits).map(|(at, (session, hunks))| edit(session, at, hunks)).collect();
        let found = attribute(&[new_file("f", commit)], &edits, false);
        assert_eq!(&told(&found), expected, "{name}");
    }
}

#[test]
fn what_nobody_was_told_of_is_a_persons_where_somebody_watched() {
    let commit = || [new_file("f", "one\n")];
    assert_eq!(told(&attribute(&commit(), &[], false)), "1-1 unknown");
    assert_eq!(told(&attribute(&commit(), &[], true)), "1-1 human");
    let untold = Edit { told: Told::Nothing, ..edit("s", 1, "@@ -0,0 +1 @@\n+x\n") };
    assert_eq!(told(&attribute(&commit(), &[untold], true)), "1-1 unknown");
}

#[test]
fn a_whole_file_keeps_what_stood_in_it_before() {
    let first = edit("s", 1, "@@ -0,0 +1,2 @@\n+one\n+two\n");
    let whole = Edit { told: Told::Whole(b"one\nthree\n"), ..edit("t", 2, "@@ -0,0 +1 @@\n+x\n") };
    let found = attribute(&[new_file("f", "one\nthree\n")], &[first, whole], false);
    assert_eq!(told(&found), "1-1 ai s; 2-2 ai t");
}

#[test]
fn a_wider_telling_adds_only_what_no_call_told() {
    let call = edit("s", 2, "@@ -0,0 +1 @@\n+by a tool\n");
    let wide = Edit {
        id: "message".to_owned(),
        scope: EditScope::Wide,
        ..edit("s", 1, "@@ -0,0 +1,2 @@\n+by a tool\n+by a shell\n")
    };
    let commit = "by a tool\nby a shell\nby a tool\n";
    let found = attribute(&[new_file("f", commit)], &[wide, call], false);
    assert_eq!(told(&found), "1-2 ai s; 3-3 human");
}

#[test]
fn a_wider_telling_tells_how_the_file_stood_behind_its_calls() {
    // The prompt came first, its sum bears its time; another session went on behind it.
    let wide = Edit {
        scope: EditScope::Wide,
        ..edit("s", 1, "@@ -1,2 +1,4 @@\n first\n+by a tool\n last\n+by a shell\n")
    };
    let call = edit("s", 2, "@@ -1,2 +1,3 @@\n first\n+by a tool\n last\n");
    let other = edit("t", 3, "@@ -3,2 +3,3 @@\n last\n+by the other one\n by a shell\n");
    let commit = "first\nby a tool\nlast\nby the other one!\nby a shell\n";
    let found = attribute(&[new_file("f", commit)], &[wide, call, other], false);
    assert_eq!(told(&found), "1-1 human; 2-2 ai s; 3-3 human; 4-4 mixed t; 5-5 ai s");
}

#[test]
fn what_the_parents_have_was_committed_with_them() {
    let edits = [edit("s", 1, "@@ -0,0 +1,2 @@\n+staged then\n+staged later\n")];
    let before = Before { at_unix_ms: 5, text: vec![b"staged then"] };
    let file = CommittedFile {
        before: Some(before),
        added: vec![
            AddedLine { number: 2, text: b"staged later" },
            AddedLine { number: 3, text: b"staged then" },
        ],
        ..new_file("f", "")
    };
    assert_eq!(told(&attribute(&[file], &edits, false)), "2-2 ai s; 3-3 human");
}

#[test]
fn lines_follow_a_renamed_file_and_into_another_one() {
    let edits = [edit("s", 1, "@@ -0,0 +1,2 @@\n+pub fn moved_elsewhere(value: u32) {\n+}\n")];
    let commit = "pub fn moved_elsewhere(value: u32) {\n}\n";
    let renamed = CommittedFile { old_path: Some("f".to_owned()), ..new_file("g", commit) };
    assert_eq!(told(&attribute(&[renamed], &edits, false)), "1-2 ai s");
    let moved = new_file("g", commit);
    assert_eq!(told(&attribute(&[moved], &edits, false)), "1-2 ai s moved");
}

/// A file's lines, few enough that many are alike.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        "[a-c]{1,3}",
        Just("}".to_owned()),
        Just(String::new()),
        "let [a-z]{2} = [0-9];"
    ];
    prop::collection::vec(line, 1..40)
}

fn whole(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// A patch that makes a file of these lines.
fn creation(lines: &[String]) -> String {
    let added: String = lines.iter().flat_map(|line| ["+", line, "\n"]).collect();
    format!("@@ -0,0 +1,{} @@\n{added}", lines.len())
}

proptest! {
    #[test]
    fn what_is_committed_as_it_was_written_is_all_the_agents(lines in texts()) {
        let (hunks, commit) = (creation(&lines), whole(&lines));
        let found = attribute(&[new_file("f", &commit)], &[edit("s", 1, &hunks)], false);
        prop_assert_eq!(told(&found), format!("1-{} ai s", lines.len()));
    }

    /// Its own findings, told as edits, are found again as they were.
    #[test]
    fn matching_its_own_output_gives_the_same(first in texts(), second in texts(), commit in texts()) {
        let (first, second, commit) = (creation(&first), creation(&second), whole(&commit));
        let edits = [edit("s", 1, &first), edit("t", 2, &second)];
        let file = new_file("f", &commit);
        let found = attribute(std::slice::from_ref(&file), &edits, true);
        let mut hunks = Vec::new();
        for range in found.files.iter().flat_map(|file| &file.ranges).filter(|range| range.origin.is_some()) {
            let texts = &file.added[range.start_line as usize - 1..range.end_line as usize];
            let mut patch = format!("@@ -{0},0 +{0},{1} @@\n", range.start_line, range.lines());
            for line in texts {
                let _ = writeln!(patch, "+{}", String::from_utf8_lossy(line.text));
            }
            hunks.push((range.clone(), patch));
        }
        let again: Vec<Edit<'_>> = (1..).zip(&hunks).map(|(at, (range, hunks))| {
            let origin = range.origin.clone().expect("it has one");
            let is_mixed = range.contributor == crate::Contributor::Mixed;
            Edit { origin, is_mixed, ..edit("-", at, hunks) }
        }).collect();
        let mut wanted = found.clone();
        for range in wanted.files.iter_mut().flat_map(|file| &mut file.ranges) {
            range.drift = None;
        }
        let lines = |attributed: &Attributed| -> Vec<(u32, crate::Contributor, Option<Origin>)> {
            let ranges = attributed.files.iter().flat_map(|file| &file.ranges);
            ranges.flat_map(|range| (range.start_line..=range.end_line).map(|line| (line, range.contributor, range.origin.clone()))).collect()
        };
        let again = attribute(&[file], &again, true);
        prop_assert_eq!(lines(&again), lines(&wanted));
    }

    #[test]
    fn never_more_lines_than_were_added_and_each_once(first in texts(), second in texts(), commit in texts()) {
        let (first, second, text) = (creation(&first), creation(&second), whole(&commit));
        let edits = [edit("s", 1, &first), edit_of("g", "t", 2, &second)];
        let file = new_file("f", &text);
        let found = attribute(&[file], &edits, true);
        let mut next = 1;
        for range in found.files.iter().flat_map(|file| &file.ranges) {
            prop_assert_eq!(range.start_line, next);
            next = range.end_line + 1;
        }
        prop_assert_eq!(next as usize, commit.len() + 1);
        let of_agents: u32 = found.files.iter().flat_map(|file| &file.ranges)
            .filter(|range| range.origin.is_some() && range.drift.is_none() && range.contributor == crate::Contributor::Ai)
            .map(crate::AttributedRange::lines).sum();
        let hunks = edits.iter().flat_map(|edit| match &edit.told {
            Told::Hunks(hunks) => hunks.as_slice(),
            Told::Whole(_) | Told::Nothing => &[],
        });
        let written: usize = hunks.map(|hunk| hunk.added().count()).sum();
        prop_assert!(of_agents as usize <= written);
    }

    #[test]
    fn the_order_of_arguments_and_other_files_change_nothing(first in texts(), second in texts(), commit in texts()) {
        let (first, second, text) = (creation(&first), creation(&second), whole(&commit));
        let edits = [edit("s", 1, &first), edit_of("g", "t", 2, &second), edit("u", 3, &first)];
        let mut turned = edits.clone();
        turned.reverse();
        let files = [new_file("f", &text), new_file("g", &text)];
        let mut other_way = files.clone();
        other_way.reverse();
        prop_assert_eq!(attribute(&files, &edits, true), attribute(&other_way, &turned, true));
        let unrelated = new_file("zzz/unrelated", "qqqqqqqqqqqqqqqqqqqqqqq\n");
        let mut more = files.to_vec();
        more.push(unrelated);
        let mut found = attribute(&more, &edits, true);
        found.files.pop();
        prop_assert_eq!(found, attribute(&files, &edits, true));
    }
}
