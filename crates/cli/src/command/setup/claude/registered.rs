//! What Claude Code is told to call: by the settings of the person and of the project, and by the
//! plugin. As 2.1.328 reads them; nothing is changed.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use super::{LOCAL, PROJECT, USER, events::EVENTS, plugin};
use crate::{
    command::setup::{
        hooks::registered::{Reader, Surroundings, files},
        project_root,
        registration::{Agent, Doubled, Handed, Origin, Printed, Registrations},
    },
    environment::Environment,
};

/// Claude Code.
pub const AGENT: Agent = Agent {
    name: "claude-code",
    title: super::AGENT,
    setup: "recount setup claude",
    events: &EVENTS,
    doubled: Doubled::AlikeOnce,
    printed: Printed::IsToldToTheModel,
    look,
    hands_over,
};

/// How long a hook may take that says nothing of it.
const TIMEOUT: Duration = Duration::from_mins(1);

const READER: Reader = Reader { title: super::AGENT, comments: false, timeout };

fn timeout(value: &Value) -> Duration {
    value.as_f64().map_or(TIMEOUT, |seconds| {
        Duration::try_from_secs_f64(seconds).unwrap_or(TIMEOUT).min(TIMEOUT)
    })
}

const PLUGIN_ROOT: &str = "CLAUDE_PLUGIN_ROOT";
const PROJECT_DIR: &str = "CLAUDE_PROJECT_DIR";

/// As every event begins. A transcript is not named: there is none to be read.
fn hands_over(Handed { session, event, folder, .. }: &Handed<'_>) -> Value {
    json!({
        "session_id": session.as_str(),
        "transcript_path": "",
        "cwd": folder,
        "hook_event_name": event.unwrap_or("SessionStart"),
        "source": "startup",
    })
}

fn look(environment: &Environment) -> Registrations {
    let mut found = Registrations::default();
    let project = project_root(environment).ok();
    let folder = environment.claude_folder.as_deref();
    for (path, origin) in all_settings(environment) {
        let surroundings = Surroundings { origin, variables: &variables(project, None) };
        READER.add_file(&mut found, &path, &surroundings);
    }
    for plugin in folder.map(|folder| plugin::all_enabled(folder, project)).unwrap_or_default() {
        add_plugin(&mut found, folder, project, &plugin.name);
    }
    if let Some(path) = switched_off_by(environment).filter(|_| !found.places.is_empty()) {
        let path = path.display();
        found.faults.push(format!("`{path}` switches all hooks off: `disableAllHooks`"));
    }
    found
}

/// The settings of the person and those of the project, each file once.
fn all_settings(environment: &Environment) -> Vec<(PathBuf, Origin)> {
    let user = environment.claude_folder.as_deref().map(|folder| folder.join(USER));
    let project = project_root(environment).ok();
    let of_project = project.map(|root| [root.join(PROJECT), root.join(LOCAL)]);
    files(user.as_deref(), of_project.into_iter().flatten())
}

/// The settings that have no hook called at all.
pub fn switched_off_by(environment: &Environment) -> Option<PathBuf> {
    let is_off = |settings: &Value| settings["disableAllHooks"].as_bool();
    READER.switched_off_by(all_settings(environment), is_off)
}

/// The plugin calls what its own list of hooks says.
fn add_plugin(
    found: &mut Registrations,
    folder: Option<&Path>,
    project: Option<&Path>,
    name: &str,
) {
    let root = folder.and_then(|folder| plugin::root(folder, project, name));
    let list = root.as_ref().map(|root| root.join("hooks/hooks.json")).filter(|list| list.exists());
    let (Some(root), Some(list)) = (root, list) else {
        let hint = format!("`claude plugin install {name}` puts them there");
        found
            .faults
            .push(format!("the plugin `{name}` is enabled, and its files are not there; {hint}"));
        return;
    };
    if let Some(hooks) = READER.read(&list, &mut found.faults) {
        let place = format!("the plugin `{name}`, `{}`", root.display());
        let origin = origin_of_plugin(folder, project, &root);
        let surroundings = Surroundings { origin, variables: &variables(project, Some(&root)) };
        READER.add(found, place, &hooks, &surroundings);
    }
}

/// A plugin that is used where it lies may lie in the project itself.
fn origin_of_plugin(folder: Option<&Path>, project: Option<&Path>, root: &Path) -> Origin {
    let resolved = |path: &Path| fs::canonicalize(path).unwrap_or(path.to_owned());
    let root = resolved(root);
    let is_in = |folder: Option<&Path>| folder.is_some_and(|path| root.starts_with(resolved(path)));
    if is_in(project) && !is_in(folder) { Origin::Project } else { Origin::Person }
}

fn variables(project: Option<&Path>, plugin: Option<&Path>) -> Vec<(&'static str, PathBuf)> {
    let named = [(PROJECT_DIR, project), (PLUGIN_ROOT, plugin)];
    named.into_iter().filter_map(|(name, path)| Some((name, path?.to_owned()))).collect()
}
