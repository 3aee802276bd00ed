//! What surrounds the process: variables, home and working folder.
//!
//! It is read here, once, and handed on as a value; clippy refuses `std::env` anywhere else.
//! Libraries read their own: jiff takes `TZ`, clap takes `COLUMNS`.

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process,
};

/// The database to use; the command line wins over it.
pub const DATABASE: &str = "RECOUNT_DATABASE";
/// What to log, as in the setting `log`.
pub const LOG: &str = "RECOUNT_LOG";
/// The pager for long texts, a line of shell; empty or `cat` is none. It wins over [`PAGER`].
pub const RECOUNT_PAGER: &str = "RECOUNT_PAGER";
/// The same for all programs (environ(7)).
pub const PAGER: &str = "PAGER";
/// Options of less; ours are set only where there are none.
pub const LESS: &str = "LESS";
/// No colours where it is set and not empty (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";
/// `dumb` is a terminal without colours.
pub const TERM: &str = "TERM";
/// The person's own folder.
pub const HOME: &str = "HOME";
/// Where data lives (XDG Base Directory Specification 0.8).
pub const XDG_DATA_HOME: &str = "XDG_DATA_HOME";
/// Where settings live.
pub const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// Where state lives that is neither data nor settings.
pub const XDG_STATE_HOME: &str = "XDG_STATE_HOME";
/// The folder of Claude Code (2.1.328), where it is not `.claude` in [`HOME`].
pub const CLAUDE_CONFIG_DIR: &str = "CLAUDE_CONFIG_DIR";
/// The database of `OpenCode`, within its folder for data or absolute (`OpenCode` 1.18.33).
pub const OPENCODE_DB: &str = "OPENCODE_DB";
/// The folder of Codex (0.169), where it is not `.codex` in [`HOME`].
pub const CODEX_HOME: &str = "CODEX_HOME";
/// Where Gemini CLI (0.61) has its folder `.gemini`, where it is not [`HOME`].
pub const GEMINI_CLI_HOME: &str = "GEMINI_CLI_HOME";
/// Where programs are looked for by their names.
pub const PATH: &str = "PATH";
/// The git folder of the repository for which git calls a hook (git 2.47, git(1)).
pub const GIT_DIR: &str = "GIT_DIR";
/// The folder that it shares with other work trees, where git is told another than it would find.
pub const GIT_COMMON_DIR: &str = "GIT_COMMON_DIR";
/// Its work tree, where that is not the working folder.
pub const GIT_WORK_TREE: &str = "GIT_WORK_TREE";
/// Takes the engine's lock on its file away (turso 0.8.3), and with it the last guard against
/// programs that do not know our lease.
pub const LIMBO_DISABLE_FILE_LOCK: &str = "LIMBO_DISABLE_FILE_LOCK";

/// What a program needs of ours to find the same programs and files.
const INHERITED: [&str; 6] = [PATH, HOME, XDG_DATA_HOME, XDG_CONFIG_HOME, XDG_STATE_HOME, DATABASE];

/// Our folder within each of the standard folders.
const FOLDER: &str = "recount";
/// That of `OpenCode`.
const OPENCODE_FOLDER: &str = "opencode";

/// Who shows a text that is longer than the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Pager {
    /// Nobody.
    #[default]
    Off,
    /// Whoever can be found.
    Unnamed,
    /// A line of shell.
    Named {
        /// The line.
        line: OsString,
        /// Whether [`LESS`] is not set.
        wants_options: bool,
    },
}

/// What surrounds the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// [`DATABASE`], as it came.
    pub database: Option<PathBuf>,
    /// [`LOG`]; what is not Unicode in it is replaced, and no filter then.
    pub log: Option<String>,
    /// Whether a terminal may be given colours.
    pub colours: bool,
    /// Who shows long texts on a terminal.
    pub pager: Pager,
    /// The person's own folder.
    pub home: Option<PathBuf>,
    /// Where all programs keep their settings; not necessarily there.
    pub config_home: Option<PathBuf>,
    /// Our data; not necessarily there yet.
    pub data_folder: Option<PathBuf>,
    /// Our settings; not necessarily there.
    pub config_folder: Option<PathBuf>,
    /// Our state, with the outbox of the plugins; not necessarily there.
    pub state_folder: Option<PathBuf>,
    /// Where Claude Code keeps its settings and its data; not necessarily there.
    pub claude_folder: Option<PathBuf>,
    /// Where `OpenCode` keeps its data; not necessarily there.
    pub opencode_folder: Option<PathBuf>,
    /// The database that [`OPENCODE_DB`] names; not necessarily there.
    pub opencode_database: Option<PathBuf>,
    /// Where Codex keeps its settings and its data; not necessarily there.
    pub codex_folder: Option<PathBuf>,
    /// Where Gemini CLI (0.61) keeps its settings and its data; not necessarily there.
    pub gemini_folder: Option<PathBuf>,
    /// [`GIT_DIR`]: for which repository git calls.
    pub git_folder: Option<PathBuf>,
    /// [`GIT_COMMON_DIR`].
    pub git_common_folder: Option<PathBuf>,
    /// [`GIT_WORK_TREE`].
    pub git_work_tree: Option<PathBuf>,
    /// The folder that relative paths start from.
    pub working_folder: PathBuf,
    /// The variables that are set of those that a program needs of ours to find the same files.
    pub inherited: Vec<(&'static str, OsString)>,
    /// Which permissions new files of the person do not get.
    pub umask: u32,
    /// Whether [`LIMBO_DISABLE_FILE_LOCK`] is set.
    pub engine_lock_disabled: bool,
}

