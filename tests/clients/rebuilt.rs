//! What the record holds of an OpenCode session, put back into OpenCode's own shape: rows and what
//! their payloads kept become the objects of `opencode export` again, or something was lost.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Puts a value where a path with dots leads; nothing where there is none.
fn put(object: &mut Value, path: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    let place = path.split('.').fold(object, |place, key| &mut place[key]);
    *place = value.clone();
}

/// Values of a row by their columns, each with its path in OpenCode's object.
fn put_all(object: &mut Value, row: &Value, columns: &[(&str, &str)]) {
    for (column, path) in columns {
        put(object, path, &row[column]);
    }
}

fn put_cost(object: &mut Value, row: &Value) {
    if let Some(cost) = row["cost_given"].as_str() {
        put(object, "cost", &serde_json::from_str(cost).expect("a cost is a number"));
    }
    let tokens = [
        ("input", "tokens.input"),
        ("output", "tokens.output"),
        ("reasoning", "tokens.reasoning"),
        ("cache_read", "tokens.cache.read"),
        ("cache_write", "tokens.cache.write"),
    ];
    put_all(object, &row["tokens"], &tokens);
}

/// What no column has taken.
fn payload(row: &Value) -> Value {
    if row["payload"].is_null() { Value::Object(Map::new()) } else { row["payload"].clone() }
}

/// The session, but for its counters and when it was last written.
pub fn session(shown: &Value) -> Value {
    let row = &shown["session"];
    let mut info = payload(row);
    let columns = [
        ("session_id", "id"),
        ("created_at_unix_ms", "time.created"),
        ("title", "title"),
        ("parent_session_id", "parentID"),
        ("project_path", "directory"),
        ("agent_name", "agent"),
        ("agent_version", "version"),
        ("provider_id", "model.providerID"),
        ("model_id", "model.id"),
    ];
    put_all(&mut info, row, &columns);
    info
}

/// The messages by their ids.
pub fn messages(shown: &Value) -> BTreeMap<String, Value> {
    by_id(shown, "messages", "message_id", |row| message(row, shown))
}

fn message(row: &Value, shown: &Value) -> Value {
    let mut info = payload(row);
    let columns = [
        ("message_id", "id"),
        ("session_id", "sessionID"),
        ("role", "role"),
        ("generated_at_unix_ms", "time.created"),
        ("completed_at_unix_ms", "time.completed"),
        ("parent_message_id", "parentID"),
        ("agent_name", "agent"),
        ("finish", "finish"),
        ("error", "error"),
        ("summary_diffs", "summary.diffs"),
    ];
    put_all(&mut info, row, &columns);
    let model = if row["role"] == "user" {
        [("provider_id", "model.providerID"), ("model_id", "model.modelID")]
    } else {
        [("provider_id", "providerID"), ("model_id", "modelID")]
    };
    put_all(&mut info, row, &model);
    put_cost(&mut info, row);
    for diff in
        info.pointer_mut("/summary/diffs").and_then(Value::as_array_mut).into_iter().flatten()
    {
        let of_file = |edit: &&Value| edit["scope"] == "message" && edit["path"] == diff["file"];
        let edit = edits(shown, "message_id", row).find(of_file);
        diff["patch"] = edit.map_or(Value::Null, |edit| edit["diff"].clone());
    }
    info
}

/// The changes that tell of the same message or call as a row.
fn edits<'s>(
    shown: &'s Value,
    column: &'static str,
    row: &'s Value,
) -> impl Iterator<Item = &'s Value> {
    let edits = shown["edits"].as_array().expect("a list");
    edits.iter().filter(move |edit| edit[column] == row[column])
}

/// The parts by their ids, but for those that are beside a call.
pub fn parts(shown: &Value) -> BTreeMap<String, Value> {
    let calls = by_id(shown, "tool_calls", "part_id", Value::clone);
    let steps = by_id(shown, "step_events", "part_id", Value::clone);
    let patches = by_id(shown, "patches", "part_id", Value::clone);
    let mut parts = by_id(shown, "parts", "part_id", |row| {
        let id = row["part_id"].as_str().expect("a part has an id");
        let beside = [&calls, &steps, &patches].into_iter().find_map(|rows| rows.get(id));
        part(row, beside.unwrap_or(&Value::Null), shown)
    });
    parts.retain(|_, part| part["type"] != "question");
    parts
}

