//! In which form an answer is printed: one option, the same for every command that answers.

use clap::{Args, ValueEnum};
use domain::UnixMs;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use super::Context;
use crate::{
    table,
    terminal::{absolute_time, exact_time, relative_time},
};

/// How to print an answer.
#[derive(Clone, Copy, Debug, Args)]
pub struct FormArgument {
    /// How to print it
    #[arg(long, value_name = "FORM", default_value = "table")]
    format: Form,

    /// Tell times as they are, and not how long ago
    #[arg(long)]
    absolute: bool,
}

/// How times are told in tables.
#[derive(Clone, Debug)]
pub struct Times {
    /// Since when they are counted, where people ask how long ago.
    now: Option<UnixMs>,
    zone: TimeZone,
}

impl Times {
    /// As they are.
    pub fn absolute() -> Self {
        Self { now: None, zone: TimeZone::system() }
    }

    /// A time; nothing where there is none.
    pub fn tell(&self, at_unix_ms: Option<i64>, form: table::Form) -> String {
        let Some(at) = at_unix_ms.and_then(UnixMs::new) else { return String::new() };
        match (form, self.now) {
            (table::Form::Terminal, Some(now)) => relative_time(at, now),
            (table::Form::Terminal, None) => absolute_time(at, &self.zone),
            (table::Form::Csv | table::Form::Markdown, _) => exact_time(at),
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// To be read
    #[value(alias = "text")]
    Table,
    /// One JSON object: meta, summary and details
    Json,
    /// One JSON object a line for each detail
    Jsonl,
    /// A line of comma-separated values for each detail, without the sums
    Csv,
    /// The same as the table, in Markdown
    Markdown,
}

impl FormArgument {
    /// How times are told.
    pub fn times(self, now: UnixMs) -> Times {
        let now = Some(now).filter(|_| !self.absolute);
        Times { now, ..Times::absolute() }
    }

    /// Prints an answer: JSON as it is, everything else by `print`.
    pub fn print<A: Serialize>(
        self,
        context: &mut Context,
        answer: &A,
        print: impl FnOnce(&mut Context, &A, table::Form),
    ) {
        match self.format {
            Form::Table => print(context, answer, table::Form::Terminal),
            Form::Csv => print(context, answer, table::Form::Csv),
            Form::Markdown => print(context, answer, table::Form::Markdown),
            Form::Json => context.output.write_json_pretty(&value(answer)),
            Form::Jsonl => {
                for detail in value(answer)["details"].as_array().into_iter().flatten() {
                    context.output.write_json(detail);
                }
            }
        }
    }
}

fn value(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).expect("an answer is texts and numbers")
}
