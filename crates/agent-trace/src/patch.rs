//! Patches as git and agents write them, taken apart.
//!
//! A line's mark is believed only as far as its hunk's counts reach: a deleted line `-- x` is no header.

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
    /// Its bytes without its line feed.
    pub text: &'a [u8],
    /// Whether a line feed ends it.
    pub has_line_feed: bool,
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
