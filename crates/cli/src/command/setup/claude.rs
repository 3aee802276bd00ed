//! `recount setup claude`: our hooks in Claude Code's settings, for those who use no plugins.
//!
//! For all projects they stand in the person's `settings.json`; for one project in its
//! `.claude/settings.local.json`: they hold a path on this machine, and that file is for what is not
//! to be committed, so that Claude Code itself tells git to ignore it once it writes there. Claude
//! Code 2.1.328 also finds it from a folder within the repository, and `.claude/settings.json` not.
//! It calls a hook once that stands in both places alike.

pub mod events;
mod plugin;
pub mod registered;

use std::path::{Path, PathBuf};

use self::events::KIND;
use super::{
    Options, called, carry_out, change::Change, hint_at_switch, hooks::file, project_root,
    settings_folder,
};
use crate::{command::Context, environment::Environment, exit::ExitCode, failure::Failure};

/// What it is called.
const AGENT: &str = "Claude Code";

/// The person's settings, in Claude Code's folder.
const USER: &str = "settings.json";
/// Those of a project, in its folder.
const PROJECT: &str = ".claude/settings.json";
/// Those of a project for this person alone.
const LOCAL: &str = ".claude/settings.local.json";

/// What settings do that call no hook.
const SWITCHED_OFF: &str =
    "switches all hooks off: Claude Code calls none until `disableAllHooks` is gone from it";

pub fn run(context: &mut Context, options: &Options) -> Result<ExitCode, Failure> {
    context.settings()?;
    let path = settings(&context.environment, options.project)?;
    let changes = if options.remove {
        file::without_hooks(&path, &KIND)?
    } else {
        refuse_beside_plugin(&context.environment, options.project)?;
        let (program, database) = called(context, AGENT)?;
        let hook = |event| (event, events::hook(event, &program, database.as_deref()));
        file::with_hooks(&path, &KIND, &events::EVENTS.map(hook))?
    };
    let ended = carry_out(context, options, &changes);
    if !options.remove && ended.is_ok() {
        hint_at_switch(registered::switched_off_by(&context.environment), SWITCHED_OFF);
    }
    if options.remove && changes.iter().all(Change::is_done) {
        let other = settings(&context.environment, !options.project);
        file::hint_at_other_place(other, &KIND, "recount setup claude", options.project);
    }
    ended
}

fn settings(environment: &Environment, project: bool) -> Result<PathBuf, Failure> {
    if project {
        return Ok(project_root(environment)?.join(LOCAL));
    }
    Ok(claude_folder(environment)?.join(USER))
}

fn claude_folder(environment: &Environment) -> Result<&Path, Failure> {
    settings_folder(environment.claude_folder.as_deref(), AGENT, "CLAUDE_CONFIG_DIR")
}

/// The plugin calls `recount` by its name and the hooks by its path, so Claude Code would call both.
fn refuse_beside_plugin(environment: &Environment, project: bool) -> Result<(), Failure> {
    // A project may be set up where no home is.
    let Some(folder) = &environment.claude_folder else { return Ok(()) };
    let here = project_root(environment).ok().map(Path::to_owned);
    let elsewhere = if project { Vec::new() } else { plugin::projects(folder) };
    let mut places = here.into_iter().chain(elsewhere).map(Some).chain((!project).then_some(None));
    let Some(enabled) = places.find_map(|place| plugin::enabled(folder, place.as_deref())) else {
        return Ok(());
    };
    let plugin::Enabled { name, settings } = enabled;
    let message = format!(
        "the plugin `{name}` is enabled in `{}`: with hooks beside it everything would be handed over twice",
        settings.display(),
    );
    Err(Failure::new(ExitCode::Settings, message).hint(format!(
        "nothing more has to be set up; to have hooks instead, run `claude plugin uninstall {name}` first",
    )))
}
