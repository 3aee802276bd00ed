//! Canaries: told by no query, and removed with nothing else.

use domain::{SessionId, UnixMs};
use rusqlite::Connection;
use store::{
    Canaries, check,
    query::{
        last_events::last_events,
        models_used::models_used,
        session_ids::{latest_sessions, sessions_beginning_with},
        session_show::session_show,
        sessions_known::sessions_known,
        table_sizes::table_sizes,
        usage::usage,
    },
};

use crate::support::{NOW, TestStore, Tested};

/// Every table that has rows of sessions, as the schema says. What was found out of commits outlives the
/// sessions that it names.
fn tables_of_sessions(database: &Connection) -> Vec<String> {
    let sql = "SELECT tables.name
         FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.type = 'table' AND columns.name = 'session_id'
             AND tables.name <> 'agent_trace_ranges'
         ORDER BY 1";
    let mut statement = database.prepare(sql).expect("it is right");
    let names = statement.query_map([], |row| row.get(0)).expect("it answers");
    names.collect::<Result<_, _>>().expect("names are text")
}

fn tables_of(test: &TestStore) -> Vec<String> {
    tables_of_sessions(&Connection::open(test.store.location().database()).expect("it opens"))
}

/// A row in every table for each of these sessions, handed over at that time.
fn add(test: &TestStore, sessions: &[&str], received_at: i64) {
    let database = Connection::open(test.store.location().database()).expect("it opens");
    for table in tables_of_sessions(&database) {
        let columns = format!("SELECT name, type, \"notnull\" FROM pragma_table_info('{table}')");
        let mut statement = database.prepare(&columns).expect("it is right");
        let is_id = |name: &str| name.ends_with("_id") && name != "provider_id";
        let columns = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(2)?)))
            .expect("it answers")
            .map(|row: rusqlite::Result<(String, bool)>| row.expect("a column"))
            .filter(|(name, needed)| *needed || is_id(name) || name.starts_with("tokens_"));
        let names: Vec<String> = columns.map(|(name, _)| name).collect();
        let values: Vec<&str> = names
            .iter()
            .map(|name| match name.as_str() {
                name if is_id(name) => "?1",
                "stamps" => "'{}'",
                "received_at_unix_ms" => "?2",
                _ => "1",
            })
            .collect();
        let (names, values) = (names.join(", "), values.join(", "));
        let insert = format!("INSERT INTO {table} ({names}) VALUES ({values})");
        for session in sessions {
            database.execute(&insert, (session, received_at)).expect("a new row");
        }
    }
}

#[test]
fn canaries_are_told_by_no_query_and_removed_with_nothing_else() -> Tested {
    let test = TestStore::new();
    drop(test.store.open("test")?);
    let (mine, other) = (Canaries::new(), Canaries::new());
    let ids = [mine.session(0), mine.session(10), other.session(0)];
    let canaries: Vec<&str> = ids.iter().map(SessionId::as_str).collect();
    let real = [
        "recount-canary",
        "recount-canary.",
        "recount-canary_1",
        "recount-canaryx",
        "recount-canar",
        "RECOUNT-CANARY-1",
        " recount-canary-1",
    ];
    add(&test, &canaries, NOW);
    add(&test, &real, NOW);

    let tables = tables_of(&test);
    let holder = test.store.open("test")?;
    let listed = sessions_known(&holder)?;
    let mut listed: Vec<&str> = listed.iter().map(|row| &*row.session_id).collect();
    listed.sort_unstable();
    let mut expected = real;
    expected.sort_unstable();
    assert_eq!(listed, expected);
    assert_eq!(latest_sessions(&holder, 100)?.len(), 7);
    assert_eq!(sessions_beginning_with(&holder, "recount-canary", 100)?.len(), 4);
    for (table, rows) in table_sizes(&holder)? {
        assert_eq!(rows, if table == "rejects" { 0 } else { 7 }, "{table}");
    }
    for id in &ids {
        assert!(holder.has_session(id)?);
        assert_eq!((session_show(&holder, id)?, usage(&holder, id.as_str())?), (None, None));
    }
    assert_eq!(models_used(&holder)?.iter().map(|used| used.messages).sum::<u64>(), 7);
    assert_eq!(last_events(&holder)?.len(), 1);

    let rows = u64::try_from(tables.len())?;
    assert_eq!(holder.remove_canaries(&mine)?, 2 * rows);
    assert_eq!(holder.remove_canaries(&mine)?, 0);
    assert!(holder.has_session(&ids[2])?);
    let before = |ms| UnixMs::new(ms).expect("not negative");
    assert_eq!(holder.remove_old_canaries(before(NOW))?, 0);
    assert_eq!(holder.remove_old_canaries(before(NOW + 1))?, rows);
    assert_eq!(check(&holder)?, []);
    drop(holder);
    for table in tables {
        assert_eq!(test.number(&format!("SELECT count(*) FROM {table}")), 7, "{table}");
    }
    let revision = "SELECT value FROM store_state WHERE name = 'revision'";
    assert_eq!(test.number(revision), 2, "one for each removal of something");
    Ok(())
}
