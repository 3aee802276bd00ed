//! `/analytics`: where tokens and money went.

mod cards;
mod chart;
mod hours;
mod shares;
mod stacks;
mod times;

use std::{cmp::Reverse, collections::BTreeMap};

use askama::Template;
use domain::UnixMs;
use jiff::tz::TimeZone;
use report::{
    ReportError, Source,
    overall::{
        Scope,
        activity::{Activity, activity},
        attribution::{Attribution, attribution},
        compactions::{Compactions, compactions},
        errors::{ErrorDays, errors},
        facets::Facets,
        sessions::{BusySession, BusySessions, Order, sessions},
        summary::{Summary, summary},
        tokens::{Tokens, tokens},
        tool_cost::{ToolCost, ToolCosts, tool_cost},
    },
    usage::{By, Usage, UsageScope, usage},
};

use self::{
    cards::{Card, cards},
    chart::{Chart, Column, Measure},
    hours::{Day, days},
    shares::Shares,
    stacks::{Stack, stacks},
};
use super::{
    Visit, all_facets, called, filters,
    frame::Frame,
    lines::LineShares,
    narrow::{Choices, Narrow, day},
    page, text,
};
use crate::{answers::Ask, parameters::Parameters, reply::Refusal};

/// By what time is cut.
const EACH: [By; 3] = [By::Day, By::Week, By::Month];
/// So many sessions are told.
const SESSIONS: usize = 20;
/// So many lines are told of what went wrong.
const FEW: usize = 10;
/// What a page without a choice is about.
const PERIOD: &str = "30d";
/// What has no name.
const UNKNOWN: &str = "unknown";

#[derive(Template)]
#[template(path = "analytics.html")]
struct AnalyticsPage {
    frame: Frame,
    narrow: Narrow,
    zone: TimeZone,
    choice: Choice,
    answers: Answers,
    chart: Chart,
}

/// How the page shows what it shows.
#[derive(Clone, Copy)]
struct Choice {
    /// By what time is cut …
    each: By,
    /// … and by what a time is.
    stack: By,
    measure: Measure,
    order: Order,
}

impl Choice {
    fn of(parameters: &mut Parameters, narrow: &Narrow) -> Result<Self, Refusal> {
        let each = if narrow.is_long() { By::Month } else { By::Day };
        Ok(Self {
            each: parameters.one_of("each", &EACH, By::as_str)?.unwrap_or(each),
            stack: parameters.one_of("stack", &By::SPLITS, By::as_str)?.unwrap_or(By::Model),
            measure: parameters
                .one_of("measure", &Measure::ALL, Measure::as_str)?
                .unwrap_or(Measure::Cost),
            order: parameters.one_of("sort", &Order::ALL, Order::as_str)?.unwrap_or(Order::Cost),
        })
    }
}

/// What was asked, all of it of one time.
struct Answers {
    facets: Facets,
    summary: Summary,
    over_time: Usage,
    shares: Vec<Usage>,
    activity: Activity,
    sessions: BusySessions,
    tools: ToolCosts,
    tokens: Tokens,
    errors: ErrorDays,
    compactions: Compactions,
    attribution: Attribution,
}

pub(super) fn visit(mut visit: Visit) -> Result<Ask, Refusal> {
    let narrow = Narrow::of(&mut visit, PERIOD)?;
    let Visit { path, mut parameters, now, zone, .. } = visit;
    let choice = Choice::of(&mut parameters, &narrow)?;
    let filter = parameters.narrowed_only(now, &zone)?;
    let scope = Scope::all(filter, zone.clone());
    let ask = move |source: &Source<'_>| ask(source, &scope, choice);
    Ok(page(Frame::live(path), ask, move |frame, answers| {
        let columns = columns(&answers.over_time, choice, &zone, now);
        let chart = Chart::of(&columns, choice.measure);
        AnalyticsPage { frame, narrow, zone, choice, answers, chart }
    }))
}

fn ask(source: &Source<'_>, scope: &Scope, choice: Choice) -> Result<Answers, ReportError> {
    let summed = |by, split| {
        let Scope { filter, zone, .. } = scope.clone();
        usage(source, &UsageScope { by, split, filter, zone })
    };
    let busiest = Scope { limit: SESSIONS, order: choice.order, ..scope.clone() };
    let few = Scope { limit: FEW, ..scope.clone() };
    Ok(Answers {
        facets: all_facets(source, scope.zone.clone())?,
        summary: summary(source, scope)?,
        over_time: summed(choice.each, Some(choice.stack))?,
        shares: By::SPLITS.into_iter().map(|by| summed(by, None)).collect::<Result<_, _>>()?,
        activity: activity(source, scope)?,
        sessions: sessions(source, &busiest)?,
        tools: tool_cost(source, scope)?,
        tokens: tokens(source, scope)?,
        errors: errors(source, &few)?,
        compactions: compactions(source, &few)?,
        attribution: attribution(source, scope)?,
    })
}

