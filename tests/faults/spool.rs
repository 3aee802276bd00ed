//! A spool with things in it that no hook has left, with one that kills whoever reads it, and with
//! very many files.

use std::{fs, os::unix::fs::symlink, time::Duration};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{DRAINS, Desk, spool_form};
use crate::support::{
    TestEnvironment, body,
    envelope::{message, messages},
    set_mode, strace_works,
};

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// What it holds is stored.
    Stored,
    /// It goes to quarantine to the byte.
    Kept,
    /// It stays where it is.
    Left,
}

fn one(id: &str) -> String {
    messages(&[message("ses_1", id)])
}

/// Files that no hook has left like this, and what becomes of each.
fn files() -> [(&'static str, Vec<u8>, Fate); 12] {
    let changed = |from: &str, to: &str| {
        String::from_utf8(spool_form(b"x")).expect("text").replace(from, to).into_bytes()
    };
    [
        ("0-good.spool", spool_form(one("msg_1").as_bytes()), Fate::Stored),
        ("0-nothing-in-it.spool", spool_form(b""), Fate::Stored),
        ("0-empty.spool", Vec::new(), Fate::Kept),
        ("0-garbage.spool", (0..=255).cycle().take(5_000).collect(), Fate::Kept),
        ("0-no-header.spool", one("msg_2").into_bytes(), Fate::Kept),
        ("0-half-a-header.spool", b"{\"recount_spool\":1,\"ki".to_vec(), Fate::Kept),
        (
            "0-long-header.spool",
            [&b"{\"recount_spool\":1,"[..], &vec![b' '; 100_000]].concat(),
            Fate::Kept,
        ),
        ("0-newer.spool", changed("spool\":1", "spool\":2"), Fate::Left),
        ("0-other.spool", changed("conversation-trace", "post-commit"), Fate::Left),
        ("0-half.spool.tmp", spool_form(b"{\"type\":"), Fate::Left),
        ("README", b"what is this".to_vec(), Fate::Left),
        (".spool", b"x".to_vec(), Fate::Left),
    ]
}

fn fate(environment: &TestEnvironment, name: &str, content: &[u8]) -> Fate {
    let file = environment.spool().join(name);
    if file.exists() {
        assert_eq!(fs::read(file).expect("a file"), content, "{name}");
        Fate::Left
    } else if environment.quarantined().iter().any(|file| body(file) == content) {
        Fate::Kept
    } else {
        Fate::Stored
    }
}

#[test]
fn garbage_in_the_spool_holds_up_nothing_and_is_kept() {
    let environment = TestEnvironment::new().with_settings(DRAINS);
    environment.hook(one("msg_3")).finish().ends_with(0);
    let spool = environment.spool();
    for (name, content, _) in files() {
        fs::write(spool.join(name), content).expect("a new file");
    }
    fs::create_dir(spool.join("0-folder.spool")).expect("a new folder");
    symlink("nowhere", spool.join("0-link.spool")).expect("a new link");
    mknodat(CWD, spool.join("0-pipe.spool"), FileType::Fifo, Mode::RWXU, 0).expect("a new pipe");
    for id in ["msg_4", "msg_5"] {
        let finished = environment.hook(one(id)).finish().ends_with(0);
        assert!(finished.elapsed < super::LONGEST, "{finished:#?}");
    }
    for _ in 0..2 {
        let drained = environment.run(["spool", "drain"]).ends_with(0);
        assert!(drained.elapsed < super::LONGEST, "{drained:#?}");
        for (name, content, expected) in files() {
            assert_eq!(fate(&environment, name, &content), expected, "{name}");
        }
    }
    let ids = "SELECT message_id FROM messages ORDER BY message_id";
    assert_eq!(environment.record().column::<String>(ids), ["msg_1", "msg_3", "msg_4", "msg_5"]);
}

#[test]
fn an_outbox_that_cannot_be_read_keeps_nobody_from_the_record() {
    let mut desk = Desk::new();
    let state = desk.environment.home().join(".local/state");
    fs::create_dir_all(&state).expect("a folder");
    fs::write(state.join("recount"), "no folder").expect("a new file");
    desk.hand_over_well(2);
    desk.fill_spool(3);
    let listed = desk.run(&["session", "list", "--format", "jsonl"]).ends_with(0);
    assert!(listed.stderr.contains("the spool is not drained"), "{listed:#?}");
    assert!(!listed.stdout.is_empty());
    assert_eq!(desk.environment.spooled().len(), 0, "its own spool is drained all the same");
    fs::remove_file(state.join("recount")).expect("it is there");
    desk.settle();
}

#[test]
fn a_file_that_may_not_be_read_waits_and_the_others_are_stored() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    for id in ["msg_1", "msg_2", "msg_3"] {
        environment.hook(one(id)).finish().ends_with(0);
    }
    let locked = environment.spooled().remove(1);
    set_mode(&locked, 0o000);
    environment.run(["spool", "drain"]).ends_with(0);
    assert_eq!(environment.spooled(), std::slice::from_ref(&locked));
    set_mode(&locked, 0o600);
    environment.run(["spool", "drain"]).ends_with(0);
    assert_eq!(environment.record().rows("messages"), 3);
}

