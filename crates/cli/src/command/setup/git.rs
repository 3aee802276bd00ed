//! `recount setup git`: hooks of git that tell of commits, in one repository.
//!
//! They stand beside those that are there already: in a script as its first lines, and what is no
//! script is called by a file of ours. `pre-push` is none of them, as nobody waits for us to push.

mod plan;
mod repository;
mod script;

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use clap::Args;
use rustix::fs::{Access, AtFlags, CWD, accessat};

use self::{
    plan::Plan,
    repository::{Hooks, Place},
    script::{Call, Hook},
};
use super::{called, file::Found, hint};
use crate::{command::Context, environment::Environment, exit::ExitCode, failure::Failure};

/// What is asked of it.
#[derive(Debug, Args)]
pub struct Options {
    /// Say what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Take away what was added
    #[arg(long)]
    remove: bool,

    /// The repository [default: the one that the working folder is in]
    #[arg(long, value_name = "PATH")]
    repository: Option<PathBuf>,

    /// Also put a trailer into each commit message; without it that hook is taken away
    #[arg(long, conflicts_with = "remove")]
    trailer: bool,
}

pub fn run(context: &mut Context, options: &Options) -> Result<ExitCode, Failure> {
    context.settings()?;
    let here = &context.environment.working_folder;
    let folder = options.repository.as_ref().map_or_else(|| here.clone(), |path| here.join(path));
    let hooks = repository::hooks(&context.environment, &folder)?;
    if !options.remove {
        refuse_no_folder(&hooks.folder)?;
    }
    let plans = plans(context, options, &hooks)?;
    let is_done = plans.iter().all(Plan::is_done);
    if !is_done {
        refuse_unwritable(&hooks.folder)?;
        plans.iter().try_for_each(Plan::refuse_read_only)?;
    }
    if options.dry_run {
        for plan in &plans {
            plan.show(&mut context.output);
        }
    } else {
        if !is_done {
            make_folder(&hooks.folder, mode(context))?;
        }
        plans.iter().try_for_each(|plan| plan.carry_out(&mut context.output))?;
    }
    if !options.remove {
        tell_of_place(&hooks);
        plans.iter().filter(|_| !hooks.is_by_husky).for_each(tell_of_mode);
    } else if is_done {
        hint(&format!("no hook in `{}` holds anything of recount", hooks.folder.display()));
    }
    Ok(ExitCode::Ok)
}

/// What becomes of each hook.
fn plans(context: &Context, options: &Options, hooks: &Hooks) -> Result<Vec<Plan>, Failure> {
    let called = if options.remove { None } else { Some(called(context, "git")?) };
    let mut plans = Vec::new();
    for hook in Hook::ALL {
        let path = hooks.folder.join(hook.name());
        let wanted = called.as_ref().filter(|_| hook != Hook::CommitMsg || options.trailer);
        plans.extend(match wanted {
            Some((program, database)) => {
                let is_by_husky = hooks.is_by_husky;
                let call = Call { program, database: database.as_deref(), is_by_husky };
                Some(Plan::of_setup(&path, hook, &call, mode(context))?)
            }
            None => Plan::of_removal(&path, hook)?,
        });
    }
    Ok(plans)
}

/// What the hooks of a repository call.
#[derive(Debug)]
pub struct Registered {
    /// Where they are.
    pub folder: PathBuf,
    /// The programs that are called.
    pub programs: Vec<String>,
    /// Which of those that are always set up call none of ours, or are not called by git.
    pub missing: Vec<&'static str>,
}

/// What those of the repository call that the working folder is in; `None` where that is none.
pub fn registered(environment: &Environment) -> Option<Registered> {
    let hooks = repository::hooks(environment, &environment.working_folder).ok()?;
    let (mut programs, mut missing) = (Vec::new(), Vec::new());
    for hook in Hook::ALL.into_iter().filter(|hook| *hook != Hook::CommitMsg) {
        let found = Found::look(&hooks.folder.join(hook.name())).ok();
        let found = found.filter(|found| hooks.is_by_husky || found.is_executable());
        match found.and_then(|found| script::program(&found.content?, hook)) {
            Some(program) => programs.push(program),
            None => missing.push(hook.name()),
        }
    }
    Some(Registered { folder: hooks.folder, programs, missing })
}

/// The mode that git gives to a hook, and to their folder.
fn mode(context: &Context) -> u32 {
    0o700 | 0o777 & !context.environment.umask
}

/// # Errors
/// Something else is where the folder would be.
fn refuse_no_folder(folder: &Path) -> Result<(), Failure> {
    let is_there = folder.symlink_metadata().is_ok();
    if !is_there || folder.is_dir() {
        return Ok(());
    }
    let message = format!("`{}`, where git looks for hooks, is no folder", folder.display());
    Err(Failure::new(ExitCode::Io, message)
        .hint("`git config --show-origin core.hooksPath` tells whether that is set"))
}

/// # Errors
/// Nothing can be written there, or where the folder would be made.
fn refuse_unwritable(folder: &Path) -> Result<(), Failure> {
    let there = folder.ancestors().find(|folder| folder.symlink_metadata().is_ok());
    let there = there.unwrap_or(folder);
    let access = accessat(CWD, there, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS);
    access.map_err(|error| {
        let message = format!("nothing can be written to `{}`", there.display());
        Failure::new(ExitCode::Io, message).caused_by(&error).hint("nothing was changed")
    })
}

/// Makes the folder as git would: our own mask is for what nobody else is to read.
fn make_folder(folder: &Path, mode: u32) -> Result<(), Failure> {
    let missing = folder.ancestors().take_while(|folder| !folder.is_dir());
    let mut missing: Vec<&Path> = missing.collect();
    missing.reverse();
    for folder in missing {
        let made = fs::create_dir(folder)
            .and_then(|()| fs::set_permissions(folder, Permissions::from_mode(mode)));
        made.map_err(|error| {
            let message = format!("folder `{}` cannot be made", folder.display());
            Failure::new(ExitCode::Io, message).caused_by(&error).hint("no hook was changed")
        })?;
    }
    Ok(())
}

/// Says who else has to do with the hooks.
fn tell_of_place(Hooks { folder, place, .. }: &Hooks) {
    let folder = folder.display();
    match place {
        Place::Own => {}
        Place::Project => hint(&format!(
            "`{folder}` belongs to the project: who commits its hooks shares them; where this \
             program is not, they do nothing"
        )),
        Place::Elsewhere => hint(&format!(
            "`{folder}` is outside of this repository: every repository that has its hooks there \
             tells of its commits"
        )),
    }
}

/// Says that a hook is not called.
fn tell_of_mode(plan: &Plan) {
    if let Some(path) = plan.switched_off() {
        hint(&format!("git does not call `{}`: make it executable (`chmod +x`)", path.display()));
    }
}
