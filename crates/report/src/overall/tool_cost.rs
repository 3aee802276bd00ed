//! What the last 100 calls of each tool took. An agent tells what a message took, not what a call did:
//! the calls of a message share it equally, which is an estimate and said to be one.

use std::{cmp::Reverse, collections::HashMap, rc::Rc};

use domain::{Picodollars, SessionId};
use pricing::charge;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::calls_seen::{CallSeen, call_place, calls_of_messages, message_took};

use super::{OverallMeta, Scope, cut, tools};
use crate::{Amount, Report, ReportError, Source, TokenCounts};

/// How many calls of each tool are looked at.
const LAST: usize = 100;

/// The tools, those whose last calls cost most first.
pub type ToolCosts = Report<OverallMeta, ToolCostSummary, ToolCost>;

/// All tools together, the last 100 calls of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToolCostSummary {
    /// Tools.
    pub tools: usize,
    /// Calls that were looked at.
    pub calls: usize,
    /// Those that failed.
    pub errors: usize,
    /// What they took.
    #[serde(flatten)]
    pub shares: ToolShares,
}

/// The last 100 calls of one tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToolCost {
    /// The tool's name; null where the agent names none.
    pub tool: Option<String>,
    /// Calls that were looked at, at most 100.
    pub calls: usize,
    /// Those that failed.
    pub errors: usize,
    /// How long half of them ran at most, of those whose length is known, in milliseconds.
    pub median_duration_ms: Option<i64>,
    /// Bytes that they gave back, also those that are not kept.
    pub output_bytes: i64,
    /// What they took.
    #[serde(flatten)]
    pub shares: ToolShares,
}

/// What calls took: their shares of the messages that made them, which the calls of a message share
/// equally.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToolShares {
    /// Always true: no agent counts by call.
    pub is_estimate: bool,
    /// The tokens.
    pub tokens: TokenCounts,
    /// All of them.
    pub total_tokens: i64,
    /// What they cost by today's prices; null where no call has a cost.
    pub cost: Option<Amount>,
    /// Calls that are missing in the tokens, as nothing is known of what their message took.
    pub calls_without_tokens: usize,
    /// Calls that are missing in the cost.
    pub calls_without_cost: usize,
}

