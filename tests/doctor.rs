//! `recount doctor`: what is wrong is found, whatever else is wrong, and nothing is changed by it.

mod agents;
mod canary;
mod trust;
mod writable;

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    setup::tree,
    support::{
        ENVELOPE, Finished, PROGRAM, TestEnvironment,
        envelope::{GENERATED_AT, hook_event, message, messages},
        set_mode, strace_works,
    },
};

/// What was found, in the order in which it is told.
struct Findings(Vec<Value>);

impl Findings {
    fn of(finished: &Finished) -> Self {
        let told: Value = serde_json::from_str(&finished.stdout).expect("a JSON value");
        let found = Self(told["findings"].as_array().expect("a list").clone());
        let has_failed = found.0.iter().any(|finding| finding["verdict"] == "failure");
        assert_eq!(finished.code, Some(i32::from(has_failed)), "{finished:#?}");
        assert_eq!(told["verdict"] == "failure", has_failed, "{told:#}");
        found
    }

    /// The findings of a check as `verdict: found`.
    fn told(&self, check: &str) -> Vec<String> {
        let text = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
        let of_check = self.0.iter().filter(|finding| name(finding) == check);
        of_check
            .map(|finding| format!("{}: {}", text(finding, "verdict"), text(finding, "found")))
            .collect()
    }

    /// Demands that a check has one finding, which begins so.
    fn tells(&self, check: &str, expected: &str) -> &Self {
        let told = self.told(check);
        assert!(
            matches!(&told[..], [one] if one.starts_with(expected)),
            "{check}: {told:#?}, not {expected}"
        );
        self
    }

    /// Demands that one of a check's findings begins so.
    fn also_tells(&self, check: &str, expected: &str) -> &Self {
        let told = self.told(check);
        assert!(
            told.iter().any(|one| one.starts_with(expected)),
            "{check}: {told:#?}, not {expected}"
        );
        self
    }

    /// Demands that nothing is wrong with what these do not name.
    fn nothing_else(&self, checks: &[&str]) -> &Self {
        for finding in &self.0 {
            let is_fine = ["ok", "not_set_up"].map(Value::from).contains(&finding["verdict"]);
            assert!(is_fine || checks.contains(&&*name(finding)), "{finding:#}");
        }
        self
    }
}

/// `check`, or `agent check`.
fn name(finding: &Value) -> String {
    let check = finding["check"].as_str().expect("a text");
    finding["agent"].as_str().map_or(check.to_owned(), |agent| format!("{agent} {check}"))
}

fn doctor(environment: &TestEnvironment, options: &[&str]) -> Findings {
    let run = environment.recount(["doctor", "--format", "json"].iter().chain(options));
    let finished = run.finish();
    assert_eq!(finished.stderr, "", "{finished:#?}");
    Findings::of(&finished)
}

fn setup(environment: &TestEnvironment, options: &[&str]) {
    environment.recount(["setup"].iter().chain(options)).finish().ends_with(0);
}

