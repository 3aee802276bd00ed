//! Claude Code 2.1 in a home of its own, with no way to any host but the scripted model.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    rc::Rc,
};

use serde_json::{Value, json};

use super::super::{
    mock::Mock,
    surroundings::{Clock, ROOT, agent, make_repository, programs, recount_with_agents},
};
use crate::support::{Finished, PROGRAM, Run, TestEnvironment};

/// A key that no host takes, and that is nowhere to be found afterwards.
pub const KEY: &str = "sk-ant-nobodys-key";

/// Claude Code, its model and the person's home.
pub struct ClaudeCode {
    environment: Rc<TestEnvironment>,
    mock: Mock,
    /// Where the person wants its settings and transcripts, if not where they are by default.
    folder: Option<PathBuf>,
    _clock: Clock,
}

impl ClaudeCode {
    /// With the plugin from a clone, which hands over to the program under test, and with a folder
    /// of settings and transcripts that a variable names.
    pub fn new() -> Self {
        Self::without_plugin().with_plugin()
    }

    /// The same in the world, and in the repository, of another agent.
    pub fn beside(environment: Rc<TestEnvironment>) -> Self {
        Self::in_repository(environment).with_plugin()
    }

    fn with_plugin(self) -> Self {
        let mut claude = self;
        claude.folder = Some(claude.environment.home().join("claude"));
        claude.allow_tools();
        claude.install_plugin();
        claude
    }

    /// As it comes.
    pub fn without_plugin() -> Self {
        let environment = TestEnvironment::new();
        make_repository(&environment);
        Self::in_repository(Rc::new(environment))
    }

    fn in_repository(environment: Rc<TestEnvironment>) -> Self {
        let mock = Mock::start(&environment.working_folder());
        let claude = Self { environment, mock, folder: None, _clock: Clock::start() };
        // The plugin's hooks look for it there.
        fs::create_dir(claude.programs()).expect("a new folder");
        symlink(PROGRAM, claude.programs().join("recount")).expect("a new link");
        claude.allow_tools();
        claude
    }

    /// There is nobody to be asked.
    fn allow_tools(&self) {
        let tools = ["Agent", "Bash", "Edit", "Read", "TaskCreate", "TaskUpdate", "Write"];
        let settings = json!({ "permissions": { "allow": tools } });
        fs::create_dir_all(self.folder()).expect("a folder");
        fs::write(self.folder().join("settings.json"), settings.to_string()).expect("a new file");
    }

    /// Installs the plugin from what a clone of the repository has of it.
    fn install_plugin(&self) {
        let clone = self.environment.home().join("clone");
        for folder in [".claude-plugin", "plugins/claude-code"] {
            copy_folder(&Path::new(ROOT).join(folder), &clone.join(folder));
        }
        let clone = clone.display().to_string();
        for arguments in [["marketplace", "add", &clone], ["install", "recount@recount", "--json"]]
        {
            let run = self.command(&["plugin"]).arguments(arguments);
            let _ = run.finish().ends_with(0);
        }
    }

    /// The world that it lives in.
    pub fn environment(&self) -> &TestEnvironment {
        &self.environment
    }

    /// Where its settings and transcripts are.
    fn folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(|| self.environment.home().join(".claude"))
    }

    fn programs(&self) -> PathBuf {
        self.environment.home().join("programs")
    }

    /// Recount as the person runs it.
    pub fn recount(&self, arguments: &[&str]) -> Run {
        self.at_home(self.environment.recount(arguments))
    }

    fn at_home(&self, run: Run) -> Run {
        self.folder.iter().fold(run, |run, folder| run.variable("CLAUDE_CONFIG_DIR", folder))
    }

    /// Claude Code with these arguments, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Run {
        self.with_model(agent(&self.environment, "claude")).arguments(arguments)
    }

    /// Recount, which goes on with a session of it, not started yet.
    pub fn resume(&self, arguments: &[&str]) -> Run {
        let run = recount_with_agents(&self.environment, &["session", "resume"]);
        self.with_model(run).arguments(arguments)
    }

    fn with_model(&self, run: Run) -> Run {
        let [ours, theirs] =
            [self.programs(), programs()].map(|folder| folder.display().to_string());
        self.at_home(run)
            .variable("PATH", format!("{ours}:{theirs}:/usr/local/bin:/usr/bin:/bin"))
            .variable("ANTHROPIC_BASE_URL", self.mock.url())
            .variable("ANTHROPIC_API_KEY", KEY)
            .variable("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
            .variable("DISABLE_AUTOUPDATER", "1")
            .variable("DISABLE_ERROR_REPORTING", "1")
            .variable("DISABLE_TELEMETRY", "1")
    }

    /// One prompt that the model answers from that script, not started yet.
    pub fn prompt(&self, script: &str, options: &[&str]) -> Run {
        let prompt = format!("[[script:{script}]] please do the demo");
        self.command(&["-p", &prompt, "--model", "claude-sonnet-4-5"]).arguments(options)
    }

    /// Runs one prompt to its end, and gives what it says of the run.
    pub fn run(&self, script: &str, options: &[&str]) -> Value {
        let run = self.prompt(script, options).arguments(["--output-format", "json"]);
        result(&run.finish().ends_with(0))
    }

    /// The files of its conversations, those of subagents too.
    pub fn transcripts(&self) -> Vec<PathBuf> {
        files_under(&self.folder().join("projects"))
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
            .collect()
    }
}

/// What a run that was asked for JSON says of itself.
pub fn result(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).expect("a JSON value")
}

/// The files in a folder and in those beneath it, by name; none in one that is not there.
fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let beneath = |path: PathBuf| if path.is_dir() { files_under(&path) } else { vec![path] };
    paths.into_iter().flat_map(beneath).collect()
}

fn copy_folder(from: &Path, to: &Path) {
    for file in files_under(from) {
        let copy = to.join(file.strip_prefix(from).expect("it lies in there"));
        fs::create_dir_all(copy.parent().expect("it has one")).expect("a folder");
        fs::copy(file, copy).expect("it can be read");
    }
}
