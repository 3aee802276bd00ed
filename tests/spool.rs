//! `recount spool`, and what other commands say of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::{
    TestEnvironment,
    envelope::{message, messages},
};

/// One message, as an envelope on a line.
fn one(id: &str) -> String {
    messages(&[message("ses_1", id)])
}

/// A file in the spool form.
fn spool_form(version: u32, kind: &str, body: &str) -> String {
    format!(
        "{{\"recount_spool\":{version},\"kind\":\"{kind}\",\"received_at_unix_ms\":1795168018979,\
         \"bytes\":{}}}\n{body}",
        body.len()
    )
}

/// Puts a file into a folder that need not be there.
fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    fs::create_dir_all(folder).expect("a new folder");
    let path = folder.join(name);
    fs::write(&path, content).expect("a new file");
    path
}

fn outbox(environment: &TestEnvironment) -> PathBuf {
    environment.home().join(".local/state/recount/outbox")
}

/// What waits in the spool and in the outbox, as `spool status` says.
fn waiting(environment: &TestEnvironment) -> [String; 2] {
    let output = environment.run(["spool", "status"]).ends_with(0).stdout;
    let files = |name: &str| {
        let line = output.lines().find(|line| line.starts_with(name)).expect("its line");
        line.split(',').next().unwrap_or_default().to_owned()
    };
    [files("spool: "), files("outbox: ")]
}

#[test]
fn the_status_counts_what_waits_and_stores_nothing() {
    let environment = TestEnvironment::new();
    assert_eq!(waiting(&environment), ["spool: 0 files", "outbox: 0 files"]);
    for id in ["msg_1", "msg_2"] {
        environment.hook(one(id)).finish().ends_with(0);
    }
    put(&outbox(&environment), "plugin.spool", spool_form(1, "conversation-trace", &one("msg_3")));
    put(&outbox(&environment), "half.spool.tmp", "{");
    for _ in 0..2 {
        assert_eq!(waiting(&environment), ["spool: 2 files", "outbox: 1 file"]);
    }
    assert!(!environment.default_database().exists());
    let bytes: u64 = environment
        .spooled()
        .iter()
        .map(|path| fs::metadata(path).expect("it is there").len())
        .sum();
    let output = environment.run(["spool", "status"]).output();
    let spool = environment.spool();
    assert!(
        output.starts_with(&format!("spool: 2 files, {bytes} bytes in `{}`\n", spool.display())),
        "{output}"
    );
    assert!(output.ends_with("\nquarantine: 0 pieces\n"), "{output}");
}

#[test]
fn draining_stores_all_that_waits_in_spool_and_outbox() {
    let environment = TestEnvironment::new();
    environment.hook(one("msg_1")).finish().ends_with(0);
    put(&outbox(&environment), "plugin.spool", spool_form(1, "conversation-trace", &one("msg_2")));
    let output = environment.run(["spool", "drain"]).output();
    assert_eq!(output, "drained 2 files: stored=2 updated=0 duplicate=0 rejected=0 unreadable=0\n");
    assert_eq!(waiting(&environment), ["spool: 0 files", "outbox: 0 files"]);
    let output = environment.run(["spool", "drain"]).output();
    assert_eq!(output, "drained 0 files: stored=0 updated=0 duplicate=0 rejected=0 unreadable=0\n");
    let stored =
        environment.record().column::<String>("SELECT message_id FROM messages ORDER BY 1");
    assert_eq!(stored, ["msg_1", "msg_2"]);
}

#[test]
fn what_cannot_be_taken_in_is_kept_and_draining_has_ended_well() {
    let environment = TestEnvironment::new();
    let input = messages(&[message("ses_1", "msg_1"), message("", "msg_2")]) + "garbage";
    environment.hook(input).finish().ends_with(65);
    let finished = environment.run(["spool", "drain"]).ends_with(0);
    assert_eq!(
        finished.stdout,
        "drained 1 file: stored=1 updated=0 duplicate=0 rejected=1 unreadable=1\n"
    );
    assert_eq!(environment.spooled(), [] as [PathBuf; 0]);
    assert_eq!(environment.quarantined().len(), 1);
}

