//! `recount usage`: what messages took, and what that costs by the prices that are known today.
//!
//! A cost is worked out when it is asked for and kept nowhere, so a price that is put right is right
//! for what was recorded before.

mod json;
mod sums;
mod text;

use std::collections::BTreeMap;

use ::store::{
    Holder,
    query::usage::{MessageUsage, Subject, usage},
};
use clap::{Args, Subcommand, ValueEnum};
use domain::{Cost, Picodollars, SessionId};
use pricing::{Charge, NoCost, PriceTable, charge};
use report::usage::By;

use super::{
    Context, asking, session,
    store::{failure, open_drained},
};
use crate::{exit::ExitCode, failure::Failure};

/// What to sum up or to explain.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to sum up by.
    #[command(subcommand)]
    by: Option<Command>,

    /// Show each factor of what this session, or this message, costs
    #[arg(long, value_name = "ID")]
    explain: Option<String>,

    /// How to print it
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Form,
}

/// By what to sum up.
#[derive(Debug, Subcommand)]
enum Command {
    /// What each day took and cost
    Daily(sums::Arguments),
    /// What each week took and cost, from Monday on
    Weekly(sums::Arguments),
    /// What each month took and cost
    Monthly(sums::Arguments),
    /// What each model took and cost
    Model(sums::Arguments),
    /// What each agent took and cost
    Agent(sums::Arguments),
    /// What each project took and cost
    Project(sums::Arguments),
    /// What each session took and cost
    Session(sums::Arguments),
    /// What each tool took and cost, estimated: the calls of a message share what it took
    Tool(sums::Arguments),
}

/// How to print an explanation.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// To be read
    Text,
    /// One JSON object
    Json,
}

/// What was asked for, with its costs.
struct Explanation<'a> {
    id: &'a str,
    subject: Subject,
    lines: Vec<Line<'a>>,
}

/// A message and what it costs.
struct Line<'a> {
    usage: &'a MessageUsage,
    charge: Charge<'a>,
}

/// Does it.
pub fn run(context: &mut Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    match (&arguments.by, &arguments.explain) {
        (Some(Command::Daily(asked)), _) => sums::run(context, By::Day, asked),
        (Some(Command::Weekly(asked)), _) => sums::run(context, By::Week, asked),
        (Some(Command::Monthly(asked)), _) => sums::run(context, By::Month, asked),
        (Some(Command::Model(asked)), _) => sums::run(context, By::Model, asked),
        (Some(Command::Agent(asked)), _) => sums::run(context, By::Agent, asked),
        (Some(Command::Project(asked)), _) => sums::run(context, By::Project, asked),
        (Some(Command::Session(asked)), _) => sums::run(context, By::Session, asked),
        (Some(Command::Tool(asked)), _) => sums::run(context, By::Tool, asked),
        (None, Some(id)) => explain(context, id, arguments.format),
        (None, None) => Err(Failure::new(ExitCode::Usage, "what to sum up is missing")
            .hint("`recount usage daily`, or another of `recount usage --help`")),
    }
}

fn explain(context: &mut Context, id: &str, format: Form) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    // Ids of messages and sessions have one grammar.
    let id = SessionId::new(id).map_err(|error| {
        Failure::new(ExitCode::Usage, format!("the id {error}")).hint(LIST_HINT)
    })?;
    let holder = open_drained(&store, "usage")?;
    let (id, (subject, messages)) = found(&holder, id)?;
    drop(holder);
    let prices = asking::prices(context)?;
    let explanation = Explanation::new(id.as_str(), subject, &messages, &prices);
    match format {
        Form::Text => text::print(context, &explanation),
        Form::Json => json::print(context, &explanation),
    }
    Ok(ExitCode::Ok)
}

/// What a whole id names, or a session that its beginning names.
fn found(
    holder: &Holder<'_>,
    id: SessionId,
) -> Result<(SessionId, (Subject, Vec<MessageUsage>)), Failure> {
    let asked = |id: &SessionId| usage(holder, id.as_str()).map_err(|error| failure(&error));
    if let Some(found) = asked(&id)? {
        return Ok((id, found));
    }
    let unknown = || {
        let message = format!("no session and no message `{id}` is in the record");
        Failure::new(ExitCode::NotFound, message).hint(LIST_HINT)
    };
    let session = session::beginning_with(holder, id.as_str())?.ok_or_else(unknown)?;
    let found = asked(&session)?.ok_or_else(unknown)?;
    Ok((session, found))
}

