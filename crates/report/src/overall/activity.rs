//! When work is done: by day of the week and hour.

use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::usage_sums::UsageSum;

use super::{OverallMeta, Scope, cut};
use crate::{Amount, Report, ReportError, Source, filter::Asked, source::Took, usage::sums::Sum};

const DAYS: usize = 7;
const HOURS: usize = 24;

/// The hours of a week in which anything was done, from Monday's on.
pub type Activity = Report<OverallMeta, ActivitySummary, HourOfWeek>;

/// The whole week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActivitySummary {
    /// Messages that took anything, of which a time is known.
    pub messages: i64,
    /// The most of them in one hour of the week.
    pub most_messages: i64,
}

/// One hour of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HourOfWeek {
    /// The day of the week: 1 is Monday, 7 is Sunday.
    pub weekday: usize,
    /// The hour of the day, from 0 on.
    pub hour: usize,
    /// Messages that took anything.
    pub messages: i64,
    /// All tokens that they took.
    pub total_tokens: i64,
    /// What they cost by today's prices; null where no message has a cost.
    pub cost: Option<Amount>,
}

/// The hours in which anything was done, of which there are no more than 168.
///
/// # Errors
/// The store failed.
pub fn activity(source: &Source<'_>, scope: &Scope) -> Result<Activity, ReportError> {
    let Scope { filter, zone, .. } = scope;
    let known = source.sessions()?;
    let asked = Asked::new(source, filter, known)?;
    let mut week = vec![Sum::default(); DAYS * HOURS];
    for Took { row, sum } in source.took(filter.span())?.iter() {
        let place = place(row, zone).and_then(|place| week.get_mut(place));
        if let Some(of_hour) = place
            && asked.contains_message(&row.session_id, row.model.as_ref())
        {
            of_hour.add(sum);
        }
    }
    let hours = week.iter().enumerate().filter(|(_, sum)| !sum.is_empty());
    let mut details: Vec<_> = hours.map(hour).collect();
    let messages = || details.iter().map(|hour| hour.messages);
    let summary = ActivitySummary {
        messages: messages().sum(),
        most_messages: messages().max().unwrap_or_default(),
    };
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

/// The hour of the week that holds a time.
fn place(row: &UsageSum, zone: &TimeZone) -> Option<usize> {
    let at = Timestamp::from_millisecond(row.at?.get()).ok()?.to_zoned(zone.clone());
    let day = usize::try_from(at.weekday().to_monday_zero_offset()).ok()?;
    Some(day * HOURS + usize::try_from(at.hour()).ok()?)
}

fn hour((place, sum): (usize, &Sum)) -> HourOfWeek {
    let figures = sum.figures();
    HourOfWeek {
        weekday: place / HOURS + 1,
        hour: place % HOURS,
        messages: figures.messages,
        total_tokens: figures.total_tokens,
        cost: figures.cost,
    }
}
