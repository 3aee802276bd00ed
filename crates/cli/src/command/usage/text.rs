//! An explanation to be read in a terminal.

use ::store::query::usage::MessageUsage;
use anstyle::{AnsiColor, Style};
use domain::Picodollars;
use jiff::tz::TimeZone;
use pricing::{Factor, Found, Matched, Rate};
use report::{session::document::telling::said_of_the_whole, unpriced};

use super::{super::Context, Explanation, Line, Subject, Sum, Total};
use crate::terminal::{Keep, Output, absolute_time, counted, dollars, escape};

const HEADING: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const WRONG: Style = AnsiColor::Red.on_default();

/// Prints it.
pub fn print(context: &mut Context, explanation: &Explanation<'_>) {
    let mut page = Page { output: &mut context.output, zone: TimeZone::system() };
    let is_session = explanation.subject != Subject::Message;
    if is_session {
        page.line(HEADING, 0, &format!("session {}", explanation.id));
    }
    for (place, line) in explanation.lines.iter().enumerate() {
        if is_session || place > 0 {
            writeln!(page.output);
        }
        page.message(line, is_session);
    }
    if let Some(total) = explanation.total() {
        writeln!(page.output);
        page.total(&total);
    }
    page.models_without_price(explanation);
}

struct Page<'o> {
    output: &'o mut Output,
    zone: TimeZone,
}

