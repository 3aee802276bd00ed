//! `recount db`: the database as a file.

use std::{fs, path::Path};

use ::store::{
    Compacted, Location, Store, StoreError, check as check_database, compact as compact_database,
    query::{revision::revision, table_sizes::table_sizes},
};
use clap::Subcommand;

use super::{
    Context,
    store::{failure, open_drained},
};
use crate::{
    exit::ExitCode,
    failure::Failure,
    settings::Settings,
    terminal::{Keep, counted, escape},
};

/// What to do with the database.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say where the database is, whether it exists or not
    Path,
    /// Say what is in it and beside it
    Status,
    /// Check every page of it; exits 1 where something is wrong
    Check,
    /// Write it anew without what deleted rows have left, and check that before it takes its place
    Compact,
    /// Bring it up to the schema of this version, keeping a copy
    Migrate,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Path => path(context),
            Self::Status => status(context),
            Self::Check => check(context),
            Self::Compact => compact(context),
            Self::Migrate => migrate(context),
        }
    }
}

fn path(context: &mut Context) -> Result<ExitCode, Failure> {
    let path = named(context.settings()?)?;
    // Where its folder exists, the name that everything beside it follows.
    let path = Location::resolve(path).map_or(path.to_owned(), |found| found.database().to_owned());
    // A path need not be text, and who asks for it wants to use it.
    context.output.write_bytes(path.as_os_str().as_encoded_bytes());
    context.output.write_bytes(b"\n");
    Ok(ExitCode::Ok)
}

fn status(context: &mut Context) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    let holder = open_drained(&store, "db status")?;
    let revision = revision(&holder).map_err(|error| failure(&error))?;
    let sizes = table_sizes(&holder).map_err(|error| failure(&error))?;
    let schema = holder.schema_version().map_err(|error| failure(&error))?;
    drop(holder);
    let (location, output) = (store.location(), &mut context.output);
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    writeln!(output, "database: {}", location.database().display());
    writeln!(output, "schema: {schema}");
    writeln!(output, "revision: {revision}");
    writeln!(
        output,
        "bytes: {} and {} in the log",
        bytes(location.database()),
        bytes(&location.wal())
    );
    for (table, rows) in sizes {
        writeln!(output, "{table}: {rows}");
    }
    let waiting = store.spool().waiting().map_err(|error| failure(&error))?;
    writeln!(output, "spool: {} files", waiting.files);
    writeln!(output, "quarantine: {} pieces", store.quarantine().len());
    Ok(ExitCode::Ok)
}

fn check(context: &mut Context) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    exists(&store)?;
    let checked = store.open("db check").and_then(|holder| check_database(&holder));
    let faults = checked.map_err(|error| match error {
        // What the engine cannot even read is what is asked for.
        StoreError::Engine { .. } | StoreError::EnginePanic { .. } if !error.is_transient() => {
            damaged(&store).caused_by(&error).hint(DAMAGED_HINT)
        }
        error => failure(&error),
    })?;
    if faults.is_empty() {
        writeln!(context.output, "ok");
        return Ok(ExitCode::Ok);
    }
    for fault in &faults {
        writeln!(context.output, "{}", escape(&fault.what, Keep::Nothing));
    }
    Err(damaged(&store).hint(DAMAGED_HINT))
}

/// # Errors
/// There is no database yet.
fn exists(store: &Store) -> Result<(), Failure> {
    let database = store.location().database();
    if database.exists() {
        return Ok(());
    }
    let message = format!("database `{}` does not exist yet", database.display());
    Err(Failure::new(ExitCode::NotFound, message).hint("it is made when the first event is stored"))
}

fn damaged(store: &Store) -> Failure {
    let path = store.location().database().display();
    Failure::new(ExitCode::NotFound, format!("database `{path}` is damaged"))
}

/// What to do about a damaged database.
pub const DAMAGED_HINT: &str = "keep a copy of it; `sqlite3 FILE .recover` can read most of it, and new events stay in the spool";

fn compact(context: &mut Context) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    exists(&store)?;
    let holder = open_drained(&store, "db compact")?;
    let Compacted { before_bytes, after_bytes } =
        compact_database(holder).map_err(|error| failure(&error))?;
    let saved = counted(before_bytes - after_bytes, "byte");
    writeln!(context.output, "saved {saved}: {before_bytes} before, {after_bytes} now");
    Ok(ExitCode::Ok)
}

fn migrate(context: &mut Context) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    // Opening it is what brings it up to date.
    let holder = store.open("db migrate").map_err(|error| failure(&error))?;
    let schema = holder.schema_version().map_err(|error| failure(&error))?;
    drop(holder);
    writeln!(context.output, "schema {schema}");
    Ok(ExitCode::Ok)
}

/// The database that the settings name.
///
/// # Errors
/// Nothing names one.
pub fn named(settings: &Settings) -> Result<&Path, Failure> {
    settings.database.as_deref().ok_or_else(|| {
        Failure::new(
            ExitCode::Settings,
            "no folder for the database is known: neither `XDG_DATA_HOME` nor `HOME` is an absolute path",
        )
        .hint("name the file: `--database PATH` or `RECOUNT_DATABASE`")
    })
}
