//! `recount usage daily` and the like. That the sums of weeks are exact is proved in `claude_cost`.

use serde_json::{Value, json};

use crate::support::{
    TestEnvironment,
    envelope::{PRICE, envelope, message, messages, parts},
};

/// 2026-11-20 23:30 UTC, which is the next day in Paris.
const LATE: i64 = 1_795_217_400_000;
const HOUR: i64 = 3_600_000;

/// An answer of a model, at a time, that took so many tokens.
fn answer(session: &str, id: &str, at: i64, model: &str, input: i64) -> Value {
    let mut answer = message(session, id);
    answer["role"] = "assistant".into();
    answer["generated_at_unix_ms"] = at.into();
    answer["provider_id"] = "mock".into();
    answer["model_id"] = model.into();
    answer["tokens"] = json!({ "input": input, "output": 1 });
    answer
}

/// Two projects, two models, two days, and a price for one of the models.
fn with_usage() -> TestEnvironment {
    let environment = TestEnvironment::new().with_settings(PRICE);
    let session = |id: &str, project: &str, status: &str| {
        json!({
            "session_id": id, "project_path": project, "title": "A title", "status": status,
            "generated_at_unix_ms": LATE - 24 * HOUR,
        })
    };
    let sessions =
        [session("ses_1", "/home/dev/one", "idle"), session("ses_2", "/home/dev/two", "busy")];
    environment.hook(envelope("session.updated", &sessions)).finish().ends_with(0);
    let payloads = [
        answer("ses_1", "msg_1", LATE - 24 * HOUR, "priced", 100),
        answer("ses_1", "msg_2", LATE, "priced", 300),
        answer("ses_2", "msg_3", LATE, "other", 50),
    ];
    let edited = json!({
        "session_id": "ses_1", "message_id": "msg_1", "path": "/home/dev/one/src/main.rs",
        "generated_at_unix_ms": LATE,
    });
    let input = messages(&payloads) + &envelope("file.edited", &[edited]);
    environment.hook(input).finish().ends_with(0);
    environment
}

fn usage(environment: &TestEnvironment, arguments: &[&str]) -> Value {
    let arguments = [&["usage"], arguments, &["--format", "json"]].concat();
    let output = environment.run(arguments).output();
    serde_json::from_str(&output).expect("a JSON value")
}

/// Of each group its key, its messages and its cost.
fn told(usage: &Value) -> Vec<(String, i64, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let group = |group: &Value| {
        let messages = group["messages"].as_i64().expect("a number");
        (text(&group["key"]), messages, text(&group["cost"]["dollars"]))
    };
    usage["details"].as_array().expect("a list").iter().map(group).collect()
}

#[test]
fn usage_is_summed_up_by_time_and_by_who_took_it() {
    type Group = (&'static str, i64, &'static str);
    type Case = (&'static [&'static str], &'static [Group]);
    let environment = with_usage();
    let cases: [Case; 8] = [
        (
            &["daily", "--timezone", "UTC"],
            &[("2026-11-19", 1, "0.00021"), ("2026-11-20", 2, "0.00061")],
        ),
        (
            &["daily", "--timezone", "Europe/Paris"],
            &[("2026-11-20", 1, "0.00021"), ("2026-11-21", 2, "0.00061")],
        ),
        (&["weekly", "--timezone", "UTC"], &[("2026-11-16", 3, "0.00082")]),
        (&["monthly", "--timezone", "UTC"], &[("2026-11", 3, "0.00082")]),
        (&["model"], &[("mock/priced", 2, "0.00082"), ("mock/other", 1, "-")]),
        (&["agent"], &[("opencode", 3, "0.00082")]),
        (&["project"], &[("/home/dev/one", 2, "0.00082"), ("/home/dev/two", 1, "-")]),
        (&["session"], &[("ses_1", 2, "0.00082"), ("ses_2", 1, "-")]),
    ];
    for (arguments, expected) in cases {
        let expected: Vec<_> = expected
            .iter()
            .map(|(key, messages, cost)| ((*key).to_owned(), *messages, (*cost).to_owned()))
            .collect();
        let usage = usage(&environment, arguments);
        assert_eq!(told(&usage), expected, "{arguments:?}");
        assert_eq!(usage["summary"]["messages"], 3, "{arguments:?}");
        assert_eq!(usage["summary"]["messages_without_cost"], 1, "{arguments:?}");
        assert_eq!(usage["summary"]["input"], 450, "{arguments:?}");
        assert_eq!(usage["summary"]["sessions"], 2, "{arguments:?}");
    }
    let shares = usage(&environment, &["daily", "--timezone", "UTC"]);
    assert_eq!(shares["details"][0]["share_percent"], 25.6);
}