#[test]
fn a_file_that_kills_its_readers_holds_up_nobody_and_is_stored_when_it_does_so_no_more() {
    if !strace_works() {
        return;
    }
    let environment = TestEnvironment::new().with_settings(DRAINS);
    fs::create_dir_all(environment.spool()).expect("a new folder");
    let poison = environment.spool().join("000000000000001-0000000000000000.spool");
    fs::write(&poison, spool_form(one("msg_poison").as_bytes())).expect("a new file");
    // Whoever opens it dies, under whatever name it has after four tries.
    let tried = |tries| poison.with_extension(format!("tried{tries}.spool"));
    let deadly: Vec<_> = [poison.clone()].into_iter().chain((1..=4).map(tried)).collect();
    let dies = |arguments: &[&str], input: &str| {
        let options = deadly.iter().map(|name| format!("--trace-path={}", name.display()));
        let options = options.chain(["--inject=openat:signal=KILL".to_owned()]);
        environment.recount_under_strace(options, arguments).input(input).finish().code.is_none()
    };
    let ids: Vec<String> = (0..20).map(|number| format!("msg_{number:02}")).collect();
    let hook_dies = |id: &&String| dies(&["hooks", "conversation-trace"], &one(id));
    let dead_hooks = ids.iter().take_while(hook_dies).count();
    assert_eq!(dead_hooks, 4, "in a group, and three times alone");
    assert_eq!(environment.spooled(), [tried(3)], "all but this one is stored");
    let dead_commands = (0..20).take_while(|_| dies(&["spool", "drain"], "")).count();
    assert_eq!(dead_commands, 1, "and once for a command");
    assert!(environment.spooled().is_empty() && environment.quarantined().is_empty());
    let stored: Vec<String> =
        environment.record().column("SELECT message_id FROM messages ORDER BY message_id");
    assert_eq!(stored[..5], ids[..5]);
    assert_eq!(stored[5..], ["msg_poison"]);
}

#[test]
fn fifty_thousand_files_delay_no_hook_and_are_stored_by_the_next_reader() {
    const FILES: usize = 50_000;
    let environment = TestEnvironment::new();
    environment.hook(one("msg_0")).finish().ends_with(0);
    for number in 1..FILES {
        let file =
            environment.spool().join(format!("{:015}-{number:016x}.spool", 1_795_168_018_979_u64));
        fs::write(file, spool_form(one(&format!("msg_{number}")).as_bytes())).expect("a new file");
    }
    let status = environment.run(["spool", "status"]).ends_with(0);
    assert!(status.stdout.starts_with("spool: 50000 files, "), "{status:?}");
    for number in 0..3 {
        let finished = environment.hook(one(&format!("msg_more_{number}"))).finish().ends_with(0);
        // The deadline, a transaction, and a busy machine.
        assert!(finished.elapsed < Duration::from_secs(5), "{finished:#?}");
    }
    environment.run(["session", "list"]).ends_with(0);
    assert_eq!(environment.record().rows("messages"), 50_003);
    assert!(environment.spooled().is_empty());
}
