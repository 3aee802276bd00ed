//! Which events of Gemini CLI (0.61.0) are registered, and what is called for them.

use jsonc_parser::ast::Object;
use serde_json::{Value, json};

use crate::command::setup::hooks::{Kind, line};

/// What it is called in the record.
pub const NAME: &str = "gemini";

/// Those that tell of a session. Not `AfterModel`, which comes for every piece of an answer and repeats
/// the whole request, nor `PreCompress`, which comes before every call of the model.
pub const EVENTS: [&str; 4] = ["SessionStart", "BeforeAgent", "AfterAgent", "SessionEnd"];

/// Gemini CLI takes comments away before it reads its settings.
pub const KIND: Kind = Kind { comments: true, is_ours };

fn is_ours(hook: &Object<'_>) -> bool {
    line::calls(hook, NAME)
}

/// Longer than a hook takes by its own bounds; Gemini CLI counts in milliseconds.
const TIMEOUT_MS: u32 = 15_000;

/// What is called for an event.
pub fn hook(program: &str, database: Option<&str>) -> Value {
    json!({
        "type": "command",
        "name": "recount",
        "command": line::line(NAME, program, database),
        "timeout": TIMEOUT_MS,
    })
}
