//! JSON objects of which only the top is taken apart: a value passes with the very text that the
//! agent wrote, whatever it holds.

use std::fmt;

use serde::{
    Deserialize, Serialize,
    de::{Deserializer, MapAccess, Visitor},
    ser::{SerializeMap, Serializer},
};
use serde_json::value::{RawValue, to_raw_value};

use crate::Reason;

/// The keys of an object in their order, each once, with the text of its value. None is null.
#[derive(Debug, Default)]
pub(crate) struct Object(Vec<(String, Box<RawValue>)>);

impl Object {
    /// Reads an object. Of a key that comes twice the last value counts, as it does to agents that
    /// are written in JavaScript.
    pub fn read(text: &[u8]) -> Result<Self, Reason> {
        serde_json::from_slice(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Eof => "ends too early".into(),
            serde_json::error::Category::Data => "is no JSON object".into(),
            _ => "is no JSON".into(),
        })
    }

    /// Takes a value out.
    pub fn take(&mut self, key: &str) -> Option<Box<RawValue>> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    /// Takes an object out; anything else stays.
    pub fn take_object(&mut self, key: &str) -> Option<Self> {
        let object = self.object(key)?;
        self.take(key);
        Some(object)
    }

    /// The object under a key.
    pub fn object(&self, key: &str) -> Option<Self> {
        serde_json::from_str(self.get(key)?.get()).ok()
    }

    /// The integer under a key.
    pub fn integer(&self, key: &str) -> Option<i64> {
        serde_json::from_str(self.get(key)?.get()).ok()
    }

    /// The value under a key.
    pub fn value(&self, key: &str) -> Option<Box<RawValue>> {
        self.get(key).map(ToOwned::to_owned)
    }

    /// The text under a key.
    pub fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.get(key)?.get()).ok()
    }

    /// Puts a value in, in the place of one that is there. Null says nothing and changes nothing.
    pub fn put(&mut self, key: &str, value: impl Serialize) {
        let value = to_raw_value(&value).expect("what is put here can be written as JSON");
        if value.get() == "null" {
            return;
        }
        self.take(key);
        self.0.push((key.to_owned(), value));
    }

    /// Puts all of another one in; what is here already stays.
    pub fn fill_up(&mut self, other: Self) {
        for (key, value) in other.0 {
            if self.get(&key).is_none() {
                self.0.push((key, value));
            }
        }
    }

    /// The same where anything is in it.
    pub fn filled(self) -> Option<Self> {
        (!self.0.is_empty()).then_some(self)
    }

    /// Its text.
    pub fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("its values are JSON already")
    }

    fn get(&self, key: &str) -> Option<&RawValue> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| &**value)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut object = Object::default();
        while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
            object.take(&key);
            if value.get() != "null" {
                object.0.push((key, value));
            }
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_pass_as_they_were_written() {
        let text =
            r#"{"b":1.50,"a":{"x" : "\ud800"},"c":null,"d":[ ],"b":12345678901234567890123}"#;
        let object = Object::read(text.as_bytes()).expect("an object");
        let printed = String::from_utf8(object.json()).expect("text");
        assert_eq!(printed, r#"{"a":{"x" : "\ud800"},"d":[ ],"b":12345678901234567890123}"#);
    }

    #[test]
    fn what_is_no_object_is_told_by_kind() {
        let cases = [
            (&b"{\"a\":1"[..], "ends too early"),
            (b"", "ends too early"),
            (b"[]", "is no JSON object"),
            (b"{\"a\":1}x", "is no JSON"),
            (b"\xff", "is no JSON"),
        ];
        for (text, reason) in cases {
            assert_eq!(Object::read(text).map(|object| object.json()), Err(reason.into()));
        }
    }
}
