//! What a check found.

use crate::failure::Complaint;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nobody has asked for it yet.
    NotSetUp,
    /// As it should be.
    Good,
    /// Something to look at; nothing is lost by it.
    Warning,
    /// Something does not work.
    Failure,
}

impl Verdict {
    /// The word for a person.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotSetUp => "not set up",
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    /// The word for a program.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotSetUp => "not_set_up",
            other @ (Self::Good | Self::Warning | Self::Failure) => other.word(),
        }
    }
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The program that runs.
    Recount,
    /// The settings.
    Settings,
    /// Whether an agent is told to call us, and once.
    Registration,
    /// Whether it is told so for every event.
    Events,
    /// Whether what it is told to call is there.
    Program,
    /// Whether what it calls brings an event into the record.
    Canary,
    /// When it was last heard of.
    LastEvent,
    /// The right to use the database.
    Lease,
    /// The database, and its schema.
    Database,
    /// Whether each page of it can be read.
    Pages,
    /// What waits beside it.
    Spool,
    /// What agents write down themselves, where events spoke of it.
    Transcripts,
    /// What plugins could not hand over.
    Outbox,
    /// What could not be read.
    Quarantine,
    /// What could not be taken in.
    Rejects,
    /// What hooks had to say.
    Log,
    /// Whether models have prices.
    Prices,
}

impl Check {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recount => "recount",
            Self::Settings => "settings",
            Self::Registration => "registration",
            Self::Events => "events",
            Self::Program => "program",
            Self::Canary => "canary",
            Self::LastEvent => "last_event",
            Self::Lease => "lease",
            Self::Database => "database",
            Self::Pages => "pages",
            Self::Spool => "spool",
            Self::Transcripts => "transcripts",
            Self::Outbox => "outbox",
            Self::Quarantine => "quarantine",
            Self::Rejects => "rejects",
            Self::Log => "log",
            Self::Prices => "prices",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// Of which agent, by its name in the record.
    pub agent: Option<String>,
    /// How it is.
    pub verdict: Verdict,
    /// What is there.
    pub found: String,
    /// What to do.
    pub advice: Option<String>,
}

impl Finding {
    /// Something that is as it should be.
    pub fn good(check: Check, found: impl Into<String>) -> Self {
        Self { check, agent: None, verdict: Verdict::Good, found: found.into(), advice: None }
    }

    /// Something that nobody has asked for yet.
    pub fn not_set_up(check: Check, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::NotSetUp, ..Self::good(check, found) }
    }

    /// Something to look at.
    pub fn warning(check: Check, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warning, ..Self::good(check, found) }
    }

    /// Something that does not work.
    pub fn failure(check: Check, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failure, ..Self::good(check, found) }
    }

    /// A failure in the words of the command that would fail.
    pub fn of_complaint(check: Check, Complaint { message, hint }: Complaint) -> Self {
        Self { advice: hint, ..Self::failure(check, message) }
    }

    /// The same with what to do.
    pub fn advised(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// The same of an agent.
    pub fn of_agent(self, name: &str) -> Self {
        Self { agent: Some(name.to_owned()), ..self }
    }
}
