//! The values that fields hold: mostly the domain's own types, read from JSON.

use std::mem;
use std::str::FromStr;

use domain::{
    CallId, CommitId, Cost, ErrorId, EventId, FileChange, Json, MessageId, PartId, PartKind,
    Repository, Role, SessionId, UnixMs,
};
use schemars::{Schema, SchemaGenerator, json_schema};

use super::{FromJson, Note, Reason};
use crate::json::{Value, canonical};

const NO_STRING: Reason = "is no string";
const NO_INTEGER: Reason = "is no integer";
const NEGATIVE: Reason = "is negative";
const EMPTY: Reason = "is empty";
const RELATIVE: Reason = "is no absolute path";

/// A number of things.
pub(crate) struct Count(pub i64);

/// A string with something other than white space in it.
pub(crate) struct Name(pub String);

/// A path that begins at the root.
pub(crate) struct AbsolutePath(pub String);

/// A value that is looked at, whatever it is, and stays where it is: it gets into the payload too.
pub(crate) struct Seen<T>(pub Option<T>);

/// Any value, which stays where it is and so gets into the payload.
pub(crate) struct Kept;

fn string(value: &mut Value<'_>) -> Result<String, Reason> {
    let Value::Text(text) = mem::take(value) else { return Err(NO_STRING) };
    Ok(text.into_owned())
}

fn integer(value: &mut Value<'_>) -> Result<i64, Reason> {
    let Value::Number(number) = mem::take(value) else { return Err(NO_INTEGER) };
    if number.is_f64() {
        return Err(NO_INTEGER);
    }
    number.as_i64().ok_or("is out of range")
}

fn word<T: FromStr>(value: &mut Value<'_>, reason: Reason) -> Result<T, Reason> {
    string(value)?.parse().map_err(|_| reason)
}

fn words(words: impl Iterator<Item = &'static str>) -> Schema {
    json_schema!({ "type": "string", "enum": words.collect::<Vec<_>>() })
}

fn filled_string() -> Schema {
    json_schema!({ "type": "string", "pattern": r"\S" })
}

fn absolute_path() -> Schema {
    json_schema!({ "type": "string", "pattern": "^/" })
}

macro_rules! ids {
    ($($name:ident),+) => {
        $(impl FromJson for $name {
            fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
                Self::new(string(value)?).map_err(|_| EMPTY)
            }

            fn schema(_: &mut SchemaGenerator) -> Schema {
                filled_string()
            }
        })+
    };
}

ids!(SessionId, MessageId, PartId, CallId, ErrorId, EventId);

impl FromJson for Name {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let text = string(value)?;
        if text.trim().is_empty() { Err(EMPTY) } else { Ok(Self(text)) }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        filled_string()
    }
}

impl FromJson for AbsolutePath {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let text = string(value)?;
        if text.starts_with('/') { Ok(Self(text)) } else { Err(RELATIVE) }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        absolute_path()
    }
}

impl FromJson for Repository {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        Self::new(string(value)?).map_err(|_| RELATIVE)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        absolute_path()
    }
}

impl FromJson for CommitId {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        Self::new(string(value)?).map_err(|_| "is no commit id")
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$" })
    }
}

impl FromJson for Seen<String> {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        Ok(Self(match value {
            Value::Text(text) if !text.is_empty() => Some(text.clone().into_owned()),
            _ => None,
        }))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

impl FromJson for Seen<bool> {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        Ok(Self(match value {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

impl FromJson for Kept {
    fn from_json(_: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        Ok(Self)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

impl FromJson for String {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        string(value)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl FromJson for Vec<String> {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let Value::List(mut values) = mem::take(value) else { return Err("is no array") };
        values
            .iter_mut()
            .map(string)
            .collect::<Result<_, _>>()
            .map_err(|_| "holds what is no string")
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": { "type": "string" } })
    }
}

impl FromJson for bool {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let Value::Bool(flag) = mem::take(value) else { return Err("is neither true nor false") };
        Ok(flag)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean" })
    }
}

impl FromJson for i64 {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        integer(value)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX })
    }
}

impl FromJson for Count {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let count = integer(value)?;
        if count < 0 { Err(NEGATIVE) } else { Ok(Self(count)) }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": i64::MAX })
    }
}

impl FromJson for UnixMs {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        Self::new(integer(value)?).ok_or(NEGATIVE)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": i64::MAX })
    }
}

impl FromJson for Cost {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let cost = match mem::take(value) {
            Value::Digits(digits) => Self::from_dollars(digits),
            Value::Number(number) => Self::from_dollars(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Object(_) => {
                return Err("is no number");
            }
        };
        cost.map_err(|_| "is no amount from 0 to 9,223,372 dollars")
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "exclusiveMaximum": 9_223_372 })
    }
}

impl FromJson for Role {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        word(value, "is none of user, assistant")
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        words(Self::ALL.iter().map(|role| role.as_str()))
    }
}

impl FromJson for PartKind {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        word(value, "is none of the known types")
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        words(Self::ALL.iter().map(|kind| kind.as_str()))
    }
}

impl FromJson for FileChange {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        word(value, "is none of created, edited, deleted")
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        words(Self::ALL.iter().map(|change| change.as_str()))
    }
}

impl FromJson for Json {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        Ok(Self::from_canonical(canonical(&mem::take(value))))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}
