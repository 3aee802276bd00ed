//! Every key of the settings file, in one list: reading it, `config show` and `config schema` are
//! made from it. A default is not in here but in [`Settings::defaults`], with its type.

use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use pricing::{Kind, Price, Rate};
use serde_json::{Map, Value, json};
use store::Synchronous;
use toml::{Spanned, de::DeValue};

use super::Settings;
use crate::{environment::Environment, logging::Filter};

/// One key.
pub struct Key {
    /// Its tables and its name, joined by dots.
    pub name: &'static str,
    /// What it holds.
    pub field: Field,
    /// What it does.
    pub meaning: &'static str,
}

/// What a key holds, and where in [`Settings`] it does.
pub enum Field {
    /// An absolute path, or one from home.
    Path(fn(&mut Settings) -> &mut Option<PathBuf>),
    /// What links begin with, without a slash at its end.
    Url(fn(&mut Settings) -> &mut String),
    /// Which log entries are wanted.
    Filter(fn(&mut Settings) -> &mut Filter),
    /// How hard a commit tries.
    Synchronous(fn(&mut Settings) -> &mut Synchronous),
    /// Whether something is done.
    Switch(fn(&mut Settings) -> &mut bool),
    /// What models cost.
    Prices(fn(&mut Settings) -> &mut Vec<Price>),
    /// A whole number.
    Number {
        /// What it counts.
        unit: Unit,
        /// What is allowed.
        range: RangeInclusive<u64>,
        /// Where it is.
        place: Place,
    },
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// All of them, the first one included.
    Attempts,
    /// Bytes.
    Bytes,
    /// Days.
    Days,
    /// Files.
    Files,
    /// Milliseconds.
    Milliseconds,
}

/// Where a number is.
pub enum Place {
    /// In a time span.
    Span(fn(&mut Settings) -> &mut Duration),
    /// In a number.
    Large(fn(&mut Settings) -> &mut u64),
    /// In a number that stays small.
    Small(fn(&mut Settings) -> &mut u32),
}

const MINUTE: u64 = 60_000;
const GIB: u64 = 1024 * 1024 * 1024;

/// How many keys there are.
pub const COUNT: usize = 22;

