//! The questions about all sessions, each with its words and its path.

use super::{
    Scope, activity, agents, attribution, compactions, errors, facets, files, sessions, summary,
    tokens, tool_cost, tools,
};
use crate::questions::questions;

questions! {
    /// A question about all sessions.
    OverallQuestion of Scope;
    OverallAnswer in OVERALL_QUESTIONS:
    /// All of it in a few figures, beside those of as long a time before
    Summary: summary::Summary = summary::summary, "stats summary", "/api/analytics/summary";
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
    /// When work is done: by day of the week and hour
    Activity: activity::Activity = activity::activity, "stats activity", "/api/analytics/activity";
    /// What fills the conversations of the last 100 sessions: system, user, assistant, tools and reasoning
    Tokens: tokens::Tokens = tokens::tokens, "stats tokens", "/api/analytics/tokens";
    /// How much of what was committed each contributor, agent and model added
    Attribution: attribution::Attribution = attribution::attribution, "stats attribution", "/api/stats/attribution";
    /// By what sessions can be narrowed down: agents, projects and models
    Facets: facets::Facets = facets::facets, "stats facets", "/api/facets";
}
