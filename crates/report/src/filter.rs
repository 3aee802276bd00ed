//! Which sessions a question is about.

use std::collections::HashMap;

use domain::{Model, ResumeState, UnixMs};
use store::query::{sessions_known::SessionKnown, usage_sums::Span};

/// Which sessions and which time are asked about. What is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Those of this agent.
    pub agent: Option<String>,
    /// Those of the project of this name, or in a folder whose path ends in it.
    pub project: Option<String>,
    /// Those whose last answer is of this model, with or without its provider before it; of messages
    /// those that are.
    pub model: Option<String>,
    /// Those that are so, in the agent's own word.
    pub status: Option<String>,
    /// Those of which that was found out when they were looked up.
    pub state: Option<ResumeState>,
    /// What came into being from this time on.
    pub since: Option<UnixMs>,
    /// What came into being before this time.
    pub until: Option<UnixMs>,
}

impl SessionFilter {
    /// Whether a session is asked about, whatever its time.
    pub fn takes(&self, session: &SessionKnown) -> bool {
        self.takes_of_any_model(session) && self.takes_model(session.model.as_ref())
    }

    /// Whether a message is asked about, whatever its time: its own model counts, and not the last one
    /// of its session.
    pub(crate) fn takes_message(
        &self,
        session: Option<&SessionKnown>,
        model: Option<&Model>,
    ) -> bool {
        let any = self.takes_all_of_a_model();
        let takes = session.map_or(any, |session| self.takes_of_any_model(session));
        takes && self.takes_model(model)
    }

    fn takes_model(&self, model: Option<&Model>) -> bool {
        self.model.as_deref().is_none_or(|wanted| is_model(model, wanted))
    }

    fn takes_of_any_model(&self, session: &SessionKnown) -> bool {
        let is = |wanted: Option<&str>, found: Option<&str>| {
            wanted.is_none_or(|wanted| found == Some(wanted))
        };
        is(self.agent.as_deref(), session.agent.as_deref())
            && is(self.status.as_deref(), session.status.as_deref())
            && self
                .state
                .is_none_or(|state| session.resume.state(session.last_activity_at) == state)
            && self.project.as_deref().is_none_or(|wanted| is_project(session, wanted))
    }

    /// The time that is asked about.
    pub(crate) fn span(&self) -> Span {
        Span::between(self.since, self.until)
    }

    pub(crate) fn has_time(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    fn takes_any_session(&self) -> bool {
        self.model.is_none() && self.takes_all_of_a_model()
    }

    fn takes_all_of_a_model(&self) -> bool {
        let Self { agent, project, model: _, status, state, since: _, until: _ } = self;
        [agent, project, status].iter().all(|wanted| wanted.is_none()) && state.is_none()
    }
}

/// The sessions that are asked about.
pub(crate) struct Asked<'s> {
    by_id: HashMap<&'s str, &'s SessionKnown>,
    any: bool,
}

impl<'s> Asked<'s> {
    pub fn new(filter: &SessionFilter, sessions: &'s [SessionKnown]) -> Self {
        let asked = sessions.iter().filter(|session| filter.takes(session));
        let by_id = asked.map(|session| (session.session_id.as_str(), session)).collect();
        Self { by_id, any: filter.takes_any_session() }
    }

    /// Whether what belongs to that session is asked about, or to none.
    pub fn contains(&self, session_id: Option<&str>) -> bool {
        self.any || session_id.is_some_and(|id| self.by_id.contains_key(id))
    }

    pub fn session(&self, session_id: &str) -> Option<&'s SessionKnown> {
        self.by_id.get(session_id).copied()
    }

    pub fn sessions(&self) -> impl Iterator<Item = &'s SessionKnown> {
        self.by_id.values().copied()
    }
}

fn is_model(model: Option<&Model>, wanted: &str) -> bool {
    model.is_some_and(|model| {
        model.model_id.as_deref() == Some(wanted) || model.to_string() == wanted
    })
}

fn is_project(session: &SessionKnown, wanted: &str) -> bool {
    let path = session.project_path.as_deref().map(|path| path.trim_end_matches('/'));
    let wanted = wanted.trim_end_matches('/');
    let ends = |path: &str| {
        path == wanted || path.strip_suffix(wanted).is_some_and(|rest| rest.ends_with('/'))
    };
    session.project_name.as_deref() == Some(wanted) || path.is_some_and(ends)
}
