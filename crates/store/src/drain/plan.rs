//! Which spool files come next: the hook's own first, the others in groups, the suspected alone.
//!
//! The folders are listed once, so that a drain ends however fast others hand over.

use std::{
    collections::{BTreeSet, VecDeque},
    fs,
};

use crate::{
    StoreError,
    spool::{Spool, SpoolName},
};

/// A group has at most this many files …
const GROUP_LIMIT_FILES: usize = 1_000;
/// … and this many bytes, unless it is one file.
const GROUP_LIMIT_BYTES: u64 = 8 << 20;
/// A hook leaves a larger file of another to a command: it could not finish it in time.
const HOOK_LIMIT_BYTES: u64 = 1 << 20;

/// A file that may be drained.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// This one by itself.
    Alone(Candidate),
}

/// Who drains.
#[derive(Clone, Debug)]
pub(super) enum Who {
    /// A hook looks at no more files than it could store, at its own in any case.
    Hook { own: Option<SpoolName> },
    /// A command takes all there are.
    Command,
}

/// A hook leaves even its own file to a command if it is longer: to read it takes too long.
pub const HOOK_OWN_LIMIT_BYTES: u64 = 8 << 20;

/// What is left to try.
pub(super) struct Plan {
    folders: Vec<Spool>,
    who: Who,
    together: VecDeque<Candidate>,
    alone: VecDeque<Candidate>,
    /// Suspected, and too long for a hook: the next one has to be as careful.
    set_aside: Vec<Candidate>,
}

impl Plan {
    /// Lists the folders; the files named in `left_behind` were in hand when a holder died.
    pub(super) fn new(
        folders: Vec<Spool>,
        who: Who,
        left_behind: &[String],
    ) -> Result<Self, StoreError> {
        let (together, alone, set_aside) = (VecDeque::new(), VecDeque::new(), Vec::new());
        let mut plan = Self { folders, who, together, alone, set_aside };
        let suspects: Vec<_> =
            left_behind.iter().filter_map(|name| SpoolName::parse(name)).collect();
        let stems: BTreeSet<&str> = suspects.iter().map(SpoolName::stem).collect();
        for (folder, name) in plan.list(&suspects)? {
            let is_suspected = name.attempts() > 0 || stems.contains(name.stem());
            let file = Candidate { folder, name };
            if is_suspected {
                plan.alone.push_back(file);
            } else if plan.is_own(&file) {
                plan.together.push_front(file);
            } else {
                plan.together.push_back(file);
            }
        }
        Ok(plan)
    }

    /// The folder of a file.
    pub(super) fn spool(&self, file: &Candidate) -> &Spool {
        &self.folders[file.folder]
    }

    /// What failed with others, or alone, and may be tried alone.
    pub(super) fn suspect(&mut self, file: Candidate) {
        if self.may_try(&file.name) {
            self.alone.push_back(file);
        }
    }

    /// The files that are suspected still.
    pub(super) fn suspects(&self) -> impl Iterator<Item = &Candidate> {
        self.alone.iter().chain(&self.set_aside)
    }

    pub(super) fn is_own(&self, file: &Candidate) -> bool {
        match &self.who {
            Who::Hook { own: Some(own) } => file.folder == 0 && own.stem() == file.name.stem(),
            Who::Hook { own: None } | Who::Command => false,
        }
    }

    /// What to try next.
    pub(super) fn next(&mut self) -> Next {
        let group = self.group();
        if !group.is_empty() {
            return Next::Group(group);
        }
        while let Some(file) = self.alone.pop_front() {
            if self.length(&file).is_some() {
                return Next::Alone(file);
            }
            if self.spool(&file).path(&file.name).exists() {
                self.set_aside.push(file);
            }
        }
        Next::Nothing
    }

    /// As many of the files, from the first, as go together.
    fn group(&mut self) -> Vec<Candidate> {
        let (mut group, mut total_bytes) = (Vec::new(), 0);
        while let Some(file) = self.together.pop_front() {
            let Some(bytes) = self.length(&file) else { continue };
            total_bytes += bytes;
            let is_full = group.len() == GROUP_LIMIT_FILES || total_bytes > GROUP_LIMIT_BYTES;
            if is_full && !group.is_empty() {
                self.together.push_front(file);
                break;
            }
            group.push(file);
        }
        group
    }

    /// How long a file is; `None` for one that is gone, or too long for a hook.
    fn length(&self, file: &Candidate) -> Option<u64> {
        let metadata = fs::metadata(self.spool(file).path(&file.name)).ok()?;
        let fits = match self.who {
            Who::Hook { .. } if self.is_own(file) => metadata.len() <= HOOK_OWN_LIMIT_BYTES,
            Who::Hook { .. } => metadata.len() <= HOOK_LIMIT_BYTES,
            Who::Command => true,
        };
        fits.then_some(metadata.len())
    }

    /// The files of all folders, oldest first in each.
    fn list(&self, suspects: &[SpoolName]) -> Result<Vec<(usize, SpoolName)>, StoreError> {
        let mut found = Vec::new();
        for (folder, spool) in self.folders.iter().enumerate() {
            let names = match &self.who {
                Who::Command => spool.names(),
                Who::Hook { .. } => spool.some_names(GROUP_LIMIT_FILES),
            };
            let mut names = match names {
                // An outbox that cannot be read keeps nobody from the spool; sweeping it tells.
                Err(_) if folder > 0 => continue,
                names => names?,
            };
            if let (Who::Hook { own }, 0) = (&self.who, folder) {
                let missing = own.iter().chain(suspects).filter(|name| !names.contains(name));
                names.extend(missing.cloned().collect::<Vec<_>>());
            }
            names.retain(|name| self.may_try(name));
            found.extend(names.into_iter().map(|name| (folder, name)));
        }
        Ok(found)
    }

    fn may_try(&self, name: &SpoolName) -> bool {
        match self.who {
            Who::Hook { .. } => name.is_for_hooks(),
            Who::Command => true,
        }
    }
}
