//! `file.edited`.

use domain::{CallId, FileChange, SessionId, Stamp, UnixMs};

use crate::support::{envelope, found, operation_of, part};

fn edited(fields: &str) -> String {
    envelope("file.edited", &[&format!(r#"{{"path":"/r/a","generated_at_unix_ms":1000{fields}}}"#)])
}

#[test]
fn a_file_of_a_known_step_is_the_change_that_its_tool_and_its_patch_tell_of() {
    let event = edited(r#","session_id":"ses_1","message_id":"msg_1","call_id":"call_1""#);
    let event = found(event).only_item();
    let event = operation_of(&event).expect("it is an operation");
    assert_eq!(event.operation_id.as_str(), "ses_1/msg_1:/r/a");
    assert_eq!(event.session_id.value().map(SessionId::as_str), Some("ses_1"));
    assert_eq!(event.call_id.value().map(CallId::as_str), Some("call_1"));
    assert_eq!(event.path.value().map(String::as_str), Some("/r/a"));
    let patch = found(part("patch", r#","hash":"h","files":["/r/a"]"#)).only_item();
    let tool = r#","callID":"call_1","tool":"write","state":{"status":"completed",
        "metadata":{"filepath":"/r/a","exists":false}}"#;
    let tool = found(part("tool", tool)).only_item();
    for item in [patch, tool] {
        let row = operation_of(&item).expect("it tells of the file");
        assert_eq!(row.operation_id, event.operation_id);
    }
}

#[test]
fn without_a_step_it_is_found_by_its_event() {
    let cases = [
        (r#","event_id":"evt_1""#, "-/evt_1", None),
        (r#","session_id":null,"event_id":"evt_1""#, "-/evt_1", None),
        (r#","session_id":"ses_1","event_id":"evt_1""#, "ses_1/evt_1", Some("ses_1")),
        (r#","call_id":"call_1","event_id":"evt_1""#, "-/evt_1", None),
    ];
    for (fields, id, session) in cases {
        let item = found(edited(fields)).only_item();
        let row = operation_of(&item).expect("it is an operation");
        assert_eq!(row.operation_id.as_str(), id, "{fields}");
        assert_eq!(row.session_id.value().map(SessionId::as_str), session);
        assert_eq!(item.beside.len(), usize::from(session.is_some()));
    }
    let nameless = found(edited("")).only_item();
    let row = operation_of(&nameless).expect("it is an operation");
    assert!(row.operation_id.as_str().starts_with("sha256:"));
}

#[test]
fn that_a_file_was_edited_yields_to_any_better_word() {
    let told = found(edited(r#","operation":"deleted""#)).only_item();
    let told = operation_of(&told).expect("it is an operation");
    assert_eq!(told.operation.value(), Some(&FileChange::Deleted));
    let weak = found(edited("")).only_item();
    let weak = operation_of(&weak).expect("it is an operation");
    assert_eq!(weak.operation.value(), Some(&FileChange::Edited));
    let stamp = Stamp { is_final: false, observed_at: UnixMs::EPOCH };
    assert_eq!(weak.operation.stamp(), Some(stamp));
}
