//! Codex 0.169 in a home of its own, with no way to any host but the scripted model.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::super::{
    mock::Mock,
    surroundings::{Clock, agent, make_repository, recount_with_agents},
};
use crate::support::{Run, TestEnvironment};

/// Codex, its model and the person's home.
pub struct Codex {
    environment: TestEnvironment,
    _mock: Mock,
    _clock: Clock,
}

impl Codex {
    /// As it comes.
    pub fn new() -> Self {
        let environment = TestEnvironment::new();
        make_repository(&environment);
        let mock = Mock::start(&environment.working_folder());
        let settings = SETTINGS.replace("URL", &mock.url());
        let codex = Self { environment, _mock: mock, _clock: Clock::start() };
        fs::create_dir_all(codex.folder()).expect("a new folder");
        codex.configure(&settings);
        codex
    }

    /// Adds to its settings.
    pub fn configure(&self, text: &str) {
        let config = self.folder().join("config.toml");
        let before = fs::read_to_string(&config).unwrap_or_default();
        fs::write(config, before + text).expect("a file");
    }

    /// Its settings as they are.
    pub fn config(&self) -> String {
        fs::read_to_string(self.folder().join("config.toml")).expect("they are there")
    }

    /// The file with its hooks.
    pub fn hooks(&self) -> PathBuf {
        self.folder().join("hooks.json")
    }

    /// The world that it lives in.
    pub fn environment(&self) -> &TestEnvironment {
        &self.environment
    }

    /// Where the person wants its settings and rollouts.
    fn folder(&self) -> PathBuf {
        self.environment.home().join("codex")
    }

    fn at_home(&self, run: Run) -> Run {
        run.variable("CODEX_HOME", self.folder()).variable("MOCK_KEY", "none")
    }

    /// Recount, which finds Codex, not started yet.
    pub fn recount(&self, arguments: &[&str]) -> Run {
        self.at_home(recount_with_agents(&self.environment, arguments))
    }

    /// `recount setup codex`, not started yet.
    pub fn setup(&self, options: &[&str]) -> Run {
        self.recount(&[&["setup", "codex"][..], options].concat())
    }

    /// Runs one prompt to its end.
    pub fn run(&self, prompt: &str) {
        let prompt = format!("[[script:short]] {prompt}");
        let run = self.at_home(agent(&self.environment, "codex"));
        let _ = run.arguments(["exec", &prompt]).finish().ends_with(0);
    }

    /// What the record tells of its one session.
    pub fn shown(&self) -> Value {
        let arguments = ["session", "show", &self.session(), "--format", "json"];
        serde_json::from_str(&self.recount(&arguments).finish().output()).expect("JSON")
    }

    /// The file in which it has written down its one session.
    fn rollout_file(&self) -> PathBuf {
        let mut files = files_under(&self.folder().join("sessions"));
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }

    /// What it has written down of its one session.
    pub fn rollout(&self) -> String {
        fs::read_to_string(self.rollout_file()).expect("a text")
    }

    /// Removes its one session.
    pub fn remove_rollout(&self) {
        fs::remove_file(self.rollout_file()).expect("it is there");
    }

    /// The id of its one session.
    pub fn session(&self) -> String {
        let file = self.rollout_file();
        let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        stem[stem.len() - UUID_LENGTH..].to_owned()
    }
}

const UUID_LENGTH: usize = 36;

const SETTINGS: &str = r#"# Mine.
model = "gpt-5.5" # and this
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false

[model_providers.mock]
name = "mock"
base_url = "URL/v1"
env_key = "MOCK_KEY"
wire_api = "responses"
requires_openai_auth = false
supports_websockets = false

[analytics]
enabled = false

[otel]
exporter = "none"
"#;

/// The files in a folder and in those beneath it.
fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}
