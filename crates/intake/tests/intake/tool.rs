//! Tool parts: the call, the change that it made, and what stays in the part's own row.

use domain::{CutText, Json, MessageId, PartId};

use crate::support::{at, call_of, edit_of, found, part, part_of, session_of};

const DONE: &str = r#","callID":"call_1","tool":"edit","state":{"status":"completed",
    "input":{"filePath":"/r/a.txt","newString":"x"},"output":"Edit applied.","title":"a.txt",
    "metadata":{"diff":"--- a\n+++ b\n","exit":0,"truncated":false},
    "time":{"start":1100,"end":1200,"compacted":1300}}"#;

#[test]
fn every_field_of_a_call_has_its_place() {
    let item = found(part("tool", DONE)).only_item();
    let call = call_of(&item).expect("it tells of a call");
    assert_eq!((call.session_id.as_str(), call.call_id.as_str()), ("ses_1", "call_1"));
    let texts = [&call.tool, &call.status, &call.file_path];
    let texts = texts.map(|field| field.value().map(String::as_str));
    assert_eq!(texts, [Some("edit"), Some("completed"), Some("/r/a.txt")]);
    let input = r#"{"filePath":"/r/a.txt","newString":"x"}"#;
    assert_eq!(call.input.value().map(Json::as_str), Some(input));
    assert_eq!(call.output.value().map(CutText::text), Some("Edit applied."));
    assert_eq!((call.error.value(), call.exit_code.value()), (None, Some(&0)));
    assert_eq!((call.started_at.value(), call.ended_at.value()), (Some(&1100), Some(&1200)));
    assert_eq!(call.message_id.value().map(MessageId::as_str), Some("msg_1"));
    assert_eq!(call.part_id.value().map(PartId::as_str), Some("prt_1"));
    assert_eq!(call.tool.stamp().map(|stamp| stamp.is_final), Some(true));

    let edit = edit_of(&item).expect("it made a change");
    assert_eq!(edit.edit_id.as_str(), "call:call_1:/r/a.txt");
    assert_eq!(edit.call_id.value(), Some(&call.call_id));
    assert_eq!(edit.path.value().map(String::as_str), Some("/r/a.txt"));
    assert_eq!(edit.diff.value().map(String::as_str), Some("--- a\n+++ b\n"));

    let row = part_of(&item).expect("it is a part");
    let rest =
        r#"{"state":{"metadata":{"truncated":false},"time":{"compacted":1300},"title":"a.txt"}}"#;
    assert_eq!(row.payload.value().map(Json::as_str), Some(rest));
    assert_eq!((row.started_at.value(), row.ended_at.value()), (Some(&1100), Some(&1200)));
    let session = session_of(&item).expect("every item has its session");
    assert_eq!(session.last_activity_at.0, Some(at(1200)));
}

