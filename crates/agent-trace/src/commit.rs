//! What a commit does to a file, as far as it is matched.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{
    patch::{FilePatch, LineKind},
    record::hex,
};

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

impl<'a> CommittedFile<'a> {
    /// The files of a patch that are there afterwards.
    pub fn of_patch(patch: &[FilePatch<'a>]) -> Vec<Self> {
        let files = patch.iter().filter_map(|file| {
            let path = file.new_path.clone()?;
            let added = file.hunks.iter().flat_map(|hunk| {
                hunk.added().map(|(number, line)| AddedLine {
                    number: u32::try_from(number).unwrap_or(u32::MAX),
                    text: line.text,
                })
            });
            let old_path = file.old_path.clone().filter(|old| *old != path);
            Some(Self { old_path, added: added.collect(), path, before: None })
        });
        files.collect()
    }
}

/// What tells a patch from others wherever it is applied: the lines that come and go in each file, without
/// their places and white space. None of a patch without lines.
pub fn patch_id(patch: &[FilePatch<'_>]) -> Option<String> {
    let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for file in patch {
        let lines = file.hunks.iter().flat_map(|hunk| &hunk.lines);
        let changed = lines.filter(|line| line.kind != LineKind::Context);
        for line in changed {
            let text = files.entry(file.path()?).or_default();
            text.push(if line.kind == LineKind::Added { b'+' } else { b'-' });
            text.extend(line.text.iter().filter(|byte| !byte.is_ascii_whitespace()));
            text.push(b'\n');
        }
    }
    let mut hash = Sha256::new();
    for (path, text) in &files {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(text);
        hash.update([0]);
    }
    (!files.is_empty()).then(|| hex(&hash.finalize()))
}
