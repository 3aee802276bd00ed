//! Which files a tool call changed, by the response of `Write`, `Edit`, `MultiEdit` and
//! `NotebookEdit` (Claude Code 2.1.328).
//!
//! The response tells by its form: a line of a transcript bears no tool's name beside it.

use domain::FileChange;

use crate::change::FileDiff;
use crate::json::{Object, Value, text};

/// Unchanged lines that are shown around a change that we compare ourselves.
const CONTEXT_LINES: usize = 3;

const NO_LINE_FEED: &str = "\\ No newline at end of file\n";

/// What an edit holds, or what would be the whole file again.
const TOLD: [&str; 13] = [
    "filePath",
    "content",
    "originalFile",
    "originalFileContents",
    "oldString",
    "newString",
    "edits",
    "structuredPatch",
    "notebook_path",
    "original_file",
    "updated_file",
    "new_source",
    "type",
];

/// Takes the change of a file out of a response; `None` where it tells of none.
pub(super) fn take(response: &mut Object<'_>) -> Option<FileDiff> {
    let change = patched(response).or_else(|| notebook(response))?;
    for key in TOLD {
        response.remove(key);
    }
    Some(change)
}

/// A file that was written or edited.
fn patched(response: &Object<'_>) -> Option<FileDiff> {
    let path = text(response, "filePath").filter(|path| !path.is_empty())?;
    let Some(Value::List(hunks)) = response.get("structuredPatch") else { return None };
    let is_new = text(response, "type") == Some("create");
    let content = text(response, "content").filter(|_| is_new && hunks.is_empty());
    let diff = match content {
        Some(content) => compared(NO_FILE, path, "", content),
        None => unified(if is_new { NO_FILE } else { path }, path, hunks),
    };
    let change = if is_new { FileChange::Created } else { FileChange::Edited };
    Some(FileDiff { path: Some(path.to_owned()), change: Some(change), diff })
}

/// What a diff calls the file before there was one.
const NO_FILE: &str = "/dev/null";

/// A notebook, of which the whole text is given before and after.
fn notebook(response: &Object<'_>) -> Option<FileDiff> {
    let path = text(response, "notebook_path").filter(|path| !path.is_empty())?;
    if text(response, "error").is_some_and(|error| !error.is_empty()) {
        return None;
    }
    let before = text(response, "original_file")?;
    let after = text(response, "updated_file")?;
    let diff = compared(path, path, before, after);
    Some(FileDiff { path: Some(path.to_owned()), change: Some(FileChange::Edited), diff })
}