#[test]
fn a_call_has_ended_when_it_is_completed_or_failed() {
    let cases = [
        ("pending", false),
        ("running", false),
        ("completed", true),
        ("error", true),
        ("Completed", false),
    ];
    for (status, expected) in cases {
        let fields = format!(r#","state":{{"status":"{status}"}}"#);
        let item = found(part("tool", &fields)).only_item();
        let call = call_of(&item).expect("it tells of a call");
        assert_eq!(call.status.stamp().map(|stamp| stamp.is_final), Some(expected), "{status}");
        let row = part_of(&item).expect("it is a part");
        assert_eq!(row.kind.stamp(), call.status.stamp());
    }
}

#[test]
fn a_call_without_an_id_is_named_after_its_part() {
    for (id, warnings) in [("", 0), (r#","callID":null"#, 0), (r#","callID":" ""#, 1)] {
        let fields = format!(r#"{id},"state":{{"metadata":{{"diff":"d"}}}}"#);
        let found = found(part("tool", &fields));
        assert_eq!(found.warnings.len(), warnings, "{id}");
        let item = found.only_item();
        let call = call_of(&item).expect("it tells of a call");
        assert_eq!(call.call_id.as_str(), "part:msg_1/prt_1");
        let edit = edit_of(&item).expect("it made a change");
        assert_eq!(edit.edit_id.as_str(), "call:part:msg_1/prt_1");
        assert_eq!(edit.path.value(), None);
    }
}

#[test]
fn the_file_is_found_under_the_names_that_tools_use() {
    let cases = [
        (r#"{"filePath":"a","path":"b"}"#, Some("a")),
        (r#"{"path":"b","file_path":"c"}"#, Some("c")),
        (r#"{"path":"b"}"#, Some("b")),
        (r#"{"filePath":1,"path":"b"}"#, Some("b")),
        (r#"{"filePath":"","path":"b"}"#, Some("b")),
        (r#"{"command":"ls"}"#, None),
        (r#""path""#, None),
    ];
    for (input, expected) in cases {
        let item = found(part("tool", &format!(r#","state":{{"input":{input}}}"#))).only_item();
        let call = call_of(&item).expect("it tells of a call");
        assert_eq!(call.file_path.value().map(String::as_str), expected, "{input}");
        assert_eq!(call.input.value().map(|json| json.as_str().len()), Some(input.len()));
    }
}

#[test]
fn long_output_is_cut_and_its_length_kept() {
    let long = "é".repeat(10 * 1024);
    let fields = format!(
        r#","state":{{"output":"{long}","error":"x{long}","raw":"{long}","attachments":[{{"a":["x{long}"]}}]}}"#
    );
    let item = found(part("tool", &fields)).only_item();
    let call = call_of(&item).expect("it tells of a call");
    let bytes = |text: Option<&CutText>| text.map(|text| (text.text().len(), text.full_bytes()));
    assert_eq!(bytes(call.output.value()), Some((10_240, 20_480)));
    assert_eq!(bytes(call.error.value()), Some((10_239, 20_481)));
    let row = part_of(&item).expect("it is a part");
    let (whole, odd) = ("é".repeat(5_120), "é".repeat(5_119));
    let rest = format!(r#"{{"state":{{"attachments":[{{"a":["x{odd}"]}}],"raw":"{whole}"}}}}"#);
    assert_eq!(row.payload.value().map(Json::as_str), Some(rest.as_str()));
}

#[test]
fn attached_files_leave_no_content_in_the_payload() {
    let fields = r#","state":{"attachments":[{"type":"file","url":"data:image/png;base64,AAAA"}]}"#;
    let item = found(part("tool", fields)).only_item();
    let rest =
        r#"{"state":{"attachments":[{"type":"file","url":"data:image/png","url_bytes":26}]}}"#;
    assert_eq!(part_of(&item).and_then(|row| row.payload.value()).map(Json::as_str), Some(rest));
}

#[test]
fn a_field_that_does_not_fit_is_left_out_with_a_warning() {
    let cases = [
        (r#","state":[]"#, "state", "is no object"),
        (r#","tool":1"#, "tool", "is no string"),
        (r#","state":{"status":1}"#, "state.status", "is no string"),
        (r#","state":{"output":{}}"#, "state.output", "is no string"),
        (r#","state":{"metadata":{"exit":"0"}}"#, "state.metadata.exit", "is no integer"),
        (r#","state":{"metadata":{"diff":1}}"#, "state.metadata.diff", "is no string"),
        (r#","state":{"time":{"end":-1}}"#, "state.time.end", "is negative"),
    ];
    for (fields, field, reason) in cases {
        let found = found(part("tool", fields));
        assert_eq!(found.notes(), [(field, reason)]);
        let item = found.only_item();
        assert!(call_of(&item).is_some());
        assert!(edit_of(&item).is_none());
    }
}

#[test]
fn an_empty_diff_is_no_change() {
    let item = found(part("tool", r#","state":{"metadata":{"diff":""}}"#)).only_item();
    assert!(edit_of(&item).is_none());
}
