//! `recount hooks conversation-trace`: durable first, judged second, stored when it is time.

use std::{
    io::{self, Write},
    ops::ControlFlow,
    time::Instant,
};

use clap::{Args, ValueEnum};
use intake::Origin;
use store::{Counts, DrainEnd, DrainReport, HOOK_OWN_LIMIT_BYTES, Header, SpoolFile, Store};
use tracing::{info, warn};

use super::{
    super::Context,
    input::{self, End, Input},
    receipt::Judged,
    signals,
    watch::{GRACE, Watch},
};
use crate::{
    command::store::open_store,
    environment::Environment,
    exit::ExitCode,
    failure::Failure,
    settings::{Hooks, Loaded},
};

/// How to take it in.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Which agent speaks; it outdoes what the input says
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,

    /// What to print when the input is safe; never anything for native hook events
    #[arg(long, value_name = "FORM", default_value = "text")]
    receipt: ReceiptForm,
}

/// What to print when the input is safe.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReceiptForm {
    /// One line with the sums
    Text,
    /// The sums, and each item or piece that was not taken in
    Json,
    /// Nothing
    None,
}

pub fn run(context: &mut Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let hooks = context.loaded.settings.hooks.clone();
    let store = store_for_hook(&context.environment, &context.loaded)?;
    let (received_at, sequence) = store::receipt_now();
    let Input { bytes, end } =
        input::read(&mut io::stdin().lock(), input::LIMIT_BYTES, hooks.read_timeout);
    let deadline = Instant::now() + hooks.deadline;
    if bytes.trim_ascii().is_empty() {
        return nothing(end);
    }
    let agent = arguments.agent.as_deref().and_then(intake::agent_named);
    let is_of_hooks = agent.as_ref().is_some_and(intake::has_hooks);
    let speaker = agent.as_ref().map(|agent| agent.as_str().to_owned());
    let header = Header::new(speaker, received_at, sequence, bytes.len() as u64);
    let spooled = spool(&store, &header, &bytes)?;
    let is_to_end = signals::may_end();
    let judged = judge(&bytes, &Origin { agent, received_at });
    // Whatever an agent's own hook is handed, its agent may feed standard output to its model.
    let is_silent = judged.has_hook_event || (is_of_hooks && !judged.has_envelope);
    let form = if is_silent { ReceiptForm::None } else { arguments.receipt };
    let drains = !is_to_end && is_time_to_drain(&store, &hooks, &judged, bytes.len());
    let report = drains.then(|| {
        let receipt = receipt(form, &judged, None).unwrap_or_default();
        let _watch = Watch::until(deadline + GRACE, receipt, exit_code(&judged, &end));
        let mut report = drain(&store, &spooled, &hooks, deadline);
        catch_up(&store, &mut report, &judged, deadline);
        report
    });
    let drained = report.and_then(|report| report.own);
    if let Some(receipt) = receipt(form, &judged, drained) {
        write!(context.output, "{receipt}");
    }
    ending(&judged, end)
}

/// Keeps what came although nobody can say what was asked for: an older program, a newer plugin.
///
/// # Errors
/// The input is not safe.
pub fn spool_unjudged(
    environment: &Environment,
    loaded: &Loaded,
    kind: Option<&str>,
) -> Result<(), Failure> {
    let store = store_for_hook(environment, loaded)?;
    let (received_at, sequence) = store::receipt_now();
    let timeout = loaded.settings.hooks.read_timeout;
    let Input { bytes, .. } = input::read(&mut io::stdin().lock(), input::LIMIT_BYTES, timeout);
    if bytes.is_empty() {
        return Ok(());
    }
    let mut header = Header::new(None, received_at, sequence, bytes.len() as u64);
    header.kind = kind.map_or(header.kind, str::to_owned);
    spool(&store, &header, &bytes).map(drop)
}

/// A database that cannot be named or reached is no matter of settings here: nothing is safe.
///
/// # Errors
/// It cannot be.
pub fn store_for_hook(environment: &Environment, loaded: &Loaded) -> Result<Store, Failure> {
    open_store(environment, loaded).map_err(|failure| failure.ending(ExitCode::Io))
}

