//! The messages of a session in a table: of each one line; whole it is told by `session show`.

use report::session::messages::{MessageDetail, Messages};

use super::{Page, number, tokens};
use crate::table::{Form, Table};

/// As much of a text as a line of a terminal takes; a spreadsheet gets all of it.
const SHOWN_CHARACTERS: usize = 60;

impl Page<'_> {
    pub(super) fn messages(&mut self, answer: &Messages) {
        let summary = &answer.summary;
        let sums = [
            format!("{} by the person", number(summary.user, "message")),
            format!("{} by the model", summary.assistant),
            number(summary.parts, "part"),
            number(summary.tool_calls, "tool call"),
            tokens(&summary.tokens),
        ];
        self.head(&answer.meta, &sums);
        let before = &["time", "role", "text", "tools"][..];
        let after = &["cost", "model", "message"][..];
        let mut table = Table::timeline(&[before, self.token_heading(), after].concat());
        for message in answer.details.iter().filter(|message| message.counts) {
            let before = vec![
                self.time(message.at_unix_ms),
                message.side_call.as_ref().or(message.role.as_ref()).cloned().unwrap_or_default(),
                self.text_of(message),
                tools_of(message),
            ];
            let cost = message.cost.as_ref().map(|cost| self.amount(cost));
            let after = vec![
                cost.unwrap_or_default(),
                message.model_id.clone().unwrap_or_default(),
                message.message_id.clone().unwrap_or_default(),
            ];
            let cells = self.token_cells(message.tokens.as_ref());
            table.add_row([before, cells, after].concat());
        }
        self.table(&table, answer.details.len());
    }

    /// What is said in it, the beginning of it for people.
    fn text_of(&self, message: &MessageDetail) -> String {
        let texts = message.parts.iter().filter_map(|part| part.text.as_deref());
        let texts = texts.filter(|text| !text.trim().is_empty());
        match self.form {
            Form::Csv => texts.collect::<Vec<_>>().join("\n"),
            Form::Terminal | Form::Markdown => {
                let first = texts.flat_map(str::lines).find(|line| !line.trim().is_empty());
                beginning(first.unwrap_or_default().trim())
            }
        }
    }
}

fn beginning(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The tools that it called, in their order.
fn tools_of(message: &MessageDetail) -> String {
    let shown = message.parts.iter().filter_map(|part| part.tool_call.as_ref());
    let names = shown.chain(&message.tool_calls).map(|call| call.tool.as_deref().unwrap_or("?"));
    names.collect::<Vec<_>>().join(", ")
}
