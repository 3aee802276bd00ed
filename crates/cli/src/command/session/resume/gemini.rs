//! Gemini CLI 0.61.0: `tmp/<project>/chats/session-<minute>-<begin of the session>.jsonl`, whose first
//! line names the session.
//!
//! A session that was resumed without a terminal, in another minute than it was begun in, goes on in its
//! file; but a second one with nothing but a head lies beside it, and the next list that Gemini CLI makes
//! deletes the full one. So the full one is copied first.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use super::agent::{Agent, Found, Wanted, entries, folders_in, is_uuid};
use crate::environment::Environment;

/// The first line is far shorter.
const HEAD_BYTES: u64 = 4 << 10;

/// The first message stands far before that.
const SEARCHED_BYTES: u64 = 64 << 20;

/// How the line of a message begins.
const MESSAGE: &[u8] = br#"{"id":"#;

/// So much of the id stands in the name of the file.
const ID_IN_NAME: usize = 8;

pub const AGENT: Agent = Agent {
    name: "gemini",
    title: "Gemini CLI",
    program: "gemini",
    is_id: is_uuid,
    look,
    kept_days: |_| None,
    // Nothing of it is imported.
    has_told: |_| true,
    word: None,
    resume: |id| vec!["--resume".to_owned(), id.to_owned()],
    begin: |prompt, _| vec!["--prompt-interactive".to_owned(), prompt.to_owned()],
    harms: true,
};

fn look(environment: &Environment, wanted: &Wanted) -> Found {
    let Some(folder) = &environment.gemini_folder else {
        return Found::Unknown("there is no home folder".to_owned());
    };
    let begin = wanted.id.get(..ID_IN_NAME).unwrap_or(&wanted.id);
    let projects = folders_in(&folder.join("tmp"));
    let chats = projects.flat_map(|project| entries(&project.join("chats"))).filter(|file| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("session-")
            && name.contains(begin)
            && names(file, &wanted.id)
            && holds_messages(file)
    });
    let length = |file: &PathBuf| fs::metadata(file).map_or(0, |found| found.len());
    chats.max_by_key(length).map_or(Found::Gone, Found::file)
}

/// Whether the beginning of a file names the session.
fn names(file: &Path, id: &str) -> bool {
    let mut head = Vec::new();
    let read = file.is_file().then(|| File::open(file)?.take(HEAD_BYTES).read_to_end(&mut head));
    let quoted = format!("\"{id}\"");
    matches!(read, Some(Ok(_))) && String::from_utf8_lossy(&head).contains(&quoted)
}

/// Whether a message stands in it. After a resumption there may be a file with nothing but a head beside
/// the full one, from which Gemini CLI cannot go on.
fn holds_messages(file: &Path) -> bool {
    let Ok(file) = File::open(file) else { return false };
    let mut lines = BufReader::new(file.take(SEARCHED_BYTES)).split(b'\n').map_while(Result::ok);
    lines.any(|line| line.starts_with(MESSAGE))
}
