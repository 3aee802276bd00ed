//! What is registered in files with hooks, for those who look at it and change nothing.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jsonc_parser::ast;
use serde_json::Value;

use crate::command::setup::{
    file::Found,
    json_text::{self, STRICT},
    registration::{Call, Line, Origin, Place, Registrations, each_once},
};

/// How an agent reads its files.
pub struct Reader {
    /// What it is called.
    pub title: &'static str,
    /// Whether there may be comments in them.
    pub comments: bool,
    /// How long the `timeout` of a hook is.
    pub timeout: fn(&Value) -> Duration,
}

/// How all hooks of a file are called.
pub struct Surroundings<'s> {
    /// Whose word they are.
    pub origin: Origin,
    /// The variables that they get besides the agent's own.
    pub variables: &'s [(&'static str, PathBuf)],
}

/// The file of the person and those of the project, each once, with whose word they are.
pub fn files(
    user: Option<&Path>,
    project: impl IntoIterator<Item = PathBuf>,
) -> Vec<(PathBuf, Origin)> {
    let origin = |path: PathBuf| {
        let is_users = user == Some(&*path);
        (path, if is_users { Origin::Person } else { Origin::Project })
    };
    each_once(user.map(Path::to_path_buf).into_iter().chain(project))
        .into_iter()
        .map(origin)
        .collect()
}

impl Reader {
    /// Adds the hooks in a file that call us.
    pub fn add_file(
        &self,
        found: &mut Registrations,
        path: &Path,
        surroundings: &Surroundings<'_>,
    ) {
        if let Some(settings) = self.read(path, &mut found.faults) {
            self.add(found, format!("`{}`", path.display()), &settings, surroundings);
        }
    }

    /// The file that has no hook called at all: what is nearer to the project outdoes what is further.
    pub fn switched_off_by(
        &self,
        files: Vec<(PathBuf, Origin)>,
        is_off: impl Fn(&Value) -> Option<bool>,
    ) -> Option<PathBuf> {
        let mut switch = None;
        for (path, _) in files {
            let settings = self.read(&path, &mut Vec::new()).unwrap_or_default();
            if let Some(is_off) = is_off(&settings) {
                switch = is_off.then_some(path);
            }
        }
        switch
    }

    /// What is in a file of JSON; nothing where there is none.
    pub fn read(&self, path: &Path, faults: &mut Vec<String>) -> Option<Value> {
        let Ok(found) = Found::look(path) else {
            faults.push(format!("`{}` cannot be read", path.display()));
            return None;
        };
        let content = found.content.as_deref()?;
        let body = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
        if body.is_empty() {
            return None;
        }
        let value = if self.comments { with_comments(body) } else { strict(body) };
        value
            .map_err(|place| {
                let (path, title) = (path.display(), self.title);
                faults.push(format!("`{path}` is no JSON at {place}: {title} reads none of it"));
            })
            .ok()
    }

    /// Adds the hooks that call us, of an object with hooks in it.
    pub fn add(
        &self,
        found: &mut Registrations,
        name: String,
        settings: &Value,
        surroundings: &Surroundings<'_>,
    ) {
        let mut calls = Vec::new();
        for (event, groups) in settings["hooks"].as_object().into_iter().flatten() {
            for group in groups.as_array().into_iter().flatten() {
                let is_for_some = |matcher: &str| !matches!(matcher, "" | "*");
                let is_limited = group["matcher"].as_str().is_some_and(is_for_some);
                let hooks = group["hooks"].as_array().into_iter().flatten();
                let call = |hook| self.call(event, hook, is_limited, surroundings);
                calls.extend(hooks.filter_map(call));
            }
        }
        if !calls.is_empty() {
            found.places.push(Place { name, calls, is_of_other_version: false });
        }
    }

    /// The hook as a call, if it has to do with us.
    fn call(
        &self,
        event: &str,
        hook: &Value,
        is_limited: bool,
        Surroundings { origin, variables }: &Surroundings<'_>,
    ) -> Option<Call> {
        let command = hook["command"].as_str().filter(|_| hook["type"] == "command")?;
        // The agent puts these in itself, for whoever is called without a shell.
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
            timeout: (self.timeout)(&hook["timeout"]),
            is_limited: is_limited || hook["if"].is_string(),
            origin: *origin,
        })
    }
}

/// Our command.
const HOOK: [&str; 2] = ["hooks", "conversation-trace"];

/// Whether it calls our hook, whatever the program is called that does so.
fn is_about_us(line: &Line) -> bool {
    let [hooks, trace] = HOOK;
    match line {
        Line::Program { arguments, .. } => arguments.windows(2).any(|pair| pair == [hooks, trace]),
        Line::Shell(line) => line.contains(trace),
    }
}

/// The value of a JSON text, or where it is none.
fn strict(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body)
        .map_err(|error| format!("line {}, column {}", error.line(), error.column()))
}

/// The same where comments may stand in it.
fn with_comments(body: &[u8]) -> Result<Value, String> {
    let text = str::from_utf8(body).map_err(|_| "a byte that is no text".to_owned())?;
    let kind = jsonc_parser::ParseOptions { allow_comments: true, ..STRICT };
    let root = json_text::parse(text, &kind).map_err(|fault| fault.to_string())?;
    Ok(object(&root))
}

fn object(object: &ast::Object<'_>) -> Value {
    let properties = object.properties.iter();
    properties.map(|property| (property.name.as_str().to_owned(), value(&property.value))).collect()
}

fn value(node: &ast::Value<'_>) -> Value {
    match node {
        ast::Value::Object(node) => object(node),
        ast::Value::Array(array) => array.elements.iter().map(value).collect(),
        ast::Value::StringLit(text) => text.value.clone().into_owned().into(),
        ast::Value::NumberLit(number) => number.value.parse().map_or(Value::Null, Value::Number),
        ast::Value::BooleanLit(flag) => flag.value.into(),
        ast::Value::NullKeyword(_) => Value::Null,
    }
}