impl Environment {
    /// Reads the process's own. Its mask is changed right at the start, so it has to be handed in.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads them")]
    pub fn read(umask: u32) -> Self {
        let working_folder = std::env::current_dir().unwrap_or_default();
        let variables = Self::from_variables(working_folder, |name| std::env::var_os(name));
        Self { umask, ..variables }
    }

    /// Makes one from variables; an empty one counts as not set.
    ///
    /// The home folder is [`HOME`] and nothing else: asking the C library for it needs its name
    /// service, which a statically linked program loads at run time from whatever it finds.
    pub fn from_variables(
        working_folder: PathBuf,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let folder = |name| set(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
        let home = folder(HOME);
        let base = |name, below_home| {
            folder(name).or_else(|| home.as_ref().map(|home| home.join(below_home)))
        };
        let ours = |name, below_home| Some(base(name, below_home)?.join(FOLDER));
        let claude_folder = set(CLAUDE_CONFIG_DIR)
            .map(|folder| working_folder.join(folder))
            .or_else(|| Some(home.as_ref()?.join(".claude")));
        let opencode_folder =
            base(XDG_DATA_HOME, ".local/share").map(|data| data.join(OPENCODE_FOLDER));
        let codex_folder = set(CODEX_HOME)
            .map(|folder| working_folder.join(folder))
            .or_else(|| Some(home.as_ref()?.join(".codex")));
        let gemini_home = set(GEMINI_CLI_HOME).map(|folder| working_folder.join(folder));
        let gemini_home = gemini_home.or_else(|| home.clone());
        let gemini_folder = gemini_home.map(|home| home.join(".gemini"));
        let git = |name| set(name).map(|folder| working_folder.join(folder));
        let git_folders = [GIT_DIR, GIT_COMMON_DIR, GIT_WORK_TREE].map(git);
        let [git_folder, git_common_folder, git_work_tree] = git_folders;
        let in_memory = |name: &OsString| name == ":memory:";
        let opencode_database = set(OPENCODE_DB)
            .filter(|name| !in_memory(name))
            .and_then(|name| Some(opencode_folder.as_ref()?.join(name)));
        Self {
            database: set(DATABASE).map(PathBuf::from),
            log: set(LOG).map(|log| log.to_string_lossy().into_owned()),
            colours: set(NO_COLOR).is_none() && set(TERM).as_deref() != Some(OsStr::new("dumb")),
            pager: pager(&variable),
            config_home: base(XDG_CONFIG_HOME, ".config"),
            data_folder: ours(XDG_DATA_HOME, ".local/share"),
            config_folder: ours(XDG_CONFIG_HOME, ".config"),
            state_folder: ours(XDG_STATE_HOME, ".local/state"),
            claude_folder,
            opencode_folder,
            opencode_database,
            codex_folder,
            gemini_folder,
            git_folder,
            git_common_folder,
            git_work_tree,
            inherited: INHERITED.iter().filter_map(|name| Some((*name, set(name)?))).collect(),
            working_folder,
            umask: 0o077,
            engine_lock_disabled: variable(LIMBO_DISABLE_FILE_LOCK).is_some(),
            home,
        }
    }

    /// The same where nobody wants a pager.
    pub fn without_pager(self) -> Self {
        Self { pager: Pager::Off, ..self }
    }

    /// The folders in which programs are looked for by their names.
    pub fn search_path(&self) -> Vec<PathBuf> {
        let path = self.inherited.iter().find(|(name, _)| *name == PATH);
        path.map(|(_, path)| std::env::split_paths(path).collect()).unwrap_or_default()
    }

    /// Where a program is. Of the `PATH` only what is absolute counts: the rest would mean another
    /// place in another folder.
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        let folders = self.search_path().into_iter().filter(|folder| folder.is_absolute());
        folders.map(|folder| folder.join(name)).find(|path| is_executable(path))
    }

    /// The same path seen from everywhere; links stay as they are.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.working_folder.join(path)
    }
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The pager that is named, and whether one is wanted.
fn pager(variable: &impl Fn(&str) -> Option<OsString>) -> Pager {
    match variable(RECOUNT_PAGER).or_else(|| variable(PAGER)) {
        Some(line) if matches!(line.to_string_lossy().trim(), "" | "cat") => Pager::Off,
        Some(line) => Pager::Named { line, wants_options: variable(LESS).is_none() },
        // It could not move the cursor there.
        None if variable(TERM).is_none_or(|term| term.is_empty() || term == "dumb") => Pager::Off,
        None => Pager::Unnamed,
    }
}

