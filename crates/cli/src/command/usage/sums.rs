//! What was taken and what it cost, by day, model, project and the like.

use clap::Args;
use report::usage::{By, Usage, UsageFigures, usage};

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

    #[command(flatten)]
    form: FormArgument,
}

/// Sums up and prints.
pub fn run(context: &mut Context, by: By, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    let now = (store.settings().clock)();
    let (filter, zone) = arguments.filter.read(now)?;
    let summed =
        ask(context, &store, "usage", now, |source| Ok(usage(source, by, &filter, &zone)?))?;
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
    let mut table = Table::list(&[&[usage.meta.by], &FIGURES[..]].concat());
    for detail in &usage.details {
        let name = [&detail.key, &detail.label].into_iter().flatten().cloned();
        let name = name.collect::<Vec<_>>().join(" · ");
        let nobody = if usage.meta.is_estimate { "no tool" } else { "unknown" };
        let name = if name.is_empty() && for_people { nobody.to_owned() } else { name };
        let share = form.percent(detail.share_percent);
        table.add(row(name, share, &detail.figures, detail.sessions, form));
    }
    let summary = &usage.summary;
    if for_people {
        let name = "all".to_owned();
        table.add(row(name, String::new(), &summary.figures, summary.sessions, form));
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

fn row(
    name: String,
    share: String,
    figures: &UsageFigures,
    sessions: usize,
    form: table::Form,
) -> [String; 11] {
    let cost = figures.cost.as_ref().map(|cost| form.amount(cost.picodollars));
    [
        name,
        cost.unwrap_or_default(),
        share,
        figures.messages.to_string(),
        figures.input.to_string(),
        figures.output.to_string(),
        figures.reasoning.to_string(),
        figures.cache_read.to_string(),
        figures.cache_write_5m.to_string(),
        figures.cache_write_1h.to_string(),
        sessions.to_string(),
    ]
}
