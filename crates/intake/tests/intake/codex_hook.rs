//! The hook events of Codex 0.169.0, as captured, and what each gives beside itself.

use std::collections::BTreeSet;

use domain::{Agent, Earliest, Field, Model, Role, SessionId, UnixMs};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::merged::Merged;
use crate::support::{Found, RECEIVED_AT, at, event_of, found, found_later, message_of};

const BASIC: &str = include_str!("../../../../tests/fixtures/captures/codex/basic.jsonl");
/// The same session as Codex itself has written it down: its turn and the items in it.
const ROLLOUT: &str = include_str!("../../../../tests/fixtures/captures/codex/basic.rollout.jsonl");
const SUBAGENT: &str = include_str!("../../../../tests/fixtures/captures/codex/subagent.jsonl");
const CAPTURES: [(&str, &str); 4] = [
    ("basic", BASIC),
    ("error", include_str!("../../../../tests/fixtures/captures/codex/error.jsonl")),
    ("short", include_str!("../../../../tests/fixtures/captures/codex/short.jsonl")),
    ("subagent", SUBAGENT),
];

/// An event of the session `s`, with what is its own.
fn event(name: &str, own: Value) -> String {
    let mut event = json!({
        "session_id": "s", "turn_id": "t", "transcript_path": "/h/rollout-s.jsonl", "cwd": "/d",
        "hook_event_name": name, "model": "gpt-5.5", "permission_mode": "default",
    });
    let Value::Object(own) = own else { panic!("an object") };
    event.as_object_mut().expect("an object").extend(own);
    event.to_string()
}

fn text<T: AsRef<str>>(field: &Field<T>) -> Option<&str> {
    field.value().map(AsRef::as_ref)
}

/// Each event of a capture, received a second after the one before it.
fn received(capture: &str) -> Vec<Found> {
    capture.lines().zip(0..).map(|(line, second)| found_later(line, second * 1_000)).collect()
}

fn merged<'f>(events: impl IntoIterator<Item = &'f Found>) -> Merged {
    Merged::of(events.into_iter().flat_map(|found| &found.items))
}

/// Message and text of each part.
fn texts(rows: &Merged) -> Vec<(&str, &str)> {
    let parts = rows.parts.values();
    parts.map(|part| (part.message_id.as_str(), text(&part.text).unwrap_or_default())).collect()
}

#[test]
fn what_the_captured_events_give() {
    // sessions, messages, parts, events (some come twice alike); after how many of them a turn ends
    let expected = [
        ("basic", [1, 2, 2, 11], 2),
        ("error", [1, 1, 1, 4], 1),
        ("short", [1, 2, 2, 5], 2),
        ("subagent", [2, 4, 4, 15], 3),
    ];
    for ((name, capture), (_, numbers, ends)) in CAPTURES.iter().zip(expected) {
        let events = received(capture);
        assert_eq!(events.iter().filter(|found| found.ends_turn).count(), ends, "{name}");
        for event in &events {
            assert_eq!((event.hook_events, event.items.len()), (1, 1), "{name}");
            let agent = event_of(&event.items[0]).and_then(|event| event.agent.value());
            assert_eq!(agent.map(Agent::as_str), Some("codex"), "{name}");
        }
        let rows = merged(&events);
        let found = [rows.sessions.len(), rows.messages.len(), rows.parts.len(), rows.events.len()];
        assert_eq!(found, numbers, "{name}");
    }
}

#[test]
fn a_session_is_told_with_folder_model_and_end() {
    let rows = merged(&received(BASIC));
    let session = rows.sessions.values().next().expect("one");
    let told = [
        &session.project_path,
        &session.source,
        &session.permission_mode,
        &session.end_reason,
        &session.title,
    ];
    let expected = [Some("/home/dev/demo"), Some("startup"), Some("bypassPermissions")];
    assert_eq!(told.map(text), [&expected[..], &[Some("other"), None]].concat()[..]);
    assert_eq!(session.model.value(), Model::named(None, Some("gpt-5.5".to_owned())).as_ref());
    assert_eq!(session.ended_at.value(), Some(&(RECEIVED_AT + 14_000)));
    assert_eq!(session.created_at, Earliest(Some(at(RECEIVED_AT))));
}

