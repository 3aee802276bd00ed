//! Condensed conversations: the part that asks, the summary that stands for them, and the event.

use domain::{Compaction, MessageId, SideCall};

use crate::support::{compaction_of, envelope, found, message, message_of, part};

fn numbers(row: &Compaction) -> [Option<i64>; 4] {
    [&row.tokens_before, &row.tokens_after, &row.messages_before, &row.messages_after]
        .map(|field| field.value().copied())
}

#[test]
fn an_event_tells_what_the_agent_knows() {
    let item = r#"{"session_id":"ses_1","message_id":"msg_1","generated_at_unix_ms":1000,"auto":true,
        "tokens_before":900,"tokens_after":100,"messages_before":12,"messages_after":2,"event_id":"e"}"#;
    let item = found(envelope("session.compacted", &[item])).only_item();
    let row = compaction_of(&item).expect("it is a compaction");
    assert_eq!(row.compaction_id.as_str(), "msg_1");
    assert_eq!(row.message_id.value().map(MessageId::as_str), Some("msg_1"));
    assert_eq!(row.auto.value(), Some(&true));
    assert_eq!(numbers(row), [Some(900), Some(100), Some(12), Some(2)]);
    assert_eq!(row.payload.value().map(domain::Json::as_str), Some(r#"{"event_id":"e"}"#));
}

#[test]
fn part_event_and_summary_tell_of_one_compaction() {
    let done = r#","parent_message_id":"msg_1","agent_name":"compaction","summary":true,
        "completed_at_unix_ms":2000,"tokens":{"input":200,"output":56,"cache":{"read":1000,"write":3}}"#;
    let summary = found(message(done).replace("\"msg_1\",\"role\"", "\"msg_2\",\"role\""));
    let summary = summary.only_item();
    let row = compaction_of(&summary).expect("it sums the conversation up");
    assert_eq!(numbers(row), [Some(1203), Some(56), None, None]);
    let asked = found(part("compaction", r#","auto":false"#)).only_item();
    let asked = compaction_of(&asked).expect("it asks for it");
    assert_eq!(asked.compaction_id, row.compaction_id);
    assert_eq!(asked.auto.value(), Some(&false));
    let side_call = message_of(&summary).and_then(|row| row.side_call.value().copied());
    assert_eq!(side_call, Some(SideCall::Compaction));
}

#[test]
fn a_summary_that_is_still_written_says_nothing_of_tokens() {
    let begun = r#","parent_message_id":"msg_0","summary":true,"tokens":{"input":0,"output":0}"#;
    assert_eq!(compaction_of(&found(message(begun)).only_item()), None);
}

#[test]
fn side_calls_are_told_apart_by_who_speaks() {
    let cases = [
        (r#","agent_name":"title""#, Some(SideCall::Title)),
        (r#","agent_name":"summary""#, Some(SideCall::Summary)),
        (r#","agent_name":"compaction""#, Some(SideCall::Compaction)),
        (r#","agent_name":"build","summary":true"#, Some(SideCall::Compaction)),
        (r#","agent_name":"build","summary":{"title":"t"}"#, None),
        ("", None),
    ];
    for (fields, expected) in cases {
        let found = found(message(fields));
        assert_eq!(found.warnings, [], "{fields}");
        let item = found.only_item();
        let row = message_of(&item).expect("it is a message");
        assert_eq!(row.side_call.value().copied(), expected, "{fields}");
    }
}
