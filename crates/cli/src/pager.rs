//! A pager for texts that may be longer than the screen.
//!
//! It is started only once the answer is there and the lease is given back: a person may read for
//! hours, and nobody may wait for that.

use std::process::Command;

use crate::environment::{Environment, Pager};

/// What is used where nobody names another: it ends by itself where all fits on the screen, shows
/// colours, and leaves the text there when it ends.
const LESS: &str = "less";
const LESS_OPTIONS: &str = "-FRX";

/// The pager to start; `None` where there is none or none is wanted.
pub fn command(environment: &Environment) -> Option<Command> {
    match &environment.pager {
        Pager::Off => None,
        Pager::Unnamed => {
            let folders = environment.search_path();
            let program =
                folders.iter().map(|folder| folder.join(LESS)).find(|path| path.is_file())?;
            let mut command = Command::new(program);
            command.arg(LESS_OPTIONS);
            Some(command)
        }
        // A line of shell, as for `man` and `git`.
        Pager::Named { line, wants_options } => {
            let mut command = Command::new("/bin/sh");
            command.arg("-c").arg(line);
            if *wants_options {
                command.env("LESS", LESS_OPTIONS);
            }
            Some(command)
        }
    }
}
