//! The lines of Claude Code's transcripts: real ones of 2.1.328.

use std::collections::BTreeMap;

use domain::{Batch, Cost, ErrorKind, Item, Json, Message, PartKind, Role, Session, SideCall};
use intake::claude::{Transcript, agent_meta};
use serde_json::Value;

use crate::merged::Merged;
use crate::support::{RECEIVED_AT, at};

pub const BASIC: &str = include_str!(
    "../../../../tests/fixtures/captures/claude/basic.transcript/c804c64c-326a-4bd2-936b-b03d63b804ba.jsonl"
);
pub const ERROR: &str = include_str!(
    "../../../../tests/fixtures/captures/claude/error.transcript/967599e3-4387-4fc2-98f9-8aa13d1b6c2a.jsonl"
);
pub const SUBAGENT: &str = include_str!(
    "../../../../tests/fixtures/captures/claude/subagent.transcript/a48631d7-b157-45ef-bd1b-eaf9130f8fce.jsonl"
);
pub const CHILD: &str = include_str!(
    "../../../../tests/fixtures/captures/claude/subagent.transcript/a48631d7-b157-45ef-bd1b-eaf9130f8fce/subagents/agent-ab7d0dd0c00d8c272.jsonl"
);
const META: &[u8] = include_bytes!(
    "../../../../tests/fixtures/captures/claude/subagent.transcript/a48631d7-b157-45ef-bd1b-eaf9130f8fce/subagents/agent-ab7d0dd0c00d8c272.meta.json"
);
/// A session that was resumed, condensed by `/compact`, and resumed again.
pub const RESUMED: &str = include_str!(
    "../../../../tests/fixtures/captures/claude/forked.transcript/14a7fa57-1003-424b-bdef-4942b3ab1e91.jsonl"
);
/// Its fork, which was made before it was condensed.
pub const FORKED: &str = include_str!(
    "../../../../tests/fixtures/captures/claude/forked.transcript/5e0fbcb2-1a69-437d-84e4-70b5cac12d64.jsonl"
);
/// A fork, made with `-p`, of a session that was condensed by `/compact` in the terminal.
pub const COMPACTED: &str = include_str!(
    "../../../../tests/fixtures/captures/claude/compacted.transcript/46c8fba1-6d82-4d2a-abdf-c985353ac9b6.jsonl"
);
/// A fork of the same, made in the terminal, which begins with what it copied: nothing before it bears
/// a time. Its first own prompt is a command for the shell.
const COMPACTED_IN_TERMINAL: &str = include_str!(
    "../../../../tests/fixtures/captures/claude/compacted.transcript/77c69b2e-6400-4bca-9ff1-9740ce154650.jsonl"
);

/// Reads a transcript at once.
pub fn read(text: &str) -> Merged {
    Merged::of(&items(text))
}

/// The items of a transcript that is read at once.
pub fn items(text: &str) -> Vec<Item> {
    let mut batch = Batch::default();
    let mut reader = Transcript::resume(None, at(RECEIVED_AT));
    feed(&mut reader, 0, text, &mut batch);
    reader.finish(&mut batch);
    batch.items
}

/// Reads whole lines, of which the first begins at an offset, and says where they end.
pub fn feed(reader: &mut Transcript, mut offset: u64, text: &str, batch: &mut Batch) -> u64 {
    for line in text.split_inclusive('\n') {
        let read = reader.line(offset, line.trim_end_matches('\n').as_bytes(), batch);
        read.expect("these are lines of a transcript");
        offset += line.len() as u64;
    }
    offset
}

pub fn json(json: Option<&Json>) -> Value {
    json.map_or(Value::Null, |json| serde_json::from_str(json.as_str()).expect("it is JSON"))
}

fn only_session(rows: &Merged) -> &Session {
    assert_eq!(rows.sessions.len(), 1);
    rows.sessions.values().next().expect("there is one")
}

