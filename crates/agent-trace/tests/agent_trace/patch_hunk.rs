//! Hunks: what their headers say is what they have.

use agent_trace::patch::{Hunk, Line, parse};

use crate::patch_told::{Case, check};

/// Headers of hunks.
const HEADERS: [Case; 7] = [
    (
        "no file",
        b"@@ -1 +1 @@\n-a\n+b\n@@ -7 +7 @@\n-c\n+d\n",
        "Modified - => -\n1,1 1,1 |-a|+b\n7,1 7,1 |-c|+d",
    ),
    ("all counts", b"@@ -3,2 +4,1 @@\n a\n-b\n", "Modified - => -\n3,2 4,1 | a|-b"),
    ("a section", b"@@ -3 +4 @@ fn main() { @@\n-a\n+b\n", "Modified - => -\n3,1 4,1 |-a|+b"),
    (
        "a section in Windows' way",
        b"@@ -3 +4 @@ fn main()\r\n-a\r\n+b\r\n",
        "Modified - => -\n3,1 4,1 |-a\\r|+b\\r",
    ),
    ("nothing before", b"@@ -0,0 +1,2 @@\n+a\n+b\n", "Modified - => -\n0,0 1,2 |+a|+b"),
    (
        "blank lines between hunks",
        b"--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n\n@@ -7 +7 @@\n-c\n+d\n",
        "Modified x => x\n1,1 1,1 |-a|+b\n7,1 7,1 |-c|+d",
    ),
    (
        "after prose nobody knows whose it is",
        b"--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\nand\n@@ -7 +7 @@\n-c\n+d\n",
        "Modified x => x\n1,1 1,1 |-a|+b\nModified - => -\n7,1 7,1 |-c|+d",
    ),
];

#[test]
fn headers_of_hunks_are_read() {
    check(&HEADERS);
}

/// Lines that look like something else.
const CONTENT: [Case; 9] = [
    (
        "comments and increments",
        b"@@ -1,2 +1,2 @@\n--- x\n-- y\n+++ x\n+++ y\n",
        "Modified - => -\n1,2 1,2 |--- x|-- y|+++ x|+++ y",
    ),
    (
        "names of files",
        b"@@ -1,2 +1,2 @@\n--- a/x\n+++ b/x\n-a\n+b\n",
        "Modified - => -\n1,2 1,2 |--- a/x|+++ b/x|-a|+b",
    ),
    (
        "headers",
        b"@@ -1,3 +1,2 @@\n @@ -1 +1 @@\n-diff --git a/x b/x\n \\ No newline\n",
        "Modified - => -\n1,3 1,2 | @@ -1 +1 @@|-diff --git a/x b/x| \\\\ No newline",
    ),
    ("a signature", b"@@ -1,2 +1 @@\n a\n-- \n-- \n2.47\n", "Modified - => -\n1,2 1,1 | a|-- "),
    (
        "an empty line whose blank is gone",
        b"@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n",
        "Modified - => -\n1,3 1,3 | a| |-b|+c",
    ),
    (
        "an empty line whose blank is gone, in Windows' way",
        b"@@ -1,3 +1,3 @@\n a\r\n\r\n-b\r\n+c\r\n",
        "Modified - => -\n1,3 1,3 | a\\r| \\r|-b\\r|+c\\r",
    ),
    (
        "an empty line at the end",
        b"@@ -1,2 +1,3 @@\n a\n+b\n\n\n",
        "Modified - => -\n1,2 1,3 | a|+b| ",
    ),
    (
        "bytes of any kind",
        b"@@ -1 +1 @@\n-\xff\x00\n+\t \n",
        "Modified - => -\n1,1 1,1 |-\\xff\\x00|+\\t ",
    ),
    ("no line feed of the patch itself", b"@@ -1 +1 @@\n-a\n+b", "Modified - => -\n1,1 1,1 |-a|+b"),
];

#[test]
fn within_its_counts_everything_is_content() {
    check(&CONTENT);
}

