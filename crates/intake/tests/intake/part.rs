//! `message.part.updated`, but for tool calls.

use domain::{Cost, Earliest, Json, PartKind, Record, StepKind};

use crate::support::{
    at, compaction_of, edit_of, envelope, found, part, part_of, patch_of, session_of, step_of,
};

fn names(records: &[Record]) -> Vec<&'static str> {
    let name = |record: &Record| match record {
        Record::Session(_) => "session",
        Record::Message(_) => "message",
        Record::Part(_) => "part",
        Record::ToolCall(_) => "call",
        Record::Step(_) => "step",
        Record::Patch(_) => "patch",
        Record::Compaction(_) => "compaction",
        Record::SessionError(_) => "error",
        Record::FileOperation(_) => "operation",
        Record::Edit(_) => "edit",
        Record::Event(_) => "event",
        Record::Commit(_) => "commit",
        Record::Rewrite(_) => "rewrite",
    };
    records.iter().map(name).collect()
}

#[test]
fn every_type_has_its_row_and_what_follows_from_it() {
    let cases: &[(PartKind, &str, &[&str])] = &[
        (PartKind::Text, r#","text":"""#, &[]),
        (PartKind::Reasoning, r#","text":"""#, &[]),
        (PartKind::Question, r#","text":"[]""#, &[]),
        (PartKind::Patch, r#","hash":"h""#, &["patch"]),
        (PartKind::Patch, r#","text":"d""#, &["edit"]),
        (PartKind::Patch, r#","text":"d","files":["a"]"#, &["operation", "patch", "edit"]),
        (PartKind::Tool, "", &["call"]),
        (PartKind::StepStart, "", &["step"]),
        (PartKind::StepFinish, "", &["step"]),
        (PartKind::Compaction, "", &["compaction"]),
        (PartKind::File, "", &[]),
        (PartKind::Snapshot, "", &[]),
        (PartKind::Agent, "", &[]),
        (PartKind::Retry, "", &[]),
        (PartKind::Subtask, "", &[]),
    ];
    for kind in PartKind::ALL {
        assert!(cases.iter().any(|(case, ..)| case == kind), "{kind:?} has a case");
    }
    for (kind, fields, beside) in cases {
        let item = found(part(kind.as_str(), fields)).only_item();
        let row = part_of(&item).expect("it is a part");
        assert_eq!(row.kind.value(), Some(kind));
        assert_eq!((row.message_id.as_str(), row.part_id.as_str()), ("msg_1", "prt_1"));
        assert_eq!(
            (row.generated_at, row.ordered_at),
            (Earliest(Some(at(1000))), row.generated_at)
        );
        assert_eq!(row.payload.value(), None, "{kind:?}");
        assert_eq!(names(&item.beside), [&["session"], *beside].concat(), "{kind:?} {fields}");
    }
}

#[test]
fn text_is_kept_as_it_came() {
    for kind in ["text", "question"] {
        let item = found(part(kind, r#","text":" \u0000\"é\n","synthetic":true"#)).only_item();
        let row = part_of(&item).expect("it is a part");
        assert_eq!(row.text.value().map(String::as_str), Some(" \0\"é\n"));
        assert_eq!(row.payload.value().map(Json::as_str), Some(r#"{"synthetic":true}"#));
        assert_eq!(row.reasoning_text.value(), None);
    }
}

#[test]
fn thinking_keeps_its_signature() {
    let fields = r#","text":"hm","metadata":{"anthropic":{"signature":"Eq/+=","kind":1}},
        "time":{"start":1100,"end":1200,"zone":"utc"}"#;
    let item = found(part("reasoning", fields)).only_item();
    let row = part_of(&item).expect("it is a part");
    assert_eq!(row.reasoning_text.value().map(String::as_str), Some("hm"));
    assert_eq!(row.signature.value().map(String::as_str), Some("Eq/+="));
    assert_eq!((row.started_at.value(), row.ended_at.value()), (Some(&1100), Some(&1200)));
    let rest = r#"{"metadata":{"anthropic":{"kind":1}},"time":{"zone":"utc"}}"#;
    assert_eq!(row.payload.value().map(Json::as_str), Some(rest));
    assert_eq!(row.text.value(), None);
    let session = session_of(&item).expect("every item has its session");
    assert_eq!(session.last_activity_at.0, Some(at(1200)));
}

#[test]
fn a_part_has_ended_when_its_type_says_so() {
    let cases = [
        ("text", r#","text":"","time":{"start":1}"#, false),
        ("text", r#","text":"","time":{"start":1,"end":2}"#, true),
        ("text", r#","text":"""#, false),
        ("reasoning", r#","text":"","time":{"start":1}"#, false),
        ("reasoning", r#","text":"","time":{"end":2}"#, true),
        ("question", r#","text":"""#, true),
        ("patch", r#","hash":"h""#, true),
        ("step-start", "", true),
        ("step-finish", "", true),
        ("file", "", true),
        ("retry", "", true),
    ];
    for (kind, fields, expected) in cases {
        let item = found(part(kind, fields)).only_item();
        let row = part_of(&item).expect("it is a part");
        assert_eq!(row.kind.stamp().map(|stamp| stamp.is_final), Some(expected), "{kind} {fields}");
    }
}

#[test]
fn steps_begin_and_finish() {
    let item = found(part("step-start", r#","snapshot":"abc""#)).only_item();
    let step = step_of(&item).expect("it tells of a step");
    assert_eq!(step.kind.value(), Some(&StepKind::Start));
    assert_eq!(step.snapshot.value().map(String::as_str), Some("abc"));

    let fields = r#","reason":"stop","snapshot":"def","cost":2.10e-3,
        "tokens":{"input":200,"output":56,"reasoning":24,"cache":{"read":1000,"write":0}}"#;
    let item = found(part("step-finish", fields)).only_item();
    let step = step_of(&item).expect("it tells of a step");
    assert_eq!(step.kind.value(), Some(&StepKind::Finish));
    assert_eq!(step.reason.value().map(String::as_str), Some("stop"));
    assert_eq!(step.cost.value().map(Cost::text), Some("2.10e-3"));
    assert_eq!(step.cost.value().map(|cost| cost.amount().0), Some(2_100_000_000));
    let tokens = step.tokens.value().expect("they were counted");
    assert_eq!(
        (tokens.input, tokens.cache_read, tokens.cache_write),
        (Some(200), Some(1000), Some(0))
    );
    assert_eq!(step.part_id.as_str(), "prt_1");
}

#[test]
fn a_patch_names_its_files_and_a_diff_is_an_edit() {
    let cases = [
        (r#","hash":"h","files":["b","a"]"#, Some(r#"["b","a"]"#), None),
        (r#","files":["a"],"text":"--- a\n""#, Some(r#"["a"]"#), Some(Some("a"))),
        (r#","files":["a","b"],"text":"d""#, Some(r#"["a","b"]"#), Some(None)),
        (r#","hash":"h","text":"""#, None, None),
        (r#","files":[],"text":"d""#, Some("[]"), Some(None)),
    ];
    for (fields, files, path) in cases {
        let item = found(part("patch", fields)).only_item();
        let patch = patch_of(&item);
        let found_files = patch.and_then(|patch| patch.files.value()).map(Json::as_str);
        assert_eq!(found_files, files, "{fields}");
        let edit = edit_of(&item);
        let found_path = edit.map(|edit| edit.path.value().map(String::as_str));
        assert_eq!(found_path, path, "{fields}");
        if let Some(edit) = edit {
            assert_eq!(edit.edit_id.as_str(), "part:msg_1/prt_1");
            let text = part_of(&item).and_then(|row| row.text.value());
            assert_eq!(edit.diff.value(), text);
        }
    }
}

#[test]
fn an_item_that_lacks_what_its_type_needs_is_refused() {
    let none = "is none of the known types";
    let cases = [
        ("future", "", "part_type", none),
        ("", "", "part_type", none),
        ("Text", "", "part_type", none),
        ("text", "", "text", "is missing"),
        ("text", r#","text":null"#, "text", "is no string"),
        ("text", r#","text":1"#, "text", "is no string"),
        ("reasoning", "", "text", "is missing"),
        ("question", r#","text":[]"#, "text", "is no string"),
        ("patch", "", "text", "is missing, and so is `hash`"),
        ("patch", r#","files":["a"]"#, "text", "is missing, and so is `hash`"),
        ("patch", r#","text":"","hash":"""#, "text", "is empty, and so is `hash`"),
        ("patch", r#","text":"","hash":null"#, "text", "is empty, and so is `hash`"),
    ];
    for (kind, fields, field, reason) in cases {
        // The time does not fit either, but it is checked last.
        let input = part(kind, fields).replace("1000", "-1");
        assert_eq!(found(&input).refusals(), [(field, reason)], "{kind} {fields}");
    }
    let late = part("text", r#","text":"""#).replace("1000", "1.0");
    assert_eq!(found(&late).refusals(), [("generated_at_unix_ms", "is no integer")]);
    let early = part("future", "").replace("\"msg_1\"", "\" \"");
    assert_eq!(found(&early).refusals(), [("message_id", "is empty")]);
}

#[test]
fn an_optional_field_that_does_not_fit_is_left_out_with_a_warning() {
    let cases = [
        ("text", r#","text":"","time":{"end":-1}"#, "time.end", "is negative"),
        ("text", r#","text":"","time":{"start":1.5}"#, "time.start", "is no integer"),
        ("text", r#","text":"","time":5"#, "time", "is no object"),
        (
            "reasoning",
            r#","text":"","metadata":{"anthropic":{"signature":1}}"#,
            "metadata.anthropic.signature",
            "is no string",
        ),
        ("step-finish", r#","cost":-1"#, "cost", "is no amount from 0 to 9,223,372 dollars"),
        ("patch", r#","hash":"h","files":"a""#, "files", "is no array"),
        ("patch", r#","hash":"h","files":[1]"#, "files", "holds what is no string"),
        ("compaction", r#","auto":"yes""#, "auto", "is neither true nor false"),
        ("file", r#","mime":1"#, "mime", "is no string"),
    ];
    for (kind, fields, field, reason) in cases {
        let found = found(part(kind, fields));
        assert_eq!(found.notes(), [(field, reason)], "{fields}");
        let item = found.only_item();
        assert_eq!(part_of(&item).and_then(|row| row.payload.value()), None, "{fields}");
    }
}

#[test]
fn an_id_that_does_not_fit_is_as_good_as_none() {
    for id in [r#""""#, r#"" ""#, "7", "{}"] {
        let input = part("text", r#","text":"""#).replace(r#""prt_1""#, id);
        let found = found(&input);
        assert_eq!(found.warnings.len(), 1, "{id}");
        assert_eq!(found.warnings[0].field, "part_id");
        let item = found.only_item();
        let row = part_of(&item).expect("it is a part");
        assert!(row.part_id.as_str().starts_with("sha256:"), "{id}");
    }
}

#[test]
fn a_compaction_says_whether_the_agent_did_it_on_its_own() {
    for (fields, expected) in [(r#","auto":true"#, Some(&true)), ("", None)] {
        let item = found(part("compaction", fields)).only_item();
        let compaction = compaction_of(&item).expect("it tells of a compaction");
        assert_eq!(compaction.auto.value(), expected);
        assert_eq!(part_of(&item).and_then(|row| row.compaction_auto.value()), expected);
    }
}

#[test]
fn a_file_is_kept_as_a_reference_without_content() {
    let cases = [
        ("file:///r/README.md", r#"{"url":"file:///r/README.md"}"#),
        ("data:image/png;base64,iVBORw0KGgo=", r#"{"url":"data:image/png","url_bytes":34}"#),
        ("DATA:text/plain,secret", r#"{"url":"DATA:text/plain","url_bytes":22}"#),
        ("data:,secret", r#"{"url":"data:","url_bytes":12}"#),
        ("data:secret", r#"{"url":"data:","url_bytes":11}"#),
    ];
    for (url, payload) in cases {
        let fields = format!(r#","mime":"image/png","filename":"a.png","url":"{url}""#);
        let item = found(part("file", &fields)).only_item();
        let row = part_of(&item).expect("it is a part");
        assert_eq!(row.file_mime.value().map(String::as_str), Some("image/png"));
        assert_eq!(row.file_name.value().map(String::as_str), Some("a.png"));
        assert_eq!(row.payload.value().map(Json::as_str), Some(payload), "{url}");
    }
}

#[test]
fn types_without_fields_of_their_own_keep_all_in_the_payload() {
    let fields = r#","snapshot":"abc","text":"t","time":{"created":1},"metadata":{"a":1}"#;
    for kind in ["snapshot", "agent", "retry", "subtask"] {
        let item = found(part(kind, fields)).only_item();
        let row = part_of(&item).expect("it is a part");
        let rest = r#"{"metadata":{"a":1},"snapshot":"abc","text":"t","time":{"created":1}}"#;
        assert_eq!(row.payload.value().map(Json::as_str), Some(rest));
        assert_eq!(row.text.value(), None);
    }
}

#[test]
fn the_same_part_twice_in_a_batch_stays_two_items() {
    let item = r#"{"session_id":"s","message_id":"m","part_id":"p","part_type":"text","text":"a","generated_at_unix_ms":1}"#;
    let found = found(envelope("message.part.updated", &[item, item]));
    assert_eq!(found.items.len(), 2);
    assert_eq!(found.items[0], found.items[1]);
}
