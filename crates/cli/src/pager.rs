//! A pager for texts that may be longer than the screen.
//!
//! It is started only once the answer is there and the lease is given back: a person may read for
//! hours, and nobody may wait for that.

use std::{ffi::OsStr, process::Command};

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
            let mut command = Command::new(environment.find_program(LESS)?);
            command.arg(LESS_OPTIONS);
            Some(command)
        }
        // A line of shell, as for `man` and `git`. One that is not there would swallow the text.
        Pager::Named { line, wants_options } => {
            if !is_there(environment, line) {
                return None;
            }
            let mut command = Command::new("/bin/sh");
            command.arg("-c").arg(line);
            if *wants_options {
                command.env("LESS", LESS_OPTIONS);
            }
            Some(command)
        }
    }
}

/// Whether the program that a line begins with is there, as far as that can be told without a shell.
fn is_there(environment: &Environment, line: &OsStr) -> bool {
    let line = line.to_string_lossy();
    let Some(program) = line.split_whitespace().next() else { return false };
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || "._-+".contains(sign);
    let is_shells = ["command", "eval", "exec"].contains(&program);
    !program.chars().all(is_name) || is_shells || environment.find_program(program).is_some()
}
