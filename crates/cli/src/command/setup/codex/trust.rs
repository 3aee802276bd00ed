//! Codex's trust in our hooks: `[hooks.state."<hook>"] trusted_hash` in its `config.toml` (0.169.0).
//!
//! Codex makes the hashes and writes the file itself, when its own server is asked to. No hook of
//! anybody else is ever trusted here.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::{Value, json};
use toml::de::DeTable;

use super::app_server::AppServer;
pub use super::app_server::Fault;
use crate::environment::Environment;

/// Its settings, in its folder.
const CONFIG: &str = "config.toml";

/// A Codex that can be asked.
pub struct Codex {
    program: PathBuf,
    /// Its folder.
    folder: PathBuf,
    /// Where it is asked of.
    working_folder: PathBuf,
}

/// How it went.
pub struct Trusted {
    /// How many hooks of ours Codex sees in the file.
    pub seen: usize,
    /// How many of them were not trusted before.
    pub added: usize,
    /// Where that is noted down.
    pub config: PathBuf,
}

/// A hook as `hooks/list` tells of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hook {
    key: String,
    command: Option<String>,
    source_path: PathBuf,
    current_hash: String,
    trust_status: String,
}

const IS_TRUSTED: &str = "trusted";

impl Codex {
    /// The one in the `PATH`.
    pub fn find(environment: &Environment, folder: PathBuf) -> Option<Self> {
        let program = environment.find_program("codex")?;
        let working_folder = environment.working_folder.clone();
        Some(Self { program, folder, working_folder })
    }

    /// Trusts the hooks in that file that are this command.
    ///
    /// # Errors
    /// Codex does not do it.
    pub fn trust(&self, file: &Path, command: &str) -> Result<Trusted, Fault> {
        let mut server = AppServer::start(&self.program, &self.working_folder)?;
        let ours = self.ours(&mut server, file, command)?;
        let untrusted: Vec<_> =
            ours.iter().filter(|hook| hook.trust_status != IS_TRUSTED).collect();
        if !untrusted.is_empty() {
            let state =
                |hook: &&Hook| (hook.key.clone(), json!({ "trusted_hash": hook.current_hash }));
            let states: serde_json::Map<String, Value> = untrusted.iter().map(state).collect();
            let edit =
                json!({ "keyPath": "hooks.state", "value": states, "mergeStrategy": "upsert" });
            server.write_config(&[edit])?;
            let now = self.ours(&mut server, file, command)?;
            if now.iter().any(|hook| hook.trust_status != IS_TRUSTED) {
                return Err(Fault::NotDone);
            }
        }
        let config = self.folder.join(CONFIG);
        Ok(Trusted { seen: ours.len(), added: untrusted.len(), config })
    }

    fn ours(&self, server: &mut AppServer, file: &Path, command: &str) -> Result<Vec<Hook>, Fault> {
        let resolved = |path: &Path| fs::canonicalize(path).unwrap_or(path.to_owned());
        let file = resolved(file);
        let listed = server.hooks(&self.working_folder)?;
        let hooks = listed.into_iter().filter_map(|hook| serde_json::from_value(hook).ok());
        Ok(hooks
            .filter(|hook: &Hook| hook.command.as_deref() == Some(command))
            .filter(|hook| resolved(&hook.source_path) == file)
            .collect())
    }
}

/// What is noted down of hooks in Codex's settings.
#[derive(Default)]
pub struct Noted {
    /// The hooks of which something is.
    pub keys: BTreeSet<String>,
    /// Whether the settings have hooks in them besides.
    has_more: bool,
}

impl Noted {
    /// As it stands there; nothing where there are no settings that can be read.
    pub fn read(environment: &Environment) -> Self {
        let config = environment.codex_folder.as_deref().map(|folder| folder.join(CONFIG));
        let text = config.and_then(|config| fs::read_to_string(config).ok()).unwrap_or_default();
        let Ok(config) = DeTable::parse(&text) else { return Self::default() };
        let hooks = table(config.get_ref(), "hooks");
        let state = hooks.and_then(|hooks| table(hooks, "state"));
        let keys = state.into_iter().flat_map(DeTable::keys);
        let keys = keys.map(|key| key.get_ref().to_string()).collect();
        Self { keys, has_more: hooks.is_some_and(|hooks| hooks.len() > 1) }
    }
}

fn table<'c, 't>(outer: &'c DeTable<'t>, key: &str) -> Option<&'c DeTable<'t>> {
    outer.get(key)?.get_ref().as_table()
}

/// Has Codex forget that those hooks were trusted.
///
/// # Errors
/// It is noted down, and Codex does not forget it.
pub fn forget(codex: Option<&Codex>, noted: &Noted, keys: &[String]) -> Result<(), Fault> {
    let ours: Vec<&String> = keys.iter().filter(|key| noted.keys.contains(*key)).collect();
    if ours.is_empty() {
        return Ok(());
    }
    let is_all = ours.len() == noted.keys.len();
    let paths = match (is_all, noted.has_more) {
        (true, false) => vec!["hooks".to_owned()],
        (true, true) => vec!["hooks.state".to_owned()],
        // A basic string of TOML is written like one of JSON.
        (false, _) => ours.iter().map(|key| format!("hooks.state.{}", json!(key))).collect(),
    };
    let edit =
        |path: &String| json!({ "keyPath": path, "value": null, "mergeStrategy": "replace" });
    let edits: Vec<Value> = paths.iter().map(edit).collect();
    let codex = codex.ok_or(Fault::NoCodex)?;
    AppServer::start(&codex.program, &codex.working_folder)?.write_config(&edits)
}
