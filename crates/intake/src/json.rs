//! The JSON values of one item.
//!
//! Stricter than `serde_json::Value`: an object that names a key twice has no one meaning, so it is
//! refused at any level. Nesting is bounded by `serde_json`'s own limit of 128 levels. Numbers are
//! 64-bit integers or doubles, as they are to the agents themselves; only a cost keeps its digits.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;
use serde_json::value::RawValue;

use crate::wire::Reason;

/// The key whose number keeps its digits, where it stands at the top of an item.
const COST: &str = "cost";

const KEY_TWICE: &str = "holds a key twice";
const OUT_OF_RANGE: &str = "number out of range";
const NO_OBJECT: Reason = "is no object";

/// What `serde_json` says of text that is well formed and still gives no values, in our words.
/// Its own words may quote the text.
const REASONS: [(&str, Reason); 3] = [
    (KEY_TWICE, KEY_TWICE),
    ("recursion limit exceeded", "nests too deep"),
    (OUT_OF_RANGE, "holds a number that is out of range"),
];

/// An object with its keys in order, so that printing it is canonical.
pub(crate) type Object<'a> = BTreeMap<Cow<'a, str>, Value<'a>>;

/// Any JSON value, borrowing from the text where that holds no escapes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value<'a> {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    /// A number whose digits are kept.
    Digits(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Object<'a>),
}

/// The string under a key, where there is one.
pub(crate) fn text<'o>(object: &'o Object<'_>, key: &str) -> Option<&'o str> {
    object.get(key)?.as_text()
}

impl Value<'_> {
    /// The string that it is, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        Some(text)
    }

    /// Whether nothing is left in it that could be kept.
    pub fn is_spent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Object(object) => object.is_empty(),
            Self::Bool(_) | Self::Number(_) | Self::Digits(_) | Self::Text(_) | Self::List(_) => {
                false
            }
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
    let object = deserializer.deserialize_map(ItemVisitor).map_err(|error| reason(&error))?;
    deserializer.end().map_err(|error| reason(&error))?;
    Ok(object)
}

/// The one text of a value: sorted keys, no white space.
pub(crate) fn canonical(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings as keys and finite numbers always print")
}

/// A string that borrows from its text where it can.
#[derive(serde::Deserialize)]
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
        Value::Number(_) => Value::Digits(raw.get()),
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
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom(OUT_OF_RANGE))
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
            Self::Number(number) => number.serialize(serializer),
            Self::Digits(digits) => {
                let number: Number = digits.parse().expect("they were read as a number");
                number.serialize(serializer)
            }
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(object) => serializer.collect_map(object),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_objects_have_one_text() {
        let cases = [
            ("{}", "{}"),
            (r#"{"b":1,"a":{"d":[],"c":null}}"#, r#"{"a":{"c":null,"d":[]},"b":1}"#),
            (" {\t\"a\" :\n[1 , true]\r} ", r#"{"a":[1,true]}"#),
            (r#"{"\u0061":"\u00e9\/\u0001"}"#, r#"{"a":"é/\u0001"}"#),
            (
                r#"{"a":1.50,"b":1e2,"c":-0,"d":18446744073709551615}"#,
                r#"{"a":1.5,"b":100.0,"c":-0.0,"d":18446744073709551615}"#,
            ),
            (r#"{"a":0.30000000000000004}"#, r#"{"a":0.30000000000000004}"#),
            (r#"{"cost":2.10e-3}"#, r#"{"cost":0.0021}"#),
        ];
        for (text, expected) in cases {
            let object = object(text.trim()).expect("it is an object");
            assert_eq!(canonical(&object), expected);
        }
    }

    #[test]
    fn only_a_cost_at_the_top_keeps_its_digits() {
        let object =
            object(r#"{"cost":0.10,"a":0.10,"b":{"cost":0.10}}"#).expect("it is an object");
        let number = Value::Number(Number::from_f64(0.1).expect("it is finite"));
        assert_eq!(object["cost"], Value::Digits("0.10"));
        assert_eq!(object["a"], number);
        assert_eq!(object["b"], Value::Object([("cost".into(), number)].into()));
    }

    #[test]
    fn what_has_no_one_meaning_is_refused() {
        let deep =
            |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        let cases = [
            ("[]", NO_OBJECT),
            (r#"{"a":1,"b":2,"a":3}"#, KEY_TWICE),
            (r#"{"a":[{"b":1,"b":1}]}"#, KEY_TWICE),
            (r#"{"cost":{"b":1,"b":1}}"#, KEY_TWICE),
            (r#"{"a":1e309}"#, "holds a number that is out of range"),
            (r#"{"cost":-1e309}"#, "holds a number that is out of range"),
            (&deep(128), "nests too deep"),
            (r#"{"a":"\ud800"}"#, "cannot be read"),
            (r#"{"a":1}{"a":1}"#, "cannot be read"),
        ];
        for (text, reason) in cases {
            assert_eq!(object(text), Err(reason), "{text}");
        }
        assert!(object(&deep(126)).is_ok());
    }

    fn text_of_json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            any::<String>().prop_map(|text| serde_json::json!(text)),
            any::<f64>().prop_map(|number| serde_json::json!(number)),
            any::<i64>().prop_map(|number| serde_json::json!(number)),
            any::<Option<bool>>().prop_map(|flag| serde_json::json!(flag)),
        ];
        let value = leaf.prop_recursive(4, 32, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(serde_json::Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..8)
                    .prop_map(serde_json::Value::from_iter),
            ]
        });
        value.prop_map(|value| serde_json::json!({ "value": value }).to_string())
    }

    proptest! {
        #[test]
        fn canonical_text_is_its_own_canonical_text(text in text_of_json()) {
            let first = canonical(&object(&text).expect("it is an object"));
            let second = canonical(&object(&first).expect("it is an object"));
            prop_assert_eq!(&first, &second);
            let meaning = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
            prop_assert_eq!(meaning(&text), meaning(&first));
        }
    }
}
