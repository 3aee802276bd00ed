//! The schema: made once, brought up to date with a copy kept, never taken over from a newer or a
//! foreign program.

use std::fs;

use rusqlite::{Connection, types::Value};
use store::{
    DrainEnd, MIGRATIONS, Migration, Store, StoreError, check,
    query::{self, sessions_known::sessions_known},
};

use crate::support::{TestStore, Tested, query};

const NEWEST: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

const LONGER: &[Migration] = &[
    MIGRATIONS[0],
    MIGRATIONS[1],
    MIGRATIONS[2],
    MIGRATIONS[3],
    MIGRATIONS[4],
    MIGRATIONS[5],
    Migration {
        version: NEWEST + 1,
        name: "mood",
        sql: "ALTER TABLE sessions ADD COLUMN mood TEXT;",
    },
];

const BROKEN: &[Migration] = &[
    MIGRATIONS[0],
    MIGRATIONS[1],
    MIGRATIONS[2],
    MIGRATIONS[3],
    MIGRATIONS[4],
    MIGRATIONS[5],
    Migration {
        version: NEWEST + 1,
        name: "broken",
        sql: "ALTER TABLE sessions ADD COLUMN mood TEXT; INSERT INTO nowhere VALUES (1);",
    },
];

fn with_migrations(test: &TestStore, migrations: &'static [Migration]) -> Store {
    let mut settings = test.store.settings().clone();
    settings.migrations = migrations;
    Store::new(test.store.location().clone(), settings)
}

#[test]
fn a_new_database_is_ours_and_whole() -> Tested {
    let test = TestStore::new();
    let holder = test.store.open("test")?;
    assert_eq!(check(&holder)?, []);
    assert_eq!(query::revision::revision(&holder)?, 0);
    drop(holder);
    assert_eq!(test.number("PRAGMA user_version"), NEWEST);
    assert_eq!(test.number("PRAGMA application_id"), 0x7263_6e74);
    assert_eq!(test.number("SELECT count(*) FROM schema_migrations"), NEWEST);
    assert_eq!(test.query("PRAGMA integrity_check"), [[Value::Text("ok".to_owned())]]);
    assert_eq!(test.query("PRAGMA journal_mode"), [[Value::Text("wal".to_owned())]]);
    Ok(())
}

#[test]
fn a_later_migration_keeps_the_rows_and_a_copy_of_before() -> Tested {
    let test = TestStore::new();
    test.spool("p s m p 5 text\n");
    test.drain()?;
    let newer = with_migrations(&test, LONGER);
    drop(newer.open("test")?);
    assert_eq!(test.number("PRAGMA user_version"), NEWEST + 1);
    assert_eq!(test.number("SELECT count(*) FROM sessions WHERE mood IS NULL"), 1);
    assert_eq!(test.number("SELECT count(*) FROM schema_migrations"), NEWEST + 1);
    let copy = test.store.location().copy_before(NEWEST);
    assert_eq!(query(&copy, "SELECT count(*) FROM parts"), [[Value::Integer(1)]]);
    assert_eq!(query(&copy, "PRAGMA user_version"), [[Value::Integer(NEWEST)]]);
    Ok(())
}

#[test]
fn every_older_database_becomes_one_of_today() -> Tested {
    for known in 1..MIGRATIONS.len() {
        let test = TestStore::new();
        test.spool("p s m p 5 text\n");
        drop(with_migrations(&test, &MIGRATIONS[..known]).open("test")?);
        test.drain()?;
        assert_eq!(test.number("PRAGMA user_version"), NEWEST);
        let holder = test.store.open("test")?;
        assert_eq!(check(&holder)?, []);
        assert_eq!(sessions_known(&holder)?.len(), 1);
    }
    Ok(())
}

#[test]
fn a_migration_that_fails_leaves_everything_as_it_was() -> Tested {
    let test = TestStore::new();
    test.spool("p s m p 5 text\n");
    test.drain()?;
    assert!(with_migrations(&test, BROKEN).open("test").is_err());
    assert_eq!(test.number("PRAGMA user_version"), NEWEST);
    assert_eq!(
        test.number("SELECT count(*) FROM pragma_table_info('sessions') WHERE name = 'mood'"),
        0
    );
    assert_eq!(test.number("SELECT count(*) FROM schema_migrations"), NEWEST);
    Ok(())
}

#[test]
fn a_hook_never_migrates_a_database_that_holds_something() -> Tested {
    let test = TestStore::new();
    drop(test.store.open("test")?);
    let newer = with_migrations(&test, LONGER);
    let own = test.spool("p s m p 5 text\n");
    let report =
        newer.drain_as_hook(&own, 1, std::time::Instant::now() + std::time::Duration::from_mins(1));
    assert!(matches!(report.end, DrainEnd::Failed(StoreError::OlderSchema { .. })), "{report:?}");
    assert_eq!(test.number("PRAGMA user_version"), NEWEST);
    assert_eq!(test.spooled().len(), 1);
    Ok(())
}

#[test]
fn a_newer_schema_is_refused_and_nothing_is_condemned() -> Tested {
    let test = TestStore::new();
    drop(with_migrations(&test, LONGER).open("test")?);
    test.spool("p s m p 5 text\n");
    let refused = test.drain();
    assert!(
        matches!(
            refused,
            Err(StoreError::NewerSchema { found, known: NEWEST, .. }) if found == NEWEST + 1
        ),
        "{refused:?}"
    );
    assert_eq!(test.spooled().len(), 1);
    assert!(test.quarantined().is_empty());
    Ok(())
}

#[test]
fn the_database_of_another_program_is_not_touched() -> Tested {
    let test = TestStore::new();
    let database = test.store.location().database();
    Connection::open(database)?.execute_batch("PRAGMA user_version = 1; CREATE TABLE parts (x)")?;
    let before = fs::read(database)?;
    assert!(matches!(test.store.open("test").map(drop), Err(StoreError::Foreign(_))));
    assert!(fs::read(database)? == before, "not a byte of it");
    Ok(())
}
