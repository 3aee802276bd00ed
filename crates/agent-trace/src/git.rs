//! What git knows of a repository, asked of the program itself.
//!
//! A repository may be anybody's: nothing that it configures is run, nothing is fetched, and what a person
//! typed never reaches git as an option. Every answer is bounded by what the repository holds.

mod blame;
mod commits;
mod notes;
mod texts;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use thiserror::Error;

pub use self::{
    blame::{Blamed, BlamedLine, LineRange},
    commits::{Change, Commit},
};

/// Why git has no answer.
#[derive(Debug, Error)]
pub enum GitError {
    /// There is no such program, or it cannot be run.
    #[error("git cannot be run")]
    Run(#[source] io::Error),
    /// The folder is in no repository.
    #[error("`{}` is in no git repository", .0.display())]
    NoRepository(PathBuf),
    /// Git refused: the words are its own.
    #[error("git {action} failed: {said}")]
    Failed {
        /// What was asked.
        action: &'static str,
        /// The last line that it wrote to standard error, of those that say why it ended if there are any.
        said: String,
    },
    /// No commit has that name.
    #[error("`{0}` is no commit of this repository")]
    NoCommit(String),
    /// The file is not there.
    #[error("`{path}` is not in `{revision}`")]
    NoFile {
        /// The file.
        path: String,
        /// Where it was looked for.
        revision: String,
    },
    /// The answer is of no form that we know.
    #[error("git {action} said something that cannot be read")]
    Answer {
        /// What was asked.
        action: &'static str,
    },
    /// A patch of git's own cannot be read.
    #[error("a patch of git's cannot be read")]
    Patch(#[from] crate::patch::PatchError),
}

/// A repository, and one of its work trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The folder that all work trees share: what the repository is known by.
    pub common: PathBuf,
    /// The git folder of the work tree.
    folder: PathBuf,
    /// The top of the work tree; a bare repository has none.
    pub top: Option<PathBuf>,
}

/// Settings of a repository that could run something or change what is told.
const SAFE: [&str; 12] = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "log.showSignature=false",
    "-c",
    "core.quotePath=true",
    "-c",
    "diff.orderFile=/dev/null",
    "--no-pager",
    "--literal-pathspecs",
];

/// Where git's own processes are told what to look at by others; we say it ourselves.
const TELLING: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
];

impl Repository {
    /// The repository that a folder is in.
    ///
    /// # Errors
    /// It is in none, or git cannot be run.
    pub fn at(folder: &Path) -> Result<Self, GitError> {
        Self::found(folder, &|command| {
            for variable in TELLING {
                command.env_remove(variable);
            }
        })
    }

    /// The repository that git finds from a folder, where `GIT_DIR` and its like name another one, too.
    ///
    /// # Errors
    /// There is none, or git cannot be run.
    pub fn here(folder: &Path) -> Result<Self, GitError> {
        Self::found(folder, &|_| {})
    }

    fn found(folder: &Path, prepare: &dyn Fn(&mut Command)) -> Result<Self, GitError> {
        let ask = || {
            let mut command = Command::new("git");
            prepare(&mut command);
            command.arg("-C").arg(folder).args(["rev-parse", "--path-format=absolute"]);
            command
        };
        let mut command = ask();
        command.args(["--git-common-dir", "--absolute-git-dir"]);
        let output =
            answer(&mut command, "rev-parse", &[]).map_err(|error| no_repository(error, folder))?;
        let paths = lines(&output);
        let [common, git_folder] = paths.as_slice() else {
            return Err(GitError::Answer { action: "rev-parse" });
        };
        let top = answer(ask().arg("--show-toplevel"), "rev-parse", &[]);
        let top = top.ok().and_then(|top| lines(&top).pop());
        Ok(Self { common: real(common), folder: real(git_folder), top: top.map(|top| real(&top)) })
    }

    /// What the repository is known by in the record.
    pub fn name(&self) -> String {
        self.common.to_string_lossy().into_owned()
    }

    /// The tops of all work trees, this one first.
    ///
    /// # Errors
    /// Git failed.
    pub fn tops(&self) -> Result<Vec<PathBuf>, GitError> {
        let listed = self.ask("worktree", &["worktree", "list", "--porcelain", "-z"], &[])?;
        let listed =
            listed.split(|byte| *byte == 0).filter_map(|line| line.strip_prefix(b"worktree "));
        let mut tops: Vec<PathBuf> = self.top.iter().cloned().collect();
        for top in listed.map(path) {
            let top = real(&top);
            if !tops.contains(&top) {
                tops.push(top);
            }
        }
        Ok(tops)
    }

    /// The commit of a name that a person gave.
    ///
    /// # Errors
    /// There is none.
    pub fn commit_named(&self, name: &str) -> Result<String, GitError> {
        let wanted = format!("{name}^{{commit}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
        let found = self.ask("rev-parse", &arguments, &[]);
        let found = found.ok().and_then(|found| String::from_utf8(found).ok());
        // `^name` is no commit but all that it does not lead to.
        let is_id = |found: &String| found.bytes().all(|byte| byte.is_ascii_hexdigit());
        let found = found.map(|found| found.trim().to_owned());
        let found = found.filter(|found| !found.is_empty() && is_id(found));
        found.ok_or_else(|| GitError::NoCommit(name.to_owned()))
    }

    /// The answer of git in this repository, with what it is to read on standard input.
    pub(crate) fn ask(
        &self,
        action: &'static str,
        arguments: &[&str],
        input: &[u8],
    ) -> Result<Vec<u8>, GitError> {
        answer(self.command().args(arguments), action, input)
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.args(SAFE).arg("--git-dir").arg(&self.folder);
        if let Some(top) = &self.top {
            command.arg("-C").arg(top).arg("--work-tree").arg(top);
        }
        for variable in TELLING {
            command.env_remove(variable);
        }
        command
    }
}

fn no_repository(error: GitError, folder: &Path) -> GitError {
    match error {
        GitError::Failed { said, .. } if said.contains("not a git repository") => {
            GitError::NoRepository(folder.to_owned())
        }
        other => other,
    }
}

/// Runs git to its end.
fn answer(command: &mut Command, action: &'static str, input: &[u8]) -> Result<Vec<u8>, GitError> {
    command
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(GitError::Run)?;
    let stdin = child.stdin.take();
    let output = thread::scope(|scope| {
        // It answers before it has read all, so somebody else writes. Who does not read on says why.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output()
    });
    let output = output.map_err(GitError::Run)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines = said.lines().rev().filter(|line| !line.trim().is_empty());
    let fatal = lines.clone().find(|line| line.starts_with("fatal: "));
    let said = fatal.or(lines.clone().next()).unwrap_or_default();
    Err(GitError::Failed { action, said: said.trim().to_owned() })
}

fn lines(output: &[u8]) -> Vec<PathBuf> {
    let output = output.strip_suffix(b"\n").unwrap_or(output);
    output.split(|byte| *byte == b'\n').map(path).collect()
}

fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// Without links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
