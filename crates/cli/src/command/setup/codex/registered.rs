//! What Codex is told to call: by its own `hooks.json` and by that of the project, and whether it is
//! trusted. As 0.169.0 reads them; nothing is changed.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    HOOKS, PROJECT,
    events::{EVENTS, NAME},
    trust::Noted,
};
use crate::{
    command::setup::{
        hooks::{
            line,
            registered::{Reader, Surroundings, files},
        },
        project_root,
        registration::{Agent, Doubled, Handed, Printed, Registrations},
    },
    environment::Environment,
};

/// Codex.
pub const AGENT: Agent = Agent {
    name: NAME,
    title: super::AGENT,
    setup: "recount setup codex",
    events: &EVENTS,
    doubled: Doubled::CallsEach,
    printed: Printed::IsToldToTheModel,
    look,
    hands_over,
};

/// How long a hook may take that says nothing of it.
const TIMEOUT: Duration = Duration::from_mins(10);

const READER: Reader = Reader { title: super::AGENT, comments: false, timeout };

fn timeout(value: &Value) -> Duration {
    value.as_u64().map_or(TIMEOUT, Duration::from_secs)
}

/// As every event begins. A rollout is not named: there is none to be read.
fn hands_over(Handed { session, event, folder, .. }: &Handed<'_>) -> Value {
    json!({
        "session_id": session.as_str(),
        "transcript_path": null,
        "cwd": folder,
        "hook_event_name": event.unwrap_or("SessionStart"),
        "source": "startup",
    })
}

fn look(environment: &Environment) -> Registrations {
    let mut found = Registrations::default();
    let user = environment.codex_folder.as_deref().map(|folder| folder.join(HOOKS));
    let project = project_root(environment).ok().map(|root| root.join(PROJECT).join(HOOKS));
    let noted = Noted::read(environment);
    for (path, origin) in files(user.as_deref(), project) {
        READER.add_file(&mut found, &path, &Surroundings { origin, variables: &[] });
        let ours: Vec<_> = hooks_in(&path).into_iter().filter(|hook| hook.is_ours).collect();
        let untrusted = ours.iter().filter(|hook| !noted.keys.contains(&hook.key)).count();
        if untrusted > 0 {
            let (path, all) = (path.display(), ours.len());
            found.faults.push(format!(
                "{untrusted} of our {all} hooks in `{path}` are not trusted: Codex does not call them"
            ));
        }
    }
    found
}

/// A hook in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// By what Codex knows it: the file, the event, and where it stands there.
    pub key: String,
    /// Whether it is ours.
    pub is_ours: bool,
}

/// The hooks in that file, in their order.
pub fn hooks_in(path: &Path) -> Vec<Registered> {
    let hooks = READER.read(path, &mut Vec::new()).unwrap_or_default();
    let path = resolved(path);
    let mut found = Vec::new();
    for (event, groups) in hooks["hooks"].as_object().into_iter().flatten() {
        for (group, hooks) in groups.as_array().into_iter().flatten().enumerate() {
            for (at, hook) in hooks["hooks"].as_array().into_iter().flatten().enumerate() {
                let key = format!("{}:{}:{group}:{at}", path.display(), snake_case(event));
                let command = hook["command"].as_str().unwrap_or_default();
                found.push(Registered { key, is_ours: line::is_line(command, NAME) });
            }
        }
    }
    found
}

/// Codex looks for its own folder behind links.
fn resolved(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok());
    folder.zip(path.file_name()).map_or(path.to_owned(), |(folder, name)| folder.join(name))
}

fn snake_case(event: &str) -> String {
    let mut word = String::new();
    for (at, letter) in event.chars().enumerate() {
        if letter.is_ascii_uppercase() && at > 0 {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}
