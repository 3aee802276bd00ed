//! What holds of every input.

use std::io::{self, Read};

use domain::{Cost, Role, UnixMs};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::accounting::account_for_every_byte;
use crate::merged::Merged;
use crate::support::{
    Found, RECEIVED_AT, envelope, found, found_by, message_of, part_of, text_part,
};

/// Pieces of JSON, which together are seldom JSON.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "{", "}", "[", "]", "\"", ":", ",", "\n", "\r\n", " ", "\\", "\\u", "\\ud800", "null",
            "tru", "-", "1", "1.", "2e", "e5", "\0", "\u{FEFF}", "é", "\"type\"", "\"payloads\"",
            "\"hook_event_name\":\"Stop\"", "{\"type\":\"message.updated\",\"payloads\":[",
            "{\"session_id\":\"s\"", "]}",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..4),
        1 => (0_usize..9).prop_map(|number| text_part(number).into_bytes()),
    ]
}

fn anything() -> impl Strategy<Value = Vec<u8>> {
    vec(fragment(), 0..24).prop_map(|fragments| fragments.concat())
}

/// A line that is no JSON, whatever stands beside it.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    anything().prop_map(|bytes| {
        let line: Vec<u8> = bytes.into_iter().filter(|byte| *byte != b'\n').collect();
        [b"x", &*line].concat()
    })
}

/// A line that breaks off: what an agent leaves behind that was killed while it wrote.
fn cut_off() -> impl Strategy<Value = Vec<u8>> {
    let line = envelope(
        "event.recorded",
        &[r#"{"name":"a\n","generated_at_unix_ms":1,"x":[{"y":-1.5e3}]}"#],
    );
    (0..line.len()).prop_map(move |end| line.as_bytes()[..end].to_vec())
}

/// Gives out as many bytes at a time as it is told to, in turn.
struct InTurns<'a> {
    rest: &'a [u8],
    turns: std::iter::Cycle<std::slice::Iter<'a, usize>>,
}

impl Read for InTurns<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let turn = *self.turns.next().expect("a cycle has no end");
        let end = buffer.len().min(turn);
        self.rest.read(&mut buffer[..end])
    }
}

/// The same findings, wherever in the input they stood.
fn without_places(mut found: Found) -> Found {
    for warning in &mut found.warnings {
        warning.envelope = 0;
    }
    for reject in &mut found.rejects {
        reject.envelope = 0;
    }
    found
}

fn cost_digits() -> impl Strategy<Value = String> {
    (0_u32..9_000_000, proptest::option::of("[0-9]{1,20}")).prop_map(|(whole, fraction)| {
        fraction.map_or(whole.to_string(), |f| format!("{whole}.{f}"))
    })
}

/// A time that can be true or not.
fn some_time() -> impl Strategy<Value = i64> {
    let day = 86_400_000;
    prop::sample::select(vec![
        0,
        RECEIVED_AT - 1,
        RECEIVED_AT,
        RECEIVED_AT + day,
        RECEIVED_AT + day + 1,
        i64::MAX,
    ])
}