/// The absolute path of this program, whatever links it was started through.
///
/// # Errors
/// It is gone, as after an update.
#[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
pub fn program() -> io::Result<PathBuf> {
    std::env::current_exe()?.canonicalize()
}

/// Replaces this process by itself without [`LIMBO_DISABLE_FILE_LOCK`]: unsetting a variable in
/// a running process is unsound. Nothing may have been read from standard input before.
///
/// # Errors
/// Always, as success does not return.
#[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
pub fn start_again_with_engine_lock() -> io::Error {
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    match std::env::current_exe() {
        Err(error) => error,
        Ok(program) => process::Command::new(program)
            .arg0(name)
            .args(arguments)
            .env_remove(LIMBO_DISABLE_FILE_LOCK)
            .exec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::from_variables(PathBuf::from("/work"), |name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn folders_follow_xdg_then_home() {
        type Case = (&'static str, &'static [(&'static str, &'static str)], Option<&'static str>);
        let cases: [Case; 7] = [
            ("neither", &[], None),
            ("home", &[(HOME, "/h")], Some("/h/.local/share/recount")),
            ("xdg", &[(HOME, "/h"), (XDG_DATA_HOME, "/d")], Some("/d/recount")),
            ("xdg alone", &[(XDG_DATA_HOME, "/d")], Some("/d/recount")),
            ("empty", &[(HOME, "/h"), (XDG_DATA_HOME, "")], Some("/h/.local/share/recount")),
            ("relative", &[(HOME, "/h"), (XDG_DATA_HOME, "d")], Some("/h/.local/share/recount")),
            ("relative home", &[(HOME, "h")], None),
        ];
        for (name, variables, expected) in cases {
            let found = environment(variables).data_folder;
            assert_eq!(found.as_deref(), expected.map(Path::new), "{name}");
        }
    }

    #[test]
    fn settings_and_state_have_folders_of_their_own() {
        let environment = environment(&[(HOME, "/h"), (XDG_STATE_HOME, "/s")]);
        assert_eq!(environment.config_folder.as_deref(), Some(Path::new("/h/.config/recount")));
        assert_eq!(environment.state_folder.as_deref(), Some(Path::new("/s/recount")));
    }

    #[test]
    fn claude_codes_folder_is_in_home_unless_it_is_named() {
        type Case = (&'static [(&'static str, &'static str)], Option<&'static str>);
        let cases: [Case; 4] = [
            (&[], None),
            (&[(HOME, "/h")], Some("/h/.claude")),
            (&[(HOME, "/h"), (CLAUDE_CONFIG_DIR, "/c")], Some("/c")),
            (&[(CLAUDE_CONFIG_DIR, "c")], Some("/work/c")),
        ];
        for (variables, expected) in cases {
            let found = environment(variables).claude_folder;
            assert_eq!(found.as_deref(), expected.map(Path::new), "{variables:?}");
        }
    }

    #[test]
    fn colours_are_refused_by_a_variable_that_is_not_empty_or_a_dumb_terminal() {
        let cases: [(&[(&str, &str)], bool); 5] = [
            (&[], true),
            (&[(NO_COLOR, "")], true),
            (&[(NO_COLOR, "0")], false),
            (&[(TERM, "dumb")], false),
            (&[(TERM, "xterm")], true),
        ];
        for (variables, expected) in cases {
            assert_eq!(environment(variables).colours, expected, "{variables:?}");
        }
    }

    #[test]
    fn a_pager_is_the_one_that_is_named_if_any_is_wanted() {
        let named = |line: &str, wants_options| Pager::Named { line: line.into(), wants_options };
        let term = (TERM, "xterm");
        let cases = [
            (vec![], Pager::Off),
            (vec![(TERM, "dumb")], Pager::Off),
            (vec![term], Pager::Unnamed),
            (vec![term, (PAGER, "more")], named("more", true)),
            (vec![term, (PAGER, "less"), (LESS, "R")], named("less", false)),
            (vec![term, (PAGER, "cat")], Pager::Off),
            (vec![term, (PAGER, "more"), (RECOUNT_PAGER, "")], Pager::Off),
            (vec![term, (PAGER, "cat"), (RECOUNT_PAGER, "most -s")], named("most -s", true)),
        ];
        for (variables, expected) in cases {
            assert_eq!(environment(&variables).pager, expected, "{variables:?}");
        }
    }

    #[test]
    fn an_empty_variable_is_not_set_but_still_takes_the_engine_lock_away() {
        let environment = environment(&[(DATABASE, ""), (LOG, ""), (LIMBO_DISABLE_FILE_LOCK, "")]);
        assert_eq!((&environment.database, &environment.log), (&None, &None));
        assert!(environment.engine_lock_disabled);
    }

    #[test]
    fn a_relative_path_starts_from_the_working_folder() {
        let environment = environment(&[]);
        assert_eq!(environment.absolute(Path::new("x.db")), Path::new("/work/x.db"));
        assert_eq!(environment.absolute(Path::new("/x.db")), Path::new("/x.db"));
    }
}