/// Makes a program of a line of shell.
fn program(path: &Path, line: &str) {
    fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
    fs::write(path, format!("#!/bin/sh\n{line}\n")).expect("a new file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

fn user_settings(environment: &TestEnvironment) -> PathBuf {
    environment.home().join(".claude/settings.json")
}

/// Settings of Claude Code with one hook for each of these events.
fn hooks(events: &[&str], hook: &Value) -> String {
    let groups = json!([{ "hooks": [hook] }]);
    let events = events.iter().map(|event| ((*event).to_owned(), groups.clone()));
    json!({ "hooks": Value::Object(events.collect()) }).to_string()
}

/// The hook that calls a program as set-up has it called.
fn hook(program: &str, more: &[&str]) -> Value {
    let arguments = ["hooks", "conversation-trace", "--agent", "claude-code"];
    let arguments: Vec<_> = arguments.iter().chain(more).collect();
    json!({ "type": "command", "command": program, "args": arguments, "timeout": 1 })
}

#[test]
fn what_a_record_says_of_an_agent_does_not_act_on_a_terminal() {
    let environment = TestEnvironment::new();
    let agent = "ag\u{1b}]0;title\u{7}\u{1b}[31m\u{202e}\nok          forged line";
    let session = json!({ "session_id": "ses_1", "generated_at_unix_ms": GENERATED_AT });
    let input = json!({ "type": "session.updated", "agent": agent, "payloads": [session] });
    environment.hook(input.to_string()).finish().ends_with(0);
    environment.run(["spool", "drain"]).ends_with(0);
    let told = environment.recount(["doctor"]).finish().stdout;
    let acts = |sign: char| (sign.is_control() && sign != '\n') || sign == '\u{202e}';
    assert!(told.contains("forged line") && !told.contains(acts), "{told:?}");
    assert!(!told.lines().any(|line| line.starts_with("ok          forged")), "{told}");
}

#[test]
fn where_nothing_is_set_up_nothing_is_wrong_and_nothing_is_made() {
    let environment = TestEnvironment::new();
    let all = environment.home().parent().expect("it has one").to_owned();
    let before = tree(&all);
    let findings = doctor(&environment, &[]);
    assert_eq!(tree(&all), before);
    let checks: Vec<String> = findings.0.iter().map(name).collect();
    let expected = [
        "recount",
        "settings",
        "claude-code registration",
        "codex registration",
        "gemini registration",
        "opencode registration",
        "database",
    ];
    assert_eq!(checks, expected);
    findings
        .tells("recount", concat!("ok: version ", env!("CARGO_PKG_VERSION"), ", `/"))
        .tells("claude-code registration", "not_set_up: Claude Code hands over nothing")
        .tells("codex registration", "not_set_up: Codex hands over nothing")
        .tells("gemini registration", "not_set_up: Gemini CLI hands over nothing")
        .tells("opencode registration", "not_set_up: OpenCode hands over nothing")
        .tells("database", "not_set_up: `")
        .nothing_else(&[]);
    assert_eq!(findings.0[2]["advice"], "`recount setup claude`");

    // The folder is there, and what was spooled in it waits.
    environment.hook(ENVELOPE).finish().ends_with(0);
    let before = tree(&all);
    let findings = doctor(&environment, &[]);
    assert_eq!(tree(&all), before);
    findings.tells("database", "not_set_up: `").tells("spool", "ok: 1 file of ").nothing_else(&[]);
}

#[test]
fn what_is_as_it_should_be_is_told_in_text() {
    let environment = TestEnvironment::new();
    setup(&environment, &["claude"]);
    setup(&environment, &["gemini"]);
    setup(&environment, &["opencode"]);
    environment.hook(hook_event("ses_1", "SessionEnd", "")).finish().ends_with(0);
    let shown = environment.run(["doctor"]).output();
    let program = fs::canonicalize(PROGRAM).expect("it is there").display().to_string();
    let schema = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    let schema = format!("schema {}\n", schema.expect("a folder").count());
    let shown = shown.replace(&schema, "schema SCHEMA\n");
    let shown =
        shown.replace(&program, "PROGRAM").replace(&*environment.home().to_string_lossy(), "HOME");
    let expected = "\
ok          recount                   version 0.1.0, `PROGRAM`
ok          settings                  no file; everything has its default
ok          claude-code registration  29 events in `HOME/.claude/settings.json`
ok          claude-code program       `PROGRAM` version 0.1.0
not set up  codex registration        Codex hands over nothing
                                      -> `recount setup codex`
ok          gemini registration       4 events in `HOME/.gemini/settings.json`
ok          gemini program            `PROGRAM` version 0.1.0
ok          opencode registration     `HOME/.config/opencode/plugin/recount.js`
ok          opencode program          `PROGRAM` version 0.1.0
ok          lease                     free
ok          database                  `HOME/.local/share/recount/recount.db`, schema SCHEMA
ok          transcripts               all that events spoke of is read
ok          claude-code last event    just now
ok          gemini last event         none yet
ok          opencode last event       none yet
ok          rejects                   none
ok          prices                    known of every model that took tokens
ok          pages                     each can be read
ok          spool                     nothing waits
ok          outbox                    nothing waits
ok          quarantine                empty
ok          log                       hooks had nothing to say
";
    assert_eq!(shown.replace("1 second ago", "just now"), expected);
}

#[test]
fn a_repository_is_told_of_where_doctor_is_in_one() {
    let environment = TestEnvironment::new();
    let git = environment.program(Path::new("git")).arguments(["init", "--quiet"]);
    git.finish().ends_with(0);
    let hooks = environment.working_folder().join(".git/hooks");
    let folder = format!("`{}`", hooks.display());
    let told = format!("not_set_up: tells of no commits: nothing of recount is in {folder}");
    doctor(&environment, &[]).tells("git", &told);
    setup(&environment, &["git"]);
    doctor(&environment, &[]).tells("git", &format!("ok: hooks in {folder}"));
    let hook = hooks.join("post-rewrite");
    set_mode(&hook, 0o644);
    let told = format!("warning: `{}` does not call recount", hook.display());
    doctor(&environment, &[]).tells("git", &told);
    let text = fs::read_to_string(hooks.join("post-commit")).expect("text");
    let program = fs::canonicalize(PROGRAM).expect("it is there").display().to_string();
    fs::write(hooks.join("post-commit"), text.replace(&program, "/gone")).expect("it is there");
    let told = format!("warning: the hooks in {folder} call `/gone`, which is not there");
    doctor(&environment, &[]).tells("git", &told);
}

#[test]
fn an_agent_can_be_looked_at_alone() {
    let environment = TestEnvironment::new();
    environment.hook(ENVELOPE).finish().ends_with(0);
    environment.hook(hook_event("ses_2", "SessionEnd", "")).finish().ends_with(0);
    for (name, other) in [("claude", "opencode"), ("opencode", "claude-code")] {
        let findings = doctor(&environment, &["--agent", name]);
        assert!(findings.0.iter().all(|finding| finding["agent"] != other), "{name}");
        assert!(findings.0.iter().any(|finding| finding["check"] == "last_event"), "{name}");
    }
    environment
        .run(["doctor", "--agent", "cursor"])
        .ends_with(64)
        .complains("agent `cursor` cannot");
}

#[test]
fn broken_settings_are_a_finding_and_the_rest_is_looked_at() {
    let environment = TestEnvironment::new().with_settings("colour = 1\nlog = 5\n");
    setup_without_settings(&environment);
    let findings = doctor(&environment, &[]);
    assert_eq!(findings.told("settings").len(), 2);
    findings
        .also_tells("settings", "failure: ")
        .tells("claude-code registration", "ok: 1 event in `")
        .tells("database", "ok: `")
        .nothing_else(&["settings", "claude-code events", "log"]);
}

/// One hook, and one event that is stored.
fn setup_without_settings(environment: &TestEnvironment) {
    let hook = hook(&fs::canonicalize(PROGRAM).expect("it is there").to_string_lossy(), &[]);
    fs::create_dir(environment.home().join(".claude")).expect("a new folder");
    fs::write(user_settings(environment), hooks(&["Stop"], &hook)).expect("a file");
    environment.hook(hook_event("ses_1", "SessionEnd", "")).finish().ends_with(0);
}

/// A record with one session.
fn with_a_record(settings: &str) -> TestEnvironment {
    let environment = TestEnvironment::new().with_settings(settings);
    environment.hook(messages(&[message("ses_1", "msg_1")])).finish().ends_with(0);
    environment.run(["spool", "drain"]).ends_with(0);
    environment
}

/// What is done to a database, which check finds it, and what is told.
type Damage = (&'static str, fn(&Path), &'static str, &'static str);

const TOMORROW: &str = "PRAGMA user_version = 99";
const AT_ODDS: &str = "UPDATE schema_migrations SET version = version + 7";

fn cut(file: &Path, bytes: u64) {
    let file = File::options().write(true).open(file).expect("it is there");
    file.set_len(bytes).expect("it is ours");
}

fn put_a_folder(path: &Path) {
    fs::remove_file(path).expect("it is there");
    fs::create_dir(path).expect("a new folder");
}

#[test]
fn what_is_wrong_with_the_database_is_found_and_the_rest_is_looked_at() {
    let cases: [Damage; 5] = [
        ("cut off", |path| cut(path, 4_096), "database", "failure: `"),
        ("text", |path| fs::write(path, "text").expect("a file"), "database", "failure: `"),
        ("a folder", put_a_folder, "database", "failure: `"),
        ("of tomorrow", |path| ask(path, TOMORROW), "database", "failure: database `"),
        ("at odds", |path| ask(path, AT_ODDS), "pages", "failure: the header says schema "),
    ];
    for (name, damage, check, expected) in cases {
        let environment = with_a_record("");
        let database = environment.default_database();
        damage(&database);
        let findings = doctor(&environment, &[]);
        let told = findings.told(check);
        assert!(told.iter().any(|told| told.starts_with(expected)), "{name}: {told:?}");
        findings.nothing_else(&[check]);
        if name != "a folder" {
            findings.tells("spool", "ok: nothing waits");
        }
    }
}

fn ask(database: &Path, sql: &str) {
    Connection::open(database).and_then(|stock| stock.execute_batch(sql)).expect("it is asked");
}

#[test]
fn who_holds_the_lease_is_named_with_the_time_since_when() {
    let environment = with_a_record("readers.lease_timeout_ms = 100\n");
    let mut lock = File::options().write(true).open(environment.lock()).expect("it is there");
    lock.lock().expect("nobody has it");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("later");
    let since = now.as_millis() - 3 * 60_000 - 5_000;
    writeln!(lock, r#"{{"process_id":7,"purpose":"spool drain","since_unix_ms":{since}}}"#)
        .expect("written");
    let findings = doctor(&environment, &[]);
    let told = &findings.told("lease")[0];
    let who = "is in use by process 7 (`recount spool drain`), which began 3 minutes ago";
    assert!(told.starts_with("failure: database `") && told.ends_with(who), "{told}");
    findings.tells("spool", "ok: nothing waits").nothing_else(&["lease"]);
}

#[test]
fn a_file_system_without_locks_is_a_finding() {
    if !strace_works() {
        return;
    }
    let environment = with_a_record("");
    let options = ["--trace=flock", "--inject=flock:error=ENOLCK"];
    let run = environment.recount_under_strace(options, ["doctor", "--format", "json"]);
    Findings::of(&run.finish()).tells("lease", "failure: cannot lock `").nothing_else(&["lease"]);
}

#[test]
fn what_lies_beside_the_database_is_told() {
    let environment = with_a_record("");
    let (spool, now) = (environment.spool(), 1_795_168_018_979_i64);
    // For another hook, of a newer version; not finished; not to be read; not to be taken in.
    let header =
        json!({ "recount_spool": 1, "kind": "newer-hook", "received_at_unix_ms": now, "bytes": 0 });
    fs::write(spool.join(format!("{now:015}-0.spool")), format!("{header}\n")).expect("a file");
    fs::write(spool.join("x.spool.tmp"), "").expect("a file");
    environment.hook("no JSON").finish().ends_with(65);
    let mut bad = message("ses_2", "msg_2");
    bad["role"] = 5.into();
    environment.hook(messages(&[bad])).finish().ends_with(0);
    let log = environment.default_database().with_extension("db.log");
    fs::write(&log, "2026-11-20T10:00:00Z  WARN store::drain: a\n2026-11-20T10:00:00Z  INFO b\n")
        .expect("a file");
    let findings = doctor(&environment, &[]);
    let spool = findings.told("spool").remove(0);
    assert!(spool.ends_with("ago; 1 file that no writer has finished"), "{spool}");
    findings
        .tells("spool", "warning: 1 file of ")
        .tells("outbox", "ok: nothing waits")
        .tells("quarantine", "warning: 1 piece could not be read")
        .tells("rejects", "warning: 1 item could not be taken in")
        .tells("log", "warning: 1 complaint in `")
        .nothing_else(&["spool", "quarantine", "rejects", "log"]);
}

#[test]
fn models_without_a_price_are_told_over_the_whole_record() {
    let environment = TestEnvironment::new();
    let of = |session: &str, id: &str, model: &str, tokens: i64| {
        let mut message = message(session, id);
        message["provider_id"] = "anthropic".into();
        message["model_id"] = model.into();
        message["tokens"] = json!({ "input": tokens });
        message
    };
    let mut early = of("ses_1", "msg_5", "claude-opus-5-5", 1);
    early["generated_at_unix_ms"] = 1.into();
    let input = [
        of("ses_1", "msg_1", "mock-1", 1),
        of("ses_2", "msg_2", "mock-1", 1),
        of("ses_2", "msg_3", "mock-2", 0),
        of("ses_1", "msg_4", "claude-opus-5-5", 1),
        early,
    ];
    environment.hook(messages(&input)).finish().ends_with(0);
    environment.run(["spool", "drain"]).ends_with(0);
    let expected = "warning: anthropic/claude-opus-5-5: no price of the model is known for that time (1 message); \
                    anthropic/mock-1: no price of the model is known (2 messages)";
    doctor(&environment, &[]).tells("prices", expected).nothing_else(&["prices"]);
}