#[test]
fn a_turn_is_a_prompt_and_an_answer_in_their_order() {
    let rows = merged(&received(BASIC));
    let mut messages: Vec<_> = rows.messages.values().collect();
    messages.sort_by_key(|message| message.ordered_at.0);
    let turn = "01a1f875-9146-7af0-a57b-e35f4afbbb2a";
    let told: Vec<_> = messages
        .iter()
        .map(|message| (message.message_id.as_str(), message.role.value().copied()))
        .collect();
    let ids = [format!("{turn}:prompt"), format!("{turn}:answer")];
    assert_eq!(told, [(&*ids[0], Some(Role::User)), (&*ids[1], Some(Role::Assistant))]);
    let models = messages.iter().map(|message| message.model.value().is_some());
    assert_eq!(models.collect::<Vec<_>>(), [false, true]);
    assert!(messages.iter().all(|message| message.generated_at == Earliest(None)));
    let expected = [
        (&*ids[1], "All done. This is the final answer of the mock model."),
        (&*ids[0], "[[script:basic]] [[cwd:/home/dev/demo]] please do the demo"),
    ];
    assert_eq!(texts(&rows), expected);
}

/// The ids that the module `codex` says a reader of a rollout makes: of the messages with their parts.
fn ids_in(rollout: &str) -> BTreeSet<(String, String)> {
    let mut ids = BTreeSet::new();
    for line in rollout.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let payload = &line["payload"];
        let end = match payload["item"]["type"].as_str() {
            Some("UserMessage") => "prompt",
            Some("AgentMessage") => "answer",
            Some(_) | None => continue,
        };
        for content in payload["item"]["content"].as_array().expect("a list") {
            let turn = payload["turn_id"].as_str().expect("a turn");
            // The part of an event with the same text, found by that text alone.
            let said = json!({ "turn_id": turn, "prompt": content["text"] });
            let rows = merged([&found(event("UserPromptSubmit", said))]);
            let part = rows.parts.values().next().expect("a part").part_id.to_string();
            ids.insert((format!("{turn}:{end}"), part));
        }
    }
    ids
}

#[test]
fn a_reader_of_the_rollout_makes_the_same_ids() {
    let rows = merged(&received(BASIC));
    let ids = ids_in(ROLLOUT);
    assert_eq!(ids.len(), 6, "{ids:?}");
    for part in rows.parts.values() {
        let id = (part.message_id.to_string(), part.part_id.to_string());
        assert!(ids.contains(&id), "{id:?}");
    }
    let digest = "sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
    let rows = merged([&found(event("Stop", json!({ "last_assistant_message": "hi" })))]);
    // printf hi | sha256sum
    assert_eq!(rows.parts.values().next().expect("a part").part_id.as_str(), digest);
}

#[test]
fn a_subagent_speaks_in_its_own_thread_and_leaves_its_parents_row_alone() {
    let events = received(SUBAGENT);
    let rows = merged(&events);
    let sessions: Vec<_> = rows
        .sessions
        .values()
        .map(|session| {
            let parent = session.parent_session_id.value().map(SessionId::as_str);
            (session.session_id.as_str(), parent, text(&session.agent_name))
        })
        .collect();
    let parent = "01a1f871-707f-7f51-879c-ec4255e58c59";
    let child = "01a1f871-72fc-7371-ac9a-81a575968272";
    assert_eq!(sessions, [(parent, None, None), (child, Some(parent), Some("default"))]);
    let without =
        events.iter().zip(SUBAGENT.lines()).filter(|(_, line)| !line.contains("\"agent_id\""));
    let without = merged(without.map(|(event, _)| event));
    let key = (SessionId::new(parent).expect("an id"),);
    assert_eq!(rows.sessions[&key], without.sessions[&key]);
    let said = |session: &str| {
        let messages = rows.parts.values().filter(|part| part.session_id.as_str() == session);
        messages.filter_map(|part| text(&part.text)).collect::<BTreeSet<_>>()
    };
    assert_eq!(said(child), ["SUB RESULT: ok", "[[script:sub]] say hi"].into());
    assert_eq!(said(parent).len(), 2);
}