#[test]
fn a_whole_session_is_taken_in() {
    let rows = read(BASIC);
    let expected = [
        ("edits", 2),
        ("events", 21),
        ("file_operations", 2),
        ("messages", 9),
        ("parts", 22),
        ("sessions", 1),
        ("errors", 3),
        ("tool_calls", 10),
    ];
    assert_eq!(rows.counts(), BTreeMap::from(expected));

    let count = |kind| rows.parts.values().filter(|row| row.kind.value() == Some(&kind)).count();
    assert_eq!(
        [count(PartKind::Reasoning), count(PartKind::Text), count(PartKind::Tool)],
        [3, 9, 10]
    );
    let session = only_session(&rows);
    assert_eq!(session.agent.value().map(domain::Agent::as_str), Some("claude-code"));
    assert_eq!(session.agent_version.value().map(String::as_str), Some("2.1.328"));
    assert_eq!(session.project_path.value().map(String::as_str), Some("/home/dev/demo"));
    assert_eq!(session.permission_mode.value().map(String::as_str), Some("default"));
    assert_eq!(session.cost.value().map(Cost::text), Some("0.0468"));
    assert_eq!(session.created_at.0.map(domain::UnixMs::get), Some(1_795_170_343_804));
    assert_eq!(session.last_activity_at.0.map(domain::UnixMs::get), Some(1_795_170_352_306));
    let surroundings = serde_json::json!({ "entrypoint": "sdk-cli", "gitBranch": "main" });
    assert_eq!(json(session.payload.value()), surroundings);
}

#[test]
fn lines_say_the_same_whenever_they_are_read() {
    for text in [BASIC, ERROR, SUBAGENT, CHILD, RESUMED, FORKED, COMPACTED] {
        let mut again = Batch::default();
        let mut reader = Transcript::resume(None, at(RECEIVED_AT + 3_600_000));
        feed(&mut reader, 0, text, &mut again);
        reader.finish(&mut again);
        assert!(again.items == items(text));
    }
}

#[test]
fn tokens_are_what_the_cost_state_line_says() {
    let rows = read(BASIC);
    let answers: Vec<_> =
        rows.messages.values().filter(|row| row.tokens.value().is_some()).collect();
    assert_eq!(answers.len(), 8, "each answer counts once, however many lines it has");
    let sum = |kind: fn(&domain::Tokens) -> Option<i64>| -> i64 {
        answers.iter().filter_map(|row| kind(row.tokens.value()?)).sum()
    };
    assert_eq!(sum(|tokens| tokens.input), 9600);
    assert_eq!(sum(|tokens| tokens.output), 640);
    assert_eq!(sum(|tokens| tokens.cache_read), 8000);
    assert_eq!(sum(|tokens| tokens.cache_write), 1600);
    for answer in answers {
        let model = answer.model.value().and_then(|model| model.model_id.as_deref());
        assert_eq!(model, Some("claude-sonnet-4-5"));
        let prompt = answer.parent_message_id.value().map(String::as_str);
        assert_eq!(prompt, Some("a733eece-eeb8-4e08-acf9-c59ba6193f88"));
        assert!(answer.request_id.value().is_some_and(|id| id.starts_with("req_mock")));
        assert!(answer.finish.value().is_some() && answer.completed_at.value().is_some());
        let payload = serde_json::json!({ "promptCacheRequested": "5m" });
        assert_eq!(json(answer.payload.value()), payload, "nothing that others tell");
    }
}

#[test]
fn texts_and_thoughts_are_kept_to_the_byte() {
    let rows = read(BASIC);
    let parts = &rows.parts;
    let prompt = parts.values().find(|row| row.part_id.as_str() == "prompt").expect("a prompt");
    assert_eq!(prompt.message_id.as_str(), "a733eece-eeb8-4e08-acf9-c59ba6193f88");
    let text = "[[script:basic]] [[cwd:/home/dev/demo]] please do the demo";
    assert_eq!(prompt.text.value().map(String::as_str), Some(text));

    let by_line = |uuid: &str| {
        parts.values().find(|row| row.part_id.as_str() == uuid).expect("a part of that line")
    };
    let thought = by_line("14cfc70c-5038-415b-a2f3-40b535fada3b");
    let text =
        "I will look at the repository first, then write the file and check it. Thinking step one.";
    assert_eq!(thought.reasoning_text.value().map(String::as_str), Some(text));
    assert_eq!(thought.signature.value().map(String::as_str), Some("bW9jay1zaWduYXR1cmU="));
    assert_eq!(json(thought.payload.value())["thinkingDurationMs"], 137);
    let answer = by_line("cf779dfd-05b6-4afe-ae50-42eb2607b1dc");
    let text = "All done.\nThe file says hello mock;\nthe failing command failed as expected.\nThis is the final answer of the mock model.";
    assert_eq!(answer.text.value().map(String::as_str), Some(text));
}

