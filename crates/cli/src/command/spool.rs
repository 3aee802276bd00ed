//! `recount spool`: what was handed over and is not stored yet.

use ::store::{DrainEnd, DrainReport, Spool, Store};
use clap::Subcommand;

use super::{
    Context,
    store::{failure, say_what_was_not_read},
};
use crate::{exit::ExitCode, failure::Failure, terminal::counted};

/// What to do with the spool.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what waits, without storing it
    Status,
    /// Store what waits; exits 0 only when nothing is left that can be stored
    Drain,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        let store = context.store()?;
        match self {
            Self::Status => status(context, &store),
            Self::Drain => drain(context, &store),
        }
    }
}

fn status(context: &mut Context, store: &Store) -> Result<ExitCode, Failure> {
    let outbox = store.settings().outbox.as_ref().map(Spool::new);
    for (name, spool) in [("spool", Some(store.spool())), ("outbox", outbox)] {
        let Some(spool) = spool else { continue };
        let waiting = spool.waiting().map_err(|error| failure(&error))?;
        let folder = spool.folder().display();
        writeln!(
            context.output,
            "{name}: {}, {} bytes in `{folder}`",
            counted(waiting.files, "file"),
            waiting.bytes
        );
    }
    let quarantined = store.quarantine().list().map_err(|error| failure(&error))?.len();
    writeln!(context.output, "quarantine: {quarantined} pieces");
    Ok(ExitCode::Ok)
}

fn drain(context: &mut Context, store: &Store) -> Result<ExitCode, Failure> {
    let (mut total, mut rounds) = (DrainReport::default(), 0);
    loop {
        let (holder, round) = store.open_drained("spool drain").map_err(|error| failure(&error))?;
        drop(holder);
        say_what_was_not_read(&round);
        let has_moved = round.files + round.quarantined > 0;
        total.add(round);
        // Whoever found the lease taken meanwhile has left its file to us.
        rounds += 1;
        if !has_moved || !store.spool().holds_at_least(1) || rounds == ROUNDS {
            break;
        }
    }
    say(context, &total);
    match &total.end {
        DrainEnd::Empty => Ok(ExitCode::Ok),
        DrainEnd::Taken | DrainEnd::Deadline => Ok(ExitCode::NotFound),
        DrainEnd::Failed(error) => Err(failure(error)),
    }
}

/// What waited when the command began is stored after the first round; the others are for what came
/// meanwhile, and whoever hands over without end must not keep the command from its own.
const ROUNDS: u32 = 20;

fn say(context: &mut Context, report: &DrainReport) {
    let counts = report.counts;
    writeln!(
        context.output,
        "drained {}: stored={} updated={} duplicate={} rejected={} unreadable={}",
        counted(report.files, "file"),
        counts.stored,
        counts.updated,
        counts.duplicate,
        counts.rejected,
        counts.unreadable,
    );
    if report.quarantined > 0 {
        writeln!(context.output, "could not be stored and in quarantine: {}", report.quarantined);
    }
    if report.passed_over > 0 {
        writeln!(
            context.output,
            "for a newer version, hook or another database, and left alone: {}",
            report.passed_over
        );
    }
}
