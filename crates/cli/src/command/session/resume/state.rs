//! Whether sessions can be resumed, looked up in the agents' own stores: a few at a time, each for a few
//! seconds at most, and kept for some minutes in a file that may be lost.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use domain::UnixMs;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{
    DAY_MS,
    agent::{Agent, Found, Wanted, agent_named},
};
use crate::environment::Environment;

const AT_A_TIME: usize = 3;
const LIMIT: Duration = Duration::from_secs(5);
const KEPT_MS: i64 = 5 * 60_000;
const FILE: &str = "session-states.json";

/// Whether a session can be resumed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its agent has it.
    Active,
    /// Its agent does not have it, and keeps none for as long.
    Expired,
    /// Its agent does not have it, or cannot have given it that id.
    Invalid,
    /// That cannot be told.
    Unknown,
}

impl State {
    /// Its word in tables and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        }
    }
}

/// A session that is looked up.
pub struct Asked<'s> {
    /// Its id.
    pub id: &'s str,
    /// Its agent, as the record calls it.
    pub agent: Option<&'s str>,
    /// Where it worked.
    pub folder: Option<&'s str>,
    /// When it was last active.
    pub last_activity: Option<i64>,
}

/// What is found out of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether it can be resumed.
    pub state: State,
    /// When its agent may forget it, in Unix milliseconds, where that is known.
    pub expires_at: Option<i64>,
}

/// Looks them up, in their order.
pub fn check(environment: &Environment, sessions: &[Asked<'_>], now: UnixMs) -> Vec<Checked> {
    let file = environment.state_folder.as_ref().map(|folder| folder.join(FILE));
    let mut kept = file.as_deref().map(|file| Kept::read(file, now)).unwrap_or_default();
    let (mut jobs, mut names) = (Vec::new(), Vec::new());
    for asked in sessions {
        let Some(agent) = asked.agent.and_then(agent_named) else { continue };
        let name = key(agent, asked.id);
        if (agent.is_id)(asked.id) && !kept.states.contains_key(&name) {
            let folder = asked.folder.map(PathBuf::from).filter(|folder| folder.is_absolute());
            jobs.push((agent, Wanted { id: asked.id.to_owned(), folder }));
            names.push(name);
        }
    }
    let found = look_at_all(&Arc::new(environment.clone()), &jobs);
    for (name, is_there) in names.into_iter().zip(found) {
        kept.states.insert(name, Known { is_there, checked_at_unix_ms: now.get() });
    }
    if let Some(Err(error)) = file.as_deref().map(|file| kept.write(file)) {
        tracing::warn!(%error, "what was found out of sessions is not kept");
    }
    sessions.iter().map(|asked| checked(environment, asked, &kept, now)).collect()
}

fn checked(environment: &Environment, asked: &Asked<'_>, kept: &Kept, now: UnixMs) -> Checked {
    let Some(agent) = asked.agent.and_then(agent_named) else {
        return Checked { state: State::Unknown, expires_at: None };
    };
    let days = (agent.kept_days)(environment).map(i64::from);
    let kept_ms = days.map(|days| days.saturating_mul(DAY_MS));
    let expires_at = asked.last_activity.zip(kept_ms).map(|(last, ms)| last.saturating_add(ms));
    let is_there = kept.states.get(&key(agent, asked.id)).map(|known| known.is_there);
    let state = match is_there {
        Some(Some(true)) => State::Active,
        Some(Some(false)) if expires_at.is_some_and(|at| at < now.get()) => State::Expired,
        Some(Some(false)) | None => State::Invalid,
        Some(None) => State::Unknown,
    };
    Checked { state, expires_at }
}

fn key(agent: &Agent, id: &str) -> String {
    format!("{} {id}", agent.name)
}

/// Whether each is there, where that can be told.
fn look_at_all(
    environment: &Arc<Environment>,
    jobs: &[(&'static Agent, Wanted)],
) -> Vec<Option<bool>> {
    let found = Mutex::new(vec![None; jobs.len()]);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(jobs.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((agent, wanted)) = jobs.get(at) else { return };
                    let is_there = look(environment, agent, wanted);
                    found.lock().unwrap_or_else(PoisonError::into_inner)[at] = is_there;
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Looks one up; whoever does not come back in time ends with the process.
fn look(environment: &Arc<Environment>, agent: &'static Agent, wanted: &Wanted) -> Option<bool> {
    let (sender, receiver) = mpsc::channel();
    let (environment, wanted) = (Arc::clone(environment), wanted.clone());
    let work = move || {
        // Who has given up listening ends soon.
        let _ = sender.send((agent.look)(&environment, &wanted));
    };
    thread::Builder::new().spawn(work).ok()?;
    match receiver.recv_timeout(LIMIT) {
        Ok(Found::There { .. }) => Some(true),
        Ok(Found::Gone) => Some(false),
        Ok(Found::Unknown(_)) | Err(_) => None,
    }
}

/// What was found out a moment ago.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Kept {
    states: BTreeMap<String, Known>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Known {
    is_there: Option<bool>,
    checked_at_unix_ms: i64,
}

impl Kept {
    /// What is in a file and not too old; nothing where it cannot be read.
    fn read(file: &Path, now: UnixMs) -> Self {
        let bytes = fs::read(file).unwrap_or_default();
        let mut kept: Self = serde_json::from_slice(&bytes).unwrap_or_default();
        kept.states.retain(|_, known| {
            (0..KEPT_MS).contains(&now.get().saturating_sub(known.checked_at_unix_ms))
        });
        kept
    }

    fn write(&self, file: &Path) -> io::Result<()> {
        let folder = file.parent().unwrap_or(file);
        fs::create_dir_all(folder)?;
        // Nobody reads it half written.
        let new = NamedTempFile::new_in(folder)?;
        serde_json::to_writer(new.as_file(), self)?;
        new.persist(file)?;
        Ok(())
    }
}