/// Every key, in the order in which people read them.
pub static KEYS: [Key; COUNT] = [
    Key {
        name: "database",
        field: Field::Path(|settings| &mut settings.database),
        meaning: "The database file; all else that is kept lies beside it. Where nobody names one \
                  it is $XDG_DATA_HOME/recount/recount.db.",
    },
    Key {
        name: "log",
        field: Field::Filter(|settings| &mut settings.log),
        meaning: "What is logged: off, error, warn, info, debug or trace, and target=level pairs \
                  after commas. Commands log to standard error, hooks beside the database.",
    },
    Key {
        name: "hooks.read_timeout_ms",
        field: milliseconds(1..=10 * MINUTE, |settings| &mut settings.hooks.read_timeout),
        meaning: "How long a hook waits for the end of its input before it keeps what it has.",
    },
    Key {
        name: "hooks.deadline_ms",
        field: milliseconds(0..=MINUTE, |settings| &mut settings.hooks.deadline),
        meaning: "So long after the end of its input a hook begins no further transaction.",
    },
    Key {
        name: "hooks.drain_files",
        field: large(Unit::Files, 1..=100_000, |settings| &mut settings.hooks.drain_files),
        meaning: "A hook stores what waits in the spool once so many files wait.",
    },
    Key {
        name: "hooks.drain_bytes",
        field: large(Unit::Bytes, 0..=GIB, |settings| &mut settings.hooks.drain_bytes),
        meaning: "A hook whose own input is at least this long stores it at once.",
    },
    Key {
        name: "store.synchronous",
        field: Field::Synchronous(|settings| &mut settings.store.synchronous),
        meaning: "How a commit reaches the disk: full survives a power cut, normal may lose the \
                  last commits to one.",
    },
    Key {
        name: "store.checkpoint_bytes",
        field: large(Unit::Bytes, 0..=GIB, |settings| &mut settings.store.checkpoint_bytes),
        meaning: "A write-ahead log longer than this is written back into the database.",
    },
    Key {
        name: "policies.database_retry.trace.connection_open.max_attempts",
        field: attempts(|settings| &mut settings.retry.connection_open.max_attempts),
        meaning: "How often opening the database is tried.",
    },
    Key {
        name: "policies.database_retry.trace.connection_open.timeout_ms",
        field: milliseconds(0..=10 * MINUTE, |settings| {
            &mut settings.retry.connection_open.timeout
        }),
        meaning: "After this long no further attempt to open the database begins.",
    },
    Key {
        name: "policies.database_retry.trace.connection_open.initial_backoff_ms",
        field: milliseconds(0..=MINUTE, |settings| {
            &mut settings.retry.connection_open.initial_backoff
        }),
        meaning: "The longest pause before the second attempt; it doubles with each further one.",
    },
    Key {
        name: "policies.database_retry.trace.connection_open.max_backoff_ms",
        field: milliseconds(0..=MINUTE, |settings| &mut settings.retry.connection_open.max_backoff),
        meaning: "The longest pause before any attempt.",
    },
    Key {
        name: "policies.database_retry.trace.query.max_attempts",
        field: attempts(|settings| &mut settings.retry.query.max_attempts),
        meaning: "How often a statement or a transaction is tried.",
    },
    Key {
        name: "policies.database_retry.trace.query.timeout_ms",
        field: milliseconds(0..=10 * MINUTE, |settings| &mut settings.retry.query.timeout),
        meaning: "After this long no further attempt begins; one that runs is never cut off.",
    },
    Key {
        name: "policies.database_retry.trace.query.initial_backoff_ms",
        field: milliseconds(0..=MINUTE, |settings| &mut settings.retry.query.initial_backoff),
        meaning: "The longest pause before the second attempt; it doubles with each further one.",
    },
    Key {
        name: "policies.database_retry.trace.query.max_backoff_ms",
        field: milliseconds(0..=MINUTE, |settings| &mut settings.retry.query.max_backoff),
        meaning: "The longest pause before any attempt.",
    },
    Key {
        name: "readers.lease_timeout_ms",
        field: milliseconds(0..=10 * MINUTE, |settings| &mut settings.readers.lease_timeout),
        meaning: "How long a command waits for the database before it names who holds it.",
    },
    Key {
        name: "retention.max_age_days",
        field: large(Unit::Days, 0..=36_500, |settings| &mut settings.retention.max_age_days),
        meaning: "`recount session cleanup` removes sessions that were last active before; 0 keeps \
                  them however old they are.",
    },
    Key {
        name: "retention.max_bytes",
        field: large(Unit::Bytes, 0..=1024 * GIB, |settings| &mut settings.retention.max_bytes),
        meaning: "It removes the longest inactive sessions while all take about more; 0 keeps them \
                  however large they are.",
    },
    Key {
        name: "retention.auto",
        field: Field::Switch(|settings| &mut settings.retention.auto),
        meaning: "Whether any command but a hook does so at its end, at most once a day, and logs \
                  what it has removed.",
    },
    Key {
        name: "trace.url",
        field: Field::Url(|settings| &mut settings.trace.url),
        meaning: "What links to pages begin with in records of commits, such as the address at which \
                  `recount serve` is reached.",
    },
    Key {
        name: "prices",
        field: Field::Prices(|settings| &mut settings.prices),
        meaning: "Own prices, in US dollars for a million tokens: a list of tables with the keys of \
                  the built-in list, crates/pricing/prices.toml. A model that is named here, by \
                  any of its names, has no other price.",
    },
];

const fn milliseconds(
    range: RangeInclusive<u64>,
    place: fn(&mut Settings) -> &mut Duration,
) -> Field {
    Field::Number { unit: Unit::Milliseconds, range, place: Place::Span(place) }
}

const fn large(
    unit: Unit,
    range: RangeInclusive<u64>,
    place: fn(&mut Settings) -> &mut u64,
) -> Field {
    Field::Number { unit, range, place: Place::Large(place) }
}

const fn attempts(place: fn(&mut Settings) -> &mut u32) -> Field {
    Field::Number { unit: Unit::Attempts, range: 1..=100, place: Place::Small(place) }
}

/// Why a value of the file is not taken over.
#[derive(Debug)]
pub enum Wrong {
    /// It is not what is allowed.
    Value,
    /// These places in it are wrong.
    Inside(Vec<pricing::Fault>),
}

