//! Where transcripts lie: `projects/<folder>/<session>.jsonl`, and
//! `projects/<folder>/<session>/subagents/agent-<id>.jsonl` (Claude Code 2.1.328).

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::{Reason, Skipped};

/// Folders are entered so deep; Claude Code needs four.
const DEPTH_LIMIT: usize = 8;

/// A transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it lies.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
}

/// What was found below a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcripts {
    /// In the order of their paths.
    pub found: Vec<Found>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
}

/// All transcripts below a folder, or the one that is named. Links are followed, no folder is
/// entered twice.
///
/// # Errors
/// Nothing is at `path`, or it cannot be looked at.
pub fn transcripts_below(path: &Path) -> io::Result<Transcripts> {
    let metadata = fs::metadata(path)?;
    let mut search = Search::default();
    if metadata.is_dir() {
        // A folder that was named has to be one that can be read.
        fs::read_dir(path)?;
        search.folder(path, &metadata, 0);
    } else {
        search.file(path, &metadata);
    }
    search.transcripts.found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(search.transcripts)
}

#[derive(Default)]
struct Search {
    transcripts: Transcripts,
    entered: BTreeSet<(u64, u64)>,
}

impl Search {
    fn folder(&mut self, path: &Path, metadata: &fs::Metadata, depth: usize) {
        if !self.entered.insert((metadata.dev(), metadata.ino())) {
            return;
        }
        if depth > DEPTH_LIMIT {
            return self.skip(path, "lies too deep".into());
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.skip(path, crate::reason_of(&error)),
        };
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry.path(), depth),
                Err(error) => self.skip(path, crate::reason_of(&error)),
            }
        }
    }

    /// What no name tells to be a transcript is not asked for more, unless it is a folder.
    fn entry(&mut self, path: &Path, depth: usize) {
        let is_named = path.extension().is_some_and(|extension| extension == "jsonl");
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(path, &metadata, depth + 1),
            Ok(metadata) if is_named => self.file(path, &metadata),
            Err(error) if is_named => self.skip(path, crate::reason_of(&error)),
            Ok(_) | Err(_) => {}
        }
    }

    fn file(&mut self, path: &Path, metadata: &fs::Metadata) {
        if metadata.is_file() {
            self.transcripts.found.push(Found { path: path.to_owned(), bytes: metadata.len() });
        } else {
            self.skip(path, "is no file".into());
        }
    }

    fn skip(&mut self, path: &Path, reason: Reason) {
        let what = format!("`{}`", path.display());
        self.transcripts.skipped.push(Skipped { what, reason });
    }
}
