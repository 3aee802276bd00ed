//! Where git looks for the hooks of a repository. Git itself is asked: it knows of working trees,
//! submodules, bare repositories and `core.hooksPath`.

use std::{
    ffi::OsStr,
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{command::doctor::process, environment::Environment, exit::ExitCode, failure::Failure};

/// It takes some milliseconds.
const LIMIT: Duration = Duration::from_secs(10);

/// They lead git to another repository than that of the folder. A hook of git has them set.
const OF_OTHERS: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_INDEX_FILE"];

/// The hooks of a repository.
#[derive(Debug, PartialEq, Eq)]
pub struct Hooks {
    /// Where they are; not necessarily there yet.
    pub folder: PathBuf,
    /// Whose that folder is.
    pub place: Place,
    /// Whether husky calls them.
    pub is_by_husky: bool,
}

/// Whose a folder of hooks is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Git's, for this repository.
    Own,
    /// The project's, with its other files.
    Project,
    /// That of all repositories for which it is set.
    Elsewhere,
}

/// Finds them for the repository that a folder is in.
///
/// # Errors
/// It is in none, or git cannot be asked.
pub fn hooks(environment: &Environment, folder: &Path) -> Result<Hooks, Failure> {
    let git = Git::find(environment, folder)?;
    let is_in = |what: &str| git.ask(&[what]).map(|answer| answer == Path::new("true"));
    // Hooks are called at the top, and so `core.hooksPath` is relative to it.
    let top = if is_in("--is-inside-work-tree")? {
        git.ask(&["--show-toplevel"])?
    } else if is_in("--is-bare-repository")? {
        folder.join(git.ask(&["--git-dir"])?)
    } else {
        let message = format!("`{}` is a folder of git's own", folder.display());
        return Err(Failure::new(ExitCode::NotFound, message)
            .hint("run the command in the working tree, or name that with `--repository`"));
    };
    let git = Git { folder: &top, ..git };
    let common = resolved(&top.join(git.ask(&["--git-common-dir"])?));
    let hooks = git.ask(&["--git-path", "hooks"])?;
    // Git 2.47 says the latter, and calls none all the same.
    if ["", "./"].map(OsStr::new).contains(&hooks.as_os_str()) {
        let message = "`core.hooksPath` is empty, and so git calls no hooks";
        return Err(Failure::new(ExitCode::Settings, message)
            .hint("`git config --show-origin core.hooksPath` tells where that is set"));
    }
    let hooks = resolved(&top.join(hooks));
    let is_by_husky = is_by_husky(&hooks);
    let place = if hooks.starts_with(&common) {
        Place::Own
    } else if hooks.starts_with(resolved(&top)) {
        Place::Project
    } else {
        Place::Elsewhere
    };
    let folder = hooks.parent().filter(|_| is_by_husky).unwrap_or(&hooks).to_owned();
    Ok(Hooks { folder, place, is_by_husky })
}

/// Whether the folder is husky's own (9.1), which it writes anew: each hook there calls, by the script
/// `h`, the file of its name in the folder above.
fn is_by_husky(hooks: &Path) -> bool {
    hooks.ends_with(".husky/_") || hooks.ends_with("_") && hooks.join("h").is_file()
}

/// Git, where it is to be asked.
struct Git<'f> {
    program: PathBuf,
    folder: &'f Path,
}

impl<'f> Git<'f> {
    fn find(environment: &Environment, folder: &'f Path) -> Result<Self, Failure> {
        if !folder.is_dir() {
            let message = format!("folder `{}` is not there", folder.display());
            return Err(Failure::new(ExitCode::NotFound, message));
        }
        let program = environment.find_program("git");
        let program = program
            .ok_or_else(|| Failure::new(ExitCode::NotFound, "`git` is not in the `PATH`"))?;
        Ok(Self { program, folder })
    }

    /// One answer, as the name of a folder may hold a line feed.
    fn ask(&self, what: &[&str]) -> Result<PathBuf, Failure> {
        let mut command = Command::new(&self.program);
        command.arg("rev-parse").args(what).current_dir(self.folder).env("LC_ALL", "C");
        for name in OF_OTHERS {
            command.env_remove(name);
        }
        let ended = process::run(command, b"", LIMIT).map_err(|error| self.mute(&error))?;
        if ended.is_killed {
            return Err(self.mute(&io::ErrorKind::TimedOut.into()));
        }
        if ended.code != Some(0) {
            return Err(self.refused(&ended.stderr));
        }
        let answer = ended.stdout.strip_suffix(b"\n").unwrap_or(&ended.stdout);
        Ok(PathBuf::from(OsStr::from_bytes(answer)))
    }

    fn mute(&self, error: &io::Error) -> Failure {
        let message = format!("`{}` does not answer", self.program.display());
        Failure::new(ExitCode::Io, message).caused_by(error)
    }

    fn refused(&self, said: &[u8]) -> Failure {
        let said = String::from_utf8_lossy(said);
        let folder = self.folder.display();
        if said.contains("not a git repository") {
            let message = format!("`{folder}` is in no repository of git");
            return Failure::new(ExitCode::NotFound, message).hint(
                "run the command in one, or name one: `recount setup git --repository PATH`",
            );
        }
        let said = said.lines().next().unwrap_or("it does not say why").trim();
        Failure::new(ExitCode::Io, format!("git cannot be asked about `{folder}`: {said}"))
    }
}

/// Where links lead to, also of a path of which the end is not there yet.
fn resolved(path: &Path) -> PathBuf {
    for there in path.ancestors() {
        if let (Ok(found), Ok(rest)) = (fs::canonicalize(there), path.strip_prefix(there)) {
            return if rest == Path::new("") { found } else { found.join(rest) };
        }
    }
    path.to_owned()
}
