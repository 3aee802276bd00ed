//! A world of its own for each test: nothing of the person's home, variables or git settings
//! reaches the program, and nothing that it writes outlives the test.

pub mod envelope;
mod ledger;
mod load;
mod random;
mod record;
mod run;

use std::{
    ffi::OsStr,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

pub use ledger::Ledger;
pub use load::{Input, Load, Said};
pub use random::Random;
pub use record::Record;
pub use run::{Finished, Run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_recount");

/// The shortest input that is stored as something.
pub const ENVELOPE: &str = concat!(
    r#"{"type":"message.updated","agent":"opencode","payloads":[{"session_id":"ses_1","#,
    r#""message_id":"msg_1","role":"user","generated_at_unix_ms":1795168018979}]}"#,
);

/// Folders that belong to one test.
#[must_use]
pub struct TestEnvironment {
    folder: TempDir,
}

impl TestEnvironment {
    /// An empty home with a working folder beside it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["home", "work"] {
            fs::create_dir(folder.path().join(name)).expect("a new folder");
        }
        Self { folder }
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

    /// Where that database's spool files are.
    pub fn spool(&self) -> PathBuf {
        self.path("home/.local/share/recount/recount.db.spool")
    }

    /// The file whose lock is the right to open it.
    pub fn lock(&self) -> PathBuf {
        self.path("home/.local/share/recount/recount.db.lock")
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

    /// The same under `strace` with that option.
    pub fn recount_under_strace<A: AsRef<OsStr>>(
        &self,
        option: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Run {
        let strace = self.surround(Run::new(Path::new("strace")));
        strace.arguments(["-f", "-o", "/dev/null", option, PROGRAM]).arguments(arguments)
    }

    /// A line of shell that finds the program in `$0`.
    pub fn under_shell(&self, line: &str) -> Run {
        self.surround(Run::new(Path::new("/bin/sh"))).arguments(["-c", line, PROGRAM])
    }

    fn surround(&self, run: Run) -> Run {
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
