//! What a commit does to a file, as far as it is matched.

/// A file of a commit with the lines that the commit adds to it.
#[derive(Clone, Debug)]
pub struct CommittedFile<'a> {
    /// The file, from the top of the repository on.
    pub path: String,
    /// What it was called before, where it moved or was copied.
    pub old_path: Option<String>,
    /// The lines that no parent has, in their order.
    pub added: Vec<AddedLine<'a>>,
    /// What the parents have, where older edits are to be matched.
    pub before: Option<Before<'a>>,
}

/// A line that a commit adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddedLine<'a> {
    /// Where it stands in the commit's file, from 1 on.
    pub number: u32,
    /// Its bytes without a line feed.
    pub text: &'a [u8],
}

/// A file as the parents have it.
#[derive(Clone, Debug)]
pub struct Before<'a> {
    /// When the last of the parents was made, in Unix milliseconds.
    pub at_unix_ms: i64,
    /// Their text. What stands there of an edit that is older than they are was committed with them.
    pub text: Vec<&'a [u8]>,
}
