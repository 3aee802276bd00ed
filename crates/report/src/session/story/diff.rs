//! Changes of texts, line by line: read from what agents give, and made of what a tool was given.
//!
//! A diff is foreign text and nobody has judged it, so nothing is refused: a line that has no place in a
//! hunk is told as it is.

use std::str::Lines;

/// How a line stands in a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is the same on both sides.
    Context,
    /// It says where the next lines are.
    Hunk,
    /// It is no line of the file.
    Other,
}

/// A line of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'d> {
    /// How it stands.
    pub kind: Kind,
    /// Which line of the old file it is, where that is known.
    pub old: Option<u64>,
    /// Which line of the new file it is.
    pub new: Option<u64>,
    /// The line, without the mark before it.
    pub text: &'d str,
}

/// The lines of a unified diff, or of a patch as `apply_patch` takes it.
pub fn lines(diff: &str) -> impl Iterator<Item = Line<'_>> {
    Reader { lines: diff.lines(), hunk: None }
}

struct Reader<'d> {
    lines: Lines<'d>,
    hunk: Option<Hunk>,
}

/// What is left of a hunk. Without counts it goes on until something else begins.
#[derive(Clone, Copy)]
struct Hunk {
    old: Option<u64>,
    new: Option<u64>,
    left: Option<(u64, u64)>,
}

/// A hunk of which nobody says where it is.
const ANYWHERE: Hunk = Hunk { old: None, new: None, left: None };

impl<'d> Iterator for Reader<'d> {
    type Item = Line<'d>;

    fn next(&mut self) -> Option<Line<'d>> {
        let line = self.lines.next()?;
        Some(self.in_hunk(line).unwrap_or_else(|| self.between(line)))
    }
}

impl<'d> Reader<'d> {
    fn in_hunk(&mut self, line: &'d str) -> Option<Line<'d>> {
        let hunk = self.hunk.as_mut()?;
        let (kind, text) = match line.chars().next() {
            Some('+') => (Kind::Added, &line[1..]),
            Some('-') => (Kind::Removed, &line[1..]),
            Some(' ') => (Kind::Context, &line[1..]),
            // Some strip the blank of an empty line.
            None => (Kind::Context, line),
            Some('\\') => {
                return Some(Line { kind: Kind::Other, old: None, new: None, text: line });
            }
            Some(_) => return None,
        };
        let line = hunk.take(kind, text);
        if line.is_none() {
            self.hunk = None;
        }
        line
    }

    fn between(&mut self, line: &'d str) -> Line<'d> {
        let opened = hunk(line);
        let is_hunk = line.starts_with("@@");
        // Of a new file a patch gives the lines at once.
        let is_new = line.starts_with("*** Add File:");
        self.hunk = opened.or((is_hunk || is_new).then_some(ANYWHERE));
        let kind = if is_hunk { Kind::Hunk } else { Kind::Other };
        Line { kind, old: None, new: None, text: line }
    }
}

impl Hunk {
    /// The next line of that kind; `None` where the hunk has no more of them.
    fn take<'d>(&mut self, kind: Kind, text: &'d str) -> Option<Line<'d>> {
        let (is_old, is_new) = (kind != Kind::Added, kind != Kind::Removed);
        if let Some((old, new)) = &mut self.left {
            if is_old {
                *old = old.checked_sub(1)?;
            }
            if is_new {
                *new = new.checked_sub(1)?;
            }
        }
        let step = |number: &mut Option<u64>, counts: bool| {
            let this = number.filter(|_| counts)?;
            *number = this.checked_add(1);
            Some(this)
        };
        Some(Line {
            kind,
            old: step(&mut self.old, is_old),
            new: step(&mut self.new, is_new),
            text,
        })
    }
}

/// The hunk that begins with a line as `@@ -1,2 +1,3 @@`.
fn hunk(line: &str) -> Option<Hunk> {
    let mut words = line.strip_prefix("@@ ")?.split(' ');
    let (old, old_lines) = range(words.next()?.strip_prefix('-')?)?;
    let (new, new_lines) = range(words.next()?.strip_prefix('+')?)?;
    Some(Hunk { old: Some(old), new: Some(new), left: Some((old_lines, new_lines)) })
}

fn range(text: &str) -> Option<(u64, u64)> {
    let (start, lines) = text.split_once(',').unwrap_or((text, "1"));
    Some((start.parse().ok()?, lines.parse().ok()?))
}

