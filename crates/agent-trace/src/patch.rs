//! Patches as git and agents write them, taken apart.
//!
//! A line's mark is believed only as far as its hunk's counts reach: a deleted line `-- x` is no
//! header. Forms: the unified format of GNU diff, git's <https://git-scm.com/docs/diff-format>, and
//! what jsdiff and Subversion put above it.

mod error;
mod header;
mod hunk;
mod lines;
pub(crate) mod path;

pub use error::PatchError;

use lines::Lines;

/// Takes a patch apart, in the order of the text.
///
/// What stands before the first file, between two files and after the last hunk is passed over: a
/// commit message, the head and the signature of a mail. A hunk without a file above it, or after such
/// text, is a file's that has no name. Prefixes such as `a/` are taken from names of git's diffs only,
/// where both names have them. A path that is not UTF-8 becomes one with U+FFFD in it.
///
/// Read no combined diff without context (`git show -U0` of a merge): git 2.47 writes wrong starts and
/// counts, and only those that contradict each other are found out. In no combined diff does it say
/// that a line feed is missing.
///
/// # Errors
/// If there is neither a file nor a hunk, a header cannot be read, or a hunk has not as many lines as
/// it says.
pub fn parse(input: &[u8]) -> Result<Vec<FilePatch<'_>>, PatchError> {
    let mut lines = Lines::new(input);
    let mut files: Vec<FilePatch<'_>> = Vec::new();
    let mut is_within_file = false;
    while let Some(line) = lines.peek() {
        if hunk::begins(line, is_within_file) {
            let hunk = hunk::read(&mut lines)?;
            match files.last_mut() {
                Some(file) if is_within_file => file.hunks.push(hunk),
                _ => files.push(FilePatch::without_name(hunk)),
            }
            is_within_file = true;
        } else if let Some(file) = header::read(&mut lines)? {
            files.push(file);
            is_within_file = true;
        } else if line.trim_ascii_end() == b"*** Begin Patch" {
            return Err(PatchError::CodexForm { line: lines.number() });
        } else {
            is_within_file &= line.trim_ascii().is_empty();
            lines.advance();
        }
    }
    if !files.is_empty() {
        Ok(files)
    } else if input.trim_ascii().is_empty() {
        Err(PatchError::Empty)
    } else {
        Err(PatchError::NotAPatch)
    }
}

/// What a patch does to one file. It borrows the text that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePatch<'a> {
    /// The file before; there was none, or the patch names none.
    pub old_path: Option<String>,
    /// The file after.
    pub new_path: Option<String>,
    /// What becomes of it.
    pub change: Change,
    /// Whether its content is not told because it is no text.
    pub is_binary: bool,
    /// Which stretches of lines change, in the order of the text.
    pub hunks: Vec<Hunk<'a>>,
}

impl<'a> FilePatch<'a> {
    /// The file after, or before where it goes away.
    pub fn path(&self) -> Option<&str> {
        self.new_path.as_deref().or(self.old_path.as_deref())
    }

    fn without_name(hunk: Hunk<'a>) -> Self {
        Self {
            old_path: None,
            new_path: None,
            change: Change::Modified,
            is_binary: false,
            hunks: vec![hunk],
        }
    }
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It comes into being.
    Created,
    /// It goes away.
    Deleted,
    /// It stays where it is.
    Modified,
    /// It moves.
    Renamed,
    /// It is there twice.
    Copied,
}

/// A stretch of lines before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk<'a> {
    /// Where it was, in each parent: one, but in a merge's combined diff.
    pub old: Vec<Span>,
    /// Where it is.
    pub new: Span,
    /// Its lines, in the order of the text.
    pub lines: Vec<Line<'a>>,
}

impl<'a> Hunk<'a> {
    /// The lines that come, each with its number in the new file.
    pub fn added(&self) -> impl Iterator<Item = (u64, &Line<'a>)> {
        numbered(self.new.start, self.lines.iter().filter(|line| line.is_in_new()))
            .filter(|(_, line)| line.kind == LineKind::Added)
    }

    /// The lines that go, each with its number in the old file; in a combined diff those of the first
    /// parent.
    pub fn removed(&self) -> impl Iterator<Item = (u64, &Line<'a>)> {
        let start = self.old.first().map_or(0, |span| span.start);
        numbered(start, self.lines.iter().filter(|line| line.was_in(0)))
            .filter(|(_, line)| line.kind == LineKind::Removed)
    }
}

/// Lines with their numbers, from that of the first on. None is counted past the last: it may be the
/// largest there is.
fn numbered<T>(start: u64, lines: impl Iterator<Item = T>) -> impl Iterator<Item = (u64, T)> {
    lines.zip(start..).map(|(line, number)| (number, line))
}

/// Some lines of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first, from 1 on; where there are none, the one before.
    pub start: u64,
    /// How many.
    pub lines: u64,
}

/// A line of a hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What becomes of it. In a combined diff a line is added that no parent has, and removed where any had
    /// it and it is gone.
    pub kind: LineKind,
    /// Its marks, one for each parent; where an editor took blanks away from its end, fewer.
    pub marks: &'a [u8],
    /// Its bytes without its line feed.
    pub text: &'a [u8],
    /// Whether a line feed ends it.
    pub has_line_feed: bool,
}

impl Line<'_> {
    /// Whether a parent has it, by its place among them.
    pub fn was_in(&self, parent: usize) -> bool {
        match self.kind {
            LineKind::Context | LineKind::Added => self.marks.get(parent) != Some(&b'+'),
            LineKind::Removed => self.marks.get(parent) == Some(&b'-'),
        }
    }

    /// Whether the new file has it.
    pub fn is_in_new(&self) -> bool {
        self.kind != LineKind::Removed
    }
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// It stays.
    Context,
    /// It comes.
    Added,
    /// It goes.
    Removed,
}
