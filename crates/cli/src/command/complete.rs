//! `recount complete`: what scripts of shells ask while a person types. Nobody waits for it: it tries
//! the lease once, drains nothing, and after a moment it has found nothing.
//!
//! Its lines become words of a command line, so it tells none that a shell would understand.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use ::store::{
    Location, Store, StoreError,
    query::{
        last_events::last_events,
        session_ids::{latest_sessions, sessions_beginning_with},
    },
};
use clap::{Args, ValueEnum};

use super::{Context, db, store::store_at};
use crate::exit::ExitCode;

/// How long a person who has pressed a key does not notice.
const LIMIT: Duration = Duration::from_millis(200);

/// More than that nobody reads.
const MOST: u32 = 100;

/// What is wanted.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Of which kind
    kind: Kind,

    /// What it begins with
    #[arg(default_value = "")]
    prefix: String,
}

/// What a word of a command line can be.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Ids of sessions
    Sessions,
    /// Names of agents
    Agents,
}

/// Prints what it finds in time, each on a line.
pub fn run(context: &mut Context, asked: &Arguments) -> ExitCode {
    let loaded = &context.loaded;
    let location = db::named(&loaded.settings).ok().and_then(|path| Location::resolve(path).ok());
    let Some(location) = location.filter(|_| loaded.faults.is_empty()) else {
        return ExitCode::Ok;
    };
    let store = store_at(location, &context.environment, loaded);
    let (kind, prefix) = (asked.kind, asked.prefix.clone());
    let (sender, receiver) = mpsc::channel();
    // Who does not come back ends with the process, and the kernel frees its lease.
    let thread = thread::Builder::new().spawn(move || {
        let _ = sender.send(find(&store, kind, &prefix));
    });
    let found = thread.ok().and_then(|_| receiver.recv_timeout(LIMIT).ok()?.ok());
    for word in found.unwrap_or_default().iter().filter(|word| is_plain(word)) {
        writeln!(context.output, "{word}");
    }
    ExitCode::Ok
}

fn find(store: &Store, kind: Kind, prefix: &str) -> Result<Vec<String>, StoreError> {
    let opened = store.try_open("complete", Instant::now() + LIMIT)?;
    let Some(holder) = opened else { return Ok(Vec::new()) };
    match kind {
        Kind::Sessions if prefix.is_empty() => latest_sessions(&holder, MOST),
        Kind::Sessions => sessions_beginning_with(&holder, prefix, MOST),
        Kind::Agents => {
            let agents = last_events(&holder)?.into_iter().filter_map(|event| event.agent);
            Ok(agents.filter(|agent| agent.starts_with(prefix)).collect())
        }
    }
}

/// Whether a word is only itself in every shell, and no option.
fn is_plain(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphanumeric())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./@".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_a_shell_would_understand_is_not_offered() {
        let cases = [
            ("ses_e0789eb93ffedKMnpzpgPS2p7j", true),
            ("0a1b-2c3d/agent.1", true),
            ("", false),
            ("--force", false),
            ("$(reboot)", false),
            ("a b", false),
            ("a;b", false),
            ("a'b", false),
            ("a\u{202e}b", false),
            ("~root", false),
            ("a*", false),
            ("a\nb", false),
        ];
        for (word, expected) in cases {
            assert_eq!(is_plain(word), expected, "{word:?}");
        }
    }
}
