//! What narrows a page down: the form at its head, and links that change one thing of it.

use std::collections::BTreeMap;

use domain::UnixMs;
use form_urlencoded::Serializer;
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use report::{
    overall::facets::{Facet, FacetKind, Facets},
    times,
};

use super::Visit;
use crate::reply::Refusal;

/// A span of days that can be chosen by a word.
#[derive(Clone, Copy)]
pub(super) struct Period {
    /// In the URL.
    pub word: &'static str,
    /// On the page.
    pub label: &'static str,
    /// How many days before today it begins and ends; nothing for all time.
    days_ago: Option<(i32, i32)>,
}

/// Every span that has a word.
pub(super) const PERIODS: [Period; 7] = [
    Period { word: "today", label: "Today", days_ago: Some((0, 0)) },
    Period { word: "yesterday", label: "Yesterday", days_ago: Some((1, 1)) },
    Period { word: "7d", label: "7 days", days_ago: Some((6, 0)) },
    Period { word: "30d", label: "30 days", days_ago: Some((29, 0)) },
    Period { word: "90d", label: "90 days", days_ago: Some((89, 0)) },
    Period { word: "365d", label: "A year", days_ago: Some((364, 0)) },
    Period { word: "all", label: "All time", days_ago: None },
];

/// What was chosen.
pub(super) struct Narrow {
    path: &'static str,
    /// The parameters as they came.
    said: BTreeMap<String, String>,
    /// The span, where dates do not say otherwise.
    period: &'static str,
}

impl Narrow {
    /// What a visit chose. Its span becomes dates among the parameters.
    ///
    /// # Errors
    /// The span has no such word.
    pub fn of(visit: &mut Visit, default: &'static str) -> Result<Self, Refusal> {
        let said = visit.parameters.said();
        let chosen = visit.parameters.one_of("period", &PERIODS, |period| period.word)?;
        let has_dates = ["since", "until"].iter().any(|name| said.contains_key(*name));
        let chosen = chosen.or_else(|| PERIODS.into_iter().find(|period| period.word == default));
        let period = chosen.filter(|_| !has_dates);
        if let Some((from, to)) = period.and_then(|period| period.days_ago) {
            let today = day(visit.now, &visit.zone);
            let ago = |days: i32| today.saturating_sub(days.days()).to_string();
            visit.parameters.put("since", ago(from));
            if to > 0 {
                visit.parameters.put("until", ago(to));
            }
        }
        Ok(Self { path: visit.path, said, period: period.map_or("", |period| period.word) })
    }

    /// What the form says by that name.
    pub fn said(&self, name: &str) -> &str {
        self.said.get(name).map_or("", String::as_str)
    }

    /// Whether that span is chosen.
    pub fn is_period(&self, period: &Period) -> bool {
        period.word == self.period
    }

    /// Whether the span is too long to be looked at day by day.
    pub fn is_long(&self) -> bool {
        ["365d", "all"].contains(&self.period)
    }

    /// Whether dates say which time it is.
    pub fn has_dates(&self) -> bool {
        self.period.is_empty()
    }

    /// Whether anything but a span of time is chosen.
    pub fn is_narrowed(&self) -> bool {
        !self.said.is_empty()
    }

    /// The page with one thing chosen otherwise; an empty value takes it back. A page of a list begins
    /// anew, and dates take the place of a span.
    pub fn with(&self, name: &str, value: &str) -> String {
        self.with_all(&[(name, value)])
    }

    /// The page with that day alone.
    pub fn on_day(&self, day: &str) -> String {
        self.with_all(&[("since", day), ("until", day), ("period", "")])
    }

    /// The page over that span.
    pub fn in_period(&self, period: &Period) -> String {
        self.with_all(&[("period", period.word), ("since", ""), ("until", "")])
    }

    /// The page over all time.
    pub fn all_time(&self) -> String {
        self.with_all(&[("period", "all"), ("since", ""), ("until", "")])
    }

    fn with_all(&self, changes: &[(&str, &str)]) -> String {
        let mut said = self.said.clone();
        said.remove("cursor");
        url(self.path, said, changes)
    }

    /// Another page with the same filters.
    pub fn on(&self, path: &str, changes: &[(&str, &str)]) -> String {
        const SHARED: [&str; 6] = ["agent", "project", "model", "period", "since", "until"];
        let mut said = self.said.clone();
        said.retain(|name, _| SHARED.contains(&name.as_str()));
        if !self.period.is_empty() {
            said.insert("period".to_owned(), self.period.to_owned());
        }
        url(path, said, changes)
    }
}

/// A path with what was said, and with these things said otherwise.
fn url(path: &str, mut said: BTreeMap<String, String>, changes: &[(&str, &str)]) -> String {
    for (name, value) in changes {
        said.insert((*name).to_owned(), (*value).to_owned());
    }
    let mut query = Serializer::new(String::new());
    query.extend_pairs(said.iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The day that holds a time.
pub(super) fn day(at: UnixMs, zone: &TimeZone) -> Date {
    times::day(at, zone).unwrap_or_else(|| Timestamp::UNIX_EPOCH.to_zoned(zone.clone()).date())
}

/// Of the facets those of one kind.
pub(super) struct Choices<'f> {
    /// The field of the form.
    pub name: &'static str,
    /// What it says before anything is chosen.
    pub all: &'static str,
    facets: &'f Facets,
    kind: FacetKind,
}

impl<'f> Choices<'f> {
    /// The fields of a form.
    pub fn of(facets: &'f Facets) -> [Self; 3] {
        [
            Self { name: "agent", all: "All agents", facets, kind: FacetKind::Agent },
            Self { name: "project", all: "All projects", facets, kind: FacetKind::Project },
            Self { name: "model", all: "All models", facets, kind: FacetKind::Model },
        ]
    }

    pub fn facets(&self) -> impl Iterator<Item = &'f Facet> {
        self.facets.details.iter().filter(|facet| facet.kind == self.kind)
    }
}
