//! The repository that git calls a hook for, and its newest commit: read from git's own files, because a
//! process more would cost the person who commits as much as all the rest (git 2.47: gitrepository-layout(5)).
//!
//! Nothing is written here.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    os::unix::ffi::OsStringExt,
    path::{Component, Path, PathBuf},
    process::Command,
    time::Duration,
};

use domain::{CommitId, Repository};
use thiserror::Error;

use crate::{command::doctor::process, environment::Environment};

/// A link of git's to another folder, or a reference, is one line with a path or a name.
const LINE_LIMIT_BYTES: u64 = 64 << 10;

/// Beyond that git is asked.
const PACKED_LIMIT_BYTES: u64 = 64 << 20;

/// Through how many names a reference may lead (`SYMREF_MAXDEPTH` of refs.h).
const NAMES_LIMIT: usize = 5;

/// For how long git is waited for, where its files are not read here.
const GIT_LIMIT: Duration = Duration::from_secs(2);

/// References that each work tree has for itself, beside `HEAD` (git-worktree(1), REFS).
const OF_ONE_WORK_TREE: [&str; 3] = ["refs/bisect/", "refs/worktree/", "refs/rewritten/"];

/// Why a commit cannot be told of.
#[derive(Debug, Error)]
pub enum Unknown {
    /// No folder above is one.
    #[error("there is no git repository here")]
    NoRepository,
    /// What git names as its folder is none.
    #[error("the git folder `{}` cannot be used", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// Its path cannot be written down.
    #[error("the path of the git folder is no UTF-8")]
    NoText,
    /// There is none, or neither we nor git can read which one.
    #[error("`HEAD` leads to no commit")]
    NoCommit,
}

/// One repository as seen from one of its work trees.
#[derive(Debug)]
pub struct Here {
    /// What all its work trees share.
    pub repository: Repository,
    /// The work tree, where there is one whose path is text.
    pub worktree: Option<String>,
    git_folder: PathBuf,
    common_folder: PathBuf,
}

/// What a reference holds.
enum Target {
    Commit(CommitId),
    Name(String),
}

impl Here {
    /// The repository that git has named, else that of the working folder. All paths are resolved.
    ///
    /// # Errors
    /// There is none, or its path is no text.
    pub fn find(environment: &Environment) -> Result<Self, Unknown> {
        let here = &environment.working_folder;
        let (git_folder, work_tree) = match &environment.git_folder {
            Some(folder) => {
                let work_tree = environment.git_work_tree.as_ref().unwrap_or(here);
                (resolved(&linked(folder))?, fs::canonicalize(work_tree).ok())
            }
            None => discover(here).ok_or(Unknown::NoRepository)?,
        };
        let common_folder = match &environment.git_common_folder {
            Some(folder) => resolved(folder)?,
            None => common_folder(&git_folder)?,
        };
        // In a bare repository git starts hooks in the git folder itself.
        let work_tree = work_tree.filter(|folder| !folder.starts_with(&git_folder));
        let worktree = work_tree.and_then(|folder| folder.into_os_string().into_string().ok());
        let path = common_folder.to_str().ok_or(Unknown::NoText)?;
        let repository = Repository::new(path).map_err(|_| Unknown::NoRepository)?;
        Ok(Self { repository, worktree, git_folder, common_folder })
    }

    /// The commit that the work tree stands on.
    ///
    /// # Errors
    /// There is none yet, or it cannot be read.
    pub fn head(&self, environment: &Environment) -> Result<CommitId, Unknown> {
        self.read_head().or_else(|| self.ask_git(environment)).ok_or(Unknown::NoCommit)
    }

    fn read_head(&self) -> Option<CommitId> {
        let mut name = "HEAD".to_owned();
        for _ in 0..NAMES_LIMIT {
            match self.target(&name)? {
                Target::Commit(id) => return Some(id),
                Target::Name(next) => name = next,
            }
        }
        None
    }

    fn target(&self, name: &str) -> Option<Target> {
        let is_own = name == "HEAD" || OF_ONE_WORK_TREE.iter().any(|own| name.starts_with(own));
        let folder = if is_own { &self.git_folder } else { &self.common_folder };
        match line(&folder.join(name)) {
            Ok(line) => target(&String::from_utf8(line).ok()?),
            // It may have been packed just now, so it is looked for there last.
            Err(_) => self.packed(name).map(Target::Commit),
        }
    }

