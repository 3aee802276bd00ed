//! What is known of each agent's own sessions: one row each, one file for each row.

use std::{
    fs,
    path::{Path, PathBuf},
};

use domain::Session;

use super::{claude, codex, cursor, gemini, opencode};
use crate::environment::Environment;

/// An agent whose sessions can be resumed. A new one is a file in this folder and a row below.
pub struct Agent {
    /// What it is called in the record.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Its program, looked for in the `PATH`.
    pub program: &'static str,
    /// Whether it gives its sessions such ids; none of them begins with `-`.
    pub is_id: fn(&str) -> bool,
    /// Looks for a session in its own store.
    pub look: fn(&Environment, &Wanted) -> Found,
    /// How many days it keeps a session that nobody goes on with, where that is known.
    pub kept_days: fn(&Environment) -> Option<u32>,
    /// Whether it has told of the session itself: else the folder may come from anywhere.
    pub has_told: fn(&Session) -> bool,
    /// Its command that answers one prompt and ends, where that is a word and not an option.
    pub word: Option<&'static str>,
    /// The arguments that resume the session of that id.
    pub resume: fn(&str) -> Vec<String>,
    /// The arguments that begin a session with a prompt; whether they follow the word.
    pub begin: fn(&str, bool) -> Vec<String>,
    /// Whether it may harm the session's file when it resumes it, so that it is copied before.
    pub harms: bool,
}

/// Every agent whose sessions can be resumed.
pub const AGENTS: [&Agent; 5] =
    [&claude::AGENT, &codex::AGENT, &cursor::AGENT, &gemini::AGENT, &opencode::AGENT];

/// The agent of that name in the record.
pub fn agent_named(name: &str) -> Option<&'static Agent> {
    AGENTS.into_iter().find(|agent| agent.name == name)
}

/// A session that is looked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its id, which is one of the agent's.
    pub id: String,
    /// Where it worked, as the record says.
    pub folder: Option<PathBuf>,
}

/// What an agent's own store says of a session.
#[derive(Debug)]
pub enum Found {
    /// It is there.
    There {
        /// Where the agent has to be started to find it, if not in the folder of the record.
        folder: Option<PathBuf>,
        /// The file that holds it.
        file: Option<PathBuf>,
    },
    /// It is not there.
    Gone,
    /// That cannot be told.
    Unknown(String),
}

impl Found {
    /// It is there, in a file.
    pub fn file(path: PathBuf) -> Self {
        Self::There { folder: None, file: Some(path) }
    }
}

/// Whether a text is a UUID in its usual form.
pub fn is_uuid(text: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == GROUPS.len()
        && groups.iter().zip(GROUPS).all(|(group, length)| {
            group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// The folders in a folder; none where it cannot be read.
pub fn folders_in(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    entries(folder).filter(|path| path.is_dir())
}

/// What is in a folder; nothing where it cannot be read.
pub fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "0b5ecc2e-4f0a-4c53-9f5e-6a4f3a1d2b7c";

    #[test]
    fn no_agent_takes_an_id_that_could_be_anything_else() {
        let long = "a".repeat(10_000);
        let hostile = [
            "",
            "-",
            "--help",
            "-rf",
            "a b",
            "a\nb",
            "ses_a\n",
            "ses_",
            "ses_/x",
            "../x",
            "ses_a;b",
            "\u{1b}[2J",
            "ses_\u{202e}",
            "$(x)",
            "ses_'",
            "0b5ecc2",
            &long,
        ];
        for agent in AGENTS {
            for id in hostile {
                assert!(!(agent.is_id)(id), "{}: {id:?}", agent.name);
            }
            let own =
                if agent.name == "opencode" { "ses_e0789eb93ffedKMnpzpgPS2p7j" } else { UUID };
            assert!((agent.is_id)(own), "{}", agent.name);
        }
    }

    #[test]
    fn the_record_calls_each_of_them_so() {
        for agent in AGENTS {
            let named = intake::agent_named(agent.name).expect("a name");
            assert_eq!(named.as_str(), agent.name);
        }
    }
}
