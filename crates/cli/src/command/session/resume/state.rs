//! Whether sessions can be resumed, looked up in the agents' own stores: a few at a time, each for a few
//! seconds at most, without the record being held.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use ::store::{Store, query::sessions_known::SessionKnown};
use domain::{Resume, ResumeState, UnixMs};

use super::{
    DAY_MS,
    agent::{AGENTS, Agent, Found, Wanted, agent_named},
};
use crate::environment::Environment;

const AT_A_TIME: usize = 3;
const LIMIT: Duration = Duration::from_secs(5);

/// What was looked up a moment ago is not looked up again.
pub const FRESH_MS: i64 = 5 * 60_000;

/// A session that is looked up.
pub struct Asked<'s> {
    /// Its id.
    pub id: &'s str,
    /// Its agent, as the record calls it.
    pub agent: Option<&'s str>,
    /// Where it worked.
    pub folder: Option<&'s str>,
    /// When it was last active.
    pub last_activity: Option<UnixMs>,
}

impl<'s> Asked<'s> {
    /// A session of the record.
    pub fn of(session: &'s SessionKnown) -> Self {
        Self {
            id: &session.session_id,
            agent: session.agent.as_deref(),
            folder: session.project_path.as_deref(),
            last_activity: session.last_activity_at,
        }
    }
}

/// Looks them up, in their order.
pub fn check(environment: &Environment, sessions: &[Asked<'_>], now: UnixMs) -> Vec<Resume> {
    let keeps = Keeps::read(environment);
    let jobs: Vec<_> = sessions.iter().map(job).collect();
    let found = look_at_all(&Arc::new(environment.clone()), &jobs);
    let each = sessions.iter().zip(&jobs).zip(found);
    let resume = |((asked, job), found): ((&Asked<'_>, &Job), Option<bool>)| match job {
        Job::Look(agent, _) => judge(keeps.ms(agent), asked.last_activity, found, now),
        Job::NoId(agent) => judge(keeps.ms(agent), None, Some(false), now),
        Job::NoAgent => Resume { checked_at: Some(now), ..Resume::UNKNOWN },
    };
    each.map(resume).collect()
}

/// How long agents keep a session that nobody goes on with. It may stand in their settings, which are
/// read once.
pub struct Keeps([(&'static str, Option<i64>); AGENTS.len()]);

impl Keeps {
    /// As it is set now.
    pub fn read(environment: &Environment) -> Self {
        let keeps_ms = |agent: &Agent| {
            (agent.kept_days)(environment).map(|days| i64::from(days).saturating_mul(DAY_MS))
        };
        Self(AGENTS.map(|agent| (agent.name, keeps_ms(agent))))
    }

    /// How long, where that is known.
    pub fn ms(&self, agent: &Agent) -> Option<i64> {
        self.0.iter().find(|(name, _)| *name == agent.name).and_then(|(_, ms)| *ms)
    }
}

/// What it means that a session is there, or not, or that nobody can tell.
pub fn judge(
    agent_keeps_ms: Option<i64>,
    last_activity: Option<UnixMs>,
    is_there: Option<bool>,
    now: UnixMs,
) -> Resume {
    let mut resume = Resume { state: ResumeState::Unknown, checked_at: Some(now), agent_keeps_ms };
    let is_over = resume.expires_at(last_activity).is_some_and(|at| at < now);
    resume.state = match is_there {
        Some(true) => ResumeState::Active,
        Some(false) if is_over => ResumeState::Expired,
        Some(false) => ResumeState::Invalid,
        None => ResumeState::Unknown,
    };
    resume
}

/// What is to be done for one session.
enum Job {
    Look(&'static Agent, Wanted),
    /// Its agent cannot have given it that id.
    NoId(&'static Agent),
    /// Nobody knows where to look.
    NoAgent,
}

fn job(asked: &Asked<'_>) -> Job {
    let Some(agent) = asked.agent.and_then(agent_named) else { return Job::NoAgent };
    if !(agent.is_id)(asked.id) {
        return Job::NoId(agent);
    }
    let folder = asked.folder.map(PathBuf::from).filter(|folder| folder.is_absolute());
    Job::Look(agent, Wanted { id: asked.id.to_owned(), folder })
}

/// Whether each is there, where that can be told.
fn look_at_all(environment: &Arc<Environment>, jobs: &[Job]) -> Vec<Option<bool>> {
    let found = Mutex::new(vec![None; jobs.len()]);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(jobs.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(at) else { return };
                    let Job::Look(agent, wanted) = job else { continue };
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
    receiver.recv_timeout(LIMIT).ok()?.is_there()
}

impl Found {
    /// Whether it is there, where that can be told.
    pub fn is_there(&self) -> Option<bool> {
        match self {
            Self::There { .. } => Some(true),
            Self::Gone => Some(false),
            Self::Unknown(_) => None,
        }
    }
}

/// Keeps what was found out. Where it cannot be kept, it is found out again.
pub fn keep(store: &Store, found: &[(&str, Resume)]) {
    let kept = store.open("session list").and_then(|holder| holder.keep_resume_states(found));
    if let Err(error) = kept {
        tracing::warn!(%error, "what was found out of sessions is not kept");
    }
}
