//! Texts that are no patch, and where they say so.

use agent_trace::patch::PatchError as E;
use agent_trace::patch::parse;

type Refused = (&'static str, &'static [u8], E);

/// Checks each case of a table.
fn check(cases: &[Refused]) {
    for (name, text, error) in cases {
        assert_eq!(parse(text).as_ref(), Err(error), "{name}");
    }
}

#[test]
fn a_text_without_a_file_is_no_empty_patch() {
    check(&[
        ("nothing", b"", E::Empty),
        ("blanks", b" \r\n\n", E::Empty),
        ("prose", b"Nothing to see here.\n--- x\n*** y\n", E::NotAPatch),
        (
            "a context diff",
            b"*** x\n--- x\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n",
            E::NotAPatch,
        ),
        ("an ed script", b"1c1\n< a\n---\n> b\n", E::NotAPatch),
        ("half a header", b"--- x\n", E::NotAPatch),
        (
            "Codex",
            b"*** Begin Patch\n*** Update File: x\n@@ fn\n-a\n+b\n*** End Patch\n",
            E::CodexForm { line: 1 },
        ),
        (
            "Codex in Windows' way, with numbers",
            b"\r\n*** Begin Patch\r\n*** Update File: x\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n",
            E::CodexForm { line: 2 },
        ),
        (
            "Codex after a file",
            b"--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n*** Begin Patch\n",
            E::CodexForm { line: 6 },
        ),
        ("Codex' hunks alone", b"*** Update File: x\n@@ fn\n-a\n+b\n", E::NotAPatch),
    ]);
}

#[test]
fn headers_of_hunks_are_exact() {
    let headers: [&str; 18] = [
        "@@ -1 +1",
        "@@ -1 1 @@",
        "@@ - +1 @@",
        "@@ -a +1 @@",
        "@@ -1, +1 @@",
        "@@ -1,1,1 +1 @@",
        "@@ -1 +1 @@@",
        "@@ -1 -1 +1 @@",
        "@@@ -1 +1 @@@",
        "@@ -1  +1 @@",
        "@@ --1 +1 @@",
        "@@ -+1 +1 @@",
        "@@ -0 +1 @@",
        "@@ -1 +0,3 @@",
        "@@ -18446744073709551616 +1 @@",
        "@@ -1,99999999999999999999999999 +1 @@",
        "@@ -18446744073709551615,1 +1 @@",
        "@@ ... @@",
    ];
    for header in headers {
        let text = format!("--- x\n+++ x\n{header}\n-a\n+b\n");
        assert_eq!(parse(text.as_bytes()), Err(E::BadHunkHeader { line: 3 }), "{header}");
    }
    let alone = "@@ -1 +x @@\n";
    assert_eq!(parse(alone.as_bytes()), Err(E::BadHunkHeader { line: 1 }), "without a file");
}

#[test]
fn a_hunk_has_as_many_lines_as_it_says() {
    let truncated = E::TruncatedHunk { line: 3 };
    let overlong = E::OverlongHunk { line: 3 };
    let cases: [(&str, &str, E); 12] = [
        ("nothing follows", "@@ -1 +1 @@\n", truncated),
        ("the end", "@@ -1,2 +1,2 @@\n-a\n+b\n", truncated),
        ("the next file", "@@ -1,2 +1,2 @@\n-a\n+b\ndiff --git a/y b/y\n", truncated),
        ("the next hunk", "@@ -1,2 +1,2 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n", truncated),
        (
            "the next file of a plain diff, which is content",
            "@@ -1,3 +1,3 @@\n-a\n+b\n--- y\n+++ y\n@@ -1 +1 @@\n-a\n+b\n",
            truncated,
        ),
        ("empty lines at the end", "@@ -1 +1 @@\n-a\n\n\n", truncated),
        ("a note about no line", "@@ -1 +1 @@\n\\ No newline\n-a\n+b\n", truncated),
        ("a count beyond all memory", "@@ -1,18446744073709551614 +1 @@\n-a\n", truncated),
        ("a line too many after", "@@ -1 +1 @@\n-a\n+b\n+c\n", overlong),
        ("context too many", "@@ -1 +1 @@\n-a\n+b\n c\n", overlong),
        ("a removed line too many", "@@ -1 +1 @@\n-a\n+b\n-c\n", overlong),
        ("a line too many within", "@@ -1 +1,2 @@\n-a\n-b\n+c\n+d\n", overlong),
    ];
    for (name, hunk, error) in cases {
        let text = format!("--- x\n+++ x\n{hunk}");
        assert_eq!(parse(text.as_bytes()), Err(error), "{name}");
    }
}

