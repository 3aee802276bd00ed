//! The settings file as a JSON Schema, for editors and for people who want the whole list.

use pricing::Kind;
use serde_json::{Map, Value, json};

use super::{
    Settings,
    key::{Field, KEYS, Key, SYNCHRONOUS},
};
use crate::environment::Environment;

/// The schema (2020-12), made from the list of keys.
pub fn schema() -> Value {
    let defaults = Settings::defaults(&Environment::default());
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "recount settings",
        "description": "$XDG_CONFIG_HOME/recount/config.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": {},
    });
    for key in &KEYS {
        let mut names = key.name.split('.');
        let own = names.next_back().expect("a split has a last piece");
        let parent = names
            .fold(&mut root, |parent, name| properties(parent).entry(name).or_insert_with(table));
        properties(parent).insert(own.to_owned(), property(key, &defaults));
    }
    root
}

fn table() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn properties(table: &mut Value) -> &mut Map<String, Value> {
    table["properties"].as_object_mut().expect("a table has properties")
}

fn property(key: &Key, defaults: &Settings) -> Value {
    let mut property = match &key.field {
        Field::Path(_) => json!({ "type": "string", "pattern": "^(~/|/).+" }),
        Field::Url(_) => json!({ "type": "string", "pattern": "^https?://[^/?#][^?#]*$" }),
        Field::Filter(_) => json!({ "type": "string" }),
        Field::Synchronous(_) => json!({ "enum": SYNCHRONOUS.map(|(word, _)| word) }),
        Field::Switch(_) => json!({ "type": "boolean" }),
        Field::Prices(_) => json!({ "type": "array", "items": price() }),
        Field::Number { range, .. } => {
            json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() })
        }
    };
    let unit = key.field.unit().map(|unit| format!(" In {}.", unit.as_str()));
    property["description"] = json!(format!("{}{}", key.meaning, unit.unwrap_or_default()));
    let default = key.field.show(defaults);
    if !default.is_null() {
        property["default"] = default;
    }
    property
}

/// One price; a day is a text to whoever has no days.
fn price() -> Value {
    let name = json!({ "type": "string", "pattern": "\\S" });
    let day = json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });
    let rate =
        json!({ "type": ["number", "string"], "minimum": 0, "pattern": "^[0-9]+(\\.[0-9]+)?$" });
    let mut price = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["provider", "model"],
        "properties": {
            "provider": name,
            "model": name,
            "aliases": { "type": "array", "items": name },
            "from": day,
            "until": day,
            "prompt_over_tokens": { "type": "integer", "minimum": 0 },
            "source": name,
            "read_on": day,
        },
    });
    for kind in Kind::ALL {
        properties(&mut price).insert(kind.as_str().to_owned(), rate.clone());
    }
    let one_kind = Kind::ALL.map(|kind| json!({ "required": [kind.as_str()] }));
    price["anyOf"] = json!(one_kind);
    price
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_one_and_judges_as_reading_does() {
        let schema = schema();
        let validator = jsonschema::draft202012::new(&schema).expect("a valid schema");
        let cases = [
            (json!({}), true),
            (json!({ "hooks": { "deadline_ms": 60000 } }), true),
            (json!({ "hooks": { "deadline_ms": 60001 } }), false),
            (json!({ "hooks": { "deadline_ms": "1" } }), false),
            (json!({ "hooks": { "deadline": 1 } }), false),
            (json!({ "hook": {} }), false),
            (json!({ "database": "x.db" }), false),
            (json!({ "database": "~/x.db" }), true),
            (json!({ "store": { "synchronous": "off" } }), false),
            (json!({ "prices": [] }), true),
            (json!({ "prices": [{ "provider": "p", "model": "m", "input": 3.75 }] }), true),
            (json!({ "prices": [{ "provider": "p", "model": "m", "input": "3.75" }] }), true),
            (json!({ "prices": [{ "provider": "p", "model": "m", "input": "3e1" }] }), false),
            (json!({ "prices": [{ "provider": "p", "model": "m", "input": -1 }] }), false),
            (json!({ "prices": [{ "provider": "p", "model": "m" }] }), false),
            (json!({ "prices": [{ "model": "m", "input": 1 }] }), false),
            (json!({ "prices": [{ "provider": "p", "model": "m", "inptu": 1 }] }), false),
        ];
        for (file, expected) in cases {
            assert_eq!(validator.is_valid(&file), expected, "{file}");
        }
    }

    #[test]
    fn the_schema_has_every_key_with_its_default() {
        let schema = schema();
        let defaults = Settings::defaults(&Environment::default());
        for key in &KEYS {
            let pointer = key
                .name
                .split('.')
                .fold(String::new(), |pointer, name| format!("{pointer}/properties/{name}"));
            let property = schema.pointer(&pointer).expect("the key is in the schema");
            assert_eq!(property.get("default").unwrap_or(&Value::Null), &key.field.show(&defaults));
        }
    }
}
