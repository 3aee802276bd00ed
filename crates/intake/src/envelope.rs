//! The object around the items: what it must be, and its items as raw text.
//!
//! The items are not parsed here, so that a bad one never hurts its siblings.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use domain::Reject;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json::Text;
use crate::surrogates;
use crate::wire::Reason;

/// What is written into an envelope around an item that stood behind equal ones in its own.
const OCCURRENCE: &str = "recount_occurrence";

/// What the payloads of an envelope are. A further type is named here and judged in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Message,
    Part,
    Session,
    Error,
    Compaction,
    File,
    Event,
    Commit,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Message,
        Self::Part,
        Self::Session,
        Self::Error,
        Self::Compaction,
        Self::File,
        Self::Event,
        Self::Commit,
    ];

    /// The envelope's `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message.updated",
            Self::Part => "message.part.updated",
            Self::Session => "session.updated",
            Self::Error => "session.error",
            Self::Compaction => "session.compacted",
            Self::File => "file.edited",
            Self::Event => "event.recorded",
            Self::Commit => "commit.recorded",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A JSON object at the top of an input.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Envelope(Envelope<'a>),
    /// A native hook event of an agent: the text of the whole object.
    HookEvent(&'a str),
}

/// A typed batch envelope.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    pub kind: Kind,
    pub agent: Optional<'a>,
    pub agent_version: Optional<'a>,
    /// See [`crate::identity::Occurrences::from`].
    pub first_occurrence: u64,
    payloads: &'a str,
}

/// An optional string of an envelope.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Optional<'a> {
    #[default]
    Absent,
    Given(Cow<'a, str>),
    Misfit,
}

impl Optional<'_> {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Given(text) => Some(text),
            Self::Absent | Self::Misfit => None,
        }
    }
}

impl<'a> Envelope<'a> {
    /// The items, each with its text as it came.
    pub fn items(&self) -> Items<'a> {
        Items { rest: self.payloads }
    }
}

/// Reads the object at the top of an input.
///
/// # Errors
/// Why the value is neither an envelope nor a hook event, in words that quote nothing of it.
pub(crate) fn read(bytes: &[u8]) -> Result<Value<'_>, Reason> {
    let text = str::from_utf8(bytes).map_err(|_| "holds bytes that are no UTF-8")?;
    if !text.starts_with('{') {
        return Err("is no JSON object");
    }
    let top: Top<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => "names a key twice",
        _ => "holds a key that cannot be read",
    })?;
    if top.string("hook_event_name").is_some() && !top.0.contains_key("payloads") {
        return Ok(Value::HookEvent(text));
    }
    top.envelope().map(Value::Envelope)
}

/// The keys at the top, each with the text of its value.
struct Top<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'a> Top<'a> {
    fn envelope(&self) -> Result<Envelope<'a>, Reason> {
        if !self.0.contains_key("type") {
            return Err("has no `type`");
        }
        let kind = self.string("type").ok_or("its `type` is no string")?;
        let kind = Kind::named(&kind).ok_or("its `type` is unknown")?;
        let payloads = self.0.get("payloads").ok_or("has no `payloads`")?.get();
        if !payloads.starts_with('[') {
            return Err("its `payloads` are no array");
        }
        let envelope = Envelope {
            kind,
            agent: self.optional("agent"),
            agent_version: self.optional("agent_version"),
            first_occurrence: self.occurrence(),
            payloads,
        };
        if names_types_itself(&envelope) {
            return Err("one of its payloads carries a `type` of its own");
        }
        Ok(envelope)
    }

    fn string(&self, key: &str) -> Option<Cow<'a, str>> {
        let Text(text) = serde_json::from_str(self.0.get(key)?.get()).ok()?;
        Some(text)
    }

    fn optional(&self, key: &str) -> Optional<'a> {
        match self.0.get(key) {
            None => Optional::Absent,
            Some(value) if value.get() == "null" => Optional::Absent,
            Some(_) => self.string(key).map_or(Optional::Misfit, Optional::Given),
        }
    }

    fn occurrence(&self) -> u64 {
        let value = self.0.get(OCCURRENCE).map(|value| value.get());
        value.and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}

/// Whether a payload carries a `type`: the sign of a producer that speaks another dialect.
///
/// The plain search first, because hardly any text holds either string. JSON may write each
/// character as an escape, and those of `type` all begin so.
fn names_types_itself(envelope: &Envelope<'_>) -> bool {
    let may_do = |text: &str| text.contains(r#""type""#) || text.contains(r"\u00");
    may_do(envelope.payloads) && envelope.items().any(|item| may_do(item) && has_type(item))
}

fn has_type(item: &str) -> bool {
    let repaired = surrogates::replaced(item);
    let text = repaired.as_deref().unwrap_or(item);
    item.starts_with('{') && serde_json::from_str(text).is_ok_and(|HasType(has_type)| has_type)
}

/// The elements of the text of a well-formed array, one after the other.
pub(crate) struct Items<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.strip_prefix(['[', ','])?;
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let item = values.next()?.ok()?;
        self.rest = text[values.byte_offset()..].trim_start();
        Some(item.get())
    }
}

impl<'de> Deserialize<'de> for Top<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TopVisitor).map(Self)
    }
}

struct TopVisitor;

impl<'de> Visitor<'de> for TopVisitor {
    type Value = BTreeMap<Cow<'de, str>, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut top = BTreeMap::new();
        while let Some((Text(key), value)) = map.next_entry()? {
            if top.insert(key, value).is_some() {
                return Err(A::Error::custom("a key comes twice"));
            }
        }
        Ok(top)
    }
}

/// Whether an object has the key `type`.
struct HasType(bool);

impl<'de> Deserialize<'de> for HasType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HasTypeVisitor).map(Self)
    }
}

struct HasTypeVisitor;

impl<'de> Visitor<'de> for HasTypeVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut has_type = false;
        while let Some((Text(key), IgnoredAny)) = map.next_entry()? {
            has_type |= key == "type";
        }
        Ok(has_type)
    }
}

/// An envelope as it is written around a rejected item.
#[derive(Serialize)]
struct Around<'a> {
    r#type: &'a str,
    agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_version: Option<&'a str>,
    #[serde(rename = "recount_occurrence")]
    occurrence: u64,
    payloads: [&'a RawValue; 1],
}

/// An envelope around one rejected item, so that it can be judged again: the same item bears the
/// same id, given or derived, as it would have then.
///
/// `None` where the item's bytes are no JSON value, which no decoder has made.
pub fn envelope_around(reject: &Reject) -> Option<Vec<u8>> {
    let item: &RawValue = serde_json::from_slice(&reject.bytes).ok()?;
    let around = Around {
        r#type: &reject.kind,
        agent: &reject.agent,
        agent_version: reject.agent_version.as_deref(),
        occurrence: reject.occurrence,
        payloads: [item],
    };
    serde_json::to_vec(&around).ok()
}