proptest! {
    #[test]
    fn whatever_its_times_are_no_row_is_ordered_after_the_last_activity_of_its_session(
        [generated, observed, ended, started] in [some_time(), some_time(), some_time(), some_time()],
        clock in prop::sample::select(vec!["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "noon"]),
    ) {
        let ids = json!({
            "session_id": "s", "message_id": "m", "generated_at_unix_ms": generated, "observed_at_unix_ms": observed,
        });
        let with = |more: Value| {
            let mut item = ids.clone();
            let more = more.as_object().expect("it is one").clone();
            item.as_object_mut().expect("it is one").extend(more);
            item.to_string()
        };
        let message = with(json!({ "role": "assistant", "completed_at_unix_ms": ended, "error": { "name": "E" } }));
        let part = with(json!({
            "part_id": "p", "part_type": "tool", "call_id": "c", "tool": "bash",
            "state": { "status": "error", "error": "E", "time": { "start": started, "end": ended } },
        }));
        let hook = |name: &str| json!({
            "session_id": "s", "hook_event_name": name, "timestamp": clock, "turn_id": "t", "prompt": "hi",
            "prompt_id": "p", "tool_use_id": "u", "tool_name": "Bash", "tool_input": {}, "error": "E",
        }).to_string();
        let typed = [envelope("message.updated", &[&message]), envelope("message.part.updated", &[&part])];
        let typed = typed.iter().flat_map(|input| found(input).items);
        let hooked = ["claude-code", "codex", "gemini"].into_iter().flat_map(|agent| {
            let events = ["UserPromptSubmit", "PostToolUseFailure"].map(hook).join("\n");
            found_by(&mut events.as_bytes(), Some(agent)).items
        });
        let rows: Vec<_> = typed.chain(hooked).collect();
        for items in rows.iter().map(std::slice::from_ref).chain([&rows[..]]) {
            // It checks just that.
            let _ = Merged::of(items);
        }
    }

    #[test]
    fn no_byte_gets_lost(input in anything()) {
        account_for_every_byte(&input);
    }

    #[test]
    fn arbitrary_bytes_are_survived(input in vec(any::<u8>(), 0..512)) {
        account_for_every_byte(&input);
    }

    #[test]
    fn how_a_reader_cuts_its_input_changes_nothing(input in anything(), turns in vec(1_usize..9, 1..5)) {
        let mut reader = InTurns { rest: &input, turns: turns.iter().cycle() };
        prop_assert_eq!(found_by(&mut reader, None), found(&input));
    }

    #[test]
    fn envelopes_between_bad_lines_survive(lines in vec(prop_oneof![garbage(), cut_off()], 0..8)) {
        let mut input = text_part(0).into_bytes();
        for (number, line) in lines.iter().enumerate() {
            input.push(b'\n');
            input.extend_from_slice(line);
            input.push(b'\n');
            input.extend_from_slice(text_part(number + 1).as_bytes());
        }
        let found = found(&input);
        let ids: Vec<_> = found.items.iter().filter_map(part_of).map(|row| row.part_id.as_str().to_owned()).collect();
        let expected: Vec<_> = (0..=lines.len()).map(|number| format!("prt_{number}")).collect();
        let survived = expected.iter().filter(|id| ids.contains(id)).count();
        prop_assert_eq!(survived, expected.len());
    }

    #[test]
    fn however_envelopes_are_split_into_inputs_they_give_the_same(
        envelopes in vec(prop_oneof![
            (0_usize..9).prop_map(text_part),
            Just(envelope("message.updated", &["{}", "7"])),
            Just(r#"{"hook_event_name":"Stop","session_id":"s"}"#.to_owned()),
        ], 0..6),
        split in any::<prop::sample::Index>(),
        separator in prop::sample::select(vec!["", "\n", " \r\n", "\u{FEFF}"]),
    ) {
        let whole = found(envelopes.join(separator));
        let (left, right) = envelopes.split_at(split.index(envelopes.len() + 1));
        let (left, right) = (found(left.join(separator)), found(right.join(separator)));
        let joined = Found {
            items: [left.items, right.items].concat(),
            batch_sizes: [left.batch_sizes, right.batch_sizes].concat(),
            warnings: [left.warnings, right.warnings].concat(),
            rejects: [left.rejects, right.rejects].concat(),
            unreadable: vec![],
            hook_events: left.hook_events + right.hook_events,
            ends_turn: left.ends_turn || right.ends_turn,
            transcripts: [left.transcripts, right.transcripts].concat(),
        };
        prop_assert_eq!(without_places(whole), without_places(joined));
    }

    #[test]
    fn a_printed_message_is_read_back(
        ids in ("\\PC{0,8}\\S", "\\S.{0,8}"),
        role in prop::sample::select(Role::ALL),
        time in 0..=i64::MAX,
        texts in (any::<Option<String>>(), any::<Option<String>>()),
        cost in proptest::option::of(cost_digits()),
        tokens in any::<Option<u32>>(),
        extra in any::<Option<f64>>(),
    ) {
        let cost_number: Option<Value> = cost.as_ref().map(|_| json!(0));
        let item = json!({
            "session_id": ids.0, "message_id": ids.1, "role": role.as_str(),
            "generated_at_unix_ms": time, "finish": texts.0, "agent_name": texts.1,
            "cost": cost_number, "tokens": { "input": tokens }, "extra": extra,
        });
        let digits = format!(r#""cost":{}"#, cost.as_deref().unwrap_or("null"));
        let item = item.to_string().replacen(r#""cost":0"#, &digits, 1);
        let found = found(envelope("message.updated", &[&item]));
        prop_assert_eq!(&found.warnings, &vec![]);
        let item = found.only_item();
        let row = message_of(&item).expect("it is a message");
        prop_assert_eq!((row.session_id.as_str(), row.message_id.as_str()), (&*ids.0, &*ids.1));
        prop_assert_eq!(row.role.value().copied(), Some(role));
        prop_assert_eq!(row.generated_at.0.map(UnixMs::get), Some(time));
        prop_assert_eq!((row.finish.value(), row.agent_name.value()), (texts.0.as_ref(), texts.1.as_ref()));
        prop_assert_eq!(row.cost.value().map(Cost::text), cost.as_deref());
        prop_assert_eq!(row.tokens.value().and_then(|tokens| tokens.input), tokens.map(i64::from));
        let payload: Value = row.payload.value().map_or(Value::Null, |json| serde_json::from_str(json.as_str()).expect("JSON"));
        prop_assert_eq!(payload, json!({ "extra": extra }));
    }
}
