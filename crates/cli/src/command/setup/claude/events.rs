//! Which events of Claude Code are registered, and what is called for them.
//!
//! The reasons stand in `plugins/claude-code/README.md`; the plugin's own list is compared with this
//! one by a test.

use jsonc_parser::ast::{Object, Value};
use serde_json::json;

use crate::command::setup::hooks::Kind;

/// What Claude Code 2.1.328 tells of, but for what would change what it does: `MessageDisplay`,
/// `WorktreeCreate`, `WorktreeRemove` and `FileChanged`.
pub const EVENTS: [&str; 29] = [
    "SessionStart",
    "Setup",
    "UserPromptSubmit",
    "UserPromptExpansion",
    "InstructionsLoaded",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "PermissionRequest",
    "PermissionDenied",
    "SubagentStart",
    "SubagentStop",
    "TaskCreated",
    "TaskCompleted",
    "TeammateIdle",
    "Notification",
    "Elicitation",
    "ElicitationResult",
    "PreCompact",
    "PostCompact",
    "PreModelSwitch",
    "PostModelSwitch",
    "ConfigChange",
    "CwdChanged",
    "DirectoryAdded",
    "Stop",
    "StopFailure",
    "SessionEnd",
];

/// The one that Claude Code does not wait for, whatever is asked of it.
const UNAWAITED: &str = "StopFailure";

/// How every hook of ours is told from others.
pub const ARGUMENTS: [&str; 4] = ["hooks", "conversation-trace", "--agent", "claude-code"];

/// Claude Code 2.1.328 reads none of a file with comments or a comma too many.
pub const KIND: Kind = Kind { comments: false, is_ours };

fn is_ours(hook: &Object<'_>) -> bool {
    let Some(arguments) = hook.get_array("args") else { return false };
    let texts = arguments.elements.iter().map_while(Value::as_string_lit);
    texts.take(ARGUMENTS.len()).map(|text| &*text.value).eq(ARGUMENTS)
}

/// Longer than a hook takes by its own bounds: 10 s until its input has to have come, 0.25 s for
/// draining, and 2 s more for a call that hangs. It raises the 1.5 s that all hooks of `SessionEnd`
/// have together.
const TIMEOUT_SECONDS: u32 = 15;

/// What is called for an event, in the form without a shell.
pub fn hook(event: &str, program: &str, database: Option<&str>) -> serde_json::Value {
    let database = database.into_iter().flat_map(|database| ["--database", database]);
    let arguments: Vec<&str> = ARGUMENTS.into_iter().chain(database).collect();
    let mut hook = json!({
        "type": "command",
        "command": program,
        "args": arguments,
        "timeout": TIMEOUT_SECONDS,
    });
    if event == UNAWAITED {
        hook["async"] = true.into();
    }
    hook
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const PLUGIN: &str = include_str!("../../../../../../plugins/claude-code/hooks/hooks.json");
    const MANIFEST: &str =
        include_str!("../../../../../../plugins/claude-code/.claude-plugin/plugin.json");
    const README: &str = include_str!("../../../../../../plugins/claude-code/README.md");

    fn json(text: &str) -> serde_json::Value {
        serde_json::from_str(text).expect("the plugin's files are JSON")
    }

    #[test]
    fn the_plugin_registers_the_same_and_finds_the_program_by_its_name() {
        let plugin = json(PLUGIN);
        let registered = plugin["hooks"].as_object().expect("an object");
        let expected = EVENTS
            .map(|event| (event.to_owned(), json!([{ "hooks": [hook(event, "recount", None)] }])));
        assert_eq!(registered.clone().into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(json(MANIFEST)["version"], env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn the_readme_of_the_plugin_has_each_event_once() {
        let cells = README.lines().filter(|line| line.starts_with("| `"));
        let cells = cells.filter_map(|line| line.split('|').nth(1));
        let events =
            cells.flat_map(|cell| cell.split(", ").map(|name| name.trim().trim_matches('`')));
        let named: Vec<&str> = events.collect();
        let unregistered = ["MessageDisplay", "WorktreeCreate", "WorktreeRemove", "FileChanged"];
        let all: BTreeSet<&str> = EVENTS.into_iter().chain(unregistered).collect();
        assert_eq!((named.len(), all.len()), (33, 33));
        assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), all);
    }
}
