//! `recount setup gemini`: our hooks in Gemini CLI's settings.
//!
//! For all projects they stand in the person's `settings.json`, for one project in its
//! `.gemini/settings.json`: Gemini CLI 0.61.0 has no file of a project that is for one person alone.

mod events;
pub mod registered;

use std::path::{Path, PathBuf};

use self::events::KIND;
use super::{
    Options, called, carry_out, change::Change, hint_at_switch, hooks::file, project_root,
    settings_folder,
};
use crate::{command::Context, environment::Environment, exit::ExitCode, failure::Failure};

/// What it is called.
const AGENT: &str = "Gemini CLI";

/// The settings, in the person's folder and in a project's.
const SETTINGS: &str = "settings.json";
/// The folder of a project.
const PROJECT: &str = ".gemini";

/// What settings do that call no hook.
const SWITCHED_OFF: &str =
    "switches hooks off: Gemini CLI calls none until `hooksConfig.enabled` is gone from it";

pub fn run(context: &mut Context, options: &Options) -> Result<ExitCode, Failure> {
    context.settings()?;
    let path = settings(&context.environment, options.project)?;
    let changes = if options.remove {
        file::without_hooks(&path, &KIND)?
    } else {
        let (program, database) = called(context, AGENT)?;
        let hook = events::hook(&program, database.as_deref());
        let wanted = events::EVENTS.map(|event| (event, hook.clone()));
        file::with_hooks(&path, &KIND, &wanted)?
    };
    let ended = carry_out(context, options, &changes);
    if !options.remove && ended.is_ok() {
        hint_at_switch(registered::switched_off_by(&context.environment), SWITCHED_OFF);
    }
    if options.remove && changes.iter().all(Change::is_done) {
        let other = settings(&context.environment, !options.project);
        file::hint_at_other_place(other, &KIND, "recount setup gemini", options.project);
    }
    ended
}

fn settings(environment: &Environment, project: bool) -> Result<PathBuf, Failure> {
    if project {
        return Ok(project_root(environment)?.join(PROJECT).join(SETTINGS));
    }
    Ok(gemini_folder(environment)?.join(SETTINGS))
}

fn gemini_folder(environment: &Environment) -> Result<&Path, Failure> {
    settings_folder(environment.gemini_folder.as_deref(), AGENT, "GEMINI_CLI_HOME")
}
