//! `recount hooks conversation-trace` to the letter: receipts, exit codes, when it drains, and what
//! it does with input, settings and streams that are not as they should be.

mod signals;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{
    ENVELOPE, Finished, Load, Random, TestEnvironment, body,
    envelope::{envelope, hook_event, message, messages, nameless_part, part, parts},
};

/// Every hook stores what it is given at once.
const DRAINS: &str = "hooks.drain_files = 1\n";

/// No hook stores what it is given, however long it is.
const SPOOLS: &str = "hooks.drain_bytes = 1000000000\n";

/// The sums of a receipt by their names.
fn sums(receipt: &str) -> BTreeMap<&str, u64> {
    let sums = receipt.strip_prefix("conversation-trace: ").expect("it begins with the hook");
    let sums = sums.strip_suffix('\n').expect("it is a line").split(' ');
    let sums = sums.map(|sum| sum.split_once('=').expect("a name and a number"));
    sums.map(|(name, count)| (name, count.parse().expect("a number"))).collect()
}

fn receipt_of(sums: [u64; 6]) -> String {
    let [attempted, stored, updated, duplicate, rejected, spooled] = sums;
    format!(
        "conversation-trace: attempted={attempted} stored={stored} updated={updated} \
         duplicate={duplicate} rejected={rejected} spooled={spooled}\n"
    )
}

/// One new message, one that changes it, the same again, and one that cannot be taken in.
fn one_of_each() -> String {
    let first = message("ses_1", "msg_1");
    let mut later = first.clone();
    later["observed_at_unix_ms"] = 1_795_168_018_980_i64.into();
    later["finish"] = "stop".into();
    messages(&[first, later.clone(), later, json!({ "session_id": "ses_1" })])
}

#[test]
fn a_receipt_says_what_became_of_each_item() {
    let spools = TestEnvironment::new();
    assert_eq!(spools.hook(one_of_each()).finish().output(), receipt_of([4, 0, 0, 0, 1, 3]));
    let drains = TestEnvironment::new().with_settings(DRAINS);
    assert_eq!(drains.hook(one_of_each()).finish().output(), receipt_of([4, 1, 1, 1, 1, 0]));
    assert_eq!(drains.hook(one_of_each()).finish().output(), receipt_of([4, 0, 0, 3, 1, 0]));
}

#[test]
fn attempted_is_the_sum_whatever_is_handed_over() {
    let load = Load::over(3);
    let mut random = Random::from_seed(7);
    for settings in ["", DRAINS] {
        let environment = TestEnvironment::new().with_settings(settings);
        for _ in 0..30 {
            let input = load.input(&mut random);
            let finished = environment.hook(&*input.bytes).finish();
            if input.has_hook_event() {
                assert_eq!(finished.stdout, "");
                continue;
            }
            let mut sums = sums(&finished.stdout);
            let attempted = sums.remove("attempted");
            assert_eq!(attempted, Some(input.items() as u64), "{finished:?}");
            assert_eq!(attempted, Some(sums.values().sum()), "{finished:?}");
        }
    }
}

#[test]
fn a_json_receipt_names_each_reject_warning_and_unreadable_piece() {
    let mut odd = message("ses_1", "msg_1");
    odd["cost"] = (-1).into();
    let input = messages(&[json!({ "session_id": "ses_1" }), odd]) + "no JSON\n";
    let environment = TestEnvironment::new();
    let run = environment.hook(input.clone()).arguments(["--receipt", "json"]);
    let finished = run.finish().ends_with(65);
    let receipt: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let expected = json!({
        "attempted": 2, "stored": 0, "updated": 0, "duplicate": 0, "rejected": 1, "spooled": 1,
        "rejects": [{ "envelope": 0, "index": 0, "field": "message_id", "reason": "is missing" }],
        "warnings": [
            { "envelope": 0, "index": 1, "field": "cost", "reason": receipt["warnings"][0]["reason"] },
        ],
        "unreadable": [{ "offset": input.len() - 8, "bytes": 7, "reason": "is no JSON" }],
    });
    assert_eq!(receipt, expected);
    assert!(finished.stdout.ends_with("}\n") && finished.stdout.lines().count() == 1);
}

