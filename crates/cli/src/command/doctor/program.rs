//! The programs that are registered: whether each is there, and whether it is recount.
//!
//! A program is run if it is this very file. Any other is run if it is called recount, nobody but
//! the person and root can change it, and it is the person who has it called: what a project names
//! or holds is anybody's, and a look from its folder must not run it.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use report::health::{Check, Finding};
use rustix::process::{getegid, geteuid};

use super::process;
use crate::{
    command::setup::{project_root, registration::Origin},
    environment::{self, Environment},
};

/// How long a program may take to say its version.
const LIMIT: Duration = Duration::from_secs(2);

const VERSION: &str = env!("CARGO_PKG_VERSION");
const NAME: &str = "recount";

/// What a registered program turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// Recount, which may be run.
    Recount(PathBuf),
    /// Something else, which is left alone.
    Foreign,
    /// Recount by its name, but nobody knows whose.
    Withheld,
    /// Nothing that can be run.
    Missing,
}

/// Looks programs up, each once.
pub struct Programs<'e> {
    environment: &'e Environment,
    own: Option<PathBuf>,
    project: Option<PathBuf>,
    known: BTreeMap<(String, Origin), (Program, Finding)>,
}

impl<'e> Programs<'e> {
    /// As an agent would find them that was started where this program was.
    pub fn new(environment: &'e Environment) -> Self {
        let project = project_root(environment).ok().map(resolved);
        let home = environment.home.as_deref().map(resolved);
        // All that is the person's lies in a project that holds their own folder.
        let project = project.filter(|root| home.is_none_or(|home| !home.starts_with(root)));
        Self { environment, own: environment::program().ok(), project, known: BTreeMap::new() }
    }

    /// What is known of the program that runs.
    pub fn own(&self) -> Finding {
        match &self.own {
            Some(path) => {
                Finding::good(Check::Recount, format!("version {VERSION}, `{}`", path.display()))
            }
            None => Finding::warning(Check::Recount, "its file is not there any more")
                .advised("it was replaced while it ran; run the command again"),
        }
    }

    /// What a registered name or path leads to, and what there is to say of it.
    pub fn look(&mut self, name: &str, origin: Origin) -> (Program, Finding) {
        let key = (name.to_owned(), origin);
        let looked = self.known.get(&key).cloned().unwrap_or_else(|| self.look_anew(name, origin));
        self.known.insert(key, looked.clone());
        looked
    }

    fn look_anew(&self, name: &str, origin: Origin) -> (Program, Finding) {
        let path = match self.find(name) {
            Ok(path) => path,
            Err(found) => return (Program::Missing, Finding::failure(Check::Program, found)),
        };
        let shown = shown(name, &path);
        if !self.is_own(&path) {
            if path.file_name() != Some(OsStr::new(NAME)) {
                let found = format!("{shown} is not recount, and was not run");
                return (Program::Foreign, Finding::warning(Check::Program, found));
            }
            if let Some((reason, advice)) = self.why_withheld(name, &path, origin) {
                let found = format!("{shown} was not run: {reason}");
                let finding = Finding::warning(Check::Program, found).advised(advice);
                return (Program::Withheld, finding);
            }
        }
        let finding = match version(&path) {
            Ok(version) if version == VERSION => {
                Finding::good(Check::Program, format!("{shown} version {version}"))
            }
            Ok(version) => {
                let found = format!("{shown} is version {version}, and this is {VERSION}");
                Finding::warning(Check::Program, found)
            }
            Err(reason) => {
                let found = format!("{shown} does not say its version: {reason}");
                Finding::failure(Check::Program, found)
            }
        };
        (Program::Recount(path), finding)
    }

    fn find(&self, name: &str) -> Result<PathBuf, String> {
        if name.contains('/') {
            let path = self.environment.absolute(Path::new(name));
            return match is_executable(&path) {
                Some(true) => Ok(path),
                Some(false) => Err(format!("`{name}` cannot be run")),
                None => Err(format!("`{name}` is not there")),
            };
        }
        let mut candidates =
            self.environment.search_path().into_iter().map(|folder| folder.join(name));
        let found = candidates.find(|candidate| is_executable(candidate) == Some(true));
        found.ok_or_else(|| format!("`{name}` is not in the `PATH`"))
    }

    /// Whether it is this very file.
    fn is_own(&self, path: &Path) -> bool {
        let file = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino())).ok();
        let own = self.own.as_deref().and_then(file);
        own.is_some() && file(path) == own
    }

    /// Why it must not be run, and what to do.
    fn why_withheld(
        &self,
        name: &str,
        path: &Path,
        origin: Origin,
    ) -> Option<(&'static str, &'static str)> {
        const LOOK: &str = "look at it and at the project's settings before an agent works here";
        let is_in_project =
            self.project.as_ref().is_some_and(|project| resolved(path).starts_with(project));
        if origin == Origin::Project && name.contains('/') {
            Some(("it is registered by this project", LOOK))
        } else if is_in_project {
            Some(("it lies in this project", LOOK))
        } else if !is_safe(path) {
            Some((
                "others can change it",
                "see that it and its folder are yours or root's, and that nobody else can write there",
            ))
        } else {
            None
        }
    }
}

/// Where links lead to; the path itself where that is nowhere.
fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or(path.to_owned())
}

/// Whether nobody but the person and root can put something else into the file, or in its place.
fn is_safe(path: &Path) -> bool {
    let file = resolved(path);
    // The folder of a link, too: somebody else could have it lead elsewhere.
    let folders = [path.parent(), file.parent()].into_iter().flatten();
    [&*file].into_iter().chain(folders).all(|path| {
        fs::metadata(path).is_ok_and(|found| {
            let is_ours = found.uid() == geteuid().as_raw() || found.uid() == 0;
            // A person has a group of their own where groups may write by default.
            let is_own_group = found.gid() == getegid().as_raw();
            let writers = if is_own_group { 0o002 } else { 0o022 };
            is_ours && found.mode() & writers == 0
        })
    })
}

/// The name as it is registered, and where it leads to where that says more.
fn shown(name: &str, path: &Path) -> String {
    if Path::new(name) == path {
        format!("`{name}`")
    } else {
        format!("`{name}`, found at `{}`,", path.display())
    }
}

/// Whether a file can be run; `None` where there is none.
fn is_executable(path: &Path) -> Option<bool> {
    let metadata = fs::metadata(path).ok()?;
    Some(metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn version(path: &Path) -> Result<String, String> {
    let mut command = Command::new(path);
    command.arg("--version").env_clear();
    let ended = process::run(command, b"", LIMIT).map_err(|error| error.to_string())?;
    if ended.is_killed {
        return Err(format!("it did not answer within {} seconds", LIMIT.as_secs()));
    }
    let said = String::from_utf8_lossy(&ended.stdout);
    let version = said.trim_end().strip_prefix(NAME).map(str::trim_start);
    let version = version.filter(|version| ended.code == Some(0) && !version.is_empty());
    version.map(str::to_owned).ok_or_else(|| "it answers something else".to_owned())
}
