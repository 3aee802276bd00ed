//! Changes of files: what a tool's metadata and a message's summary tell of them.

use domain::{Edit, EditScope, FileChange, FileOperation, Item, Json, Record};

use crate::support::{edit_of, found, message, message_of, part, part_of};

fn edits(item: &Item) -> Vec<&Edit> {
    item.beside
        .iter()
        .filter_map(|record| match record {
            Record::Edit(edit) => Some(edit),
            _ => None,
        })
        .collect()
}

fn operations(item: &Item) -> Vec<(&str, FileChange)> {
    let told = |row: &'_ FileOperation| row.operation.value().copied();
    item.beside
        .iter()
        .filter_map(|record| match record {
            Record::FileOperation(row) => row.path.value().map(String::as_str).zip(told(row)),
            _ => None,
        })
        .collect()
}

fn tool(status: &str, input: &str, metadata: &str) -> Item {
    let fields = format!(
        r#","callID":"call_1","tool":"t","state":{{"status":"{status}","input":{input},"metadata":{metadata}}}"#
    );
    let found = found(part("tool", &fields));
    assert_eq!(found.warnings, [], "{fields}");
    found.only_item()
}

#[test]
fn the_metadata_of_a_call_tells_which_files_it_changed() {
    const CREATED: FileChange = FileChange::Created;
    const EDITED: FileChange = FileChange::Edited;
    const DELETED: FileChange = FileChange::Deleted;
    type Case = (
        &'static str,
        &'static str,
        &'static [(&'static str, FileChange)],
        &'static [&'static str],
    );
    let cases: &[Case] = &[
        // `edit`
        (
            r#"{"filePath":"a"}"#,
            r#"{"diff":"d","filediff":{"file":"/r/a","patch":"d","additions":1}}"#,
            &[("/r/a", EDITED)],
            &["call:call_1:/r/a"],
        ),
        (r#"{"filePath":"a"}"#, r#"{"diff":"d"}"#, &[("a", EDITED)], &["call:call_1:a"]),
        // `write`
        (r#"{"filePath":"a"}"#, r#"{"filepath":"/r/a","exists":false}"#, &[("/r/a", CREATED)], &[]),
        (r#"{"filePath":"a"}"#, r#"{"filepath":"/r/a","exists":true}"#, &[("/r/a", EDITED)], &[]),
        // `apply_patch`
        (
            "{}",
            r#"{"diff":"all","files":[{"filePath":"/r/a","type":"add","patch":"+"},
                {"filePath":"/r/b","type":"delete","diff":"-"},
                {"filePath":"/r/c","type":"update","patch":"~"},
                {"filePath":"/r/d","type":"move","movePath":"/r/e","patch":">"}]}"#,
            &[
                ("/r/a", CREATED),
                ("/r/b", DELETED),
                ("/r/c", EDITED),
                ("/r/d", DELETED),
                ("/r/e", CREATED),
            ],
            &["call:call_1:/r/a", "call:call_1:/r/b", "call:call_1:/r/c", "call:call_1:/r/e"],
        ),
        // `read` and `bash`
        (r#"{"filePath":"/r/a"}"#, r#"{"preview":"x"}"#, &[], &[]),
        (
            r#"{"command":"rm a"}"#,
            r#"{"exit":0,"files":7,"filediff":"x","exists":"yes"}"#,
            &[],
            &[],
        ),
    ];
    for (input, metadata, changes, ids) in cases {
        let item = tool("completed", input, metadata);
        assert_eq!(operations(&item), *changes, "{metadata}");
        let found: Vec<_> = edits(&item).iter().map(|edit| edit.edit_id.as_str()).collect();
        assert_eq!(found, *ids, "{metadata}");
        for edit in edits(&item) {
            assert_eq!(edit.scope.value(), Some(&EditScope::Call));
            assert!(edit.call_id.value().is_some() && edit.message_id.value().is_some());
        }
    }
}

#[test]
fn a_call_that_is_not_done_has_changed_nothing() {
    for status in ["pending", "running", "error"] {
        let item = tool(status, r#"{"filePath":"a"}"#, r#"{"diff":"d"}"#);
        assert_eq!((operations(&item), edits(&item)), (vec![], vec![]), "{status}");
    }
}

#[test]
fn a_diff_is_kept_once() {
    let metadata = r#"{"diff":"d","filediff":{"file":"a","patch":"d","additions":1}}"#;
    let item = tool("completed", "{}", metadata);
    assert_eq!(edit_of(&item).and_then(|edit| edit.diff.value()).map(String::as_str), Some("d"));
    let payload = part_of(&item).and_then(|part| part.payload.value()).map(Json::as_str);
    let rest = r#"{"state":{"metadata":{"filediff":{"additions":1,"file":"a"}}}}"#;
    assert_eq!(payload, Some(rest));
}

#[test]
fn what_a_message_sums_up_is_one_edit_per_file() {
    let diffs = r#"[{"file":"a","patch":"d","additions":1,"deletions":0,"status":"added"},
        {"file":"b","before":"x","after":"y"},{"file":""},7]"#;
    let item = found(message(&format!(r#","summary_diffs":{diffs}"#))).only_item();
    let found = edits(&item);
    let ids: Vec<_> = found.iter().map(|edit| edit.edit_id.as_str()).collect();
    assert_eq!(ids, ["message:msg_1:a", "message:msg_1:b"]);
    assert_eq!(found[0].scope.value(), Some(&EditScope::Message));
    assert_eq!(found[0].operation.value(), Some(&FileChange::Created));
    assert_eq!(found[0].diff.value().map(String::as_str), Some("d"));
    assert_eq!(found[1].diff.value(), None, "nobody gave one");
    assert_eq!(operations(&item), [], "the steps tell of those");
    let row = message_of(&item).expect("it is a message");
    let rest = r#"[{"additions":1,"deletions":0,"file":"a","status":"added"},{"after":"y","before":"x","file":"b"},{"file":""},7]"#;
    assert_eq!(row.summary_diffs.value().map(Json::as_str), Some(rest));
}

#[test]
fn questions_with_their_answers_are_a_part_beside_the_call() {
    let fields = r#","callID":"call_1","tool":"question","state":{"status":"completed",
        "input":{"questions":[{"question":"Which?"},{"question":"Why?"}]},
        "metadata":{"answers":[["A","B"],[]]}}"#;
    let item = found(part("tool", fields)).only_item();
    let asked = item.beside.iter().find_map(|record| match record {
        Record::Part(part) => Some(part),
        _ => None,
    });
    let asked = asked.expect("the person was asked");
    assert_eq!(asked.part_id.as_str(), "question:call_1");
    let text = r#"[{"question":"Which?","answer":"A, B"},{"question":"Why?","answer":""}]"#;
    assert_eq!(asked.text.value().map(String::as_str), Some(text));
}
