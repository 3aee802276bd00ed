//! Cursor's CLI, whose store is not documented: it is asked itself
//! (<https://docs.cursor.com/en/cli/using>). Never run here.

use std::{process::Command, time::Duration};

use super::agent::{Agent, Found, Wanted};
use crate::{command::doctor::process, environment::Environment};

/// How long it may take to list its sessions; it is killed before nobody waits for it any more.
const LIMIT: Duration = Duration::from_secs(4);

const ID_LIMIT: usize = 128;

const PROGRAM: &str = "cursor-agent";

pub const AGENT: Agent = Agent {
    name: "cursor",
    title: "Cursor",
    program: PROGRAM,
    is_id,
    look,
    kept_days: |_| None,
    // Nothing of it is imported.
    has_told: |_| true,
    word: None,
    resume: |id| vec!["--resume".to_owned(), id.to_owned()],
    begin: |prompt, _| vec![prompt.to_owned()],
    harms: false,
};

fn is_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() >= 8
        && text.len() <= ID_LIMIT
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(is_part)
}

fn look(environment: &Environment, wanted: &Wanted) -> Found {
    let Some(program) = environment.find_program(PROGRAM) else {
        return Found::Unknown(format!("`{PROGRAM}` is not in the `PATH`"));
    };
    let mut command = Command::new(program);
    command.arg("ls");
    if let Some(folder) = wanted.folder.as_ref().filter(|folder| folder.is_dir()) {
        command.current_dir(folder);
    }
    match process::run(command, b"", LIMIT) {
        Ok(ended) if ended.is_killed => Found::Unknown(format!(
            "`{PROGRAM} ls` does not end within {} seconds",
            LIMIT.as_secs()
        )),
        Ok(ended) if ended.code != Some(0) => Found::Unknown(format!("`{PROGRAM} ls` fails")),
        Ok(ended) => {
            let listed = String::from_utf8_lossy(&ended.stdout);
            let is_of_id = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
            let mut words = listed.split(|sign: char| !is_of_id(sign));
            if words.any(|word| word == wanted.id) {
                Found::There { folder: None, file: None }
            } else {
                Found::Gone
            }
        }
        Err(error) => Found::Unknown(format!("`{PROGRAM} ls` cannot be run: {error}")),
    }
}
