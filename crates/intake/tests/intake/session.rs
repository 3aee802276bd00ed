//! `session.updated`.

use domain::{EditScope, FileChange, Json, Model, SessionId, Stamp};

use crate::support::{at, edit_of, envelope, found, session_of};

fn session(fields: &str) -> String {
    let item = format!(r#"{{"session_id":"ses_1","generated_at_unix_ms":1000{fields}}}"#);
    envelope("session.updated", &[&item])
}

#[test]
fn every_field_of_a_session_has_its_place() {
    let input = session(
        r#","observed_at_unix_ms":3000,"agent_version":"1.18.33","title":"Demo",
        "parent_session_id":"ses_0","project_path":"/p","project_name":"p","agent_name":"build",
        "provider_id":"mock","model_id":"mock-1","status":"idle","permission_mode":"plan",
        "ended_at_unix_ms":4000,"end_reason":"idle","slug":"eager-meadow","cost":0.0021"#,
    );
    let item = found(&input).only_item();
    let row = session_of(&item).expect("it is a session");
    assert_eq!(row.session_id.as_str(), "ses_1");
    assert_eq!((row.created_at.0, row.last_activity_at.0), (Some(at(1000)), Some(at(4000))));
    let texts = [
        &row.agent_version,
        &row.title,
        &row.project_path,
        &row.project_name,
        &row.agent_name,
        &row.status,
        &row.permission_mode,
        &row.end_reason,
    ];
    let texts = texts.map(|field| field.value().map_or("", String::as_str));
    assert_eq!(texts, ["1.18.33", "Demo", "/p", "p", "build", "idle", "plan", "idle"]);
    assert_eq!(row.parent_session_id.value().map(SessionId::as_str), Some("ses_0"));
    let model = Model { provider_id: Some("mock".to_owned()), model_id: Some("mock-1".to_owned()) };
    assert_eq!(row.model.value(), Some(&model));
    assert_eq!(row.ended_at.value(), Some(&4000));
    let rest = r#"{"cost":0.0021,"slug":"eager-meadow"}"#;
    assert_eq!(row.payload.value().map(Json::as_str), Some(rest));
    let stamp = Stamp { is_final: false, observed_at: at(3000) };
    assert_eq!(row.title.stamp(), Some(stamp), "a session can always be resumed");
    assert_eq!(item.beside, []);
}

#[test]
fn a_session_that_comes_to_rest_asks_to_be_stored_soon() {
    for (fields, expected) in
        [(r#","status":"busy""#, false), (r#","ended_at_unix_ms":1,"end_reason":"idle""#, true)]
    {
        assert_eq!(found(session(fields)).ends_turn, expected, "{fields}");
    }
}

#[test]
fn the_changes_of_a_session_are_one_edit_per_file() {
    let input = session(
        r#","summary_diffs":[{"file":"a","patch":"d","additions":1,"status":"added"},{"file":"b"}]"#,
    );
    let item = found(&input).only_item();
    assert_eq!(item.beside.len(), 2);
    let edit = edit_of(&item).expect("it sums up a change");
    assert_eq!(edit.edit_id.as_str(), "session:a");
    assert_eq!(edit.scope.value(), Some(&EditScope::Session));
    assert_eq!(edit.operation.value(), Some(&FileChange::Created));
    assert_eq!(edit.diff.value().map(String::as_str), Some("d"));
}
