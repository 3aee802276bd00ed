//! What the record holds of Claude Code's sessions, against what its transcripts say.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    super::{rebuilt, recorded::list, surroundings::wait_until_alone},
    client::{ClaudeCode, KEY},
    transcript::{self, Told},
};
use crate::support::Record;

/// The tables of what is shown of a session, with what finds a row of it.
const TABLES: [(&str, &[&str]); 5] = [
    ("messages", &["message_id"]),
    ("parts", &["message_id", "part_id"]),
    ("tool_calls", &["call_id"]),
    ("session_errors", &["error_id"]),
    ("compaction_events", &["compaction_id"]),
];

impl ClaudeCode {
    /// What the record holds of a session.
    pub fn shown(&self, session: &str) -> Value {
        let arguments = ["session", "show", session, "--format", "json"];
        let output = self.recount(&arguments).finish().output();
        serde_json::from_str(&output).expect("a JSON value")
    }

    /// What a session costs, in dollars.
    pub fn cost(&self, session: &str) -> String {
        let arguments = ["usage", "--explain", session, "--format", "json"];
        let output = self.recount(&arguments).finish().output();
        let usage: Value = serde_json::from_str(&output).expect("a JSON value");
        usage["total"]["cost_dollars"].as_str().expect("each model has a price").to_owned()
    }

    /// Demands that the record holds all that the transcripts tell, as they tell it, and nothing
    /// else; and that they have nothing to add. A fork has copied from the `earlier` sessions.
    pub fn demand_recorded(&self, earlier: &[&str]) -> Told {
        wait_until_alone(self.environment());
        let told = transcript::read(&self.transcripts(), earlier);
        for (session, rows) in &told {
            let differences = self.differences(session, rows);
            assert!(differences.is_empty(), "{session}: {differences:#?}");
        }
        let record = self.environment().record();
        demand_stock_reads(&record, &told);
        self.demand_nothing_else(&record, &told);
        self.demand_nothing_to_import();
        told
    }

    /// Where the record does not say what the transcript says of a session.
    fn differences(&self, session: &str, rows: &Value) -> Vec<Value> {
        let shown = self.shown(session);
        let events = self.environment().record().column::<String>(&format!(
            "SELECT json_object('event_id', event_id, 'name', name,
                 'generated_at_unix_ms', generated_at_unix_ms)
             FROM events
             WHERE session_id = '{session}' AND event_id LIKE '{session}/%'"
        ));
        let parse = |event: &String| serde_json::from_str(event).expect("JSON");
        let events: Vec<Value> = events.iter().map(parse).collect();
        let tables = TABLES.map(|(table, keys)| (table, keys, list(&shown[table])));
        let tables = tables.into_iter().chain([("events", &["event_id"][..], &events[..])]);
        let differences = |(table, keys, found)| {
            let expected = if rows[table].is_null() { json!({}) } else { rows[table].clone() };
            let found = columns_of(found, keys, &expected);
            rebuilt::differences(table, &expected, &found)
        };
        tables.flat_map(differences).collect()
    }

    /// Demands that nothing was refused or is left over, that no session was made up, and that
    /// nothing of what is secret was kept.
    fn demand_nothing_else(&self, record: &Record, told: &Told) {
        let sessions: BTreeSet<String> =
            record.column("SELECT session_id FROM sessions").into_iter().collect();
        assert_eq!(sessions, told.keys().cloned().collect());
        let rejects: Vec<String> =
            record.column("SELECT type || ' ' || field || ' ' || reason || item FROM rejects");
        assert_eq!(rejects, Vec::<String>::new());
        let environment = self.environment();
        assert_eq!((environment.spooled(), environment.quarantined()), (Vec::new(), Vec::new()));
        let requests: Vec<String> = record.column(
            "SELECT name FROM events
             WHERE name LIKE 'api-request%' OR name = 'attachment/prompt_snapshot'",
        );
        assert_eq!(requests, Vec::<String>::new());
        let kept = record.tables().into_iter().flat_map(|(_, rows)| rows);
        for row in kept {
            assert!(!row.contains(KEY), "{row}");
        }
        record.is_whole();
    }

    /// Demands that what was told live is all that the transcripts hold: going on from there, and
    /// reading all of them again.
    fn demand_nothing_to_import(&self) {
        let live = self.environment().record().tables();
        for options in [&[][..], &["--all"]] {
            let import = self.recount(&["import", "claude"]).arguments(options);
            let import = import.finish().ends_with(0);
            assert!(import.stdout.contains(" stored=0 updated=0 "), "{import:?}");
            let imported = self.environment().record().tables();
            for (live, imported) in live.iter().zip(&imported) {
                assert_eq!(live, imported);
            }
        }
    }
}

/// Rows by what finds them, each with the columns that are expected of it; one that nobody expects,
/// whole.
fn columns_of(found: &[Value], keys: &[&str], expected: &Value) -> Value {
    let rows = found.iter().map(|row| {
        let key = keys.iter().map(|key| row[key].as_str().unwrap_or_default());
        let key = key.collect::<Vec<_>>().join("/");
        let row = match expected[&key].as_object() {
            None => row.clone(),
            Some(columns) => columns.keys().map(|name| (name.clone(), row[name].clone())).collect(),
        };
        (key, row)
    });
    let count = found.len();
    let rows: Map<String, Value> = rows.collect();
    assert_eq!(rows.len(), count, "each is there once");
    rows.into()
}

/// Demands that stock SQLite finds every text, thought and output and the sum of each count, whatever
/// recount shows.
fn demand_stock_reads(record: &Record, told: &Told) {
    let rows = |table: &'static str| {
        told.values().filter_map(move |rows| rows[table].as_object()).flat_map(Map::values)
    };
    let columns = [
        ("parts", "text"),
        ("parts", "reasoning_text"),
        ("parts", "signature"),
        ("tool_calls", "output"),
    ];
    for (table, column) in columns {
        let mut found: Vec<String> =
            record.column(&format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL"));
        let expected = rows(table).filter(|row| !row[column].is_null());
        let mut expected: Vec<String> =
            expected.map(|row| row[column].as_str().expect("a text").to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{table}.{column}");
    }
    for count in ["input", "output", "reasoning", "cache_read", "cache_write", "cache_write_1h"] {
        let sum = record.number(&format!("SELECT coalesce(sum(tokens_{count}), 0) FROM messages"));
        let expected = rows("messages").filter_map(|row| row["tokens"][count].as_i64());
        assert_eq!(sum, expected.sum::<i64>(), "{count}");
    }
}
