//! `recount setup codex`: our hooks in Codex's `hooks.json`, and Codex's trust in them.
//!
//! For all projects they stand in Codex's folder, for one project in its `.codex`. Codex 0.169.0 calls
//! no hook that the person has not trusted, and says nothing of it. Who runs this asks for our hooks, so
//! it has Codex itself note down that they, and no others, are trusted.

mod app_server;
mod events;
pub mod registered;
mod trust;

use std::path::{Path, PathBuf};

use self::{
    events::KIND,
    registered::Registered,
    trust::{Codex, Noted, Trusted},
};
use super::{
    Options, called, carry_out, change::Change, hint, hooks::file, project_root, settings_folder,
};
use crate::{
    command::Context,
    environment::Environment,
    exit::ExitCode,
    failure::Failure,
    terminal::{Keep, escape},
};

/// What it is called.
const AGENT: &str = "Codex";

/// The hooks, in Codex's folder and in a project's.
const HOOKS: &str = "hooks.json";
/// The folder of a project.
const PROJECT: &str = ".codex";

pub fn run(context: &mut Context, options: &Options) -> Result<ExitCode, Failure> {
    context.settings()?;
    let folder = codex_folder(&context.environment)?.to_owned();
    let path = hooks(&context.environment, options.project)?;
    let codex = Codex::find(&context.environment, folder);
    if options.remove {
        return remove(context, options, &path, codex.as_ref());
    }
    let (program, database) = called(context, AGENT)?;
    let command = events::command(&program, database.as_deref());
    let wanted = events::EVENTS.map(|event| (event, events::hook(event, &command)));
    let changes = file::with_hooks(&path, &KIND, &wanted)?;
    let ended = carry_out(context, options, &changes)?;
    match codex {
        None => hint(&format!("`codex` is not in the `PATH`: {UNTRUSTED}")),
        Some(_) if options.dry_run => hint("Codex would be told that they are trusted"),
        Some(codex) => tell(context, codex.trust(&path, &command), options.project),
    }
    Ok(ended)
}

/// What happens to hooks that nobody has trusted.
const UNTRUSTED: &str =
    "Codex does not call the hooks until you trust them, in a session with `/hooks`";

fn tell(context: &mut Context, trusted: Result<Trusted, trust::Fault>, is_projects: bool) {
    match trusted {
        Ok(Trusted { seen: 0, .. }) if is_projects => hint(
            "Codex calls no hooks of a project that it does not trust: start `codex` there once, \
             and run the command again",
        ),
        Ok(Trusted { seen: 0, .. }) => hint(&format!("Codex does not see them: {UNTRUSTED}")),
        Ok(Trusted { added: 0, .. }) => {}
        Ok(Trusted { added, config, .. }) => {
            let config = escape(&config.to_string_lossy(), Keep::Nothing).into_owned();
            writeln!(context.output, "trusted {added} hooks in {config}");
        }
        Err(fault) => hint(&format!("{fault}: {UNTRUSTED}")),
    }
}

/// Takes the hooks away, and then the trust in them, which is found by where they stood.
fn remove(
    context: &mut Context,
    options: &Options,
    path: &Path,
    codex: Option<&Codex>,
) -> Result<ExitCode, Failure> {
    let changes = file::without_hooks(path, &KIND)?;
    let (ours, others): (Vec<_>, Vec<_>) =
        registered::hooks_in(path).into_iter().partition(|hook| hook.is_ours);
    let ended = carry_out(context, options, &changes)?;
    if !options.dry_run {
        let noted = Noted::read(&context.environment);
        let keys: Vec<String> = ours.into_iter().map(|hook| hook.key).collect();
        if let Err(fault) = trust::forget(codex, &noted, &keys) {
            hint(&format!("{fault}: that they were trusted stays in Codex's `config.toml`"));
        }
        let now = registered::hooks_in(path);
        let is_lost = |hook: &&Registered| noted.keys.contains(&hook.key) && !now.contains(hook);
        if others.iter().any(|hook| is_lost(&hook)) {
            hint(
                "other hooks in the file stand elsewhere now: Codex calls them when you have \
                 trusted them there, with `/hooks`",
            );
        }
    }
    if changes.iter().all(Change::is_done) {
        let other = hooks(&context.environment, !options.project);
        file::hint_at_other_place(other, &KIND, "recount setup codex", options.project);
    }
    Ok(ended)
}

fn hooks(environment: &Environment, project: bool) -> Result<PathBuf, Failure> {
    if project {
        return Ok(project_root(environment)?.join(PROJECT).join(HOOKS));
    }
    Ok(codex_folder(environment)?.join(HOOKS))
}

fn codex_folder(environment: &Environment) -> Result<&Path, Failure> {
    settings_folder(environment.codex_folder.as_deref(), AGENT, "CODEX_HOME")
}
