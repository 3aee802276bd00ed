//! `recount session list`.

use ::store::{
    Store,
    query::session_list::{SessionRow, session_list},
};
use clap::{Args, ValueEnum};
use domain::{Picodollars, UnixMs};
use report::session::listed;
use serde_json::Value;

use super::{
    super::{
        Context,
        store::{failure, open_drained},
    },
    resume::state::{self, Asked, Checked},
};
use crate::{
    environment::Environment,
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

    /// Look up in the agents' own stores which can be resumed
    #[arg(long)]
    check: bool,
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
    let now = (store.settings().clock)();
    let checked = arguments.check.then(|| check(&context.environment, &rows, now));
    let checked = checked.as_deref();
    match arguments.format {
        Form::Table => print_table(context, &rows, checked, table::Form::Terminal, now),
        Form::Csv => print_table(context, &rows, checked, table::Form::Csv, now),
        Form::Markdown => print_table(context, &rows, checked, table::Form::Markdown, now),
        Form::Json => context.output.write_json_pretty(&values(&rows, checked).into()),
        Form::Jsonl => {
            for value in values(&rows, checked) {
                context.output.write_json(&value);
            }
        }
    }
    Ok(ExitCode::Ok)
}

/// Whether each can be resumed.
fn check(environment: &Environment, rows: &[SessionRow], now: UnixMs) -> Vec<Checked> {
    let asked = rows.iter().map(|row| Asked {
        id: &row.session_id,
        agent: row.agent.as_deref(),
        folder: row.project_path.as_deref(),
        last_activity: row.last_activity_at_unix_ms,
    });
    state::check(environment, &asked.collect::<Vec<_>>(), now)
}

fn values(rows: &[SessionRow], checked: Option<&[Checked]>) -> Vec<Value> {
    let mut values: Vec<Value> = rows.iter().map(listed::row).collect();
    for (value, checked) in values.iter_mut().zip(checked.unwrap_or_default()) {
        value["resume_state"] = checked.state.as_str().into();
        value["expires_at_unix_ms"] = checked.expires_at.into();
    }
    values
}

fn print_table(
    context: &mut Context,
    rows: &[SessionRow],
    checked: Option<&[Checked]>,
    form: table::Form,
    now: UnixMs,
) {
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
    let mut heading = vec![
        "session", "title", "agent", "model", "active", "messages", "tools", "cost", "project",
    ];
    if checked.is_some() {
        heading.extend(["resume", "expires"]);
    }
    let mut table = Table::new(&heading);
    for (number, row) in rows.iter().enumerate() {
        let active = row.last_activity_at_unix_ms.and_then(UnixMs::new);
        let mut cells = vec![
            row.session_id.clone(),
            row.title.clone().unwrap_or_default(),
            row.agent.clone().unwrap_or_else(|| "unknown".to_owned()),
            row.model_id.clone().unwrap_or_default(),
            active.map(time).unwrap_or_default(),
            row.messages.to_string(),
            row.tool_calls.to_string(),
            row.cost_given_picodollars.map(amount).unwrap_or_default(),
            row.project_path.clone().unwrap_or_default(),
        ];
        if let Some(checked) = checked.and_then(|checked| checked.get(number)) {
            let expires = checked.expires_at.and_then(UnixMs::new);
            cells.push(checked.state.as_str().to_owned());
            cells.push(expires.map(time).unwrap_or_default());
        }
        table.add_row(cells);
    }
    table.print_as(form, &mut context.output);
}
