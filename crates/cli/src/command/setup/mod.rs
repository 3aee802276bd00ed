//! `recount setup`: makes an agent hand over what it says and does, and git tell of commits.
//!
//! One file for each says which files that takes; what they share lies beside. The files are the
//! person's: nothing else in them changes, and everything can be taken back.

mod change;
mod claude;
mod codex;
mod file;
mod gemini;
pub mod git;
mod hooks;
mod json_list;
mod json_text;
mod opencode;
pub mod registration;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};

use self::{change::Change, file::Found, json_text::Fault, registration::Agent};
use super::Context;
use crate::{
    environment::{self, Environment},
    exit::ExitCode,
    failure::Failure,
    terminal::{Keep, escape},
};

/// Which agent, or git. A new one is a file in this folder and a line here and below.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Claude Code: hooks for all projects, or for one
    Claude(Options),
    /// Codex: hooks for all projects, or for one, which Codex is told to trust
    Codex(Options),
    /// Gemini CLI: hooks for all projects, or for one
    Gemini(Options),
    /// Git: hooks that tell of commits, for one repository
    Git(git::Options),
    /// OpenCode: a plugin for all projects, or for one
    Opencode(Options),
}

/// What is asked of every agent's set-up.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub struct Options {
    /// Say what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Take away what was added
    #[arg(long)]
    remove: bool,

    /// Only for the project that the working folder is in
    #[arg(long)]
    project: bool,

    /// For all projects; this is the default
    #[arg(long, conflicts_with = "project")]
    global: bool,
}

/// Each of them, as it is told to call us.
pub const AGENTS: [Agent; 4] = [
    claude::registered::AGENT,
    codex::registered::AGENT,
    gemini::registered::AGENT,
    opencode::registered::AGENT,
];

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Claude(options) => claude::run(context, options),
            Self::Codex(options) => codex::run(context, options),
            Self::Gemini(options) => gemini::run(context, options),
            Self::Git(options) => git::run(context, options),
            Self::Opencode(options) => opencode::run(context, options),
        }
    }
}

/// Shows the changes or carries them out, in their order.
fn carry_out(
    context: &mut Context,
    options: &Options,
    changes: &[Change],
) -> Result<ExitCode, Failure> {
    changes.iter().try_for_each(Change::refuse_read_only)?;
    for change in changes {
        if options.dry_run {
            change.show(&mut context.output);
        } else {
            change.carry_out(&mut context.output)?;
        }
    }
    Ok(ExitCode::Ok)
}

/// The folder of an agent's settings.
fn settings_folder<'e>(
    folder: Option<&'e Path>,
    agent: &str,
    variable: &str,
) -> Result<&'e Path, Failure> {
    folder.ok_or_else(|| {
        let message = format!(
            "no folder for {agent}'s settings is known: neither `{variable}` is set nor is `HOME` an \
             absolute path"
        );
        Failure::new(ExitCode::Settings, message).hint("set `HOME` to your folder")
    })
}

/// Says that what is set up is not called, where some settings have no hook called at all.
fn hint_at_switch(settings: Option<PathBuf>, why: &str) {
    if let Some(path) = settings {
        hint(&format!("`{}` {why}", path.display()));
    }
}

/// Says something beside what was asked for.
fn hint(text: &str) {
    // Whether anyone listens changes nothing.
    let _ = writeln!(io::stderr(), "hint: {}", escape(text, Keep::Nothing));
}

/// The mode of what is for the person alone.
const PRIVATE: u32 = 0o600;

/// The absolute path of this program.
fn program() -> Result<PathBuf, Failure> {
    environment::program().map_err(|error| {
        Failure::new(ExitCode::Io, "the path of this program is not known").caused_by(&error)
    })
}

/// What an agent is told to call: this program, and the database if one is named.
fn called(context: &Context, agent: &str) -> Result<(String, Option<String>), Failure> {
    let program = text(&program()?, agent)?.to_owned();
    let database = context.loaded.named_database();
    let database = database.map(|path| text(path, agent).map(str::to_owned)).transpose()?;
    Ok((program, database))
}

/// A path as text, which JavaScript and JSON are.
fn text<'p>(path: &'p Path, agent: &str) -> Result<&'p str, Failure> {
    path.to_str().ok_or_else(|| {
        let message =
            format!("path `{}` is not UTF-8 and cannot be told to {agent}", path.display());
        Failure::new(ExitCode::Settings, message).hint("move it; nothing was changed")
    })
}

/// The folder that agents take for the project's: the top of the repository.
pub fn project_root(environment: &Environment) -> Result<&Path, Failure> {
    let folder = &*environment.working_folder;
    if !folder.is_absolute() {
        return Err(Failure::new(ExitCode::Io, "the working folder is not there any more"));
    }
    // In a further working tree of a repository it is a file.
    let is_root = |folder: &&Path| fs::symlink_metadata(folder.join(".git")).is_ok();
    Ok(folder.ancestors().find(is_root).unwrap_or(folder))
}

/// What is in a file is not what its agent reads.
fn wrong(found: &Found, fault: &Fault) -> Failure {
    let message = format!("`{}`, {fault}", found.path.display());
    Failure::new(ExitCode::Settings, message)
        .hint("mend it and run the command again; nothing was changed")
}
