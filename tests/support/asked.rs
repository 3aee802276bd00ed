//! Everything that can be asked, by a command and by a path, from the program's own tables.

use report::{QUESTIONS, overall::OVERALL_QUESTIONS, usage::By};
use serde_json::Value;

use super::TestEnvironment;

/// One answer that can be asked for.
#[derive(Debug)]
pub struct Asked {
    /// The words after `recount`.
    pub command: String,
    /// The path with its parameters.
    pub path: String,
    /// The path as the document for programs has it.
    pub route: &'static str,
    /// Which session it is about, if about one.
    pub session: Option<String>,
}

impl Asked {
    /// What the question is called, as a file may be.
    pub fn name(&self) -> String {
        let words = self.command.split(' ');
        let is_asked = |word: &&str| Some(*word) != self.session.as_deref();
        let words = words.filter(is_asked).filter(|word| !word.starts_with("--"));
        words.collect::<Vec<_>>().join("-")
    }
}

/// The ids of all sessions of a record, in their own order.
pub fn sessions(environment: &TestEnvironment) -> Vec<String> {
    let list = environment.run(["session", "list", "--subagents", "--format", "json"]).output();
    let list: Value = serde_json::from_str(&list).expect("a JSON value");
    let ids = list["details"].as_array().expect("a list").iter();
    let mut ids: Vec<_> =
        ids.map(|session| session["session_id"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

/// Every question, those about one session asked about each of these.
pub fn asked(sessions: &[String]) -> Vec<Asked> {
    let whole = ("session show", "/api/session/{id}");
    let of_session = QUESTIONS.iter().map(|(_, question)| (question.command, question.route));
    let mut asked = Vec::new();
    for (command, route) in [whole].into_iter().chain(of_session) {
        for session in sessions {
            asked.push(Asked {
                command: format!("{command} {session}"),
                path: route.replace("{id}", &session.replace('/', "%2F")),
                route,
                session: Some(session.clone()),
            });
        }
    }
    let overall = |command: &str, path: &str, route| Asked {
        command: command.to_owned(),
        path: path.to_owned(),
        route,
        session: None,
    };
    let listed = "/api/sessions";
    asked.push(overall("session list --subagents", &format!("{listed}?subagents=true"), listed));
    for (_, question) in OVERALL_QUESTIONS {
        asked.push(overall(question.command, question.route, question.route));
    }
    for by in By::ALL {
        let (by, route) = (by.as_str(), "/api/usage/{by}");
        asked.push(overall(&format!("usage {}", word(by)), &route.replace("{by}", by), route));
    }
    asked
}

/// What the command calls that by which sums are made.
pub fn word(by: &str) -> &str {
    match by {
        "day" => "daily",
        "week" => "weekly",
        "month" => "monthly",
        other => other,
    }
}

/// The words behind `session` by which each question about one session is asked.
pub fn session_questions() -> Vec<&'static str> {
    QUESTIONS.iter().filter_map(|(_, asked)| asked.command.strip_prefix("session ")).collect()
}

/// The words behind `stats` by which each question about all sessions is asked.
pub fn stats_questions() -> Vec<&'static str> {
    let questions = OVERALL_QUESTIONS.iter();
    questions.filter_map(|(_, asked)| asked.command.strip_prefix("stats ")).collect()
}
