//! `recount session list`.

use ::store::Store;
use clap::{Args, ValueEnum};
use domain::UnixMs;
use report::{
    SessionFilter,
    list::{
        Cursor, LISTED, ListScope, ListSummary, ListedResume, ListedSession, SessionList, Sort,
        list,
    },
};

use super::{
    super::{
        Context,
        asking::ask,
        filter::FilterArguments,
        form::{FormArgument, Times},
    },
    resume::state::{self, Asked, FRESH_MS},
};
use crate::{
    exit::ExitCode,
    failure::Failure,
    table::{self, Table},
};

/// Which sessions, and how to print them.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    form: FormArgument,

    #[command(flatten)]
    filter: FilterArguments,

    /// What orders them, the greatest first
    #[arg(long, value_name = "ORDER", default_value = "activity")]
    sort: Order,

    /// At most so many
    #[arg(long, value_name = "N", default_value_t = LISTED)]
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

pub fn run(
    context: &mut Context,
    store: &Store,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let now = (store.settings().clock)();
    let scope = arguments.scope(now)?;
    let mut page = ask(context, store, "session list", now, |source| Ok(list(source, &scope)?))?;
    if arguments.check {
        check(context, store, &mut page.details, now);
    }
    let table = Listed {
        is_checked: arguments.check,
        is_filtered: scope.filter != SessionFilter::default(),
        times: arguments.form.times(now),
    };
    let print = |context: &mut _, page: &_, form| table.print(context, page, form);
    arguments.form.print(context, &page, print);
    Ok(ExitCode::Ok)
}

/// Looks up which can be resumed, and keeps that; those that were looked up a moment ago stay.
fn check(context: &Context, store: &Store, sessions: &mut [ListedSession], now: UnixMs) {
    let is_due = |session: &&mut ListedSession| {
        let age = session.resume.resume_checked_at_unix_ms.map(|at| now.get().saturating_sub(at));
        !age.is_some_and(|age| (0..FRESH_MS).contains(&age))
    };
    let mut due: Vec<_> = sessions.iter_mut().filter(is_due).collect();
    let asked = due.iter().map(|session| Asked {
        id: &session.session_id,
        agent: session.agent.as_deref(),
        folder: session.project_path.as_deref(),
        last_activity: session.last_activity_at_unix_ms.and_then(UnixMs::new),
    });
    let found = state::check(&context.environment, &asked.collect::<Vec<_>>(), now);
    for (session, resume) in due.iter_mut().zip(&found) {
        session.resume = ListedResume::of(resume, session.last_activity_at_unix_ms);
    }
    let ids = due.iter().map(|session| session.session_id.as_str());
    state::keep(store, &ids.zip(found).collect::<Vec<_>>());
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

/// How a page is told to people.
struct Listed {
    is_checked: bool,
    is_filtered: bool,
    times: Times,
}

impl Listed {
    fn print(&self, context: &mut Context, page: &SessionList, form: table::Form) {
        let ListSummary { sessions, subagents_hidden } = page.summary;
        if sessions == 0 && subagents_hidden == 0 && form == table::Form::Terminal {
            let nothing = if self.is_filtered { "no such sessions" } else { "no sessions yet" };
            writeln!(context.output, "{nothing}");
            return;
        }
        let mut heading = vec![
            "session",
            "title",
            "active",
            "agent",
            "cost",
            "project",
            "messages",
            "tools",
            "model",
            "by the agent",
            "subagents",
        ];
        if self.is_checked {
            heading.splice(2..2, ["resume", "expires"]);
        }
        let mut table = Table::list(&heading);
        for session in &page.details {
            let mut cells: Vec<String> = row(session, form, &self.times).into();
            if self.is_checked {
                let expires = self.times.tell(session.resume.expires_at_unix_ms, form);
                cells.splice(2..2, [session.resume.resume_state.to_owned(), expires]);
            }
            table.add_row(cells);
        }
        table.print_as(form, &mut context.output);
        let next = page.meta.next.as_deref();
        if let Some(next) = next.filter(|_| form == table::Form::Terminal) {
            let count = page.meta.count;
            writeln!(context.output, "{count} of {sessions}; the next page: `--cursor {next}`");
        }
    }
}

fn row(session: &ListedSession, form: table::Form, times: &Times) -> [String; 11] {
    let amount = |picodollars: i64| form.amount(picodollars);
    let cost = session.cost.as_ref().map(|cost| cost.picodollars);
    let is_least = session.messages_without_cost > 0 && form != table::Form::Csv;
    let least = if is_least { "≥ " } else { "" };
    [
        session.session_id.clone(),
        title(session),
        times.tell(session.last_activity_at_unix_ms, form),
        session.agent.clone().unwrap_or_else(|| "unknown".to_owned()),
        cost.map(|cost| format!("{least}{}", amount(cost))).unwrap_or_default(),
        session.project_path.clone().unwrap_or_default(),
        session.messages.to_string(),
        session.tool_calls.to_string(),
        session.model_id.clone().unwrap_or_default(),
        session.cost_given_picodollars.map(amount).unwrap_or_default(),
        session.subagents.to_string(),
    ]
}

/// The agent's own title, else what the person said first.
fn title(session: &ListedSession) -> String {
    let opening = || session.opening.as_ref().map(|opening| format!("“{opening}”"));
    session.title.clone().or_else(opening).unwrap_or_default()
}
