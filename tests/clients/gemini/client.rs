//! Gemini CLI 0.61 in a home of its own, with no way to any host but the scripted model.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::super::{
    mock::Mock,
    surroundings::{Clock, agent, make_repository, recount_with_agents},
};
use crate::support::{Run, TestEnvironment};

/// Gemini CLI, its model and the person's home.
pub struct GeminiCli {
    environment: TestEnvironment,
    mock: Mock,
    _clock: Clock,
}

/// Nobody is asked anything, and nothing is sent anywhere.
const SETTINGS: &str = r#"{
  // Mine.
  "security": {
    "auth": {
      "selectedType": "gemini-api-key"
    },
    "folderTrust": {
      "enabled": false
    }
  },
  "privacy": {
    "usageStatisticsEnabled": false
  },
  "general": {
    "enableAutoUpdate": false
  }
}
"#;

impl GeminiCli {
    /// As it comes.
    pub fn new() -> Self {
        let environment = TestEnvironment::new();
        make_repository(&environment);
        let mock = Mock::start(&environment.working_folder());
        let gemini = Self { environment, mock, _clock: Clock::start() };
        fs::create_dir(gemini.folder()).expect("a new folder");
        fs::write(gemini.folder().join("settings.json"), SETTINGS).expect("a new file");
        gemini
    }

    /// The world that it lives in.
    pub fn environment(&self) -> &TestEnvironment {
        &self.environment
    }

    fn folder(&self) -> PathBuf {
        self.environment.home().join(".gemini")
    }

    /// The person's settings as they are.
    pub fn settings(&self) -> String {
        fs::read_to_string(self.folder().join("settings.json")).expect("they are there")
    }

    fn with_model(&self, run: Run) -> Run {
        run.variable("GEMINI_API_KEY", "none")
            .variable("GOOGLE_GEMINI_BASE_URL", self.mock.url())
            .variable("GEMINI_CLI_NO_RELAUNCH", "true")
            .variable("GEMINI_TELEMETRY_ENABLED", "false")
    }

    /// Recount, which finds Gemini CLI, not started yet.
    pub fn recount(&self, arguments: &[&str]) -> Run {
        self.with_model(recount_with_agents(&self.environment, arguments))
    }

    /// Runs one prompt to its end.
    pub fn run(&self, prompt: &str) {
        let run = self.with_model(agent(&self.environment, "gemini"));
        let _ = run.arguments(options(prompt)).finish().ends_with(0);
    }

    /// The id of the one session in the record.
    pub fn session(&self) -> String {
        let _ = self.recount(&["session", "list"]).finish().ends_with(0);
        let mut sessions = self.environment.record().column("SELECT session_id FROM sessions");
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        sessions.remove(0)
    }

    /// Gives the file of its one session the name of one that has begun in another minute: a session that
    /// goes on within a minute has no second file.
    pub fn begun_in_another_minute(&self) -> PathBuf {
        let mut chats = self.chats();
        assert_eq!(chats.len(), 1, "{chats:?}");
        let chat = chats.remove(0);
        let name = chat.file_name().and_then(|name| name.to_str()).expect("a name");
        let id = name.rsplit('-').next().expect("an id");
        let renamed = chat.with_file_name(format!("session-2026-01-01T00-00-{id}"));
        fs::rename(&chat, &renamed).expect("it is there");
        renamed
    }

    /// Has it list its sessions.
    pub fn list_sessions(&self) {
        let run = self.with_model(agent(&self.environment, "gemini"));
        let _ = run.arguments(["--list-sessions"]).finish().ends_with(0);
    }

    /// The files of its sessions.
    pub fn chats(&self) -> Vec<PathBuf> {
        let projects = files_in(&self.folder().join("tmp"));
        let chats = projects.iter().flat_map(|project| files_in(&project.join("chats")));
        chats.collect()
    }

    /// The copies that were made of them.
    pub fn copies(&self) -> Vec<PathBuf> {
        files_in(&self.environment.home().join(".local/state/recount/resume"))
    }
}

/// What it is given for one prompt.
pub fn options(prompt: &str) -> [String; 6] {
    let prompt = format!("[[script:short]] {prompt}");
    ["-m", "gemini-2.5-pro", "--approval-mode", "yolo", "--prompt", &prompt].map(str::to_owned)
}

/// What is in a folder; nothing where it is not there.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
