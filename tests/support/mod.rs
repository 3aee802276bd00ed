//! A world of its own for each test: nothing of the person's home, variables or git settings
//! reaches the program, and nothing that it writes outlives the test.

pub mod asked;
pub mod captured;
pub mod claude;
pub mod claude_corpus;
pub mod envelope;
pub mod hostile;
pub mod http;
mod ledger;
mod load;
pub mod opencode;
mod random;
mod record;
pub mod repository;
mod run;
pub mod work_tree;

use std::{
    ffi::OsStr,
    fs,
    io::{self, Write},
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::process::geteuid;
use tempfile::TempDir;

pub use ledger::Ledger;
pub use load::{Input, Load, Said};
pub use opencode::OpenCode;
pub use random::Random;
pub use record::Record;
pub use run::{Finished, Run, Running};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_recount");

/// The shortest input that is stored as something.
pub const ENVELOPE: &str = concat!(
    r#"{"type":"message.updated","agent":"opencode","payloads":[{"session_id":"ses_1","#,
    r#""message_id":"msg_1","role":"user","generated_at_unix_ms":1795168018979}]}"#,
);

/// Folders that belong to one test.
#[must_use]
pub struct TestEnvironment {
    folder: TempDir,
    user: Option<u32>,
}

impl TestEnvironment {
    /// An empty home with a working folder beside it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["home", "work"] {
            fs::create_dir(folder.path().join(name)).expect("a new folder");
        }
        Self { folder, user: None }
    }

    /// The same for somebody whom permissions bind: root writes everywhere. `None`, with a word,
    /// where the program cannot be run as such a person.
    pub fn of_a_plain_user() -> Option<Self> {
        const NOBODY: u32 = 65_534;
        let mut environment = Self::new();
        if !geteuid().is_root() {
            return Some(environment);
        }
        environment.user = Some(NOBODY);
        set_mode(environment.folder.path(), 0o711);
        for folder in [environment.home(), environment.working_folder()] {
            chown(folder, Some(NOBODY), Some(NOBODY)).expect("root may give it away");
        }
        let run = environment.recount(["--version"]).try_finish();
        if run.is_ok_and(|finished| finished.code == Some(0)) {
            return Some(environment);
        }
        say("skipped: the program cannot be run as another user");
        None
    }

    /// Writes the settings file.
    pub fn with_settings(self, text: &str) -> Self {
        let file = self.settings_file();
        fs::create_dir_all(file.parent().expect("it has one")).expect("a new folder");
        fs::write(file, text).expect("the settings are written");
        self
    }

    /// The person's folder.
    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// The folder that the program starts in.
    pub fn working_folder(&self) -> PathBuf {
        self.path("work")
    }

    /// Where the program looks for settings.
    pub fn settings_file(&self) -> PathBuf {
        self.path("home/.config/recount/config.toml")
    }

    /// Where the program puts the database that nobody named.
    pub fn default_database(&self) -> PathBuf {
        self.path("home/.local/share/recount/recount.db")
    }

    /// Where `OpenCode` keeps its data.
    pub fn opencode_folder(&self) -> PathBuf {
        self.path("home").join(".local/share/opencode")
    }

    /// Where that database's spool files are.
    pub fn spool(&self) -> PathBuf {
        self.path("home/.local/share/recount/recount.db.spool")
    }

    /// The file whose lock is the right to open it.
    pub fn lock(&self) -> PathBuf {
        self.path("home/.local/share/recount/recount.db.lock")
    }

    /// Who has that lock, or died with it.
    pub fn holder(&self) -> Option<u32> {
        let lock = fs::read_to_string(self.lock()).ok()?;
        let holder: serde_json::Value = serde_json::from_str(lock.lines().next()?).ok()?;
        u32::try_from(holder["process_id"].as_u64()?).ok()
    }

    /// The files in that database's spool, whatever they are.
    pub fn spooled(&self) -> Vec<PathBuf> {
        files_in(&self.spool())
    }

    /// Where the pieces are that nobody could read.
    pub fn quarantine(&self) -> PathBuf {
        self.path("home/.local/share/recount/recount.db.quarantine")
    }

    /// The files in that database's quarantine.
    pub fn quarantined(&self) -> Vec<PathBuf> {
        files_in(&self.quarantine())
    }

    /// What that database holds.
    pub fn record(&self) -> Record {
        Record::of(&self.default_database())
    }

    /// Hands that to the hook as plugins do.
    pub fn hook(&self, input: impl Into<Vec<u8>>) -> Run {
        self.recount(["hooks", "conversation-trace"]).input(input)
    }

    /// The program with these arguments, not started yet.
    pub fn recount<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        self.surround(Run::new(Path::new(PROGRAM))).arguments(arguments)
    }

    /// The same under `strace` with these options.
    pub fn recount_under_strace<O: AsRef<OsStr>, A: AsRef<OsStr>>(
        &self,
        options: impl IntoIterator<Item = O>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Run {
        let strace = self.surround(Run::new(Path::new("strace")));
        let strace = strace.arguments(["-f", "-o"]).arguments([self.path("trace")]);
        strace.arguments(options).arguments([PROGRAM]).arguments(arguments)
    }

    /// Whether `strace` has let a call fail the last time.
    pub fn was_disturbed(&self) -> bool {
        let trace = fs::read(self.path("trace")).expect("it was traced");
        String::from_utf8_lossy(&trace).contains("(INJECTED)")
    }

    /// A line of shell that finds the program in `$0`.
    pub fn under_shell(&self, line: &str) -> Run {
        self.surround(Run::new(Path::new("/bin/sh"))).arguments(["-c", line, PROGRAM])
    }

    /// Another program in the same world, not started yet.
    pub fn program(&self, program: &Path) -> Run {
        self.surround(Run::new(program))
    }

    fn surround(&self, run: Run) -> Run {
        let run = self.user.into_iter().fold(run, Run::user);
        run.working_folder(&self.working_folder())
            .variable("HOME", self.home())
            .variable("PATH", "/usr/local/bin:/usr/bin:/bin")
            .variable("TZ", "UTC")
            .variable("GIT_CONFIG_GLOBAL", self.path("home/.gitconfig"))
            .variable("GIT_CONFIG_NOSYSTEM", "1")
    }

    /// Runs the program with these arguments and no input.
    #[must_use]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Finished {
        self.recount(arguments).finish()
    }

    fn path(&self, name: &str) -> PathBuf {
        // As the program resolves it: the folder of temporary files may lie behind a link.
        fs::canonicalize(self.folder.path()).expect("it is there").join(name)
    }
}

/// The files in a folder by name; none in one that is not there.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

/// Says something on standard error, where the test harness lets it through.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Says what may be done with a file or folder.
pub fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

/// Waits until something is so, for as long as anybody would.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < give_up, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Whether a file is one that its writer has not finished.
pub fn is_temporary(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "tmp")
}

/// What is behind the header of a file in the spool form.
pub fn body(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).expect("it is there");
    let header = bytes.iter().position(|&byte| byte == b'\n').expect("a header is a line");
    bytes[header + 1..].to_vec()
}

/// Whether processes can be watched and disturbed; says so where they cannot.
pub fn strace_works() -> bool {
    let environment = TestEnvironment::new();
    let run = environment.recount_under_strace(["--trace=none"], ["--version"]).try_finish();
    let works = run.is_ok_and(|finished| finished.code == Some(0));
    if !works {
        say("skipped: strace cannot be used");
    }
    works
}
