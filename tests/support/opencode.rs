//! What `OpenCode` 1.18.33 keeps on disk: made from events that it told, or by hand.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, Transaction, params};
use serde_json::{Value, json};

/// The schema of its tables.
pub const SCHEMA: &str = include_str!("../fixtures/opencode/schema-1.18.33.sql");

/// An hour ago: when everything was said, unless somebody says otherwise. What was written just now
/// counts as unsettled.
pub fn an_hour_ago() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    i64::try_from(now.as_millis()).expect("it fits") - 3_600_000
}

/// An `OpenCode` that has its database open.
pub struct OpenCode {
    connection: Connection,
    database: PathBuf,
}

impl OpenCode {
    /// Makes its folder and an empty database in it.
    pub fn new(folder: &Path) -> Self {
        Self::with_schema(&folder.join("opencode.db"), SCHEMA)
    }

    /// The same with another database, and another schema.
    pub fn with_schema(database: &Path, schema: &str) -> Self {
        fs::create_dir_all(database.parent().expect("it has one")).expect("a new folder");
        let opencode = Self::open(database);
        opencode.connection.execute_batch(schema).expect("the schema is right");
        opencode
    }

    /// Opens a database that is there, as `OpenCode` does.
    pub fn open(database: &Path) -> Self {
        let connection = Connection::open(database).expect("stock SQLite opens it");
        connection.busy_timeout(Duration::from_secs(5)).expect("it is a number");
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
                       PRAGMA foreign_keys = OFF";
        connection.execute_batch(pragmas).expect("it can be written");
        Self { connection, database: database.to_owned() }
    }

    /// Its database.
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// Runs statements on it.
    pub fn execute(&self, sql: &str) {
        self.connection.execute_batch(sql).expect("the statement is right");
    }

    /// Stores what a capture tells, as `OpenCode` did when it told it.
    pub fn hear(&self, capture: &str) {
        let lines = capture.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        self.connection
            .execute(
                "INSERT OR IGNORE INTO project (id, worktree, time_created, time_updated, sandboxes)
                 VALUES ('other', '/', 0, 0, '[]')",
                [],
            )
            .expect("a project");
        for line in lines {
            let line: Value = line;
            let Some(properties) = line["event"].get("properties") else { continue };
            let at: jiff::Timestamp = line["ts"].as_str().expect("a time").parse().expect("a time");
            let at = at.as_millisecond() - 1;
            match line["event"]["type"].as_str() {
                Some("session.created" | "session.updated") => self.session(&properties["info"]),
                Some("message.updated") => self.message(&properties["info"], at),
                Some("message.part.updated") => {
                    self.part(&properties["part"], properties["time"].as_i64().unwrap_or(at), at);
                }
                _ => {}
            }
        }
    }

    /// Stores a session as it is shown.
    pub fn session(&self, info: &Value) {
        let text = |key: &str| info[key].as_str();
        let json = |value: &Value| (!value.is_null()).then(|| value.to_string());
        let (summary, tokens) = (&info["summary"], &info["tokens"]);
        self.connection
            .execute(
                "INSERT OR REPLACE INTO session
                 (id, project_id, parent_id, slug, directory, path, title, version, share_url,
                  summary_additions, summary_deletions, summary_files, summary_diffs, metadata,
                  cost, tokens_input, tokens_output, tokens_reasoning, tokens_cache_read,
                  tokens_cache_write, revert, permission, agent, model, time_created, time_updated,
                  time_archived)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                         ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)",
                params![
                    text("id"),
                    text("projectID").unwrap_or("project"),
                    text("parentID"),
                    text("slug").unwrap_or("slug"),
                    text("directory").unwrap_or("/home/dev/demo"),
                    text("path"),
                    text("title").unwrap_or("A title"),
                    text("version").unwrap_or("1.18.33"),
                    info["share"]["url"].as_str(),
                    summary["additions"].as_i64(),
                    summary["deletions"].as_i64(),
                    summary["files"].as_i64(),
                    json(&summary["diffs"]),
                    json(&info["metadata"]),
                    info["cost"].as_f64().unwrap_or(0.0),
                    tokens["input"].as_i64().unwrap_or(0),
                    tokens["output"].as_i64().unwrap_or(0),
                    tokens["reasoning"].as_i64().unwrap_or(0),
                    tokens["cache"]["read"].as_i64().unwrap_or(0),
                    tokens["cache"]["write"].as_i64().unwrap_or(0),
                    json(&info["revert"]),
                    json(&info["permission"]),
                    text("agent"),
                    json(&info["model"]),
                    info["time"]["created"].as_i64().unwrap_or_else(an_hour_ago),
                    info["time"]["updated"].as_i64().unwrap_or_else(an_hour_ago),
                    info["time"]["archived"].as_i64(),
                ],
            )
            .expect("a session");
    }

    /// Stores a message as it is shown; it was written at that time.
    pub fn message(&self, info: &Value, at: i64) {
        let (id, session) = (info["id"].as_str(), info["sessionID"].as_str());
        let created = info["time"]["created"].as_i64().unwrap_or(at);
        let data = without(info, &["id", "sessionID"]);
        self.connection
            .execute(
                "INSERT INTO message (id, session_id, time_created, time_updated, data)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE
                 SET data = excluded.data, time_updated = excluded.time_updated",
                params![id, session, created, at, data],
            )
            .expect("a message");
    }

    /// Stores a part as it is shown; its first version was written at the first time.
    pub fn part(&self, part: &Value, created: i64, at: i64) {
        store_part(&self.connection, part, created, at);
    }

    /// Stores so many messages of a session with so many texts each.
    pub fn converse(&mut self, session: &str, messages: usize, parts: usize) {
        let at = an_hour_ago();
        let transaction = self.connection.transaction().expect("it can be written");
        for message in 0..messages {
            converse_once(&transaction, session, message, parts, at);
        }
        transaction.commit().expect("it can be written");
    }
}

/// One message of the person with texts.
fn converse_once(
    transaction: &Transaction<'_>,
    session: &str,
    number: usize,
    parts: usize,
    at: i64,
) {
    let message = format!("msg_{session}_{number:06}");
    let at = at + i64::try_from(number).expect("it is small");
    let data = json!({ "role": "user", "time": { "created": at } });
    transaction
        .execute(
            "INSERT INTO message (id, session_id, time_created, time_updated, data)
             VALUES (?1, ?2, ?3, ?3, ?4)",
            params![message, session, at, data.to_string()],
        )
        .expect("a message");
    for part in 0..parts {
        let part = json!({
            "id": format!("prt_{session}_{number:06}_{part:04}"),
            "sessionID": session,
            "messageID": message,
            "type": "text",
            "text": format!("text {part} of {message}"),
        });
        store_part(transaction, &part, at, at);
    }
}

fn store_part(connection: &Connection, part: &Value, created: i64, at: i64) {
    let text = |key: &str| part[key].as_str();
    let data = without(part, &["id", "sessionID", "messageID"]);
    connection
        .execute(
            "INSERT INTO part (id, message_id, session_id, time_created, time_updated, data)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE
             SET data = excluded.data, time_updated = excluded.time_updated",
            params![text("id"), text("messageID"), text("sessionID"), created, at, data],
        )
        .expect("a part");
}

fn without(value: &Value, keys: &[&str]) -> String {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, _| !keys.contains(&key.as_str()));
    }
    value.to_string()
}
