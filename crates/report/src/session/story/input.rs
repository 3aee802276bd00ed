//! What tools were given, in the forms of the agents whose tools these are; what has another form is told
//! as it is.

use std::borrow::Cow;

use domain::Json;
use serde::Deserialize;

use super::{
    call::{Body, Change, Todo},
    diff,
};

/// A command, as one text or, with Codex, as words.
#[derive(Deserialize)]
#[serde(untagged)]
enum Command {
    Line(String),
    Words(Vec<String>),
}

#[derive(Deserialize)]
struct Shell {
    #[serde(alias = "cmd")]
    command: Command,
    description: Option<String>,
}

pub(super) fn shell<'m>(given: &str) -> Option<Body<'m>> {
    let Shell { command, description } = serde_json::from_str(given).ok()?;
    let command = match command {
        Command::Line(line) => line,
        Command::Words(words) => match &words[..] {
            // Codex has a shell read the command.
            [shell, flag, line] if shell.ends_with("sh") && flag.starts_with('-') => line.clone(),
            words => words.join(" "),
        },
    };
    Some(Body::Shell { command, description })
}

/// What tools that change files are given: by `Write` the content, by `Edit` two texts, by `MultiEdit` a
/// list of them, by `NotebookEdit` a cell, by `apply_patch` a patch.
#[derive(Deserialize)]
struct Changed {
    #[serde(alias = "filePath", alias = "notebook_path", alias = "path")]
    file_path: Option<String>,
    #[serde(alias = "new_source")]
    content: Option<String>,
    #[serde(flatten)]
    replaced: Replaced,
    edits: Option<Vec<Replaced>>,
    #[serde(alias = "patchText", alias = "command", alias = "input")]
    patch: Option<String>,
}

#[derive(Deserialize)]
struct Replaced {
    #[serde(alias = "oldString")]
    old_string: Option<String>,
    #[serde(alias = "newString")]
    new_string: Option<String>,
}

impl Replaced {
    fn diff(&self) -> Option<String> {
        let (old, new) = (self.old_string.as_deref(), self.new_string.as_deref());
        (old.is_some() || new.is_some())
            .then(|| diff::replaced(old.unwrap_or_default(), new.unwrap_or_default()))
    }
}

pub(super) fn changes<'m>(given: &str) -> Option<Body<'m>> {
    let changed: Changed = serde_json::from_str(given).ok()?;
    let several = || {
        let diffs: Vec<_> = changed.edits.as_ref()?.iter().filter_map(Replaced::diff).collect();
        (!diffs.is_empty()).then(|| diffs.concat())
    };
    let written = || changed.content.as_deref().map(diff::written);
    let diff =
        changed.replaced.diff().or_else(several).or_else(written).or(changed.patch.clone())?;
    let path = changed.file_path.map(Cow::Owned);
    Some(Body::Changes(vec![Change { path, diff: Cow::Owned(diff) }]))
}

#[derive(Deserialize)]
struct Planned {
    #[serde(alias = "plan")]
    todos: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(alias = "step", alias = "description", alias = "text")]
    content: String,
    status: Option<String>,
}

pub(super) fn todos<'m>(given: &str) -> Option<Body<'m>> {
    let Planned { todos } = serde_json::from_str(given).ok()?;
    let todos = todos.into_iter().map(|Item { content, status }| Todo { text: content, status });
    Some(Body::Todos(todos.collect()))
}

#[derive(Default, Deserialize)]
struct Delegated {
    description: Option<String>,
    #[serde(alias = "message")]
    prompt: Option<String>,
}

/// What a subagent was told; it is one also where that has another form.
pub(super) fn subagent<'m>(given: &str) -> Body<'m> {
    let Delegated { description, prompt } = serde_json::from_str(given).unwrap_or_default();
    Body::Subagent { description, prompt }
}

/// The prompt that an event tells of.
pub(super) fn prompt(payload: &Json) -> Option<String> {
    #[derive(Deserialize)]
    struct Prompted {
        prompt: String,
    }
    serde_json::from_str(payload.as_str()).ok().map(|Prompted { prompt }| prompt)
}
