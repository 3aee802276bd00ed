//! A record of which every text wants to act: on a browser, a reader of Markdown, a terminal or a
//! table. Whatever shows it shows text.

use serde_json::{Value, json};

use super::{
    TestEnvironment,
    envelope::{GENERATED_AT, envelope, message, messages, part, parts},
};

/// What each of them would act upon.
const HOSTILE: [&str; 11] = [
    "<script>alert(1)</script><img src=http://evil/x onerror=alert(1)>",
    "</pre></details></section></body><style>body{background:url(http://evil)}</style>",
    "\"'><svg onload=alert(1)></textarea></title></script><script>alert(1)</script>",
    "[x](javascript:alert(1)) [x](data:text/html,<script>alert(1)</script>) <javascript:alert(1)>",
    "![](http://127.0.0.1:1/x.png) [![](//evil/x)](http://evil) [a]: javascript:alert(1)",
    "{{7*7}} {% raw %} ${7*7} <%= 7 %>",
    "```\n# heading\n````\n![x](http://evil/x)\n~~~\n`````",
    "=cmd|' /C calc'!A0",
    "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}1A\r\0",
    "\u{202e}txt.exe\u{2066}\u{200b}\u{feff}",
    "--- a/<b>\n+++ b/<b>\n@@ -1 +1 @@\n-<script>alert(1)</script>\n+<img src=x onerror=alert(1)>",
];

/// All of it, and a word that no line holds.
pub fn hostile() -> String {
    format!("{}\n{}", HOSTILE.join("\n"), "W".repeat(2_000))
}

/// A session and its subagent, and one whose id is hostile too.
pub fn with_hostile_texts() -> TestEnvironment {
    let environment = TestEnvironment::new();
    for (id, parent) in [("ses_1", None), ("ses_1/child", Some("ses_1")), (HOSTILE[0], None)] {
        let hand_over = |text: String| drop(environment.hook(text).finish().ends_with(0));
        let session = json!({
            "session_id": id, "parent_session_id": parent, "title": hostile(), "status": hostile(),
            "project_path": hostile(), "agent_name": hostile(), "generated_at_unix_ms": GENERATED_AT,
        });
        hand_over(envelope("session.updated", &[session]));
        let mut answer = message(id, "msg_1");
        answer["role"] = "assistant".into();
        answer["model_id"] = hostile().into();
        answer["tokens"] = json!({ "input": 7, "output": 7 });
        answer["error"] = json!({ "name": hostile(), "message": hostile() });
        answer["summary_diffs"] = json!([{ "file": hostile(), "patch": hostile() }]);
        hand_over(messages(&[answer]));
        hand_over(parts(&said_and_done(id)));
    }
    environment
}

/// A part of each kind that is shown in a way of its own.
fn said_and_done(session: &str) -> Vec<Value> {
    let part = |nth: usize, kind: &str| {
        let mut part = part(session, "msg_1", &format!("prt_{nth}"), &hostile());
        part["part_type"] = kind.into();
        part
    };
    let mut file = part(2, "file");
    file["filename"] = hostile().into();
    let mut refused = call(part(3, "tool"), &hostile());
    refused["state"]["status"] = hostile().into();
    let mut parts = vec![part(0, "text"), part(1, "reasoning"), file, refused];
    for tool in ["bash", "edit", "write", "read", "todowrite", "task"] {
        parts.push(call(part(parts.len(), "tool"), tool));
    }
    parts
}

/// A tool call that took, gave, changed and was called nothing but hostile texts.
fn call(mut part: Value, tool: &str) -> Value {
    let text = hostile();
    part["tool"] = tool.into();
    part["callID"] = part["part_id"].clone();
    part["state"] = json!({
        "status": "completed", "title": text, "output": text, "error": text,
        "input": {
            "command": text, "description": text, "filePath": text, "content": text,
            "oldString": text, "newString": text, "prompt": text, (text.as_str()): text,
            "todos": [{ "content": text, "status": text, "priority": text }],
        },
        "metadata": { "exit": 1, "diff": text, "filediff": { "file": text, "patch": text } },
        "time": { "start": GENERATED_AT, "end": GENERATED_AT + 1 },
    });
    part
}
