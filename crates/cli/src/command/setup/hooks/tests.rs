//! Before and after, byte for byte, and back again.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::*;
use crate::command::setup::claude::events::{ARGUMENTS, KIND};

/// Two hooks of ours that are short to read.
fn wanted() -> [Wanted; 2] {
    ["Stop", "SessionEnd"].map(|event| (event, hook("/r")))
}

fn hook(program: &str) -> serde_json::Value {
    json!({ "command": program, "args": ARGUMENTS })
}

/// `HOOK` and `GROUP` stand for what is put in.
fn text(short: &str) -> String {
    let hook = inline(&hook("/r"));
    short.replace("GROUP", &format!("{{ \"hooks\": [{hook}] }}")).replace("HOOK", &hook)
}

#[test]
fn hooks_go_in_and_out_again() {
    let cases = [
        (
            "nothing but an object",
            "{}",
            r#"{"hooks": { "Stop": [ GROUP ], "SessionEnd": [ GROUP ] }}"#,
        ),
        (
            "lines",
            "{\n}\n",
            "{\n  \"hooks\": {\n    \"Stop\": [ GROUP ],\n    \"SessionEnd\": [ GROUP ]\n  }\n}\n",
        ),
        (
            "what Claude Code writes",
            "{\n  \"model\": \"x\"\n}",
            "{\n  \"model\": \"x\",\n  \"hooks\": {\n    \"Stop\": [ GROUP ],\n    \"SessionEnd\": [ GROUP ]\n  }\n}",
        ),
        (
            "tabs, CRLF and a byte order mark",
            "\u{feff}{\r\n\t\"a\": 1\r\n}\r\n",
            "\u{feff}{\r\n\t\"a\": 1,\r\n\t\"hooks\": {\r\n\t\t\"Stop\": [ GROUP ],\r\n\t\t\"SessionEnd\": [ GROUP ]\r\n\t}\r\n}\r\n",
        ),
        (
            "one line without blanks",
            r#"{"a":{"b":[]}}"#,
            r#"{"a":{"b":[]}, "hooks": { "Stop": [ GROUP ], "SessionEnd": [ GROUP ] }}"#,
        ),
        (
            "no event",
            r#"{"hooks":{},"a":1}"#,
            r#"{"hooks":{"Stop": [ GROUP ], "SessionEnd": [ GROUP ]},"a":1}"#,
        ),
        (
            "no event, a blank",
            "{\"hooks\": {\n} }",
            "{\"hooks\": {\"Stop\": [ GROUP ], \"SessionEnd\": [ GROUP ]\n} }",
        ),
        (
            "an event without hooks",
            r#"{"hooks": {"SessionEnd": []}}"#,
            r#"{"hooks": {"SessionEnd": [GROUP], "Stop": [ GROUP ]}}"#,
        ),
        (
            "hooks of the person",
            "{\n  \"hooks\": {\n    \"Stop\": [\n      {\n        \"hooks\": []\n      }\n    ],\n    \"Other\": [1]\n  }\n}",
            "{\n  \"hooks\": {\n    \"Stop\": [\n      {\n        \"hooks\": []\n      },\n      GROUP\n    ],\n    \"Other\": [1],\n    \"SessionEnd\": [ GROUP ]\n  }\n}",
        ),
        (
            "what is there twice elsewhere",
            r#"{"a": 1, "a": 2, "hooks": {"X": 1, "X": 2}}"#,
            r#"{"a": 1, "a": 2, "hooks": {"X": 1, "X": 2, "Stop": [ GROUP ], "SessionEnd": [ GROUP ]}}"#,
        ),
    ];
    for (name, before, after) in cases {
        let after = text(after);
        assert_eq!(add(&KIND, Some(before), &wanted()).as_ref(), Ok(&after), "{name}");
        assert_eq!(add(&KIND, Some(&after), &wanted()).as_ref(), Ok(&after), "{name}, twice");
        assert_eq!(remove(&KIND, &after), Ok(Some(before.to_owned())), "{name}, and back");
        assert_eq!(remove(&KIND, before), Ok(Some(before.to_owned())), "{name}, nothing to remove");
        assert_eq!([is_in(&KIND, before), is_in(&KIND, &after)], [Ok(false), Ok(true)], "{name}");
    }
}

