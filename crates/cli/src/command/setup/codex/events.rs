//! Which events of Codex (0.169.0) are registered, and what is called for them.

use jsonc_parser::ast::Object;
use serde_json::{Value, json};

use crate::command::setup::hooks::{Kind, line};

/// What it is called in the record.
pub const NAME: &str = "codex";

/// Those that tell of a session and of what is said in it. Not `PreModelRequest`, which tells of
/// neither and holds up every call of the model.
pub const EVENTS: [&str; 6] =
    ["SessionStart", "UserPromptSubmit", "SubagentStart", "SubagentStop", "Stop", SESSION_END];

/// The one that Codex waits no longer for than this, whatever is asked of it.
const SESSION_END: &str = "SessionEnd";
const SESSION_END_SECONDS: u32 = 3;

pub const KIND: Kind = Kind { comments: false, is_ours };

fn is_ours(hook: &Object<'_>) -> bool {
    line::calls(hook, NAME)
}

/// Longer than a hook takes by its own bounds.
const TIMEOUT_SECONDS: u32 = 15;

/// What is called.
pub fn command(program: &str, database: Option<&str>) -> String {
    line::line(NAME, program, database)
}

/// How it is called for an event.
pub fn hook(event: &str, command: &str) -> Value {
    let timeout = if event == SESSION_END { SESSION_END_SECONDS } else { TIMEOUT_SECONDS };
    json!({ "type": "command", "command": command, "timeout": timeout })
}
