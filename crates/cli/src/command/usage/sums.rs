//! What was taken and what it cost, by day, model, project and the like.

use clap::{Args, ValueEnum};
use report::usage::{By, Usage, UsageFigures, UsageScope, usage};

use crate::{
    command::{Context, asking::ask, filter::FilterArguments, form::FormArgument},
    exit::ExitCode,
    failure::Failure,
    table::{self, Table},
    terminal::counted,
};

/// What to sum up, and how to print it.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    filter: FilterArguments,

    /// Split each row: what each model, agent or project took of it
    #[arg(long, value_name = "BY")]
    split: Option<Split>,

    #[command(flatten)]
    form: FormArgument,
}

/// By what a row is split.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Split {
    /// By model
    Model,
    /// By agent
    Agent,
    /// By project
    Project,
}

impl From<Split> for By {
    fn from(split: Split) -> Self {
        match split {
            Split::Model => Self::Model,
            Split::Agent => Self::Agent,
            Split::Project => Self::Project,
        }
    }
}

/// Sums up and prints.
pub fn run(context: &mut Context, by: By, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    let now = (store.settings().clock)();
    let (filter, zone) = arguments.filter.read(now)?;
    let scope = UsageScope { by, split: arguments.split.map(By::from), filter, zone };
    let summed = ask(context, &store, "usage", now, |source| Ok(usage(source, &scope)?))?;
    arguments.form.print(context, &summed, print);
    Ok(ExitCode::Ok)
}

/// What is told of each row behind its name.
const FIGURES: [&str; 10] = [
    "cost", "share", "messages", "input", "output", "thinking", "read", "write 5m", "write 1h",
    "sessions",
];

fn print(context: &mut Context, usage: &Usage, form: table::Form) {
    let for_people = form != table::Form::Csv;
    if usage.details.is_empty() && for_people {
        writeln!(context.output, "nothing was taken then");
        return;
    }
    let split = usage.meta.split.filter(|_| !for_people);
    let names: Vec<_> = [usage.meta.by].into_iter().chain(split).collect();
    let mut table = Table::list(&[&names, &FIGURES[..]].concat());
    let nobody = if usage.meta.is_estimate { "no tool" } else { "unknown" };
    for detail in &usage.details {
        let group = name(detail.key.as_ref(), detail.label.as_ref(), nobody, form);
        if split.is_none() {
            let share = form.percent(detail.share_percent);
            let sessions = detail.sessions.to_string();
            table.add_row(row(vec![group.clone()], share, &detail.figures, sessions, form));
        }
        for part in &detail.split {
            // A spreadsheet sums up: it gets the parts without their sums.
            let part_name = name(part.key.as_ref(), part.label.as_ref(), "unknown", form);
            let names = match split {
                Some(_) => vec![group.clone(), part_name],
                None => vec![format!("  {part_name}")],
            };
            table.add_row(row(names, String::new(), &part.figures, String::new(), form));
        }
    }
    let summary = &usage.summary;
    if for_people {
        let names = vec!["all".to_owned()];
        let sessions = summary.sessions.to_string();
        table.add_row(row(names, String::new(), &summary.figures, sessions, form));
    }
    table.print_as(form, &mut context.output);
    if usage.meta.is_estimate && form == table::Form::Terminal {
        writeln!(context.output, "estimated: the calls of a message share what it took");
    }
    if form == table::Form::Terminal && summary.figures.messages_without_cost > 0 {
        let missing = summary.figures.messages_without_cost.unsigned_abs();
        writeln!(
            context.output,
            "{} without a price; `recount doctor` names the models",
            counted(missing, "message")
        );
    }
}

/// What is known by a key, and what it is called besides.
fn name(key: Option<&String>, label: Option<&String>, nobody: &str, form: table::Form) -> String {
    let name = [key, label].into_iter().flatten().cloned().collect::<Vec<_>>().join(" · ");
    let is_told = !name.is_empty() || form == table::Form::Csv;
    if is_told { name } else { nobody.to_owned() }
}

fn row(
    names: Vec<String>,
    share: String,
    figures: &UsageFigures,
    sessions: String,
    form: table::Form,
) -> Vec<String> {
    let cost = figures.cost.as_ref().map(|cost| form.amount(cost.picodollars));
    let figures = [
        cost.unwrap_or_default(),
        share,
        figures.messages.to_string(),
        figures.input.to_string(),
        figures.output.to_string(),
        figures.reasoning.to_string(),
        figures.cache_read.to_string(),
        figures.cache_write_5m.to_string(),
        figures.cache_write_1h.to_string(),
        sessions,
    ];
    names.into_iter().chain(figures).collect()
}