#[test]
fn a_file_that_we_made_is_told_from_one_that_was_there() {
    let made = add(&KIND, None, &wanted()).expect("nothing is wrong");
    let expected = "{ \"hooks\": {\n  \"Stop\": [ GROUP ],\n  \"SessionEnd\": [ GROUP ]\n} }\n";
    assert_eq!(made, text(expected));
    assert_eq!(add(&KIND, Some(&made), &wanted()).as_ref(), Ok(&made));
    assert_eq!(remove(&KIND, &made), Ok(None));
    for before in
        ["", "{}", "{ }", "{  }", "{  }\n", "{ \"hooks\": {\n} }\n", "{ \"hooks\": {\n}  }"]
    {
        let after = add(&KIND, Some(before), &wanted()).expect("nothing is wrong");
        assert_ne!(after, made, "{before:?}");
        assert_eq!(remove(&KIND, &after), Ok(Some(before.to_owned())), "{after}");
    }
    let more = made.replace("} }", "}, \"model\": \"x\" }");
    let rest = remove(&KIND, &more).expect("nothing is wrong").expect("something is left");
    assert_eq!(rest.split_whitespace().collect::<String>(), r#"{"model":"x"}"#);
}

#[test]
fn hooks_of_ours_are_changed_where_they_stand_and_further_ones_go() {
    let old = inline(&hook("/old"));
    let cases = [
        ("another program", "[{\"hooks\": [OLD]}]", "[{\"hooks\": [HOOK]}]"),
        (
            "with a matcher and beside another",
            "[{\"matcher\": \"x\", \"hooks\": [1, OLD]}]",
            "[{\"matcher\": \"x\", \"hooks\": [1, HOOK]}]",
        ),
        ("twice", "[{\"hooks\": [OLD, OLD]}, {\"hooks\": [OLD]}]", "[{\"hooks\": [HOOK]}]"),
        (
            "as Claude Code sets it",
            "[{\"hooks\": [{\n\"args\":[\"hooks\",\"conversation-trace\",\"--agent\",\"claude-code\"],\n\"command\":\"/r\"}]}]",
            "[{\"hooks\": [{\n\"args\":[\"hooks\",\"conversation-trace\",\"--agent\",\"claude-code\"],\n\"command\":\"/r\"}]}]",
        ),
    ];
    for (name, before, after) in cases {
        let [before, after] = [before, after].map(|groups| {
            let groups = text(&groups.replace("OLD", &old));
            format!("{{\"hooks\": {{\"Stop\": {groups}, \"SessionEnd\": [ {} ]}}}}", text("GROUP"))
        });
        assert_eq!(add(&KIND, Some(&before), &wanted()), Ok(after), "{name}");
    }
    let gone = text(r#"{"hooks": {"Old": [ GROUP ], "Stop": [ GROUP ], "SessionEnd": [ GROUP ]}}"#);
    let expected = text(r#"{"hooks": {"Stop": [ GROUP ], "SessionEnd": [ GROUP ]}}"#);
    assert_eq!(
        add(&KIND, Some(&gone), &wanted()),
        Ok(expected),
        "an event that is not wanted any more"
    );
}

#[test]
fn only_what_calls_recount_so_is_ours() {
    let cases = [
        (
            r#"{"command": "x", "args": ["hooks", "conversation-trace", "--agent", "claude-code"]}"#,
            true,
        ),
        (
            r#"{"args": ["hooks", "conversation-trace", "--agent", "claude-code", "--database", "/d"]}"#,
            true,
        ),
        (r#"{"args": ["hooks", "conversation-trace", "--agent", "codex"]}"#, false),
        (r#"{"args": ["hooks", "conversation-trace", "--agent"]}"#, false),
        (r#"{"args": [1, "hooks", "conversation-trace", "--agent", "claude-code"]}"#, false),
        (r#"{"command": "recount hooks conversation-trace --agent claude-code"}"#, false),
        (r#"{"args": "hooks"}"#, false),
        (r#""hooks""#, false),
        ("[]", false),
    ];
    for (hook, expected) in cases {
        let settings = format!(r#"{{"hooks": {{"Stop": [ {{"hooks": [{hook}, 1]}} ]}}}}"#);
        assert_eq!(is_in(&KIND, &settings), Ok(expected), "{hook}");
        let rest = settings.replace(&format!("{hook}, "), if expected { "" } else { "HOOK" });
        let rest = rest.replace("HOOK", &format!("{hook}, "));
        assert_eq!(remove(&KIND, &settings), Ok(Some(rest)), "{hook}");
    }
}

#[test]
fn what_claude_code_has_set_anew_is_taken_away_whole() {
    let settings = add(&KIND, Some("{\n  \"a\": 1\n}"), &wanted()).expect("nothing is wrong");
    let value: serde_json::Value = serde_json::from_str(&settings).expect("JSON");
    let anew = serde_json::to_string_pretty(&value).expect("JSON");
    assert_eq!(add(&KIND, Some(&anew), &wanted()).as_ref(), Ok(&anew));
    assert_eq!(remove(&KIND, &anew), Ok(Some("{\n  \"a\": 1\n}".to_owned())));
    let short = value.to_string();
    assert_eq!(add(&KIND, Some(&short), &wanted()).as_ref(), Ok(&short));
    assert_eq!(remove(&KIND, &short), Ok(Some("{\"a\":1}".to_owned())));
}

#[test]
fn as_deep_as_they_may_be() {
    let settings = format!("{{\"a\": {}{}}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(is_in(&KIND, &settings), Ok(false));
}

#[test]
fn what_is_not_as_it_should_be_is_named_with_its_place() {
    let deep = "[".repeat(100_000);
    let cases: [(&str, &str, bool); 19] = [
        ("\n", "line 1: no JSON object is in it", true),
        ("[]", "line 1: no JSON object is in it", true),
        ("null", "line 1: no JSON object is in it", true),
        ("// c\n{}", "line 1, column 1: comments are not allowed", true),
        ("{\"a\": 1, /* c */ \"b\": 2}", "line 1, column 10: comments are not allowed", true),
        ("{\n\"a\": 1,\n}", "line 2, column 7: trailing commas are not allowed", true),
        ("{'a': 1}", "line 1, column 2: single-quoted strings are not allowed", true),
        ("{a: 1}", "line 1, column 2: expected string for object property", true),
        ("{\"a\": 1", "line 1, column 1: unterminated object", true),
        ("{} {}", "line 1, column 4: text cannot contain more than one json value", true),
        ("{\n\"a\": \"\t\"}", "line 2, column 6: control character", true),
        ("{\u{a0}}", "line 1, column 2: key must be a string", true),
        ("{\"a\": NaN}", "line 1, column 7: unexpected token", true),
        ("{\"hooks\": []}", "line 1: `hooks` has to be an object", true),
        ("{\n\"hooks\": null}", "line 2: `hooks` has to be an object", true),
        ("{\"hooks\": {},\n\"hooks\": {}}", "line 2: `hooks` is there a second time", true),
        ("{\"hooks\": {\n\"Stop\": {}}}", "line 2: `Stop` has to be a list", false),
        (
            "{\"hooks\": {\"Stop\": [],\n\"Stop\": []}}",
            "line 2: `Stop` is there a second time",
            false,
        ),
        (&deep, "line 1, column 513: maximum nesting depth exceeded", true),
    ];
    for (settings, expected, for_all) in cases {
        let shown: String = settings.chars().take(40).collect();
        let fault = add(&KIND, Some(settings), &wanted()).expect_err(&shown).to_string();
        assert!(fault.starts_with(expected), "{shown}: {fault}");
        assert_eq!(remove(&KIND, settings).is_err(), for_all, "{shown}");
    }
}

fn gap() -> impl Strategy<Value = String> {
    vec(select(vec![" ", "\n", "\r\n", "\t", "  "]), 0..3).prop_map(|pieces| pieces.concat())
}

/// `open item, item close`, where every gap is by chance.
fn container(
    open: &'static str,
    close: &'static str,
    items: BoxedStrategy<Vec<String>>,
) -> impl Strategy<Value = String> {
    (items, vec((gap(), gap()), 8), gap()).prop_map(move |(items, gaps, end)| {
        let items = items
            .iter()
            .zip(gaps)
            .map(|(item, (before, behind))| format!("{before}{item}{behind}"));
        format!("{open}{}{end}{close}", items.collect::<Vec<_>>().join(","))
    })
}

fn some(of: Vec<&'static str>) -> BoxedStrategy<Vec<String>> {
    vec(select(of).prop_map(str::to_owned), 0..3).boxed()
}

/// The hooks of one event, none of which are ours.
fn groups() -> impl Strategy<Value = String> {
    let theirs = r#"{"matcher": "Bash", "hooks": [{"type": "command", "command": "x ]}"}]}"#;
    container("[", "]", some(vec![theirs, r#"{"hooks":[]}"#, "{ }", r#""\"], \\""#, "1"]))
}

/// Properties with chosen keys in any order, and others between them.
fn object(chosen: BoxedStrategy<Vec<(&'static str, String)>>) -> impl Strategy<Value = String> {
    let others = some(vec![r#""a": 1"#, r#""b" : { }"#, r#""ü": "}\\""#]);
    let properties = (chosen, others, gap()).prop_flat_map(|(chosen, others, gap)| {
        let chosen = chosen.into_iter().map(move |(key, value)| format!("\"{key}\"{gap}: {value}"));
        Just(chosen.chain(others).collect::<Vec<_>>()).prop_shuffle()
    });
    container("{", "}", properties.boxed())
}

fn settings() -> impl Strategy<Value = String> {
    let event = |name: &'static str| {
        prop::option::of(groups()).prop_map(move |groups| groups.map(|groups| (name, groups)))
    };
    let events = (event("Stop"), event("SessionEnd"), event("Other"));
    let events = events.prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect());
    let hooks = prop::option::of(object(events.boxed()));
    let root = object(
        hooks.prop_map(|hooks| hooks.map(|hooks| (KEY, hooks)).into_iter().collect()).boxed(),
    );
    (select(vec!["", "\u{feff}"]), gap(), root, gap())
        .prop_map(|(mark, before, root, behind)| format!("{mark}{before}{root}{behind}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn adding_adds_each_hook_once_and_removing_restores_every_byte(settings in settings()) {
        let once = add(&KIND, Some(&settings), &wanted()).expect("it is right");
        prop_assert_eq!(once.matches("conversation-trace").count(), 2);
        prop_assert_eq!(add(&KIND, Some(&once), &wanted()), Ok(once.clone()));
        prop_assert_eq!(remove(&KIND, &once), Ok(Some(settings.clone())));

        let (_, body) = split_mark(&once);
        let value: serde_json::Value = serde_json::from_str(body).expect("it is JSON");
        for (event, hook) in wanted() {
            let last = value["hooks"][event].as_array().and_then(|groups| groups.last());
            prop_assert_eq!(last, Some(&json!({ "hooks": [hook] })));
        }

        let other = wanted().map(|(event, _)| (event, hook("/other \"\\")));
        let changed = add(&KIND, Some(&once), &other).expect("it is right");
        prop_assert_eq!(add(&KIND, Some(&settings), &other), Ok(changed.clone()));
        prop_assert_eq!(remove(&KIND, &changed), Ok(Some(settings)));
    }
}
