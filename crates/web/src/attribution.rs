//! Which files and commits may be asked about, and how: from a line to the conversation that wrote it.
//!
//! Only folders that the record knows of are looked into, and only what git would show of them.

use std::path::{Component, Path, PathBuf};

use agent_trace::{
    git::{LineRange, Repository},
    record::Links,
};
use domain::UnixMs;
use report::attribution::{Attribution, Blame, CommitShown};
use store::{
    Store,
    query::attribution::repositories::{FolderKnown, folder_known},
};

use crate::{answers::Unanswered, parameters::Parameters, reply::Refusal};

/// What the lease is taken for.
const PURPOSE: &str = "serve";

/// The git folder within a work tree.
const GIT_FOLDER: &str = ".git";

/// A file that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WantedFile {
    /// A git folder that the record knows of, or the project of a session.
    pub repository: String,
    /// From the top of the repository on; where a project is named, from there on.
    pub path: String,
    /// The commit by any of its names; none for the work tree.
    pub revision: Option<String>,
    /// The first line …
    pub from: Option<u32>,
    /// … and the last.
    pub to: Option<u32>,
}

/// A commit that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WantedCommit {
    /// As of a file.
    pub repository: String,
    /// The commit by any of its names.
    pub revision: String,
}

impl WantedFile {
    /// # Errors
    /// Something is missing or wrong, or something else is asked for.
    pub fn of(mut parameters: Parameters) -> Result<Self, Refusal> {
        let wanted = Self {
            repository: named(&mut parameters, "repository")?,
            path: named(&mut parameters, "path")?,
            revision: parameters.take("rev"),
            from: line(&mut parameters, "from")?,
            to: line(&mut parameters, "to")?,
        };
        parameters.end()?;
        if !is_plain(&wanted.path) {
            let told = "`path` is the path of a file below the repository, without `.` and `..`";
            return Err(Refusal::Wrong(told.to_owned()));
        }
        if wanted.to.is_some_and(|to| to < wanted.from.unwrap_or(1)) {
            return Err(Refusal::Wrong("`to` is no line before `from`".to_owned()));
        }
        Ok(wanted)
    }

    /// Who wrote its lines, those between `from` and `to`.
    pub fn blame(&self, store: &Store, links: Links, now: UnixMs) -> Result<Blame, Unanswered> {
        let range = LineRange { first: self.from.unwrap_or(1), last: self.to };
        let range = Some(range).filter(|_| self.from.is_some() || self.to.is_some());
        self.blame_of(range, store, links, now)
    }

    /// Who wrote these of its lines.
    pub fn blame_of(
        &self,
        range: Option<LineRange>,
        store: &Store,
        links: Links,
        now: UnixMs,
    ) -> Result<Blame, Unanswered> {
        let found = Found::of(store, &self.repository)?;
        let path = found.path_of(&self.path);
        // What a bare repository has is what its last commit has.
        let head = found.repository.top.is_none().then_some("HEAD");
        let revision = self.revision.as_deref().or(head);
        let attribution = Attribution::new(store, found.repository, links);
        Ok(attribution.blame(&path, revision, range, now)?)
    }
}

impl WantedCommit {
    /// # Errors
    /// Something is missing or wrong, or something else is asked for.
    pub fn of(mut parameters: Parameters) -> Result<Self, Refusal> {
        let revision = named(&mut parameters, "rev")?;
        Self::of_revision(revision, parameters)
    }

    /// The one of that name.
    ///
    /// # Errors
    /// As of [`Self::of`].
    pub fn of_revision(revision: String, mut parameters: Parameters) -> Result<Self, Refusal> {
        let wanted = Self { repository: named(&mut parameters, "repository")?, revision };
        parameters.end()?;
        Ok(wanted)
    }

    /// Whose its lines are.
    pub fn show(&self, store: &Store, links: Links) -> Result<CommitShown, Unanswered> {
        let found = Found::of(store, &self.repository)?;
        Ok(Attribution::new(store, found.repository, links).commit(&self.revision)?)
    }
}

