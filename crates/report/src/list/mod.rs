//! The sessions, page by page.

mod cursor;

use std::collections::{HashMap, HashSet};

use domain::{Resume, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::{
    session_counts::SessionCounts,
    session_list::{SessionRow, sessions_counted},
    sessions_known::SessionKnown,
};

pub use self::cursor::{Cursor, NoCursor};
use crate::{
    Amount, Report, ReportError, SessionFilter, Source,
    filter::Asked,
    opening::opening,
    usage::sums::{Sum, by_session},
};

/// How many sessions are listed where nobody says.
pub const LISTED: u32 = 50;

/// How long a chain of subagents is followed.
const DEPTH_LIMIT: usize = 100;

/// A page of sessions.
pub type SessionList = Report<ListMeta, ListSummary, ListedSession>;

/// Which sessions are listed, and in which order.
#[derive(Clone, Debug)]
pub struct ListScope {
    /// Which sessions; its time is that of their last activity.
    pub filter: SessionFilter,
    /// In which order.
    pub sort: Sort,
    /// At most so many.
    pub limit: usize,
    /// Those behind this one only.
    pub cursor: Option<Cursor>,
    /// Whether sessions of subagents are listed too.
    pub subagents: bool,
}

/// What orders sessions; the greatest comes first, and of equals the first by identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// When the last thing in it came into being.
    Activity,
    /// When the first thing did.
    Created,
    /// What it cost by today's prices.
    Cost,
    /// How many messages it has.
    Messages,
}

impl Sort {
    /// Every one, in the order of the documents.
    pub const ALL: &[Self] = &[Self::Activity, Self::Created, Self::Cost, Self::Messages];

    /// The word in paths and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Created => "created",
            Self::Cost => "cost",
            Self::Messages => "messages",
        }
    }
}

/// What was asked, and where the page ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListMeta {
    /// In which order: `activity`, `created`, `cost` or `messages`.
    pub sort: &'static str,
    /// From when on they were active, in Unix milliseconds; null from the beginning on.
    pub since_unix_ms: Option<i64>,
    /// Before when; null to the end.
    pub until_unix_ms: Option<i64>,
    /// How many sessions are on the page.
    pub count: usize,
    /// The cursor of the next page; null where there is none.
    pub next: Option<String>,
}

/// All sessions that are asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListSummary {
    /// Sessions on all pages.
    pub sessions: usize,
    /// Sessions of subagents that are not listed.
    pub subagents_hidden: usize,
}

/// One session. Counts leave out what counts in another session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListedSession {
    /// Its identity.
    pub session_id: String,
    /// The agent's own title for it.
    pub title: Option<String>,
    /// The beginning of what the person said first, on one line; null where nobody said anything.
    pub opening: Option<String>,
    /// The session that started it, if it is a subagent's.
    pub parent_session_id: Option<String>,
    /// How many sessions of subagents it started.
    pub subagents: usize,
    /// Which agent holds it.
    pub agent: Option<String>,
    /// The agent's version.
    pub agent_version: Option<String>,
    /// The folder that the agent works in.
    pub project_path: Option<String>,
    /// What the project is called.
    pub project_name: Option<String>,
    /// Who serves the model.
    pub provider_id: Option<String>,
    /// The model that spoke last.
    pub model_id: Option<String>,
    /// How it is, in the agent's own word.
    pub status: Option<String>,
    /// When it last came to an end or to rest. It may have gone on since.
    pub ended_at_unix_ms: Option<i64>,
    /// Why it did.
    pub end_reason: Option<String>,
    /// When the first thing in it came into being.
    pub created_at_unix_ms: Option<i64>,
    /// When the last thing in it came into being.
    pub last_activity_at_unix_ms: Option<i64>,
    /// Whether its agent can go on with it.
    #[serde(flatten)]
    pub resume: ListedResume,
    /// How many messages it has.
    pub messages: i64,
    /// How many parts they have.
    pub parts: i64,
    /// How many tools were called.
    pub tool_calls: i64,
    /// What the agent says that it cost; null where it does not say.
    pub cost_given_picodollars: Option<i64>,
    /// What it cost by today's prices; null where no message of it has a cost.
    pub cost: Option<Amount>,
    /// How many messages are missing in the cost, as no price of their model is known.
    pub messages_without_cost: i64,
}