/// A text as the diff of a new file.
pub(super) fn written(text: &str) -> String {
    let count = text.lines().count();
    let lines: String = text.lines().flat_map(|line| ["+", line, "\n"]).collect();
    format!("@@ -0,0 +1,{count} @@\n{lines}")
}

/// Two texts as the diff of a place that nobody names. What they begin and end with alike stays.
pub(super) fn replaced(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev());
    let tail = tail.take_while(|(old, new)| old == new).count();
    let (removed, after) = old_rest.split_at(old_rest.len() - tail);
    let added = &new_rest[..new_rest.len() - tail];
    let marked = [(" ", &old[..head]), ("-", removed), ("+", added), (" ", after)];
    let lines = marked.iter().flat_map(|(mark, lines)| lines.iter().map(move |line| (mark, line)));
    let lines: String = lines.flat_map(|(mark, line)| [*mark, line, "\n"]).collect();
    format!("@@\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(diff: &str) -> Vec<String> {
        let number =
            |number: Option<u64>| number.map_or(String::new(), |number| number.to_string());
        lines(diff)
            .map(|Line { kind, old, new, text }| {
                let mark = match kind {
                    Kind::Added => '+',
                    Kind::Removed => '-',
                    Kind::Context => ' ',
                    Kind::Hunk => '@',
                    Kind::Other => '.',
                };
                format!("{mark}{}:{}:{text}", number(old), number(new))
            })
            .collect()
    }

    #[test]
    fn a_line_is_known_by_its_place_and_not_by_its_mark_alone() {
        let cases: [(&str, &str, &[&str]); 10] = [
            ("nothing", "", &[]),
            ("no diff", "-a\n+b\n", &[".::-a", ".::+b"]),
            (
                "a hunk with its head",
                "--- a\n+++ b\n@@ -4,2 +4,2 @@ fn\n x\n-y\n+z\n",
                &[".::--- a", ".::+++ b", "@::@@ -4,2 +4,2 @@ fn", " 4:4:x", "-5::y", "+:5:z"],
            ),
            (
                "a removed comment is no head",
                "@@ -1,1 +1,0 @@\n--- x\n--- a\n",
                &["@::@@ -1,1 +1,0 @@", "-1::-- x", ".::--- a"],
            ),
            (
                "one line without a count",
                "@@ -7 +7 @@\n-a\n+b",
                &["@::@@ -7 +7 @@", "-7::a", "+:7:b"],
            ),
            (
                "the blank of an empty line is gone",
                "@@ -1,2 +1,2 @@\n\n a\n",
                &["@::@@ -1,2 +1,2 @@", " 1:1:", " 2:2:a"],
            ),
            (
                "no line feed at the end",
                "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n",
                &["@::@@ -1 +1 @@", "-1::a", ".::\\ No newline at end of file", "+:1:b"],
            ),
            (
                "a patch without numbers",
                "*** Begin Patch\n*** Update File: f\n@@ fn x\n a\n-b\n+c\n*** Add File: g\n+d\n*** End Patch",
                &[
                    ".::*** Begin Patch",
                    ".::*** Update File: f",
                    "@::@@ fn x",
                    " ::a",
                    "-::b",
                    "+::c",
                    ".::*** Add File: g",
                    "+::d",
                    ".::*** End Patch",
                ],
            ),
            (
                "more than fits a number",
                "@@ -18446744073709551615,2 +1,2 @@\n a\n b\n",
                &["@::@@ -18446744073709551615,2 +1,2 @@", " 18446744073709551615:1:a", " :2:b"],
            ),
            ("what is no range", "@@ -x,2 +1,2 @@\n+a\n", &["@::@@ -x,2 +1,2 @@", "+::a"]),
        ];
        for (name, diff, expected) in cases {
            assert_eq!(told(diff), expected, "{name}");
        }
    }

    #[test]
    fn what_a_tool_was_given_reads_as_a_diff() {
        assert_eq!(told(&written("a\nb")), ["@::@@ -0,0 +1,2 @@", "+:1:a", "+:2:b"]);
        let cases: [(&str, &str, &[&str]); 4] = [
            ("a\nb\nc", "a\nx\nc", &[" ::a", "-::b", "+::x", " ::c"]),
            ("", "a", &["+::a"]),
            ("a\na", "a", &[" ::a", "-::a"]),
            ("a", "a", &[" ::a"]),
        ];
        for (old, new, expected) in cases {
            assert_eq!(told(&replaced(old, new))[1..], *expected, "{old:?} to {new:?}");
        }
    }
}
