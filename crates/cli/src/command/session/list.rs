//! `recount session list`.

use ::store::{
    Store,
    query::session_list::{SessionRow, session_list},
};
use clap::{Args, ValueEnum};
use domain::{Picodollars, UnixMs};
use report::session::listed;
use serde_json::Value;

use super::super::{
    Context,
    store::{failure, open_drained},
};
use crate::{
    exit::ExitCode,
    failure::Failure,
    table::{self, Table},
    terminal::{dollars, exact_time, relative_time},
};

/// Which sessions, and how to print them.
#[derive(Debug, Args)]
pub struct Arguments {
    /// How to print them
    #[arg(long, value_name = "FORM", default_value = "table")]
    format: Form,

    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
}

/// How to print a list.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// To be read
    Table,
    /// One JSON array
    Json,
    /// One JSON object a line
    Jsonl,
    /// A line of comma-separated values for each
    Csv,
    /// A table of Markdown
    Markdown,
}

pub fn run(
    context: &mut Context,
    store: &Store,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let holder = open_drained(store, "session list")?;
    let rows = session_list(&holder, arguments.limit).map_err(|error| failure(&error))?;
    drop(holder);
    match arguments.format {
        Form::Table => {
            print_table(context, &rows, table::Form::Terminal, (store.settings().clock)());
        }
        Form::Csv => print_table(context, &rows, table::Form::Csv, (store.settings().clock)()),
        Form::Markdown => {
            print_table(context, &rows, table::Form::Markdown, (store.settings().clock)());
        }
        Form::Json => {
            let rows: Vec<Value> = rows.iter().map(listed::row).collect();
            context.output.write_json_pretty(&Value::from(rows));
        }
        Form::Jsonl => {
            for row in &rows {
                context.output.write_json(&listed::row(row));
            }
        }
    }
    Ok(ExitCode::Ok)
}

fn print_table(context: &mut Context, rows: &[SessionRow], form: table::Form, now: UnixMs) {
    let time = |time| match form {
        table::Form::Terminal => relative_time(time, now),
        table::Form::Csv | table::Form::Markdown => exact_time(time),
    };
    let amount = |amount: i64| match form {
        table::Form::Csv => Picodollars(amount).to_string(),
        table::Form::Terminal | table::Form::Markdown => dollars(amount),
    };
    if rows.is_empty() && form == table::Form::Terminal {
        writeln!(context.output, "no sessions yet");
        return;
    }
    let mut table = Table::new(&[
        "session", "title", "agent", "model", "active", "messages", "tools", "cost", "project",
    ]);
    for row in rows {
        let active = row.last_activity_at_unix_ms.and_then(UnixMs::new);
        table.add([
            row.session_id.clone(),
            row.title.clone().unwrap_or_default(),
            row.agent.clone().unwrap_or_else(|| "unknown".to_owned()),
            row.model_id.clone().unwrap_or_default(),
            active.map(time).unwrap_or_default(),
            row.messages.to_string(),
            row.tool_calls.to_string(),
            row.cost_given_picodollars.map(amount).unwrap_or_default(),
            row.project_path.clone().unwrap_or_default(),
        ]);
    }
    table.print_as(form, &mut context.output);
}
