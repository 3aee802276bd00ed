//! The sessions of each agent, with their length and what they took.

use std::{cmp::Reverse, collections::HashMap};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    OverallMeta, Scope, cut, mean,
    sessions::{Busy, busy},
};
use crate::{
    Report, ReportError, Source,
    filter::Asked,
    usage::{UsageFigures, sums::Sum},
};

/// The agents, those with most sessions first.
pub type AgentStats = Report<OverallMeta, AgentsSummary, AgentStat>;

/// All agents together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AgentsSummary {
    /// Agents.
    pub agents: usize,
    /// What all of them did.
    #[serde(flatten)]
    pub figures: AgentFigures,
}

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AgentStat {
    /// Which one; null where nobody said so.
    pub agent: Option<String>,
    /// What it did.
    #[serde(flatten)]
    pub figures: AgentFigures,
}

/// What agents did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AgentFigures {
    /// Sessions, without those of subagents.
    pub sessions: usize,
    /// Sessions of subagents.
    pub subagents: usize,
    /// How long a session is on the average, from the first thing in it to the last, without those of
    /// subagents, in milliseconds.
    pub mean_duration_ms: Option<i64>,
    /// Messages, those of subagents among them.
    pub messages: usize,
    /// Tool calls, those of subagents among them.
    pub calls: usize,
    /// What all of it took.
    pub usage: UsageFigures,
}

/// The agents, those with most sessions first, of equals by name.
///
/// # Errors
/// The store failed.
pub fn agents(source: &Source<'_>, scope: &Scope) -> Result<AgentStats, ReportError> {
    let known = source.sessions()?;
    let asked = Asked::new(source, &scope.filter, known)?;
    let busy = busy(source, scope, &asked)?;
    let mut by_agent: HashMap<Option<&str>, Vec<&Busy<'_>>> = HashMap::new();
    for session in &busy {
        by_agent.entry(session.session.agent.as_deref()).or_default().push(session);
    }
    let detail = |(agent, sessions): (Option<&str>, Vec<&Busy<'_>>)| AgentStat {
        agent: agent.map(str::to_owned),
        figures: figures(&sessions),
    };
    let mut details: Vec<_> = by_agent.into_iter().map(detail).collect();
    details.sort_by(|one, other| order(one).cmp(&order(other)));
    let figures = figures(&busy.iter().collect::<Vec<_>>());
    let summary = AgentsSummary { agents: details.len(), figures };
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

fn order(agent: &AgentStat) -> (Reverse<usize>, Option<&str>) {
    (Reverse(agent.figures.sessions), agent.agent.as_deref())
}

pub(super) fn figures(sessions: &[&Busy<'_>]) -> AgentFigures {
    let is_own = |session: &&&Busy<'_>| session.session.parent_session_id.is_none();
    let own = sessions.iter().filter(is_own).count();
    let durations: Vec<_> =
        sessions.iter().filter(is_own).filter_map(|session| session.duration_ms()).collect();
    let mut usage = Sum::default();
    for session in sessions {
        usage.add(&session.sum);
    }
    AgentFigures {
        sessions: own,
        subagents: sessions.len() - own,
        mean_duration_ms: mean(durations.iter().copied().map(i128::from).sum(), durations.len()),
        messages: sessions.iter().map(|session| session.counts.messages).sum(),
        calls: sessions.iter().map(|session| session.counts.calls).sum(),
        usage: usage.figures(),
    }
}
