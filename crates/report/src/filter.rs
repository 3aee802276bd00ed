//! Which sessions a question is about.

use std::collections::HashMap;

use domain::{Model, ResumeState, UnixMs};
use store::query::{
    sessions_known::SessionKnown, sessions_of_file::sessions_of_file, usage_sums::Span,
};

use crate::{ReportError, Source, opening::opening_of_untitled, words::Words};

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
    /// Those whose title, else what was said first, id, project or its path hold each of these words, in
    /// whatever case.
    pub text: Option<String>,
    /// Those that changed the file of this path, or one whose path ends in it.
    pub file: Option<String>,
    /// What came into being from this time on.
    pub since: Option<UnixMs>,
    /// What came into being before this time.
    pub until: Option<UnixMs>,
}

impl SessionFilter {
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
        let Self { agent, project, model: _, status, state, text, file, since: _, until: _ } = self;
        let words = [agent, project, status, text, file];
        words.iter().all(|wanted| wanted.is_none()) && state.is_none()
    }
}

/// The sessions that are asked about.
pub(crate) struct Asked<'s> {
    filter: &'s SessionFilter,
    /// Those that would be if no model was asked for.
    of_any_model: HashMap<&'s str, &'s SessionKnown>,
}

impl<'s> Asked<'s> {
    /// Those of these sessions.
    ///
    /// # Errors
    /// The store failed.
    pub fn new(
        source: &Source<'_>,
        filter: &'s SessionFilter,
        sessions: &'s [SessionKnown],
    ) -> Result<Self, ReportError> {
        let changed = filter.file.as_deref().map(|path| sessions_of_file(source.holder, path));
        let changed = changed.transpose()?;
        let words = filter.text.as_deref().map(Words::of);
        let is_asked = |session: &&SessionKnown| {
            filter.takes_of_any_model(session)
                && changed.as_ref().is_none_or(|changed| changed.contains(&session.session_id))
        };
        let mut of_any_model = HashMap::new();
        for session in sessions.iter().filter(is_asked) {
            let is_meant = match &words {
                Some(words) => is_called(source, session, words)?,
                None => true,
            };
            if is_meant {
                of_any_model.insert(session.session_id.as_str(), session);
            }
        }
        Ok(Self { filter, of_any_model })
    }

    /// Whether what belongs to that session is asked about, or to none.
    pub fn contains(&self, session_id: Option<&str>) -> bool {
        self.filter.takes_any_session() || session_id.is_some_and(|id| self.session(id).is_some())
    }

    /// Whether a message of that session is asked about: its own model counts, and not the last one of its
    /// session.
    pub fn contains_message(&self, session_id: &str, model: Option<&Model>) -> bool {
        let any = self.filter.takes_all_of_a_model();
        (any || self.of_any_model.contains_key(session_id)) && self.filter.takes_model(model)
    }

    pub fn session(&self, session_id: &str) -> Option<&'s SessionKnown> {
        let session = self.of_any_model.get(session_id).copied();
        session.filter(|session| self.filter.takes_model(session.model.as_ref()))
    }

    pub fn sessions(&self) -> impl Iterator<Item = &'s SessionKnown> {
        let sessions = self.of_any_model.values().copied();
        sessions.filter(|session| self.filter.takes_model(session.model.as_ref()))
    }
}

/// Whether a session is called by these words; one without a title is by what was said first.
fn is_called(
    source: &Source<'_>,
    session: &SessionKnown,
    words: &Words,
) -> Result<bool, ReportError> {
    let SessionKnown { session_id, title, project_name, project_path, .. } = session;
    let names = [Some(session_id), title.as_ref(), project_name.as_ref(), project_path.as_ref()];
    if words.are_in(names.into_iter().flatten()) {
        return Ok(true);
    }
    let opening = opening_of_untitled(source, session_id, title.as_ref())?;
    Ok(words.are_in(names.into_iter().flatten().chain(&opening)))
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
