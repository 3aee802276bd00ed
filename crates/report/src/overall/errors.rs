//! What went wrong on each day.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};

use domain::ErrorKind;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::errors_seen::errors_seen;

use super::{OverallMeta, Scope, cut, day};
use crate::{Report, ReportError, Source, filter::Asked};

/// The errors of each day, type and name, the last day first.
pub type ErrorDays = Report<OverallMeta, ErrorDaysSummary, ErrorDay>;

/// All errors together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ErrorDaysSummary {
    /// Errors.
    pub errors: usize,
    /// How many sessions they happened in.
    pub sessions: usize,
    /// How many there are of each kind: `api`, `auth`, `context`, `output`, `aborted`, `tool`, `unknown`.
    pub by_type: BTreeMap<&'static str, usize>,
}

/// The errors of one day, type and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ErrorDay {
    /// The day, in the time zone that was asked for; null where no time is known.
    pub day: Option<String>,
    /// What kind they are.
    pub error_type: &'static str,
    /// The agent's name for them, or the tool's.
    pub name: Option<String>,
    /// How many they are.
    pub errors: usize,
    /// How many sessions they happened in.
    pub sessions: usize,
}

/// The errors, those of the last day first, of one day the most frequent.
///
/// # Errors
/// The store failed.
pub fn errors(source: &Source<'_>, scope: &Scope) -> Result<ErrorDays, ReportError> {
    let known = source.sessions()?;
    let asked = Asked::new(source, &scope.filter, known)?;
    let mut seen = errors_seen(source.holder, scope.filter.span(), source.copies()?)?;
    seen.retain(|error| asked.contains(error.session_id.as_deref()));
    let (mut by_type, mut sessions) = (BTreeMap::new(), HashSet::new());
    let mut days: HashMap<_, (usize, HashSet<Rc<str>>)> = HashMap::new();
    for error in &seen {
        let kind = error.kind.unwrap_or(ErrorKind::Unknown).as_str();
        *by_type.entry(kind).or_default() += 1;
        sessions.extend(error.session_id.as_ref());
        let day = error.at.and_then(|at| day(at, &scope.zone));
        let (errors, of_day) = days.entry((day, kind, error.name.clone())).or_default();
        *errors += 1;
        of_day.extend(error.session_id.clone());
    }
    let detail = |((day, error_type, name), (errors, sessions)): (_, (usize, HashSet<_>))| {
        let name: Option<Rc<str>> = name;
        let name = name.map(|name| name.as_ref().to_owned());
        ErrorDay { day, error_type, name, errors, sessions: sessions.len() }
    };
    let mut details: Vec<_> = days.into_iter().map(detail).collect();
    details.sort_by(|one, other| order(one).cmp(&order(other)));
    let summary = ErrorDaysSummary { errors: seen.len(), sessions: sessions.len(), by_type };
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

type Order<'a> = (Reverse<(Option<&'a str>, usize)>, &'a str, Option<&'a str>);

fn order(error: &ErrorDay) -> Order<'_> {
    (Reverse((error.day.as_deref(), error.errors)), error.error_type, error.name.as_deref())
}
