//! Lines of every wrong form: nothing panics, and no line is lost without a word.

use domain::{Batch, Event, Json};
use intake::claude::Transcript;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::claude_lines::{BASIC, CHILD, COMPACTED, ERROR, FORKED, RESUMED, SUBAGENT, items};
use crate::merged::Merged;
use crate::support::{RECEIVED_AT, at, message_of};

/// What one line gives: rows, or why it gives none.
fn one(line: &[u8]) -> Result<Batch, &'static str> {
    let mut batch = Batch::default();
    let mut reader = Transcript::resume(None, at(RECEIVED_AT));
    reader.line(0, line, &mut batch)?;
    reader.finish(&mut batch);
    let (offset, _) = reader.position(line.len() as u64 + 1);
    assert!(offset == 0 || offset == line.len() as u64 + 1);
    Ok(batch)
}

/// Whether a line is one of those that give nothing, by a table or because they wait for others.
fn gives_nothing(line: &Value) -> bool {
    let left_out = [
        "api-request",
        "api-request-blob",
        "api-request-shape",
        "atis-latch",
        "file-history-snapshot",
        "last-prompt",
        "mode",
        "permission-mode",
        "progress",
        "tools-used",
    ];
    let is = |key: &str, text: &str| line[key] == *text;
    line["type"].as_str().is_some_and(|kind| left_out.contains(&kind))
        || line["attachment"]["type"] == "prompt_snapshot"
        || (is("type", "queue-operation") && line.get("content").is_none())
        || (is("type", "system") && is("subtype", "compact_boundary"))
}

fn gives_rows(line: &Value) {
    let text = line.to_string();
    let batch = one(text.as_bytes()).expect("it is an object");
    assert!(gives_nothing(line) || !batch.items.is_empty(), "{text:.2000}");
    // It checks what holds of all rows.
    let _ = Merged::of(&batch.items);
}

/// Values of every form, some of which no line holds.
fn values() -> Vec<Value> {
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!(" "),
        json!("a\u{0}b"),
        json!("tool_result"),
        json!("9".repeat(1 << 20)),
        json!([]),
        json!([[], {}, null, 1, "x", { "type": 7 }, { "type": "text" }]),
        json!({}),
        json!({ "type": "x", "id": 1 }),
        deep,
    ]
}

/// The paths to all values of a line, down to some depth.
fn paths(value: &Value, depth: usize) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (key, value) in inner {
        let key = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        found.push(key.clone());
        if depth > 0 {
            found.extend(paths(value, depth - 1).into_iter().map(|path| format!("{key}{path}")));
        }
    }
    found
}

/// One line of each form that the captures hold.
fn forms() -> Vec<Value> {
    let mut forms: Vec<(Vec<String>, Value)> = Vec::new();
    for line in [BASIC, ERROR, SUBAGENT, CHILD, RESUMED, FORKED, COMPACTED]
        .iter()
        .flat_map(|text| text.lines())
    {
        let line: Value = serde_json::from_str(line).expect("it is JSON");
        let form: Vec<_> =
            paths(&line, 1).into_iter().filter(|path| !path.contains("/modelUsage")).collect();
        let is_new = !forms.iter().any(|(known, other)| {
            *known == form && other["type"] == line["type"] && other["subtype"] == line["subtype"]
        });
        if is_new {
            forms.push((form, line));
        }
    }
    forms.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn no_wrong_value_at_any_place_loses_a_line() {
    let values = values();
    for form in forms() {
        gives_rows(&form);
        for (number, path) in paths(&form, 3).into_iter().enumerate() {
            // The long text costs more than all others: one place of many has to do.
            for value in values.iter().filter(|value| number % 43 == 0 || !is_long(value)) {
                let mut line = form.clone();
                *line.pointer_mut(&path).expect("it is there") = value.clone();
                gives_rows(&line);
            }
            let mut line = form.clone();
            let (parent, key) = path.rsplit_once('/').expect("it begins with one");
            if let Some(Value::Object(parent)) = line.pointer_mut(parent) {
                parent.remove(&key.replace("~1", "/").replace("~0", "~"));
                gives_rows(&line);
            }
        }
    }
}

fn is_long(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() > 1000)
}

fn only_event(line: &str) -> Event {
    let batch = one(line.as_bytes()).expect("it is an object");
    let rows = Merged::of(&batch.items);
    assert_eq!(rows.events.len(), 1);
    rows.events.into_values().next().expect("there is one")
}

