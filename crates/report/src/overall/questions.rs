//! The questions about all sessions, each with its words and its path.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Scope, agents, compactions, errors, files, sessions, tool_cost, tools};
use crate::{Question, ReportError, Source};

macro_rules! overall_questions {
    ($($(#[doc = $about:literal])* $name:ident: $answer:ty = $ask:path, $command:literal, $route:literal;)+) => {
        /// A question about all sessions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum OverallQuestion { $($(#[doc = $about])* $name,)+ }

        /// What was found.
        #[derive(Clone, Debug, Serialize)]
        #[serde(untagged)]
        #[expect(missing_docs, reason = "each variant is the answer of its name")]
        pub enum OverallAnswer { $($name(Box<$answer>),)+ }

        /// Every question about all sessions.
        pub const OVERALL_QUESTIONS: &[(OverallQuestion, Question)] = &[$((
            OverallQuestion::$name,
            Question {
                command: $command,
                route: $route,
                about: concat!($($about),*),
                schema: <$answer as JsonSchema>::json_schema,
            },
        ),)+];

        impl OverallQuestion {
            /// Asks it.
            ///
            /// # Errors
            /// The store failed.
            pub fn ask(self, source: &Source<'_>, scope: &Scope) -> Result<OverallAnswer, ReportError> {
                Ok(match self { $(Self::$name => OverallAnswer::$name(Box::new($ask(source, scope)?)),)+ })
            }
        }
    };
}

overall_questions! {
    /// Which files were changed most often
    Files: files::HotFiles = files::files, "stats files", "/api/files/hot";
    /// How often each tool was called, failed, and how long it took
    Tools: tools::ToolStats = tools::tools, "stats tools", "/api/stats/tools";
    /// What the last 100 calls of each tool took, estimated by the messages that made them
    ToolCost: tool_cost::ToolCosts = tool_cost::tool_cost, "stats tool-cost", "/api/tools/cost_stats";
    /// What went wrong on each day
    Errors: errors::ErrorDays = errors::errors, "stats errors", "/api/stats/errors";
    /// How often conversations were condensed, and by how much
    Compactions: compactions::Compactions = compactions::compactions, "stats compactions", "/api/stats/compactions";
    /// The busiest sessions
    Sessions: sessions::BusySessions = sessions::sessions, "stats sessions", "/api/stats/sessions";
    /// The sessions of each agent, with their length and what they took
    Agents: agents::AgentStats = agents::agents, "stats agents", "/api/stats/agents";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use schemars::SchemaGenerator;

    use super::*;

    #[test]
    fn every_question_about_all_sessions_has_words_a_path_and_a_schema_of_its_own() {
        let questions = || OVERALL_QUESTIONS.iter().map(|(_, question)| question);
        let commands: BTreeSet<_> = questions().map(|question| question.command).collect();
        let routes: BTreeSet<_> = questions().map(|question| question.route).collect();
        assert_eq!((commands.len(), routes.len()), (OVERALL_QUESTIONS.len(), questions().count()));
        for question in questions() {
            assert!(question.command.starts_with("stats "), "{}", question.command);
            assert!(question.route.starts_with("/api/"), "{}", question.route);
            let schema = (question.schema)(&mut SchemaGenerator::default());
            let properties = schema.get("properties").expect("an object");
            for key in ["meta", "summary", "details"] {
                assert!(properties.get(key).is_some(), "{} has no {key}", question.command);
            }
        }
    }
}