fn part(row: &Value, beside: &Value, shown: &Value) -> Value {
    let mut part = payload(row);
    let columns = [
        ("part_id", "id"),
        ("message_id", "messageID"),
        ("session_id", "sessionID"),
        ("part_type", "type"),
    ];
    put_all(&mut part, row, &columns);
    match row["part_type"].as_str().expect("a part has a type") {
        "text" => put_all(&mut part, row, &[("text", "text")]),
        "reasoning" => put_all(
            &mut part,
            row,
            &[("reasoning_text", "text"), ("signature", "metadata.anthropic.signature")],
        ),
        "tool" => put_call(&mut part, beside, shown),
        "step-start" => put_all(&mut part, beside, &[("snapshot_hash", "snapshot")]),
        "step-finish" => {
            put_all(&mut part, beside, &[("snapshot_hash", "snapshot"), ("reason", "reason")]);
            put_cost(&mut part, beside);
        }
        "patch" => put_all(&mut part, beside, &[("git_hash", "hash"), ("files", "files")]),
        "compaction" => put_all(&mut part, row, &[("compaction_auto", "auto")]),
        "file" => {
            put_all(&mut part, row, &[("file_mime", "mime"), ("file_name", "filename")]);
        }
        _ => {}
    }
    if matches!(row["part_type"].as_str(), Some("text" | "reasoning")) {
        let times = [("started_at_unix_ms", "time.start"), ("ended_at_unix_ms", "time.end")];
        put_all(&mut part, row, &times);
    }
    part
}

fn put_call(part: &mut Value, call: &Value, shown: &Value) {
    let columns = [
        ("call_id", "callID"),
        ("tool", "tool"),
        ("status", "state.status"),
        ("input", "state.input"),
        ("output", "state.output"),
        ("error", "state.error"),
        ("exit_code", "state.metadata.exit"),
        ("started_at_unix_ms", "state.time.start"),
        ("ended_at_unix_ms", "state.time.end"),
    ];
    put_all(part, call, &columns);
    if part["state"]["status"] == "completed" {
        put_diffs(
            &mut part["state"]["metadata"],
            &edits(shown, "call_id", call).collect::<Vec<_>>(),
        );
    }
}

/// The diffs of a call: one file's stands twice in its metadata, those of several files each with
/// its file and once more in a row.
fn put_diffs(metadata: &mut Value, edits: &[&Value]) {
    if let Some(files) = metadata["files"].as_array_mut() {
        let mut whole = String::new();
        for file in files {
            let path =
                if file["movePath"].is_null() { &file["filePath"] } else { &file["movePath"] };
            let edit = edits.iter().find(|edit| edit["path"] == *path).expect("a diff of the file");
            whole = format!("{whole}{}\n", edit["diff"].as_str().expect("a diff"));
            file["patch"] = edit["diff"].clone();
        }
        metadata["diff"] = whole.into();
    } else if let [edit] = edits {
        metadata["diff"] = edit["diff"].clone();
        metadata["filediff"]["patch"] = edit["diff"].clone();
    }
}

fn by_id(
    shown: &Value,
    table: &str,
    id: &str,
    make: impl Fn(&Value) -> Value,
) -> BTreeMap<String, Value> {
    let rows = shown[table].as_array().expect("a list").iter();
    let ids = rows.map(|row| (row[id].as_str().unwrap_or_default().to_owned(), make(row)));
    let expected = shown[table].as_array().map_or(0, Vec::len);
    let found: BTreeMap<_, _> = ids.collect();
    assert_eq!(found.len(), expected, "each {id} of {table} is there once");
    found
}

/// Where two values differ, each place with both.
pub fn differences(place: &str, expected: &Value, found: &Value) -> Vec<Value> {
    match (expected, found) {
        (Value::Object(left), Value::Object(right)) => {
            let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
            let beneath = |key: &String| {
                let place = format!("{place}.{key}");
                differences(&place, &expected[key], &found[key])
            };
            keys.flat_map(beneath).collect()
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let pairs = left.iter().zip(right).enumerate();
            let beneath = |(at, (left, right))| differences(&format!("{place}[{at}]"), left, right);
            pairs.flat_map(beneath).collect()
        }
        (left, right) if left == right => Vec::new(),
        _ => vec![json!({ "at": place, "expected": expected, "found": found })],
    }
}
