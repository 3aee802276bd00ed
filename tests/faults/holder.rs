//! A holder of the lease that stands still, dies, or has the database taken away under its hands.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use super::Desk;
use crate::support::{Ledger, Running, Said, wait_until};

/// So many files keep a holder busy for a while, and take it several transactions.
const FILES: usize = 400;

/// A drain that was stopped in the midst of it, with the lease.
fn stopped_drain(desk: &Desk) -> Running {
    let waiting = desk.environment.spooled().len();
    let mut drain = desk.environment.recount(["spool", "drain"]).start();
    wait_until("it has stored something", || {
        assert!(!drain.has_ended(), "there is enough to do");
        desk.environment.spooled().len() < waiting
    });
    drain.stop();
    let lock = File::open(desk.environment.lock()).expect("it is there");
    assert!(matches!(lock.try_lock(), Err(TryLockError::WouldBlock)), "it has the lease");
    assert_eq!(desk.environment.holder(), Some(drain.process_id()));
    assert!(!desk.environment.spooled().is_empty(), "it has more to do");
    drain
}

#[test]
fn while_a_holder_stands_still_hooks_go_on_and_readers_name_it() {
    let mut desk = Desk::with("readers.lease_timeout_ms = 600\n");
    desk.fill_spool(FILES);
    let drain = stopped_drain(&desk);
    let holder =
        format!("is in use by process {} (`recount spool drain`)\nhint: ", drain.process_id());
    desk.hand_over_well(5);
    for reader in [&["session", "list"][..], &["spool", "drain"], &["db", "check"]] {
        let refused = desk.run(reader).ends_with(75).complains(&holder);
        assert!(refused.elapsed >= Duration::from_millis(600), "{refused:#?}");
    }
    desk.run(&["spool", "status"]).ends_with(0);
    drain.go_on();
    drain.finish().ends_with(0);
    desk.settle();
}

#[test]
fn when_a_holder_dies_the_next_one_goes_on_at_once() {
    let mut desk = Desk::new();
    desk.fill_spool(FILES);
    drop(stopped_drain(&desk));
    desk.hand_over_well(1);
    desk.settle();
}

/// What is done to a database, given a copy of it from before.
type Blow = fn(&Path, &Path);

#[test]
fn what_waits_is_stored_in_whatever_database_stands_in_the_place_of_one_that_was_in_use() {
    let blows: [(&str, Blow); 3] = [
        ("removed", |database, _| fs::remove_file(database).expect("it is there")),
        ("removed with its log", |database, _| {
            fs::remove_file(database).expect("it is there");
            fs::remove_file(database.with_extension("db-wal")).expect("it is there");
        }),
        ("replaced", |database, copy| {
            fs::copy(copy, database.with_extension("new")).expect("a copy");
            fs::rename(database.with_extension("new"), database).expect("it is there");
        }),
    ];
    for (name, blow) in blows {
        let mut desk = Desk::new();
        desk.hand_over_well(5);
        let database = desk.environment.default_database();
        let copy = desk.environment.working_folder().join("copy.db");
        fs::copy(&database, &copy).expect("a copy");
        let files = desk.fill_spool(FILES);
        let drain = stopped_drain(&desk);
        let waiting = what_waits(&desk, &files);
        blow(&database, &copy);
        drain.go_on();
        let finished = drain.finish();
        // It may have looked again, and have found what stands there now.
        let has_noticed = finished.stderr.contains("was replaced while it was in use\nhint: ");
        let expected = if has_noticed { 74 } else { 0 };
        assert_eq!(finished.code, Some(expected), "{name}: {finished:#?}");

        let promised = Ledger::default();
        promised.give(&desk.ledger.acknowledged().into_iter().collect::<Vec<_>>());
        promised.acknowledge(&waiting);
        desk.ledger = promised;
        desk.hand_over_well(3);
        desk.settle();
    }
}

/// What the files say that are still there and the database does not hold yet: what it holds when
/// somebody takes it away is theirs.
fn what_waits(desk: &Desk, files: &[(PathBuf, Vec<Said>)]) -> Vec<Said> {
    let stored = Ledger::found(&desk.environment);
    let left = files.iter().filter(|(file, _)| file.exists());
    let said = left.flat_map(|(_, said)| said.iter().copied());
    said.filter(|said| !stored.contains_key(said)).collect()
}
