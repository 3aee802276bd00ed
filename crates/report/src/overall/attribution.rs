//! How much of what was committed each contributor, agent and model added.
//!
//! It knows the commits that were looked at: `attribution` finds out about the rest.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use store::query::attribution::attributed::attributed;

use super::{OverallMeta, Scope, cut};
use crate::{Report, ReportError, Source, filter::Asked, values::percent};

/// The shares, the greatest first.
pub type Attribution = Report<OverallMeta, AttributionSummary, Share>;

/// All added lines together.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AttributionSummary {
    /// Repositories.
    pub repositories: usize,
    /// Commits. One that another took the place of does not count.
    pub commits: usize,
    /// Lines that they added.
    pub lines: u64,
    /// Of these, those that stand as an agent wrote them.
    pub ai_lines: u64,
    /// Those that a person changed after an agent wrote them.
    pub mixed_lines: u64,
    /// Those that a person wrote.
    pub human_lines: u64,
    /// Those of which nobody can tell.
    pub unknown_lines: u64,
    /// How many are an agent's, in per cent.
    pub ai_percent: f64,
}

/// What one contributor added.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Share {
    /// `ai`, `mixed`, `human` or `unknown`.
    pub contributor: String,
    /// The agent, where one had a part in it.
    pub agent: Option<String>,
    /// Its model, as `provider/model`.
    pub model_id: Option<String>,
    /// Lines.
    pub lines: u64,
    /// How many of all, in per cent.
    pub share_percent: f64,
    /// In how many commits.
    pub commits: usize,
}

/// The shares, the greatest first, of equals by name.
///
/// # Errors
/// The store failed.
pub fn attribution(source: &Source<'_>, scope: &Scope) -> Result<Attribution, ReportError> {
    let asked = Asked::new(source, &scope.filter, source.sessions()?)?;
    let rows = attributed(source.holder, scope.filter.since, scope.filter.until)?;
    let rows: Vec<_> =
        rows.iter().filter(|row| asked.contains(row.session_id.as_deref())).collect();
    let of = |contributor: &str| -> u64 {
        let rows = rows.iter().filter(|row| row.contributor == contributor);
        rows.map(|row| row.lines).sum()
    };
    let lines = rows.iter().map(|row| row.lines).sum();
    let commits: BTreeSet<_> = rows.iter().map(|row| (&row.repository, &row.commit_id)).collect();
    let repositories: BTreeSet<_> = rows.iter().map(|row| &row.repository).collect();
    let summary = AttributionSummary {
        repositories: repositories.len(),
        commits: commits.len(),
        lines,
        ai_lines: of("ai"),
        mixed_lines: of("mixed"),
        human_lines: of("human"),
        unknown_lines: of("unknown"),
        ai_percent: share(of("ai"), lines),
    };
    let mut shares: BTreeMap<_, (u64, BTreeSet<_>)> = BTreeMap::new();
    for row in &rows {
        let share = shares.entry((&row.contributor, &row.agent, &row.model_id)).or_default();
        share.0 += row.lines;
        share.1.insert((&row.repository, &row.commit_id));
    }
    let details = shares.into_iter().map(|((contributor, agent, model), (count, commits))| Share {
        contributor: contributor.clone(),
        agent: agent.clone(),
        model_id: model.clone(),
        lines: count,
        share_percent: share(count, lines),
        commits: commits.len(),
    });
    let mut details: Vec<_> = details.collect();
    details.sort_by_key(|share| std::cmp::Reverse(share.lines));
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

fn share(part: u64, all: u64) -> f64 {
    let number = |lines| usize::try_from(lines).unwrap_or(usize::MAX);
    percent(number(part), number(all))
}
