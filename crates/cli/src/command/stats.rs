//! `recount stats`: all sessions together.

mod text;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use report::overall::{OverallQuestion, Scope, TOLD, sessions::Order};

use super::{Context, asking, attribution, filter::FilterArguments, form::FormArgument};
use crate::{exit::ExitCode, failure::Failure};

/// What to look at.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// All of it in a few figures, beside those of as long a time before
    Summary(Arguments),
    /// Which files were changed most often
    Files(FilesArguments),
    /// How often each tool was called, failed, and how long it took
    Tools(Arguments),
    /// What the last 100 calls of each tool took, estimated by the messages that made them
    ToolCost(Arguments),
    /// What went wrong on each day
    Errors(Arguments),
    /// How often conversations were condensed, and by how much
    Compactions(Arguments),
    /// The busiest sessions
    Sessions(SessionsArguments),
    /// The sessions of each agent, with their length and what they took
    Agents(Arguments),
    /// When work is done: by day of the week and hour
    Activity(Arguments),
    /// What fills the conversations of the last 100 sessions: system, user, assistant, tools and reasoning
    Tokens(Arguments),
    /// How much of what was committed each contributor, agent and model added
    Attribution(Arguments),
    /// By what sessions can be narrowed down: agents, projects and models
    Facets(Arguments),
}

/// What to look at, and how to print it.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    filter: FilterArguments,

    /// At most so many rows; the sums are over all
    #[arg(long, value_name = "N", default_value_t = TOLD)]
    limit: u32,

    #[command(flatten)]
    form: FormArgument,
}

/// The same of files.
#[derive(Debug, Args)]
pub struct FilesArguments {
    /// Only files whose path holds each of these words
    #[arg(long, value_name = "WORDS")]
    path: Option<String>,

    #[command(flatten)]
    arguments: Arguments,
}

/// The same of sessions.
#[derive(Debug, Args)]
pub struct SessionsArguments {
    /// In which order, the greatest first
    #[arg(long, value_name = "BY", default_value = Order::default().as_str(),
        value_parser = PossibleValuesParser::new(Order::ALL.map(Order::as_str)))]
    sort: String,

    #[command(flatten)]
    arguments: Arguments,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        let (question, arguments) = match self {
            Self::Summary(arguments) => (OverallQuestion::Summary, arguments),
            Self::Files(files) => (OverallQuestion::Files, &files.arguments),
            Self::Tools(arguments) => (OverallQuestion::Tools, arguments),
            Self::ToolCost(arguments) => (OverallQuestion::ToolCost, arguments),
            Self::Errors(arguments) => (OverallQuestion::Errors, arguments),
            Self::Compactions(arguments) => (OverallQuestion::Compactions, arguments),
            Self::Sessions(sessions) => (OverallQuestion::Sessions, &sessions.arguments),
            Self::Agents(arguments) => (OverallQuestion::Agents, arguments),
            Self::Activity(arguments) => (OverallQuestion::Activity, arguments),
            Self::Tokens(arguments) => (OverallQuestion::Tokens, arguments),
            Self::Attribution(arguments) => {
                let store = context.store()?;
                attribution::settle_all(context, &store)?;
                (OverallQuestion::Attribution, arguments)
            }
            Self::Facets(arguments) => (OverallQuestion::Facets, arguments),
        };
        ask(context, question, arguments, self)
    }

    /// The words by which files are found.
    fn path(&self) -> Option<String> {
        if let Self::Files(files) = self { files.path.clone() } else { None }
    }

    /// In which order sessions stand.
    fn order(&self) -> Order {
        let Self::Sessions(sessions) = self else { return Order::default() };
        let is_asked = |order: &Order| order.as_str() == sessions.sort;
        Order::ALL.into_iter().find(is_asked).unwrap_or_default()
    }
}

fn ask(
    context: &mut Context,
    question: OverallQuestion,
    arguments: &Arguments,
    command: &Command,
) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    let now = (store.settings().clock)();
    let (filter, zone) = arguments.filter.read(now)?;
    let limit = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let scope = Scope { filter, limit, zone, path: command.path(), order: command.order() };
    let answer =
        asking::ask(context, &store, "stats", now, |source| Ok(question.ask(source, &scope)?))?;
    let times = arguments.form.times(now);
    let print = |context: &mut _, answer: &_, form| text::print(context, answer, form, times);
    arguments.form.print(context, &answer, print);
    Ok(ExitCode::Ok)
}
