//! What fills conversations, by who says it: of the sessions that were active last, as the text of each
//! has to be measured.

use std::cmp::Reverse;

use domain::SessionId;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::sessions_known::SessionKnown;

use super::{OverallMeta, Scope, cut};
use crate::{
    Report, ReportError, Source, TokenCounts,
    filter::Asked,
    session::tokens::{Basis, CHARACTERS_PER_TOKEN, Category, CategoryDetail, measure},
    values::percent,
};

/// How many sessions are measured.
const LAST: usize = 100;

/// What fills the conversations of the last 100 sessions.
pub type Tokens = Report<OverallMeta, TokensSummary, CategorySum>;

/// All categories together, and beside them what the agents counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TokensSummary {
    /// Sessions that were measured: of those that are asked about the 100 that were active last.
    pub sessions: usize,
    /// Sessions that are asked about.
    pub sessions_asked: usize,
    /// Tokens of all categories of which a length is known.
    pub tokens: i64,
    /// Whether any of them are estimated.
    pub is_estimate: bool,
    /// An estimate takes so many characters for a token.
    pub characters_per_token: i64,
    /// What all requests of these sessions took, as the agents count it: what is sent again counts again.
    pub counted: TokenCounts,
    /// All of that.
    pub total_counted: i64,
}

/// One category.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CategorySum {
    /// Who says it.
    pub category: Category,
    /// How much it is.
    pub tokens: i64,
    /// How many sessions' agents count it.
    pub counted: usize,
    /// In how many sessions it is estimated.
    pub estimated: usize,
    /// In how many it is not known, so that they are missing in it.
    pub unknown: usize,
    /// Its share of all that is known, in per cent.
    pub share_percent: f64,
}

/// The categories in the order of a session's; none where there is no session.
///
/// # Errors
/// The store failed.
pub fn tokens(source: &Source<'_>, scope: &Scope) -> Result<Tokens, ReportError> {
    let known = source.sessions()?;
    let asked = Asked::new(source, &scope.filter, known)?;
    let span = scope.filter.span();
    let is_of_time = |session: &&SessionKnown| {
        let of_time = session.last_activity_at.is_some_and(|at| span.since <= at)
            && session.created_at.is_none_or(|at| at < span.until);
        of_time || !scope.filter.has_time()
    };
    let mut sessions: Vec<_> = asked.sessions().filter(is_of_time).collect();
    sessions
        .sort_unstable_by_key(|session| (Reverse(session.last_activity_at), &session.session_id));
    let sessions_asked = sessions.len();
    sessions.truncate(LAST);
    let mut sums = Category::ALL.map(CategorySum::of);
    let mut counted = TokenCounts::default();
    for session in &sessions {
        let Ok(id) = SessionId::new(session.session_id.as_str()) else { continue };
        let measured = measure(source, &id)?;
        counted.add(measured.counted);
        for (sum, detail) in sums.iter_mut().zip(&measured.details) {
            sum.add(detail);
        }
    }
    let tokens = sums.iter().fold(0_i64, |all, sum| all.saturating_add(sum.tokens));
    for sum in &mut sums {
        sum.share_percent = percent(sum.tokens, tokens);
    }
    let summary = TokensSummary {
        sessions: sessions.len(),
        sessions_asked,
        tokens,
        is_estimate: sums.iter().any(|sum| sum.estimated > 0),
        characters_per_token: CHARACTERS_PER_TOKEN,
        total_counted: counted.total(),
        counted,
    };
    let mut details = if sessions.is_empty() { Vec::new() } else { Vec::from(sums) };
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

impl CategorySum {
    fn of(category: Category) -> Self {
        Self { category, tokens: 0, counted: 0, estimated: 0, unknown: 0, share_percent: 0.0 }
    }

    fn add(&mut self, detail: &CategoryDetail) {
        self.tokens = self.tokens.saturating_add(detail.tokens.unwrap_or_default());
        let sessions = match detail.basis {
            Basis::Counted => &mut self.counted,
            Basis::Estimated => &mut self.estimated,
            Basis::Unknown => &mut self.unknown,
        };
        *sessions += 1;
    }
}
