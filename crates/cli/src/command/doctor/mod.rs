//! `recount doctor`: whether what an agent says arrives, and if not, where it stops.
//!
//! Each check finds something, whatever state the others are in, and nothing is made or mended: what
//! is wrong is named with what to do about it. Like every command that answers from the record it
//! stores first what waits.

mod agent;
mod bounded;
pub mod brief;
mod canary;
mod database;
mod git;
mod print;
pub mod process;
mod program;
mod settings;
mod spool;
mod writable;

use std::{io, path::Path, time::Duration};

use ::store::{Location, receipt_now};
use clap::ValueEnum;
use pricing::PriceTable;
use report::health::{Check, Finding, Health, Verdict};

use self::{database::Asked, program::Programs, spool::Before};
use super::{
    Context, db,
    setup::{
        AGENTS,
        registration::{Agent, Registrations},
    },
    store::{store_at, store_settings},
};
use crate::{
    exit::ExitCode,
    failure::{Complaint, Failure},
};

/// How long the engine may take for a check before it is given up; the pages of a database of a
/// gigabyte are read in ten seconds.
const ENGINE: Duration = Duration::from_mins(2);

/// What to look at, and how to print it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How to print what is found
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Form,

    /// Send a marked event through each registered command, find it in the record and remove it
    #[arg(long)]
    canary: bool,

    /// Of the agents look at this one only
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
}

/// How to print what is found.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// To be read
    Text,
    /// One JSON object
    Json,
}

/// An agent, and what it is told to call.
struct Patient {
    agent: Agent,
    registered: Registrations,
}

/// Does it.
pub fn run(context: &mut Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let patients = patients(context, arguments.agent.as_deref())?;
    let mut programs = Programs::new(&context.environment);
    let mut findings = vec![programs.own()];
    findings.extend(settings::findings(&context.loaded));
    for Patient { agent, registered } in &patients {
        findings.extend(agent::findings(agent, registered, &mut programs));
    }
    if arguments.agent.is_none() {
        findings.extend(git::finding(&context.environment));
    }
    let (found, has_come_back) = of_database(context, &patients, arguments.agent.is_none());
    findings.extend(found);
    if arguments.canary {
        findings.extend(canaries(context, &patients, &mut programs, has_come_back));
    }
    let health = Health::of(findings);
    match arguments.format {
        Form::Text => print::text(&mut context.output, &health.findings),
        Form::Json => print::json(&mut context.output, &health),
    }
    Ok(if health.verdict == Verdict::Failure { ExitCode::NotFound } else { ExitCode::Ok })
}

fn patients(context: &Context, named: Option<&str>) -> Result<Vec<Patient>, Failure> {
    let wanted = named.map(|name| intake::agent_named(name).ok_or(name)).transpose();
    let is_wanted = |agent: &Agent| match &wanted {
        Ok(None) => true,
        Ok(Some(name)) => name.as_str() == agent.name,
        Err(_) => false,
    };
    let patients = AGENTS.into_iter().filter(is_wanted).map(|agent| {
        let registered = (agent.look)(&context.environment);
        Patient { agent, registered }
    });
    let patients: Vec<Patient> = patients.collect();
    if patients.is_empty() {
        let message = format!("agent `{}` cannot be set up", named.unwrap_or_default());
        let names = AGENTS.map(|agent| agent.name).join("`, `");
        return Err(
            Failure::new(ExitCode::Usage, message).hint(format!("`--agent` takes `{names}`"))
        );
    }
    Ok(patients)
}

/// Sends an event through each command that is registered, and says what became of it.
fn canaries(
    context: &Context,
    patients: &[Patient],
    programs: &mut Programs<'_>,
    has_come_back: bool,
) -> Vec<Finding> {
    let (mut flights, mut findings) = (Vec::new(), Vec::new());
    for Patient { agent, registered } in patients {
        let (of_agent, unfit) = canary::flights(*agent, registered, programs);
        flights.extend(of_agent);
        findings.extend(unfit);
    }
    let not_made: Vec<Finding> =
        flights.iter().map(|flight| flight.not_made("the engine has not come back")).collect();
    if flights.is_empty() || !has_come_back {
        findings.extend(not_made);
        return findings;
    }
    // Where no folder for the database is there yet, the first event has it made.
    let here = db::named(&context.loaded.settings).ok();
    let here = here.and_then(|path| Location::create(path).ok());
    let sky = canary::Sky {
        environment: context.environment.clone(),
        settings: store_settings(&context.environment, &context.loaded),
        here: here.map(|location| location.database().to_owned()),
    };
    let sent = bounded::findings(ENGINE, move |findings| canary::send(&sky, &flights, findings));
    let (sent, rest) = sent.map_or_else(|found| (found, not_made), |found| (found, Vec::new()));
    let told = sent.iter().filter(|finding| finding.check == Check::Canary).count();
    findings.extend(sent.into_iter().chain(rest.into_iter().skip(told)));
    findings
}

/// What there is to say of the database and of what lies beside it, and whether the engine has come
/// back.
fn of_database(
    context: &Context,
    patients: &[Patient],
    tells_others: bool,
) -> (Vec<Finding>, bool) {
    let location = match location(context) {
        Ok(location) => location,
        Err(finding) => return (vec![finding], true),
    };
    let store = store_at(location.clone(), &context.environment, &context.loaded);
    let outbox = store.settings().outbox.clone();
    let outbox = outbox.as_deref();
    let before = Before::of(&location, outbox);
    let found = if location.database().exists() {
        let prices = PriceTable::built_in().with(&context.loaded.settings.prices);
        let agents = patients
            .iter()
            .map(|Patient { agent, registered }| (agent.name, !registered.places.is_empty()));
        let asked = Asked { store, prices, agents: agents.collect(), tells_others };
        bounded::findings(ENGINE, move |findings| database::examine(&asked, findings))
    } else {
        Ok(vec![none_yet(location.database())])
    };
    let has_come_back = found.is_ok();
    let mut findings: Vec<Finding> = writable::finding(&location).into_iter().collect();
    let is_none_yet = |finding: &Finding| finding.verdict == Verdict::NotSetUp;
    let has_fault = !findings.is_empty();
    let found = found.unwrap_or_else(|found| found).into_iter();
    findings.extend(found.filter(|finding| !(has_fault && is_none_yet(finding))));
    findings.extend(spool::findings(&location, outbox, &before, receipt_now().0));
    (findings, has_come_back)
}

/// A failure in the words of the command that would fail.
fn of_complaint(check: Check, Complaint { message, hint }: Complaint) -> Finding {
    Finding { advice: hint, ..Finding::failure(check, message) }
}

/// Where the database is; a finding where that is nowhere yet, or cannot be.
fn location(context: &Context) -> Result<Location, Finding> {
    let named = db::named(&context.loaded.settings).map_err(|failure| {
        let complaint = failure.complaints().first().cloned();
        of_complaint(Check::Database, complaint.expect("a failure has a complaint"))
    })?;
    Location::resolve(named).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            let path = context.environment.absolute(named);
            return writable::finding_of_missing(&path).unwrap_or_else(|| none_yet(named));
        }
        let found = format!("`{}` cannot be used as a database: {error}", named.display());
        Finding::failure(Check::Database, found)
            .advised("name another file: `--database PATH` or `RECOUNT_DATABASE`")
    })
}

fn none_yet(database: &Path) -> Finding {
    let found = format!("`{}` is not there yet", database.display());
    Finding::not_set_up(Check::Database, found).advised("it is made when the first event is stored")
}