/// The tools, those whose last calls cost most first, of equals by tokens, then by name.
///
/// # Errors
/// The store failed.
pub fn tool_cost(source: &Source<'_>, scope: &Scope) -> Result<ToolCosts, ReportError> {
    let mut messages = Messages { source, siblings: HashMap::new(), took: HashMap::new() };
    let mut details = Vec::new();
    for (tool, mut calls) in tools::calls_by_tool(source, scope)? {
        keep_last(&mut calls);
        let stat = tools::stat(tool.as_deref(), &calls);
        details.push(ToolCost {
            tool: stat.tool,
            calls: stat.calls,
            errors: stat.errors,
            median_duration_ms: stat.median_duration_ms,
            output_bytes: stat.output_bytes,
            shares: shares(&mut messages, &calls)?,
        });
    }
    details.sort_by(|one, other| order(one).cmp(&order(other)));
    let mut summary = ToolCostSummary { tools: details.len(), ..ToolCostSummary::default() };
    summary.shares.is_estimate = true;
    for tool in &details {
        summary.calls += tool.calls;
        summary.errors += tool.errors;
        summary.shares.add(&tool.shares);
    }
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

fn order(tool: &ToolCost) -> (Reverse<(i64, i64)>, Option<&str>) {
    let cost = tool.shares.cost.as_ref().map_or(-1, |cost| cost.picodollars);
    (Reverse((cost, tool.shares.total_tokens)), tool.tool.as_deref())
}

/// Leaves the last calls; of equal times those that were stored last.
fn keep_last(calls: &mut Vec<CallSeen>) {
    let order = |call: &CallSeen| Reverse((call.at, call.row));
    if calls.len() > LAST {
        calls.select_nth_unstable_by_key(LAST, order);
        calls.truncate(LAST);
    }
}

fn shares(messages: &mut Messages<'_, '_>, calls: &[CallSeen]) -> Result<ToolShares, ReportError> {
    let mut sum = ToolShares { is_estimate: true, ..ToolShares::default() };
    for call in calls {
        sum.add(&messages.share(call)?);
    }
    Ok(sum)
}

impl ToolShares {
    fn add(&mut self, more: &Self) {
        self.tokens.add(more.tokens);
        self.total_tokens = self.total_tokens.saturating_add(more.total_tokens);
        self.calls_without_tokens += more.calls_without_tokens;
        self.calls_without_cost += more.calls_without_cost;
        if let Some(Amount { picodollars: more, .. }) = &more.cost {
            let sum = self.cost.as_ref().map_or(0, |cost| cost.picodollars);
            self.cost = Some(Picodollars(sum.saturating_add(*more)).into());
        }
    }

    fn nothing() -> Self {
        Self { calls_without_tokens: 1, calls_without_cost: 1, ..Self::default() }
    }
}

/// The calls of each message, in the order of their identities.
type Siblings = HashMap<String, Vec<String>>;

/// What a message took, and what that costs.
type Took = (TokenCounts, Option<Picodollars>);

/// What messages took, and which calls share it; each session and each message is read once.
struct Messages<'a, 's> {
    source: &'a Source<'s>,
    siblings: HashMap<String, Rc<Siblings>>,
    took: HashMap<(String, String), Option<Took>>,
}

impl Messages<'_, '_> {
    fn share(&mut self, call: &CallSeen) -> Result<ToolShares, ReportError> {
        let Some(place) = call_place(self.source.holder, call.row)? else {
            return Ok(ToolShares::nothing());
        };
        let Some(message) = place.message_id else { return Ok(ToolShares::nothing()) };
        let siblings = self.siblings(&place.session_id)?;
        let calls = siblings.get(&message).map_or(&[][..], Vec::as_slice);
        let (count, position) = match calls.binary_search(&place.call_id) {
            Ok(position) => (calls.len(), position),
            Err(_) => (1, 0),
        };
        let Some((tokens, cost)) = self.took(place.session_id, message)? else {
            return Ok(ToolShares::nothing());
        };
        let part = |whole: i64| portion(whole, count, position);
        let tokens = TokenCounts {
            input: tokens.input.map(part),
            output: tokens.output.map(part),
            reasoning: tokens.reasoning.map(part),
            cache_read: tokens.cache_read.map(part),
            cache_write: tokens.cache_write.map(part),
            cache_write_1h: tokens.cache_write_1h.map(part),
        };
        Ok(ToolShares {
            is_estimate: true,
            total_tokens: tokens.total(),
            tokens,
            calls_without_tokens: 0,
            calls_without_cost: usize::from(cost.is_none()),
            cost: cost.map(|Picodollars(cost)| Picodollars(part(cost)).into()),
        })
    }

    fn siblings(&mut self, session: &str) -> Result<Rc<Siblings>, ReportError> {
        if let Some(known) = self.siblings.get(session) {
            return Ok(Rc::clone(known));
        }
        let mut siblings = Siblings::new();
        if let Ok(id) = SessionId::new(session) {
            for (message, call) in calls_of_messages(self.source.holder, &id)? {
                siblings.entry(message).or_default().push(call);
            }
        }
        for calls in siblings.values_mut() {
            calls.sort_unstable();
        }
        let siblings = Rc::new(siblings);
        self.siblings.insert(session.to_owned(), Rc::clone(&siblings));
        Ok(siblings)
    }

    fn took(&mut self, session: String, message: String) -> Result<Option<Took>, ReportError> {
        let key = (session, message);
        if let Some(known) = self.took.get(&key) {
            return Ok(*known);
        }
        let found = message_took(self.source.holder, &key.0, &key.1)?;
        let took = found.and_then(|found| {
            let tokens = found.tokens?;
            let model = found.model.as_ref();
            let charge = charge(self.source.prices, model, found.generated_at, &tokens);
            Some((TokenCounts::from(tokens), charge.cost.ok()))
        });
        self.took.insert(key, took);
        Ok(took)
    }
}

/// The share of one of so many. All shares together are the whole.
fn portion(whole: i64, count: usize, position: usize) -> i64 {
    let up_to = |position: usize| {
        let [position, count] = [position, count.max(1)].map(|n| i128::try_from(n).unwrap_or(1));
        i128::from(whole) * position / count
    };
    i64::try_from(up_to(position + 1) - up_to(position)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_a_whole_are_the_whole_and_no_two_differ_by_more_than_one() {
        for (whole, count) in [(0, 3), (1, 3), (10, 3), (7, 7), (i64::MAX, 100), (5, 1)] {
            let shares: Vec<_> = (0..count).map(|place| portion(whole, count, place)).collect();
            assert_eq!(shares.iter().sum::<i64>(), whole, "{whole} by {count}");
            let least = shares.iter().min().expect("at least one");
            assert!(shares.iter().all(|share| share - least <= 1), "{shares:?}");
        }
    }

    #[test]
    fn the_last_calls_are_those_of_the_latest_times() {
        let call = |row: i64| CallSeen {
            row,
            session_id: None,
            tool: None,
            at: domain::UnixMs::new(row / 2),
            has_failed: false,
            output_bytes: None,
            duration_ms: None,
        };
        let mut calls: Vec<_> = (0..250).map(call).collect();
        keep_last(&mut calls);
        let mut rows: Vec<_> = calls.iter().map(|call| call.row).collect();
        rows.sort_unstable();
        assert_eq!(rows, (150..250).collect::<Vec<_>>());
    }
}
