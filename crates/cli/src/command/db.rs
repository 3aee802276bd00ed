//! `recount db`: the database as a file.

use std::path::Path;

use clap::Subcommand;

use super::Context;
use crate::{exit::ExitCode, failure::Failure};

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
    let path = database(context)?.to_owned();
    // A path need not be text, and who asks for it wants to use it.
    context.output.write_bytes(path.as_os_str().as_encoded_bytes());
    context.output.write_bytes(b"\n");
    Ok(ExitCode::Ok)
}

/// The database that the settings name.
///
/// # Errors
/// The settings are wrong, or nothing names one.
pub fn database(context: &Context) -> Result<&Path, Failure> {
    context.settings()?.database.as_deref().ok_or_else(|| {
        Failure::new(
            ExitCode::Settings,
            "no folder for the database is known: neither `XDG_DATA_HOME` nor `HOME` is an absolute path",
        )
        .hint("name the file: `--database PATH` or `RECOUNT_DATABASE`")
    })
}