#[test]
fn what_is_said_again_in_a_turn_is_one_more_part() {
    let prompts =
        ["one", "two", "one"].map(|prompt| event("UserPromptSubmit", json!({ "prompt": prompt })));
    let stops = ["not yet", "now"].map(|said| {
        event("Stop", json!({ "stop_hook_active": true, "last_assistant_message": said }))
    });
    let found: Vec<_> = prompts.iter().chain(&stops).map(found).collect();
    let rows = merged(&found);
    assert_eq!(rows.messages.len(), 2);
    let mut texts = texts(&rows);
    texts.sort_unstable();
    let expected =
        [("t:answer", "not yet"), ("t:answer", "now"), ("t:prompt", "one"), ("t:prompt", "two")];
    assert_eq!(texts, expected);
}

#[test]
fn a_session_that_goes_on_elsewhere_keeps_its_folder_and_tells_its_latest_state() {
    let told = [
        ("SessionStart", json!({ "source": "startup", "cwd": "/first" })),
        ("SessionEnd", json!({ "reason": "other", "cwd": "/first" })),
        ("SessionStart", json!({ "source": "resume", "cwd": "/second", "model": "gpt-6" })),
        ("UserPromptSubmit", json!({ "prompt": "hi", "cwd": "/a", "model": "gpt-6" })),
    ];
    let events: Vec<_> = told
        .into_iter()
        .zip(0..)
        .map(|((name, own), at)| found_later(event(name, own), at))
        .collect();
    let mut orders = vec![merged(&events), merged(events.iter().rev())];
    orders.push(merged(events.iter().chain(&events)));
    for rows in orders {
        let session = rows.sessions.values().next().expect("one");
        assert_eq!(text(&session.project_path), Some("/first"));
        assert_eq!(text(&session.source), Some("resume"));
        let model = session.model.value().and_then(|model| model.model_id.as_deref());
        assert_eq!(model, Some("gpt-6"));
        assert_eq!(session.ended_at.value(), Some(&(RECEIVED_AT + 1)));
    }
}

#[test]
fn what_has_no_turn_or_says_nothing_is_no_message() {
    let cases = [
        ("no turn", event("UserPromptSubmit", json!({ "turn_id": null, "prompt": "hi" }))),
        ("no text", event("UserPromptSubmit", json!({ "prompt": 7 }))),
        ("a blank text", event("UserPromptSubmit", json!({ "prompt": " \n" }))),
        ("no answer", event("Stop", json!({ "last_assistant_message": null }))),
        ("no session", event("Stop", json!({ "session_id": "", "last_assistant_message": "hi" }))),
        ("another event", event("PreToolUse", json!({ "prompt": "hi" }))),
    ];
    for (name, input) in cases {
        let item = found(input).only_item();
        assert_eq!(message_of(&item), None, "{name}");
        assert!(event_of(&item).is_some(), "{name}");
    }
}

proptest! {
    #[test]
    fn no_order_and_no_number_of_deliveries_makes_a_difference(
        capture in 0..CAPTURES.len(),
        order in any::<u64>(),
        twice in any::<u32>(),
    ) {
        let events = received(CAPTURES[capture].1);
        let again = |at: usize| usize::from(twice >> (at % 32) & 1 == 1) + 1;
        let delivered = events.iter().enumerate().flat_map(|(at, found)| vec![found; again(at)]);
        let mut delivered: Vec<_> = delivered.collect();
        let count = delivered.len() as u64;
        for at in (1..delivered.len()).rev() {
            let other = order.wrapping_mul(at as u64 + count) % (at as u64 + 1);
            delivered.swap(at, usize::try_from(other).expect("it is an index"));
        }
        merged(delivered).assert_same(&merged(&events), "in another order");
    }
}

#[test]
fn a_later_delivery_of_the_same_changes_only_when_it_was_heard_of() {
    for line in BASIC.lines().chain(SUBAGENT.lines()) {
        let first = merged([&found_later(line, 0)]);
        let both = merged([&found_later(line, 0), &found_later(line, 60_000)]);
        assert_eq!(first.counts(), both.counts());
        for (message, known) in both.messages.values().zip(first.messages.values()) {
            assert_eq!(message, known);
        }
        for (session, known) in both.sessions.values().zip(first.sessions.values()) {
            assert_eq!(session.project_path, known.project_path);
            assert_eq!(session.created_at.0.map(UnixMs::get), Some(RECEIVED_AT));
        }
    }
}
