//! One file per command: its arguments, and what it does.

mod config;
mod db;

use clap::Subcommand;

use crate::{
    environment::Environment,
    exit::ExitCode,
    failure::Failure,
    settings::{Loaded, Settings},
    terminal::Output,
};

/// Every command. A new one is a file in this folder and a line here and below.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what is set, and what can be set
    #[command(subcommand)]
    Config(config::Command),
    /// Look after the database
    #[command(subcommand)]
    Db(db::Command),
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Config(command) => command.run(context),
            Self::Db(command) => command.run(context),
        }
    }
}

/// What a command works with.
pub struct Context {
    /// What surrounds the process.
    pub environment: Environment,
    /// The settings with their sources and faults; most commands want [`Context::settings`].
    pub loaded: Loaded,
    /// Standard output.
    pub output: Output,
}

impl Context {
    /// The settings.
    ///
    /// # Errors
    /// Something is wrong with them: a command that worked with half of them would do what
    /// nobody asked for.
    pub fn settings(&self) -> Result<&Settings, Failure> {
        match &self.loaded.faults[..] {
            [] => Ok(&self.loaded.settings),
            faults => Err(Failure::of(ExitCode::Settings, faults.to_vec())),
        }
    }
}
