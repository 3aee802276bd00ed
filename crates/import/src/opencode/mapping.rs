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
    item.put("model", model.filled());
}

/// The diffs of a summary are a field of their own; a summary may also be `true`.
fn put_summary(item: &mut Object, info: &mut Object) {
    let Some(mut summary) = info.take_object("summary") else { return };
    // An empty list says that what it named before was taken back.
    item.put("summary_diffs", summary.take("diffs"));
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(value: &Value) -> Object {
        Object::read(value.to_string().as_bytes()).expect("an object")
    }

    fn value(item: &Object) -> Value {
        serde_json::from_slice(&item.json()).expect("JSON")
    }

    fn place() -> Place<'static> {
        Place { session: "ses_1", session_created_at: Some(1_000), observed_at: 9_000 }
    }

    #[test]
    fn sessions_are_told_as_the_plugin_tells_them() {
        let base = json!({ "session_id": "ses_1", "generated_at_unix_ms": 1_000,
                           "observed_at_unix_ms": 9_000 });
        let with = |more: Value| merged(&base, more);
        let time = json!({ "created": 1_000, "updated": 2_000 });
        let cases = [
            (
                "all that a live one has",
                json!({ "id": "ses_1", "slug": "s", "projectID": "p", "directory": "/d/sub",
                        "path": "", "parentID": "ses_0", "title": "T", "agent": "build",
                        "model": { "id": "m", "providerID": "x", "variant": "default" },
                        "version": "1.18.33", "summary": { "additions": 0, "files": 0 },
                        "cost": 0.5, "tokens": { "input": 1 }, "share": { "url": "u" },
                        "permission": [{ "action": "deny" }], "time": time }),
                with(json!({ "slug": "s", "projectID": "p", "project_path": "/d/sub",
                             "project_name": "work", "path": "", "parent_session_id": "ses_0",
                             "title": "T", "agent_name": "build", "provider_id": "x",
                             "model_id": "m", "model": { "variant": "default" },
                             "agent_version": "1.18.33", "summary": { "additions": 0, "files": 0 }, "cost": 0.5,
                             "tokens": { "input": 1 }, "share": { "url": "u" },
                             "permission": [{ "action": "deny" }] })),
            ),
            (
                "archived",
                json!({ "time": { "created": 1_000, "updated": 2_000, "archived": 3_000 } }),
                with(json!({ "project_name": "work", "ended_at_unix_ms": 3_000,
                             "end_reason": "archived", "time": { "archived": 3_000 } })),
            ),
            (
                "with diffs",
                json!({ "time": time, "summary": { "diffs": [{ "file": "f" }] } }),
                with(json!({ "project_name": "work", "summary_diffs": [{ "file": "f" }] })),
            ),
            (
                "without a time",
                json!({ "summary": { "diffs": [] }, "revert": null }),
                with(json!({ "project_name": "work", "generated_at_unix_ms": 9_000,
                             "summary_diffs": [] })),
            ),
        ];
        let project = Project { name: None, worktree: Some("/home/dev/work".to_owned()) };
        for (name, info, expected) in cases {
            let item = session("ses_1", object(&info), &project, 9_000);
            assert_eq!(value(&item), expected, "{name}");
        }
    }

    #[test]
    fn a_project_has_its_own_name_or_that_of_a_folder() {
        let cases = [
            (Some("Name"), Some("/w"), Some("/d"), Some("Name")),
            (Some(""), Some("/w"), Some("/d"), Some("w")),
            (None, Some("/"), Some("/d/sub/"), Some("sub")),
            (None, None, Some("/d"), Some("d")),
            (None, Some("/"), Some("/"), None),
            (None, None, None, None),
        ];
        for (name, worktree, directory, expected) in cases {
            let [name, worktree] = [name, worktree].map(|text| text.map(str::to_owned));
            let found = project_name(&Project { name, worktree }, directory);
            assert_eq!(found.as_deref(), expected, "{directory:?}");
        }
    }

    #[test]
    fn messages_are_told_as_the_plugin_tells_them() {
        let base = json!({ "session_id": "ses_1", "message_id": "msg_1",
                           "observed_at_unix_ms": 9_000 });
        let with = |more: Value| merged(&base, more);
        let cases = [
            (
                "of the person",
                json!({ "id": "msg_x", "sessionID": "ses_x", "role": "user", "agent": "build",
                        "model": { "providerID": "x", "modelID": "m" },
                        "time": { "created": 2_000 },
                        "summary": { "title": "t", "diffs": [{ "file": "f" }] } }),
                with(json!({ "role": "user", "generated_at_unix_ms": 2_000, "agent_name": "build",
                             "provider_id": "x", "model_id": "m", "summary": { "title": "t" },
                             "summary_diffs": [{ "file": "f" }] })),
            ),
            (
                "of the agent, in a fork",
                json!({ "role": "assistant", "mode": "compaction", "parentID": "msg_0",
                        "providerID": "x", "modelID": "m", "summary": true, "finish": "stop",
                        "path": { "cwd": "/d", "root": "/r" }, "cost": 0.5, "variant": "v",
                        "tokens": { "total": 9 }, "error": { "name": "APIError" },
                        "time": { "created": 999, "completed": 3_000 } }),
                with(
                    json!({ "role": "assistant", "mode": "compaction", "agent_name": "compaction",
                             "parent_message_id": "msg_0", "provider_id": "x", "model_id": "m",
                             "summary": true, "finish": "stop", "project_path": "/r",
                             "path": { "cwd": "/d", "root": "/r" }, "cost": 0.5, "variant": "v",
                             "tokens": { "total": 9 }, "error": { "name": "APIError" },
                             "generated_at_unix_ms": 999, "completed_at_unix_ms": 3_000,
                             "inherited": true }),
                ),
            ),
        ];
        for (name, info, expected) in cases {
            assert_eq!(value(&message("msg_1", object(&info), &place())), expected, "{name}");
        }
    }

    #[test]
    fn parts_keep_all_that_is_in_them() {
        let base = json!({ "session_id": "ses_1", "message_id": "msg_1", "part_id": "prt_1",
                           "observed_at_unix_ms": 9_000 });
        let with = |more: Value| merged(&base, more);
        let cases = [
            (
                "a row",
                Some(5_000),
                json!({ "type": "text", "text": "t", "time": { "start": 4_999 } }),
                with(json!({ "part_type": "text", "text": "t", "time": { "start": 4_999 },
                             "generated_at_unix_ms": 5_000 })),
            ),
            (
                "a file that tells when it began",
                None,
                json!({ "id": "prt_x", "messageID": "msg_x", "sessionID": "ses_x",
                        "type": "tool", "state": { "time": { "start": 4_000, "end": 5_000 } } }),
                with(json!({ "part_type": "tool", "generated_at_unix_ms": 4_000,
                             "state": { "time": { "start": 4_000, "end": 5_000 } } })),
            ),
            (
                "a file that does not",
                None,
                json!({ "type": "patch", "hash": "h", "files": [] }),
                with(json!({ "part_type": "patch", "hash": "h", "files": [],
                             "generated_at_unix_ms": 1_000 })),
            ),
        ];
        for (name, created_at, json, expected) in cases {
            let item = part("prt_1", "msg_1", object(&json), created_at, &place());
            assert_eq!(value(&item), expected, "{name}");
        }
    }

    fn merged(base: &Value, more: Value) -> Value {
        let mut merged = base.clone();
        if let (Value::Object(merged), Value::Object(more)) = (&mut merged, more) {
            merged.extend(more);
        }
        merged
    }
}
