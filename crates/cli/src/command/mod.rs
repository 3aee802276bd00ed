//! One file per command: its arguments, and what it does.

mod asking;
mod attribution;
mod blame;
pub mod complete;
mod completions;
mod config;
mod db;
mod doctor;
mod filter;
mod form;
pub mod hooks;
mod import;
mod progress;
mod rejects;
mod reminder;
mod replay;
mod serve;
mod session;
mod setup;
mod spool;
mod stats;
mod store;
mod stuck;
mod time;
mod trace;
mod usage;

use ::store::{Location, Store};
use clap::Subcommand;

use crate::{
    environment::Environment,
    exit::ExitCode,
    failure::Failure,
    logging::Destination,
    pager,
    settings::{Loaded, Settings},
    terminal::Output,
};

/// Every command. A new one is a file in this folder and a line here and below.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What a shell asks while a person types; it has a tree of arguments of its own
    #[command(skip)]
    Complete(complete::Arguments),
    /// Tell of each line of a file who wrote it, in which conversation, and for which prompt
    Blame(blame::Arguments),
    /// Print a script that completes command lines, with ids of sessions and names of agents
    Completions(completions::Arguments),
    /// Show what is set, and what can be set
    #[command(subcommand)]
    Config(config::Command),
    /// Look after the database
    #[command(subcommand)]
    Db(db::Command),
    /// Look whether what agents say arrives, and say what to do where it does not
    Doctor(doctor::Arguments),
    /// Take in what agents' plugins hand over
    #[command(subcommand)]
    Hooks(hooks::Command),
    /// Take in what an agent has on disk already
    #[command(subcommand)]
    Import(import::Command),
    /// Show what could not be taken in, and judge it again
    #[command(subcommand)]
    Rejects(rejects::Command),
    /// Take in captured envelopes, hook events or spool files again
    Replay(replay::Arguments),
    /// Answer over HTTP, on this machine
    Serve(serve::Arguments),
    /// List sessions, and tell one again
    #[command(subcommand)]
    Session(session::Command),
    /// Make an agent hand over what it says and does, or git tell of commits
    #[command(subcommand)]
    Setup(setup::Command),
    /// Look at what waits to be stored, and store it
    #[command(subcommand)]
    Spool(spool::Command),
    /// Look at all sessions together: files, tools, errors and the like
    #[command(subcommand)]
    Stats(stats::Command),
    /// Whose the lines of commits are: show, pass on and check the records
    #[command(subcommand)]
    Trace(trace::Command),
    /// Show what messages took, and what that costs
    Usage(usage::Arguments),
}

impl Command {
    /// Where its log entries go: nobody sees what a hook writes to standard error.
    pub fn log_destination(&self, settings: &Settings) -> Destination {
        let Self::Hooks(_) = self else { return Destination::Stderr };
        // The hook itself would make the folder a moment later.
        let location = settings.database.as_deref().map(Location::create);
        match location {
            Some(Ok(location)) => Destination::File(location.log()),
            Some(Err(_)) | None => Destination::Stderr,
        }
    }

    /// Says on standard error what a person should know, whatever was asked for: never lost also
    /// means never forgotten.
    pub fn remind(&self, context: &Context) {
        if !matches!(self, Self::Hooks(_) | Self::Doctor(_) | Self::Complete(_)) {
            reminder::print(&context.loaded.settings);
        }
    }

    /// Keeps the record as small as the settings say, after what was asked for.
    pub fn clean_up(&self, context: &Context) {
        if !matches!(self, Self::Hooks(_) | Self::Doctor(_) | Self::Complete(_)) {
            session::cleanup::run_by_itself(context);
        }
    }

    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Complete(asked) => Ok(complete::run(context, asked)),
            Self::Blame(arguments) => blame::run(context, arguments),
            Self::Completions(arguments) => completions::run(context, arguments),
            Self::Config(command) => command.run(context),
            Self::Db(command) => command.run(context),
            Self::Doctor(arguments) => doctor::run(context, arguments),
            Self::Hooks(command) => command.run(context),
            Self::Import(command) => command.run(context),
            Self::Rejects(command) => command.run(context),
            Self::Replay(arguments) => replay::run(context, arguments),
            Self::Serve(arguments) => serve::run(context, arguments),
            Self::Session(command) => command.run(context),
            Self::Setup(command) => command.run(context),
            Self::Spool(command) => command.run(context),
            Self::Stats(command) => command.run(context),
            Self::Trace(command) => command.run(context),
            Self::Usage(arguments) => usage::run(context, arguments),
        }
    }
}

pub use hooks::{note_signals, spool_unjudged};

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
    /// The database that the settings name; nothing is opened yet.
    ///
    /// # Errors
    /// The settings are wrong, or its folder cannot be made.
    pub fn store(&self) -> Result<Store, Failure> {
        self.settings()?;
        stuck::watch();
        store::open_store(&self.environment, &self.loaded)
    }

    /// Shows what follows in a pager, if a person sees it and wants one. The lease must have been
    /// given back.
    pub fn page(&mut self) {
        self.output.page(pager::command(&self.environment));
    }

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
