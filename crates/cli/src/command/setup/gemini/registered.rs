//! What Gemini CLI is told to call: by the settings of the person and of the project. As 0.61.0 reads
//! them; nothing is changed.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};

use super::{
    PROJECT, SETTINGS,
    events::{EVENTS, NAME},
};
use crate::{
    command::setup::{
        hooks::registered::{Reader, Surroundings, files},
        project_root,
        registration::{Agent, Doubled, Handed, Origin, Printed, Registrations},
    },
    environment::Environment,
};

/// Gemini CLI.
pub const AGENT: Agent = Agent {
    name: NAME,
    title: super::AGENT,
    setup: "recount setup gemini",
    events: &EVENTS,
    doubled: Doubled::AlikeOnce,
    printed: Printed::IsToldToTheModel,
    look,
    hands_over,
};

/// How long a hook may take that says nothing of it.
const TIMEOUT: Duration = Duration::from_mins(1);

const READER: Reader = Reader { title: super::AGENT, comments: true, timeout };

fn timeout(value: &Value) -> Duration {
    value.as_u64().map_or(TIMEOUT, Duration::from_millis).min(TIMEOUT)
}

/// As every event begins. A file of its own is not named: there is none to be read.
fn hands_over(Handed { session, event, folder, now }: &Handed<'_>) -> Value {
    let time = jiff::Timestamp::from_millisecond(now.get()).unwrap_or_default();
    json!({
        "session_id": session.as_str(),
        "transcript_path": "",
        "cwd": folder,
        "hook_event_name": event.unwrap_or("SessionStart"),
        "timestamp": time.to_string(),
        "source": "startup",
    })
}

fn look(environment: &Environment) -> Registrations {
    let mut found = Registrations::default();
    for (path, origin) in all_settings(environment) {
        READER.add_file(&mut found, &path, &Surroundings { origin, variables: &[] });
    }
    if let Some(path) = switched_off_by(environment).filter(|_| !found.places.is_empty()) {
        let path = path.display();
        found.faults.push(format!("`{path}` switches all hooks off: `hooksConfig.enabled`"));
    }
    found
}

/// The settings of the person and those of the project, each file once.
fn all_settings(environment: &Environment) -> Vec<(PathBuf, Origin)> {
    let user = environment.gemini_folder.as_deref().map(|folder| folder.join(SETTINGS));
    let project = project_root(environment).ok().map(|root| root.join(PROJECT).join(SETTINGS));
    files(user.as_deref(), project)
}

/// The settings that have no hook called at all.
pub fn switched_off_by(environment: &Environment) -> Option<PathBuf> {
    let is_off =
        |settings: &Value| settings["hooksConfig"]["enabled"].as_bool().map(|is_on| !is_on);
    READER.switched_off_by(all_settings(environment), is_off)
}
