//! A database that is damaged, foreign, of tomorrow, or locked by a program that does not know the
//! lease.

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::ffi::OsStrExt,
    path::Path,
    time::Duration,
};

use rusqlite::Connection;

use super::{Desk, LONGEST};
use crate::support::{
    ENVELOPE, Random, Record, TestEnvironment,
    envelope::{part, parts},
};

const READERS: [&[&str]; 4] =
    [&["session", "list"], &["spool", "drain"], &["db", "status"], &["rejects", "list"]];

fn cut(database: &Path, bytes: u64) {
    File::options()
        .write(true)
        .open(database)
        .and_then(|file| file.set_len(bytes))
        .expect("shorter");
}

fn ask(database: &Path, sql: &str) {
    Connection::open(database).and_then(|stock| stock.execute_batch(sql)).expect("it is asked");
}

/// Does something to a desk's database and demands what hooks and readers make of it. When it is
/// as it was, nothing is missing.
fn while_it_is(damage: impl Fn(&Path), code: i32, complaint: &str) -> Desk {
    let mut desk = Desk::new();
    desk.hand_over_well(10);
    let database = desk.environment.default_database();
    let [good, log] =
        [&database, &database.with_extension("db-wal")].map(|file| fs::read(file).expect("a file"));
    damage(&database);
    let damaged = fs::read(&database).expect("a file");
    desk.hand_over_well(3);
    for reader in READERS {
        let refused = desk.run(reader).ends_with(code);
        refused.complains(complaint).complains("\nhint: ");
    }
    assert_eq!(desk.environment.spooled().len(), 3, "{complaint}");
    desk.run(&["db", "check"]);
    assert!(fs::read(&database).expect("a file") == damaged, "{complaint}: it is left as it is");
    fs::write(&database, good).expect("it is restored");
    fs::write(database.with_extension("db-wal"), log).expect("its log too");
    desk.settle();
    desk
}

#[test]
fn what_is_no_database_of_ours_is_left_as_it_is() {
    let foreign = "is not a recount database\n";
    while_it_is(|path| fs::write(path, "no database").expect("text"), 74, foreign);
    while_it_is(|path| fs::write(path, vec![0xAA; 100_000]).expect("garbage"), 74, foreign);
    while_it_is(|path| fs::write(path, vec![0; 100_000]).expect("zeros"), 74, foreign);
    let replace = |path: &Path| {
        fs::remove_file(path).expect("it is there");
        ask(path, "CREATE TABLE other (x); INSERT INTO other VALUES (1)");
    };
    while_it_is(replace, 74, foreign);
}

#[test]
fn a_database_that_is_cut_off_is_said_to_be_damaged_and_loses_nothing_more() {
    for bytes in [4_096, 50_001, 81_920] {
        let desk = while_it_is(|path| cut(path, bytes), 74, "cannot open the database");
        let database = desk.environment.default_database();
        cut(&database, bytes);
        let damaged = format!("recount: database `{}` is damaged: ", database.display());
        desk.run(&["db", "check"]).ends_with(1).complains(&damaged).complains("keep a copy of it");
    }
}

#[test]
fn a_database_of_tomorrow_is_refused_and_the_spool_waits_for_the_program_of_tomorrow() {
    let desk = while_it_is(
        |path| ask(path, "PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)"),
        78,
        "has schema 99, this version knows ",
    );
    ask(&desk.environment.default_database(), "PRAGMA user_version = 99");
    for command in ["check", "migrate"] {
        desk.run(&["db", command]).ends_with(78).complains("use the newer version of `recount`");
    }
}