#[test]
fn a_line_that_has_no_one_meaning_is_kept_as_its_text() {
    let deep = format!(r#"{{"type":"user","x":{}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    let cases = [
        (r#"{"type":"user","type":"assistant","uuid":"u"}"#, "holds a key twice"),
        (r#"{"type":"user","message":{"content":"a","content":"b"}}"#, "holds a key twice"),
        (r#"{"type":"user","x":1e999}"#, "holds a number that is out of range"),
        (&deep, "nests too deep"),
    ];
    for (line, reason) in cases {
        let event = only_event(line);
        let payload = event.payload.value().map_or("", Json::as_str);
        let payload: Value = serde_json::from_str(payload).expect("it is JSON");
        assert_eq!(payload, json!({ "line": line, "reason": reason }));
        assert_eq!(event.name.value().map(String::as_str), Some("line"));
    }
}

#[test]
fn of_a_usage_that_does_not_fit_nothing_counts_and_it_is_told_and_kept() {
    let line = r#"{"type":"assistant","uuid":"u","sessionId":"s","timestamp":"2026-11-20T00:00:00Z","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":99999999999999999999999999,"output_tokens":5}}}"#;
    let batch = one(line.as_bytes()).expect("it is a line");
    let told: Vec<_> = batch.warnings.iter().map(|warning| &*warning.field).collect();
    assert_eq!(told, ["message.usage.input_tokens"]);
    let row = batch.items.iter().find_map(message_of).expect("it is a message");
    assert_eq!(row.tokens.value(), None);
    let payload = row.payload.value().expect("what does not fit is kept").as_str();
    assert!(payload.contains(r#""output_tokens":5"#) && payload.contains("1e+26"), "{payload}");
}

#[test]
fn half_a_character_is_told_and_replaced() {
    let line = r#"{"type":"x","sessionId":"s","text":"a\ud83d"}"#;
    let batch = one(line.as_bytes()).expect("it is an object");
    assert_eq!(batch.warnings.len(), 1);
    let event = only_event(line);
    assert_eq!(event.payload.value().map(Json::as_str), Some("{\"text\":\"a\u{FFFD}\"}"));
}

#[test]
fn what_is_no_line_says_why_and_quotes_nothing() {
    let cases: [(&[u8], &str); 8] = [
        (b"[1]", "is no object"),
        (b"7", "is no object"),
        (b"secret", "is no object"),
        (b"{", "is no JSON"),
        (b"{\"a\":1", "is no JSON"),
        (b"{\"a\":1}{\"b\":2}", "is no JSON"),
        (b"{\"a\":\xFF}", "is no UTF-8"),
        (b"{\"secret\":\"a\x01\"}", "is no JSON"),
    ];
    for (line, reason) in cases {
        assert_eq!(one(line), Err(reason), "{}", String::from_utf8_lossy(line));
    }
    for line in ["", " ", "\r", "\u{FEFF}"] {
        assert_eq!(one(line.as_bytes()), Ok(Batch::default()));
    }
    let with_ends = format!("\u{FEFF}{}\r", r#"{"type":"x","sessionId":"s"}"#);
    assert!(!one(with_ends.as_bytes()).expect("it is an object").items.is_empty());
}

#[test]
fn many_open_calls_and_sessions_are_bounded() {
    let mut batch = Batch::default();
    let mut reader = Transcript::resume(None, at(RECEIVED_AT));
    for number in 0..1000 {
        let content = json!([{ "type": "tool_use", "id": format!("c{number}"), "name": "Bash" }]);
        let session = format!("s{}", number % 100);
        let line = json!({ "type": "assistant", "sessionId": session, "uuid": number.to_string(), "message": { "content": content } });
        reader.line(number, line.to_string().as_bytes(), &mut batch).expect("it is an object");
    }
    reader.finish(&mut batch);
    let (_, state) = reader.position(1000);
    assert!(state.len() < 4096, "{}", state.len());
    let rows = Merged::of(&batch.items);
    assert_eq!((rows.sessions.len(), rows.tool_calls.len()), (100, 1000));
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = [
        "type",
        "user",
        "assistant",
        "system",
        "message",
        "content",
        "text",
        "tool_result",
        "uuid",
        "sessionId",
        "promptId",
        "isMeta",
        "subtype",
        "compact_boundary",
        "s",
        "attachment",
        "timestamp",
        "2026-11-20T10:25:43.840Z",
        "tool_use_id",
        "tool_use",
        "id",
        "usage",
        "agentId",
    ];
    let word = prop::sample::select(words.to_vec());
    let leaf = prop_oneof![
        3 => word.clone().prop_map(|word| json!(word)),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<Option<bool>>().prop_map(|flag| json!(flag)),
        1 => any::<String>().prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(5, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(word.clone(), inner, 0..8).prop_map(|object| {
                object.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_object_gives_rows(own in any_json(), kind in prop::sample::select(vec!["user", "assistant", "system", "attachment", "cost-state", "custom-title", "x"])) {
        let mut line = json!({ "type": kind, "sessionId": "s" });
        if let Value::Object(own) = own {
            line.as_object_mut().expect("an object").extend(own);
        }
        gives_rows(&line);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        let _ = one(&bytes);
    }

    #[test]
    fn damaged_lines_are_survived(which in 0..3_usize, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let text = [BASIC, RESUMED, FORKED][which];
        let mut bytes = text.as_bytes().to_vec();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        let mut batch = Batch::default();
        let mut reader = Transcript::resume(None, crate::support::at(RECEIVED_AT));
        let mut lost = 0;
        for line in bytes.split(|byte| *byte == b'\n') {
            lost += usize::from(reader.line(0, line, &mut batch).is_err());
        }
        reader.finish(&mut batch);
        prop_assert!(lost <= 2);
        prop_assert!(batch.items.len() + 8 >= items(text).len());
    }
}
