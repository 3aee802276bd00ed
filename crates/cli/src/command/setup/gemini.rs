//! `recount setup gemini`: our hooks in Gemini CLI's settings.
//!
//! For all projects they stand in the person's `settings.json`, for one project in its
//! `.gemini/settings.json`: Gemini CLI 0.61.0 has no file of a project that is for one person alone.

mod events;
pub mod registered;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use self::events::KIND;
use super::{
    Options, carry_out, change::Change, file::Found, hooks::file, program, project_root, text,
};
use crate::{
    command::Context,
    environment::Environment,
    exit::ExitCode,
    failure::Failure,
    terminal::{Keep, escape},
};

/// What it is called.
const AGENT: &str = "Gemini CLI";

/// The settings, in the person's folder and in a project's.
const SETTINGS: &str = "settings.json";
/// The folder of a project.
const PROJECT: &str = ".gemini";

pub fn run(context: &mut Context, options: &Options) -> Result<ExitCode, Failure> {
    context.settings()?;
    let path = settings(&context.environment, options.project)?;
    let changes = if options.remove {
        file::without_hooks(&path, &KIND)?
    } else {
        let program = program()?;
        let database = context.loaded.named_database();
        let database = database.map(|path| text(path, AGENT)).transpose()?;
        let program = text(&program, AGENT)?;
        let wanted = events::EVENTS.map(|event| (event, events::hook(program, database)));
        file::with_hooks(&path, &KIND, &wanted)?
    };
    let ended = carry_out(context, options, &changes);
    if !options.remove && ended.is_ok() {
        hint_at_switch(&context.environment);
    }
    if options.remove && changes.iter().all(Change::is_done) {
        hint_at_other_place(&context.environment, options.project);
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
    environment.gemini_folder.as_deref().ok_or_else(|| {
        let message = "no folder for Gemini CLI's settings is known: \
                       neither `GEMINI_CLI_HOME` is set nor is `HOME` an absolute path";
        Failure::new(ExitCode::Settings, message).hint("set `HOME` to your folder")
    })
}

/// Says that what is set up is not called.
fn hint_at_switch(environment: &Environment) {
    if let Some(path) = registered::switched_off_by(environment) {
        let path = escape(&path.to_string_lossy(), Keep::Nothing).into_owned();
        let hint =
            "switches hooks off: Gemini CLI calls none until `hooksConfig.enabled` is gone from it";
        let _ = writeln!(io::stderr(), "hint: `{path}` {hint}");
    }
}

/// Says where the hooks are, if they were to be taken from where they are not. It is no part of what
/// was asked for, so that what is wrong there is no failure.
fn hint_at_other_place(environment: &Environment, project: bool) {
    let other = settings(environment, !project).and_then(|path| Found::look(&path));
    if !other.and_then(|found| file::has_ours(&found, &KIND)).unwrap_or(false) {
        return;
    }
    let hint = if project {
        "they are there for all projects: `recount setup gemini --global --remove`"
    } else {
        "this project has them: `recount setup gemini --project --remove`"
    };
    let _ = writeln!(io::stderr(), "hint: {hint}");
}
