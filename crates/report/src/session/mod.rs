//! Questions about one session.

pub mod commits;
pub mod compactions;
pub mod conversation;
pub mod cost;
pub mod document;
pub mod errors;
pub mod files;
pub mod git_history;
pub mod messages;
pub mod reasoning;
pub mod steps;
pub mod story;
pub mod tokens;
pub mod tools;
pub mod tree;
pub mod turns;

use std::collections::HashSet;

use domain::{Agent, Session, SessionId};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::{messages_elsewhere::messages_elsewhere, session_head::session_head};

use crate::{ReportError, Source};

/// Which session was asked about, and how many things were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SessionMeta {
    /// The session.
    pub session_id: String,
    /// Which agent holds it.
    pub agent: Option<String>,
    /// The agent's own title for it.
    pub title: Option<String>,
    /// How many things were found.
    pub count: usize,
    /// How many of them a fork copied from another session, where they count.
    pub copied: usize,
}

impl SessionMeta {
    fn of(session: &Session, count: usize, copied: usize) -> Self {
        Self {
            session_id: session.session_id.as_str().to_owned(),
            agent: session.agent.value().map(|agent| Agent::as_str(agent).to_owned()),
            title: session.title.value().cloned(),
            count,
            copied,
        }
    }
}

/// What was asked about, with what of it counts.
fn meta(session: &Session, counts: impl Iterator<Item = bool>) -> SessionMeta {
    let counts: Vec<bool> = counts.collect();
    let copied = counts.iter().filter(|counts| !**counts).count();
    SessionMeta::of(session, counts.len(), copied)
}

/// What a fork copied of a session.
struct Copied(HashSet<String>);

impl Copied {
    fn of(source: &Source<'_>, id: &SessionId) -> Result<Self, ReportError> {
        Ok(Self(messages_elsewhere(source.holder, id)?))
    }

    /// Whether what belongs to this message counts in the session.
    fn counts(&self, message_id: Option<&str>) -> bool {
        message_id.is_none_or(|message| !self.0.contains(message))
    }
}

/// The session that is asked about.
fn known(source: &Source<'_>, id: &SessionId) -> Result<Session, ReportError> {
    session_head(source.holder, id)?.ok_or_else(|| ReportError::UnknownSession(id.clone()))
}
