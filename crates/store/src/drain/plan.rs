//! Which spool files come next: the hook's own first, the others in groups, the suspected alone.

use std::{collections::BTreeSet, fs};

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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Which folder: the spool is the first.
    pub(super) folder: usize,
    pub(super) name: SpoolName,
}

/// What to try next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Nothing,
    /// These together.
    Group(Vec<Candidate>),
    /// These one by one.
    Alone(Vec<Candidate>),
}

/// What was learned of the files so far.
pub(super) struct Plan {
    is_hook: bool,
    own: Option<SpoolName>,
    /// The stems of files that were in hand when something failed.
    suspects: BTreeSet<String>,
    passed_over: BTreeSet<Candidate>,
}

impl Plan {
    pub(super) fn for_hook(own: Option<SpoolName>) -> Self {
        Self { is_hook: true, own, ..Self::for_command() }
    }

    pub(super) fn for_command() -> Self {
        let (suspects, passed_over) = (BTreeSet::new(), BTreeSet::new());
        Self { is_hook: false, own: None, suspects, passed_over }
    }

    /// A group with this file failed: it is tried alone.
    pub(super) fn suspect(&mut self, name: &SpoolName) {
        self.suspects.insert(name.stem().to_owned());
    }

    /// A file turned out well, or is gone.
    pub(super) fn clear(&mut self, name: &SpoolName) {
        self.suspects.remove(name.stem());
    }

    /// The names of the files that are suspected still.
    pub(super) fn suspects(&self) -> impl Iterator<Item = String> {
        self.suspects.iter().map(|stem| SpoolName::of_stem(stem).to_string())
    }

    /// A file that is not for this version or this database is left alone.
    pub(super) fn pass_over(&mut self, file: &Candidate) {
        self.passed_over.insert(file.clone());
    }

    pub(super) fn passed_over(&self) -> u64 {
        self.passed_over.len() as u64
    }

    pub(super) fn is_own(&self, file: &Candidate) -> bool {
        file.folder == 0 && self.own.as_ref().is_some_and(|own| own.stem() == file.name.stem())
    }

    /// What to try next, by what lies in the folders now.
    pub(super) fn next(&mut self, folders: &[Spool]) -> Result<Next, StoreError> {
        let (alone, mut others): (Vec<_>, Vec<_>) =
            self.candidates(folders)?.into_iter().partition(|file| self.is_suspected(&file.name));
        self.suspects.retain(|stem| alone.iter().any(|file| file.name.stem() == stem));
        // A stable sort: the hook's own file first, the others as they came.
        others.sort_by_key(|file| !self.is_own(file));
        let alone: Vec<_> =
            alone.into_iter().filter(|file| self.length(folders, file).is_some()).collect();
        let group = self.group(folders, others);
        Ok(match (group.is_empty(), alone.is_empty()) {
            (false, _) => Next::Group(group),
            (true, false) => Next::Alone(alone),
            (true, true) => Next::Nothing,
        })
    }

    /// As many of the files, from the first, as go together.
    fn group(&self, folders: &[Spool], files: Vec<Candidate>) -> Vec<Candidate> {
        let (mut group, mut total_bytes) = (Vec::new(), 0);
        for file in files {
            let Some(bytes) = self.length(folders, &file) else { continue };
            total_bytes += bytes;
            let is_full = group.len() == GROUP_LIMIT_FILES || total_bytes > GROUP_LIMIT_BYTES;
            if is_full && !group.is_empty() {
                break;
            }
            group.push(file);
        }
        group
    }

    /// How long a file is; `None` for one that is gone, or too long for a hook.
    fn length(&self, folders: &[Spool], file: &Candidate) -> Option<u64> {
        let metadata = fs::metadata(folders[file.folder].path(&file.name)).ok()?;
        let fits = !self.is_hook || metadata.len() <= HOOK_LIMIT_BYTES;
        fits.then_some(metadata.len())
    }

    fn candidates(&self, folders: &[Spool]) -> Result<Vec<Candidate>, StoreError> {
        let mut candidates = Vec::new();
        for (folder, spool) in folders.iter().enumerate() {
            let names = self.names(folder, spool)?.into_iter();
            let allowed = names.filter(|name| !self.is_hook || name.is_for_hooks());
            candidates.extend(allowed.map(|name| Candidate { folder, name }));
        }
        candidates.retain(|file| !self.passed_over.contains(file));
        Ok(candidates)
    }

    /// A hook looks at no more files than it could store, at its own in any case.
    fn names(&self, folder: usize, spool: &Spool) -> Result<Vec<SpoolName>, StoreError> {
        if !self.is_hook {
            return spool.names();
        }
        let mut names = spool.some_names(GROUP_LIMIT_FILES)?;
        let own = self.own.clone().filter(|own| folder == 0 && !names.contains(own));
        names.extend(own);
        Ok(names)
    }

    fn is_suspected(&self, name: &SpoolName) -> bool {
        name.attempts() > 0 || self.suspects.contains(name.stem())
    }
}