const LIST_HINT: &str = "`recount session list` says which sessions there are, `recount session show ID --format json` which messages";

impl<'a> Explanation<'a> {
    fn new(
        id: &'a str,
        subject: Subject,
        messages: &'a [MessageUsage],
        prices: &'a PriceTable,
    ) -> Self {
        // What a person says takes nothing; in a session it is left out.
        let is_message = subject == Subject::Message;
        let is_shown = |usage: &&MessageUsage| {
            is_message || usage.tokens.is_some() || usage.cost_given.is_some()
        };
        let lines = messages.iter().filter(is_shown).map(|usage| Line::new(usage, prices));
        let lines = lines.collect();
        Self { id, subject, lines }
    }

    /// What those of its messages cost together that count here; `None` for a message.
    fn total(&self) -> Option<Total<'_>> {
        match &self.subject {
            Subject::Session(whole) => Some(Total::of(&self.lines, whole.as_ref())),
            Subject::Message => None,
        }
    }

    /// The models for which a price is wanting, with the reason and the number of messages.
    fn models_without_price(&self) -> BTreeMap<(Option<&str>, Option<&str>, String), u64> {
        let mut models = BTreeMap::new();
        for Line { usage, charge } in &self.lines {
            let Err(reason) = charge.cost else { continue };
            // No tokens need no price.
            if reason.is_for_want_of_a_price() && !charge.factors.is_empty() {
                let model = usage.model.as_ref();
                let provider = model.and_then(|model| model.provider_id.as_deref());
                let id = model.and_then(|model| model.model_id.as_deref());
                *models.entry((provider, id, reason.to_string())).or_default() += 1;
            }
        }
        models
    }
}

impl<'a> Line<'a> {
    fn new(usage: &'a MessageUsage, prices: &'a PriceTable) -> Self {
        let tokens = usage.tokens.unwrap_or_default();
        Self { usage, charge: charge(prices, usage.model.as_ref(), usage.generated_at, &tokens) }
    }

    /// What it costs, where that is known.
    fn cost(&self) -> Option<i64> {
        self.charge.cost.ok().map(|Picodollars(amount)| amount)
    }

    /// What it costs, as the agent says.
    fn given(&self) -> Option<i64> {
        self.usage.cost_given.as_ref().map(|cost| cost.amount().0)
    }

    /// By how much our figure is above the agent's. Both are from 0 on, so it fits.
    fn difference(&self) -> Option<i64> {
        Some(self.cost()? - self.given()?)
    }
}

/// What the messages of a session cost that count in it.
#[derive(Default)]
struct Total<'a> {
    /// How many there are that take anything.
    messages: u64,
    /// What they cost.
    cost: Sum,
    /// What they cost, as the agent says.
    given: Sum,
    /// How far the two are apart where both are known.
    difference: Sum,
    /// What the whole session costs, as the agent says: with what is in no message, and with what is
    /// not in the record.
    whole: Option<&'a Cost>,
}

/// A sum of picodollars, and of how many it is one.
#[derive(Default)]
struct Sum {
    amount: i128,
    count: u64,
}

impl<'a> Total<'a> {
    fn of(lines: &[Line<'_>], whole: Option<&'a Cost>) -> Self {
        let mut total = Self { whole, ..Self::default() };
        for line in lines.iter().filter(|line| line.usage.counts()) {
            total.messages += 1;
            total.cost.add(line.cost());
            total.given.add(line.given());
            total.difference.add(line.difference());
        }
        total
    }

    /// How many messages are missing in the sum.
    fn without_cost(&self) -> u64 {
        self.messages - self.cost.count
    }
}

impl Sum {
    fn add(&mut self, amount: Option<i64>) {
        if let Some(amount) = amount {
            self.amount += i128::from(amount);
            self.count += 1;
        }
    }

    /// The sum; `None` where nothing was summed up.
    ///
    /// # Errors
    /// It is beyond what is counted.
    fn amount(&self) -> Result<Option<i64>, NoCost> {
        let amount = i64::try_from(self.amount).map_err(|_| NoCost::Overflow)?;
        Ok((self.count > 0).then_some(amount))
    }
}
