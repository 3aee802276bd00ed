//! What fills a conversation, in a table.

use report::session::tokens::{Basis, Breakdown};

use super::{Page, tokens};
use crate::table::Table;

impl Page<'_> {
    pub(super) fn breakdown(&mut self, answer: &Breakdown) {
        let summary = &answer.summary;
        let mut sums = vec![
            format!("about {} tokens in the conversation", summary.tokens),
            format!("its requests took {}", tokens(&summary.counted)),
        ];
        if summary.is_estimate {
            let characters = summary.characters_per_token;
            sums.push(format!("an estimate takes {characters} characters for a token"));
        }
        self.head(&answer.meta, &sums);
        let mut table = Table::new(&["category", "tokens", "share", "known by", "characters"]);
        for detail in &answer.details {
            let known = |count: Option<i64>| count.map(|it| it.to_string()).unwrap_or_default();
            table.add([
                detail.category.as_str().to_owned(),
                known(detail.tokens),
                self.form.percent(detail.share_percent),
                basis(detail.basis).to_owned(),
                known(detail.characters),
            ]);
        }
        self.table(&table, answer.details.len());
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Counted => "count",
        Basis::Estimated => "estimate",
        Basis::Unknown => "",
    }
}
