//! The `recount` program: arguments, settings, commands, exit codes.
//!
//! The only crate that prints, and that reads variables, home and working folder.

mod arguments;
mod command;
mod environment;
mod exit;
mod failure;
mod logging;
mod pager;
mod settings;
mod table;
mod terminal;
mod transcripts;

use std::{env, io, panic, process};

use rustix::fs::Mode;

use crate::{
    arguments::{Arguments, Parsed, WrongHook},
    command::Context,
    environment::Environment,
    exit::ExitCode,
    failure::Failure,
    terminal::Output,
};

fn main() -> process::ExitCode {
    // The panic hook has said where it was.
    let ended = panic::catch_unwind(run).unwrap_or(Ok(ExitCode::Io));
    let is_for_git = || arguments::are_of_git(&env::args_os().collect::<Vec<_>>());
    match ended {
        Ok(ExitCode::Ok) => ExitCode::Ok,
        // What is not kept must not cost a commit.
        ended if is_for_git() => {
            if let Err(failure) = ended {
                failure.print_line(&mut io::stderr());
            }
            ExitCode::Ok
        }
        Ok(exit) => exit,
        Err(failure) => {
            failure.print(&mut io::stderr());
            failure.exit()
        }
    }
    .into()
}

fn run() -> Result<ExitCode, Failure> {
    // An agent may tell a hook to end before it has read a single setting.
    if env::args_os().nth(1).is_some_and(|argument| argument == "hooks") {
        command::note_signals();
    }
    // What is made is for its owner alone, also what the engine makes.
    let umask = rustix::process::umask(Mode::from_raw_mode(0o077));
    let environment = Environment::read(umask.as_raw_mode());
    if environment.engine_lock_disabled {
        let error = environment::start_again_with_engine_lock();
        return Err(Failure::new(ExitCode::Io, "cannot start again with the engine's file lock")
            .caused_by(&error)
            .hint("unset `LIMBO_DISABLE_FILE_LOCK`"));
    }
    let mut output = Output::stdout(&environment);
    match arguments::parse(env::args_os()) {
        Parsed::Wrong(failure) => Err(failure),
        Parsed::Answer(text) => {
            write!(output, "{text}");
            output.finish()?;
            Ok(ExitCode::Ok)
        }
        Parsed::WrongHook(WrongHook { failure, database, kind }) => {
            let loaded = settings::load(&environment, database.as_deref());
            command::spool_unjudged(&environment, &loaded, kind.as_deref())?;
            Err(failure)
        }
        Parsed::Command(arguments) => run_command(&arguments, environment, output),
    }
}

fn run_command(
    arguments: &Arguments,
    environment: Environment,
    output: Output,
) -> Result<ExitCode, Failure> {
    let environment = if arguments.no_pager { environment.without_pager() } else { environment };
    let loaded = settings::load(&environment, arguments.database.as_deref());
    let destination = arguments.command.log_destination(&loaded.settings);
    logging::start(&loaded.settings.log, destination);
    let mut context = Context { environment, loaded, output };
    let ended = arguments.command.run(&mut context);
    // Before a word on standard error: a person may still read in a pager.
    let finished = context.output.finish();
    arguments.command.remind(&context);
    // Nobody waits for it to see the answer.
    arguments.command.clean_up(&context);
    ended.and_then(|exit| finished.map(|()| exit))
}
