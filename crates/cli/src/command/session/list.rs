//! `recount session list`.

use ::store::{
    Store,
    query::session_list::{SessionRow, session_list},
};
use clap::{Args, ValueEnum};
use domain::UnixMs;
use report::session::listed;
use serde_json::Value;

use super::super::{
    Context,
    store::{failure, open_drained},
};
use crate::{
    exit::ExitCode,
    failure::Failure,
    table::Table,
    terminal::{dollars, relative_time},
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
        Form::Table => print_table(context, &rows, (store.settings().clock)()),
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

fn print_table(context: &mut Context, rows: &[SessionRow], now: UnixMs) {
    if rows.is_empty() {
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
            active.map(|active| relative_time(active, now)).unwrap_or_default(),
            row.messages.to_string(),
            row.tool_calls.to_string(),
            row.cost_given_picodollars.map(dollars).unwrap_or_default(),
            row.project_path.clone().unwrap_or_default(),
        ]);
    }
    table.print(&mut context.output);
}
