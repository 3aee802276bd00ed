//! `message.updated`.

use std::cmp::Ordering;

use domain::{Cost, Json, Model, Role, Stamp, Tokens};

use crate::support::{RECEIVED_AT, at, envelope, found, message, message_of, session_of};

#[test]
fn every_field_of_a_message_has_its_place() {
    let input = message(
        r#","observed_at_unix_ms":3000,"completed_at_unix_ms":2000,"parent_message_id":"msg_0",
        "agent_name":"build","provider_id":"anthropic","model_id":"claude-sonnet-4-5",
        "finish":"stop","error":{"name":"E","data":{"b":1,"a":2}},"cost":0.00210,
        "tokens":{"input":1,"output":2,"reasoning":3,"cache":{"read":4,"write":5,"write_1h":2},"total":15},
        "summary_diffs":[{"file":"a"}],"project_path":"/p","z":[1,{"y":null,"x":2.50}],"b":null"#,
    );
    let item = found(&input).only_item();
    let row = message_of(&item).expect("it is a message");
    let stamp = Stamp { is_final: true, observed_at: at(3000) };
    assert_eq!((row.session_id.as_str(), row.message_id.as_str()), ("ses_1", "msg_1"));
    assert_eq!((row.generated_at.0, row.ordered_at.0), (Some(at(1000)), Some(at(1000))));
    assert_eq!((row.role.value(), row.role.stamp()), (Some(&Role::Assistant), Some(stamp)));
    let texts = [&row.agent_name, &row.parent_message_id, &row.finish];
    let texts = texts.map(|field| field.value().map(String::as_str));
    assert_eq!(texts, [Some("build"), Some("msg_0"), Some("stop")]);
    let model = Model {
        provider_id: Some("anthropic".to_owned()),
        model_id: Some("claude-sonnet-4-5".to_owned()),
    };
    assert_eq!(row.model.value(), Some(&model));
    let tokens = Tokens {
        input: Some(1),
        output: Some(2),
        reasoning: Some(3),
        cache_read: Some(4),
        cache_write: Some(5),
        cache_write_1h: Some(2),
    };
    assert_eq!(row.tokens.value(), Some(&tokens));
    assert_eq!(row.cost.value().map(Cost::text), Some("0.00210"), "the digits as they came");
    assert_eq!(row.completed_at.value(), Some(&2000));
    let json = [&row.error, &row.summary_diffs, &row.payload];
    let json = json.map(|field| field.value().map(domain::Json::as_str));
    assert_eq!(json[0], Some(r#"{"data":{"a":2,"b":1},"name":"E"}"#));
    assert_eq!(json[1], Some(r#"[{"file":"a"}]"#));
    assert_eq!(json[2], Some(r#"{"b":null,"tokens":{"total":15},"z":[1,{"x":2.5,"y":null}]}"#));

    let session = session_of(&item).expect("every item has its session");
    assert_eq!(session.session_id.as_str(), "ses_1");
    assert_eq!(session.model.value(), Some(&model));
    assert_eq!(session.project_path.value().map(String::as_str), Some("/p"));
    assert_eq!(session.created_at.0, Some(at(1000)));
    assert_eq!(session.last_activity_at.0, Some(at(3000)));
    assert_eq!(session.model.stamp(), Some(Stamp { is_final: false, observed_at: at(3000) }));
    assert_eq!(item.bytes, input.len() - envelope("message.updated", &[""]).len());
}

#[test]
fn what_is_not_said_is_absent() {
    for nothing in [
        "",
        r#","cost":null,"tokens":null,"error":null,"summary_diffs":null,"project_path":null,"model_id":null,"completed_at_unix_ms":null"#,
        r#","tokens":{"input":null,"cache":{"read":null}}"#,
    ] {
        let found = found(message(nothing));
        assert_eq!(found.warnings, []);
        let item = found.only_item();
        let row = message_of(&item).expect("it is a message");
        assert_eq!(row.role.stamp(), Some(Stamp { is_final: false, observed_at: at(1000) }));
        assert_eq!((row.model.value(), row.tokens.value(), row.cost.value()), (None, None, None));
        assert_eq!((row.error.value(), row.summary_diffs.value()), (None, None));
        assert_eq!((row.payload.value(), row.completed_at.value()), (None, None), "{nothing}");
        let session = session_of(&item).expect("every item has its session");
        assert_eq!((session.model.value(), session.project_path.value()), (None, None));
    }
}

#[test]
fn the_first_field_that_does_not_fit_is_named() {
    let whole = [
        ("session_id", r#""s""#),
        ("message_id", r#""m""#),
        ("role", r#""user""#),
        ("generated_at_unix_ms", "1"),
    ];
    let ids = [
        ("\"\"", "is empty"),
        ("\" \\t\\u2003\"", "is empty"),
        ("1", "is no string"),
        ("null", "is no string"),
        ("[\"a\"]", "is no string"),
    ];
    let roles = [
        ("\"system\"", "is none of user, assistant"),
        ("\"User\"", "is none of user, assistant"),
        ("\"\"", "is none of user, assistant"),
        ("true", "is no string"),
    ];
    let times = [
        ("-1", "is negative"),
        ("-9223372036854775808", "is negative"),
        ("1.0", "is no integer"),
        ("1e3", "is no integer"),
        ("-0", "is no integer"),
        ("1.5", "is no integer"),
        ("9223372036854775808", "is out of range"),
        ("18446744073709551615", "is out of range"),
        ("18446744073709551616", "is no integer"),
        ("\"1\"", "is no integer"),
        ("null", "is no integer"),
    ];
    let misfits = [&ids[..], &ids, &roles, &times];
    for (index, (field, _)) in whole.iter().enumerate() {
        let item = |value: Option<&str>| {
            // What comes later in the order of checks does not fit either.
            let fields = whole.iter().enumerate().filter_map(|(other, (key, fit))| {
                let value = match other.cmp(&index) {
                    Ordering::Less => fit,
                    Ordering::Equal => value?,
                    Ordering::Greater => "{}",
                };
                Some(format!("\"{key}\":{value}"))
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        };
        let missing = found(envelope("message.updated", &[&item(None)]));
        assert_eq!(missing.refusals(), [(*field, "is missing")]);
        for (value, reason) in misfits[index] {
            let found = found(envelope("message.updated", &[&item(Some(value))]));
            assert_eq!(found.refusals(), [(*field, *reason)], "{value}");
        }
    }
}

#[test]
fn times_up_to_the_end_of_a_column_are_kept_and_those_of_the_future_are_not_believed() {
    let cases = [(0, 0, 0), (RECEIVED_AT, RECEIVED_AT, RECEIVED_AT), (i64::MAX, RECEIVED_AT, 0)];
    for (time, ordered, observed) in cases {
        let item = found(message("").replace("1000", &time.to_string())).only_item();
        let row = message_of(&item).expect("it is a message");
        assert_eq!((row.generated_at.0, row.ordered_at.0), (Some(at(time)), Some(at(ordered))));
        assert_eq!(row.role.stamp().map(|stamp| stamp.observed_at), Some(at(observed)), "{time}");
        let session = session_of(&item).expect("every item has its session");
        assert_eq!(session.created_at.0, Some(at(ordered)));
        assert_eq!(session.last_activity_at.0, Some(at(ordered)), "{time}");
    }
}

#[test]
fn of_tokens_that_do_not_all_fit_none_counts_and_all_are_kept() {
    let cases = [
        (r#"{"input":-1,"output":5}"#, "tokens.input", "is negative"),
        (r#"{"input":7,"output":1.5}"#, "tokens.output", "is no integer"),
        (r#"{"input":9223372036854775808,"output":5}"#, "tokens.input", "is out of range"),
        (r#"{"cache":7,"input":7}"#, "tokens.cache", "is no object"),
        (r#"{"cache":{"read":"1","write":2},"input":7}"#, "tokens.cache.read", "is no integer"),
    ];
    for (tokens, name, reason) in cases {
        let found = found(message(&format!(r#","tokens":{tokens}"#)));
        assert_eq!(found.notes(), [(name, reason)], "{tokens}");
        let item = found.only_item();
        let row = message_of(&item).expect("it is a message");
        assert_eq!(row.tokens.value(), None, "{tokens}");
        let payload = format!(r#"{{"tokens":{tokens}}}"#);
        assert_eq!(row.payload.value().map(Json::as_str), Some(&payload[..]));
    }
}

#[test]
fn an_optional_field_that_does_not_fit_is_left_out_with_a_warning() {
    let cases = [
        (r#""cost":-0.1"#, "cost", "is no amount from 0 to 9,223,372 dollars"),
        (r#""cost":1e15"#, "cost", "is no amount from 0 to 9,223,372 dollars"),
        (r#""cost":"1""#, "cost", "is no number"),
        (r#""cost":{"a":1}"#, "cost", "is no number"),
        (r#""tokens":[]"#, "tokens", "is no object"),
        (r#""completed_at_unix_ms":-5"#, "completed_at_unix_ms", "is negative"),
        (r#""completed_at_unix_ms":5.0"#, "completed_at_unix_ms", "is no integer"),
        (r#""observed_at_unix_ms":"5""#, "observed_at_unix_ms", "is no integer"),
        (r#""model_id":5"#, "model_id", "is no string"),
        (r#""finish":false"#, "finish", "is no string"),
        (r#""project_path":[]"#, "project_path", "is no string"),
    ];
    for (field, name, reason) in cases {
        let found = found(message(&format!(",{field}")));
        assert_eq!(found.notes(), [(name, reason)], "{field}");
        let item = found.only_item();
        let row = message_of(&item).expect("it is a message");
        assert_eq!(row.payload.value(), None, "{field}");
        assert_eq!((row.cost.value(), row.tokens.value(), row.model.value()), (None, None, None));
        assert_eq!((row.finish.value(), row.completed_at.value()), (None, None));
        assert_eq!(row.role.stamp(), Some(Stamp { is_final: false, observed_at: at(1000) }));
    }
}

#[test]
fn a_message_has_ended_when_it_is_complete_or_failed() {
    let cases = [
        ("", false),
        (r#","finish":"stop""#, false),
        (r#","completed_at_unix_ms":2000"#, true),
        (r#","error":{"name":"E"}"#, true),
        (r#","error":null"#, false),
    ];
    for (fields, expected) in cases {
        let item = found(message(fields)).only_item();
        let row = message_of(&item).expect("it is a message");
        assert_eq!(row.role.stamp().map(|stamp| stamp.is_final), Some(expected), "{fields}");
    }
}

#[test]
fn only_an_assistant_message_tells_the_model_of_its_session() {
    for (role, tells) in [("assistant", true), ("user", false)] {
        let input = message(r#","provider_id":"p","model_id":"m""#).replace("assistant", role);
        let item = found(&input).only_item();
        let row = message_of(&item).expect("it is a message");
        assert!(row.model.value().is_some());
        let session = session_of(&item).expect("every item has its session");
        assert_eq!(session.model.value().is_some(), tells, "{role}");
    }
}

#[test]
fn ids_are_kept_exactly_as_they_came() {
    let input = message("").replace("ses_1", r" s\u00e9\u0000 ");
    let item = found(&input).only_item();
    assert_eq!(
        message_of(&item).map(|row| row.session_id.as_str().to_owned()),
        Some(" sé\0 ".to_owned())
    );
}
