//! What a session cost, in a table.

use report::session::{
    cost::{CostDetail, PreciseCost},
    document::telling::said_of_the_whole,
};

use super::{Page, dollars, number, tokens};
use crate::table::Table;

impl Page<'_> {
    pub(super) fn cost(&mut self, answer: &PreciseCost) {
        let summary = &answer.summary;
        let mut sums = vec![
            summary.cost.as_ref().map_or("no cost is known".to_owned(), dollars),
            tokens(&summary.tokens),
        ];
        if summary.messages_without_cost > 0 {
            sums.push(format!(
                "{} without a cost",
                number(summary.messages_without_cost, "message")
            ));
        }
        let below =
            summary.cost_with_subagents.as_ref().filter(|all| summary.cost.as_ref() != Some(all));
        sums.extend(below.map(|all| format!("{} with subagents", dollars(all))));
        let given = summary.cost_given.as_ref();
        sums.extend(given.map(|given| format!("{} by the agent", dollars(given))));
        let difference = summary.difference.as_ref();
        sums.extend(difference.map(|more| format!("difference {}", dollars(more))));
        let whole = summary.session_cost_given.as_ref();
        sums.extend(whole.map(|whole| said_of_the_whole(whole.picodollars)));
        self.head(&answer.meta, &sums);
        let before = &["time", "model"][..];
        let after = &["cost", "by the agent", "message"][..];
        let mut table = Table::new(&[before, self.token_heading(), after].concat());
        for message in &answer.details {
            let before =
                vec![self.time(message.at_unix_ms), message.model_id.clone().unwrap_or_default()];
            let after = vec![
                self.cost_of(message),
                message.cost_given.as_ref().map(|cost| self.amount(cost)).unwrap_or_default(),
                message.message_id.clone(),
            ];
            table.add_row([before, self.token_cells(Some(&message.tokens)), after].concat());
        }
        self.table(&table, answer.details.len());
    }

    /// A cost, or why there is none.
    fn cost_of(&self, message: &CostDetail) -> String {
        match &message.cost {
            _ if !message.counts => "counts elsewhere".to_owned(),
            Some(cost) => self.amount(cost),
            None => message.no_cost_because.clone().unwrap_or_default(),
        }
    }
}
