//! Sums of what messages took, wide enough that nothing overflows on the way.

use std::collections::HashMap;

use domain::Picodollars;
use pricing::{PriceTable, charge_together};
use store::query::usage_sums::{Span, UsageSum};

use super::UsageFigures;
use crate::{Amount, ReportError, Source, values::percent};

/// What the messages of each session took in a time, without copies.
///
/// # Errors
/// The store failed.
pub(crate) fn by_session(
    source: &Source<'_>,
    span: Span,
) -> Result<HashMap<String, Sum>, ReportError> {
    let mut sums: HashMap<String, Sum> = HashMap::new();
    for took in source.took(span)?.iter() {
        match sums.get_mut(&took.row.session_id) {
            Some(sum) => sum.add(&took.sum),
            None => drop(sums.insert(took.row.session_id.clone(), took.sum.clone())),
        }
    }
    Ok(sums)
}

/// What some messages took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    messages: i64,
    input: i128,
    output: i128,
    reasoning: i128,
    cache_read: i128,
    cache_write_5m: i128,
    cache_write_1h: i128,
    cost: Option<i128>,
    messages_without_cost: i64,
    cost_given: Option<i128>,
}

impl Sum {
    /// What the messages of one row took, and what that costs.
    pub fn of(row: &UsageSum, prices: &PriceTable, bounds: &[i64]) -> Self {
        let count = |count: Option<i64>| i128::from(count.unwrap_or_default());
        let tokens = row.tokens;
        let longest = row.tier.checked_sub(1).and_then(|tier| bounds.get(tier));
        // One token more than the bound that their prompts exceed.
        let prompt = longest.map_or(0, |bound| bound.saturating_add(1));
        let charge = charge_together(prices, row.model.as_ref(), row.at, &tokens, prompt);
        let cost = charge.cost.ok().filter(|_| !row.is_contradictory);
        let for_an_hour = count(tokens.cache_write_1h);
        Self {
            messages: row.messages,
            input: count(tokens.input),
            output: count(tokens.output),
            reasoning: count(tokens.reasoning),
            cache_read: count(tokens.cache_read),
            cache_write_5m: count(tokens.cache_write) - for_an_hour,
            cache_write_1h: for_an_hour,
            cost: cost.map(|Picodollars(amount)| i128::from(amount)),
            messages_without_cost: if cost.is_some() { 0 } else { row.messages },
            cost_given: row.cost_given_picodollars,
        }
    }

    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.input += other.input;
        self.output += other.output;
        self.reasoning += other.reasoning;
        self.cache_read += other.cache_read;
        self.cache_write_5m += other.cache_write_5m;
        self.cache_write_1h += other.cache_write_1h;
        self.messages_without_cost += other.messages_without_cost;
        add(&mut self.cost, other.cost);
        add(&mut self.cost_given, other.cost_given);
    }

    /// The share of one of so many calls; all shares together are the whole, but for messages, which
    /// count in one share of each tool.
    pub fn share(&self, position: usize, calls: usize, is_first_of_tool: bool) -> Self {
        let [position, calls] = [position, calls].map(|n| i128::try_from(n).unwrap_or(i128::MAX));
        let share = |whole: i128| whole * (position + 1) / calls - whole * position / calls;
        let messages = |count: i64| if is_first_of_tool { count } else { 0 };
        Self {
            messages: messages(self.messages),
            input: share(self.input),
            output: share(self.output),
            reasoning: share(self.reasoning),
            cache_read: share(self.cache_read),
            cache_write_5m: share(self.cache_write_5m),
            cache_write_1h: share(self.cache_write_1h),
            cost: self.cost.map(share),
            messages_without_cost: messages(self.messages_without_cost),
            cost_given: self.cost_given.map(share),
        }
    }

    /// Whether it is of no message.
    pub fn is_empty(&self) -> bool {
        self.messages == 0
    }

    /// What it cost; less than nothing where that is not known, so that it comes last.
    pub fn rank(&self) -> (i128, i128) {
        (self.cost.unwrap_or(-1), self.tokens())
    }

    /// Its share of a whole, in per cent with two digits after the point.
    pub fn share_percent(&self, whole: &Self) -> f64 {
        let (part, all) = match whole.cost.filter(|cost| *cost > 0) {
            Some(all) => (self.cost.unwrap_or_default(), all),
            None => (self.tokens(), whole.tokens()),
        };
        percent(part, all)
    }

    /// The figures as they are told; what does not fit stays at the greatest number.
    pub fn figures(&self) -> UsageFigures {
        UsageFigures {
            messages: self.messages,
            input: fit(self.input),
            output: fit(self.output),
            reasoning: fit(self.reasoning),
            cache_read: fit(self.cache_read),
            cache_write_5m: fit(self.cache_write_5m),
            cache_write_1h: fit(self.cache_write_1h),
            total_tokens: fit(self.tokens()),
            cost: self.cost.map(amount),
            messages_without_cost: self.messages_without_cost,
            cost_given: self.cost_given.map(amount),
        }
    }

    fn tokens(&self) -> i128 {
        self.input
            + self.output
            + self.reasoning
            + self.cache_read
            + self.cache_write_5m
            + self.cache_write_1h
    }
}

fn add(sum: &mut Option<i128>, more: Option<i128>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or_default() + more);
    }
}

fn fit(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(i64::MAX)
}

fn amount(sum: i128) -> Amount {
    Picodollars(fit(sum)).into()
}
