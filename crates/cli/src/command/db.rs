//! `recount db`: the database as a file.

use std::path::Path;

use clap::Subcommand;
use store::Location;

use super::Context;
use crate::{exit::ExitCode, failure::Failure, settings::Settings};

/// What to do with the database.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say where the database is, whether it exists or not
    Path,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Path => path(context),
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
