//! By what usage is grouped.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use domain::UnixMs;
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use store::query::{
    message_tools::MessageTools, sessions_known::SessionKnown, usage_sums::UsageSum,
};

use super::{UsageDetail, UsagePart, UsageSummary, sums::Sum};
use crate::times;

/// By what usage is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Days of the time zone.
    Day,
    /// Weeks, which begin on Monday.
    Week,
    /// Months.
    Month,
    /// Models.
    Model,
    /// Agents.
    Agent,
    /// Projects.
    Project,
    /// Sessions.
    Session,
    /// Tools: what a message took, shared by its calls.
    Tool,
}

impl By {
    /// Every one, in the order of the documents.
    pub const ALL: &[Self] = &[
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Model,
        Self::Agent,
        Self::Project,
        Self::Session,
        Self::Tool,
    ];

    /// The word in paths and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Model => "model",
            Self::Agent => "agent",
            Self::Project => "project",
            Self::Session => "session",
            Self::Tool => "tool",
        }
    }

    /// What a group may be split by.
    pub const SPLITS: [Self; 3] = [Self::Model, Self::Agent, Self::Project];

    const fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month)
    }
}

impl Group {
    fn add(&mut self, row: &UsageSum, sum: &Sum, part: Option<Name>) {
        self.sum.add(sum);
        if let Some((key, label)) = part {
            let (known, part) = self.parts.entry(key).or_default();
            *known = label;
            part.add(sum);
        }
        if !self.sessions.contains(&row.session_id) {
            self.sessions.insert(row.session_id.clone());
        }
    }

    /// Its parts, those that cost most first.
    fn split(&self) -> Vec<UsagePart> {
        let mut parts: Vec<_> = self.parts.iter().collect();
        parts.sort_by_key(|(_, (_, sum))| Reverse(sum.rank()));
        let part = |(key, (label, sum)): (&Option<String>, &(Option<String>, Sum))| UsagePart {
            key: key.clone(),
            label: label.clone(),
            figures: sum.figures(),
        };
        parts.into_iter().map(part).collect()
    }
}

/// A key, and what else is known by that name.
type Name = (Option<String>, Option<String>);

/// Sums by their keys.
pub(super) struct Groups<'s, 'z> {
    by: By,
    split: Option<By>,
    zone: &'z TimeZone,
    by_id: HashMap<&'s str, &'s SessionKnown>,
    by_key: BTreeMap<Option<String>, Group>,
    whole: Group,
    tools: &'s MessageTools,
}

#[derive(Default)]
struct Group {
    label: Option<String>,
    sessions: HashSet<String>,
    sum: Sum,
    parts: BTreeMap<Option<String>, (Option<String>, Sum)>,
}

impl<'s, 'z> Groups<'s, 'z> {
    pub fn new(
        by: By,
        split: Option<By>,
        zone: &'z TimeZone,
        sessions: &'s [SessionKnown],
        tools: &'s MessageTools,
    ) -> Self {
        let by_id = sessions.iter().map(|session| (session.session_id.as_str(), session)).collect();
        Self { by, split, zone, by_id, by_key: BTreeMap::new(), whole: Group::default(), tools }
    }

    /// Adds what the messages of one row took.
    pub fn add(&mut self, row: &UsageSum, sum: &Sum) {
        self.whole.add(row, sum, None);
        let part = self.split.map(|split| self.name(split, row));
        if self.by == By::Tool {
            return self.add_shares(row, sum, part.as_ref());
        }
        let (key, label) = self.name(self.by, row);
        let group = self.by_key.entry(key).or_default();
        group.label = label;
        group.add(row, sum, part);
    }

    /// Each call of a message gets the same share of what it took, and each tool the message once.
    fn add_shares(&mut self, row: &UsageSum, sum: &Sum, part: Option<&Name>) {
        let calls = self.tools.get(&*row.session_id);
        let calls = calls.zip(row.message_id.as_ref()).and_then(|(calls, id)| calls.get(id));
        let Some(calls) = calls else {
            return self.by_key.entry(None).or_default().add(row, sum, part.cloned());
        };
        let mut seen = HashSet::new();
        for (position, tool) in calls.iter().enumerate() {
            let share = sum.share(position, calls.len(), seen.insert(tool));
            let key = tool.as_deref().map(str::to_owned);
            self.by_key.entry(key).or_default().add(row, &share, part.cloned());
        }
    }

    fn name(&self, by: By, row: &UsageSum) -> Name {
        let session = self.by_id.get(row.session_id.as_str());
        match by {
            By::Day | By::Week | By::Month => (row.at.and_then(|at| self.date(at)), None),
            By::Model => (row.model.as_ref().map(ToString::to_string), None),
            By::Agent => (session.and_then(|session| session.agent.clone()), None),
            By::Project => {
                let path = session.and_then(|session| session.project_path.clone());
                let name = session.and_then(|session| session.project_name.clone());
                (path, name)
            }
            By::Tool => (None, None),
            By::Session => {
                (Some(row.session_id.clone()), session.and_then(|session| session.title.clone()))
            }
        }
    }

    /// The day, the Monday or the month that holds a time.
    fn date(&self, at: UnixMs) -> Option<String> {
        let day = times::day(at, self.zone)?;
        Some(match self.by {
            By::Week => monday(day).to_string(),
            By::Month => day.strftime("%Y-%m").to_string(),
            By::Day | By::Model | By::Agent | By::Project | By::Session | By::Tool => {
                day.to_string()
            }
        })
    }

    /// The sums.
    pub fn finish(self) -> (UsageSummary, Vec<UsageDetail>) {
        let Self { by, by_key, whole, .. } = self;
        let mut groups: Vec<_> = by_key.into_iter().collect();
        if !by.is_time() {
            groups.sort_by_key(|(_, group)| Reverse(group.sum.rank()));
        }
        let detail = |(key, group): (Option<String>, Group)| UsageDetail {
            key,
            split: group.split(),
            sessions: group.sessions.len(),
            label: group.label,
            share_percent: group.sum.share_percent(&whole.sum),
            figures: group.sum.figures(),
        };
        let details = groups.into_iter().map(detail).collect();
        (UsageSummary { sessions: whole.sessions.len(), figures: whole.sum.figures() }, details)
    }
}

fn monday(day: Date) -> Date {
    let since = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(since.days()).unwrap_or(day)
}
