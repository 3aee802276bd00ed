//! The page of a session: a conversation as it is read, and nothing in it that acts.

use serde_json::json;

use crate::support::{
    TestEnvironment,
    captured::captured,
    envelope::{GENERATED_AT, envelope, message, messages, part, parts},
    http::Served,
};

/// The page, without what stands around it.
fn page(served: &Served, path: &str) -> String {
    let reply = served.get(path);
    assert_eq!(reply.status, 200, "{path}: {reply:#?}");
    let main = reply.body.split("<main").nth(1).expect("a page has a content");
    main.split("</main>").next().expect("a content ends").to_owned()
}

#[test]
fn a_conversation_is_told_with_what_was_done() {
    let environment = captured();
    let served = Served::start(&environment, &[]);
    let cases: [(&str, &[&str]); 4] = [
        (
            "ses_e0789eb93ffedKMnpzpgPS2p7j",
            &[
                "<h1>Mock title</h1>",
                "recount session resume ses_e0789eb93ffedKMnpzpgPS2p7j",
                "<pre class=\"command\">echo hi</pre>",
                "class=\"removed\" data-old=\"1\" data-new=\"\">-hello world</div>",
                "class=\"added\" data-old=\"\" data-new=\"1\">+hello mock</div>",
                "<li class=\"done\">one <span class=\"faint\">completed</span></li>",
                "<span class=\"bad\">exit 2</span>",
                "File not found: /home/dev/demo/missing.txt",
                "<span>1.28 k tokens</span>",
                "Files changed: 1",
                "<span class=\"bad\">1 failed</span>",
            ],
        ),
        (
            "c804c64c-326a-4bd2-936b-b03d63b804ba",
            &["<pre class=\"command\">echo hi</pre>", "+hello mock</div>", "exit 2"],
        ),
        (
            "a48631d7-b157-45ef-bd1b-eaf9130f8fce",
            &["Subagent general-purpose", "<summary>Its conversation</summary>", "id=\"m-s-"],
        ),
        ("46c8fba1-6d82-4d2a-abdf-c985353ac9b6", &["The conversation was condensed on demand"]),
    ];
    for (session, expected) in cases {
        let page = page(&served, &format!("/sessions/{session}"));
        for text in expected {
            assert!(page.contains(text), "{session}: {text}\n{page}");
        }
    }
}

#[test]
fn an_export_is_what_the_command_writes() {
    let environment = captured();
    let served = Served::start(&environment, &[]);
    let session = "c804c64c-326a-4bd2-936b-b03d63b804ba";
    for (ending, form) in [("md", "markdown"), ("html", "html"), ("json", "json")] {
        let reply = served.get(&format!("/sessions/{session}/export.{ending}"));
        assert_eq!((reply.status, reply.header("content-disposition")), (200, Some("attachment")));
        let written = environment.run(["session", "export", session, "--format", form]).output();
        assert_eq!(reply.body, written, "{form}");
    }
    assert_eq!(served.get("/sessions/nope/export.md").status, 404);
}

#[test]
fn a_long_conversation_is_read_part_by_part() {
    let environment = TestEnvironment::new();
    let said: Vec<_> = (0..450)
        .map(|number| {
            let mut said = message("ses_1", &format!("msg_{number}"));
            said["generated_at_unix_ms"] = (GENERATED_AT + number).into();
            said
        })
        .collect();
    let texts: Vec<_> = (0..450)
        .map(|number| part("ses_1", &format!("msg_{number}"), "prt_1", &format!("said {number}")))
        .collect();
    environment.hook(messages(&said) + &parts(&texts)).finish().ends_with(0);
    let served = Served::start(&environment, &[]);
    let cases = [
        ("/sessions/ses_1", 0..200),
        ("/sessions/ses_1?page=2", 200..400),
        ("/sessions/ses_1?page=99", 400..450),
        ("/sessions/ses_1?message=msg_399", 200..400),
        ("/sessions/ses_1?message=nope", 0..200),
    ];
    for (path, expected) in cases {
        let page = page(&served, path);
        for number in [0, 199, 200, 399, 400, 449] {
            let is_there = page.contains(&format!("id=\"m-msg_{number}\""));
            assert_eq!(is_there, expected.contains(&number), "{path}: {number}");
            assert!(page.contains(&format!("#m-msg_{number}\"")), "the map of {path}: {number}");
        }
    }
    assert_eq!(served.get("/sessions/ses_1?page=x").status, 400);
}

