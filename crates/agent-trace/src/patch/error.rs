//! Why a text is no patch. Nothing of the text is told: it may be conversation.

use thiserror::Error;

/// Why a text was not read as a patch. Lines count from 1.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PatchError {
    /// There are blanks at most.
    #[error("the patch is empty")]
    Empty,
    /// There is text, and neither a file nor a hunk in it.
    #[error("the text is no unified diff")]
    NotAPatch,
    /// Codex has a form of its own, which has no line numbers.
    #[error("line {line} begins a patch in the form of Codex, which is no unified diff")]
    CodexForm {
        /// The line `*** Begin Patch`.
        line: u64,
    },
    /// The header of a hunk is none: it is misspelt, a number is out of range, or it has more than 128
    /// parents.
    #[error("line {line} is not the header of a hunk")]
    BadHunkHeader {
        /// The line.
        line: u64,
    },
    /// A hunk ends before there are as many lines as its header says.
    #[error("the hunk at line {line} has fewer lines than its header says")]
    TruncatedHunk {
        /// The hunk's header.
        line: u64,
    },
    /// A hunk goes on where there are as many lines as its header says.
    #[error("the hunk at line {line} has more lines than its header says")]
    OverlongHunk {
        /// The hunk's header.
        line: u64,
    },
    /// A header does not tell which file it is about.
    #[error("line {line} names no file that can be read")]
    BadPath {
        /// The line; where several together tell too little, the first of the header.
        line: u64,
    },
    /// The bytes of `GIT binary patch` break off.
    #[error("line {line} does not belong to a binary patch")]
    BadBinaryPatch {
        /// The line.
        line: u64,
    },
}
