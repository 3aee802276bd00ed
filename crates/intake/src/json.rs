//! The JSON values of one item.
//!
//! Stricter than `serde_json::Value`: an object that names a key twice has no one meaning, so it is
//! refused at any level. Nesting is bounded by `serde_json`'s own limit of 128 levels. Numbers are
//! 64-bit integers or doubles, as they are to the agents themselves; only a cost keeps its digits.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde::{Deserialize, de::Error as _};
use serde_json::value::RawValue;

use crate::wire::Reason;

/// The key whose number keeps its digits, where it stands at the top of an item.
const COST: &str = "cost";

const KEY_TWICE: &str = "holds a key twice";
const NO_OBJECT: Reason = "is no object";

/// What `serde_json` says of text that is well formed and still gives no values, in our words.
/// Its own words may quote the text.
const REASONS: [(&str, Reason); 3] = [
    (KEY_TWICE, KEY_TWICE),
    ("recursion limit exceeded", "nests too deep"),
    ("number out of range", "holds a number that is out of range"),
];

/// An object with its keys in order, so that printing it is canonical.
pub(crate) type Object<'a> = BTreeMap<Cow<'a, str>, Value<'a>>;

/// Any JSON value, borrowing from the text where that holds no escapes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value<'a> {
    #[default]
    Null,
    Bool(bool),
    /// A number, and its digits where they are kept.
    Number(serde_json::Number, Option<&'a str>),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Object<'a>),
}

impl Value<'_> {
    /// Whether nothing is left in it that could be kept.
    pub fn is_spent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Object(object) => object.is_empty(),
            Self::Bool(_) | Self::Number(..) | Self::Text(_) | Self::List(_) => false,
        }
    }
}

/// Reads the text of one item.
///
/// # Errors
/// Why it has no one meaning, in words that quote nothing of it.
pub(crate) fn object(text: &str) -> Result<Object<'_>, Reason> {
    if !text.starts_with('{') {
        return Err(NO_OBJECT);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(ItemVisitor).map_err(|error| reason(&error))
}

/// The one text of a value: sorted keys, no white space.
pub(crate) fn canonical(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings as keys and finite numbers always print")
}

/// A string that borrows from its text where it can.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

fn reason(error: &serde_json::Error) -> Reason {
    let words = error.to_string();
    REASONS
        .iter()
        .find(|(start, _)| words.starts_with(start))
        .map_or("cannot be read", |(_, reason)| reason)
}

/// Adds an entry to an object that must not have it yet.
fn insert<'de, E: de::Error>(
    object: &mut Object<'de>,
    key: Cow<'de, str>,
    value: Value<'de>,
) -> Result<(), E> {
    match object.entry(key) {
        Entry::Vacant(vacant) => {
            vacant.insert(value);
            Ok(())
        }
        Entry::Occupied(_) => Err(E::custom(KEY_TWICE)),
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = Object::new();
        while let Some(Text(key)) = map.next_key()? {
            let value = if key == COST {
                with_digits(map.next_value()?).map_err(A::Error::custom)?
            } else {
                map.next_value()?
            };
            insert(&mut object, key, value)?;
        }
        Ok(object)
    }
}

fn with_digits(raw: &RawValue) -> serde_json::Result<Value<'_>> {
    Ok(match serde_json::from_str(raw.get())? {
        Value::Number(number, _) => Value::Number(number, Some(raw.get())),
        value => value,
    })
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Number(value.into(), None))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(value.into(), None))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        let number = serde_json::Number::from_f64(value);
        number.map(|number| Value::Number(number, None)).ok_or_else(|| E::custom(REASONS[2].0))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = Object::new();
        while let Some((Text(key), value)) = map.next_entry()? {
            insert(&mut object, key, value)?;
        }
        Ok(Value::Object(object))
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number, _) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(object) => serializer.collect_map(object),
        }
    }
}
