//! One question about one session.

use ::store::Store;
use clap::{Args, ValueEnum};
use report::SessionQuestion;

use super::{answer, id};
use crate::{
    command::{
        Context,
        asking::{ask, print_details, value},
    },
    exit::ExitCode,
    failure::Failure,
    table,
};

/// Which session, and how to print the answer.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The session, or as much of its id as tells it from all others
    id: String,

    /// How to print it
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Form,
}

/// How to print an answer.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// To be read
    Text,
    /// One JSON object: meta, summary and details
    Json,
    /// One JSON object a line for each detail
    Jsonl,
    /// A line of comma-separated values for each detail
    Csv,
    /// The same as text, in Markdown
    Markdown,
}

/// Asks and prints.
pub fn run(
    context: &mut Context,
    store: &Store,
    question: SessionQuestion,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let now = (store.settings().clock)();
    let answered = ask(context, store, "session", now, |source| {
        let session = id::session(source.holder, &arguments.id)?;
        Ok(question.ask(source, &session)?)
    })?;
    context.page();
    match arguments.format {
        Form::Text => answer::print(context, &answered, table::Form::Terminal),
        Form::Csv => answer::print(context, &answered, table::Form::Csv),
        Form::Markdown => answer::print(context, &answered, table::Form::Markdown),
        Form::Json => context.output.write_json_pretty(&value(&answered)),
        Form::Jsonl => print_details(context, &value(&answered)),
    }
    Ok(ExitCode::Ok)
}
