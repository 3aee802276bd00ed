//! Native hook events, in the shapes of shared captures (Claude Code 2.1.328, Codex 0.169.0,
//! Gemini CLI 0.61.0).

use domain::{Agent, Item, Json, Receipts, SessionId, Stamp, UnixMs, Versioned as _};

use crate::support::{
    RECEIVED_AT, at, event_of, found, found_by, found_later, session_of, text_part,
};

const CLAUDE_START: &str = r#"{"session_id": "c804", "transcript_path": "/home/dev/.claude/projects/-home-dev-demo/c804.jsonl", "cwd": "/home/dev/demo", "hook_event_name": "SessionStart", "source": "startup"}"#;
const CLAUDE_DISPLAY: &str = r#"{"session_id": "c804", "transcript_path": "/p/c804.jsonl", "cwd": "/d", "prompt_id": "a733", "hook_event_name": "MessageDisplay", "turn_id": "08f6", "message_id": "5dc2", "index": 0, "final": true, "delta": "First"}"#;
const CODEX_START: &str = r#"{"session_id": "01a1", "transcript_path": "/home/dev/.codex/sessions/2026/11/20/rollout-2026-11-20T10-10-52-01a1.jsonl", "cwd": "/d", "hook_event_name": "SessionStart", "model": "gpt-5.5", "permission_mode": "bypassPermissions", "source": "startup"}"#;
const CODEX_PROMPT: &str = r#"{"session_id": "01a1", "turn_id": "01a2", "transcript_path": null, "cwd": "/d", "hook_event_name": "UserPromptSubmit", "model": "gpt-5.5", "prompt": "hi"}"#;
const GEMINI_START: &str = r#"{"session_id": "25f5", "transcript_path": "/t/session-2026-11-20T10-17-25f5.jsonl", "cwd": "/d", "hook_event_name": "SessionStart", "timestamp": "2026-11-20T10:17:00.393Z", "source": "startup"}"#;
const GEMINI_BEFORE: &str =
    r#"{"session_id": "25f5", "hook_event_name": "BeforeAgent", "prompt": "hi"}"#;

fn only(input: &str) -> Item {
    found(input).only_item()
}

#[test]
fn a_hook_event_is_one_item_kept_whole() {
    let found = found(CLAUDE_START);
    assert_eq!((found.hook_events, found.ends_turn), (1, false));
    let item = found.only_item();
    assert_eq!(item.bytes, CLAUDE_START.len());
    let row = event_of(&item).expect("it is an event");
    assert_eq!(row.name.value().map(String::as_str), Some("SessionStart"));
    assert_eq!(row.session_id.value().map(SessionId::as_str), Some("c804"));
    assert_eq!((row.generated_at.0, row.ordered_at.0), (None, Some(at(RECEIVED_AT))));
    assert_eq!(row.receipts, Receipts::at(at(RECEIVED_AT)));
    let payload = r#"{"cwd":"/home/dev/demo","hook_event_name":"SessionStart","session_id":"c804","source":"startup","transcript_path":"/home/dev/.claude/projects/-home-dev-demo/c804.jsonl"}"#;
    assert_eq!(row.payload.value().map(Json::as_str), Some(payload));
    let session = session_of(&item).expect("it belongs to one");
    let stamp = Stamp { is_final: false, observed_at: at(RECEIVED_AT) };
    assert_eq!(session.agent.stamp(), Some(stamp));
    assert_eq!(session.last_activity_at.0, Some(at(RECEIVED_AT)));
}