impl Field {
    /// Takes a value of the file over.
    ///
    /// # Errors
    /// It is not allowed, and nothing is changed.
    pub fn read(
        &self,
        settings: &mut Settings,
        value: &Spanned<DeValue<'_>>,
        environment: &Environment,
    ) -> Result<(), Wrong> {
        let text = value.get_ref().as_str();
        match self {
            Self::Path(place) => {
                let path = text.and_then(|text| absolute_path(text, environment));
                *place(settings) = Some(path.ok_or(Wrong::Value)?);
            }
            Self::Url(place) => {
                *place(settings) = text.and_then(url).ok_or(Wrong::Value)?;
            }
            Self::Filter(place) => {
                let filter = text.and_then(|text| text.parse().ok());
                *place(settings) = filter.ok_or(Wrong::Value)?;
            }
            Self::Synchronous(place) => {
                let found = SYNCHRONOUS.iter().find(|(known, _)| text == Some(known));
                *place(settings) = found.ok_or(Wrong::Value)?.1;
            }
            Self::Switch(place) => {
                *place(settings) = value.get_ref().as_bool().ok_or(Wrong::Value)?;
            }
            Self::Prices(place) => {
                *place(settings) = pricing::read(value).map_err(Wrong::Inside)?;
            }
            Self::Number { range, place, .. } => {
                let number = value.get_ref().as_integer();
                let number = number
                    .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
                let number = number.filter(|number| range.contains(number));
                place.put(settings, number.ok_or(Wrong::Value)?);
            }
        }
        Ok(())
    }

    /// Takes the value of one over to the other.
    pub fn copy(&self, from: &Settings, to: &mut Settings) {
        let from = &mut from.clone();
        match self {
            Self::Path(place) => place(to).clone_from(place(from)),
            Self::Url(place) => place(to).clone_from(place(from)),
            Self::Filter(place) => place(to).clone_from(place(from)),
            Self::Synchronous(place) => *place(to) = *place(from),
            Self::Switch(place) => *place(to) = *place(from),
            Self::Prices(place) => place(to).clone_from(place(from)),
            Self::Number { place, .. } => place.put(to, place.take(from)),
        }
    }

    /// The value, as the file and JSON write it.
    pub fn show(&self, settings: &Settings) -> serde_json::Value {
        let settings = &mut settings.clone();
        match self {
            Self::Path(place) => json!(place(settings).as_ref().map(|path| path.to_string_lossy())),
            Self::Url(place) => json!(place(settings)),
            Self::Filter(place) => json!(place(settings).as_str()),
            Self::Synchronous(place) => {
                let found = SYNCHRONOUS.iter().find(|(_, known)| known == place(settings));
                json!(found.map(|(word, _)| word))
            }
            Self::Switch(place) => json!(place(settings)),
            Self::Prices(place) => place(settings).iter().map(show_price).collect(),
            Self::Number { place, .. } => json!(place.take(settings)),
        }
    }

    /// What is allowed, to end a sentence with.
    pub fn allowed(&self) -> String {
        match self {
            Self::Path(_) => "an absolute path, or one that begins with `~/`".to_owned(),
            Self::Url(_) => "an address that begins with http:// or https://".to_owned(),
            Self::Filter(_) => "a filter such as \"warn\" or \"warn,store=debug\"".to_owned(),
            Self::Synchronous(_) => "\"full\" or \"normal\"".to_owned(),
            Self::Switch(_) => "true or false".to_owned(),
            Self::Prices(_) => "a list of tables, one for each price".to_owned(),
            Self::Number { unit, range, .. } => {
                format!("a number of {} from {} to {}", unit.as_str(), range.start(), range.end())
            }
        }
    }

    /// What it counts, where it is a number.
    pub fn unit(&self) -> Option<Unit> {
        match self {
            Self::Path(_)
            | Self::Url(_)
            | Self::Filter(_)
            | Self::Synchronous(_)
            | Self::Switch(_)
            | Self::Prices(_) => None,
            Self::Number { unit, .. } => Some(*unit),
        }
    }
}

/// A price as the file writes it, its numbers as texts: JSON has no others that are exact.
fn show_price(price: &Price) -> Value {
    let Price { provider, model, aliases, from, until, prompt_over_tokens, rates, source, read_on } =
        price;
    let day = |day: &Option<pricing::Date>| day.map(|day| json!(day.to_string()));
    let mut keys = vec![
        ("provider", Some(json!(provider))),
        ("model", Some(json!(model))),
        ("aliases", (!aliases.is_empty()).then(|| json!(aliases))),
        ("from", day(from)),
        ("until", day(until)),
        ("prompt_over_tokens", prompt_over_tokens.map(|over| json!(over))),
    ];
    keys.extend(Kind::ALL.map(|kind| {
        (kind.as_str(), rates.named(kind).map(|rate| json!(Rate::dollars_per_million(rate))))
    }));
    keys.extend([
        ("source", source.as_ref().map(|source| json!(source))),
        ("read_on", day(read_on)),
    ]);
    let said = keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(said.collect::<Map<_, _>>())
}

