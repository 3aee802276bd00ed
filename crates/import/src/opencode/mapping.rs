//! `OpenCode`'s sessions, messages and parts as items of the wire contract. The plugin maps what it
//! is handed live in the same way, so that both make the same rows (`OpenCode` 1.18.33).

use std::path::Path;

use serde_json::value::RawValue;

use super::times;
use crate::object::Object;

/// What is known of a message or part beside its JSON.
pub(crate) struct Place<'a> {
    /// The conversation.
    pub session: &'a str,
    /// When the conversation came into being, where that is known.
    pub session_created_at: Option<i64>,
    /// When this version was written.
    pub observed_at: i64,
}

/// What names a project.
#[derive(Clone, Debug, Default)]
pub(crate) struct Project {
    pub name: Option<String>,
    pub worktree: Option<String>,
}

/// A session as `OpenCode` shows it in its events and exports.
pub(crate) fn session(id: &str, mut info: Object, project: &Project, observed_at: i64) -> Object {
    let mut time = info.take_object("time").unwrap_or_default();
    time.take("updated");
    let archived_at = time.integer("archived");
    let directory = info.text("directory");
    let mut item = Object::default();
    item.put("session_id", id);
    item.put("generated_at_unix_ms", time.take("created").or_else(|| number(observed_at)));
    item.put("observed_at_unix_ms", observed_at);
    item.put("parent_session_id", info.take("parentID"));
    item.put("project_path", info.take("directory"));
    item.put("project_name", project_name(project, directory.as_deref()));
    item.put("agent_name", info.take("agent"));
    put_model(&mut item, &mut info, "id");
    item.put("agent_version", info.take("version"));
    item.put("ended_at_unix_ms", archived_at);
    item.put("end_reason", archived_at.map(|_| "archived"));
    item.put("time", time.filled());
    put_summary(&mut item, &mut info);
    info.take("id");
    item.fill_up(info);
    item
}

/// The changes of a whole session, which `OpenCode` keeps in a file of their own.
pub(crate) fn session_diff(id: &str, diffs: &RawValue, observed_at: i64) -> Option<Object> {
    if is_empty(diffs) {
        return None;
    }
    let mut item = Object::default();
    item.put("session_id", id);
    item.put("generated_at_unix_ms", observed_at);
    item.put("observed_at_unix_ms", observed_at);
    item.put("summary_diffs", diffs);
    Some(item)
}

/// A message without its parts.
pub(crate) fn message(id: &str, mut info: Object, place: &Place<'_>) -> Object {
    let time = info.take_object("time").unwrap_or_default();
    let is_inherited = time.integer("created").zip(place.session_created_at);
    let mut item = Object::default();
    item.put("session_id", place.session);
    item.put("message_id", id);
    item.put("role", info.take("role"));
    item.put("generated_at_unix_ms", time.value("created"));
    item.put("observed_at_unix_ms", place.observed_at);
    item.put("completed_at_unix_ms", time.value("completed"));
    item.put("parent_message_id", info.take("parentID"));
    item.put("agent_name", info.take("agent").or_else(|| info.value("mode")));
    put_model(&mut item, &mut info, "modelID");
    item.put("project_path", info.object("path").and_then(|mut path| path.take("root")));
    if is_inherited.is_some_and(|(created, session)| created < session) {
        item.put("inherited", true);
    }
    put_summary(&mut item, &mut info);
    for told in ["id", "sessionID"] {
        info.take(told);
    }
    item.fill_up(info);
    item
}

/// One part of a message; `created_at` is when its first version was written, where that is known.
pub(crate) fn part(
    id: &str,
    message: &str,
    mut part: Object,
    created_at: Option<i64>,
    place: &Place<'_>,
) -> Object {
    let generated_at = created_at
        .map(|at| times::unless_moved(at, id, place.session_created_at))
        .or_else(|| times::began(&part))
        .or_else(|| times::of_id(id, place.observed_at, place.session_created_at))
        .unwrap_or(place.session_created_at.unwrap_or(place.observed_at));
    let mut item = Object::default();
    item.put("session_id", place.session);
    item.put("message_id", message);
    item.put("part_id", id);
    item.put("part_type", part.take("type"));
    item.put("generated_at_unix_ms", generated_at);
    item.put("observed_at_unix_ms", place.observed_at);
    for told in ["id", "sessionID", "messageID"] {
        part.take(told);
    }
    item.fill_up(part);
    item
}

/// `providerID` and the model's own id stand at the top or in `model`.
fn put_model(item: &mut Object, info: &mut Object, id_in_model: &str) {
    let mut model = info.take_object("model").unwrap_or_default();
    item.put("provider_id", info.take("providerID").or_else(|| model.take("providerID")));
    item.put("model_id", info.take("modelID").or_else(|| model.take(id_in_model)));
}

/// The diffs of a summary are a field of their own; a summary may also be `true`.
fn put_summary(item: &mut Object, info: &mut Object) {
    let Some(mut summary) = info.take_object("summary") else { return };
    if let Some(diffs) = summary.take("diffs").filter(|diffs| !is_empty(diffs)) {
        item.put("summary_diffs", diffs);
    }
    item.put("summary", summary.filled());
}

fn is_empty(diffs: &RawValue) -> bool {
    serde_json::from_str::<Vec<&RawValue>>(diffs.get()).is_ok_and(|diffs| diffs.is_empty())
}

/// A project's own name, else that of its folder, else that of the session's.
fn project_name(project: &Project, directory: Option<&str>) -> Option<String> {
    let worktree = project.worktree.as_deref().filter(|worktree| *worktree != "/");
    let folder = worktree.or(directory).and_then(|folder| Path::new(folder).file_name());
    let name = project.name.clone().filter(|name| !name.is_empty());
    name.or_else(|| Some(folder?.to_string_lossy().into_owned()))
}

fn number(number: i64) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(&number).ok()
}
