//! What messages took and cost, by whatever they are grouped.
//!
//! A message counts once, in one session, at its own time, by the price of its own day. What has no price
//! has no cost, and each sum says how many messages are missing in it.

mod group;
pub(crate) mod sums;

use domain::UnixMs;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::message_tools::{MessageTools, message_tools};

pub use self::group::By;
use self::group::Groups;
use crate::{Amount, Report, ReportError, SessionFilter, Source, filter::Asked, source::Took};

/// What was taken, by what it was grouped.
pub type Usage = Report<UsageMeta, UsageSummary, UsageDetail>;

/// What is summed up, and how.
#[derive(Clone, Debug)]
pub struct UsageScope {
    /// By what it is grouped.
    pub by: By,
    /// By what each group is split, one of [`By::SPLITS`].
    pub split: Option<By>,
    /// Which messages.
    pub filter: SessionFilter,
    /// The time zone of days.
    pub zone: TimeZone,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UsageMeta {
    /// By what it is grouped: `day`, `week`, `month`, `model`, `agent`, `project`, `session` or `tool`.
    pub by: &'static str,
    /// By what each group is split: `model`, `agent` or `project`; null where it is not.
    pub split: Option<&'static str>,
    /// Whether the groups are estimated: no agent counts by tool, so the calls of a message share what it
    /// took.
    pub is_estimate: bool,
    /// The time zone of days, weeks and months.
    pub time_zone: String,
    /// From when on, in Unix milliseconds; null from the first message on.
    pub since_unix_ms: Option<i64>,
    /// Before when; null to the last message.
    pub until_unix_ms: Option<i64>,
    /// How many groups there are.
    pub count: usize,
}

/// All groups together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UsageSummary {
    /// How many sessions there are.
    pub sessions: usize,
    /// What all took.
    #[serde(flatten)]
    pub figures: UsageFigures,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct UsageDetail {
    /// The day, the Monday of the week, the month, the model, the agent, the project, the session or the
    /// tool; null where the agent did not say, and for messages that called no tool.
    pub key: Option<String>,
    /// What else is known by that name: a session's title, a project's folder.
    pub label: Option<String>,
    /// How many sessions there are.
    pub sessions: usize,
    /// What it took.
    #[serde(flatten)]
    pub figures: UsageFigures,
    /// Its share of the whole cost, else of all tokens, in per cent.
    pub share_percent: f64,
    /// Its parts, where groups are split, those that cost most first.
    pub split: Vec<UsagePart>,
}

/// One part of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UsagePart {
    /// The model, the agent or the project; null where the agent did not say.
    pub key: Option<String>,
    /// What else is known by that name.
    pub label: Option<String>,
    /// What it took.
    #[serde(flatten)]
    pub figures: UsageFigures,
}

/// What messages took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UsageFigures {
    /// Messages that took anything.
    pub messages: i64,
    /// Prompt tokens that were not read from the cache.
    pub input: i64,
    /// Answer tokens without thinking.
    pub output: i64,
    /// Thinking tokens, where the agent counts them apart.
    pub reasoning: i64,
    /// Prompt tokens read from the cache.
    pub cache_read: i64,
    /// Prompt tokens that the cache keeps for five minutes.
    pub cache_write_5m: i64,
    /// Prompt tokens that the cache keeps for an hour.
    pub cache_write_1h: i64,
    /// All of them.
    pub total_tokens: i64,
    /// What they cost by today's prices; null where no message has a cost.
    pub cost: Option<Amount>,
    /// How many messages are missing in the cost, as no price of their model is known.
    pub messages_without_cost: i64,
    /// What they cost, as the agent says; null where it does not say of any.
    pub cost_given: Option<Amount>,
}

/// What was taken, by time ascending, else by cost descending.
///
/// # Errors
/// The store failed.
pub fn usage(source: &Source<'_>, scope: &UsageScope) -> Result<Usage, ReportError> {
    let UsageScope { by, split, filter, zone } = scope;
    let sessions = source.sessions()?;
    let span = filter.span();
    let (took, tools) = match by {
        By::Tool => (source.took_by_message(span)?, message_tools(source.holder)?),
        By::Day | By::Week | By::Month | By::Model | By::Agent | By::Project | By::Session => {
            (source.took(span)?, MessageTools::new())
        }
    };
    let asked = Asked::new(source, filter, sessions)?;
    let mut groups = Groups::new(*by, *split, zone, sessions, &tools);
    for Took { row, sum } in took.iter() {
        if asked.contains_message(&row.session_id, row.model.as_ref()) {
            groups.add(row, sum);
        }
    }
    let (summary, details) = groups.finish();
    let meta = UsageMeta {
        by: by.as_str(),
        split: split.map(By::as_str),
        is_estimate: *by == By::Tool,
        time_zone: zone.iana_name().unwrap_or("local").to_owned(),
        since_unix_ms: filter.since.map(UnixMs::get),
        until_unix_ms: filter.until.map(UnixMs::get),
        count: details.len(),
    };
    Ok(Report { meta, summary, details })
}
