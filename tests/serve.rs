//! The server as a process: it gets in nobody's way. What it answers is in `contract`.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{
    TestEnvironment,
    envelope::{envelope, message, messages, part, parts},
    http::Served,
    set_mode, wait_until,
};

fn with_a_conversation() -> TestEnvironment {
    let environment = TestEnvironment::new();
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/opencode-basic.ndjson");
    environment.run(["replay", capture]).ends_with(0);
    environment
}

#[test]
fn an_answer_that_is_known_is_not_sent_again_until_something_happens() {
    let environment = with_a_conversation();
    let served = Served::start(&environment, &[]);
    let first = served.get("/api/sessions");
    let tag = first.header("etag").expect("a tag").to_owned();
    let known = || served.get_with("/api/sessions", &format!("If-None-Match: {tag}\r\n"));
    let second = known();
    assert_eq!((second.status, &*second.body), (304, ""));
    environment.hook(messages(&[message("ses_1", "msg_1")])).finish().ends_with(0);
    let third = known();
    assert!(third.data().contains("ses_1") && third.header("etag") != Some(&tag), "{third:#?}");
}

#[test]
fn what_a_hook_hands_over_is_told_to_whoever_listens() {
    let environment = with_a_conversation();
    let served = Served::start(&environment, &[]);
    let mut lines = served.listen("/api/events").filter(|line| line.starts_with("data: "));
    let data = |revision: u32, sessions: &str| {
        format!("data: {{\"revision\":{revision},\"sessions\":{sessions}}}")
    };
    assert_eq!(lines.next(), Some(data(1, "null")));
    for nth in 2..4 {
        let id = format!("msg_{nth}");
        environment.hook(messages(&[message("ses_1", &id)])).finish().ends_with(0);
        assert_eq!(lines.next(), Some(data(nth, "[\"ses_1\"]")));
    }
    // Of what was removed nothing is left to tell which it was.
    let old = envelope(
        "session.updated",
        &[json!({ "session_id": "ses_old", "generated_at_unix_ms": 1_700_000_000_000_i64 })],
    );
    environment.hook(old).finish().ends_with(0);
    assert_eq!(lines.next(), Some(data(4, "[\"ses_old\"]")));
    environment.run(["session", "cleanup", "--older-than", "2024-01-01"]).ends_with(0);
    assert_eq!(lines.next(), Some(data(5, "null")));
}

#[test]
fn nothing_is_lost_while_many_read_and_hooks_hand_over() {
    const HOOKS: usize = 200;
    let environment = TestEnvironment::new().with_settings("readers.lease_timeout_ms = 60000\n");
    let served = Served::start(&environment, &[]);
    let hand_over = |nth: usize| {
        let (message, id, text) = (format!("msg_{}", nth % 10), format!("prt_{nth}"), "text");
        let part = part("ses_1", &message, &id, text);
        environment.hook(parts(&[part])).finish().ends_with(0);
    };
    thread::scope(|scope| {
        let (hand_over, served) = (&hand_over, &served);
        for first in 0..4 {
            scope.spawn(move || (first..HOOKS).step_by(4).for_each(hand_over));
        }
        for client in 0..8 {
            scope.spawn(move || {
                for nth in 0..10 {
                    let paths = ["/api/sessions", "/api/usage/day", "/api/health"];
                    let reply = served.get(paths[(client + nth) % paths.len()]);
                    assert!([200, 503].contains(&reply.status), "{reply:#?}");
                }
            });
        }
    });
    let answer = served.get("/api/session/ses_1");
    assert_eq!(answer.data().matches("\"part_id\": ").count(), HOOKS);
    assert_eq!(environment.record().rows("parts"), 200);
    environment.record().is_whole();
}

