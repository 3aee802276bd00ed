//! What an importer hands out.

use std::{borrow::Cow, collections::BTreeMap, io};

/// Why something could not be read, in words that quote nothing of it.
pub type Reason = Cow<'static, str>;

/// The position in each part of a store that was read before, by its scope.
pub type Cursors = BTreeMap<String, String>;

/// Says what time it is, in Unix milliseconds.
pub type Clock = fn() -> i64;

/// One thing that an importer tells, in the order in which it has to be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A typed batch envelope of at most 500 items.
    Envelope(Vec<u8>),
    /// So many more things of the store were looked at, taken in or not.
    Passed(u64),
    /// So many of them are as they were when they were read before, and are not handed out again.
    Unchanged(u64),
    /// All that a part of the store held so far is handed out.
    Cursor(Cursor),
    /// Something is there that cannot be read.
    Skipped(Skipped),
}

/// How far a part of a store is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The part.
    pub scope: String,
    /// How far; only an importer reads it.
    pub position: String,
}

/// Something that cannot be read. It stays where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// What it is and where.
    pub what: String,
    /// Why it cannot be read.
    pub reason: Reason,
}

/// Why a file cannot be read, without its name.
pub fn reason_of(error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::NotFound => "is gone".into(),
        io::ErrorKind::PermissionDenied => "may not be read".into(),
        io::ErrorKind::IsADirectory => "is a folder".into(),
        io::ErrorKind::FileTooLarge => "is too long".into(),
        io::ErrorKind::Unsupported => "is no file".into(),
        kind => format!("cannot be read: {kind}").into(),
    }
}
