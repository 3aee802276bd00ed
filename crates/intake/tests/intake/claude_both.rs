//! What the hooks of a captured session of Claude Code tell, beside what its transcript tells.

use domain::{Field, Item};
use proptest::prelude::*;

use crate::claude_hook::received;
use crate::claude_lines::items;
use crate::merged::Merged;
use crate::{claude_hook, claude_lines};

/// Hook events, and the transcripts of the session and its subagents.
const SESSIONS: [(&str, &str, &[&str]); 3] = [
    ("basic", claude_hook::BASIC, &[claude_lines::BASIC]),
    ("error", claude_hook::ERROR, &[claude_lines::ERROR]),
    ("subagent", claude_hook::SUBAGENT, &[claude_lines::SUBAGENT, claude_lines::CHILD]),
];

fn hooked(events: &str) -> Vec<Item> {
    received(events).into_iter().flat_map(|found| found.items).collect()
}

fn transcribed(files: &[&str]) -> Vec<Item> {
    files.iter().flat_map(|file| items(file)).collect()
}

/// Fields of which both know a value and do not agree.
macro_rules! differing {
    ($name:expr, $hooks:expr, $lines:expr, $($field:ident),+) => {{
        let (hooks, lines) = ($hooks, $lines);
        let mut differing = Vec::new();
        $(differing.extend(difference($name, stringify!($field), &hooks.$field, &lines.$field));)+
        differing
    }};
}

fn difference<T: PartialEq + std::fmt::Debug>(
    row: &str,
    field: &str,
    hook: &Field<T>,
    line: &Field<T>,
) -> Option<String> {
    let (hook, line) = (hook.value()?, line.value()?);
    (hook != line).then(|| format!("{row} {field}: {hook:?} {line:?}"))
}

#[test]
fn of_what_both_know_hooks_and_lines_say_the_same() {
    for (name, events, files) in SESSIONS {
        let (hooks, lines) = (Merged::of(&hooked(events)), Merged::of(&transcribed(files)));
        let mut differing = Vec::new();
        for (key, call) in &hooks.tool_calls {
            let row = format!("{name} {}", key.1);
            let line = &lines.tool_calls[key];
            differing.extend(differing!(
                &row, call, line, tool, input, output, file_path, exit_code, error
            ));
        }
        for (key, error) in &hooks.errors {
            let row = format!("{name} {}", key.1);
            differing.extend(differing!(
                &row,
                error,
                &lines.errors[key],
                kind,
                name,
                message,
                call_id
            ));
        }
        for (key, message) in &hooks.messages {
            differing.extend(differing!(name, message, &lines.messages[key], role));
        }
        for (key, part) in &hooks.parts {
            differing.extend(differing!(name, part, &lines.parts[key], kind, text));
        }
        for (key, edit) in &hooks.edits {
            let line = &lines.edits[key];
            differing.extend(differing!(name, edit, line, scope, path, operation, diff, call_id));
        }
        for (key, change) in &hooks.file_operations {
            let line = &lines.file_operations[key];
            differing.extend(differing!(name, change, line, path, operation, call_id));
        }
        for (key, session) in &hooks.sessions {
            let line = &lines.sessions[key];
            differing.extend(differing!(
                name,
                session,
                line,
                agent,
                project_path,
                permission_mode,
                parent_session_id,
                agent_name
            ));
        }
        assert_eq!(differing, Vec::<String>::new());
    }
}

#[test]
fn hooks_add_no_row_to_what_a_transcript_tells_but_their_events() {
    for (name, events, files) in SESSIONS {
        let lines = Merged::of(&transcribed(files));
        let mut items = transcribed(files);
        items.extend(hooked(events));
        let both = Merged::of(&items);
        let numbers = |rows: &Merged| {
            [
                rows.sessions.len(),
                rows.messages.len(),
                rows.parts.len(),
                rows.tool_calls.len(),
                rows.errors.len(),
                rows.edits.len(),
                rows.file_operations.len(),
            ]
        };
        assert_eq!(numbers(&both), numbers(&lines), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn hooks_and_lines_in_any_order_and_twice_give_the_same_rows(
        session in prop::sample::select(SESSIONS.to_vec()),
        seed in any::<u64>(),
    ) {
        let (_, events, files) = session;
        let mut items = hooked(events);
        items.extend(transcribed(files));
        let expected = Merged::of(&items);
        let mut twice: Vec<_> = items.iter().chain(&items).collect();
        // A cheap shuffle: each item gets a place that follows from the seed alone.
        let mut state = seed | 1;
        twice.sort_by_cached_key(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 20
        });
        prop_assert_eq!(Merged::of(twice), expected);
    }
}
