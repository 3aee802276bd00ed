//! `recount session list`: which sessions, in which order, page by page.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{
    TestEnvironment,
    envelope::{GENERATED_AT, PRICE, envelope, message, messages, part, parts},
};

const DAY: i64 = 86_400_000;

fn session(id: &str, project: &str, status: &str, parent: Option<&str>, at: i64) -> Value {
    json!({
        "session_id": id, "project_path": project, "status": status, "parent_session_id": parent,
        "generated_at_unix_ms": at,
    })
}

/// An answer of a model that has a price or not.
fn answer(session: &str, id: &str, model: &str, input: i64, at: i64) -> Value {
    let mut answer = message(session, id);
    answer["role"] = "assistant".into();
    answer["provider_id"] = "mock".into();
    answer["model_id"] = model.into();
    answer["generated_at_unix_ms"] = at.into();
    answer["tokens"] = json!({ "input": input });
    answer
}

/// Three sessions and two of subagents; `a` began last, `b` cost most, `c` has most messages and was
/// active last.
fn with_sessions() -> TestEnvironment {
    let environment = TestEnvironment::new().with_settings(PRICE);
    let sessions = [
        session("a", "/home/dev/one", "idle", None, GENERATED_AT),
        session("b", "/home/dev/one", "busy", None, GENERATED_AT - 2),
        session("c", "/home/dev/two", "idle", None, GENERATED_AT - 1),
        session("a/sub", "/home/dev/one", "idle", Some("a"), GENERATED_AT - 3),
        session("a/sub/sub", "/home/dev/one", "idle", Some("a/sub"), GENERATED_AT - 3),
    ];
    let said = [
        answer("a", "msg_1", "priced", 1_000, GENERATED_AT),
        answer("b", "msg_2", "priced", 5_000, GENERATED_AT + 1),
        answer("c", "msg_3", "other", 9_000, GENERATED_AT + DAY),
        message("c", "msg_4"),
    ];
    environment
        .hook(envelope("session.updated", &sessions) + &messages(&said))
        .finish()
        .ends_with(0);
    environment
}

fn list(environment: &TestEnvironment, arguments: &[&str]) -> Value {
    let arguments = [&["session", "list", "--format", "json"], arguments].concat();
    serde_json::from_str(&environment.run(arguments).output()).expect("a JSON value")
}