#[test]
fn without_a_receipt_nothing_is_printed() {
    let environment = TestEnvironment::new();
    let run = environment.hook(one_of_each()).arguments(["--receipt", "none"]);
    assert_eq!(run.finish().output(), "");
    assert_eq!(environment.spooled().len(), 1);
}

#[test]
fn an_exit_code_says_what_is_safe_and_is_never_2() {
    let trace = &["hooks", "conversation-trace"][..];
    let cases: [(&str, &[&str], &str, i32); 12] = [
        ("a good envelope", trace, ENVELOPE, 0),
        ("an envelope of nothing", trace, r#"{"type":"message.updated","payloads":[]}"#, 0),
        ("a rejected item", trace, r#"{"type":"message.updated","payloads":[{}]}"#, 0),
        ("a hook event", trace, r#"{"hook_event_name":"Notification","session_id":"s"}"#, 0),
        ("no JSON", trace, "no JSON", 65),
        ("nothing", trace, "", 65),
        ("white space", trace, " \r\n", 65),
        ("an unknown option", &["hooks", "conversation-trace", "--colour"], ENVELOPE, 64),
        ("an unknown form", &["hooks", "conversation-trace", "--receipt", "xml"], ENVELOPE, 64),
        ("an unknown hook", &["hooks", "trace-of-tomorrow"], ENVELOPE, 64),
        ("no hook", &["hooks"], ENVELOPE, 64),
        (
            "a database that cannot be",
            &["hooks", "conversation-trace", "--database", "/dev/null/r.db"],
            ENVELOPE,
            74,
        ),
    ];
    for (name, arguments, input, code) in cases {
        let environment = TestEnvironment::new();
        let finished = environment.recount(arguments).input(input).finish();
        assert_eq!(finished.code, Some(code), "{name}: {finished:#?}");
        assert_eq!(finished.stderr.is_empty(), code == 0, "{name}: {finished:#?}");
        let is_kept = !input.trim().is_empty() && code != 74;
        assert_eq!(environment.spooled().len(), usize::from(is_kept), "{name}");
    }
}

#[test]
fn a_folder_as_standard_input_is_74() {
    let environment = TestEnvironment::new();
    let folder = File::open("/").expect("a folder");
    environment
        .hook("")
        .stdin(folder)
        .finish()
        .ends_with(74)
        .complains("recount: standard input cannot be read to its end");
}

/// What Claude Code 2.1 handed to its hooks in one session.
fn captured_hook_events(name: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/captures/claude");
    let text = fs::read_to_string(folder.join(name)).expect("a fixture");
    text.lines().map(str::to_owned).collect()
}

/// Events that become rows of other tables, which tell all of them.
const TAKEN_APART: [&str; 5] =
    ["PreToolUse", "PostToolUse", "PostToolUseFailure", "PostToolBatch", "UserPromptSubmit"];

#[test]
fn captured_sessions_of_hook_events_print_nothing_and_are_kept_whole() {
    for name in ["basic.jsonl", "error.jsonl", "short.jsonl", "subagent.jsonl"] {
        let environment = TestEnvironment::new();
        let events = captured_hook_events(name);
        for (event, form) in events.iter().zip(["text", "json", "none"].into_iter().cycle()) {
            let run = environment.hook(event.as_str()).arguments(["--receipt", form]);
            assert_eq!(run.finish().output(), "", "{event}");
        }
        environment.run(["spool", "drain"]).ends_with(0);
        let record = environment.record();
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        let kept: Vec<Value> = record
            .column::<String>("SELECT payload FROM events")
            .iter()
            .map(|text| read(text))
            .collect();
        let is_row =
            |event: &Value| TAKEN_APART.iter().any(|name| event["hook_event_name"] == *name);
        let expected: Vec<Value> =
            events.iter().map(|event| read(event)).filter(|event| !is_row(event)).collect();
        let lost: Vec<_> = expected.iter().filter(|event| !kept.contains(event)).collect();
        assert_eq!((lost, kept.len()), (vec![], expected.len()), "{name}");
        let agents = record.column::<String>("SELECT DISTINCT agent FROM sessions");
        assert_eq!(agents, ["claude-code"], "{name}");
        assert_eq!(record.rows("rejects"), 0, "{name}");
    }
}

#[test]
fn nothing_is_printed_about_an_input_that_holds_a_hook_event_readable_or_not() {
    let deep =
        format!(r#"{{"hook_event_name":"Stop","x":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    let cases = [
        ("beside an envelope", format!("{ENVELOPE}\n{}", hook_event("s", "Stop", "hi")), 0),
        ("beside garbage", format!("{}no JSON", hook_event("s", "Stop", "hi")), 65),
        ("unreadable itself", deep, 65),
    ];
    for (name, input, code) in cases {
        for form in ["text", "json"] {
            let environment = TestEnvironment::new();
            let run = environment.hook(input.clone()).arguments(["--receipt", form]);
            assert_eq!(run.finish().ends_with(code).stdout, "", "{name}");
        }
    }
}

#[test]
fn several_envelopes_in_one_input_are_each_taken_in() {
    let environment = TestEnvironment::new().with_settings(DRAINS);
    let input = [
        "\u{feff}".to_owned(),
        messages(&[message("ses_1", "msg_1")]).trim().to_owned(),
        parts(&[part("ses_1", "msg_1", "prt_1", "one")]),
        "\r\n".to_owned(),
        parts(&[nameless_part("ses_1", "msg_1", "two"), nameless_part("ses_1", "msg_1", "two")]),
        envelope(
            "event.recorded",
            &[json!({ "session_id": null, "name": "x", "generated_at_unix_ms": 1 })],
        ),
    ];
    let receipt = environment.hook(input.concat()).finish().output();
    assert_eq!(receipt, receipt_of([5, 5, 0, 0, 0, 0]));
    let record = environment.record();
    let rows = ["messages", "parts", "events"].map(|table| record.rows(table));
    assert_eq!(rows, [1, 3, 1], "equal parts without an id stay two");
}

#[test]
fn an_agents_own_hook_prints_nothing_whatever_it_is_handed() {
    let twice = r#"{"hook_event_name":"Stop","session_id":"s","session_id":"t"}"#;
    for settings in ["", DRAINS] {
        for input in ["{}", "[]", "null", "no JSON", twice, "\u{fffd}{"] {
            let environment = TestEnvironment::new().with_settings(settings);
            for agent in ["claude-code", "Claude", "codex", "gemini-cli"] {
                for receipt in ["text", "json"] {
                    let run = environment.hook(input);
                    let run = run.arguments(["--agent", agent, "--receipt", receipt]);
                    let finished = run.finish().ends_with(65);
                    assert_eq!(finished.stdout, "", "{agent}: {input}");
                }
            }
            let finished = environment.hook(input).arguments(["--agent", "opencode"]).finish();
            assert!(finished.stdout.starts_with("conversation-trace: "), "{finished:?}");
        }
    }
    let environment = TestEnvironment::new();
    let receipt = environment.hook(ENVELOPE).arguments(["--agent", "claude"]).finish();
    assert!(receipt.stdout.starts_with("conversation-trace: "), "{receipt:?}");
}

#[test]
fn the_agent_of_the_command_line_outdoes_the_envelopes() {
    let cases = [
        (vec![], "opencode"),
        (vec!["--agent", "Gemini-CLI"], "gemini"),
        (vec!["--agent", "agent-of-tomorrow"], "agent-of-tomorrow"),
        (vec!["--agent", " "], "opencode"),
    ];
    for settings in ["", DRAINS] {
        for (arguments, agent) in &cases {
            let environment = TestEnvironment::new().with_settings(settings);
            environment.hook(ENVELOPE).arguments(arguments).finish().ends_with(0);
            environment.run(["spool", "drain"]).ends_with(0);
            let agents = environment.record().column::<String>("SELECT agent FROM sessions");
            assert_eq!(agents, [*agent], "{arguments:?}");
        }
    }
}

#[test]
fn what_a_wrong_command_line_kept_is_stored_once_its_hook_is_known() {
    let environment = TestEnvironment::new();
    for arguments in [
        &["hooks", "conversation-trace", "--colour", "red"][..],
        &["hooks"],
        &["hooks", "trace-of-tomorrow"],
    ] {
        environment.recount(arguments).input(ENVELOPE).finish().ends_with(64);
    }
    let drained = environment.run(["spool", "drain"]).output();
    assert!(drained.starts_with("drained 2 files: stored=1 updated=0 duplicate=1"), "{drained}");
    assert!(
        drained.contains("for a newer version, hook or another database, and left alone: 1"),
        "{drained}"
    );
    let [left] = &environment.spooled()[..] else { panic!("one file stays") };
    assert_eq!(body(left), ENVELOPE.as_bytes());
    assert_eq!(environment.record().rows("messages"), 1);
}

#[test]
fn settings_count_as_far_as_they_can_be_read() {
    let broken = "[hooks]\ndrain_files = 1\ndeadline_ms = \"soon\"\nunknown = 1\n";
    let environment = TestEnvironment::new().with_settings(broken);
    assert_eq!(environment.hook(ENVELOPE).finish().output(), receipt_of([1, 1, 0, 0, 0, 0]));
    assert_eq!(environment.run(["spool", "status"]).ends_with(78).stdout, "");
}

#[test]
fn a_hook_drains_once_so_many_files_wait() {
    let environment = TestEnvironment::new().with_settings("hooks.drain_files = 3\n");
    for waiting in [1, 2] {
        let receipt = environment.hook(ENVELOPE).finish().output();
        assert_eq!(receipt, receipt_of([1, 0, 0, 0, 0, 1]));
        assert_eq!(environment.spooled().len(), waiting);
    }
    let receipt = environment.hook(ENVELOPE).finish().output();
    assert_eq!(receipt, receipt_of([1, 1, 0, 0, 0, 0]), "its own comes first");
    assert_eq!(environment.spooled().len(), 0);
}

#[test]
fn a_hook_drains_what_is_long_or_ends_a_session() {
    let settings = format!("hooks.drain_bytes = {}\n", ENVELOPE.len() + 1);
    let longer = format!("{ENVELOPE} ");
    let end = hook_event("ses_1", "SessionEnd", "bye");
    let stop = hook_event("ses_1", "Notification", "bye");
    let cases = [(ENVELOPE, false), (&longer, true), (&*end, true), (&*stop, false)];
    for (input, drains) in cases {
        let settings = if input.starts_with(ENVELOPE) { settings.as_str() } else { "" };
        let environment = TestEnvironment::new().with_settings(settings);
        environment.hook(input).finish().ends_with(0);
        assert_eq!(environment.spooled().is_empty(), drains, "{input}");
    }
}

#[test]
fn nothing_is_put_aside_in_a_folder_that_others_share() {
    let environment = TestEnvironment::new().with_settings(DRAINS);
    let run = environment.hook(ENVELOPE).variable("TMPDIR", "/nowhere");
    assert_eq!(run.finish().output(), receipt_of([1, 1, 0, 0, 0, 0]));
    let run = environment.recount(["session", "show", "ses_1"]).variable("TMPDIR", "/nowhere");
    assert!(run.finish().output().contains("ses_1"));
}

#[test]
fn a_writer_that_never_ends_is_left_after_the_time_out_with_what_came() {
    let settings = "hooks.read_timeout_ms = 300\n";
    let second = messages(&[message("ses_1", "msg_2")]);
    let cases = [
        ("complete values", format!("{ENVELOPE}\n{second}"), 0, 2),
        ("and half a value", format!("{ENVELOPE}\n{}", &second[..second.len() / 2]), 65, 1),
        ("nothing", String::new(), 65, 0),
    ];
    for (name, input, code, stored) in cases {
        let environment = TestEnvironment::new().with_settings(settings);
        let finished = environment.hook(input.clone()).endless().finish().ends_with(code);
        assert!(finished.elapsed >= Duration::from_millis(300), "{name}: {:?}", finished.elapsed);
        assert!(finished.elapsed < Duration::from_secs(8), "{name}: {:?}", finished.elapsed);
        environment.run(["spool", "drain"]).ends_with(0);
        assert_eq!(environment.record().rows("messages"), stored, "{name}");
        let kept: Vec<_> = environment.quarantined().iter().map(|file| body(file)).collect();
        let half = input.as_bytes().get(ENVELOPE.len() + 1..).filter(|_| stored == 1);
        assert_eq!(kept, half.map(<[u8]>::to_vec).into_iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_writer_that_closes_early_loses_only_what_it_did_not_write() {
    let environment = TestEnvironment::new();
    let half = &ENVELOPE[..ENVELOPE.len() - 1];
    let finished = environment.hook(format!("{ENVELOPE}\n{half}")).finish().ends_with(65);
    assert_eq!(finished.stdout, receipt_of([1, 0, 0, 0, 0, 1]));
    environment.run(["spool", "drain"]).ends_with(0);
    let [piece] = &environment.quarantined()[..] else { panic!("one piece") };
    assert_eq!(body(piece), half.as_bytes());
    assert_eq!(environment.record().rows("messages"), 1);
}

#[test]
fn of_an_input_that_is_too_long_what_was_read_is_kept_and_the_rest_is_74() {
    const LIMIT: usize = 64 << 20;
    let environment = TestEnvironment::new().with_settings(SPOOLS);
    let first = format!("{ENVELOPE}\n");
    let text = "x".repeat(70 << 20);
    let input = first.clone() + &parts(&[part("ses_1", "msg_1", "prt_1", &text)]);
    let finished = environment.hook(input.clone()).finish().ends_with(74);
    finished.complains("recount: standard input is longer than 64 MiB; the rest was not read");
    let [spooled] = &environment.spooled()[..] else { panic!("one file") };
    assert!(body(spooled) == input.as_bytes()[..LIMIT], "all that was read is kept");
    environment.run(["spool", "drain"]).ends_with(0);
    assert_eq!(environment.record().rows("messages"), 1);
    let [piece] = &environment.quarantined()[..] else { panic!("one piece") };
    assert!(body(piece) == input.as_bytes()[first.len()..LIMIT]);
}

#[test]
fn an_input_that_never_stops_coming_is_read_to_the_limit_only() {
    let environment = TestEnvironment::new().with_settings(SPOOLS);
    let zeros = File::open("/dev/zero").expect("this system has it");
    let since = Instant::now();
    environment.hook("").stdin(zeros).finish().ends_with(74);
    assert!(since.elapsed() < Duration::from_secs(30), "{:?}", since.elapsed());
    assert_eq!(environment.spooled().len(), 1);
}

#[test]
fn a_reader_that_has_gone_changes_nothing() {
    for settings in ["", DRAINS] {
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        let environment = TestEnvironment::new().with_settings(settings);
        let finished = environment.hook(ENVELOPE).stdout(writer).finish().ends_with(0);
        assert_eq!(finished.stderr, "");
        environment.run(["spool", "drain"]).ends_with(0);
        assert_eq!(environment.record().rows("messages"), 1);
    }
}

#[test]
fn what_a_hook_makes_belongs_to_its_owner_alone() {
    let environment = TestEnvironment::new().with_settings(DRAINS);
    let run = environment.under_shell("umask 000; exec \"$0\" hooks conversation-trace");
    run.input(format!("{ENVELOPE}\nno JSON\n")).finish().ends_with(65);
    environment.hook("no JSON either").variable("RECOUNT_LOG", "trace").finish().ends_with(65);
    let folder = environment.default_database().parent().expect("it has one").to_owned();
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let all = everything_in(&folder);
    assert!(all.len() >= 6, "database, log, lock, spool, quarantine and a piece: {all:?}");
    for path in all {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}

/// Files and folders below a folder.
fn everything_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("a file").path()) {
        if path.is_dir() {
            found.extend(everything_in(&path));
        }
        found.push(path);
    }
    found
}

/// Something that an agent or a person might have said, and nobody else.
const SECRET: &str = "correct-horse-battery-staple";

/// Inputs that hold the secret wherever text can be, taken in or not.
fn secrets() -> [String; 7] {
    let mut rejected = message("ses_1", "msg_1");
    rejected["role"] = SECRET.into();
    let mut odd = message("ses_1", "msg_1");
    odd["cost"] = SECRET.into();
    odd["tokens"] = json!({ "input": SECRET });
    [
        parts(&[part("ses_1", "msg_1", "prt_1", SECRET)]),
        messages(&[rejected, odd]),
        format!("{SECRET}\n{{\"{SECRET}\":\"{SECRET}\",\n"),
        format!(r#"{{"type":"{SECRET}","payloads":["{SECRET}"]}}"#),
        format!(r#"{{"{SECRET}":1,"{SECRET}":2}}"#),
        hook_event("ses_1", "UserPromptSubmit", SECRET),
        format!(r#"{{"hook_event_name":"Stop","{SECRET}":1,"{SECRET}":2}}"#),
    ]
}

#[test]
fn nothing_of_a_conversation_is_logged_or_said_on_standard_error() {
    for settings in ["", DRAINS] {
        for damage in [false, true] {
            let environment = TestEnvironment::new().with_settings(settings);
            environment.hook(ENVELOPE).finish().ends_with(0);
            if damage {
                fs::write(environment.default_database(), "no database".repeat(1_000))
                    .expect("it is replaced");
            }
            for input in secrets() {
                for form in ["text", "json"] {
                    let run = environment.hook(input.clone()).arguments(["--receipt", form]);
                    tells_no_secret(&run.variable("RECOUNT_LOG", "trace").finish());
                }
            }
            let run = environment.recount(["spool", "drain"]).variable("RECOUNT_LOG", "trace");
            tells_no_secret(&run.finish());
            is_nowhere_else(&environment);
        }
    }
}

fn tells_no_secret(finished: &Finished) {
    assert!(!finished.stderr.contains(SECRET), "{finished:#?}");
    assert!(!finished.stdout.contains(SECRET), "{finished:#?}");
}

/// Demands that the secret is only where conversations are kept.
fn is_nowhere_else(environment: &TestEnvironment) {
    let kept = [environment.spool(), environment.quarantine(), environment.default_database()];
    let log = environment.default_database().with_extension("db-wal");
    let files = everything_in(&environment.home());
    let others = files.iter().filter(|file| {
        file.is_file() && **file != log && !kept.iter().any(|kept| file.starts_with(kept))
    });
    for file in others {
        let text = String::from_utf8_lossy(&fs::read(file).expect("it can be read")).into_owned();
        assert!(!text.contains(SECRET), "{}: {text}", file.display());
    }
    let is_kept = files.iter().filter(|file| file.is_file()).any(|file| {
        String::from_utf8_lossy(&fs::read(file).expect("it can be read")).contains(SECRET)
    });
    assert!(is_kept, "the search finds it where it has to be");
}
