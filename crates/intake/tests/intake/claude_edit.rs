//! The changes of files that hook events of Claude Code 2.1.328 tell of.

use domain::{Edit, EditScope, FileChange, FileOperation};
use serde_json::{Value, json};

use crate::support::{call_of, edit_of, found, operation_of};

fn after(tool: &str, response: &Value) -> domain::Item {
    let event = json!({
        "session_id": "s", "hook_event_name": "PostToolUse", "prompt_id": "p", "tool_name": tool,
        "tool_input": {}, "tool_use_id": "c", "tool_response": response,
    });
    found(event.to_string()).only_item()
}

fn hunk(numbers: [u64; 4], lines: &[&str]) -> Value {
    let [old_start, old_lines, new_start, new_lines] = numbers;
    json!({ "oldStart": old_start, "oldLines": old_lines, "newStart": new_start, "newLines": new_lines, "lines": lines })
}

#[test]
fn a_change_is_an_edit_and_an_operation_of_its_call() {
    let cases = [
        (
            "a file that is new",
            "Write",
            json!({ "type": "create", "filePath": "/f", "content": "a\nb", "structuredPatch": [], "originalFile": null }),
            FileChange::Created,
            "--- /dev/null\n+++ /f\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n",
        ),
        (
            "a file that was there",
            "Write",
            json!({ "type": "update", "filePath": "/f", "content": "b\n", "originalFile": "a\n", "structuredPatch": [hunk([1, 1, 1, 1], &["-a", "+b"])] }),
            FileChange::Edited,
            "--- /f\n+++ /f\n@@ -1,1 +1,1 @@\n-a\n+b\n",
        ),
        (
            "an edit",
            "Edit",
            json!({ "filePath": "/f", "oldString": "a", "newString": "b", "originalFile": "a", "replaceAll": false, "userModified": false,
                "structuredPatch": [hunk([1, 1, 1, 1], &["-a", "\\ No newline at end of file", "+b", "\\ No newline at end of file"])] }),
            FileChange::Edited,
            "--- /f\n+++ /f\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
        ),
        (
            "several edits",
            "MultiEdit",
            json!({ "filePath": "/f", "edits": [{ "old_string": "a", "new_string": "b" }], "originalFileContents": "a\n",
                "structuredPatch": [hunk([1, 1, 1, 1], &["-a", "+b"]), hunk([9, 0, 9, 1], &["+z"])] }),
            FileChange::Edited,
            "--- /f\n+++ /f\n@@ -1,1 +1,1 @@\n-a\n+b\n@@ -9,0 +9,1 @@\n+z\n",
        ),
        (
            "a notebook",
            "NotebookEdit",
            json!({ "notebook_path": "/f", "new_source": "y", "original_file": "1\n2\n3\n4\nx\n", "updated_file": "1\n2\n3\n4\ny\n", "error": "" }),
            FileChange::Edited,
            "--- /f\n+++ /f\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-x\n+y\n",
        ),
    ];
    for (name, tool, response, change, diff) in cases {
        let item = after(tool, &response);
        let edit: &Edit = edit_of(&item).expect(name);
        assert_eq!(edit.edit_id.as_str(), "call:c:/f", "{name}");
        assert_eq!(edit.scope.value(), Some(&EditScope::Call), "{name}");
        assert_eq!(edit.path.value().map(String::as_str), Some("/f"), "{name}");
        assert_eq!(edit.operation.value(), Some(&change), "{name}");
        assert_eq!(edit.diff.value().map(String::as_str), Some(diff), "{name}");
        let operation: &FileOperation = operation_of(&item).expect(name);
        assert_eq!(operation.operation_id.as_str(), "s/call:c:/f", "{name}");
        assert_eq!(operation.operation.value(), Some(&change), "{name}");
        let call = call_of(&item).expect(name);
        let payload = call.payload.value().map(domain::Json::as_str);
        let rest = (name == "a notebook").then_some(r#"{"response":{"error":""}}"#);
        assert_eq!(payload, rest, "the file is not kept twice: {name}");
        assert_eq!(call.output.value(), None, "the batch tells what the model gets: {name}");
    }
}

#[test]
fn what_changed_nothing_has_no_diff() {
    let same = json!({ "type": "update", "filePath": "/f", "content": "a", "structuredPatch": [] });
    let empty = json!({ "type": "create", "filePath": "/f", "content": "", "structuredPatch": [] });
    for (name, response) in [("the same again", same), ("an empty file", empty)] {
        let item = after("Write", &response);
        assert!(edit_of(&item).is_none() && operation_of(&item).is_some(), "{name}");
    }
}

#[test]
fn a_response_of_another_form_tells_of_no_change() {
    let cases = [
        (
            "a file that was read",
            json!({ "type": "text", "file": { "filePath": "/f", "content": "a" } }),
        ),
        ("no path", json!({ "filePath": "", "structuredPatch": [] })),
        ("no patch", json!({ "filePath": "/f", "content": "a" })),
        (
            "a notebook that failed",
            json!({ "notebook_path": "/f", "original_file": "a", "updated_file": "b", "error": "no cell" }),
        ),
    ];
    for (name, response) in cases {
        let item = after("Edit", &response);
        assert!(edit_of(&item).is_none() && operation_of(&item).is_none(), "{name}");
    }
}
