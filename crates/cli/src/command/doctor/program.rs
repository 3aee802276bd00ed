//! The programs that are registered: whether each is there, and whether it is recount.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{
    finding::{Check, Finding},
    process,
};
use crate::environment::{self, Environment};

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
    Foreign(PathBuf),
    /// Nothing that can be run.
    Missing,
}

/// Looks programs up, each once.
pub struct Programs<'e> {
    environment: &'e Environment,
    own: Option<PathBuf>,
    known: BTreeMap<String, (Program, Finding)>,
}

impl<'e> Programs<'e> {
    /// As an agent would find them that was started where this program was.
    pub fn new(environment: &'e Environment) -> Self {
        Self { environment, own: environment::program().ok(), known: BTreeMap::new() }
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
    pub fn look(&mut self, name: &str) -> (Program, Finding) {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let looked = self.look_anew(name);
        self.known.insert(name.to_owned(), looked.clone());
        looked
    }

    fn look_anew(&self, name: &str) -> (Program, Finding) {
        let path = match self.find(name) {
            Ok(path) => path,
            Err(found) => return (Program::Missing, Finding::failure(Check::Program, found)),
        };
        let shown = shown(name, &path);
        if !self.is_recount(&path) {
            let found = format!("{shown} is not recount; what it does is not looked at");
            return (Program::Foreign(path), Finding::warning(Check::Program, found));
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

    /// By its name, or because it is this very file.
    fn is_recount(&self, path: &Path) -> bool {
        let is_own = || {
            let own = self.own.as_deref();
            own.is_some() && fs::canonicalize(path).ok().as_deref() == own
        };
        path.file_name() == Some(OsStr::new(NAME)) || is_own()
    }
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