#[test]
fn what_is_not_for_this_version_or_database_stays_as_it_is() {
    let other = spool_form(1, "conversation-trace", &one("msg_1"));
    let other = other.replacen("\"bytes\"", "\"database\":\"/other.db\",\"bytes\"", 1);
    let spool = TestEnvironment::spool as fn(&TestEnvironment) -> PathBuf;
    let cases = [
        ("newer form", spool, spool_form(2, "conversation-trace", &one("msg_1"))),
        ("other hook", spool, spool_form(1, "weather-report", &one("msg_1"))),
        ("other database", outbox, other),
    ];
    for (name, folder, content) in cases {
        let environment = TestEnvironment::new();
        let path = put(&folder(&environment), "a.spool", &content);
        environment.hook(one("msg_2")).finish().ends_with(0);
        for drained in [1, 0] {
            let output = environment.run(["spool", "drain"]).ends_with(0).stdout;
            let files = if drained == 1 { "1 file" } else { "0 files" };
            assert!(output.starts_with(&format!("drained {files}: ")), "{name}: {output}");
            let told = "\nfor a newer version, hook or another database, and left alone: 1\n";
            assert!(output.ends_with(told), "{name}: {output}");
        }
        assert_eq!(fs::read_to_string(path).ok(), Some(content), "{name}");
        let stored = environment.record().column::<String>("SELECT message_id FROM messages");
        assert_eq!(stored, ["msg_2"], "{name}");
    }
}

#[test]
fn a_file_without_a_header_goes_to_quarantine_whole() {
    let cases: [(&str, &[u8]); 4] = [
        ("text", b"hello"),
        ("an envelope", b"{\"type\":\"message.updated\",\"payloads\":[]}\n"),
        ("half a header", b"{\"recount_spool\":1,\"ki"),
        ("no text", b"\xFF\x00\n\x80"),
    ];
    for (name, content) in cases {
        let environment = TestEnvironment::new();
        let path = put(&environment.spool(), "a.spool", content);
        environment.run(["spool", "drain"]).ends_with(0);
        assert!(!path.exists(), "{name}");
        let kept: Vec<Vec<u8>> = environment
            .quarantined()
            .iter()
            .map(|path| fs::read(path).expect("it is there"))
            .collect();
        assert!(matches!(&kept[..], [file] if file.ends_with(content)), "{name}: {kept:?}");
    }
}

#[test]
fn a_person_is_reminded_of_what_waits_for_long_and_of_quarantine() {
    let piece = "recount: in quarantine: 1 piece; `recount rejects list` shows them\n";
    let old = "recount: waiting in the spool: 1 file; `recount spool drain` stores them\n";
    let both = "recount: in quarantine: 1 piece, waiting in the spool: 1 file; \
                see `recount spool status`\n";
    let (first, far) = ("000000000000001-a.spool", "999999999999999-a.spool");
    let cases = [
        ("nothing", None, false, ""),
        ("just spooled", Some(far), false, ""),
        ("old", Some(first), false, old),
        ("quarantine", None, true, piece),
        ("both", Some(first), true, both),
    ];
    for (name, waits, is_quarantined, expected) in cases {
        let environment = TestEnvironment::new();
        let content = spool_form(1, "conversation-trace", &one("msg_1"));
        if let Some(name) = waits {
            put(&environment.spool(), name, &content);
        }
        if is_quarantined {
            let folder = environment.quarantine();
            put(&folder, "aaaa.spool", &content);
        }
        for arguments in [["spool", "status"], ["db", "path"], ["config", "show"]] {
            let finished = environment.run(arguments).ends_with(0);
            assert_eq!(finished.stderr, expected, "{name}: {arguments:?}");
        }
        let hook = environment.hook(one("msg_2")).finish().ends_with(0);
        assert_eq!(hook.stderr, "", "{name}: a hook reminds nobody");
    }
}

#[test]
fn a_file_that_a_plugin_has_named_is_as_old_as_it_was_written() {
    let environment = TestEnvironment::new();
    put(&environment.spool(), "fresh.spool", spool_form(1, "conversation-trace", &one("msg_1")));
    let finished = environment.run(["spool", "status"]).ends_with(0);
    assert_eq!(finished.stderr, "");
}

#[test]
fn a_drain_that_cannot_have_the_database_in_time_ends_with_75() {
    let environment = TestEnvironment::new().with_settings("[readers]\nlease_timeout_ms = 50\n");
    environment.hook(one("msg_1")).finish().ends_with(0);
    environment.run(["spool", "drain"]).ends_with(0);
    let lock = fs::File::options().write(true).open(environment.lock()).expect("it is there");
    lock.try_lock().expect("nobody holds it");
    environment.hook(one("msg_2")).finish().ends_with(0);
    let finished = environment.run(["spool", "drain"]).ends_with(75).complains("hint: ");
    assert_eq!(finished.stdout, "");
    assert_eq!(waiting(&environment)[0], "spool: 1 file");
    drop(lock);
    environment.run(["spool", "drain"]).output();
    assert_eq!(environment.record().rows("messages"), 2);
}
