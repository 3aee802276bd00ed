//! All questions, each with the words and the path by which it is asked: one table for the terminal,
//! for HTTP and for the tests that hold both to it.

use domain::SessionId;
use schemars::{Schema, SchemaGenerator};

use crate::session::{
    commits, compactions, cost, errors, files, git_history, messages, reasoning, steps, tokens,
    tools, tree,
};

/// How a question is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The words after `recount`.
    pub command: &'static str,
    /// The path, with the session as `{id}`.
    pub route: &'static str,
    /// What the answer tells.
    pub about: &'static str,
    /// The JSON Schema of the answer.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Declares questions of one kind: the questions, their answers, and the table of both.
macro_rules! questions {
    (
        $(#[doc = $kind_about:literal])* $kind:ident of $subject:ty;
        $answers:ident in $table:ident:
        $($(#[doc = $about:literal])* $name:ident: $answer:ty = $ask:path, $command:literal, $route:literal;)+
    ) => {
        $(#[doc = $kind_about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind { $($(#[doc = $about])* $name,)+ }

        /// What was found.
        #[derive(Clone, Debug, serde::Serialize)]
        #[serde(untagged)]
        #[expect(missing_docs, reason = "each variant is the answer of its name")]
        pub enum $answers { $($name(Box<$answer>),)+ }

        /// Every one of these questions.
        pub const $table: &[($kind, $crate::Question)] = &[$((
            $kind::$name,
            $crate::Question {
                command: $command,
                route: $route,
                about: concat!($($about),*),
                schema: <$answer as schemars::JsonSchema>::json_schema,
            },
        ),)+];

        impl $kind {
            /// Asks it.
            ///
            /// # Errors
            /// What it is about is not known, or the store failed.
            pub fn ask(
                self,
                source: &$crate::Source<'_>,
                subject: &$subject,
            ) -> Result<$answers, $crate::ReportError> {
                Ok(match self { $(Self::$name => $answers::$name(Box::new($ask(source, subject)?)),)+ })
            }
        }
    };
}

pub(crate) use questions;

questions! {
    /// A question about one session.
    SessionQuestion of SessionId;
    Answer in QUESTIONS:
    /// What was said, message by message, with parts and tool calls
    Messages: messages::Messages = messages::messages, "session messages", "/api/session/{id}/messages";
    /// What the agent thought, with signatures and times
    Reasoning: reasoning::Reasoning = reasoning::reasoning, "session reasoning", "/api/session/{id}/reasoning";
    /// The model's steps, with tokens, cost and snapshot
    Steps: steps::Steps = steps::steps, "session steps", "/api/session/{id}/steps";
    /// Which files changed between the agent's own snapshots
    GitHistory: git_history::GitHistory = git_history::git_history, "session git-history", "/api/session/{id}/git-history";
    /// What it cost, from the finest figures there are, beside the agent's own
    PreciseCost: cost::PreciseCost = cost::cost, "session cost", "/api/session/{id}/precise-cost";
    /// What fills the conversation: system, user, assistant, tools and reasoning, in tokens
    Tokens: tokens::Breakdown = tokens::tokens, "session tokens", "/api/session/{id}/tokens";
    /// Which tools were called, and how that went
    Tools: tools::Tools = tools::tools, "session tools", "/api/session/{id}/tools";
    /// Which files the agent changed
    Files: files::Files = files::files, "session files", "/api/session/{id}/files";
    /// Which commits it wrote lines of
    Commits: commits::Commits = commits::commits, "session commits", "/api/session/{id}/commits";
    /// What went wrong
    Errors: errors::Errors = errors::errors, "session errors", "/api/session/{id}/errors";
    /// How often it was condensed, and by how much
    Compactions: compactions::Condensed = compactions::compactions, "session compactions", "/api/session/{id}/compactions";
    /// The session with its subagents
    Tree: tree::Tree = tree::tree, "session tree", "/api/session/{id}/tree";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::overall::OVERALL_QUESTIONS;

    #[test]
    fn every_question_has_words_a_path_and_a_schema_of_its_own() {
        let of_session = || QUESTIONS.iter().map(|(_, question)| question);
        let overall = || OVERALL_QUESTIONS.iter().map(|(_, question)| question);
        let all = || of_session().chain(overall());
        let commands: BTreeSet<_> = all().map(|question| question.command).collect();
        let routes: BTreeSet<_> = all().map(|question| question.route).collect();
        assert_eq!((commands.len(), routes.len()), (all().count(), all().count()));
        for question in of_session() {
            assert!(question.route.starts_with("/api/session/{id}/"), "{}", question.route);
        }
        for question in overall() {
            assert!(question.command.starts_with("stats "), "{}", question.command);
            assert!(question.route.starts_with("/api/"), "{}", question.route);
        }
        for question in all() {
            let schema = (question.schema)(&mut SchemaGenerator::default());
            let properties = schema.get("properties").expect("an object");
            for key in ["meta", "summary", "details"] {
                assert!(properties.get(key).is_some(), "{} has no {key}", question.command);
            }
        }
    }
}