#[test]
fn a_tool_call_is_one_row_of_two_lines() {
    let rows = read(BASIC);
    let calls = &rows.tool_calls;
    let call =
        |id: &str| calls.values().find(|row| row.call_id.as_str().contains(id)).expect("a call");
    let cases = [
        ("mocka4a225", "Bash", "completed", "hi", Some(0)),
        (
            "mocke9c141",
            "Bash",
            "error",
            "Exit code 2\nls: cannot access '/does-not-exist-42': No such file or directory",
            Some(2),
        ),
        ("mock9de179", "Read", "completed", "1\thello mock\n2\t", None),
        (
            "mock179a13",
            "NoSuchTool",
            "error",
            "<tool_use_error>Error: No such tool available: NoSuchTool</tool_use_error>",
            None,
        ),
    ];
    for (id, tool, status, output, exit_code) in cases {
        let row = call(id);
        assert_eq!(row.tool.value().map(String::as_str), Some(tool), "{id}");
        assert_eq!(row.status.value().map(String::as_str), Some(status), "{id}");
        assert_eq!(row.output.value().map(domain::CutText::text), Some(output), "{id}");
        assert_eq!(row.exit_code.value(), exit_code.as_ref(), "{id}");
        let error = row.error.value().map(domain::CutText::text);
        assert_eq!(error, (status == "error").then_some(output), "{id}");
        assert!(row.message_id.value().is_some() && row.part_id.value().is_some(), "{id}");
    }
    let edit = rows.edits.values().next().expect("an edit");
    assert!(edit.message_id.value().is_some(), "the message is known by the open call");
    assert_eq!(edit.path.value().map(String::as_str), Some("/home/dev/demo/hello.txt"));
    let names: Vec<_> = rows.errors.values().map(|row| row.name.value().cloned()).collect();
    assert_eq!(names, ["NoSuchTool", "Read", "Bash"].map(|name| Some(name.to_owned())));
}

#[test]
fn an_error_that_ends_a_turn_goes_by_its_prompt() {
    let rows = read(ERROR);
    let errors: Vec<_> = rows.errors.values().collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].error_id.as_str(), "prompt:4ee3be92-0273-4beb-bacb-798d9d7f38fa");
    assert_eq!(errors[0].kind.value(), Some(&ErrorKind::Api));
    let message = errors[0].message.value().map(domain::CutText::text);
    assert_eq!(message, Some("API Error: 400 mock: bad request"));
    let mut messages = rows.messages.values();
    let answer = messages.find(|row| row.role.value() == Some(&Role::Assistant));
    let answer = answer.expect("the agent's own message");
    assert_eq!((answer.model.value(), answer.tokens.value()), (None, None));
    assert_eq!(json(answer.error.value())["apiErrorStatus"], 400);
    assert_eq!(errors[0].message_id.value(), Some(&answer.message_id));
}

#[test]
fn a_subagent_has_a_session_of_its_own() {
    let parent = "a48631d7-b157-45ef-bd1b-eaf9130f8fce";
    let agent_id = "ab7d0dd0c00d8c272";
    let (mut items, meta) = (items(CHILD), agent_meta(parent, agent_id, META));
    items.extend(meta);
    let rows = Merged::of(&items);
    let only = read(SUBAGENT);
    assert_eq!(only_session(&only).session_id.as_str(), parent);
    let session = only_session(&rows);
    assert_eq!(session.session_id.as_str(), format!("{parent}/{agent_id}"));
    let started_by = session.parent_session_id.value().map(domain::SessionId::as_str);
    assert_eq!(started_by, Some(parent));
    assert_eq!(session.agent_name.value().map(String::as_str), Some("general-purpose"));
    assert_eq!(session.title.value().map(String::as_str), Some("Sub job"));
    let expected =
        [("events", 9), ("messages", 3), ("parts", 5), ("sessions", 1), ("tool_calls", 1)];
    assert_eq!(rows.counts(), BTreeMap::from(expected));
    for json in ["", "[]", "{", "null"] {
        assert_eq!(agent_meta(parent, agent_id, json.as_bytes()), None, "{json}");
    }
    assert_eq!(agent_meta(parent, " ", META), None);
}

#[test]
fn a_resumed_session_is_one_and_a_compaction_goes_by_its_prompt() {
    let rows = read(RESUMED);
    let prompt = "fbbbcc1e-57a8-47e2-b300-f4a8d69488d2";
    let compactions: Vec<_> = rows.compactions.values().collect();
    assert_eq!(compactions.len(), 1);
    assert_eq!(compactions[0].compaction_id.as_str(), format!("prompt:{prompt}"));
    assert_eq!(compactions[0].auto.value(), Some(&false));
    assert_eq!(compactions[0].tokens_before.value(), Some(&2483));
    assert_eq!(compactions[0].tokens_after.value(), Some(&2665));
    let summaries: Vec<_> = rows
        .messages
        .values()
        .filter(|row| row.side_call.value() == Some(&SideCall::Compaction))
        .collect();
    assert_eq!(summaries.len(), 1);
    assert_eq!(summaries[0].message_id.as_str(), "576fdb8e-0065-4aae-b0fd-f4b1e985d162");
    assert_eq!(summaries[0].parent_message_id.value().map(String::as_str), Some(prompt));
    let session = only_session(&rows);
    assert_eq!(session.cost.value().map(Cost::text), Some("0.02925"), "the last one counts");
    let prompts = rows.parts.values().filter(|row| row.part_id.as_str() == "prompt").count();
    assert_eq!(prompts, 4, "three prompts and a command");
    assert!(rows.messages.values().all(|row| row.inherited.value().is_none()));
}

