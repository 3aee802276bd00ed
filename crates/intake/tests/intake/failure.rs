//! What went wrong: in a message, in a tool, and as an event.

use domain::{CallId, CutText, ErrorKind, Json, MessageId, Record};

use crate::support::{at, envelope, error_of, event_of, found, message, part};

const API: &str = r#"{"name":"APIError","data":{"message":"bad request","statusCode":400}}"#;

fn error(fields: &str) -> String {
    envelope(
        "session.error",
        &[&format!(r#"{{"session_id":"ses_1","generated_at_unix_ms":1000{fields}}}"#)],
    )
}

#[test]
fn every_field_of_an_error_has_its_place() {
    let fields = format!(r#","error_id":"evt_1","error":{API},"new":1"#);
    let item = found(error(&fields)).only_item();
    let row = error_of(&item).expect("it is an error");
    assert_eq!((row.session_id.as_str(), row.error_id.as_str()), ("ses_1", "evt_1"));
    assert_eq!(row.generated_at.0, Some(at(1000)));
    assert_eq!(row.kind.value(), Some(&ErrorKind::Api));
    assert_eq!(row.name.value().map(String::as_str), Some("APIError"));
    assert_eq!(row.message.value().map(CutText::text), Some("bad request"));
    let payload = r#"{"error":{"data":{"message":"bad request","statusCode":400},"name":"APIError"},"new":1}"#;
    assert_eq!(row.payload.value().map(Json::as_str), Some(payload));
}

#[test]
fn an_error_is_of_the_kind_that_its_name_says() {
    let cases = [
        (r#"{"name":"APIError"}"#, ErrorKind::Api, None),
        (r#"{"name":"ContentFilterError"}"#, ErrorKind::Api, None),
        (r#"{"name":"ProviderAuthError"}"#, ErrorKind::Auth, None),
        (r#"{"name":"APIError","data":{"statusCode":401}}"#, ErrorKind::Auth, None),
        (r#"{"name":"APIError","data":{"statusCode":"401"}}"#, ErrorKind::Api, None),
        (r#"{"name":"ContextOverflowError"}"#, ErrorKind::Context, None),
        (r#"{"name":"MessageOutputLengthError"}"#, ErrorKind::Output, None),
        (r#"{"name":"StructuredOutputError"}"#, ErrorKind::Output, None),
        (r#"{"name":"MessageAbortedError","message":"m"}"#, ErrorKind::Aborted, Some("m")),
        (r#"{"name":"UnknownError"}"#, ErrorKind::Unknown, None),
        (r#"{"name":7,"data":[]}"#, ErrorKind::Unknown, None),
        (r#""just words""#, ErrorKind::Unknown, Some("just words")),
        ("[]", ErrorKind::Unknown, None),
    ];
    for (text, kind, words) in cases {
        let found = found(error(&format!(r#","error":{text}"#)));
        assert_eq!(found.warnings, [], "{text}");
        let item = found.only_item();
        let row = error_of(&item).expect("it is an error");
        assert_eq!(row.kind.value(), Some(&kind), "{text}");
        assert_eq!(row.message.value().map(CutText::text), words, "{text}");
    }
}

#[test]
fn the_error_of_a_message_is_one_row_whoever_tells_of_it() {
    let told = found(error(&format!(r#","message_id":"msg_1","error_id":"e","error":{API}"#)));
    let told = told.only_item();
    let fields = format!(r#","completed_at_unix_ms":2000,"error":{API}"#);
    let ended = found(message(&fields)).only_item();
    let (told, ended) = (error_of(&told), error_of(&ended));
    let (told, ended) = (told.expect("it is an error"), ended.expect("it ended in one"));
    assert_eq!(told.error_id.as_str(), "message:msg_1");
    assert_eq!(told.error_id, ended.error_id);
    assert_eq!(
        (told.kind.value(), told.message.value()),
        (ended.kind.value(), ended.message.value())
    );
    assert_eq!(ended.generated_at.0, Some(at(2000)), "when the message ended");
    assert_eq!(ended.message_id.value().map(MessageId::as_str), Some("msg_1"));
}

#[test]
fn a_failed_tool_is_an_error_of_the_session() {
    let fields = r#","callID":"call_1","tool":"read","state":{"status":"error","error":"no file"}"#;
    let item = found(part("tool", fields)).only_item();
    let row = error_of(&item).expect("it failed");
    assert_eq!(row.error_id.as_str(), "call:call_1");
    assert_eq!(row.kind.value(), Some(&ErrorKind::Tool));
    assert_eq!(row.name.value().map(String::as_str), Some("read"));
    assert_eq!(row.message.value().map(CutText::text), Some("no file"));
    assert_eq!(row.call_id.value().map(CallId::as_str), Some("call_1"));
    let fine = r#","callID":"call_1","state":{"status":"completed","metadata":{"exit":2}}"#;
    assert_eq!(error_of(&found(part("tool", fine)).only_item()), None, "it did what it was to do");
}

#[test]
fn an_error_without_a_session_is_an_event() {
    let input =
        error(&format!(r#","error_id":"evt_1","error":{API}"#)).replace("\"ses_1\"", "null");
    let item = found(input).only_item();
    assert!(matches!(item.subject, Record::Event(_)));
    let row = event_of(&item).expect("it is an event");
    assert_eq!(row.event_id.as_str(), "-/evt_1");
    assert_eq!(row.name.value().map(String::as_str), Some("session.error"));
    assert!(row.payload.value().is_some());
}

#[test]
fn errors_without_any_identity_stay_apart() {
    let item = r#"{"session_id":"s","generated_at_unix_ms":1,"error":{"name":"UnknownError"}}"#;
    let found = found(envelope("session.error", &[item, item]));
    let ids = found.items.iter().filter_map(error_of).map(|row| row.error_id.as_str());
    let ids: std::collections::BTreeSet<_> = ids.collect();
    assert_eq!(ids.len(), 2);
}