/// Whether an agent can go on with a session, as it was looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListedResume {
    /// `active`, `expired`, `invalid` or `unknown`.
    pub resume_state: &'static str,
    /// When that was looked up, in Unix milliseconds; null where nobody has looked.
    pub resume_checked_at_unix_ms: Option<i64>,
    /// When the agent may forget it, in Unix milliseconds, where that is known.
    pub expires_at_unix_ms: Option<i64>,
}

impl ListedResume {
    /// What was found out of a session that was last active then.
    pub fn of(resume: &Resume, last_activity_at_unix_ms: Option<i64>) -> Self {
        let last_activity = last_activity_at_unix_ms.and_then(UnixMs::new);
        Self {
            resume_state: resume.state(last_activity).as_str(),
            resume_checked_at_unix_ms: resume.checked_at.map(UnixMs::get),
            expires_at_unix_ms: resume.expires_at(last_activity).map(UnixMs::get),
        }
    }
}

/// A page of the sessions, in their order.
///
/// # Errors
/// The store failed.
pub fn list(source: &Source<'_>, scope: &ListScope) -> Result<SessionList, ReportError> {
    let known = source.sessions()?;
    let family = Family::new(known);
    let asked = Asked::new(source, &scope.filter, known)?;
    let asked: Vec<_> = asked.sessions().filter(|session| is_of_time(scope, session)).collect();
    let listed = asked.iter().filter(|session| scope.subagents || !family.is_hidden(session));
    let ranks = ranks(source, scope.sort)?;
    let place = |session: &&&'_ SessionKnown| Cursor {
        sort: scope.sort.as_str(),
        rank: rank(scope.sort, session, &ranks),
        session_id: session.session_id.clone(),
    };
    let mut places: Vec<Cursor> = listed.map(|session| place(&session)).collect();
    let sessions = places.len();
    if let Some(cursor) = &scope.cursor {
        places.retain(|place| place.order() > cursor.order());
    }
    places.sort_unstable_by(|one, other| one.order().cmp(&other.order()));
    let more = places.len() > scope.limit;
    places.truncate(scope.limit);
    let ids: Vec<_> = places.iter().map(|place| place.session_id.as_str()).collect();
    let bounds = source.prices.prompt_bounds();
    let rows = sessions_counted(source.holder, &ids, &bounds)?;
    let details = rows.into_iter().map(|row| detail(source, row, &bounds, &family));
    let details = details.collect::<Result<Vec<_>, _>>()?;
    let next = places.last().filter(|_| more).map(ToString::to_string);
    let meta = ListMeta {
        sort: scope.sort.as_str(),
        since_unix_ms: scope.filter.since.map(UnixMs::get),
        until_unix_ms: scope.filter.until.map(UnixMs::get),
        count: details.len(),
        next,
    };
    let summary = ListSummary { sessions, subagents_hidden: asked.len() - sessions };
    Ok(Report { meta, summary, details })
}

fn is_of_time(scope: &ListScope, session: &SessionKnown) -> bool {
    let span = scope.filter.span();
    let is_of = |at: UnixMs| span.since <= at && at < span.until;
    session.last_activity_at.map_or(!scope.filter.has_time(), is_of)
}

/// What is not in a session's own row and orders it all the same.
fn ranks(source: &Source<'_>, sort: Sort) -> Result<HashMap<String, i64>, ReportError> {
    let span = SessionFilter::default().span();
    match sort {
        Sort::Activity | Sort::Created => Ok(HashMap::new()),
        Sort::Messages => {
            let counts = source.counts(span)?;
            let messages = |count| i64::try_from(count).unwrap_or(i64::MAX);
            let rank =
                |(id, counts): (&String, &SessionCounts)| (id.clone(), messages(counts.messages));
            Ok(counts.iter().map(rank).collect())
        }
        Sort::Cost => {
            let sums = by_session(source, span)?;
            let cost = |sum: &Sum| sum.figures().cost.map(|cost| cost.picodollars);
            Ok(sums.into_iter().filter_map(|(id, sum)| Some((id, cost(&sum)?))).collect())
        }
    }
}

