//! What every command that touches the record does first: find the database, and say in the
//! program's own words what is in the way.

use std::{error::Error, ops::ControlFlow};

use domain::Decoded;
use intake::Origin;
use store::{DrainEnd, DrainReport, Holder, Location, MIGRATIONS, SpoolRecord, Store, StoreError};

use super::db;
use crate::{
    environment::Environment, exit::ExitCode, failure::Failure, settings::Loaded, transcripts,
};

/// The store that the settings name. Nothing is opened yet, but its folder is made.
///
/// # Errors
/// Nothing names a database, or its folder cannot be made.
pub fn open_store(environment: &Environment, loaded: &Loaded) -> Result<Store, Failure> {
    let path = db::named(&loaded.settings)?;
    let location = Location::create(path).map_err(|error| {
        Failure::new(ExitCode::Io, format!("`{}` cannot be used as a database", path.display()))
            .caused_by(&error)
            .hint("name another file: `--database PATH` or `RECOUNT_DATABASE`")
    })?;
    Ok(store_at(location, environment, loaded))
}

/// The store at a place, which behaves as the settings say.
pub fn store_at(location: Location, environment: &Environment, loaded: &Loaded) -> Store {
    Store::new(location, store_settings(environment, loaded))
}

/// How databases are used, wherever they lie.
pub fn store_settings(environment: &Environment, loaded: &Loaded) -> store::Settings {
    let settings = &loaded.settings;
    store::Settings {
        synchronous: settings.store.synchronous,
        checkpoint_bytes: settings.store.checkpoint_bytes,
        retry: settings.retry.clone(),
        lease_timeout: settings.readers.lease_timeout,
        outbox: environment.state_folder.as_ref().map(|folder| folder.join("outbox")),
        is_default_database: loaded.has_default_database(),
        decoder: decode,
        reader: transcripts::read,
        migrations: MIGRATIONS,
        clock: || store::receipt_now().0,
    }
}

/// Reads a spooled input as the hook has read it.
pub fn decode(
    record: &mut SpoolRecord<'_>,
    sink: &mut dyn FnMut(Decoded) -> ControlFlow<()>,
) -> std::io::Result<ControlFlow<()>> {
    let agent = record.header.agent.as_deref().and_then(intake::agent_named);
    let origin = Origin { agent, received_at: record.header.received_at() };
    intake::decode(record.body, &origin, sink)
}

/// Opens the database with all that was handed over in it.
///
/// What keeps a drain from its end does not keep anybody from reading what is stored, so it is
/// said on standard error and no more.
///
/// # Errors
/// The lease is not to be had in time, or the database cannot be opened.
pub fn open_drained<'s>(store: &'s Store, purpose: &str) -> Result<Holder<'s>, Failure> {
    let (holder, report) = store.open_drained(purpose).map_err(|error| failure(&error))?;
    say_what_was_in_the_way(&report);
    Ok(holder)
}

fn say_what_was_in_the_way(report: &DrainReport) {
    if let DrainEnd::Failed(error) = &report.end {
        tracing::warn!(%error, "the spool is not drained; what is in it is safe and not shown");
    }
    say_what_was_not_read(report);
}

/// Says on standard error what kept transcripts from being read on.
pub fn say_what_was_not_read(report: &DrainReport) {
    if let Some(error) = &report.caught_up.end {
        tracing::warn!(%error, "transcripts are not read on; what is new in them is not shown");
    }
}

/// A failure of the store in the program's own words.
pub fn failure(error: &StoreError) -> Failure {
    let (exit, hint) = match error {
        StoreError::Held { .. } => {
            (ExitCode::Busy, "wait until it is done, or look whether that process is stopped")
        }
        StoreError::LockedByOther(_) => {
            (ExitCode::Busy, "close the other program; what is handed over meanwhile is kept")
        }
        StoreError::NewerSchema { .. } => {
            (ExitCode::Settings, "use the newer version of `recount` that wrote it")
        }
        StoreError::OlderSchema { .. } => (ExitCode::Settings, "run `recount db migrate`"),
        StoreError::Foreign(_) => (
            ExitCode::Io,
            "name another file with `--database PATH`, or move this one away; nothing was changed",
        ),
        StoreError::NoLocks { .. } => (
            ExitCode::Io,
            "put the database on a file system that can lock files; what is handed over is kept in the spool",
        ),
        StoreError::Replaced(_) => (ExitCode::Io, "run the command again"),
        StoreError::NoRoom { .. } => {
            (ExitCode::Io, "make room on that disk; the database is as it was")
        }
        StoreError::BadCopy(_) => {
            (ExitCode::Io, "run `recount db check`; the database is as it was")
        }
        StoreError::File { .. } => {
            (ExitCode::Io, "see that the file can be used and that the disk has room")
        }
        StoreError::Engine { .. } | StoreError::EnginePanic { .. } | StoreError::Row { .. } => (
            ExitCode::Io,
            "run `recount db check`; what is handed over meanwhile is kept in the spool",
        ),
        StoreError::Decode { .. } => (ExitCode::Io, "run `recount spool drain`"),
    };
    let failure = Failure::new(exit, error.to_string());
    let failure = match error.source() {
        Some(source) => failure.caused_by(source),
        None => failure,
    };
    failure.hint(hint)
}
