//! One question about one session.

use ::store::Store;
use clap::{Args, ValueEnum};
use pricing::PriceTable;
use report::{Answer, ReportError, SessionQuestion, Source};
use serde_json::Value;

use super::{answer, id};
use crate::{
    command::{
        Context,
        store::{failure, open_drained},
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
    let prices = PriceTable::built_in().with(&context.settings()?.prices);
    let holder = open_drained(store, "session")?;
    let now = (store.settings().clock)();
    let session = id::session(&holder, &arguments.id)?;
    let answered = question.ask(&Source { holder: &holder, prices: &prices, now }, &session);
    let answered = answered.map_err(|error| match error {
        ReportError::Store(error) => failure(&error),
        unknown @ ReportError::UnknownSession(_) => {
            Failure::new(ExitCode::NotFound, unknown.to_string())
        }
    })?;
    drop(holder);
    context.page();
    match arguments.format {
        Form::Text => answer::print(context, &answered, table::Form::Terminal),
        Form::Csv => answer::print(context, &answered, table::Form::Csv),
        Form::Markdown => answer::print(context, &answered, table::Form::Markdown),
        Form::Json => context.output.write_json_pretty(&value(&answered)),
        Form::Jsonl => {
            for detail in value(&answered)["details"].as_array().into_iter().flatten() {
                context.output.write_json(detail);
            }
        }
    }
    Ok(ExitCode::Ok)
}

fn value(answer: &Answer) -> Value {
    serde_json::to_value(answer).expect("an answer is texts and numbers")
}