fn rank(sort: Sort, session: &SessionKnown, ranks: &HashMap<String, i64>) -> Option<i64> {
    match sort {
        Sort::Activity => session.last_activity_at.map(UnixMs::get),
        Sort::Created => session.created_at.map(UnixMs::get),
        Sort::Cost => ranks.get(&session.session_id).copied(),
        Sort::Messages => Some(ranks.get(&session.session_id).copied().unwrap_or_default()),
    }
}

/// Which session started which.
struct Family<'s> {
    parents: HashMap<&'s str, &'s str>,
    known: HashSet<&'s str>,
    children: HashMap<&'s str, usize>,
}

impl<'s> Family<'s> {
    fn new(sessions: &'s [SessionKnown]) -> Self {
        let known = sessions.iter().map(|session| session.session_id.as_str()).collect();
        let pair = |session: &'s SessionKnown| {
            Some((session.session_id.as_str(), session.parent_session_id.as_deref()?))
        };
        let parents: HashMap<_, _> = sessions.iter().filter_map(pair).collect();
        let mut children = HashMap::new();
        for parent in parents.values() {
            *children.entry(*parent).or_default() += 1;
        }
        Self { parents, known, children }
    }

    /// Whether it is below a session that is listed itself. What is said to be below itself, or below
    /// what is not in the record, would not be found otherwise.
    fn is_hidden(&self, session: &SessionKnown) -> bool {
        let mut above = session.session_id.as_str();
        for depth in 0..DEPTH_LIMIT {
            match self.parents.get(above).filter(|parent| self.known.contains(*parent)) {
                Some(parent) => above = parent,
                None => return depth > 0,
            }
        }
        false
    }
}

fn detail(
    source: &Source<'_>,
    row: SessionRow,
    bounds: &[i64],
    family: &Family<'_>,
) -> Result<ListedSession, ReportError> {
    let id = row.session_id.as_str();
    let mut took = Sum::default();
    for sum in &row.usage {
        took.add(&Sum::of(sum, source.prices, bounds));
    }
    let figures = took.figures();
    Ok(ListedSession {
        opening: opening(source, id)?,
        resume: ListedResume::of(&row.resume, row.last_activity_at_unix_ms),
        subagents: family.children.get(id).copied().unwrap_or_default(),
        cost: figures.cost,
        messages_without_cost: figures.messages_without_cost,
        session_id: row.session_id,
        title: row.title,
        parent_session_id: row.parent_session_id,
        agent: row.agent,
        agent_version: row.agent_version,
        project_path: row.project_path,
        project_name: row.project_name,
        provider_id: row.provider_id,
        model_id: row.model_id,
        status: row.status,
        ended_at_unix_ms: row.ended_at_unix_ms,
        end_reason: row.end_reason,
        created_at_unix_ms: row.created_at_unix_ms,
        last_activity_at_unix_ms: row.last_activity_at_unix_ms,
        messages: row.messages,
        parts: row.parts,
        tool_calls: row.tool_calls,
        cost_given_picodollars: row.cost_given_picodollars,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_a_listed_session_is_hidden() {
        let session = |id: &str, parent: Option<&str>| SessionKnown {
            session_id: id.to_owned(),
            agent: None,
            project_path: None,
            project_name: None,
            title: None,
            status: None,
            parent_session_id: parent.map(str::to_owned),
            model: None,
            created_at: None,
            last_activity_at: None,
            resume: Resume::UNKNOWN,
        };
        let sessions = [
            session("root", None),
            session("child", Some("root")),
            session("grandchild", Some("child")),
            session("orphan", Some("gone")),
            session("itself", Some("itself")),
            session("one", Some("other")),
            session("other", Some("one")),
        ];
        let family = Family::new(&sessions);
        let hidden = sessions.iter().filter(|session| family.is_hidden(session));
        let hidden: Vec<_> = hidden.map(|session| session.session_id.as_str()).collect();
        assert_eq!(hidden, ["child", "grandchild"]);
        assert_eq!(family.children.get("root"), Some(&1));
    }
}
