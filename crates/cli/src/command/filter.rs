//! Which sessions and which time a command is about.

use clap::{Args, ValueEnum};
use domain::{ResumeState, UnixMs};
use jiff::tz::TimeZone;
use report::SessionFilter;

use super::time;
use crate::failure::Failure;

/// What is left out.
#[derive(Debug, Args)]
pub struct FilterArguments {
    /// Only what this agent did
    #[arg(long, value_name = "NAME", visible_alias = "provider")]
    agent: Option<String>,

    /// Only what was done in this project: its name, its folder or the end of its path
    #[arg(long, value_name = "NAME|PATH")]
    project: Option<String>,

    /// Only what is of this model: messages of it, and sessions whose last answer is
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Only sessions that are so, in their agent's own word, and what was done in them
    #[arg(long, value_name = "WORD")]
    status: Option<String>,

    /// Only sessions that can be resumed, or not, as it was looked up, and what was done in them
    #[arg(long, value_name = "STATE")]
    state: Option<State>,

    /// Only sessions whose title, first words, id or project holds each of these words, and what was done in them
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,

    /// Only sessions that changed this file, by its path or the end of it, and what was done in them
    #[arg(long, value_name = "PATH")]
    file: Option<String>,

    /// From this day or time on, or from so long ago on: `2026-11-20`, `7d`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// To the end of this day, or before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,

    /// The time zone of days [default: this machine's]
    #[arg(long, value_name = "NAME")]
    timezone: Option<String>,
}

impl FilterArguments {
    /// What is asked about, and the time zone of days.
    ///
    /// # Errors
    /// A time or a time zone is none.
    pub fn read(&self, now: UnixMs) -> Result<(SessionFilter, TimeZone), Failure> {
        let zone = time::zone(self.timezone.as_deref())?;
        let since = self.since.as_deref().map(|text| time::since(text, now, &zone));
        let until = self.until.as_deref().map(|text| time::until(text, now, &zone));
        let filter = SessionFilter {
            agent: self.agent.as_deref().map(agent),
            project: self.project.clone(),
            model: self.model.clone(),
            status: self.status.clone(),
            state: self.state.map(State::resume_state),
            text: self.text.clone(),
            file: self.file.clone(),
            since: since.transpose()?,
            until: until.transpose()?,
        };
        Ok((filter, zone))
    }
}

/// What the record calls an agent that people call so.
fn agent(name: &str) -> String {
    let known = intake::agent_named(name);
    known.map_or_else(|| name.to_owned(), |agent| agent.as_str().to_owned())
}

/// Whether a session can be resumed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    /// Its agent has it
    Active,
    /// Its agent does not have it, and keeps none for as long
    Expired,
    /// Its agent does not have it, or cannot have given it that id
    Invalid,
    /// That cannot be told, or `session list --check` has not looked
    Unknown,
}

impl State {
    fn resume_state(self) -> ResumeState {
        match self {
            Self::Active => ResumeState::Active,
            Self::Expired => ResumeState::Expired,
            Self::Invalid => ResumeState::Invalid,
            Self::Unknown => ResumeState::Unknown,
        }
    }
}
