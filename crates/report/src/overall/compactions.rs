//! How often conversations were condensed, and by how much.

use std::{cmp::Reverse, collections::HashMap};

use domain::UnixMs;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::{
    compactions_seen::{CompactionSeen, compactions_seen},
    shared_compactions::shared_compactions,
};

use super::{OverallMeta, Scope, cut, mean};
use crate::{Report, ReportError, Source, filter::Asked};

/// The sessions that were condensed, the most often first.
pub type Compactions = Report<OverallMeta, CompactionsSummary, SessionCompactions>;

/// All sessions together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CompactionsSummary {
    /// How many sessions were condensed.
    pub sessions: usize,
    /// How many sessions there are, of whatever time.
    pub sessions_asked: usize,
    /// The compactions of all.
    #[serde(flatten)]
    pub figures: CompactionFigures,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SessionCompactions {
    /// The session; null where none is known.
    pub session_id: Option<String>,
    /// The agent's own title for it.
    pub title: Option<String>,
    /// Its compactions.
    #[serde(flatten)]
    pub figures: CompactionFigures,
    /// When the last one was, in Unix milliseconds.
    pub last_at_unix_ms: Option<i64>,
}

/// Some compactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CompactionFigures {
    /// Compactions.
    pub compactions: usize,
    /// Those that the agent began by itself.
    pub automatic: usize,
    /// How long the conversation was on the average, where that is known, in tokens.
    pub mean_tokens_before: Option<i64>,
    /// How long it was afterwards.
    pub mean_tokens_after: Option<i64>,
}

/// The sessions, the most often condensed first, of equals the last.
///
/// # Errors
/// The store failed.
pub fn compactions(source: &Source<'_>, scope: &Scope) -> Result<Compactions, ReportError> {
    let known = source.sessions()?;
    let asked = Asked::new(source, &scope.filter, known)?;
    let mut seen = compactions_seen(source.holder, scope.filter.span(), source.copies()?)?;
    let shared = shared_compactions(source.holder)?;
    seen.retain(|compaction| {
        let session = compaction.session_id.as_deref();
        asked.contains(session)
            && session.is_none_or(|session| shared.counts(session, &compaction.compaction_id))
    });
    let mut by_session: HashMap<Option<&str>, Vec<&CompactionSeen>> = HashMap::new();
    for compaction in &seen {
        by_session.entry(compaction.session_id.as_deref()).or_default().push(compaction);
    }
    let detail = |(id, compactions): (Option<&str>, Vec<&CompactionSeen>)| SessionCompactions {
        session_id: id.map(str::to_owned),
        title: id.and_then(|id| asked.session(id)?.title.clone()),
        figures: figures(&compactions),
        last_at_unix_ms: compactions.iter().filter_map(|it| it.at).max().map(UnixMs::get),
    };
    let mut details: Vec<_> = by_session.into_iter().map(detail).collect();
    details.sort_by(|one, other| order(one).cmp(&order(other)));
    let summary = CompactionsSummary {
        sessions: details.len(),
        sessions_asked: asked.sessions().count(),
        figures: figures(&seen.iter().collect::<Vec<_>>()),
    };
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

fn order(session: &SessionCompactions) -> (Reverse<(usize, Option<i64>)>, Option<&str>) {
    let frequency = (session.figures.compactions, session.last_at_unix_ms);
    (Reverse(frequency), session.session_id.as_deref())
}

fn figures(compactions: &[&CompactionSeen]) -> CompactionFigures {
    let mean_of = |tokens: fn(&CompactionSeen) -> Option<i64>| {
        let known: Vec<_> = compactions.iter().filter_map(|it| tokens(it)).collect();
        mean(known.iter().copied().map(i128::from).sum(), known.len())
    };
    CompactionFigures {
        compactions: compactions.len(),
        automatic: compactions.iter().filter(|it| it.is_automatic == Some(true)).count(),
        mean_tokens_before: mean_of(|it| it.tokens_before),
        mean_tokens_after: mean_of(|it| it.tokens_after),
    }
}
