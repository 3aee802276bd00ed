//! One line, with what nearly every line says of itself taken out.

use std::borrow::Cow;

use domain::{Earliest, Json, SessionId, Stamp, UnixMs};

use super::state::State;
use crate::claude::{child, stamp};
use crate::identity::Digest;
use crate::item::remainder;
use crate::json::{Object, Value};

/// What nearly every line repeats, and no row needs: who used which program from where is told by the
/// session, whose subagent it is by its id.
const REPEATED: [&str; 2] = ["userType", "isSidechain"];

/// Where a line comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// Where it begins in its file.
    pub offset: u64,
    /// How long it is there.
    pub bytes: usize,
    /// Its text, with what could not be read of it replaced.
    pub text: &'a str,
}

/// When a line was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Its own time, where it bears one.
    pub own: Option<UnixMs>,
    /// What stamps are made of: its own time or that of the line before it; the beginning of time
    /// where neither can be true.
    pub at: UnixMs,
    /// When its rows came into being, and what orders them; what stands before any time is the first.
    pub times: (Earliest, Earliest),
}

impl Clock {
    pub fn new(own: Option<UnixMs>, before: Option<UnixMs>, received_at: UnixMs) -> Self {
        let time = own.or(before);
        let ordered = time.map(|time| time.ordered_by(received_at));
        let plausible = time.filter(|time| time.is_plausible_at(received_at));
        Self {
            own,
            at: plausible.unwrap_or(UnixMs::EPOCH),
            times: (Earliest(own), Earliest(ordered)),
        }
    }

    /// The stamp of a thing that has happened.
    pub fn stamp(&self) -> Stamp {
        stamp::line(self.at)
    }
}

/// A line on its way to its rows.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    pub source: Source<'a>,
    pub kind: Cow<'a, str>,
    /// The session that it belongs to, which for a subagent's is one of its own.
    pub session: Option<SessionId>,
    /// The session that started that one.
    pub root: Option<SessionId>,
    pub uuid: Option<Cow<'a, str>>,
    pub parent_uuid: Option<Cow<'a, str>>,
    pub clock: Clock,
    /// The agent's version.
    pub version: Option<Cow<'a, str>>,
    pub folder: Option<Cow<'a, str>>,
    /// It belongs to a subagent that bears no name, which older versions wrote between the lines of
    /// the session that started it.
    pub is_aside: bool,
    /// A fork copied it, and says so itself (`/branch`).
    pub is_branched: bool,
    /// Program, branch and plan by their names, which prompts give to the session.
    pub surroundings: Object<'a>,
    /// What is left of it.
    pub rest: Object<'a>,
}

impl<'a> Line<'a> {
    pub fn new(
        mut rest: Object<'a>,
        source: Source<'a>,
        state: &State,
        received_at: UnixMs,
    ) -> Self {
        let own = take_time(&mut rest);
        let root = take_filled(&mut rest, "sessionId").and_then(|id| SessionId::new(id).ok());
        let root_or_last = root.clone().or_else(|| state.session());
        let agent = take_filled(&mut rest, "agentId");
        let child = root.as_ref().and_then(|root| child(root, agent.as_deref()?));
        let is_aside = child.is_none() && is_true(&rest, "isSidechain");
        if let Some(agent) = agent.filter(|_| child.is_none()) {
            rest.insert("agentId".into(), Value::Text(agent));
        }
        for key in REPEATED {
            rest.remove(key);
        }
        if is_aside {
            rest.insert("isSidechain".into(), Value::Bool(true));
        }
        let surroundings = ["entrypoint", "gitBranch", "slug"]
            .into_iter()
            .filter_map(|key| Some((key.into(), Value::Text(take_filled(&mut rest, key)?))))
            .collect();
        Self {
            source,
            kind: take_filled(&mut rest, "type").unwrap_or_default(),
            root: child.is_some().then_some(root).flatten(),
            session: child.or(root_or_last),
            uuid: take_filled(&mut rest, "uuid"),
            parent_uuid: take_filled(&mut rest, "parentUuid"),
            clock: Clock::new(own, state.time, received_at),
            version: take_filled(&mut rest, "version"),
            folder: take_filled(&mut rest, "cwd"),
            is_aside,
            is_branched: rest.contains_key("forkedFrom"),
            surroundings,
            rest,
        }
    }

    /// Its own id, or one made from its content.
    pub fn id(&self) -> String {
        match &self.uuid {
            Some(uuid) => uuid.clone().into_owned(),
            None => Digest::of_bytes(self.source.text.as_bytes()).id(),
        }
    }

    pub fn is(&self, key: &str) -> bool {
        is_true(&self.rest, key)
    }

    /// Puts the id of the line before it back to what is left.
    pub fn keep_parent(&mut self) {
        if let Some(parent) = self.parent_uuid.take() {
            self.rest.insert("parentUuid".into(), Value::Text(parent));
        }
    }
}

pub(super) fn is_true(object: &Object<'_>, key: &str) -> bool {
    object.get(key) == Some(&Value::Bool(true))
}

/// Takes a text out of an object; what is none stays.
pub(super) fn take_text<'a>(object: &mut Object<'a>, key: &str) -> Option<Cow<'a, str>> {
    match object.get_mut(key)? {
        Value::Text(text) => {
            let text = std::mem::take(text);
            object.remove(key);
            Some(text)
        }
        _ => None,
    }
}

/// Takes a text out of an object that holds something other than white space.
pub(super) fn take_filled<'a>(object: &mut Object<'a>, key: &str) -> Option<Cow<'a, str>> {
    let is_filled = crate::json::text(object, key).is_some_and(|text| !text.trim().is_empty());
    if is_filled { take_text(object, key) } else { None }
}

pub(super) fn take_object<'a>(object: &mut Object<'a>, key: &str) -> Option<Object<'a>> {
    match object.remove(key)? {
        Value::Object(taken) => Some(taken),
        other => {
            object.insert(Cow::Owned(key.to_owned()), other);
            None
        }
    }
}

pub(super) fn take_count(object: &mut Object<'_>, key: &str) -> Option<i64> {
    let Value::Number(number) = object.get(key)? else { return None };
    let count = number.as_i64().filter(|count| *count >= 0)?;
    object.remove(key);
    Some(count)
}

/// What is left of an object, without what says nothing.
pub(super) fn leftover(mut object: Object<'_>) -> Option<Json> {
    object.retain(|_, value| *value != Value::Null);
    remainder(&object)
}

fn take_time(rest: &mut Object<'_>) -> Option<UnixMs> {
    let time = match rest.get("timestamp")? {
        Value::Text(text) => {
            let time: jiff::Timestamp = text.parse().ok()?;
            UnixMs::new(time.as_millisecond())
        }
        Value::Number(number) => UnixMs::new(number.as_i64()?),
        _ => None,
    }?;
    rest.remove("timestamp");
    Some(time)
}
