//! All of it in a few figures, beside those of as long a time before.

use domain::UnixMs;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::sessions_known::SessionKnown;

use super::{
    OverallMeta, Scope,
    agents::{AgentFigures, figures},
    cut,
    sessions::busy,
};
use crate::{Report, ReportError, Source, filter::Asked, values::percent};

/// The figures, and those of the time before.
pub type Summary = Report<OverallMeta, PeriodFigures, Period>;

/// What was done and taken in some time.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PeriodFigures {
    /// What was done, and what it took.
    #[serde(flatten)]
    pub figures: AgentFigures,
    /// How much of all prompts was read from the cache, in per cent.
    pub cache_hit_percent: f64,
}

/// Which time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// The time that is asked about.
    Asked,
    /// As long a time before it.
    Before,
}

/// Some time, and what was done in it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Period {
    /// Which time it is.
    pub period: When,
    /// From when on, in Unix milliseconds; null from the beginning on.
    pub since_unix_ms: Option<i64>,
    /// Before when; null to the end.
    pub until_unix_ms: Option<i64>,
    /// What was done, and what it took.
    #[serde(flatten)]
    pub figures: PeriodFigures,
}

/// The time that is asked about, and as long a time before it; that only where the first has a begin.
///
/// # Errors
/// The store failed.
pub fn summary(source: &Source<'_>, scope: &Scope) -> Result<Summary, ReportError> {
    let known = source.sessions()?;
    let asked = period(source, scope, known, When::Asked)?;
    let summary = asked.figures.clone();
    let mut details = vec![asked];
    if let Some(before) = before(scope, source.now) {
        details.push(period(source, &before, known, When::Before)?);
    }
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

fn period(
    source: &Source<'_>,
    scope: &Scope,
    known: &[SessionKnown],
    period: When,
) -> Result<Period, ReportError> {
    let busy = busy(source, scope, &Asked::new(source, &scope.filter, known)?)?;
    let figures = figures(&busy.iter().collect::<Vec<_>>());
    let usage = &figures.usage;
    let prompts = [usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h];
    let prompts = prompts.into_iter().fold(0, i64::saturating_add);
    let cache_hit_percent = percent(usage.cache_read, prompts);
    Ok(Period {
        period,
        since_unix_ms: scope.filter.since.map(UnixMs::get),
        until_unix_ms: scope.filter.until.map(UnixMs::get),
        figures: PeriodFigures { figures, cache_hit_percent },
    })
}

const MINUTE_MS: i64 = 60_000;

/// As long a time before, in whole minutes: where the first is not over, it grows while one looks.
fn before(scope: &Scope, now: UnixMs) -> Option<Scope> {
    let since = scope.filter.since?;
    let until = scope.filter.until.unwrap_or(now);
    let length = until.get().checked_sub(since.get())?;
    let is_over = scope.filter.until.is_some();
    let length = if is_over { length } else { length - length % MINUTE_MS };
    if length <= 0 {
        return None;
    }
    let mut before = scope.clone();
    before.filter.since = Some(UnixMs::new(since.get() - length).unwrap_or(UnixMs::EPOCH));
    before.filter.until = Some(since);
    Some(before)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::SessionFilter;

    #[test]
    fn the_time_before_is_as_long_and_ends_where_the_other_begins() {
        let cases = [
            ((None, None), None),
            ((None, Some(50)), None),
            ((Some(60), None), Some((20, 60))),
            ((Some(60), Some(70)), Some((50, 60))),
            ((Some(60), Some(60)), None),
            ((Some(90), Some(60)), None),
            ((Some(10), Some(70)), Some((0, 10))),
        ];
        for ((since, until), expected) in cases {
            let time = |minute: Option<i64>| UnixMs::new(minute? * MINUTE_MS);
            let filter = SessionFilter {
                since: time(since),
                until: time(until),
                ..SessionFilter::default()
            };
            let scope = Scope::all(filter, TimeZone::UTC);
            let found = before(&scope, UnixMs::new(100 * MINUTE_MS + 999).expect("a time"));
            let found = found.map(|scope| {
                let bound = |time: Option<UnixMs>| time.map_or(-1, |time| time.get() / MINUTE_MS);
                (bound(scope.filter.since), bound(scope.filter.until))
            });
            assert_eq!(found, expected, "{since:?} {until:?}");
        }
    }
}
