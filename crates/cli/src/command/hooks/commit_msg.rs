//! `recount hooks commit-msg`: names the sessions behind a commit at the end of its message, where a person
//! wants that. Whatever is in the way, the message stays as it is and git goes on.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use agent_trace::git::Repository;
use clap::Args;
use report::attribution::{Attribution, AttributionError};

use super::watch::Watch;
use crate::{
    command::{Context, attribution::links, store::failure},
    exit::ExitCode,
    failure::Failure,
};

/// A person waits for a commit no longer than that.
const LIMIT: Duration = Duration::from_secs(2);

/// What git calls it with.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The file with the message
    #[arg(value_name = "FILE")]
    message: PathBuf,

    /// What git does not hand over so far
    #[arg(hide = true, allow_hyphen_values = true)]
    more: Vec<OsString>,
}

/// Adds `Agent-Session` and `Assisted-by` for each session with lines in the index.
///
/// # Errors
/// The message is as it was.
pub fn run(context: &Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Arguments { message, more: _ } = arguments;
    let end = Instant::now() + LIMIT;
    let _watch = Watch::until(end, String::new(), ExitCode::Ok);
    let mut store = context.store()?;
    // Who has the record is not waited for, and none is made or migrated.
    match store.try_open("hooks", end) {
        Ok(Some(holder)) => drop(holder),
        Ok(None) => return Ok(ExitCode::Ok),
        Err(error) => return Err(failure(&error)),
    }
    store.set_lease_timeout(LIMIT / 4);
    let folder = context.environment.absolute(Path::new(""));
    let repository = Repository::here(&folder).map_err(AttributionError::from)?;
    let message = context.environment.absolute(message);
    let text = std::fs::read(&message).map_err(|error| {
        Failure::new(ExitCode::Io, "the message of the commit cannot be read").caused_by(&error)
    })?;
    // A person who has emptied it does not want to commit.
    if !repository.says_anything(&text).map_err(AttributionError::from)? {
        return Ok(ExitCode::Ok);
    }
    let attribution = Attribution::new(&store, repository, links(context)?);
    let trailers = trailers(&attribution, (store.settings().clock)())?;
    if !trailers.is_empty() {
        let repository = attribution.repository();
        repository.add_trailers(&message, &trailers).map_err(AttributionError::from)?;
    }
    Ok(ExitCode::Ok)
}

/// The sessions first, then their agents with their models; each once.
fn trailers(
    attribution: &Attribution<'_>,
    now: domain::UnixMs,
) -> Result<Vec<String>, AttributionError> {
    let (mut sessions, mut agents) = (BTreeSet::new(), BTreeSet::new());
    for range in attribution.staged(now)? {
        if let Some(session) = range.session_id {
            sessions.insert(format!("Agent-Session: {session}"));
            let agent = range.agent.as_deref().unwrap_or("unknown");
            let model = range.model_id.map(|model| format!(":{model}")).unwrap_or_default();
            agents.insert(format!("Assisted-by: {agent}{model}"));
        }
    }
    let trailers = sessions.into_iter().chain(agents);
    // A name with a line feed could add any line.
    Ok(trailers.filter(|trailer| !trailer.contains(char::is_control)).collect())
}