impl Page<'_> {
    fn message(&mut self, line: &Line<'_>, is_session: bool) {
        let Line { usage, charge } = line;
        self.line(HEADING, 0, &format!("message {}", usage.message_id));
        let about = [
            (!is_session).then(|| format!("session {}", usage.session_id)),
            usage.generated_at.map(|time| absolute_time(time, &self.zone)),
            usage.role.map(|role| role.as_str().to_owned()),
            usage.agent_name.clone(),
            usage.model.as_ref().map(ToString::to_string),
            usage.side_call.map(|call| format!("{} call", call.as_str())),
            counts_elsewhere(usage),
        ];
        self.line(FAINT, 0, &about.into_iter().flatten().collect::<Vec<_>>().join(" · "));
        if let Some(found) = &charge.found {
            self.price(found);
        }
        self.factors(&charge.factors);
        match charge.cost {
            Ok(Picodollars(amount)) => {
                self.line(HEADING, 2, &format!("cost {}", dollars(amount)));
            }
            Err(reason) => self.line(WRONG, 2, &format!("no cost: {reason}")),
        }
        let unpriced = unpriced(usage.payload.as_ref());
        if !unpriced.is_empty() {
            self.line(WRONG, 2, &format!("not priced: {}", unpriced.join(", ")));
        }
        if let Some(given) = line.given() {
            self.line(FAINT, 2, &said_by_the_agent(given, line.difference()));
        }
    }

    fn price(&mut self, Found { price, matched }: &Found<'_>) {
        let name = format!("price of {}/{}", price.provider, price.model);
        let matched = match matched {
            Matched::Name => None,
            Matched::Alias => Some("of which this is another name".to_owned()),
            Matched::Undated => Some("which this is with another day".to_owned()),
        };
        let over = price.prompt_over_tokens;
        let days = match (price.from, price.until) {
            (None, None) => "at all times".to_owned(),
            (Some(from), None) => format!("from {from}"),
            (None, Some(until)) => format!("before {until}"),
            (Some(from), Some(until)) => format!("from {from}, before {until}"),
        };
        let over = over.map(|over| format!("for prompts over {over} tokens"));
        let about = [Some(name), matched, Some(days), over];
        self.line(FAINT, 2, &about.into_iter().flatten().collect::<Vec<_>>().join(", "));
        let read_on = price.read_on.map(|day| format!("read on {day}"));
        let source = [price.source.clone().or_else(|| Some("the settings".to_owned())), read_on];
        let source = source.into_iter().flatten().collect::<Vec<_>>().join(", ");
        self.line(FAINT, 2, &format!("source: {source}"));
    }

    /// One line for each factor, their columns below each other.
    fn factors(&mut self, factors: &[Factor]) {
        let rate = |factor: &Factor| {
            factor.rate.map_or_else(
                || "unknown".to_owned(),
                |rate| format!("${} a million", Rate::dollars_per_million(rate)),
            )
        };
        let width = |text: fn(&Factor) -> usize| factors.iter().map(text).max().unwrap_or_default();
        let kinds = width(|factor| factor.kind.as_str().len());
        let counts = width(|factor| factor.tokens.to_string().len());
        let rates = factors.iter().map(|factor| rate(factor).len()).max().unwrap_or_default();
        for factor in factors {
            let amount = match (factor.amount, factor.rate) {
                (Some(Picodollars(amount)), _) => format!(" = {}", dollars(amount)),
                (None, Some(_)) => " is too much to count".to_owned(),
                (None, None) => String::new(),
            };
            let (kind, tokens, rate) = (factor.kind.as_str(), factor.tokens, rate(factor));
            let line = format!("{kind:kinds$}  {tokens:>counts$} × {rate:<rates$}{amount}");
            self.line(Style::new(), 4, line.trim_end());
        }
    }

    fn total(&mut self, total: &Total<'_>) {
        self.line(HEADING, 0, &format!("total of {}", counted(total.messages, "message")));
        match total.cost.amount() {
            Ok(Some(amount)) => self.line(HEADING, 2, &format!("cost {}", dollars(amount))),
            Ok(None) => {}
            Err(reason) => self.line(WRONG, 2, &format!("no cost: {reason}")),
        }
        if total.without_cost() > 0 {
            let missing = counted(total.without_cost(), "message");
            self.line(WRONG, 2, &format!("without the cost of {missing}, which is not known"));
        }
        self.given(total);
        if let Some(whole) = total.whole {
            self.line(FAINT, 2, &said_of_the_whole(whole.amount().0));
        }
    }

    /// The agent's own figures, and how far ours are from those that can be compared.
    fn given(&mut self, Total { messages, given, difference, .. }: &Total<'_>) {
        let Ok(Some(amount)) = given.amount() else { return };
        let apart = |sum: &Sum| sum.amount().ok().flatten();
        if given.count == *messages && difference.count == *messages {
            return self.line(FAINT, 2, &said_by_the_agent(amount, apart(difference)));
        }
        let of = counted(given.count, "message");
        let compared = apart(difference).map_or_else(String::new, |difference| {
            format!("; of those that have both it says {}", more_or_less(difference))
        });
        self.line(FAINT, 2, &format!("the agent says {} of {of}{compared}", dollars(amount)));
    }

    fn models_without_price(&mut self, explanation: &Explanation<'_>) {
        let models = explanation.models_without_price();
        if models.is_empty() {
            return;
        }
        writeln!(self.output);
        self.line(HEADING, 0, "models without a price");
        for ((provider, id, reason), messages) in models {
            let name = [provider, id].into_iter().flatten().collect::<Vec<_>>().join("/");
            let messages = counted(messages, "message");
            self.line(Style::new(), 2, &format!("{name}: {reason} ({messages})"));
        }
        self.line(FAINT, 2, "name a price in the settings: `prices`, see `recount config schema`");
    }

    /// One line, whatever it is made of.
    fn line(&mut self, style: Style, indent: usize, text: &str) {
        let style = self.output.style(style);
        let text = escape(text, Keep::Nothing);
        writeln!(self.output, "{:indent$}{style}{text}{style:#}", "");
    }
}

/// Where a message counts that more than one session may hold.
fn counts_elsewhere(usage: &MessageUsage) -> Option<String> {
    if usage.is_untold_copy {
        return Some("copied by a fork, counts where it came from".to_owned());
    }
    match &usage.counts_in {
        Some(session) if usage.is_inherited => {
            Some(format!("copied by a fork, counts in session {session}"))
        }
        Some(session) => Some(format!("the same answer is in session {session}, counts there")),
        None if usage.is_inherited => {
            Some("copied by a fork, counts here as its original is not in the record".to_owned())
        }
        None => None,
    }
}

fn said_by_the_agent(given: i64, difference: Option<i64>) -> String {
    let said = format!("the agent says {}", dollars(given));
    difference
        .map_or_else(|| said.clone(), |difference| format!("{said}, {}", more_or_less(difference)))
}

/// What the agent's figure is to ours, which is so much above it.
fn more_or_less(difference: i64) -> String {
    match difference {
        0 => "the same".to_owned(),
        1.. => format!("{} less", dollars(difference)),
        ..0 => format!("{} more", dollars(-difference)),
    }
}