#[test]
fn the_agent_is_recognised_unless_the_caller_names_it() {
    let cases = [
        ("claude starts", CLAUDE_START, "claude-code"),
        ("claude shows a message, which has a turn too", CLAUDE_DISPLAY, "claude-code"),
        ("codex starts, without a turn", CODEX_START, "codex"),
        ("codex is asked", CODEX_PROMPT, "codex"),
        ("gemini starts", GEMINI_START, "gemini"),
        ("gemini has words of its own", GEMINI_BEFORE, "gemini"),
        ("nothing tells", r#"{"hook_event_name":"Stop"}"#, "claude-code"),
    ];
    for (name, input, expected) in cases {
        let item = only(input);
        let row = event_of(&item).expect("it is an event");
        assert_eq!(row.agent.value().map(Agent::as_str), Some(expected), "{name}");
        let item = found_by(&mut input.as_bytes(), Some("my-agent")).only_item();
        let row = event_of(&item).expect("it is an event");
        assert_eq!(row.agent.value().map(Agent::as_str), Some("my-agent"), "{name}");
    }
}

#[test]
fn the_same_content_is_one_row_that_says_nothing_new() {
    let other_form = CLAUDE_START.replace(": ", ":").replace("SessionStart", r"Session\u0053tart");
    let later = found_later(other_form, 5).only_item();
    let first = only(CLAUDE_START);
    let (first, later) = (event_of(&first).cloned(), event_of(&later).cloned());
    let (first, later) = first.zip(later).expect("they are events");
    assert_eq!(first.key(), later.key());
    assert!(domain::Join::join(first.clone(), later).says_same(&first));
    let both = found(format!("{CLAUDE_START}\n{CLAUDE_START}"));
    assert_eq!(both.items[0], both.items[1]);
}

#[test]
fn a_time_of_its_own_counts() {
    let cases = [
        ("2026-11-20T10:17:00.393Z", Some(1_795_169_820_393)),
        ("2026-11-20T11:17:00.393+01:00", Some(1_795_169_820_393)),
        ("1969-12-31T23:59:59Z", None),
        ("yesterday", None),
        ("", None),
    ];
    for (timestamp, expected) in cases {
        let item = only(&GEMINI_START.replace("2026-11-20T10:17:00.393Z", timestamp));
        let row = event_of(&item).expect("it is an event");
        assert_eq!(row.generated_at.0.map(UnixMs::get), expected, "{timestamp}");
        assert_eq!(row.ordered_at.0.map(UnixMs::get), expected.or(Some(RECEIVED_AT)));
    }
}

#[test]
fn an_event_without_a_usable_session_is_kept() {
    for session in ["null", "\"\"", "\" \"", "7", "{}"] {
        let item = only(&CLAUDE_START.replacen("\"c804\"", session, 1));
        assert_eq!(item.beside, [], "{session}");
        let row = event_of(&item).expect("it is an event");
        assert_eq!(row.session_id.value(), None, "{session}");
    }
}

#[test]
fn a_subagent_speaks_in_a_session_of_its_own() {
    let cases = [
        (CLAUDE_START, r#""agent_id":"ab7d","agent_type":"general-purpose","#, "c804/ab7d"),
        (CLAUDE_START, r#""agent_id":"ab7d","agent_type":"","#, "c804"),
        (CLAUDE_START, r#""agent_id":"","agent_type":"x","#, "c804"),
        (CLAUDE_START, r#""agent_id":"ab7d","#, "c804"),
        (CODEX_PROMPT, r#""agent_id":"ab7d","agent_type":"x","#, "ab7d"),
        (CODEX_PROMPT, r#""agent_id":"ab7d","#, "ab7d"),
        (CODEX_PROMPT, r#""agent_id":" ","agent_type":"x","#, "01a1"),
        (CODEX_PROMPT, r#""agent_id":"01a1","agent_type":"x","#, "01a1"),
        (GEMINI_BEFORE, r#""agent_id":"ab7d","agent_type":"x","#, "25f5"),
    ];
    for (event, fields, expected) in cases {
        let item = only(&event.replacen('{', &format!("{{{fields}"), 1));
        let session = session_of(&item).expect("it belongs to one");
        assert_eq!(session.session_id.as_str(), expected, "{fields}");
    }
}

#[test]
fn the_end_of_a_turn_or_session_is_told() {
    let cases = [
        (CODEX_START, "SessionEnd", true),
        (CODEX_START, "Stop", true),
        (CODEX_START, "SessionStart", false),
        (GEMINI_START, "SessionEnd", true),
        (GEMINI_START, "AfterAgent", true),
        (GEMINI_START, "Stop", false),
    ];
    for (event, name, ends) in cases {
        let found = found(event.replace("SessionStart", name));
        assert_eq!(found.ends_turn, ends, "{name}");
    }
    for (name, ends) in [("SessionEnd", true), ("Stop", false)] {
        let event = CODEX_START.replace("SessionStart", name);
        let found = found_by(&mut event.as_bytes(), Some("my-agent"));
        assert_eq!(found.ends_turn, ends, "of an agent that is not known: {name}");
    }
}

#[test]
fn half_a_character_is_replaced_with_a_warning() {
    let found = found(CLAUDE_START.replace("startup", r"\ud800"));
    assert_eq!(found.notes(), [("payload", "holds half a character, kept as U+FFFD")]);
    assert_eq!(found.items.len(), 1);
}

#[test]
fn one_that_cannot_be_read_is_kept_as_bytes_and_known_as_a_hook_event() {
    let cases = [
        (CLAUDE_START.replace("\"startup\"", "1e400"), "holds a number that is out of range"),
        (CLAUDE_START.replace("\"startup\"", r#"{"a":1,"a":2}"#), "holds a key twice"),
        (CLAUDE_START.replace("source", "cwd"), "names a key twice"),
    ];
    for (input, reason) in cases {
        let found = found(format!("{}\n{input}", text_part(1)));
        assert_eq!(found.items.len(), 1);
        assert_eq!(found.unreadable.len(), 1);
        assert_eq!(found.unreadable[0].bytes, input.as_bytes());
        assert_eq!(found.unreadable[0].reason, reason);
    }
}

#[test]
fn only_a_string_names_a_hook_event() {
    for name in ["null", "7", "[]"] {
        let found = found(CLAUDE_START.replace("\"SessionStart\"", name));
        assert_eq!(found.hook_events, 0);
        assert_eq!(found.unreadable[0].reason, "has no `type`", "{name}");
    }
}
