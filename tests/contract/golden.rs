//! Every answer beside one that a person has compared with the captures.
//!
//! Null fields are left out, amounts are told in dollars and long texts are cut, so that a line holds
//! a row. `INSTA_UPDATE=always` writes the files anew; then each line is to be compared again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use domain::Picodollars;
use serde_json::{Map, Value};

use crate::support::{
    TestEnvironment,
    asked::{Asked, asked, sessions},
    captured::captured,
};

/// Where the files are, as seen from here.
const FOLDER: &str = "../fixtures/golden";

/// A file with more lines is read by nobody.
const LINES: usize = 100;

/// So many characters of a text say what it is.
const CHARACTERS: usize = 48;

/// The name of the file that an answer belongs to. A session whole is a file of its own.
fn name(asked: &Asked) -> String {
    match &asked.session {
        Some(session) if asked.command.starts_with("session show ") => {
            format!("{}-{}", asked.name(), session.replace('/', "-"))
        }
        _ => asked.name(),
    }
}

fn answer(environment: &TestEnvironment, asked: &Asked) -> Value {
    let words = asked.command.split(' ').chain(["--format", "json"]);
    serde_json::from_str(&environment.run(words).output()).expect("a JSON value")
}

/// An answer, a row a line.
fn lines(answer: Value) -> Vec<String> {
    let Value::Object(mut answer) = brief(answer) else { panic!("an answer is an object") };
    let Some(Value::Array(details)) = answer.shift_remove("details") else {
        return answer.iter().flat_map(|(table, rows)| whole(table, rows)).collect();
    };
    let details = details.into_iter().map(|detail| detail.to_string());
    [Value::from(answer).to_string()].into_iter().chain(details).collect()
}

/// The rows of one table of a session whole, each with the table's name.
fn whole(table: &str, rows: &Value) -> Vec<String> {
    let row = |row: &Value| format!("{table} {row}");
    rows.as_array().map_or_else(|| vec![row(rows)], |rows| rows.iter().map(row).collect())
}

fn brief(value: Value) -> Value {
    match value {
        Value::Object(object) => amount(&object).unwrap_or_else(|| {
            let told = object.into_iter().filter(|(_, value)| !value.is_null());
            told.map(|(key, value)| (key, brief(value))).collect()
        }),
        Value::Array(values) => values.into_iter().map(brief).collect(),
        Value::String(text) => cut(text).into(),
        value => value,
    }
}

/// `$0.0021` of an amount, which says the same twice.
fn amount(object: &Map<String, Value>) -> Option<Value> {
    let exact = object.get("picodollars")?.as_i64()?;
    let dollars = object.get("dollars")?.as_str()?;
    assert_eq!(Picodollars(exact).to_string(), dollars);
    Some(format!("${dollars}").into())
}

fn cut(text: String) -> String {
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}… {} bytes", &text[..end], text.len()),
        None => text,
    }
}

/// The names of the files; beside one may lie another that nobody has looked at yet.
fn files() -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/golden");
    let files = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("a file"));
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    names.filter_map(|name| Some(name.strip_suffix(".snap")?.to_owned())).collect()
}

#[test]
fn every_answer_is_what_was_captured() {
    let environment = captured();
    let mut goldens = BTreeMap::<String, String>::new();
    for asked in asked(&sessions(&environment)) {
        let golden = goldens.entry(name(&asked)).or_default();
        for line in lines(answer(&environment, &asked)) {
            golden.push_str(&line);
            golden.push('\n');
        }
    }
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(FOLDER);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (name, golden) in &goldens {
        settings.bind(|| insta::assert_snapshot!(name.as_str(), golden));
    }
    assert_eq!(
        files(),
        goldens.keys().cloned().collect(),
        "a golden for each answer, and no other"
    );
    for (name, golden) in goldens {
        assert!(golden.lines().count() <= LINES, "{name} is too long to be read");
    }
}
