//! How far a transcript is read: which file it was, and what stood before the place.

use std::{
    fs::{self, File, Metadata},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::trail::digest;

/// So much of what stands before a place tells it from others.
pub(super) const BEFORE_BYTES: u64 = 4 << 10;

/// A file that was written so recently may be written again without its times showing it.
const SETTLED_AFTER_MS: i64 = 2_000;

/// A place in a transcript.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Position {
    device: u64,
    inode: u64,
    /// Where to read on.
    pub offset: u64,
    /// Of what stands before it.
    digest: String,
    /// How the file was when all of it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whole: Option<Whole>,
    /// Where lines begin that were too long to be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub too_long: Vec<u64>,
    /// What the reader of the lines has to know.
    pub state: String,
}

/// A file of which all was read.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct Whole {
    bytes: u64,
    /// In nanoseconds; `None` where it may still change unseen.
    changed_at: Option<i64>,
    /// Of the file beside it.
    meta: Option<[i64; 2]>,
}

/// How a file is before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    device: u64,
    inode: u64,
    pub bytes: u64,
    changed_at: i64,
    is_settled: bool,
    /// Length and time of the file beside it.
    meta: Option<[i64; 2]>,
}

impl Seen {
    pub fn of(metadata: &Metadata, meta_path: Option<&Path>, now: i64) -> Self {
        let meta = meta_path.and_then(|path| fs::metadata(path).ok());
        let meta = meta.map(|meta| [meta.len().cast_signed(), changed_at(&meta)]);
        let settled_before = now.saturating_sub(SETTLED_AFTER_MS).saturating_mul(1_000_000);
        let changed_at = changed_at(metadata);
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            changed_at,
            is_settled: changed_at < settled_before,
            meta,
        }
    }
}

impl Position {
    /// Reads one that was kept.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The place `offset` in a file, with the digest of what stands before it.
    pub fn at(offset: u64, before: &[u8], seen: &Seen, is_whole: bool, state: String) -> Self {
        let whole = is_whole.then(|| Whole {
            bytes: seen.bytes,
            changed_at: seen.is_settled.then_some(seen.changed_at),
            meta: seen.meta,
        });
        let Seen { device, inode, .. } = *seen;
        let too_long = Vec::new();
        Self { device, inode, offset, digest: digest(before), whole, too_long, state }
    }

    /// The same, with where lines begin that were passed over.
    pub fn beyond(self, too_long: Vec<u64>) -> Self {
        Self { too_long, ..self }
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts are JSON")
    }

    /// Whether nothing can be new.
    pub fn is_unchanged(&self, seen: &Seen) -> bool {
        let Seen { bytes, changed_at, meta, .. } = *seen;
        let whole = Whole { bytes, changed_at: Some(changed_at), meta };
        self.is_in(seen) && self.whole == Some(whole)
    }

    /// Whether the place is in that file still.
    pub fn fits(&self, file: &File, seen: &Seen) -> io::Result<bool> {
        // A file that grows gets longer: one that has changed and has not was written anew.
        let is_rewritten = self.whole.as_ref().is_some_and(|whole| {
            let is_other = whole.changed_at.is_some_and(|changed_at| changed_at != seen.changed_at);
            whole.bytes == seen.bytes && is_other
        });
        if !self.is_in(seen) || is_rewritten || self.offset > seen.bytes {
            return Ok(false);
        }
        match before(file, self.offset) {
            Ok(before) => Ok(digest(&before) == self.digest),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn is_in(&self, seen: &Seen) -> bool {
        (self.device, self.inode) == (seen.device, seen.inode)
    }
}

/// What stands before a place.
pub(super) fn before(file: &File, offset: u64) -> io::Result<Vec<u8>> {
    let length = offset.min(BEFORE_BYTES);
    let mut before = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact_at(&mut before, offset - length)?;
    Ok(before)
}

/// The time that nobody can set, in nanoseconds.
fn changed_at(metadata: &Metadata) -> i64 {
    metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec())
}