/// A bar for each time, also for those in which nothing was done.
fn columns(over_time: &Usage, choice: Choice, zone: &TimeZone, now: UnixMs) -> Vec<Column> {
    let mut columns: BTreeMap<String, Vec<(String, i64)>> = BTreeMap::new();
    for detail in &over_time.details {
        let values = detail.split.iter().map(|part| {
            let name = named(part.label.as_ref().or(part.key.as_ref()));
            (name.to_owned(), choice.measure.of(&part.figures))
        });
        columns.insert(named(detail.key.as_ref()).to_owned(), values.collect());
    }
    let day_of = |at: i64| UnixMs::new(at).map(|at| day(at, zone));
    let known = columns.keys().find_map(|name| times::day(name));
    let first = over_time.meta.since_unix_ms.and_then(day_of).or(known);
    let last = over_time.meta.until_unix_ms.and_then(|until| day_of(until - 1));
    let last = last.unwrap_or_else(|| day(now, zone));
    let all = first.and_then(|first| times::times(choice.each, first, last));
    for name in all.into_iter().flatten() {
        columns.entry(name).or_default();
    }
    columns.into_iter().map(|(label, values)| Column { label, values }).collect()
}

fn named(name: Option<&String>) -> &str {
    name.map_or(UNKNOWN, String::as_str)
}

/// Something that can be shown in several ways.
struct Switch {
    name: &'static str,
    choices: Vec<(&'static str, String, bool)>,
}

/// A column by which sessions can be sorted.
struct SortColumn {
    name: &'static str,
    url: String,
    is_sorted: bool,
}

impl AnalyticsPage {
    /// Whether nothing was done in the time.
    fn is_empty(&self) -> bool {
        self.answers.sessions.meta.total == 0
    }

    fn cards(&self) -> Vec<Card> {
        cards(&self.answers.summary)
    }

    fn switches(&self) -> [Switch; 3] {
        let Choice { each, stack, measure, order: _ } = self.choice;
        let switch =
            |name: &'static str, field: &str, words: [&'static str; 3], now: &str| Switch {
                name,
                choices: words
                    .into_iter()
                    .filter(|word| !word.is_empty())
                    .map(|word| (word, self.narrow.with(field, word), word == now))
                    .collect(),
            };
        let [cost, tokens] = Measure::ALL.map(Measure::as_str);
        [
            switch("by", "each", EACH.map(By::as_str), each.as_str()),
            switch("stacked by", "stack", By::SPLITS.map(By::as_str), stack.as_str()),
            switch("in", "measure", [cost, tokens, ""], measure.as_str()),
        ]
    }

    fn shares(&self) -> Vec<Shares<'_>> {
        self.answers.shares.iter().map(Shares::of).collect()
    }

    fn stacks(&self) -> [Stack; 2] {
        stacks(&self.answers.summary.summary.figures.usage, &self.answers.tokens)
    }

    /// Who wrote the lines that were committed.
    fn lines(&self) -> String {
        let shares = self.answers.attribution.details.iter();
        text(&LineShares::of(shares.map(|share| (share.into(), share.lines))))
    }

    /// The tool that failed most often, of equals the one with fewer calls.
    fn fails_most(&self) -> Option<&ToolCost> {
        let failed = self.answers.tools.details.iter().filter(|tool| tool.errors > 0);
        failed.max_by_key(|tool| (tool.errors, Reverse(tool.calls)))
    }

    fn days(&self) -> Vec<Day> {
        days(&self.answers.activity)
    }

    fn columns(&self) -> Vec<SortColumn> {
        let names = [
            (Order::Cost, "cost"),
            (Order::Tokens, "tokens"),
            (Order::Messages, "messages"),
            (Order::Calls, "calls"),
            (Order::Duration, "length"),
            (Order::Activity, "last active"),
        ];
        let column = |(order, name): (Order, _)| SortColumn {
            name,
            url: self.narrow.with("sort", order.as_str()),
            is_sorted: order == self.choice.order,
        };
        names.into_iter().map(column).collect()
    }

    fn title(session: &BusySession) -> &str {
        called(session.title.as_deref(), session.opening.as_deref(), &session.session_id)
    }
}
