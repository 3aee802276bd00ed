//! The agents that are known by name: one row each.

use domain::{Agent, UNKNOWN_AGENT};

use crate::json::{Object, text};

/// What is known of one agent.
struct Row {
    name: &'static str,
    aliases: &'static [&'static str],
    /// Whether one of its native hook events looks like this; the first row that says so wins. `None`
    /// where it has none.
    sends: Option<fn(&Object<'_>) -> bool>,
}

/// Every agent. Claude Code comes last: its events bear no mark of their own.
const AGENTS: &[Row] = &[
    Row { name: "opencode", aliases: &["open-code"], sends: None },
    Row { name: "gemini", aliases: &["gemini-cli"], sends: Some(gemini_sends) },
    Row { name: "codex", aliases: &["codex-cli"], sends: Some(codex_sends) },
    Row { name: CLAUDE_CODE, aliases: &["claude", "claudecode"], sends: Some(|_| true) },
];

/// The agent whose subagents speak under the session of their parent.
pub(crate) const CLAUDE_CODE: &str = "claude-code";

/// Events that only Gemini CLI has (0.61.0, docs/hooks/reference.md).
const GEMINI_EVENTS: &[&str] = &[
    "BeforeAgent",
    "AfterAgent",
    "BeforeModel",
    "AfterModel",
    "BeforeToolSelection",
    "BeforeTool",
    "AfterTool",
    "PreCompress",
];

/// The agent of that name or alias, whatever its case; a name that is not in the table is kept as
/// it came. `None` for white space and for `unknown`, which say nothing.
pub fn agent_named(text: &str) -> Option<Agent> {
    let name = text.trim();
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    if is(UNKNOWN_AGENT) {
        return None;
    }
    let row = AGENTS.iter().find(|row| is(row.name) || row.aliases.iter().any(|alias| is(alias)));
    Agent::new(row.map_or(text, |row| row.name)).ok()
}

/// Whether an agent has native hook events, whose standard output it may feed to its model.
pub fn has_hooks(agent: &Agent) -> bool {
    AGENTS.iter().any(|row| row.name == agent.as_str() && row.sends.is_some())
}

/// The agent that sends native hook events of this shape.
pub(crate) fn sender(event: &Object<'_>) -> Option<Agent> {
    let row = AGENTS.iter().find(|row| row.sends.is_some_and(|sends| sends(event)))?;
    Agent::new(row.name).ok()
}

/// Gemini CLI 0.61.0 gives each event a time; Claude Code 2.1 and Codex 0.169 do not.
fn gemini_sends(event: &Object<'_>) -> bool {
    event.contains_key("timestamp")
        || text(event, "hook_event_name").is_some_and(|name| GEMINI_EVENTS.contains(&name))
}

/// Codex 0.169 names its transcripts `rollout-…`. Most of its events bear a `turn_id`, and so do
/// some of Claude Code 2.1, but those bear a `prompt_id` too.
fn codex_sends(event: &Object<'_>) -> bool {
    let transcript =
        text(event, "transcript_path").and_then(|path| path.rsplit(['/', '\\']).next());
    transcript.is_some_and(|name| name.starts_with("rollout-"))
        || (event.contains_key("turn_id") && !event.contains_key("prompt_id"))
}