/// A path that means the same in whatever folder an agent starts its hooks.
fn absolute_path(text: &str, environment: &Environment) -> Option<PathBuf> {
    let path = match text.strip_prefix("~/") {
        Some(below_home) => environment.home.as_ref()?.join(below_home),
        None => PathBuf::from(text),
    };
    Some(path).filter(|path| path.is_absolute() && path != Path::new("/"))
}

/// An address to which a path can be added.
fn url(text: &str) -> Option<String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let has_end = text.contains(['?', '#']);
    let is_url = is_plain && !has_end && !host.is_empty() && !host.starts_with('/');
    is_url.then(|| text.trim_end_matches('/').to_owned())
}

/// Every way to commit, by its word.
pub const SYNCHRONOUS: [(&str, Synchronous); 2] =
    [("full", Synchronous::Full), ("normal", Synchronous::Normal)];

impl Unit {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Bytes => "bytes",
            Self::Days => "days",
            Self::Files => "files",
            Self::Milliseconds => "milliseconds",
        }
    }
}

impl Place {
    fn put(&self, settings: &mut Settings, number: u64) {
        match self {
            Self::Span(place) => *place(settings) = Duration::from_millis(number),
            Self::Large(place) => *place(settings) = number,
            Self::Small(place) => *place(settings) = u32::try_from(number).unwrap_or(u32::MAX),
        }
    }

    fn take(&self, settings: &mut Settings) -> u64 {
        match self {
            Self::Span(place) => u64::try_from(place(settings).as_millis()).unwrap_or(u64::MAX),
            Self::Large(place) => *place(settings),
            Self::Small(place) => u64::from(*place(settings)),
        }
    }
}

/// The place in [`KEYS`] of the key with that name.
pub fn position(name: &str) -> Option<usize> {
    KEYS.iter().position(|key| key.name == name)
}

/// Every table that holds a key or another table; a table with many keys many times.
pub fn tables() -> impl Iterator<Item = &'static str> {
    KEYS.iter().flat_map(|key| key.name.match_indices('.').map(|(dot, _)| &key.name[..dot]))
}

/// The one of `candidates` that was most likely meant by a name that does not exist: the same
/// name in another table, or nearly the same name.
pub fn nearest(name: &str, candidates: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    const LIKE_ENOUGH: f64 = 0.85;
    let last = last_of(name);
    candidates
        .map(|candidate| (strsim::jaro_winkler(last, last_of(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        .map(|(likeness, candidate)| {
            (likeness + strsim::normalized_damerau_levenshtein(name, candidate), candidate)
        })
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

fn last_of(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_right_finds_its_key() {
        let cases = [
            ("hooks.read_timeout", Some("hooks.read_timeout_ms")),
            ("hooks.deadline", Some("hooks.deadline_ms")),
            ("datbase", Some("database")),
            ("deadline_ms", Some("hooks.deadline_ms")),
            ("store.drain_files", Some("hooks.drain_files")),
            (
                "policies.database_retry.trace.query.max_attempt",
                Some("policies.database_retry.trace.query.max_attempts"),
            ),
            ("colour", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, KEYS.iter().map(|key| key.name)), expected, "{name}");
        }
    }

    #[test]
    fn a_table_that_is_nearly_right_finds_its_table() {
        let cases = [
            ("hook", Some("hooks")),
            ("policy", Some("policies")),
            ("policies.database_retry.trace.querry", Some("policies.database_retry.trace.query")),
            ("xyz", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, tables()), expected, "{name}");
        }
    }

    #[test]
    fn every_key_has_its_own_place_and_a_unit_that_its_name_tells() {
        for (index, key) in KEYS.iter().enumerate() {
            assert_eq!(position(key.name), Some(index), "{}", key.name);
            assert!(key.meaning.ends_with('.'), "{}", key.name);
            let suffix = match key.field.unit() {
                None => "",
                Some(Unit::Attempts) => "_attempts",
                Some(Unit::Bytes) => "_bytes",
                Some(Unit::Days) => "_days",
                Some(Unit::Files) => "_files",
                Some(Unit::Milliseconds) => "_ms",
            };
            assert!(key.name.ends_with(suffix), "{}", key.name);
        }
    }
}
