//! What stands above hunks: which file it is and what becomes of it.

use agent_trace::patch::parse;

use crate::patch_told::{Case, check};

/// Headers of git without any hunk.
const GIT: [Case; 19] = [
    (
        "a rename",
        b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n",
        "Renamed x => y",
    ),
    (
        "a rename of old",
        b"diff --git a/x b/y\nsimilarity index 100%\nrename old x\nrename new y\n",
        "Renamed x => y",
    ),
    (
        "a copy",
        b"diff --git a/x b/y z\nsimilarity index 90%\ncopy from x\ncopy to y z\nindex 1..2 100644\n",
        "Copied x => y z",
    ),
    (
        "a rename between folders that look like prefixes, without prefixes",
        b"diff --git a/x b/x\nsimilarity index 100%\nrename from a/x\nrename to b/x\n",
        "Renamed a/x => b/x",
    ),
    ("a mode", b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", "Modified x => x"),
    (
        "an empty file comes",
        b"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..e69de29\n",
        "Created - => x",
    ),
    (
        "an empty file goes",
        b"diff --git a/x b/x\ndeleted file mode 100644\nindex e69de29..0000000\n",
        "Deleted x => -",
    ),
    (
        "two files, one after the other",
        b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\ndiff --git a/y b/y\nnew file mode 100644\n",
        "Modified x => x\nCreated - => y",
    ),
    ("blanks", b"diff --git a/x y b/x y\nold mode 1\nnew mode 2\n", "Modified x y => x y"),
    (
        "a name with what may be a prefix in it",
        b"diff --git a/x b/y b/x b/y\nold mode 1\nnew mode 2\n",
        "Modified x b/y => x b/y",
    ),
    (
        "quotes",
        b"diff --git \"a/\\303\\244\\t\\\"x\" \"b/\\303\\244\\t\\\"x\"\nold mode 1\nnew mode 2\n",
        "Modified \u{e4}\t\"x => \u{e4}\t\"x",
    ),
    (
        "every escape",
        b"diff --git \"a/\\a\\b\\t\\n\\v\\f\\r\\\\\\001\" b/y\nold mode 1\n",
        "Modified \u{7}\u{8}\t\n\u{b}\u{c}\r\\\u{1} => y",
    ),
    ("quotes on the left", b"diff --git \"a/\\t x\" b/y z\nold mode 1\n", "Modified \t x => y z"),
    ("quotes on the right", b"diff --git a/y z \"b/\\t x\"\nold mode 1\n", "Modified y z => \t x"),
    (
        "a quoted name of a rename",
        b"diff --git a/x \"b/\\ty\"\nrename from x\nrename to \"\\ty\"\n",
        "Renamed x => \ty",
    ),
    ("a quoted name that is no UTF-8", b"diff --git \"a/\\377\" \"b/\\377\"\nold mode 1\n", "Modified \u{fffd} => \u{fffd}"),
    ("a name that is no UTF-8", b"diff --git a/\xff b/\xff\nold mode 1\n", "Modified \u{fffd} => \u{fffd}"),
    ("no prefixes", b"diff --git x/y x/y\nold mode 1\n", "Modified x/y => x/y"),
    ("no prefixes, in a folder that looks like one", b"diff --git a/x a/x\nold mode 1\n", "Modified a/x => a/x"),
];

#[test]
fn headers_of_git_need_no_hunk() {
    check(&GIT);
}

/// Names after `---` and `+++`, and hunks.
const MARKED: [Case; 16] = [
    ("prefixes", b"diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("prefixes the other way round", b"diff --git b/x a/x\n--- b/x\n+++ a/x\n@@ -1 +1 @@\n-a\n+b\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("the index and the work tree", b"diff --git i/x w/x\n--- i/x\n+++ w/x\n@@ -1 +1 @@\n-a\n+b\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("a commit and the index", b"diff --git c/x i/x\nnew file mode 100644\n--- /dev/null\n+++ i/x\n@@ -0,0 +1 @@\n+b\n", "Created - => x\n0,0 1,1 |+b"),
    ("an object and the work tree", b"diff --git o/x w/x\n--- o/x\n+++ w/x\n@@ -1 +0,0 @@\n-b\n", "Modified x => x\n1,1 0,0 |-b"),
    ("no repository", b"diff --git 1/x 2/y\n--- 1/x\n+++ 2/y\n@@ -1 +1 @@\n-a\n+b\n", "Modified x => y\n1,1 1,1 |-a|+b"),
    ("no prefixes, in a folder that looks like one", b"diff --git b/x b/x\n--- b/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "Modified b/x => b/x\n1,1 1,1 |-a|+b"),
    ("no prefixes and no file before", b"diff --git b/x b/x\nnew file mode 1\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n", "Created - => b/x\n0,0 1,1 |+b"),
    ("a file goes", b"diff --git a/x b/x\ndeleted file mode 1\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n", "Deleted x => -\n1,1 0,0 |-b"),
    ("a rename with changes", b"diff --git a/x b/y\nsimilarity index 50%\nrename from x\nrename to y\nindex 1..2 3\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", "Renamed x => y\n1,1 1,1 |-a|+b"),
    ("a tab after a name with a blank", b"diff --git a/x y b/x y\n--- a/x y\t\n+++ b/x y\t\n@@ -1 +1 @@\n-a\n+b\n", "Modified x y => x y\n1,1 1,1 |-a|+b"),
    ("a rewrite", b"diff --git a/x b/x\ndissimilarity index 90%\nindex 1..2 3\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("lines that end as on Windows", b"diff --git a/x b/x\r\nindex 1..2 100644\r\n--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n", "Modified x => x\n1,1 1,1 |-a\\r|+b\\r"),
    ("names that differ and have blanks", b"diff --git a/x y b/z w v\n--- a/x y\n+++ b/z w v\n@@ -1 +1 @@\n-a\n+b\n", "Modified x y => z w v\n1,1 1,1 |-a|+b"),
    ("names that differ, blanks without prefixes", b"diff --git x y z w v\n--- x y\t\n+++ z w v\t\n@@ -1 +1 @@\n-a\n+b\n", "Modified x y => z w v\n1,1 1,1 |-a|+b"),
    ("quotes", b"diff --git \"a/\\t\" \"b/\\t\"\n--- \"a/\\t\"\n+++ \"b/\\t\"\n@@ -1 +1 @@\n-a\n+b\n", "Modified \t => \t\n1,1 1,1 |-a|+b"),
];

#[test]
fn prefixes_of_git_are_taken_away_where_they_are() {
    check(&MARKED);
}

/// Diffs that git did not write.
const PLAIN: [Case; 13] = [
    ("GNU diff", b"diff -u x y\n--- x\t2020-01-01 10:00:00.000000000 +0100\n+++ y\t2020-01-02 10:00:00.000000000 +0100\n@@ -1 +1 @@\n-a\n+b\n", "Modified x => y\n1,1 1,1 |-a|+b"),
    ("GNU diff of folders that look like prefixes", b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "Modified a/x => b/x\n1,1 1,1 |-a|+b"),
    ("Claude Code", b"--- /home/dev/x\n+++ /home/dev/x\n@@ -1 +1 @@\n-a\n+b\n", "Modified /home/dev/x => /home/dev/x\n1,1 1,1 |-a|+b"),
    ("jsdiff, as OpenCode has it", b"Index: /home/dev/x\n===================================================================\n--- /home/dev/x\n+++ /home/dev/x\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n", "Modified /home/dev/x => /home/dev/x\n1,1 1,1 |-a$|+b$"),
    ("jsdiff with empty times", b"Index: x\n===\n--- x\t\n+++ x\t\n@@ -1,1 +1,1 @@\n-a\n+b\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("jsdiff without a change", b"Index: x y\n===\n--- x y\n+++ x y\n", "Modified x y => x y"),
    ("Subversion", b"Index: x\r\n===\r\n--- x\t(revision 1)\r\n+++ x\t(working copy)\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n", "Modified x => x\n1,1 1,1 |-a\\r|+b\\r"),
    ("Subversion, an empty file", b"Index: x\n===\nIndex: y\n===\n", "Modified x => x\nModified y => y"),
    ("Subversion in git's way", b"Index: x\n===\ndiff --git a/x b/x\nnew file mode 10644\n--- /dev/null\t(nonexistent)\n+++ b/x\t(working copy)\n@@ -0,0 +1 @@\n+b\n", "Created - => x\n0,0 1,1 |+b"),
    ("a file comes", b"--- /dev/null\t1970-01-01\n+++ x\n@@ -0,0 +1 @@\n+b\n", "Created - => x\n0,0 1,1 |+b"),
    ("a file goes", b"--- x\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n", "Deleted x => -\n1,1 0,0 |-b"),
    ("a quoted name and a time", b"--- \"x\\ty\"\t2020-01-01\n+++ x\n@@ -1 +1 @@\n-a\n+b\n", "Modified x\ty => x\n1,1 1,1 |-a|+b"),
    ("two files with text between them", b"--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\ndiff -ru x y\nOnly in x: z\n--- y\n+++ y\n@@ -1 +1 @@\n-c\n+d\n", "Modified x => x\n1,1 1,1 |-a|+b\nModified y => y\n1,1 1,1 |-c|+d"),
];

#[test]
fn names_of_plain_diffs_stay_as_they_are() {
    check(&PLAIN);
}

/// Files that are no text.
const BINARY: [Case; 9] = [
    ("git", b"diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n", "Modified x => x binary"),
    ("a new one", b"diff --git a/x b/x\nnew file mode 1\nindex 0..2\nBinary files /dev/null and b/x differ\n", "Created - => x binary"),
    ("its bytes", b"diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\ndiff --git a/y b/y\nold mode 1\n", "Modified x => x binary\nModified y => y"),
    ("its bytes as a change", b"diff --git a/x b/x\nindex 1..2\nGIT binary patch\ndelta 3\nKcmZQz@@-1+1@@Y01f~L\n\ndelta 3\nHcmV?d00001\n\n", "Modified x => x binary"),
    ("its bytes to the end of the text", b"diff --git a/x b/x\nGIT binary patch\r\nliteral 0\r\nHcmV?d00001", "Modified x => x binary"),
    ("renamed", b"diff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to y\nindex 1..2\nBinary files a/x and b/y differ\n", "Renamed x => y binary"),
    ("two files without a repository", b"diff --git a/x b/y\nindex 1..2 100644\nBinary files a/x and b/y differ\n", "Modified x => y binary"),
    ("GNU diff", b"Binary files x and y/x differ\n", "Modified x => y/x binary"),
    ("GNU diff, with a word that is in the name", b"Binary files x/a and b and y/a and b differ\n", "Modified x/a and b => y/a and b binary"),
];

#[test]
fn binary_files_are_told_to_be_so() {
    check(&BINARY);
}

/// Merges.
const COMBINED: [Case; 6] = [
    ("a mode", b"diff --cc x y\nindex 1,2..3\nmode 100644,100644..100755\n--- a/x y\t\n+++ b/x y\t\n@@@ -1,1 -1,1 +1,1 @@@\n- a\n -b\n++c\n", "Modified x y => x y\n1,1 1,1 1,1 |-a|-b|+c"),
    ("a file that no parent had", b"diff --cc x\nindex 0,0..3\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@@ -1,0 -1,0 +1,1 @@@\n++c\n", "Created - => x\n0,0 0,0 1,1 |+c"),
    ("a file that goes", b"diff --combined x\nindex 1,2..0\ndeleted file mode 100644,100644\n--- a/x\n+++ /dev/null\n@@@ -1,1 -1,1 +1,0 @@@\n- a\n -b\n", "Deleted x => -\n1,1 1,1 0,0 |-a|-b"),
    ("a binary file", b"diff --cc x\nindex 1,2..3\nBinary files differ\n", "Modified x => x binary"),
    ("a quoted name", b"diff --cc \"\\303\\244\"\nindex 1,2..3\nBinary files differ\n", "Modified \u{e4} => \u{e4} binary"),
    ("each parent's name", b"diff --cc x\nindex 1,2..3\n--- a/x\n--- a/y\n+++ b/x\n@@@ -1,1 -1,1 +1,1 @@@\n- a\n -b\n++c\n", "Modified x => x\n1,1 1,1 1,1 |-a|-b|+c"),
];

#[test]
fn headers_of_merges_name_one_file() {
    check(&COMBINED);
}

/// What is around files.
const AROUND: [Case; 7] = [
    ("a mail", b"From 0123 Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: [PATCH] x\n\n- an item\n--- no file\n---\n x | 2 +-\n 1 file changed\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n-- \n2.47.3\n\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("a mail of a rename", b"---\ndiff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n-- \n2.47.3\n", "Renamed x => y"),
    ("a commit", b"commit 0123\nAuthor: A <a@b>\n\n    x\n\n    @@ -1 +1 @@\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\ncommit 4567\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("a block of Markdown", b"So:\n\n```diff\n--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n```\n\nThat is it.\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("properties of Subversion", b"Index: x\n===\n--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n\nProperty changes on: x\n___\nAdded: svn:eol-style\n## -0,0 +1 ##\n+native\n\\ No newline at end of property\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("an index that is prose", b"Index: of things\n--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n", "Modified x => x\n1,1 1,1 |-a|+b"),
    ("a marker that is prose", b"@@ that\n--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n\nthen\n@@ this\n", "Modified x => x\n1,1 1,1 |-a|+b"),
];

#[test]
fn text_around_files_is_passed_over() {
    check(&AROUND);
}

#[test]
fn a_path_is_where_the_file_is_or_was() {
    let paths = |patch: &[u8]| {
        let files = parse(patch).expect("it is a patch");
        files.iter().map(|file| file.path().map(str::to_owned)).collect::<Vec<_>>()
    };
    let patch = b"--- x\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n--- y\n+++ z\n@@ -1 +0,0 @@\n-b\n";
    assert_eq!(paths(patch), [Some("x".to_owned()), Some("z".to_owned())]);
    assert_eq!(paths(b"@@ -1 +0,0 @@\n-b\n"), [None]);
}
