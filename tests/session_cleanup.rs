//! Old sessions that are removed from the record, whole.

use serde_json::{Value, json};

use crate::support::{
    TestEnvironment,
    envelope::{envelope, messages, parts},
};

const DAY: i64 = 86_400_000;

/// One session that was last active so many days ago, with something in each of some tables.
fn record(environment: &TestEnvironment, id: &str, days: i64, text: &str) {
    let at = jiff::Timestamp::now().as_millisecond() - days * DAY;
    let message = json!({
        "session_id": id, "message_id": "msg", "role": "assistant", "generated_at_unix_ms": at,
    });
    let call = json!({
        "session_id": id, "message_id": "msg", "part_id": "p2", "part_type": "tool", "callID": "c",
        "tool": "bash", "state": { "status": "error", "error": "no", "input": {} },
        "generated_at_unix_ms": at,
    });
    let part = json!({
        "session_id": id, "message_id": "msg", "part_id": "p1", "part_type": "text", "text": text,
        "generated_at_unix_ms": at,
    });
    let session = json!({ "session_id": id, "generated_at_unix_ms": at });
    environment.hook(envelope("session.updated", &[session])).finish().ends_with(0);
    environment.hook(messages(&[message])).finish().ends_with(0);
    environment.hook(parts(&[part, call])).finish().ends_with(0);
}

/// Three sessions, of which the oldest is the largest.
fn with_sessions() -> TestEnvironment {
    let environment = TestEnvironment::new();
    record(&environment, "ses_today", 0, "short");
    record(&environment, "ses_week", 7, "short");
    record(&environment, "ses_old", 100, &"long ".repeat(10_000));
    environment
}

fn listed(environment: &TestEnvironment) -> Vec<String> {
    let lines = environment.run(["session", "list", "--format", "jsonl"]).output();
    let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    rows.map(|row| row["session_id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn sessions_go_by_age_and_by_size_and_never_one_of_today() {
    let cases: [(&[&str], &[&str]); 5] = [
        (&["--older-than", "90d"], &["ses_today", "ses_week"]),
        (&["--older-than", "1h"], &["ses_today"]),
        (&["--larger-than", "20kB"], &["ses_today", "ses_week"]),
        (&["--larger-than", "0"], &["ses_today"]),
        (&["--larger-than", "1GB", "--older-than", "900d"], &["ses_today", "ses_week", "ses_old"]),
    ];
    for (arguments, expected) in cases {
        let environment = with_sessions();
        let all = listed(&environment);
        let arguments = [&["session", "cleanup"], arguments].concat();
        let would = environment.run([&arguments[..], &["--dry-run"]].concat()).output();
        assert_eq!(listed(&environment), all, "a dry run removes nothing");
        let done = environment.run(&arguments).output();
        let would = would.replace("would be removed", "removed");
        assert_eq!(would.replace("would be marked", "marked"), done);
        assert_eq!(listed(&environment), expected, "{arguments:?}");
        for session in all.iter().filter(|session| !expected.contains(&session.as_str())) {
            assert!(done.contains(session.as_str()), "{done}");
        }
    }
}

#[test]
fn what_is_removed_is_gone_from_every_table_and_the_rest_is_whole() {
    let environment = with_sessions();
    environment.run(["session", "cleanup", "--older-than", "90d"]).ends_with(0);
    for table in ["sessions", "messages", "parts", "tool_calls", "session_errors"] {
        let column = |condition: &str| {
            let sql = format!("SELECT count(*) FROM {table} WHERE session_id {condition}");
            environment.record().number(&sql)
        };
        assert_eq!(column("= 'ses_old'"), 0, "{table}");
        assert!(column("= 'ses_week'") > 0, "{table}");
    }
    environment.run(["db", "check"]).ends_with(0);
}

#[test]
fn settings_say_what_goes_where_nobody_else_does() {
    let environment = with_sessions();
    let nothing = environment.run(["session", "cleanup"]).output();
    assert!(nothing.contains("nothing says which sessions are to go"), "{nothing}");
    assert_eq!(listed(&environment).len(), 3);
    environment.run(["session", "cleanup", "--larger-than", "x"]).ends_with(64);
    let environment = environment.with_settings("[retention]\nmax_age_days = 30\n");
    environment.run(["session", "cleanup"]).ends_with(0);
    assert_eq!(listed(&environment), ["ses_today", "ses_week"]);
}

#[test]
fn any_command_sees_to_it_once_a_day_where_the_settings_say_so() {
    let settings = "[retention]\nmax_age_days = 30\n";
    let environment = with_sessions().with_settings(settings);
    assert_eq!(listed(&environment).len(), 3, "nobody has said that it may go by itself");
    let environment = environment.with_settings(&format!("{settings}auto = true\n"));
    let first = environment.run(["session", "list"]).ends_with(0);
    assert!(first.stdout.contains("ses_old"), "the answer comes first");
    assert!(first.stderr.contains("removed as `retention` says"), "{}", first.stderr);
    assert_eq!(listed(&environment), ["ses_today", "ses_week"]);
    record(&environment, "ses_other", 50, "short");
    assert_eq!(listed(&environment).len(), 3, "not twice on one day");
    assert_eq!(listed(&environment).len(), 3);
    let last = environment.default_database().with_extension("db.cleaned-up-at");
    std::fs::write(&last, "0").expect("it is ours");
    environment.run(["session", "list"]).ends_with(0);
    assert_eq!(listed(&environment), ["ses_today", "ses_week"]);
}
