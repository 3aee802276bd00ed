//! Whether an agent is told to call us: once, for everything, and something that is there.

use std::collections::{BTreeMap, BTreeSet};

use report::health::{Check, Finding, Verdict};

use super::program::Programs;
use crate::{
    command::setup::registration::{Agent, Call, Doubled, Line, Registrations},
    terminal::counted,
};

/// What there is to say of it.
pub fn findings(
    agent: &Agent,
    registered: &Registrations,
    programs: &mut Programs<'_>,
) -> Vec<Finding> {
    let mut findings = registration(agent, registered);
    let called = called(agent, registered, programs).into_iter();
    findings.extend(called.map(|finding| finding.of_agent(agent.name)));
    findings
}

/// What there is to say of it without a look at any program.
pub fn registration(agent: &Agent, registered: &Registrations) -> Vec<Finding> {
    let mut findings: Vec<Finding> = registered
        .faults
        .iter()
        .map(|fault| Finding::failure(Check::Registration, fault.clone()))
        .collect();
    if registered.places.is_empty() {
        if findings.is_empty() {
            findings.push(
                Finding::not_set_up(
                    Check::Registration,
                    format!("{} hands over nothing", agent.title),
                )
                .advised(format!("`{}`", agent.setup)),
            );
        }
    } else {
        findings.push(places(agent, registered));
        findings.extend(other_versions(agent, registered));
        findings.extend(doubled(agent, registered));
        findings.extend(missing_events(agent, registered));
    }
    findings.into_iter().map(|finding| finding.of_agent(agent.name)).collect()
}

/// What is called, wherever that is said.
pub fn calls(registered: &Registrations) -> impl Iterator<Item = &Call> {
    registered.places.iter().flat_map(|place| &place.calls)
}

fn places(agent: &Agent, registered: &Registrations) -> Finding {
    let places = registered.places.iter().map(|place| {
        let events: BTreeSet<_> = place.calls.iter().map(|call| &call.event).collect();
        let events = events.len();
        if agent.events.is_empty() {
            place.name.clone()
        } else {
            format!("{} in {}", counted(events as u64, "event"), place.name)
        }
    });
    let places: Vec<String> = places.collect();
    Finding::good(Check::Registration, places.join(" and "))
}

fn other_versions(agent: &Agent, registered: &Registrations) -> Vec<Finding> {
    let old = registered.places.iter().filter(|place| place.is_of_other_version);
    old.map(|place| {
        let found = format!("{} is of another version of recount", place.name);
        Finding::warning(Check::Registration, found)
            .advised(format!("`{}` writes it anew", agent.setup))
    })
    .collect()
}

/// For an event more than one call, or the same call in two places.
fn doubled(agent: &Agent, registered: &Registrations) -> Option<Finding> {
    let mut by_event: BTreeMap<&Option<String>, Vec<&Call>> = BTreeMap::new();
    for call in calls(registered) {
        by_event.entry(&call.event).or_default().push(call);
    }
    let doubled: Vec<&Vec<&Call>> = by_event.values().filter(|calls| calls.len() > 1).collect();
    let first = doubled.first()?;
    let is_same = |call: &Call, other: &Call| {
        (&call.line, &call.variables) == (&other.line, &other.variables)
    };
    let differ = doubled.iter().any(|calls| calls.iter().any(|call| !is_same(call, calls[0])));
    let (what, are) = match (agent.events.is_empty(), &first[0].event) {
        (false, Some(event)) => {
            let events = counted(doubled.len() as u64, "event");
            let are = if doubled.len() == 1 { "is" } else { "are" };
            (format!("{events}, such as `{event}`,"), are)
        }
        (true, _) | (_, None) => ("everything".to_owned(), "is"),
    };
    let remove =
        format!("`{0} --remove` or `{0} --project --remove` takes one of them away", agent.setup);
    let title = agent.title;
    let finding = match (agent.doubled, differ) {
        (Doubled::FirstRecords, _) => Finding::warning(
            Check::Registration,
            format!("{title} loads {what} more than once; the first one records"),
        ),
        (Doubled::AlikeOnce, false) => Finding::warning(
            Check::Registration,
            format!("{what} {are} registered twice alike: {title} calls one of them"),
        ),
        (Doubled::AlikeOnce, true) | (Doubled::CallsEach, _) => Finding::failure(
            Check::Registration,
            format!("{what} {are} registered more than once: {title} calls each"),
        ),
    };
    Some(finding.advised(remove))
}

fn missing_events(agent: &Agent, registered: &Registrations) -> Option<Finding> {
    let whole = calls(registered).filter(|call| !call.is_limited);
    let whole: BTreeSet<&str> = whole.filter_map(|call| call.event.as_deref()).collect();
    let missing = agent.events.iter().filter(|event| !whole.contains(**event));
    let missing: Vec<String> = missing.map(|event| format!("`{event}`")).collect();
    (!missing.is_empty()).then(|| {
        let found = format!("not registered, or only for some: {}", missing.join(", "));
        Finding::warning(Check::Events, found).advised(format!("`{}` adds them", agent.setup))
    })
}

/// Each program that is called.
fn called(agent: &Agent, registered: &Registrations, programs: &mut Programs<'_>) -> Vec<Finding> {
    let advice = format!("`{}` registers this one", agent.setup);
    let mut findings: Vec<Finding> = Vec::new();
    for call in calls(registered) {
        let finding = match (call.words(), &call.line) {
            (Some(words), _) => programs.look(&words[0], call.origin).1,
            (None, Line::Shell(line) | Line::Program { program: line, .. }) => {
                let found =
                    format!("`{line}` is more than a call of recount, and is not looked at");
                Finding::warning(Check::Program, found)
            }
        };
        let is_good = finding.verdict == Verdict::Good;
        let is_told = is_good || finding.advice.is_some();
        let finding = if is_told { finding } else { finding.advised(advice.clone()) };
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}
