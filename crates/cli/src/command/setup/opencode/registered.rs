//! What OpenCode is told to load, and what that calls. As 1.18.33 reads it; nothing is changed.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use super::{CONFIGS, entry, plugin};
use crate::{
    command::setup::{
        file::Found,
        json_list::Named,
        project_root,
        registration::{
            Agent, Call, Doubled, Handed, Line, Origin, Place, Printed, Registrations, each_once,
        },
    },
    environment::Environment,
};

/// OpenCode. Of copies of the plugin the first that it loads records, and the others do nothing.
pub const AGENT: Agent = Agent {
    name: "opencode",
    title: super::AGENT,
    setup: "recount setup opencode",
    events: &[],
    doubled: Doubled::FirstRecords,
    printed: Printed::IsTheReceipt,
    look,
    hands_over,
};

/// How long the plugin lets a process run (`limits.ts`).
const TIMEOUT: Duration = Duration::from_secs(5);

/// What it hands a process (`child.ts`).
const ARGUMENTS: [&str; 4] = ["hooks", "conversation-trace", "--agent", "opencode"];

fn hands_over(Handed { session, folder, now, .. }: &Handed<'_>) -> Value {
    json!({
        "type": "session.updated",
        "agent": "opencode",
        "payloads": [{
            "session_id": session.as_str(),
            "project_path": folder,
            "generated_at_unix_ms": now.get(),
        }],
    })
}

fn look(environment: &Environment) -> Registrations {
    let mut found = Registrations::default();
    let global = environment.config_home.as_ref().map(|folder| folder.join("opencode"));
    for folder in ["plugin", "plugins"] {
        let path = global.as_ref().map(|global| global.join(folder).join("recount.js"));
        if let Some(path) = path {
            let name = format!("`{}`", path.display());
            add_file(&mut found, name, &path, &Named::default(), Origin::Person);
        }
    }
    let project = project_root(environment).ok().map(Path::to_owned);
    let folders = global.iter().chain(&project);
    let configs = folders.flat_map(|folder| CONFIGS.map(|config| folder.join(config)));
    for config in each_once(configs) {
        let is_persons = config.parent() == global.as_deref();
        let origin = if is_persons { Origin::Person } else { Origin::Project };
        add_entries(&mut found, &config, origin);
    }
    found
}

/// What a configuration loads of ours.
fn add_entries(found: &mut Registrations, config: &Path, origin: Origin) {
    let name = config.display();
    let Ok(file) = Found::look(config) else {
        return found.faults.push(format!("`{name}` cannot be read"));
    };
    let Ok(Some(text)) = file.text() else { return };
    match entry::registered(text) {
        Err(fault) => found.faults.push(format!("`{name}`, {fault}: OpenCode reads none of it")),
        Ok(entries) => {
            for entry in entries {
                let Some(path) = entry::path(&entry.name) else { continue };
                let place = format!("an entry in `{name}`");
                if !add_file(found, place, &path, &entry, origin) {
                    let path = path.display();
                    let fault = format!("`{name}` names the plugin `{path}`, which is not there");
                    found.faults.push(fault);
                }
            }
        }
    }
}

/// What a file of the plugin calls; whether it is there.
fn add_file(
    found: &mut Registrations,
    name: String,
    path: &Path,
    entry: &Named,
    origin: Origin,
) -> bool {
    let content = Found::look(path).ok().and_then(|file| file.content);
    let Some(content) = content.filter(|content| plugin::is_ours(content)) else { return false };
    let content = String::from_utf8_lossy(&content);
    let [command, database] = plugin::paths(&content);
    let as_of_now = plugin::installed(command.as_deref().unwrap_or_default(), database.as_deref());
    let option = |key: &str| entry.options.get(key).filter(|value| !value.is_empty()).cloned();
    // What was installed and has moved since is looked for in `PATH`.
    let command = command.filter(|command| PathBuf::from(command).exists());
    let program = option("command").or(command).unwrap_or_else(|| "recount".to_owned());
    let database = option("database").or(database);
    let database = database.into_iter().flat_map(|database| ["--database".to_owned(), database]);
    let arguments = ARGUMENTS.map(str::to_owned).into_iter().chain(database).collect();
    let call = Call {
        event: None,
        line: Line::Program { program, arguments },
        variables: Vec::new(),
        timeout: TIMEOUT,
        is_limited: false,
        origin,
    };
    let is_of_other_version = content != as_of_now;
    found.places.push(Place { name, calls: vec![call], is_of_other_version });
    true
}