#[test]
fn wherever_bytes_are_flipped_hooks_go_on_and_the_check_is_as_strict_as_stock_sqlite() {
    let mut desk = Desk::new();
    desk.hand_over_well(20);
    let database = desk.environment.default_database();
    let good = fs::read(&database).expect("a file");
    let mut random = Random::from_seed(20_261_120);
    let mut damaged = 0;
    for round in 0..60 {
        let mut bad = good.clone();
        let length = [1, 64][round % 2];
        let at = usize::try_from(random.below((bad.len() - length) as u64)).expect("in the file");
        bad[at..at + length].iter_mut().for_each(|byte| *byte ^= 0xFF);
        fs::write(&database, bad).expect("it is damaged");
        fs::write(database.with_extension("db-wal"), "").expect("all was written back");

        let mark = format!("flip {round} at {at}");
        let input = parts(&[part("ses_1", "msg_1", "prt_1", &mark)]);
        desk.environment.hook(input).finish().ends_with(0);
        assert!(is_kept(&desk.environment, &mark), "{mark}");
        let list = desk.run(&["session", "list"]);
        assert!(matches!(list.code, Some(0 | 74)), "{mark}: {list:#?}");
        let check = desk.run(&["db", "check"]);
        match check.code {
            Some(0) => Record::of(&database).is_whole(),
            Some(1) => assert!(check.stderr.contains("is damaged"), "{mark}: {check:#?}"),
            Some(74) => assert!(check.stderr.contains("not a recount database"), "{check:#?}"),
            _ => panic!("{mark}: {check:#?}"),
        }
        damaged += usize::from(check.code != Some(0));
        desk.environment.spooled().iter().for_each(|file| fs::remove_file(file).expect("a file"));
    }
    assert!(damaged > 0, "some of it is noticed");
}

/// Whether a text is in the spool or in the database, seen as bytes.
fn is_kept(environment: &TestEnvironment, text: &str) -> bool {
    let database = environment.default_database();
    let log = database.with_extension("db-wal");
    let files = environment.spooled().into_iter().chain([database, log]);
    let mut contents = files.map(|file| fs::read(file).expect("it can be read"));
    contents.any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[test]
fn a_database_that_another_program_has_locked_stops_no_hook() {
    let mut desk = Desk::with("readers.lease_timeout_ms = 600\n");
    desk.hand_over_well(3);
    for variable in [None, Some("LIMBO_DISABLE_FILE_LOCK")] {
        let stock = Connection::open(desk.environment.default_database()).expect("it opens");
        stock.execute_batch("BEGIN EXCLUSIVE").expect("nobody else has it");
        desk.hand_over_well(3);
        for reader in READERS {
            let run = desk.environment.recount(reader);
            let run = variable.into_iter().fold(run, |run, name| run.variable(name, "1"));
            let refused =
                run.finish().ends_with(75).complains("is locked by another program\nhint: ");
            assert!(refused.elapsed >= Duration::from_millis(600), "{refused:#?}");
            assert!(refused.elapsed < LONGEST, "{refused:#?}");
        }
        assert_eq!(desk.environment.spooled().len(), 3);
        stock.execute_batch("COMMIT").expect("it has it");
        drop(stock);
        desk.settle();
    }
}

#[test]
fn with_the_engine_lock_switched_off_a_hook_reads_its_input_and_stores_it() {
    let environment = TestEnvironment::new().with_settings(super::DRAINS);
    let run = environment.hook(ENVELOPE).variable("LIMBO_DISABLE_FILE_LOCK", "");
    assert!(run.finish().output().contains(" stored=1 "));
}

#[test]
fn a_name_that_is_no_text_is_refused_and_the_spool_keeps_what_was_handed_over() {
    let environment = TestEnvironment::new().with_settings(super::DRAINS);
    let name = OsStr::from_bytes(b"r\xFF.db");
    let run = environment.hook(ENVELOPE).variable("RECOUNT_DATABASE", name);
    assert!(run.finish().ends_with(0).stdout.ends_with(" spooled=1\n"));
    let run = environment.recount(["spool", "drain"]).variable("RECOUNT_DATABASE", name);
    run.finish().ends_with(74).complains("the engine takes no path that is not UTF-8");
}
