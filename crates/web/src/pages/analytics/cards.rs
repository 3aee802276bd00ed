//! The sums, each with its change against the period before.

use report::overall::summary::{PeriodFigures, Summary, When};

use super::{
    super::filters::{dollars, shortened},
    stacks::kinds,
};

/// One sum.
pub(super) struct Card {
    pub name: &'static str,
    pub value: String,
    /// Against the period before, where there is one.
    pub change: Option<String>,
    pub parts: Vec<(&'static str, String)>,
}

/// The cards of a summary.
pub(super) fn cards(summary: &Summary) -> Vec<Card> {
    let asked = &summary.summary;
    let before = summary.details.iter().find(|period| period.period == When::Before);
    let before = before.map(|period| &period.figures);
    let is_empty = |period: &PeriodFigures| {
        period.figures.messages == 0 && period.figures.usage.total_tokens == 0
    };
    let usage = &asked.figures.usage;
    let change = |of: fn(&PeriodFigures) -> i64, tell: fn(i64) -> String| {
        before.map(|before| {
            if is_empty(before) {
                return "nothing before".to_owned();
            }
            compared(of(asked), of(before), tell)
        })
    };
    vec![
        Card {
            name: "Tokens",
            value: shortened(usage.total_tokens),
            change: change(|period| period.figures.usage.total_tokens, shortened),
            parts: kinds(usage).map(|(kind, tokens)| (kind, shortened(tokens))).into(),
        },
        Card {
            name: "Cost",
            value: usage
                .cost
                .as_ref()
                .map_or_else(|| "–".to_owned(), |cost| dollars(cost.picodollars)),
            change: change(cost, dollars),
            parts: vec![("answers without a price", shortened(usage.messages_without_cost))],
        },
        Card {
            name: "Sessions",
            value: shortened(whole(asked.figures.sessions)),
            change: change(|period| whole(period.figures.sessions), shortened),
            parts: vec![("subagents", shortened(whole(asked.figures.subagents)))],
        },
        Card {
            name: "Messages",
            value: shortened(whole(asked.figures.messages)),
            change: change(|period| whole(period.figures.messages), shortened),
            parts: vec![("tool calls", shortened(whole(asked.figures.calls)))],
        },
        Card {
            name: "Cache hits",
            value: format!("{:.1} %", asked.cache_hit_percent),
            change: before
                .filter(|before| !is_empty(before))
                .map(|before| format!("{:.1} % before", before.cache_hit_percent)),
            parts: Vec::new(),
        },
    ]
}

fn cost(period: &PeriodFigures) -> i64 {
    period.figures.usage.cost.as_ref().map_or(0, |cost| cost.picodollars)
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// `+12 %, 1.20 M before`.
fn compared(now: i64, before: i64, tell: fn(i64) -> String) -> String {
    let told = tell(before);
    if before <= 0 {
        return format!("{told} before");
    }
    let percent = (i128::from(now) - i128::from(before)) * 100 / i128::from(before);
    format!("{percent:+} %, {told} before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_against_what_was_before() {
        let cases = [
            (112, 100, "+12 %, 100 before"),
            (50, 100, "-50 %, 100 before"),
            (100, 100, "+0 %, 100 before"),
            (7, 0, "0 before"),
            (i64::MAX, 1, "+922337203685477580600 %, 1 before"),
        ];
        for (now, before, told) in cases {
            assert_eq!(compared(now, before, shortened), told);
        }
    }
}
