//! The busiest sessions.

use std::cmp::Reverse;

use domain::UnixMs;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::{session_counts::SessionCounts, sessions_known::SessionKnown};

use super::{OverallMeta, Scope, cut};
use crate::{
    Report, ReportError, Source,
    filter::Asked,
    opening::opening_of_untitled,
    usage::{
        UsageFigures,
        sums::{Sum, by_session},
    },
};

/// The sessions, the busiest first.
pub type BusySessions = Report<OverallMeta, BusySummary, BusySession>;

/// All sessions together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BusySummary {
    /// Sessions, those of subagents among them.
    pub sessions: usize,
    /// Messages.
    pub messages: usize,
    /// Tool calls.
    pub calls: usize,
    /// What all took.
    pub usage: UsageFigures,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BusySession {
    /// Its identity.
    pub session_id: String,
    /// The agent's own title for it.
    pub title: Option<String>,
    /// Where it has no title: the beginning of what the person said first, on one line.
    pub opening: Option<String>,
    /// Which agent holds it.
    pub agent: Option<String>,
    /// The folder that the agent works in.
    pub project_path: Option<String>,
    /// The session that started it, if it is a subagent's.
    pub parent_session_id: Option<String>,
    /// Messages.
    pub messages: usize,
    /// Tool calls.
    pub calls: usize,
    /// From the first thing in it to the last, of whatever time, in milliseconds.
    pub duration_ms: Option<i64>,
    /// When the last thing in it came into being, in Unix milliseconds.
    pub last_activity_at_unix_ms: Option<i64>,
    /// What it took.
    pub usage: UsageFigures,
}

/// What one session holds and took.
pub(super) struct Busy<'s> {
    pub session: &'s SessionKnown,
    pub counts: SessionCounts,
    pub sum: Sum,
}

impl Busy<'_> {
    /// From the first thing in it to the last.
    pub fn duration_ms(&self) -> Option<i64> {
        let (created, last) = (self.session.created_at?, self.session.last_activity_at?);
        Some(last.get().saturating_sub(created.get())).filter(|duration| *duration >= 0)
    }

    fn detail(&self) -> BusySession {
        BusySession {
            session_id: self.session.session_id.clone(),
            title: self.session.title.clone(),
            opening: None,
            agent: self.session.agent.clone(),
            project_path: self.session.project_path.clone(),
            parent_session_id: self.session.parent_session_id.clone(),
            messages: self.counts.messages,
            calls: self.counts.calls,
            duration_ms: self.duration_ms(),
            last_activity_at_unix_ms: self.session.last_activity_at.map(UnixMs::get),
            usage: self.sum.figures(),
        }
    }
}

/// What orders sessions; the greatest comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// How many messages it has.
    #[default]
    Messages,
    /// How many tools were called.
    Calls,
    /// What it cost by today's prices.
    Cost,
    /// All tokens that it took.
    Tokens,
    /// How long it is.
    Duration,
    /// When the last thing in it came into being.
    Activity,
}

impl Order {
    /// Every one, in the order of the documents.
    pub const ALL: [Self; 6] =
        [Self::Messages, Self::Calls, Self::Cost, Self::Tokens, Self::Duration, Self::Activity];

    /// The word in paths and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Calls => "calls",
            Self::Cost => "cost",
            Self::Tokens => "tokens",
            Self::Duration => "duration",
            Self::Activity => "activity",
        }
    }

    /// What is compared; what is not known comes last.
    fn rank(self, session: &BusySession) -> i64 {
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        match self {
            Self::Messages => whole(session.messages),
            Self::Calls => whole(session.calls),
            Self::Cost => session.usage.cost.as_ref().map_or(-1, |cost| cost.picodollars),
            Self::Tokens => session.usage.total_tokens,
            Self::Duration => session.duration_ms.unwrap_or(-1),
            Self::Activity => session.last_activity_at_unix_ms.unwrap_or(-1),
        }
    }
}

/// The sessions in their order, of equals by messages, by calls, then by identity.
///
/// # Errors
/// The store failed.
pub fn sessions(source: &Source<'_>, scope: &Scope) -> Result<BusySessions, ReportError> {
    let known = source.sessions()?;
    let asked = Asked::new(source, &scope.filter, known)?;
    let busy = busy(source, scope, &asked)?;
    let mut usage = Sum::default();
    for session in &busy {
        usage.add(&session.sum);
    }
    let summary = BusySummary {
        sessions: busy.len(),
        messages: busy.iter().map(|session| session.counts.messages).sum(),
        calls: busy.iter().map(|session| session.counts.calls).sum(),
        usage: usage.figures(),
    };
    let mut details: Vec<_> = busy.iter().map(Busy::detail).collect();
    details.sort_by(|one, other| order(scope.order, one).cmp(&order(scope.order, other)));
    let meta = cut(scope, &mut details);
    for session in &mut details {
        session.opening = opening_of_untitled(source, &session.session_id, session.title.as_ref())?;
    }
    Ok(Report { meta, summary, details })
}

fn order(by: Order, session: &BusySession) -> (Reverse<(i64, usize, usize)>, &str) {
    (Reverse((by.rank(session), session.messages, session.calls)), &session.session_id)
}

/// What each session that is asked about holds and took; of a time, those that did anything then.
pub(super) fn busy<'s>(
    source: &Source<'_>,
    scope: &Scope,
    asked: &Asked<'s>,
) -> Result<Vec<Busy<'s>>, ReportError> {
    let span = scope.filter.span();
    let counts = source.counts(span)?;
    let mut sums = by_session(source, span)?;
    let busy = |session: &'s SessionKnown| Busy {
        session,
        counts: counts.get(&session.session_id).copied().unwrap_or_default(),
        sum: sums.remove(&session.session_id).unwrap_or_default(),
    };
    let mut found: Vec<_> = asked.sessions().map(busy).collect();
    if scope.filter.has_time() {
        let did_anything = |session: &Busy<'_>| session.counts != SessionCounts::default();
        found.retain(|session| did_anything(session) || !session.sum.is_empty());
    }
    Ok(found)
}
