//! By what sessions can be narrowed down: the agents, projects and models that there are.

use std::{cmp::Reverse, collections::BTreeMap};

use schemars::JsonSchema;
use serde::Serialize;
use store::query::sessions_known::SessionKnown;

use super::{OverallMeta, Scope, cut};
use crate::{Report, ReportError, Source, filter::Asked};

/// What filters may say, the most frequent first of each kind.
pub type Facets = Report<OverallMeta, FacetsSummary, Facet>;

/// How many there are of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FacetsSummary {
    /// Sessions, those of subagents among them.
    pub sessions: usize,
    /// Agents.
    pub agents: usize,
    /// Projects.
    pub projects: usize,
    /// Models.
    pub models: usize,
}

/// What a filter narrows by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FacetKind {
    /// The agent that holds a session.
    Agent,
    /// The folder that it works in.
    Project,
    /// The model of its last answer.
    Model,
}

/// One thing that a filter may say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Facet {
    /// What it narrows by.
    pub kind: FacetKind,
    /// What to say.
    pub value: String,
    /// What else is known by that name: of a project its name.
    pub label: Option<String>,
    /// How many sessions are so.
    pub sessions: usize,
}

/// The agents, the projects and the models, of each those of most sessions first, of equals by name.
///
/// # Errors
/// The store failed.
pub fn facets(source: &Source<'_>, scope: &Scope) -> Result<Facets, ReportError> {
    let known = source.sessions()?;
    let asked = Asked::new(source, &scope.filter, known)?;
    let mut counts: BTreeMap<(FacetKind, String), (Option<&str>, usize)> = BTreeMap::new();
    let mut sessions = 0;
    for session in asked.sessions() {
        sessions += 1;
        for (kind, value, label) in facets_of(session) {
            let (known, count) = counts.entry((kind, value)).or_default();
            *known = (*known).max(label);
            *count += 1;
        }
    }
    let detail = |((kind, value), (label, sessions)): (_, (Option<&str>, usize))| Facet {
        kind,
        value,
        label: label.map(str::to_owned),
        sessions,
    };
    let mut details: Vec<_> = counts.into_iter().map(detail).collect();
    details.sort_by_key(|facet| (facet.kind, Reverse(facet.sessions)));
    let count = |kind| details.iter().filter(|facet| facet.kind == kind).count();
    let summary = FacetsSummary {
        sessions,
        agents: count(FacetKind::Agent),
        projects: count(FacetKind::Project),
        models: count(FacetKind::Model),
    };
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

fn facets_of(session: &SessionKnown) -> impl Iterator<Item = (FacetKind, String, Option<&str>)> {
    let agent = session.agent.clone().map(|agent| (FacetKind::Agent, agent, None));
    let name = session.project_name.as_deref();
    let project = session.project_path.clone().map(|path| (FacetKind::Project, path, name));
    let model = session.model.as_ref().map(|model| (FacetKind::Model, model.to_string(), None));
    [agent, project, model].into_iter().flatten()
}
