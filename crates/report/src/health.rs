//! How the record and what is around it are: what `recount doctor` and the settings' page find.

use schemars::JsonSchema;
use serde::Serialize;

/// What was found, and how that is altogether.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Health {
    /// The worst of the findings.
    pub verdict: Verdict,
    /// What each check found.
    pub findings: Vec<Finding>,
}

impl Health {
    /// That of these findings.
    pub fn of(findings: Vec<Finding>) -> Self {
        let verdict = findings.iter().map(|finding| finding.verdict).max();
        Self { verdict: verdict.unwrap_or(Verdict::Good), findings }
    }
}

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nobody has asked for it yet.
    NotSetUp,
    /// As it should be.
    #[serde(rename = "ok")]
    Good,
    /// Something to look at; nothing is lost by it.
    Warning,
    /// Something does not work.
    Failure,
}

impl Verdict {
    /// The words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotSetUp => "not set up",
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
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
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
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
    /// Whether git tells of commits where the program runs.
    Git,
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
    /// The words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::Recount => "recount",
            Self::Settings => "settings",
            Self::Registration => "registration",
            Self::Events => "events",
            Self::Program => "program",
            Self::Canary => "canary",
            Self::LastEvent => "last event",
            Self::Git => "git",
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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

    /// The same with what to do.
    #[must_use]
    pub fn advised(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// The same of an agent.
    #[must_use]
    pub fn of_agent(self, name: &str) -> Self {
        Self { agent: Some(name.to_owned()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_check_has_the_same_words_for_programs_and_people() {
        for check in [Check::Recount, Check::LastEvent, Check::Prices] {
            assert_eq!(json!(check), check.words().replace(' ', "_"));
        }
    }

    #[test]
    fn health_is_as_bad_as_the_worst_finding() {
        let [good, warned] =
            [Finding::good(Check::Log, "found"), Finding::warning(Check::Log, "found")];
        let missing = Finding::not_set_up(Check::Database, "found");
        let cases = [
            (vec![], Verdict::Good),
            (vec![missing.clone()], Verdict::NotSetUp),
            (vec![missing, good.clone()], Verdict::Good),
            (vec![warned, good], Verdict::Warning),
        ];
        for (findings, expected) in cases {
            assert_eq!(Health::of(findings).verdict, expected);
        }
    }
}
