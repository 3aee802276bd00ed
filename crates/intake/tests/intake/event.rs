//! `event.recorded`.

use domain::{Agent, Json, Receipts, SessionId, Stamp};

use crate::support::{RECEIVED_AT, at, envelope, event_of, found, session_of};

fn event(fields: &str) -> String {
    envelope(
        "event.recorded",
        &[&format!(r#"{{"name":"session.idle","generated_at_unix_ms":1000{fields}}}"#)],
    )
}

#[test]
fn every_field_of_an_event_has_its_place() {
    let input =
        event(r#","session_id":"ses_1","event_id":"evt_1","properties":{"b":1,"a":2},"x":1"#);
    let item = found(&input).only_item();
    let row = event_of(&item).expect("it is an event");
    assert_eq!(row.event_id.as_str(), "ses_1/evt_1");
    assert_eq!((row.generated_at.0, row.ordered_at.0), (Some(at(1000)), Some(at(1000))));
    assert_eq!(row.receipts, Receipts::at(at(RECEIVED_AT)));
    assert_eq!(row.session_id.value().map(SessionId::as_str), Some("ses_1"));
    assert_eq!(row.agent.value().map(Agent::as_str), Some("opencode"));
    assert_eq!(row.name.value().map(String::as_str), Some("session.idle"));
    let payload = r#"{"properties":{"a":2,"b":1},"x":1}"#;
    assert_eq!(row.payload.value().map(Json::as_str), Some(payload));
    assert_eq!(row.name.stamp(), Some(Stamp { is_final: true, observed_at: at(1000) }));
    let session = session_of(&item).expect("it belongs to one");
    assert_eq!(session.last_activity_at.0, Some(at(1000)));
}

#[test]
fn an_event_may_belong_to_no_session() {
    for session in ["", r#","session_id":null"#] {
        let item = found(event(&format!(r#"{session},"event_id":"evt_1""#))).only_item();
        assert_eq!(item.beside, []);
        let row = event_of(&item).expect("it is an event");
        assert_eq!((row.event_id.as_str(), row.session_id.value()), ("-/evt_1", None));
        assert_eq!(row.payload.value(), None);
    }
}

#[test]
fn an_event_without_an_id_gets_one_from_its_content() {
    let item = r#"{"name":"a","generated_at_unix_ms":1}"#;
    let found = found(envelope("event.recorded", &[item, item]));
    let ids: Vec<_> =
        found.items.iter().filter_map(event_of).map(|row| row.event_id.as_str()).collect();
    assert!(ids[0].starts_with("sha256:") && ids[0].ends_with(":0"));
    assert_eq!(ids[1], ids[0].replace(":0", ":1"));
}

#[test]
fn an_event_that_lacks_what_it_needs_is_refused() {
    let cases = [
        (r#""session_id":" ","generated_at_unix_ms":1"#, "session_id", "is empty"),
        (r#""session_id":7,"generated_at_unix_ms":1"#, "session_id", "is no string"),
        (r#""generated_at_unix_ms":1"#, "name", "is missing"),
        (r#""name":"","generated_at_unix_ms":1"#, "name", "is empty"),
        (r#""name":"a""#, "generated_at_unix_ms", "is missing"),
        (r#""name":"a","generated_at_unix_ms":null"#, "generated_at_unix_ms", "is no integer"),
    ];
    for (fields, field, reason) in cases {
        let found = found(envelope("event.recorded", &[&format!("{{{fields}}}")]));
        assert_eq!(found.refusals(), [(field, reason)], "{fields}");
    }
}
