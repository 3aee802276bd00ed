//! `recount stats`: all sessions together.

mod text;

use clap::{Args, Subcommand, ValueEnum};
use report::overall::{OverallQuestion, Scope};

use super::{
    Context,
    asking::{self, print_details, value},
    filter::FilterArguments,
};
use crate::{exit::ExitCode, failure::Failure, table};

/// What to look at.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Which files were changed most often
    Files(Arguments),
    /// How often each tool was called, failed, and how long it took
    Tools(Arguments),
    /// What the last 100 calls of each tool took, estimated by the messages that made them
    ToolCost(Arguments),
    /// What went wrong on each day
    Errors(Arguments),
    /// How often conversations were condensed, and by how much
    Compactions(Arguments),
    /// The busiest sessions
    Sessions(Arguments),
    /// The sessions of each agent, with their length and what they took
    Agents(Arguments),
}

/// What to look at, and how to print it.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    filter: FilterArguments,

    /// At most so many rows; the sums are over all
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u32,

    /// How to print it
    #[arg(long, value_name = "FORM", default_value = "table")]
    format: Form,
}

/// How to print it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// To be read
    Table,
    /// One JSON object: meta, summary and details
    Json,
    /// One JSON object a line for each row
    Jsonl,
    /// A line of comma-separated values for each row, without the sums
    Csv,
    /// A table of Markdown
    Markdown,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        let (question, arguments) = match self {
            Self::Files(arguments) => (OverallQuestion::Files, arguments),
            Self::Tools(arguments) => (OverallQuestion::Tools, arguments),
            Self::ToolCost(arguments) => (OverallQuestion::ToolCost, arguments),
            Self::Errors(arguments) => (OverallQuestion::Errors, arguments),
            Self::Compactions(arguments) => (OverallQuestion::Compactions, arguments),
            Self::Sessions(arguments) => (OverallQuestion::Sessions, arguments),
            Self::Agents(arguments) => (OverallQuestion::Agents, arguments),
        };
        ask(context, question, arguments)
    }
}

fn ask(
    context: &mut Context,
    question: OverallQuestion,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    let now = (store.settings().clock)();
    let (filter, zone) = arguments.filter.read(now)?;
    let limit = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let scope = Scope { filter, limit, zone };
    let answer =
        asking::ask(context, &store, "stats", now, |source| Ok(question.ask(source, &scope)?))?;
    match arguments.format {
        Form::Table => text::print(context, &answer, table::Form::Terminal, now),
        Form::Csv => text::print(context, &answer, table::Form::Csv, now),
        Form::Markdown => text::print(context, &answer, table::Form::Markdown, now),
        Form::Json => context.output.write_json_pretty(&value(&answer)),
        Form::Jsonl => print_details(context, &value(&answer)),
    }
    Ok(ExitCode::Ok)
}
