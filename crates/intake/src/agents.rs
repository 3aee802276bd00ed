//! The agents that are known by name: one row each.

use domain::{Agent, Batch, UNKNOWN_AGENT};

use crate::hook::Heard;
use crate::json::{Object, text};
use crate::{claude, codex, gemini};

/// What is known of one agent.
struct Row {
    name: &'static str,
    aliases: &'static [&'static str],
    /// `None` where it has no native hook events.
    hooks: Option<Hooks>,
}

/// What is known of an agent's native hook events.
struct Hooks {
    /// Whether one of them looks like this; the first row that says so wins.
    sends: fn(&Object<'_>) -> bool,
    /// What one of them tells.
    batch: fn(Heard<'_>) -> Batch,
}

/// Every agent. Claude Code comes last: its events bear no mark of their own.
const AGENTS: &[Row] = &[
    Row { name: "opencode", aliases: &["open-code"], hooks: None },
    Row {
        name: "gemini",
        aliases: &["gemini-cli"],
        hooks: Some(Hooks { sends: gemini_sends, batch: gemini::batch }),
    },
    Row {
        name: "codex",
        aliases: &["codex-cli"],
        hooks: Some(Hooks { sends: codex_sends, batch: codex::batch }),
    },
    Row {
        name: CLAUDE_CODE,
        aliases: &["claude", "claudecode"],
        hooks: Some(Hooks { sends: |_| true, batch: claude::hook::batch }),
    },
];

/// The agent whose transcripts are read too.
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
    AGENTS.iter().any(|row| row.name == agent.as_str() && row.hooks.is_some())
}

/// The agent that sends native hook events of this shape.
pub(crate) fn sender(event: &Object<'_>) -> Option<Agent> {
    let sends = |row: &&Row| row.hooks.as_ref().is_some_and(|hooks| (hooks.sends)(event));
    Agent::new(AGENTS.iter().find(sends)?.name).ok()
}

/// What an event of that agent tells; of an agent that is not known it is kept whole.
pub(crate) fn batch(agent: &str, heard: Heard<'_>) -> Batch {
    let hooks = AGENTS.iter().find(|row| row.name == agent).and_then(|row| row.hooks.as_ref());
    match hooks {
        Some(hooks) => (hooks.batch)(heard),
        None => heard.whole(),
    }
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