/// Hunks as they are given, in a unified diff; `None` where there is none that can be read.
fn unified(old: &str, new: &str, hunks: &[Value<'_>]) -> Option<String> {
    let mut diff = String::new();
    for hunk in hunks {
        let Value::Object(hunk) = hunk else { return None };
        let Some(Value::List(lines)) = hunk.get("lines") else { return None };
        let [old_start, old_lines, new_start, new_lines] =
            ["oldStart", "oldLines", "newStart", "newLines"].map(|key| count(hunk, key));
        let (old_lines, new_lines) = (old_lines?, new_lines?);
        diff += &head(old_start?, old_lines, new_start?, new_lines);
        for line in lines {
            diff += line.as_text()?;
            diff.push('\n');
        }
    }
    (!diff.is_empty()).then(|| format!("--- {old}\n+++ {new}\n{diff}"))
}

fn count(hunk: &Object<'_>, key: &str) -> Option<u64> {
    let Some(Value::Number(number)) = hunk.get(key) else { return None };
    number.as_u64()
}

fn head(old_start: u64, old_lines: u64, new_start: u64, new_lines: u64) -> String {
    format!("@@ -{old_start},{old_lines} +{new_start},{new_lines} @@\n")
}

/// A diff of one hunk: all between the lines that both texts begin with and those that both end with.
fn compared(old: &str, new: &str, before: &str, after: &str) -> Option<String> {
    let (before, after): (Vec<_>, Vec<_>) = (lines(before), lines(after));
    let shortest = before.len().min(after.len());
    let pairs = before.iter().zip(&after);
    let same_head = pairs.take_while(|(before, after)| before == after).count();
    let pairs = before.iter().rev().zip(after.iter().rev());
    let same_tail = pairs.take_while(|(before, after)| before == after).count();
    let same_tail = same_tail.min(shortest - same_head);
    if same_head + same_tail == before.len().max(after.len()) {
        return None;
    }
    let from = same_head.saturating_sub(CONTEXT_LINES);
    let context_after = same_tail.min(CONTEXT_LINES);
    let (old_end, new_end) = (before.len() - same_tail, after.len() - same_tail);
    let (old_lines, new_lines) = (old_end + context_after - from, new_end + context_after - from);
    // A side without lines is named by the line before it.
    let start = |lines: usize| number(if lines == 0 { from } else { from + 1 });
    let head = head(start(old_lines), number(old_lines), start(new_lines), number(new_lines));
    let mut diff = format!("--- {old}\n+++ {new}\n{head}");
    push(&mut diff, ' ', &before[from..same_head]);
    push(&mut diff, '-', &before[same_head..old_end]);
    push(&mut diff, '+', &after[same_head..new_end]);
    push(&mut diff, ' ', &before[old_end..old_end + context_after]);
    Some(diff)
}

fn number(lines: usize) -> u64 {
    u64::try_from(lines).expect("a number of lines fits")
}

/// The lines of a text with their ends.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn push(diff: &mut String, mark: char, lines: &[&str]) {
    for line in lines {
        diff.push(mark);
        *diff += line;
        if !line.ends_with('\n') {
            diff.push('\n');
            *diff += NO_LINE_FEED;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::object;

    #[test]
    fn two_texts_are_compared_between_what_they_share() {
        let cases = [
            ("equal", "a\nb\n", "a\nb\n", None),
            ("new", "", "a\nb\n", Some("@@ -0,0 +1,2 @@\n+a\n+b\n")),
            (
                "new, without an end",
                "",
                "a",
                Some("@@ -0,0 +1,1 @@\n+a\n\\ No newline at end of file\n"),
            ),
            ("new and empty", "", "", None),
            ("emptied", "a\n", "", Some("@@ -1,1 +0,0 @@\n-a\n")),
            (
                "in the middle",
                "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
                "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
                Some("@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"),
            ),
            ("one of two equal lines", "a\na\n", "a\n", Some("@@ -1,2 +1,1 @@\n a\n-a\n")),
            ("a line more at the end", "a\n", "a\nb\n", Some("@@ -1,1 +1,2 @@\n a\n+b\n")),
            (
                "only the end of the last line",
                "a\nb",
                "a\nb\n",
                Some("@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"),
            ),
            ("other line ends", "a\r\n", "a\n", Some("@@ -1,1 +1,1 @@\n-a\r\n+a\n")),
        ];
        for (name, before, after, expected) in cases {
            let expected = expected.map(|hunk| format!("--- f\n+++ f\n{hunk}"));
            assert_eq!(compared("f", "f", before, after), expected, "{name}");
        }
    }

    #[test]
    fn hunks_that_cannot_be_read_give_no_diff_and_still_a_change() {
        let hunks = [
            "[]",
            "[7]",
            r#"[{"lines":["+a"]}]"#,
            r#"[{"oldStart":1,"oldLines":0,"newStart":-1,"newLines":1,"lines":["+a"]}]"#,
            r#"[{"oldStart":1,"oldLines":0,"newStart":1,"newLines":1,"lines":[7]}]"#,
        ];
        for hunks in hunks {
            let response = format!(r#"{{"filePath":"f","structuredPatch":{hunks}}}"#);
            let mut response = object(&response).expect("it is an object");
            let change = take(&mut response).expect("it tells of a change");
            assert_eq!((change.path.as_deref(), change.diff), (Some("f"), None), "{hunks}");
            assert!(response.is_empty(), "{hunks}");
        }
    }
}
