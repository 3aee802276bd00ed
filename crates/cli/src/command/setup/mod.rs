//! `recount setup`: makes an agent hand over what it says and does.
//!
//! One file per agent says which files that takes; what they share lies beside. The files are the
//! person's: nothing else in them changes, and everything can be taken back.

mod change;
mod file;
mod json_list;
mod json_text;
mod opencode;

use clap::{Args, Subcommand};

use self::change::Change;
use super::Context;
use crate::{exit::ExitCode, failure::Failure};

/// Which agent. A new one is a file in this folder and a line here and below.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// OpenCode: a plugin for all projects, or for one
    Opencode(opencode::Arguments),
}

/// What is asked of every agent's set-up.
#[derive(Debug, Args)]
struct Options {
    /// Say what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Take away what was added
    #[arg(long)]
    remove: bool,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Opencode(arguments) => opencode::run(context, arguments),
        }
    }

    /// The names of the agents.
    pub fn agents() -> Vec<String> {
        let commands = Self::augment_subcommands(clap::Command::new("setup"));
        commands.get_subcommands().map(|agent| agent.get_name().to_owned()).collect()
    }
}

/// Shows the changes or carries them out, in their order.
fn carry_out(
    context: &mut Context,
    options: &Options,
    changes: &[Change],
) -> Result<ExitCode, Failure> {
    for change in changes {
        if options.dry_run {
            change.show(&mut context.output);
        } else {
            change.carry_out(&mut context.output)?;
        }
    }
    Ok(ExitCode::Ok)
}