#[test]
fn who_cannot_be_answered_now_is_told_when_to_come_again() {
    let environment = with_a_conversation();
    let environment = environment.with_settings("readers.lease_timeout_ms = 50\n");
    let served = Served::start(&environment, &[]);
    let lock = fs::File::options().write(true).open(environment.lock()).expect("it is there");
    lock.try_lock().expect("nobody has it");
    let reply = served.get("/api/sessions");
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{reply:#?}");
    assert!(reply.body.contains("is in use by"), "{reply:#?}");
    drop(lock);
    assert_eq!(served.get("/api/sessions").status, 200);
}

#[test]
fn it_stops_within_two_seconds_though_somebody_listens() {
    let environment = with_a_conversation();
    for endless in ["/api/events", "/api"] {
        let served = Served::start(&environment, &[]);
        let mut lines = served.listen(endless);
        assert_eq!(lines.next().as_deref(), Some("HTTP/1.1 200 OK"));
        let since = Instant::now();
        served.process.terminate();
        let at = served.at;
        let finished = served.process.finish().ends_with(0);
        assert!(since.elapsed() < Duration::from_secs(2), "{finished:#?}");
        assert_eq!(finished.stderr, "");
        assert_eq!(lines.filter(|line| line == "0").count(), usize::from(endless != "/api"));
        wait_until("the port is free", || std::net::TcpListener::bind(at).is_ok());
    }
}

#[test]
fn nobody_is_let_in_without_the_token_unless_that_is_said() {
    let environment = with_a_conversation();
    let mut served = Served::start(&environment, &[]);
    let token = served.token.take().expect("it stands in the URL");
    assert_eq!((token.len(), served.get("/api/sessions").status), (64, 401));
    assert_eq!(served.get(&format!("/?token={token}")).status, 303);
    assert_eq!(Served::start(&environment, &["--no-auth"]).get("/api/sessions").status, 200);
    let file = environment.working_folder().join("token");
    fs::write(&file, "0123456789abcdef0123456789abcdef\n").expect("a new file");
    set_mode(&file, 0o600);
    let mut served = Served::start(&environment, &["--token-file", "token"]);
    assert_eq!(served.token, None, "who made it knows it");
    assert_eq!(served.get("/api/sessions").status, 401);
    served.token = Some("0123456789abcdef0123456789abcdef".to_owned());
    assert_eq!(served.get("/api/sessions").status, 200);
}

#[test]
fn what_would_let_others_in_is_refused() {
    let environment = with_a_conversation();
    let file = environment.working_folder().join("token");
    let serve = |arguments: &[&str]| {
        environment.recount(["serve", "--port", "0"]).arguments(arguments).finish()
    };
    serve(&["--bind", "0.0.0.0"]).ends_with(64).complains("--token-file");
    serve(&["--bind", "0.0.0.0", "--no-auth"]).ends_with(64).complains("--token-file");
    serve(&["--bind", "localhost"]).ends_with(64);
    let with_file = |mode: u32, text: &str| {
        fs::write(&file, text).expect("it is ours");
        set_mode(&file, mode);
        serve(&["--bind", "127.0.0.1", "--token-file", "token"])
    };
    let long = "0123456789abcdef0123456789abcdef";
    with_file(0o644, long).ends_with(64).complains("can be read by others");
    with_file(0o600, "short").ends_with(64).complains("fewer than 32");
    with_file(0o600, &format!("{long};")).ends_with(64).complains("other characters");
    serve(&["--token-file", "."]).ends_with(64).complains("is no regular file");
    serve(&["--token-file", "nothing"]).ends_with(74).complains("cannot be read");
    std::os::unix::fs::symlink("token", environment.working_folder().join("link")).expect("new");
    serve(&["--token-file", "link"]).ends_with(74).complains("cannot be read");
    serve(&["--token-file", "token", "--no-auth"]).ends_with(64);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let environment = TestEnvironment::new();
    let served = Served::start(&environment, &[]);
    let port = served.at.port().to_string();
    let second = environment.run(["serve", "--port", &port]).ends_with(74);
    assert_eq!(second.stdout, "");
    second.complains(&format!("cannot listen at `127.0.0.1:{port}`")).complains("--port");
}

#[test]
fn a_head_that_is_too_long_ends_the_connection_and_not_the_server() {
    let environment = TestEnvironment::new();
    let served = Served::start(&environment, &[]);
    assert_eq!(served.get_with("/api", &"X: x\r\n".repeat(100)).status, 431);
    assert_eq!(served.get("/api").status, 200);
}
