//! What a request narrows its answer down by: the options of the commands, by the same names.

use std::collections::BTreeMap;

use axum::extract::{Query, rejection::QueryRejection};
use domain::{ResumeState, UnixMs};
use jiff::tz::TimeZone;
use report::{
    SessionFilter,
    list::{Cursor, LISTED, ListScope, Sort},
    overall::{OverallQuestion, Scope, TOLD, sessions::Order},
    times,
    usage::{By, UsageScope},
};

use crate::reply::Refusal;

/// The parameters as they came.
pub(crate) type Asked = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// Those that are not read yet.
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// # Errors
    /// One is there twice, or they cannot be read.
    pub fn of(asked: Asked) -> Result<Self, Refusal> {
        let Query(pairs) = asked.map_err(|rejection| Refusal::Wrong(rejection.body_text()))?;
        let mut named = BTreeMap::new();
        for (name, value) in pairs {
            if named.contains_key(&name) {
                return Err(Refusal::Wrong(format!("`{name}` is there twice")));
            }
            named.insert(name, value);
        }
        Ok(Self(named))
    }

    /// Those of a form, which sends a field that nobody filled in as an empty one.
    ///
    /// # Errors
    /// One is there twice, or they cannot be read.
    pub fn of_form(asked: Asked) -> Result<Self, Refusal> {
        let Self(mut named) = Self::of(asked)?;
        named.retain(|_, value| !value.is_empty());
        Ok(Self(named))
    }

    /// Nothing else may be asked for: what we do not know would be left out unseen.
    ///
    /// # Errors
    /// Something is left.
    pub fn end(self) -> Result<(), Refusal> {
        match self.0.into_keys().next() {
            Some(name) => Err(Refusal::Wrong(format!("no parameter is called `{name}` here"))),
            None => Ok(()),
        }
    }

    /// Which messages are summed up, and how.
    pub fn usage(mut self, by: By, now: UnixMs, zone: &TimeZone) -> Result<UsageScope, Refusal> {
        let split = self.one_of("split", &By::SPLITS, By::as_str)?;
        let (filter, zone) = self.narrowed(now, zone)?;
        self.end()?;
        Ok(UsageScope { by, split, filter, zone })
    }

    /// Which sessions that question is about, and how much of it is told.
    pub fn overall(
        mut self,
        question: OverallQuestion,
        now: UnixMs,
        zone: &TimeZone,
    ) -> Result<Scope, Refusal> {
        let (filter, zone) = self.narrowed(now, zone)?;
        let limit = self.limit(TOLD)?;
        let is_of_files = question == OverallQuestion::Files;
        let path = if is_of_files { self.take("path") } else { None };
        let is_of_sessions = question == OverallQuestion::Sessions;
        let order = if is_of_sessions { self.order()? } else { Order::default() };
        self.end()?;
        Ok(Scope { filter, limit, zone, path, order })
    }

    /// Which sessions and which time are asked about, and nothing else.
    pub fn narrowed_only(mut self, now: UnixMs, zone: &TimeZone) -> Result<SessionFilter, Refusal> {
        let (filter, _) = self.narrowed(now, zone)?;
        self.end()?;
        Ok(filter)
    }

    /// In which order sessions stand.
    fn order(&mut self) -> Result<Order, Refusal> {
        Ok(self.one_of("sort", &Order::ALL, Order::as_str)?.unwrap_or_default())
    }

    /// Which sessions to list, and in which order.
    pub fn list(mut self, now: UnixMs, zone: &TimeZone) -> Result<ListScope, Refusal> {
        let (filter, _) = self.narrowed(now, zone)?;
        let limit = self.limit(LISTED)?;
        let sort = self.one_of("sort", Sort::ALL, Sort::as_str)?.unwrap_or(Sort::Activity);
        let cursor = self.take("cursor").map(|word| word.parse::<Cursor>()?.of(sort)).transpose();
        let cursor = cursor.map_err(|error| Refusal::Wrong(error.to_string()))?;
        let subagents = self.read("subagents", "true or false")?.unwrap_or(false);
        self.end()?;
        Ok(ListScope { filter, sort, limit, cursor, subagents })
    }

    /// All of them, as they came.
    pub fn said(&self) -> BTreeMap<String, String> {
        self.0.clone()
    }

    /// Says one more.
    pub fn put(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// Takes one out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// One that is read as something.
    pub fn read<T: std::str::FromStr>(
        &mut self,
        name: &str,
        what: &str,
    ) -> Result<Option<T>, Refusal> {
        let wrong = |_| Refusal::Wrong(format!("`{name}` is {what}"));
        self.take(name).map(|text| text.parse().map_err(wrong)).transpose()
    }

    fn limit(&mut self, default: u32) -> Result<usize, Refusal> {
        let limit = self.read("limit", "a whole number")?.unwrap_or(default);
        Ok(usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// One of some words.
    pub fn one_of<T: Copy>(
        &mut self,
        name: &str,
        all: &[T],
        word_of: fn(T) -> &'static str,
    ) -> Result<Option<T>, Refusal> {
        let Some(word) = self.take(name) else { return Ok(None) };
        let found = all.iter().copied().find(|known| word_of(*known) == word);
        found.map(Some).ok_or_else(|| {
            let all: Vec<_> = all.iter().map(|known| word_of(*known)).collect();
            Refusal::Wrong(format!("`{name}` is one of: {}", all.join(", ")))
        })
    }

    fn narrowed(
        &mut self,
        now: UnixMs,
        zone: &TimeZone,
    ) -> Result<(SessionFilter, TimeZone), Refusal> {
        let zone = match self.take("timezone") {
            Some(name) => times::zone(&name)
                .ok_or_else(|| Refusal::Wrong(format!("no time zone is called `{name}`")))?,
            None => zone.clone(),
        };
        let filter = SessionFilter {
            agent: self.take("agent"),
            project: self.take("project"),
            model: self.take("model"),
            status: self.take("status"),
            state: self.one_of("state", &ResumeState::ALL, ResumeState::as_str)?,
            text: self.take("text"),
            file: self.take("file"),
            since: self.time("since", |text| times::since(text, now, &zone))?,
            until: self.time("until", |text| times::until(text, now, &zone))?,
        };
        Ok((filter, zone))
    }

    fn time(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Option<UnixMs>,
    ) -> Result<Option<UnixMs>, Refusal> {
        let read = |text: String| {
            read(&text).ok_or_else(|| Refusal::Wrong(format!("`{text}` is no time")))
        };
        self.take(name).map(read).transpose()
    }
}
