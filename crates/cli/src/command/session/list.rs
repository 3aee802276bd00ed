//! `recount session list`.

use ::store::Store;
use clap::{Args, ValueEnum};
use domain::{Picodollars, UnixMs};
use report::{
    SessionFilter,
    list::{Cursor, ListScope, ListSummary, ListedSession, SessionList, Sort, list},
};
use serde_json::Value;

use super::{
    super::{
        Context,
        asking::{ask, print_details},
        filter::FilterArguments,
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

    #[command(flatten)]
    filter: FilterArguments,

    /// What orders them, the greatest first
    #[arg(long, value_name = "ORDER", default_value = "activity")]
    sort: Order,

    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,

    /// The page after the one that gave this word
    #[arg(long, value_name = "WORD")]
    cursor: Option<String>,

    /// The sessions of subagents too
    #[arg(long)]
    subagents: bool,

    /// Look up in the agents' own stores which can be resumed
    #[arg(long)]
    check: bool,
}

/// What orders sessions.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    /// When they were last active
    Activity,
    /// When they began
    Created,
    /// What they cost by today's prices
    Cost,
    /// How many messages they have
    Messages,
}

impl Order {
    fn sort(self) -> Sort {
        match self {
            Self::Activity => Sort::Activity,
            Self::Created => Sort::Created,
            Self::Cost => Sort::Cost,
            Self::Messages => Sort::Messages,
        }
    }
}

/// How to print a list.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// To be read
    Table,
    /// One JSON object: meta, summary and details
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
    let now = (store.settings().clock)();
    let scope = arguments.scope(now)?;
    let page = ask(context, store, "session list", now, |source| Ok(list(source, &scope)?))?;
    let checked = arguments.check.then(|| check(&context.environment, &page.details, now));
    let listed = Listed {
        page: &page,
        checked: checked.as_deref(),
        is_filtered: scope.filter != SessionFilter::default(),
        now,
    };
    match arguments.format {
        Form::Table => listed.print_table(context, table::Form::Terminal),
        Form::Csv => listed.print_table(context, table::Form::Csv),
        Form::Markdown => listed.print_table(context, table::Form::Markdown),
        Form::Json => context.output.write_json_pretty(&listed.value()),
        Form::Jsonl => print_details(context, &listed.value()),
    }
    Ok(ExitCode::Ok)
}

/// Whether each can be resumed.
fn check(environment: &Environment, sessions: &[ListedSession], now: UnixMs) -> Vec<Checked> {
    let asked = sessions.iter().map(|session| Asked {
        id: &session.session_id,
        agent: session.agent.as_deref(),
        folder: session.project_path.as_deref(),
        last_activity: session.last_activity_at_unix_ms,
    });
    state::check(environment, &asked.collect::<Vec<_>>(), now)
}

impl Arguments {
    fn scope(&self, now: UnixMs) -> Result<ListScope, Failure> {
        let (filter, _) = self.filter.read(now)?;
        let sort = self.sort.sort();
        let cursor = self.cursor.as_deref().map(|word| word.parse::<Cursor>()?.of(sort));
        let cursor = cursor.transpose().map_err(|error| {
            Failure::new(ExitCode::Usage, error.to_string())
                .hint("take the word from the page before, with the same `--sort`")
        })?;
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        Ok(ListScope { filter, sort, limit, cursor, subagents: self.subagents })
    }
}

/// What was found.
struct Listed<'l> {
    page: &'l SessionList,
    checked: Option<&'l [Checked]>,
    is_filtered: bool,
    now: UnixMs,
}

impl Listed<'_> {
    fn value(&self) -> Value {
        let mut value = serde_json::to_value(self.page).expect("an answer is texts and numbers");
        let sessions = value["details"].as_array_mut().into_iter().flatten();
        for (session, checked) in sessions.zip(self.checked.unwrap_or_default()) {
            session["resume_state"] = checked.state.as_str().into();
            session["expires_at_unix_ms"] = checked.expires_at.into();
        }
        value
    }

    fn print_table(&self, context: &mut Context, form: table::Form) {
        let ListSummary { sessions, subagents_hidden } = self.page.summary;
        if sessions == 0 && subagents_hidden == 0 && form == table::Form::Terminal {
            let nothing = if self.is_filtered { "no such sessions" } else { "no sessions yet" };
            writeln!(context.output, "{nothing}");
            return;
        }
        let mut heading = vec![
            "session",
            "title",
            "agent",
            "model",
            "active",
            "messages",
            "tools",
            "subagents",
            "cost",
            "project",
        ];
        if self.checked.is_some() {
            heading.extend(["resume", "expires"]);
        }
        let mut table = Table::new(&heading);
        for (number, session) in self.page.details.iter().enumerate() {
            let mut cells: Vec<String> = row(session, form, self.now).into();
            if let Some(checked) = self.checked.and_then(|checked| checked.get(number)) {
                let expires = checked.expires_at.and_then(UnixMs::new);
                cells.push(checked.state.as_str().to_owned());
                cells.push(expires.map(|at| time(at, form, self.now)).unwrap_or_default());
            }
            table.add_row(cells);
        }
        table.print_as(form, &mut context.output);
        let next = self.page.meta.next.as_deref();
        if let Some(next) = next.filter(|_| form == table::Form::Terminal) {
            let count = self.page.meta.count;
            writeln!(context.output, "{count} of {sessions}; the next page: `--cursor {next}`");
        }
    }
}

fn time(time: UnixMs, form: table::Form, now: UnixMs) -> String {
    match form {
        table::Form::Terminal => relative_time(time, now),
        table::Form::Csv | table::Form::Markdown => exact_time(time),
    }
}

fn row(session: &ListedSession, form: table::Form, now: UnixMs) -> [String; 10] {
    let active = session.last_activity_at_unix_ms.and_then(UnixMs::new);
    let amount = |amount: i64| match form {
        table::Form::Csv => Picodollars(amount).to_string(),
        table::Form::Terminal | table::Form::Markdown => dollars(amount),
    };
    let cost = session.cost.as_ref().map(|cost| cost.picodollars);
    [
        session.session_id.clone(),
        session.title.clone().unwrap_or_default(),
        session.agent.clone().unwrap_or_else(|| "unknown".to_owned()),
        session.model_id.clone().unwrap_or_default(),
        active.map(|at| time(at, form, now)).unwrap_or_default(),
        session.messages.to_string(),
        session.tool_calls.to_string(),
        session.subagents.to_string(),
        cost.or(session.cost_given_picodollars).map(amount).unwrap_or_default(),
        session.project_path.clone().unwrap_or_default(),
    ]
}