    /// The commit of a reference in the file that holds those which change seldom.
    fn packed(&self, name: &str) -> Option<CommitId> {
        let packed = read(&self.common_folder.join("packed-refs"), PACKED_LIMIT_BYTES).ok()?;
        let line = packed.split(|&byte| byte == b'\n').find_map(|line| {
            let (id, rest) = line.split_at_checked(line.iter().position(|&byte| byte == b' ')?)?;
            (&rest[1..] == name.as_bytes()).then_some(id)
        })?;
        CommitId::new(str::from_utf8(line).ok()?).ok()
    }

    /// The same where references lie otherwise, as in a `reftable`.
    fn ask_git(&self, environment: &Environment) -> Option<CommitId> {
        let mut command = Command::new(environment.find_program("git")?);
        command.current_dir(&self.git_folder).arg("--git-dir").arg(&self.git_folder);
        command.args(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]);
        let ended = process::run(command, b"", GIT_LIMIT).ok()?;
        let said = str::from_utf8(&ended.stdout).ok()?;
        CommitId::new(said.trim_end()).ok().filter(|_| ended.code == Some(0))
    }
}

/// What a line of a reference says.
fn target(line: &str) -> Option<Target> {
    let Some(name) = line.strip_prefix("ref:") else {
        return CommitId::new(line).ok().map(Target::Commit);
    };
    let name = name.trim_start();
    let is_within = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    (name.starts_with("refs/") && is_within).then(|| Target::Name(name.to_owned()))
}

/// The git folder of the next folder upwards that has one, and that folder where it is a work tree.
fn discover(start: &Path) -> Option<(PathBuf, Option<PathBuf>)> {
    let start = fs::canonicalize(start).ok()?;
    start.ancestors().find_map(|folder| {
        let git_folder = fs::canonicalize(linked(&folder.join(".git"))).ok();
        match git_folder.filter(|found| is_git_folder(found)) {
            Some(git_folder) => Some((git_folder, Some(folder.to_owned()))),
            None => is_git_folder(folder).then(|| (folder.to_owned(), None)),
        }
    })
}

fn is_git_folder(folder: &Path) -> bool {
    let is_main = || folder.join("objects").is_dir() && folder.join("refs").exists();
    folder.join("HEAD").symlink_metadata().is_ok()
        && (folder.join("commondir").is_file() || is_main())
}

/// Where a file `.git` leads, as work trees and submodules have it; else the path itself.
fn linked(path: &Path) -> PathBuf {
    let target = line(path).ok().and_then(|line| {
        let target = line.strip_prefix(b"gitdir: ")?.to_vec();
        Some(path.parent()?.join(OsString::from_vec(target)))
    });
    target.unwrap_or_else(|| path.to_owned())
}

/// The git folder that a work tree shares with the others.
fn common_folder(git_folder: &Path) -> Result<PathBuf, Unknown> {
    match line(&git_folder.join("commondir")) {
        Ok(line) => resolved(&git_folder.join(OsString::from_vec(line))),
        Err(_) => Ok(git_folder.to_owned()),
    }
}

fn resolved(path: &Path) -> Result<PathBuf, Unknown> {
    let folder = fs::canonicalize(path).map_err(|error| Unknown::Folder(path.to_owned(), error))?;
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(Unknown::Folder(folder, io::ErrorKind::NotADirectory.into()))
    }
}

/// What a file of one line holds, without its end.
fn line(path: &Path) -> io::Result<Vec<u8>> {
    let mut line = read(path, LINE_LIMIT_BYTES)?;
    line.truncate(line.trim_ascii_end().len());
    Ok(line)
}

