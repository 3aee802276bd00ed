//! Large texts made to be slow. None may take more than its length does; a square of it would not end.

use agent_trace::patch::{PatchError, parse};

use crate::patch_invariants::check_any_text;

const MANY: usize = 1_000_000;

#[test]
fn a_million_hunks_are_read() {
    let files = b"@@ -1 +1 @@\n-a\n+b\n".repeat(MANY);
    assert_eq!(parse(&files).expect("it is a patch")[0].hunks.len(), MANY);
}

#[test]
fn a_million_files_are_read() {
    let text = b"diff --git a/x b/x\nold mode 1\n".repeat(MANY);
    assert_eq!(parse(&text).expect("it is a patch").len(), MANY);
}

#[test]
fn long_lines_are_read_once() {
    let cases: [(&str, &[u8], &[u8]); 8] = [
        ("two names", b"diff --git ", b" b/"),
        ("blanks", b"diff --git ", b" "),
        ("quotes", b"diff --git a/x", b" \""),
        ("escapes", b"diff --git \"", b"\\\\"),
        ("binary files", b"Binary files ", b" and "),
        ("parents", b"", b"@"),
        ("digits", b"@@ -", b"9"),
        ("hunks", b"@@ -1,2 +1,2 @@\n", b"@@ -1 +1 @@"),
    ];
    for (name, beginning, piece) in cases {
        let text = [beginning, &piece.repeat(MANY), b" differ\n"].concat();
        assert!(parse(&text).is_err(), "{name}");
    }
}

#[test]
fn beginnings_without_an_end_are_read_once() {
    let pieces: [&[u8]; 9] = [
        b"--- x\n",
        b"+++ x\n",
        b"--- x\n+++ x\n",
        b"Index: x\n",
        b"Index: x\n===\n",
        b"diff --cc x\n",
        b"diff --git a/x b/x\nGIT binary patch\nliteral 1\nA\n\n",
        b"\\ No newline\n",
        b"\n",
    ];
    for piece in pieces {
        check_any_text(&piece.repeat(MANY / 10));
    }
}

#[test]
fn a_hunk_of_many_parents_is_refused() {
    let header = |parents: usize| {
        let ats = "@".repeat(parents + 1);
        format!("{ats}{} +1 {ats}\n{}a\n", " -1,0".repeat(parents), "+".repeat(parents))
    };
    assert!(check_any_text(header(128).as_bytes()));
    let refused = parse(header(129).as_bytes()).map(|_| ());
    assert_eq!(refused, Err(PatchError::BadHunkHeader { line: 1 }));
}