#[test]
fn a_filter_takes_what_it_names_and_nothing_else() {
    let environment = with_usage();
    let cases: [(&[&str], i64); 22] = [
        (&["--agent", "opencode"], 3),
        (&["--agent", "Open-Code"], 3),
        (&["--agent", "claude-code"], 0),
        (&["--project", "one"], 2),
        (&["--project", "/home/dev/two/"], 1),
        (&["--project", "wo"], 0),
        (&["--model", "priced"], 2),
        (&["--model", "mock/other"], 1),
        (&["--status", "idle"], 2),
        (&["--status", "idle", "--model", "other"], 0),
        (&["--state", "unknown"], 3),
        (&["--state", "expired"], 0),
        (&["--text", "ONE title"], 2),
        (&["--text", "nothing"], 0),
        (&["--file", "src/main.rs"], 2),
        (&["--file", "main.rs", "--model", "other"], 0),
        (&["--file", "ain.rs"], 0),
        (&["--timezone", "UTC", "--since", "2026-11-20"], 2),
        (&["--timezone", "UTC", "--until", "2026-11-19"], 1),
        (&["--timezone", "UTC", "--since", "2026-11-19", "--until", "2026-11-20"], 3),
        (&["--since", "2026-11-20T23:30:00Z"], 2),
        (&["--until", "2026-11-20T23:30:00Z"], 1),
    ];
    for (filter, expected) in cases {
        let usage = usage(&environment, &[&["model"], filter].concat());
        assert_eq!(usage["summary"]["messages"], expected, "{filter:?}");
    }
    environment.run(["usage", "daily", "--since", "soon"]).ends_with(64).complains("is no time");
    environment
        .run(["usage", "daily", "--timezone", "Mars/Base"])
        .ends_with(64)
        .complains("no time zone is called `Mars/Base`");
}

#[test]
fn the_calls_of_a_message_share_what_it_took() {
    let environment = with_usage();
    let call = |id: &str, tool: &str| {
        json!({
            "session_id": "ses_1", "message_id": "msg_2", "part_id": id, "part_type": "tool",
            "callID": id, "tool": tool, "state": { "status": "completed" },
            "generated_at_unix_ms": LATE,
        })
    };
    let calls = [call("c1", "bash"), call("c2", "bash"), call("c3", "read")];
    environment.hook(parts(&calls)).finish().ends_with(0);
    let usage = usage(&environment, &["tool"]);
    let expected = [
        ("bash", 1, "0.000406666666"),
        // Messages that called none.
        ("-", 2, "0.00021"),
        ("read", 1, "0.000203333334"),
    ];
    let expected =
        expected.map(|(tool, messages, cost)| (tool.to_owned(), messages, cost.to_owned()));
    assert_eq!(told(&usage), expected);
    let inputs: Vec<_> =
        usage["details"].as_array().into_iter().flatten().map(|row| &row["input"]).collect();
    assert_eq!(json!(inputs), json!([200, 150, 100]));
    assert_eq!(usage["meta"]["is_estimate"], true);
    assert_eq!(usage["summary"]["messages"], 3);
    assert_eq!(usage["summary"]["cost"]["dollars"], "0.00082");
    let table = environment.run(["usage", "tool"]).output();
    assert!(table.contains("estimated: the calls of a message share what it took"), "{table}");
}