fn ids(list: &Value) -> Vec<String> {
    let rows = list["details"].as_array().expect("a list").iter();
    rows.map(|row| row["session_id"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn sessions_are_listed_in_the_order_that_is_asked_for() {
    let environment = with_sessions();
    let cases = [
        ("activity", ["c", "b", "a"]),
        ("created", ["a", "c", "b"]),
        ("cost", ["b", "a", "c"]),
        ("messages", ["c", "a", "b"]),
    ];
    for (sort, expected) in cases {
        let list = list(&environment, &["--sort", sort]);
        assert_eq!(
            (ids(&list), &list["meta"]["sort"]),
            (expected.map(Into::into).into(), &json!(sort))
        );
    }
    let by_cost = list(&environment, &["--sort", "cost"]);
    let cost = |index: usize| by_cost["details"][index]["cost"]["dollars"].clone();
    assert_eq!([cost(0), cost(1), cost(2)], [json!("0.01"), json!("0.002"), Value::Null]);
    let same = |listed: &Value, by: &Value| {
        let rows = listed["details"].as_array().into_iter().flatten();
        rows.clone().all(|row| by["details"].as_array().into_iter().flatten().any(|it| it == row))
    };
    assert!(same(&list(&environment, &[]), &by_cost), "whatever the order, the same is told");
}

#[test]
fn a_filter_takes_what_it_names_and_nothing_else() {
    let environment = with_sessions();
    let cases: [(&[&str], &[&str]); 15] = [
        (&["--agent", "opencode"], &["c", "b", "a"]),
        (&["--agent", "codex"], &[]),
        (&["--project", "one"], &["b", "a"]),
        (&["--project", "/home/dev/two/"], &["c"]),
        (&["--model", "priced"], &["b", "a"]),
        (&["--model", "mock/other"], &["c"]),
        (&["--status", "idle"], &["c", "a"]),
        (&["--status", "idle", "--project", "one"], &["a"]),
        (&["--text", "Two HOME"], &["c"]),
        (&["--text", "sub"], &[]),
        (&["--text", "sub", "--subagents"], &["a/sub", "a/sub/sub"]),
        (&["--file", "main.rs"], &[]),
        (&["--timezone", "UTC", "--since", "2026-11-21"], &["c"]),
        (&["--timezone", "UTC", "--until", "2026-11-20"], &["b", "a"]),
        (&["--since", "2999-01-01"], &[]),
    ];
    for (filter, expected) in cases {
        assert_eq!(ids(&list(&environment, filter)), expected, "{filter:?}");
    }
    let nobody = environment.run(["session", "list", "--agent", "codex"]).output();
    assert_eq!(nobody, "no such sessions\n");
    environment.run(["session", "list", "--since", "soon"]).ends_with(64).complains("is no time");
}

#[test]
fn subagents_are_counted_and_listed_only_when_asked_for() {
    let environment = with_sessions();
    let list_of = |arguments: &[&str]| list(&environment, arguments);
    let hidden = list_of(&[]);
    assert_eq!(hidden["summary"], json!({ "sessions": 3, "subagents_hidden": 2 }));
    let subagents = |row: &Value| row["subagents"].clone();
    let counts: Vec<_> =
        hidden["details"].as_array().into_iter().flatten().map(subagents).collect();
    assert_eq!(counts, [0, 0, 1]);
    let all = list_of(&["--subagents"]);
    assert_eq!(ids(&all), ["c", "b", "a", "a/sub", "a/sub/sub"]);
    assert_eq!(all["summary"], json!({ "sessions": 5, "subagents_hidden": 0 }));
}

#[test]
fn pages_hold_every_session_once_also_where_times_are_equal() {
    let environment = TestEnvironment::new();
    let said: Vec<Value> = (0..23)
        .map(|number| {
            let mut message = message(&format!("ses_{number:02}"), "msg_1");
            message["generated_at_unix_ms"] = (GENERATED_AT + number / 10).into();
            message
        })
        .collect();
    environment.hook(messages(&said)).finish().ends_with(0);
    for sort in ["activity", "created", "cost", "messages"] {
        let (mut found, mut cursor) = (Vec::new(), None::<String>);
        for page in 0..5 {
            let mut arguments = vec!["--limit", "5", "--sort", sort];
            if let Some(cursor) = &cursor {
                arguments.extend(["--cursor", cursor]);
            }
            let list = list(&environment, &arguments);
            assert_eq!(list["meta"]["count"], if page == 4 { 3 } else { 5 }, "{sort} {page}");
            assert_eq!(list["summary"]["sessions"], 23, "{sort} {page}");
            found.extend(ids(&list));
            cursor = list["meta"]["next"].as_str().map(str::to_owned);
        }
        assert_eq!(cursor, None, "{sort}");
        let once: BTreeSet<_> = found.iter().collect();
        assert_eq!((found.len(), once.len()), (23, 23), "{sort}: {found:?}");
        let whole = list(&environment, &["--sort", sort]);
        assert_eq!(found, ids(&whole), "{sort}");
    }
}

#[test]
fn a_page_begins_behind_its_cursor_even_if_that_session_has_moved() {
    let environment = with_sessions();
    let first = list(&environment, &["--limit", "2"]);
    assert_eq!(ids(&first), ["c", "b"]);
    let next = first["meta"]["next"].as_str().expect("a cursor").to_owned();
    let mut later = message("b", "msg_9");
    later["generated_at_unix_ms"] = (GENERATED_AT + 2 * DAY).into();
    environment.hook(messages(&[later])).finish().ends_with(0);
    assert_eq!(ids(&list(&environment, &["--cursor", &next])), ["a"]);
    let table = environment.run(["session", "list", "--limit", "2"]).output();
    assert!(table.contains("\n2 of 3; the next page: `--cursor "), "{table}");
    let wrong: [&[&str]; 4] = [
        &["--cursor", "x"],
        &["--cursor="],
        &["--cursor", "\u{1b}[2J"],
        &["--sort", "cost", "--cursor", &next],
    ];
    for arguments in wrong {
        environment
            .run([&["session", "list"], arguments].concat())
            .ends_with(64)
            .complains("this cursor was not given by a list in that order");
    }
}

/// What a message of the person says in its parts, in their order.
fn said(session: &str, id: &str, at: i64, texts: &[Value]) -> String {
    let mut prompt = message(session, id);
    prompt["role"] = "user".into();
    prompt["generated_at_unix_ms"] = at.into();
    let part = |(place, text): (usize, &Value)| {
        let mut part = part(session, id, &format!("prt_{place}"), "");
        part["text"] = text["text"].clone();
        part["synthetic"] = text["synthetic"].clone();
        part
    };
    let texts: Vec<_> = texts.iter().enumerate().map(part).collect();
    messages(&[prompt]) + &parts(&texts)
}

#[test]
fn a_session_is_told_with_what_the_person_said_first() {
    let environment = TestEnvironment::new();
    let text = |text: &str| json!({ "text": text });
    let mut answer = message("answered", "msg_1");
    answer["role"] = "assistant".into();
    let prompted = json!({
        "hook_event_name": "BeforeAgent", "session_id": "prompted", "cwd": "/home/dev",
        "prompt": "what\nof events", "timestamp": "2026-11-20T10:00:00.000Z",
        "transcript_path": "",
    });
    let long = "é".repeat(3_000);
    let input = [
        said("said", "msg_2", GENERATED_AT + 1, &[text("the second")]),
        said("said", "msg_1", GENERATED_AT, &[text(" fix \n\t the \u{1b}[31m parser ")]),
        said("long", "msg_1", GENERATED_AT, &[text(&long)]),
        said(
            "reminded",
            "msg_1",
            GENERATED_AT,
            &[
                text("<system-reminder>be good</system-reminder>"),
                text("<local-command-stdout>ls</local-command-stdout>"),
                json!({ "text": "the file says", "synthetic": true }),
                text("and then"),
            ],
        ),
        said("nothing", "msg_1", GENERATED_AT, &[text("")]),
        messages(&[answer]) + &parts(&[part("answered", "msg_1", "prt_1", "an answer")]),
    ];
    environment.hook(input.concat()).finish().ends_with(0);
    environment.hook(prompted.to_string()).finish().ends_with(0);
    let list = list(&environment, &[]);
    let rows = list["details"].as_array().expect("a list").iter();
    let found: BTreeMap<_, _> =
        rows.map(|row| (row["session_id"].as_str().expect("text"), &row["opening"])).collect();
    let expected = json!({
        "said": "fix the \u{1b}[31m parser", "long": &long[..400], "reminded": "and then",
        "nothing": null, "answered": null, "prompted": "what of events",
    });
    assert_eq!(json!(found), expected);
    let called = ids(&self::list(&environment, &["--text", "parser FIX"]));
    assert_eq!(called, ["said"], "one without a title is found by it");
    let table = environment.run(["session", "list"]).output();
    assert!(table.contains("“fix the \\u{1b}[31m parser”"), "{table}");
}
