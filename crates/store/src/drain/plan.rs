//! Which spool files come next: the hook's own first, the others in groups, the suspected alone.

use std::fs;

use crate::{
    StoreError,
    spool::{Spool, SpoolName},
};

/// A group has at most this many files …
const GROUP_LIMIT_FILES: usize = 1_000;
/// … and this many bytes, unless it is one file.
const GROUP_LIMIT_BYTES: u64 = 8 << 20;
/// A hook leaves a larger file to a command: it could not finish it before its deadline.
const HOOK_LIMIT_BYTES: u64 = 1 << 20;

/// A file that may be drained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Which folder: the spool is the first.
    pub(super) folder: usize,
    pub(super) name: SpoolName,
    pub(super) bytes: u64,
}

/// What to try next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Nothing,
    Group(Vec<Candidate>),
    Alone(Candidate),
}

/// What was learned of the files so far.
pub(super) struct Plan {
    is_hook: bool,
    own: Option<SpoolName>,
    suspects: Vec<SpoolName>,
    passed_over: Vec<(usize, SpoolName)>,
}

impl Plan {
    pub(super) fn for_hook(own: Option<SpoolName>) -> Self {
        Self { is_hook: true, own, suspects: Vec::new(), passed_over: Vec::new() }
    }

    pub(super) fn for_command() -> Self {
        Self { is_hook: false, own: None, suspects: Vec::new(), passed_over: Vec::new() }
    }

    /// A group with these files failed: each is tried alone.
    pub(super) fn suspect(&mut self, names: impl IntoIterator<Item = SpoolName>) {
        self.suspects.extend(names);
    }

    /// A file turned out well, or is gone.
    pub(super) fn clear(&mut self, name: &SpoolName) {
        self.suspects.retain(|suspect| !suspect.is_same_file(name));
    }

    pub(super) fn suspects(&self) -> impl Iterator<Item = &SpoolName> {
        self.suspects.iter()
    }

    /// A file that is not for this version or this database is left alone.
    pub(super) fn pass_over(&mut self, file: &Candidate) {
        self.passed_over.push((file.folder, file.name.clone()));
    }

    pub(super) fn passed_over(&self) -> u64 {
        self.passed_over.len() as u64
    }

    pub(super) fn is_own(&self, file: &Candidate) -> bool {
        file.folder == 0 && self.own.as_ref().is_some_and(|own| own.is_same_file(&file.name))
    }

    /// What to try next, by what lies in the folders now.
    pub(super) fn next(&mut self, folders: &[Spool]) -> Result<Next, StoreError> {
        let candidates = self.candidates(folders)?;
        self.suspects
            .retain(|suspect| candidates.iter().any(|file| file.name.is_same_file(suspect)));
        let (alone, mut group): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|file| self.is_suspected(&file.name));
        // A stable sort: the hook's own file first, the others as they came.
        group.sort_by_key(|file| !self.is_own(file));
        let mut bytes = 0;
        let fitting = group.iter().take(GROUP_LIMIT_FILES).take_while(|file| {
            bytes += file.bytes;
            bytes <= GROUP_LIMIT_BYTES
        });
        let fitting = fitting.count().max(1);
        group.truncate(fitting);
        Ok(match (group.is_empty(), alone.into_iter().next()) {
            (false, _) => Next::Group(group),
            (true, Some(file)) => Next::Alone(file),
            (true, None) => Next::Nothing,
        })
    }

    fn candidates(&self, folders: &[Spool]) -> Result<Vec<Candidate>, StoreError> {
        let mut candidates = Vec::new();
        for (folder, spool) in folders.iter().enumerate() {
            for name in self.names(spool)? {
                let is_passed_over = self.passed_over.contains(&(folder, name.clone()));
                if is_passed_over || (self.is_hook && !name.is_for_hooks()) {
                    continue;
                }
                // A file that is gone by now was drained by its own holder's successor.
                let Ok(metadata) = fs::metadata(spool.path(&name)) else { continue };
                let bytes = metadata.len();
                if !self.is_hook || bytes <= HOOK_LIMIT_BYTES {
                    candidates.push(Candidate { folder, name, bytes });
                }
            }
        }
        Ok(candidates)
    }

    /// A hook looks at no more files than it could store, at its own in any case.
    fn names(&self, spool: &Spool) -> Result<Vec<SpoolName>, StoreError> {
        if !self.is_hook {
            return spool.names();
        }
        let mut names = spool.some_names(GROUP_LIMIT_FILES)?;
        let own = self.own.iter().filter(|own| !names.contains(own) && spool.path(own).exists());
        names.extend(own.cloned().collect::<Vec<_>>());
        Ok(names)
    }

    fn is_suspected(&self, name: &SpoolName) -> bool {
        name.attempts() > 0 || self.suspects.iter().any(|suspect| suspect.is_same_file(name))
    }
}