/// What a browser would act upon, and with what it would be hidden from a reader.
const HOSTILE: &str = "<script>alert(1)</script><img src=http://evil/x onerror=alert(1)> \
    \"><svg onload=x> ' onclick='x [a](javascript:x) ![i](http://evil/i) \u{202e}txt \u{1b}[2J";

#[test]
fn nothing_of_a_record_acts_in_a_page() {
    let environment = TestEnvironment::new();
    let mut answer = message("ses_1", "msg_1");
    for key in ["agent_name", "model_id", "finish"] {
        answer[key] = HOSTILE.into();
    }
    (answer["role"], answer["error"]) = ("assistant".into(), json!({ "message": HOSTILE }));
    let call = |tool: &str, input: serde_json::Value| {
        json!({
            "session_id": "ses_1", "message_id": "msg_1", "part_id": format!("prt_{tool}"),
            "part_type": "tool", "callID": tool, "tool": tool, "generated_at_unix_ms": GENERATED_AT,
            "state": { "status": HOSTILE, "output": HOSTILE, "error": format!("! {HOSTILE}"), "input": input },
        })
    };
    let mut thought = part("ses_1", "msg_1", "prt_1", HOSTILE);
    thought["part_type"] = "reasoning".into();
    let said = [
        part("ses_1", "msg_1", "prt_0", HOSTILE),
        thought,
        call("bash", json!({ "command": HOSTILE, "description": HOSTILE })),
        call("edit", json!({ "filePath": HOSTILE, "oldString": HOSTILE, "newString": "" })),
        call("todowrite", json!({ "todos": [{ "content": HOSTILE, "status": HOSTILE }] })),
        call("task", json!({ "description": HOSTILE, "prompt": HOSTILE })),
        call(HOSTILE, json!({ HOSTILE: HOSTILE })),
        part("ses_1", HOSTILE, HOSTILE, HOSTILE),
    ];
    let session = json!({
        "session_id": "ses_1", "title": HOSTILE, "project_path": HOSTILE, "status": HOSTILE,
        "parent_session_id": HOSTILE, "generated_at_unix_ms": GENERATED_AT,
    });
    let session = crate::support::envelope::envelope("session.updated", &[session]);
    environment.hook(session + &messages(&[answer]) + &parts(&said)).finish().ends_with(0);
    let served = Served::start(&environment, &[]);
    let page = page(&served, "/sessions/ses_1");
    for acts in
        ["<script", "<img", "<svg", " style=", "href=\"javascript", "src=", "\u{202e}", "\u{1b}"]
    {
        let outside = page.replace("src=http://evil/x onerror", "").replace("onload=x", "");
        assert!(!outside.contains(acts), "{acts} in {page}");
    }
    let tags = page.split('<').skip(1).map(|tag| tag.split('>').next().expect("a tag"));
    for tag in tags {
        let names = tag.split('"').step_by(2).flat_map(|outside| outside.split(' ').skip(1));
        for name in names.filter(|name| !name.is_empty()) {
            assert!(!name.starts_with("on"), "<{tag}>");
        }
    }
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "it is told");
}

#[test]
fn a_subagent_stands_below_the_call_during_which_it_began_or_where_it_began() {
    let environment = TestEnvironment::new();
    let session = |id: &str, after_ms: i64| {
        json!({
            "session_id": id, "parent_session_id": "ses_1", "title": format!("of {id}"),
            "generated_at_unix_ms": GENERATED_AT + after_ms,
        })
    };
    let times = json!({ "start": GENERATED_AT, "end": GENERATED_AT + 10 });
    let call = json!({
        "session_id": "ses_1", "message_id": "msg_1", "part_id": "prt_1", "part_type": "tool",
        "callID": "call_1", "tool": "task", "generated_at_unix_ms": GENERATED_AT,
        "state": { "status": "completed", "input": {}, "output": "done", "time": times },
    });
    let sessions = [session("ses_during", 5), session("ses_after", 50)];
    let input = envelope("session.updated", &sessions) + &messages(&[message("ses_1", "msg_1")]);
    environment.hook(input + &parts(&[call])).finish().ends_with(0);
    let served = Served::start(&environment, &[]);
    let page = page(&served, "/sessions/ses_1");
    let turn = page.split("id=\"m-msg_1\"").nth(1).expect("a turn");
    let turn = turn.split("id=\"s-ses_after\"").next().expect("the turn ends there");
    assert!(turn.contains(">of ses_during</a>") && !turn.contains("of ses_after"), "{page}");
    assert!(page.contains("id=\"s-ses_after\"") && page.contains(">of ses_after</a>"), "{page}");
}