#[test]
fn counts_of_each_parent_are_obeyed() {
    check(&[
        ("the second has one more", b"@@@ -1,1 -1,2 +1,1 @@@\n  a\n", E::TruncatedHunk { line: 1 }),
        (
            "the first has one less",
            b"@@@ -1,1 -1,2 +1,2 @@@\n  a\n  b\n",
            E::OverlongHunk { line: 1 },
        ),
        ("both marks", b"@@@ -1,1 -1,1 +1,1 @@@\n+-a\n", E::TruncatedHunk { line: 1 }),
        (
            "git without context",
            b"@@@ -1,0 -1,0 +1,18446744073709551615 @@@\n- z\n -y\n",
            E::BadHunkHeader { line: 1 },
        ),
    ]);
}

#[test]
fn a_header_names_a_file() {
    check(&[
        ("no name", b"--- \n+++ x\n", E::BadPath { line: 1 }),
        ("no second name", b"--- x\n+++ \t\n", E::BadPath { line: 2 }),
        ("nowhere", b"--- /dev/null\n+++ /dev/null\n", E::BadPath { line: 1 }),
        ("an open quote", b"--- \"x\n+++ x\n", E::BadPath { line: 1 }),
        ("text after a quote", b"--- \"x\"y\n+++ x\n", E::BadPath { line: 1 }),
        ("an escape that is none", b"--- \"\\x\"\n+++ x\n", E::BadPath { line: 1 }),
        ("a byte that is none", b"--- \"\\400\"\n+++ x\n", E::BadPath { line: 1 }),
        ("half a byte", b"--- \"\\37\"\n+++ x\n", E::BadPath { line: 1 }),
        ("one name", b"x\ndiff --git a/x\nold mode 1\n", E::BadPath { line: 2 }),
        ("many names", b"diff --git a b c d\nold mode 1\n", E::BadPath { line: 1 }),
        ("a prefix without a name", b"diff --git a/ b/\nold mode 1\n", E::BadPath { line: 1 }),
        (
            "a rename to nothing",
            b"diff --git a/x b/y\nrename from x\nrename to \n",
            E::BadPath { line: 3 },
        ),
        ("a merge", b"diff --cc \n", E::BadPath { line: 1 }),
        ("many binary files", b"Binary files a and b and c differ\n", E::BadPath { line: 1 }),
        (
            "it comes and goes",
            b"diff --git a/x b/x\nnew file mode 1\n--- a/x\n+++ /dev/null\n",
            E::BadPath { line: 1 },
        ),
    ]);
}

#[test]
fn the_bytes_of_a_binary_patch_do_not_swallow_what_follows() {
    let text = b"diff --git a/x b/x\nGIT binary patch\nliteral 9\nKcmZQz\ndiff --git a/y b/y\n";
    assert_eq!(parse(text), Err(E::BadBinaryPatch { line: 5 }));
}

#[test]
fn errors_tell_the_line_and_none_of_the_text() {
    let error = parse(b"--- x\n+++ x\n@@ secret @@\n").expect_err("it is no header");
    assert_eq!(error.to_string(), "line 3 is not the header of a hunk");
}