/// Line feeds that are not there.
const NO_LINE_FEED: [Case; 6] = [
    (
        "before",
        b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
        "Modified - => -\n1,1 1,1 |-a$|+a",
    ),
    (
        "after",
        b"@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n",
        "Modified - => -\n1,1 1,1 |-a|+a$",
    ),
    (
        "on both sides",
        b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
        "Modified - => -\n1,1 1,1 |-a$|+b$",
    ),
    (
        "in context",
        b"@@ -1,2 +1 @@\n-a\n b\n\\ No newline at end of file\n",
        "Modified - => -\n1,2 1,1 |-a| b$",
    ),
    (
        "in German and in Windows' way",
        b"@@ -1 +0,0 @@\r\n-a\r\n\\ Kein Zeilenumbruch am Dateiende.\r\n",
        "Modified - => -\n1,1 0,0 |-a\\r$",
    ),
    (
        "before the next hunk",
        b"@@ -1 +0,0 @@\n-a\n\\ x\n@@ -1 +0,0 @@\n-b\n",
        "Modified - => -\n1,1 0,0 |-a$\n1,1 0,0 |-b",
    ),
];

#[test]
fn a_line_may_have_no_line_feed() {
    check(&NO_LINE_FEED);
}

/// Hunks of merges.
const COMBINED: [Case; 5] = [
    (
        "two parents",
        b"@@@ -1,3 -1,3 +1,4 @@@ fn\n  a\n- b\n -c\n++d\n+ e\n +f\n",
        "Modified - => -\n1,3 1,3 1,4 | a|-b|-c|+d| e| f",
    ),
    (
        "three parents",
        b"@@@@ -1,2 -1,1 -1,1 +1,2 @@@@\n-- a\n  -b\n+++c\n ++d\n",
        "Modified - => -\n1,2 1,1 1,1 1,2 |-a|-b|+c| d",
    ),
    (
        "content like marks",
        b"@@@ -1,1 -1,1 +1,2 @@@\n--- x\n++++ y\n++@@@ -1,1\n",
        "Modified - => -\n1,1 1,1 1,2 |-- x|+++ y|+@@@ -1,1",
    ),
    (
        "blanks that are gone",
        b"@@@ -1,4 -1,2 +1,3 @@@\n\n +\n-\n  a\n",
        "Modified - => -\n1,4 1,2 1,3 | | |-| a",
    ),
    (
        "blanks that are gone, in Windows' way",
        b"@@@ -1,1 -1,2 +1,2 @@@\r\n\r\n+\r\n",
        "Modified - => -\n1,1 1,2 1,2 | \\r| \\r",
    ),
];

#[test]
fn each_parent_of_a_merge_has_its_count() {
    check(&COMBINED);
}

/// The numbers and texts of lines.
fn numbers<'a>(lines: impl Iterator<Item = (u64, &'a Line<'a>)>) -> Vec<(u64, &'a [u8])> {
    lines.map(|(number, line)| (number, line.text)).collect()
}

fn only_hunk(patch: &[u8]) -> Hunk<'_> {
    parse(patch).expect("it is a patch").remove(0).hunks.remove(0)
}

#[test]
fn lines_know_their_numbers() {
    let hunk = only_hunk(b"@@ -3,3 +5,4 @@\n a\n-b\n+c\n+d\n e\n");
    assert_eq!(numbers(hunk.added()), [(6, &b"c"[..]), (7, b"d")]);
    assert_eq!(numbers(hunk.removed()), [(4, &b"b"[..])]);
}

#[test]
fn lines_of_a_merge_have_the_numbers_of_its_first_parent() {
    let hunk =
        only_hunk(b"@@@ -3,3 -8,3 +5,4 @@@\n  a\n+ only second\n +only first\n -c\n- d\n++e\n");
    assert_eq!(numbers(hunk.added()), [(8, &b"e"[..])]);
    assert_eq!(numbers(hunk.removed()), [(5, &b"d"[..])]);
}

#[test]
fn the_largest_number_is_no_overflow() {
    let hunk = only_hunk(b"@@ -18446744073709551615,0 +18446744073709551614,1 @@\n+a\n");
    assert_eq!(numbers(hunk.added()), [(u64::MAX - 1, &b"a"[..])]);
    assert_eq!(numbers(hunk.removed()), []);
}
