//! OpenCode 1.18 in a home of its own, with no way to any host but the scripted model.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    rc::Rc,
};

use serde_json::{Value, json};

use super::{
    mock::Mock,
    surroundings::{Clock, NOWHERE, ROOT, agent, make_repository, recount_with_agents},
};
use crate::support::{Finished, PROGRAM, Record, Run, TestEnvironment};

/// OpenCode, its model and the person's home.
pub struct OpenCode {
    environment: Rc<TestEnvironment>,
    mock: Mock,
    _clock: Clock,
}

impl OpenCode {
    /// With the plugin, which hands over to the program under test.
    pub fn new() -> Self {
        Self::handing_over_to(Path::new(PROGRAM))
    }

    /// With the plugin, which hands over to that program.
    pub fn handing_over_to(command: &Path) -> Self {
        let opencode = Self::without_plugin();
        let plugin = Path::new(ROOT).join("plugins/opencode/dist/recount.js");
        assert!(plugin.exists(), "{} is missing; hint: `tests/run` builds it", plugin.display());
        let database = opencode.environment.default_database();
        let options = json!({ "command": command, "database": database });
        let entry = json!([format!("file://{}", plugin.display()), options]);
        opencode.configure(&[entry]);
        opencode
    }

    /// As it comes.
    pub fn without_plugin() -> Self {
        let environment = Rc::new(TestEnvironment::new());
        let mock = Mock::start(&environment.working_folder());
        let opencode = Self { environment, mock, _clock: Clock::start() };
        opencode.furnish();
        opencode.configure(&[]);
        opencode
    }

    /// Makes the working folder a repository, and spares OpenCode what it installs at its first start.
    fn furnish(&self) {
        make_repository(&self.environment);
        // With a plugin OpenCode 1.18.33 installs `@opencode-ai/plugin` (63 MB) into this folder before it
        // loads any, unless a folder of modules and a lock that names the package are there.
        let folder = self.configuration_folder();
        fs::create_dir_all(folder.join("node_modules")).expect("a new folder");
        let installed = json!({ "@opencode-ai/plugin": "1.18.33" });
        let lock = json!({ "packages": { "": { "dependencies": installed } } });
        fs::write(folder.join("package-lock.json"), lock.to_string()).expect("a new file");
    }

    fn configure(&self, plugins: &[Value]) {
        let model = json!({
            "name": "Mock One",
            "reasoning": true,
            "tool_call": true,
            "limit": { "context": 200_000, "output": 8_000 },
            "cost": { "input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75 },
        });
        let provider = json!({
            "npm": "@ai-sdk/openai-compatible",
            "name": "Mock",
            "options": { "baseURL": format!("{}/v1", self.mock.url()), "apiKey": "none" },
            // OpenCode gives models of such a name another tool to change files with.
            "models": { "mock-1": model, "gpt-5-mock": model },
        });
        let configuration = json!({
            "model": "mock/mock-1",
            "small_model": "mock/mock-1",
            "share": "disabled",
            "autoupdate": false,
            "permission": { "bash": "allow", "edit": "allow" },
            "provider": { "mock": provider },
            "plugin": plugins,
        });
        let file = self.configuration_folder().join("opencode.json");
        fs::write(file, configuration.to_string()).expect("it is written");
    }

    fn configuration_folder(&self) -> PathBuf {
        self.environment.home().join(".config/opencode")
    }

    /// The world that it lives in.
    pub fn environment(&self) -> &TestEnvironment {
        &self.environment
    }

    /// That world, for another agent in it.
    pub fn shared_environment(&self) -> Rc<TestEnvironment> {
        Rc::clone(&self.environment)
    }

    /// OpenCode with these arguments, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Run {
        offline(agent(&self.environment, "opencode")).arguments(arguments)
    }

    /// Recount, which goes on with a session of it, not started yet.
    pub fn resume(&self, arguments: &[&str]) -> Run {
        offline(recount_with_agents(&self.environment, &["session", "resume"])).arguments(arguments)
    }

    /// One prompt that the model answers from that script, not started yet.
    pub fn prompt(&self, script: &str, options: &[&str]) -> Run {
        let prompt = format!("[[script:{script}]] please do the demo");
        self.command(&["run", &prompt]).arguments(options)
    }

    /// Runs one prompt to its end.
    pub fn run(&self, script: &str, options: &[&str]) -> Finished {
        self.prompt(script, options).finish().ends_with(0)
    }

    /// What it says of a session when it is asked to hand it out.
    pub fn export(&self, session: &str) -> Value {
        // Into a file, since OpenCode 1.18.33 ends before a pipe has taken more than 64 KiB.
        let path = self.environment.home().join("export.json");
        let file = File::create(&path).expect("a new file");
        let _ = self.command(&["export", session]).stdout(file).finish().ends_with(0);
        let export = fs::read_to_string(path).expect("it is there");
        serde_json::from_str(&export).expect("a JSON value")
    }

    /// Its own database.
    pub fn store(&self) -> Record {
        Record::of(&self.environment.home().join(".local/share/opencode/opencode.db"))
    }

    /// The ids of its sessions, oldest first.
    pub fn sessions(&self) -> Vec<String> {
        self.store().column("SELECT id FROM session ORDER BY time_created, id")
    }

    /// The id of its one session.
    pub fn session(&self) -> String {
        let mut sessions = self.sessions();
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        sessions.remove(0)
    }
}

/// Keeps it from whatever it would ask the network for.
fn offline(run: Run) -> Run {
    run.variable("npm_config_registry", NOWHERE)
        .variable("npm_config_fetch_retries", "0")
        .variable("OPENCODE_DISABLE_AUTOUPDATE", "1")
        .variable("OPENCODE_DISABLE_LSP_DOWNLOAD", "1")
        .variable("OPENCODE_DISABLE_MODELS_FETCH", "1")
}