fn spool(store: &Store, header: &Header, bytes: &[u8]) -> Result<SpoolFile, Failure> {
    store.spool().write(header, bytes).map_err(|error| {
        Failure::new(ExitCode::Io, "the input is not safe").caused_by(&error).hint(
            "make room and see that the folder of the database can be written to, then hand it over again",
        )
    })
}

fn judge(bytes: &[u8], origin: &Origin) -> Judged {
    let mut judged = Judged::default();
    let decoded = intake::decode(&mut &bytes[..], origin, &mut |decoded| {
        judged.add(decoded);
        ControlFlow::Continue(())
    });
    let _ = decoded.expect("reading from memory does not fail");
    judged
}

/// Whoever only spools costs its agent least, so a drain waits until it pays; readers drain first.
/// The numbers are in context/decisions.
fn is_time_to_drain(store: &Store, hooks: &Hooks, judged: &Judged, bytes: usize) -> bool {
    let long = hooks.drain_bytes..HOOK_OWN_LIMIT_BYTES;
    judged.ends_turn
        || long.contains(&(bytes as u64))
        || store.spool().holds_at_least(threshold(hooks))
}

fn threshold(hooks: &Hooks) -> usize {
    usize::try_from(hooks.drain_files).unwrap_or(usize::MAX)
}

fn drain(store: &Store, own: &SpoolFile, hooks: &Hooks, deadline: Instant) -> DrainReport {
    let report = store.drain_as_hook(own, threshold(hooks), deadline);
    match &report.end {
        DrainEnd::Empty | DrainEnd::Taken => {}
        DrainEnd::Deadline => info!(files = report.files, "the deadline ended a drain"),
        DrainEnd::Failed(error) => {
            warn!(%error, "a drain failed; what was handed over waits in the spool");
        }
    }
    report
}

/// What its own input has made due comes first; what there is no time for is still due afterwards.
fn catch_up(store: &Store, report: &mut DrainReport, judged: &Judged, deadline: Instant) {
    let due = std::mem::take(&mut report.due);
    let caught_up = store.catch_up_as_hook(due, &judged.transcripts, deadline);
    if let Some(error) = caught_up.end {
        warn!(%error, "transcripts are not read on; they are still due");
    }
}

/// The line for the plugin, where it wants one.
fn receipt(form: ReceiptForm, judged: &Judged, drained: Option<Counts>) -> Option<String> {
    let line = match form {
        ReceiptForm::None => return None,
        ReceiptForm::Text => judged.text(drained),
        ReceiptForm::Json => judged.json(drained),
    };
    Some(line + "\n")
}

/// How the hook ends once the input is in the spool.
fn exit_code(judged: &Judged, end: &End) -> ExitCode {
    match end {
        End::TooLong | End::Failed(_) => ExitCode::Io,
        End::Closed | End::TooSlow if judged.unreadable().is_empty() => ExitCode::Ok,
        End::Closed | End::TooSlow => ExitCode::Unreadable,
    }
}

/// Nothing was handed over, so nothing is kept.
fn nothing(end: End) -> Result<ExitCode, Failure> {
    match end {
        End::Closed | End::TooSlow => {
            Err(Failure::new(ExitCode::Unreadable, "standard input is empty")
                .hint("hand over an envelope or a hook event as JSON"))
        }
        End::TooLong | End::Failed(_) => ending(&Judged::default(), end),
    }
}

/// Everything is durable; what remains to be said is what could not be read.
fn ending(judged: &Judged, end: End) -> Result<ExitCode, Failure> {
    for piece in judged.unreadable() {
        // A hook's standard error is read by nobody or by a person, so one line each is enough.
        let _ = writeln!(
            io::stderr(),
            "recount: {} bytes of standard input from byte {} cannot be read: {}; they are kept",
            piece.bytes,
            piece.offset,
            piece.reason,
        );
    }
    match end {
        End::TooLong => Err(Failure::new(
            ExitCode::Io,
            format!(
                "standard input is longer than {} MiB; the rest was not read",
                input::LIMIT_BYTES >> 20
            ),
        )
        .hint("hand it over in smaller pieces, or use `recount replay`")),
        End::Failed(error) => {
            Err(Failure::new(ExitCode::Io, "standard input cannot be read to its end")
                .caused_by(&error))
        }
        End::Closed | End::TooSlow => Ok(exit_code(judged, &end)),
    }
}