#[test]
fn a_fork_knows_what_it_copied() {
    let rows = read(FORKED);
    let new = "d1e7cf61-fb63-4c9c-b27d-95041428b2bd";
    let messages = rows.messages.values();
    let (copied, own): (Vec<_>, Vec<_>) =
        messages.partition(|row| row.inherited.value() == Some(&true));
    let ids: Vec<_> = own.iter().map(|row| row.message_id.as_str()).collect();
    assert_eq!(ids, [new, "msg_mockb9eac3b05233d10ac32c344d"]);
    assert_eq!(own[1].parent_message_id.value().map(String::as_str), Some(new));
    let ids: Vec<_> = copied.iter().map(|row| row.message_id.as_str()).collect();
    assert_eq!(ids.len(), 4);
    assert!(ids.contains(&"8df9d274-1f8c-4533-8c65-811dab74adae"), "by the line, not the prompt");
    let session = only_session(&rows);
    let created = session.created_at.0.map(domain::UnixMs::get);
    assert_eq!(created, Some(1_795_196_936_779), "not when what was copied was said");
    let texts: Vec<_> = rows
        .parts
        .values()
        .filter(|row| row.message_id.as_str() == new)
        .map(|row| row.generated_at.0.map(domain::UnixMs::get))
        .collect();
    assert_eq!(texts, [Some(1_795_196_936_827)]);
}

/// What was copied of such a session: the summary, an answer before it, the command and what that
/// printed, a prompt and its answer.
#[test]
fn a_fork_of_a_condensed_session_knows_what_it_copied() {
    let from_before = [
        "3e6a1f93-0a33-4e50-ab48-d84dc33ec21a",
        "71637e6a-52a6-43d2-9ef8-ef789583f6fb",
        "7e7f9d8d-1a5d-4128-a96e-1704c5724155",
        "8dd00925-a806-4eda-acf7-6ef4644c075f",
    ];
    let forks = [
        (COMPACTED, vec!["aec7bf2e-38b7-4399-a064-230e57b4b96b"], 1),
        (
            COMPACTED_IN_TERMINAL,
            vec![
                "33d97a93-e444-4fed-bbc1-bf7817ef83e3",
                "68685c91-94d2-4624-b10e-3d839a14ccb3",
                "7e9dd88d-b4e2-4dba-826b-ee791643937b",
            ],
            2,
        ),
    ];
    for (text, prompts, answers) in forks {
        let rows = read(text);
        let compactions: Vec<_> =
            rows.compactions.values().map(|row| row.compaction_id.as_str()).collect();
        assert_eq!(
            compactions,
            ["7746521b-0bed-43ca-b559-7db0b206db6f"],
            "by its line, not the prompt"
        );
        let messages = rows.messages.values();
        let (copied, own): (Vec<_>, Vec<_>) =
            messages.partition(|row| row.inherited.value() == Some(&true));
        let ids = |rows: &[&Message], role| -> Vec<_> {
            let rows = rows.iter().filter(|row| row.role.value() == Some(&role));
            rows.map(|row| row.message_id.as_str().to_owned()).collect()
        };
        assert_eq!(ids(&copied, Role::User), from_before);
        assert_eq!(ids(&copied, Role::Assistant).len(), 2);
        assert_eq!(ids(&own, Role::User), prompts);
        assert_eq!(ids(&own, Role::Assistant).len(), answers);
    }
}

#[test]
fn dumps_and_what_others_tell_are_left_out() {
    for text in [BASIC, ERROR, SUBAGENT, CHILD, RESUMED, FORKED, COMPACTED] {
        for event in read(text).events.values() {
            let name = event.name.value().expect("each has one");
            let left_out =
                ["api-request", "prompt_snapshot", "atis-latch", "last-prompt", "tools-used"];
            assert!(!left_out.iter().any(|part| name.contains(part)) && name != "mode", "{name}");
            let payload = event.payload.value().map_or("", Json::as_str);
            assert!(!payload.contains("rendered"), "{name} holds twice what it holds");
        }
    }
}