#[test]
fn sums_are_printed_in_every_form() {
    let environment = with_usage();
    let table = environment.run(["usage", "model"]).output();
    assert!(table.contains("mock/priced") && table.contains("$0.00082"), "{table}");
    assert!(table.contains("1 message without a price; `recount doctor` names the models"));
    let lines = environment.run(["usage", "model", "--format", "jsonl"]).output();
    let lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("a JSON value")).collect();
    assert_eq!(Value::from(lines), usage(&environment, &["model"])["details"]);
    let empty = environment.run(["usage", "model", "--agent", "nobody"]).output();
    assert_eq!(empty, "nothing was taken then\n");
}

#[test]
fn nonsense_in_a_message_makes_no_sum_fail() {
    let environment = with_usage();
    let mut payloads: Vec<Value> = (0..4)
        .map(|number| answer("ses_1", &format!("max_{number}"), LATE, "priced", i64::MAX))
        .collect();
    for payload in &mut payloads {
        payload["cost"] = json!(9_223_371);
    }
    environment.hook(messages(&payloads)).finish().ends_with(0);
    let sums = usage(&environment, &["model"]);
    assert_eq!(sums["summary"]["messages"], 7);
    assert_eq!(sums["summary"]["cost_given"]["dollars"], "9223372.036854775807");
}

#[test]
fn the_parts_of_a_group_are_the_group_however_it_is_split() {
    const FIGURES: [&str; 9] = [
        "messages",
        "input",
        "output",
        "reasoning",
        "cache_read",
        "cache_write_5m",
        "cache_write_1h",
        "total_tokens",
        "messages_without_cost",
    ];
    let environment = with_usage();
    for by in ["daily", "weekly", "monthly", "model", "agent", "project", "session", "tool"] {
        for split in ["model", "agent", "project"] {
            let usage = usage(&environment, &[by, "--split", split]);
            assert_eq!(usage["meta"]["split"], split);
            let details = usage["details"].as_array().expect("a list");
            for group in details {
                let parts = group["split"].as_array().expect("a list");
                let sum = |of: &dyn Fn(&Value) -> i64| parts.iter().map(of).sum::<i64>();
                for figure in FIGURES {
                    let whole = &group[figure];
                    let parts = sum(&|part| part[figure].as_i64().expect("a number"));
                    assert_eq!(whole, &json!(parts), "{by} {split} {figure}: {group:#}");
                }
                let cost = |of: &Value| of["cost"]["picodollars"].as_i64().unwrap_or_default();
                assert_eq!(cost(group), sum(&cost), "{by} {split}: {group:#}");
            }
        }
    }
    let by_model = usage(&environment, &["daily", "--split", "model"]);
    let last = &by_model["details"][1]["split"];
    let told = json!([last[0]["key"], last[0]["input"], last[1]["key"], last[1]["input"]]);
    assert_eq!(told, json!(["mock/priced", 300, "mock/other", 50]));
    let whole = usage(&environment, &["daily"]);
    assert_eq!(whole["details"][0]["split"], json!([]));
}

#[test]
fn a_split_is_indented_for_people_and_a_row_of_its_own_in_a_spreadsheet() {
    let environment = with_usage();
    let table = environment.run(["usage", "daily", "--split", "model"]).output();
    assert!(table.contains("\n   mock/other"), "{table}");
    let csv = environment.run(["usage", "daily", "--split", "model", "--format", "csv"]).output();
    let rows: Vec<&str> = csv.lines().collect();
    assert!(rows[0].starts_with("day,model,cost"), "{csv}");
    assert_eq!(rows.len(), 4, "{csv}");
    assert!(rows[2].starts_with("2026-11-20,mock/priced,"), "{csv}");
}
