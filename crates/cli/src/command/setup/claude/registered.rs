//! What Claude Code is told to call: by the settings of the person and of the project, and by the
//! plugin. As 2.1.328 reads them; nothing is changed.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    LOCAL, PROJECT, USER,
    events::{ARGUMENTS, EVENTS},
    plugin,
};
use crate::{
    command::setup::{
        file::Found,
        project_root,
        registration::{
            Agent, Call, Handed, Line, Origin, Place, Printed, Registrations, each_once,
        },
    },
    environment::Environment,
};

/// Claude Code.
pub const AGENT: Agent = Agent {
    name: "claude-code",
    title: super::AGENT,
    setup: "recount setup claude",
    events: &EVENTS,
    calls_all: true,
    printed: Printed::IsToldToTheModel,
    look,
    hands_over,
};

/// How long a hook may take that says nothing of it.
const TIMEOUT: Duration = Duration::from_mins(1);

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
    let user = folder.map(|folder| folder.join(USER));
    for path in all_settings(environment) {
        let Some(settings) = read(&path, &mut found.faults) else { continue };
        let is_users = user.as_ref() == Some(&path);
        let origin = if is_users { Origin::Person } else { Origin::Project };
        let name = format!("`{}`", path.display());
        add(&mut found, name, &settings, origin, &variables(project, None));
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
fn all_settings(environment: &Environment) -> Vec<PathBuf> {
    let user = environment.claude_folder.as_deref().map(|folder| folder.join(USER));
    let project = project_root(environment).ok();
    let of_project = project.map(|root| [root.join(PROJECT), root.join(LOCAL)]);
    each_once(user.into_iter().chain(of_project.into_iter().flatten()))
}

/// The settings that have no hook called at all.
pub fn switched_off_by(environment: &Environment) -> Option<PathBuf> {
    let mut switch = None;
    for path in all_settings(environment) {
        let settings = read(&path, &mut Vec::new()).unwrap_or_default();
        // What is nearer to the project outdoes what is further.
        if let Some(is_off) = settings["disableAllHooks"].as_bool() {
            switch = is_off.then_some(path);
        }
    }
    switch
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
    if let Some(hooks) = read(&list, &mut found.faults) {
        let place = format!("the plugin `{name}`, `{}`", root.display());
        let origin = origin_of_plugin(folder, project, &root);
        add(found, place, &hooks, origin, &variables(project, Some(&root)));
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

/// What is in a file of JSON; nothing where there is none.
fn read(path: &Path, faults: &mut Vec<String>) -> Option<Value> {
    let Ok(found) = Found::look(path) else {
        faults.push(format!("`{}` cannot be read", path.display()));
        return None;
    };
    let content = found.content.as_deref()?;
    let body = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
    if body.is_empty() {
        return None;
    }
    let value: Result<Value, _> = serde_json::from_slice(body);
    value
        .map_err(|error| {
            let (path, line, column) = (path.display(), error.line(), error.column());
            faults.push(format!(
                "`{path}` is no JSON at line {line}, column {column}: Claude Code reads none of it"
            ));
        })
        .ok()
}

/// The hooks that call us, of an object with hooks in it.
fn add(
    found: &mut Registrations,
    name: String,
    settings: &Value,
    origin: Origin,
    variables: &[(&'static str, PathBuf)],
) {
    let mut calls = Vec::new();
    for (event, groups) in settings["hooks"].as_object().into_iter().flatten() {
        for group in groups.as_array().into_iter().flatten() {
            let is_for_some = |matcher: &str| !matches!(matcher, "" | "*");
            let is_limited = group["matcher"].as_str().is_some_and(is_for_some);
            let hooks = group["hooks"].as_array().into_iter().flatten();
            calls.extend(hooks.filter_map(|hook| call(event, hook, is_limited, origin, variables)));
        }
    }
    if !calls.is_empty() {
        found.places.push(Place { name, calls, is_of_other_version: false });
    }
}

/// The hook as a call, if it has to do with us.
fn call(
    event: &str,
    hook: &Value,
    is_limited: bool,
    origin: Origin,
    variables: &[(&'static str, PathBuf)],
) -> Option<Call> {
    let command = hook["command"].as_str().filter(|_| hook["type"] == "command")?;
    // Claude Code puts these in itself, for whoever is called without a shell.
    let filled = |text: &str| {
        let fill = |text: String, (name, value): &(&str, PathBuf)| {
            text.replace(&format!("${{{name}}}"), &value.to_string_lossy())
        };
        variables.iter().fold(text.to_owned(), fill)
    };
    let line = match hook["args"].as_array() {
        None => Line::Shell(command.to_owned()),
        Some(arguments) => {
            let arguments = arguments.iter().filter_map(Value::as_str).map(filled).collect();
            Line::Program { program: filled(command), arguments }
        }
    };
    is_about_us(&line).then(|| Call {
        event: Some(event.to_owned()),
        line,
        variables: variables.to_vec(),
        timeout: hook["timeout"].as_f64().map_or(TIMEOUT, |seconds| {
            Duration::try_from_secs_f64(seconds).unwrap_or(TIMEOUT).min(TIMEOUT)
        }),
        is_limited: is_limited || hook["if"].is_string(),
        origin,
    })
}

/// Whether it calls our hook, whatever the program is called that does so.
fn is_about_us(line: &Line) -> bool {
    let [hooks, trace, ..] = ARGUMENTS;
    match line {
        Line::Program { arguments, .. } => arguments.windows(2).any(|pair| pair == [hooks, trace]),
        Line::Shell(line) => line.contains(trace),
    }
}
