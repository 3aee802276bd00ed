//! What is expected of a case: records and lines in a form that is the same at every run.

use std::{fs, path::Path, sync::LazyLock};

use serde_json::{Map, Value};

/// Agent Trace 0.1.0, as it is published.
const SCHEMA: &str = include_str!("../fixtures/agent-trace/trace-record.json");

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema")
});

/// So much of a hash tells it from others.
const HASH_CHARACTERS: usize = "sha256:".len() + 12;

/// No line of an expectation is longer, where it can be broken.
const WIDTH: usize = 100;

/// Demands that a record is one by the published schema.
pub fn demand_valid(record: &Value) {
    let faults: Vec<String> = VALIDATOR
        .iter_errors(record)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}\n{record:#}");
}

/// A record without what differs from run to run, and with as much of a hash as tells it from others.
pub fn stable(mut record: Value, subject: &str) -> Value {
    shorten(&mut record["files"]);
    record["id"] = "ID".into();
    record["timestamp"] = "TIME".into();
    record["vcs"]["revision"] = subject.into();
    record["tool"]["version"] = "VERSION".into();
    record
}

fn shorten(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(object) => {
            if let Some(Value::String(hash)) = object.get_mut("content_hash") {
                hash.truncate(HASH_CHARACTERS);
            }
            object.values_mut().for_each(shorten);
        }
        _ => {}
    }
}

/// JSON in which whatever fits on a line stands on one.
pub fn print(value: &Value, indent: usize) -> String {
    let short = spaced(value);
    if short.len() + indent <= WIDTH {
        return short;
    }
    let (inner, outer) = (" ".repeat(indent + 2), " ".repeat(indent));
    let lines = |items: Vec<String>| items.join(&format!(",\n{inner}"));
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| print(item, indent + 2)).collect();
            format!("[\n{inner}{}\n{outer}]", lines(items))
        }
        Value::Object(object) => format!("{{\n{inner}{}\n{outer}}}", lines(fields(object, indent))),
        _ => short,
    }
}

fn fields(object: &Map<String, Value>, indent: usize) -> Vec<String> {
    let field = |(key, value): (&String, &Value)| {
        format!("{}: {}", Value::from(key.as_str()), print(value, indent + 2))
    };
    object.iter().map(field).collect()
}

/// JSON on one line with blanks to read it by.
fn spaced(value: &Value) -> String {
    let joined = |items: Vec<String>| items.join(", ");
    match value {
        Value::Array(items) => format!("[{}]", joined(items.iter().map(spaced).collect())),
        Value::Object(object) => {
            let fields = object.iter();
            let fields =
                fields.map(|(key, value)| format!("{}: {}", Value::from(&**key), spaced(value)));
            format!("{{{}}}", joined(fields.collect()))
        }
        other => other.to_string(),
    }
}

/// Demands that a file of the case says that, or writes it where a person wants so.
pub fn demand(file: &Path, found: &str) {
    #[expect(clippy::disallowed_methods, reason = "the person who runs the tests says so")]
    let is_update = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    if is_update {
        fs::write(file, found).expect("it is ours");
        return;
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    assert!(
        expected == found,
        "{} says otherwise; hint: `INSTA_UPDATE=always` writes it anew\n--- found\n{found}",
        file.display()
    );
}