/// A whole file, where it is a file and not too long.
fn read(path: &Path, limit_bytes: u64) -> io::Result<Vec<u8>> {
    // What is no file, such as a pipe, could be waited on for ever.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > limit_bytes {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit_bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::{ffi::OsStrExt, fs::symlink};

    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// A repository with these files in its git folder, as seen from its work tree.
    fn here(files: &[(&str, &str)]) -> io::Result<(tempfile::TempDir, Here)> {
        let folder = tempfile::tempdir()?;
        for (name, text) in files.iter().chain(&[("objects/x", ""), ("refs/x", "")]) {
            let path = folder.path().join(".git").join(name);
            fs::create_dir_all(path.parent().expect("it has one"))?;
            fs::write(path, text)?;
        }
        let environment = seen_from(folder.path(), &[]);
        let found = Here::find(&environment).map_err(io::Error::other)?;
        Ok((folder, found))
    }

    fn seen_from(folder: &Path, variables: &[(&str, &str)]) -> Environment {
        Environment::from_variables(folder.to_owned(), |name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn a_head_is_followed_through_files_and_what_is_packed() -> io::Result<()> {
        type Case<'t> = (&'t str, Vec<(&'t str, &'t str)>, bool);
        let line = format!("{A}\n");
        let packed =
            format!("# pack-refs with: peeled\n{A} refs/heads/main\n^{A}\nx refs/tags/y\n");
        let cases: [Case<'_>; 12] = [
            ("detached", vec![("HEAD", &line)], true),
            ("loose", vec![("HEAD", "ref: refs/heads/main\n"), ("refs/heads/main", &line)], true),
            ("packed", vec![("HEAD", "ref: refs/heads/main\n"), ("packed-refs", &packed)], true),
            (
                "through a name",
                vec![
                    ("HEAD", "ref: refs/heads/a\n"),
                    ("refs/heads/a", "ref: refs/heads/main"),
                    ("packed-refs", &packed),
                ],
                true,
            ),
            ("unborn", vec![("HEAD", "ref: refs/heads/main\n")], false),
            (
                "not the name",
                vec![("HEAD", "ref: refs/heads/mai\n"), ("packed-refs", &packed)],
                false,
            ),
            (
                "packed garbage",
                vec![("HEAD", "ref: refs/tags/y\n"), ("packed-refs", &packed)],
                false,
            ),
            ("round", vec![("HEAD", "ref: refs/a\n"), ("refs/a", "ref: refs/a\n")], false),
            ("outside", vec![("HEAD", "ref: refs/../../x\n"), ("../x", &line)], false),
            ("no reference", vec![("HEAD", "ref: FETCH_HEAD\n"), ("FETCH_HEAD", &line)], false),
            ("short", vec![("HEAD", &A[1..])], false),
            ("a reftable", vec![("HEAD", "ref: refs/heads/.invalid\n"), ("refs/heads", "")], false),
        ];
        for (name, files, is_found) in cases {
            let (_folder, here) = here(&files)?;
            let found = here.read_head();
            assert_eq!(found.map(|id| id.as_str() == A), is_found.then_some(true), "{name}");
        }
        Ok(())
    }

    #[test]
    fn a_repository_is_found_from_anywhere_in_it_and_is_one_by_every_name() -> io::Result<()> {
        type Case<'t> = (&'t str, PathBuf, &'t [(&'t str, &'t str)], Option<&'t str>);
        let (folder, direct) = here(&[("HEAD", A)])?;
        let root = fs::canonicalize(folder.path())?;
        fs::create_dir_all(root.join("deep/er"))?;
        symlink(&root, root.join("deep/link"))?;
        fs::create_dir(root.join("side"))?;
        fs::write(root.join("side/.git"), "gitdir: ../.git\n")?;
        let git = root.join(".git");
        let cases: [Case<'_>; 7] = [
            ("deep", root.join("deep/er"), &[], Some("")),
            ("a link", root.join("deep/link"), &[], Some("")),
            ("a file that leads there", root.join("side"), &[], Some("side")),
            ("named", root.clone(), &[("GIT_DIR", ".git")], Some("")),
            ("named by a file", root.join("side"), &[("GIT_DIR", ".git")], Some("side")),
            (
                "named with its work tree",
                root.join("deep"),
                &[("GIT_DIR", "../.git"), ("GIT_WORK_TREE", "..")],
                Some(""),
            ),
            ("from within", git.clone(), &[("GIT_DIR", ".")], None),
        ];
        for (name, from, variables, worktree) in cases {
            let found = Here::find(&seen_from(&from, variables)).map_err(io::Error::other)?;
            assert_eq!(found.repository, direct.repository, "{name}");
            let worktree = worktree.map(|folder| root.join(folder));
            let worktree = worktree.as_ref().and_then(|folder| folder.to_str());
            let worktree = worktree.map(|folder| folder.trim_end_matches('/'));
            assert_eq!(found.worktree.as_deref(), worktree, "{name}");
        }
        Ok(())
    }

    #[test]
    fn what_is_no_repository_or_no_text_is_told() -> io::Result<()> {
        let (folder, _) = here(&[("HEAD", A)])?;
        let strange = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff"));
        fs::create_dir_all(strange.join(".git/objects"))?;
        fs::create_dir_all(strange.join(".git/refs"))?;
        fs::write(strange.join(".git/HEAD"), A)?;
        let found = Here::find(&seen_from(&strange, &[]));
        assert!(matches!(found, Err(Unknown::NoText)), "{found:?}");
        let empty = tempfile::tempdir()?;
        let found = Here::find(&seen_from(empty.path(), &[]));
        assert!(matches!(found, Err(Unknown::NoRepository)), "{found:?}");
        for wrong in ["nowhere", "/dev/null"] {
            let found = Here::find(&seen_from(empty.path(), &[("GIT_DIR", wrong)]));
            assert!(matches!(found, Err(Unknown::Folder(..))), "{found:?}");
        }
        Ok(())
    }
}
