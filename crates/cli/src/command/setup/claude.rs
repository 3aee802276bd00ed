//! `recount setup claude`: our hooks in Claude Code's settings, for those who use no plugins.
//!
//! For all projects they stand in the person's `settings.json`; for one project in its
//! `.claude/settings.local.json`: they hold a path on this machine, and that file is for what is not
//! to be committed, so that Claude Code itself tells git to ignore it once it writes there. Claude
//! Code 2.1.328 also finds it from a folder within the repository, and `.claude/settings.json` not.
//! It calls a hook once that stands in both places alike.

mod events;
mod hooks;
mod plugin;
pub mod registered;

use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
};

use self::hooks::Wanted;
use super::{
    Options, PRIVATE, carry_out,
    change::{Change, Preview},
    file::Found,
    program, project_root, text, wrong,
};
use crate::{
    command::Context,
    environment::Environment,
    exit::ExitCode,
    failure::Failure,
    terminal::{Keep, escape},
};

/// What it is called.
const AGENT: &str = "Claude Code";

/// The person's settings, in Claude Code's folder.
const USER: &str = "settings.json";
/// Those of a project, in its folder.
const PROJECT: &str = ".claude/settings.json";
/// Those of a project for this person alone.
const LOCAL: &str = ".claude/settings.local.json";

/// What is put behind the name of what was there before.
const BACKUP: &str = ".before-recount";

pub fn run(context: &mut Context, options: &Options) -> Result<ExitCode, Failure> {
    context.settings()?;
    let path = settings(&context.environment, options.project)?;
    let changes = if options.remove {
        without_hooks(&path)?
    } else {
        refuse_beside_plugin(&context.environment, options.project)?;
        let database = context.loaded.named_database();
        let database = database.map(|path| text(path, AGENT)).transpose()?;
        with_hooks(&path, database)?
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
        return Ok(project_root(environment)?.join(LOCAL));
    }
    Ok(claude_folder(environment)?.join(USER))
}

fn claude_folder(environment: &Environment) -> Result<&Path, Failure> {
    environment.claude_folder.as_deref().ok_or_else(|| {
        let message = "no folder for Claude Code's settings is known: \
                       neither `CLAUDE_CONFIG_DIR` is set nor is `HOME` an absolute path";
        Failure::new(ExitCode::Settings, message).hint("set `HOME` to your folder")
    })
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

fn with_hooks(path: &Path, database: Option<&str>) -> Result<Vec<Change>, Failure> {
    let program = program()?;
    let program = text(&program, AGENT)?;
    let wanted = events::EVENTS.map(|event| (event, events::hook(event, program, database)));
    let wanted: &[Wanted] = &wanted;
    let found = Found::look(path)?;
    let before = found.text()?;
    let has_ours = has_ours(&found)?;
    let after = hooks::add(before, wanted).map_err(|fault| wrong(&found, &fault))?;
    let backup = match before {
        Some(before) if !has_ours => Some(backup(&found, Some(before.as_bytes().to_vec()))?),
        _ => None,
    };
    Ok(backup.into_iter().chain([change(found, Some(after))]).collect())
}

fn without_hooks(path: &Path) -> Result<Vec<Change>, Failure> {
    let found = Found::look(path)?;
    let Some(before) = found.text()? else { return Ok(vec![change(found, None)]) };
    let has_ours = has_ours(&found)?;
    let after = if has_ours {
        hooks::remove(before).map_err(|fault| wrong(&found, &fault))?
    } else {
        Some(before.to_owned())
    };
    // What somebody has linked to is not ours alone any more.
    let after = after.or_else(|| found.is_link().then(|| hooks::EMPTY.to_owned()));
    // A copy of what is there again says nothing.
    let mut backup = backup(&found, None)?;
    let is_copy = backup.found.content.as_deref() == after.as_deref().map(str::as_bytes);
    let backup = (has_ours && is_copy && after.is_some()).then(|| {
        backup.wanted = None;
        backup
    });
    Ok([change(found, after)].into_iter().chain(backup).collect())
}

fn has_ours(settings: &Found) -> Result<bool, Failure> {
    let Some(text) = settings.text()? else { return Ok(false) };
    hooks::is_in(text).map_err(|fault| wrong(settings, &fault))
}

fn change(found: Found, wanted: Option<String>) -> Change {
    let wanted = wanted.map(String::into_bytes);
    // The folder may have been there before, empty: nobody knows, so it stays.
    Change { found, wanted, new_mode: PRIVATE, own_folders: 0, preview: Preview::Lines }
}

/// The copy beside the settings, readable for nobody who cannot read those.
fn backup(settings: &Found, wanted: Option<Vec<u8>>) -> Result<Change, Failure> {
    let name: OsString = [settings.path.as_os_str(), BACKUP.as_ref()].into_iter().collect();
    let found = Found::look(Path::new(&name))?.made_like(settings);
    Ok(Change { found, wanted, new_mode: PRIVATE, own_folders: 0, preview: Preview::Nothing })
}

/// Says that what is set up is not called.
fn hint_at_switch(environment: &Environment) {
    if let Some(path) = registered::switched_off_by(environment) {
        let path = escape(&path.to_string_lossy(), Keep::Nothing).into_owned();
        let hint = "switches all hooks off: Claude Code calls none until `disableAllHooks` is gone from it";
        let _ = writeln!(io::stderr(), "hint: `{path}` {hint}");
    }
}

/// Says where the hooks are, if they were to be taken from where they are not. It is no part of what
/// was asked for, so that what is wrong there is no failure.
fn hint_at_other_place(environment: &Environment, project: bool) {
    let other = settings(environment, !project).and_then(|path| Found::look(&path));
    if !other.and_then(|found| has_ours(&found)).unwrap_or(false) {
        return;
    }
    let hint = if project {
        "they are there for all projects: `recount setup claude --global --remove`"
    } else {
        "this project has them: `recount setup claude --project --remove`"
    };
    let _ = writeln!(io::stderr(), "hint: {hint}");
}