fn named(parameters: &mut Parameters, name: &str) -> Result<String, Refusal> {
    parameters.take(name).ok_or_else(|| Refusal::Wrong(format!("`{name}` is missing")))
}

fn line(parameters: &mut Parameters, name: &str) -> Result<Option<u32>, Refusal> {
    let what = "the number of a line, from 1 on";
    let line = parameters.read(name, what)?;
    match line {
        Some(0) => Err(Refusal::Wrong(format!("`{name}` is {what}"))),
        line => Ok(line),
    }
}

/// Whether a path names one file below a folder, in the only way, and none of git's own.
pub(crate) fn is_plain(path: &str) -> bool {
    let parts: Option<Vec<&str>> = Path::new(path)
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => None,
        })
        .collect();
    parts.is_some_and(|parts| {
        let is_gits = parts.iter().any(|part| part.eq_ignore_ascii_case(GIT_FOLDER));
        !is_gits && !path.contains('\0') && !parts.is_empty() && parts.join("/") == path
    })
}

/// A repository that may be looked into.
struct Found {
    repository: Repository,
    /// Where the project that was named lies in it.
    project: PathBuf,
}

impl Found {
    /// The repository of a folder that the record knows of. The lease is held for no longer than it takes to
    /// look there.
    fn of(store: &Store, folder: &str) -> Result<Self, Unanswered> {
        let known = {
            let (holder, _) = store.open_drained(PURPOSE)?;
            folder_known(&holder, folder)?
        };
        let unknown = || {
            let told = "this is no repository or project that the record knows of";
            Unanswered::Refused(Refusal::NotFound(told.to_owned()))
        };
        let (known, path) = (known.ok_or_else(unknown)?, Path::new(folder));
        if !path.is_absolute() || folder.contains('\0') {
            return Err(unknown());
        }
        if !path.is_dir() {
            let told = "the folder of this repository or project is not there any more";
            return Err(Refusal::NotFound(told.to_owned()).into());
        }
        match known {
            FolderKnown::Repository => Self::of_git_folder(path),
            FolderKnown::Project => Self::of_project(path),
        }
    }

    /// That of a git folder, in its own work tree where it has one.
    fn of_git_folder(folder: &Path) -> Result<Self, Unanswered> {
        let repository = Repository::at(folder)?;
        let own = folder.parent().filter(|_| folder.ends_with(GIT_FOLDER));
        let own = own.and_then(|top| Repository::at(top).ok());
        let own = own.filter(|own| own.common == repository.common);
        Ok(Self { repository: own.unwrap_or(repository), project: PathBuf::new() })
    }

    fn of_project(folder: &Path) -> Result<Self, Unanswered> {
        let repository = Repository::at(folder)?;
        let real = folder.canonicalize().ok();
        let project = real.zip(repository.top.as_ref()).and_then(|(real, top)| {
            let below = real.strip_prefix(top).ok()?;
            Some(below.to_owned())
        });
        Ok(Self { repository, project: project.unwrap_or_default() })
    }

    /// What the repository calls a file.
    fn path_of(&self, path: &str) -> String {
        self.project.join(path).to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_name_of_a_file_is_plain() {
        let cases = [
            ("a.rs", true),
            ("src/a b/é\u{202e}\n.rs", true),
            ("..a/b..", true),
            ("", false),
            ("/etc/passwd", false),
            ("../a.rs", false),
            ("src/../../a.rs", false),
            ("./a.rs", false),
            ("src//a.rs", false),
            ("src/./a.rs", false),
            ("src/", false),
            ("a\0b", false),
            (".git/config", false),
            ("sub/.GIT/config", false),
            (".gitignore", true),
        ];
        for (path, expected) in cases {
            assert_eq!(is_plain(path), expected, "{path:?}");
        }
    }
}
