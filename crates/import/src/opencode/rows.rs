//! Sessions, messages and parts as rows of `OpenCode`'s database (schema of 1.18.33; columns that
//! came late may be missing).

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{
    Connection, OptionalExtension, Row as SqlRow, named_params,
    types::{Value, ValueRef},
};
use serde_json::value::RawValue;

use super::{
    Conversation, Conversations, Fault, Key, Row, RowKind, Session, Source, Want,
    database::Database,
    mapping::{self, Project},
};
use crate::{Reason, Skipped, batch::ITEM_BYTES_LIMIT, object::Object};

/// A page has at most this many rows …
const PAGE_ROWS: i64 = 500;
/// … and ends once they are this long.
const PAGE_BYTES: u64 = 4 << 20;

/// What cannot be done without.
const REQUIRED: [(&str, &[&str]); 3] = [
    ("session", &["id", "time_created", "time_updated"]),
    ("message", &["id", "session_id", "time_created", "time_updated", "data"]),
    ("part", &["id", "message_id", "session_id", "time_created", "time_updated", "data"]),
];

/// Columns and the names that `OpenCode` shows them under.
type Names = &'static [(&'static str, &'static str)];

const PLAIN: Names = &[
    ("slug", "slug"),
    ("project_id", "projectID"),
    ("workspace_id", "workspaceID"),
    ("directory", "directory"),
    ("path", "path"),
    ("parent_id", "parentID"),
    ("title", "title"),
    ("agent", "agent"),
    ("version", "version"),
    ("cost", "cost"),
];
const JSON: Names = &[
    ("model", "model"),
    ("metadata", "metadata"),
    ("revert", "revert"),
    ("permission", "permission"),
];
const SHARE: Names = &[("share_url", "url")];
const SUMMARY: Names = &[
    ("summary_additions", "additions"),
    ("summary_deletions", "deletions"),
    ("summary_files", "files"),
];
const DIFFS: Names = &[("summary_diffs", "diffs")];
const TOKENS: Names =
    &[("tokens_input", "input"), ("tokens_output", "output"), ("tokens_reasoning", "reasoning")];
const CACHE: Names = &[("tokens_cache_read", "read"), ("tokens_cache_write", "write")];
const TIME: Names = &[
    ("time_created", "created"),
    ("time_updated", "updated"),
    ("time_compacting", "compacting"),
    ("time_archived", "archived"),
];

/// A database whose schema is known.
pub(super) struct Rows {
    database: Database,
    /// The statement for a session, once the schema was looked at.
    session: Option<String>,
    projects: BTreeMap<String, Project>,
}

impl Rows {
    pub fn new(database: Database) -> Self {
        Self { database, session: None, projects: BTreeMap::new() }
    }

    /// Demands the columns that are needed, and finds out which others there are.
    fn look_at_schema(&mut self) -> Result<(), Fault> {
        for (table, columns) in REQUIRED {
            let found = self.database.columns(table)?;
            let mut missing = columns.iter().filter(|column| !found.contains(**column));
            if let Some(column) = missing.next() {
                let reason = format!("has no `{table}.{column}`, so its schema is not one we know");
                return Err(Fault::Everywhere(reason.into()));
            }
        }
        let found = self.database.columns("session")?;
        let all = [PLAIN, JSON, SHARE, SUMMARY, DIFFS, TOKENS, CACHE, TIME].into_iter().flatten();
        let columns: Vec<&str> =
            all.map(|(column, _)| *column).filter(|column| found.contains(*column)).collect();
        let columns = columns.join(", ");
        self.session = Some(format!("SELECT {columns} FROM session WHERE id = ?1"));
        let projects = self.database.columns("project")?;
        if ["id", "name", "worktree"].iter().all(|column| projects.contains(*column)) {
            self.projects = self.database.ask(projects_by_id)?;
        }
        Ok(())
    }
}

impl Source for Rows {
    fn size(&mut self) -> Result<u64, Fault> {
        let sql = "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM message) \
                          + (SELECT count(*) FROM part)";
        let rows: i64 =
            self.database.ask(|connection| connection.query_row(sql, [], |row| row.get(0)))?;
        Ok(rows.unsigned_abs())
    }

    fn conversations(&mut self) -> Result<Conversations, Fault> {
        if self.database.is_empty()? {
            return Ok(Conversations::default());
        }
        self.look_at_schema()?;
        let (mut ids, mut skipped) = (BTreeSet::new(), Vec::new());
        // Nothing may be lost because its session is.
        for (table, column) in
            [("session", "id"), ("message", "session_id"), ("part", "session_id")]
        {
            match self.database.ask(|connection| distinct(connection, table, column)) {
                Ok(found) => ids.extend(found),
                Err(Fault::Here(reason)) => {
                    let what = format!("list of {table}s in {}", self.database.path().display());
                    skipped.push(Skipped { what, reason });
                }
                Err(everywhere) => return Err(everywhere),
            }
        }
        let all = ids.into_iter().map(Conversation::Session).collect();
        Ok(Conversations { all, skipped })
    }

    fn session(&mut self, conversation: &Conversation) -> Result<Session, Fault> {
        let (Conversation::Session(id), Some(sql)) = (conversation, self.session.as_deref()) else {
            return Ok(Session::default());
        };
        let columns = self.database.ask(|connection| {
            let mut statement = connection.prepare(sql)?;
            statement.query_row([id], Columns::of).optional()
        })?;
        let Some(columns) = columns else { return Ok(Session::default()) };
        let created_at = columns.integer("time_created");
        let updated_at = columns.integer("time_updated");
        let mut session = Session { created_at, updated_at, ..Session::default() };
        match columns.info() {
            Ok(info) => {
                let project = info.text("projectID").and_then(|id| self.projects.get(&id));
                let project = project.cloned().unwrap_or_default();
                let observed_at = updated_at.or(created_at).unwrap_or(0);
                session.items.push(mapping::session(id, info, &project, observed_at));
            }
            Err(reason) => {
                let what = format!("session {id} in {}", self.database.path().display());
                session.skipped.push(Skipped { what, reason });
            }
        }
        Ok(session)
    }

    fn page(
        &mut self,
        conversation: &Conversation,
        kind: RowKind,
        after: &Key,
        want: Want,
    ) -> Result<Vec<Row>, Fault> {
        let Conversation::Session(id) = conversation else { return Ok(Vec::new()) };
        let content_limit = match want {
            Want::Version => -1,
            Want::Content => i64::try_from(ITEM_BYTES_LIMIT).expect("it is small"),
        };
        let sql = match kind {
            RowKind::Message => MESSAGES,
            RowKind::Part => PARTS,
        };
        let Key(number, name) = after;
        self.database.ask(|connection| {
            let mut statement = connection.prepare(sql)?;
            let parameters = named_params! {
                ":session": id, ":number": number, ":name": name, ":content_limit": content_limit,
                ":rows": PAGE_ROWS,
            };
            let mut found = statement.query(parameters)?;
            let (mut page, mut bytes) = (Vec::new(), 0);
            while let Some(row) = found.next()? {
                let row = read(row)?;
                bytes += row.content.as_ref().map_or(0, |_| row.bytes);
                page.push(row);
                if want == Want::Content && bytes > PAGE_BYTES {
                    break;
                }
            }
            Ok(page)
        })
    }
}

/// In the order of `message_session_time_created_id_idx`.
const MESSAGES: &str = "\
    SELECT time_created, id, id, '', time_created, time_updated, octet_length(data), \
           CASE WHEN octet_length(data) <= :content_limit THEN data END \
    FROM message \
    WHERE session_id = :session AND (time_created, id) > (:number, :name) \
    ORDER BY time_created, id \
    LIMIT :rows";

/// In the order of `part_session_idx`, which is that of their making.
const PARTS: &str = "\
    SELECT rowid, :name, id, message_id, time_created, time_updated, octet_length(data), \
           CASE WHEN octet_length(data) <= :content_limit THEN data END \
    FROM part \
    WHERE session_id = :session AND rowid > :number \
    ORDER BY rowid \
    LIMIT :rows";

fn read(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let integer = |column| row.get_ref(column).map(|value| value.as_i64().ok());
    let bytes = integer(6)?.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
    let created_at = integer(4)?;
    let content = match row.get_ref(7)? {
        ValueRef::Text(json) | ValueRef::Blob(json) => Ok(json.to_vec()),
        ValueRef::Null if bytes > ITEM_BYTES_LIMIT as u64 => Err("is too long".into()),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => Err("is no JSON".into()),
    };
    Ok(Row {
        key: Key(integer(0)?.unwrap_or(i64::MIN), text(row.get_ref(1)?)),
        id: text(row.get_ref(2)?),
        message: text(row.get_ref(3)?),
        created_at: Some(created_at.unwrap_or_default()),
        written_at: integer(5)?.or(created_at).unwrap_or_default(),
        bytes,
        content,
    })
}

/// A text, with what is no Unicode in it replaced: it is an id, and has to be one.
fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(_) | ValueRef::Null => String::new(),
    }
}

fn distinct(
    connection: &Connection,
    table: &str,
    column: &str,
) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = connection.prepare(&format!("SELECT DISTINCT {column} FROM {table}"))?;
    let ids = statement.query_map([], |row| row.get_ref(0).map(text))?;
    ids.collect()
}

fn projects_by_id(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Project>> {
    let mut statement = connection.prepare("SELECT id, name, worktree FROM project")?;
    let rows = statement.query_map([], |row| {
        let optional = |column| row.get::<_, Option<String>>(column).unwrap_or_default();
        Ok((text(row.get_ref(0)?), Project { name: optional(1), worktree: optional(2) }))
    })?;
    rows.collect()
}

/// The columns of a session that are there.
struct Columns(BTreeMap<String, Value>);

impl Columns {
    fn of(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        let names = row.as_ref().column_names();
        let values = names.enumerate().map(|(at, name)| Ok((name.to_owned(), row.get(at)?)));
        values.collect::<rusqlite::Result<_>>().map(Self)
    }

    fn integer(&self, column: &str) -> Option<i64> {
        match self.0.get(column)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The session as `OpenCode` shows it.
    fn info(&self) -> Result<Object, Reason> {
        let mut info = Object::default();
        self.put(&mut info, PLAIN);
        self.put_json(&mut info, JSON)?;
        info.put("share", self.object(SHARE).filled());
        let mut summary = self.object(SUMMARY);
        self.put_json(&mut summary, DIFFS)?;
        info.put("summary", summary.filled());
        let mut tokens = self.object(TOKENS);
        tokens.put("cache", self.object(CACHE).filled());
        info.put("tokens", tokens.filled());
        info.put("time", self.object(TIME));
        Ok(info)
    }

    fn object(&self, names: Names) -> Object {
        let mut object = Object::default();
        self.put(&mut object, names);
        object
    }

    fn put(&self, object: &mut Object, names: Names) {
        for (column, key) in names {
            match self.0.get(*column) {
                Some(Value::Text(text)) => object.put(key, text),
                Some(Value::Integer(number)) => object.put(key, number),
                Some(Value::Real(number)) => put_number(object, key, *number),
                Some(Value::Null | Value::Blob(_)) | None => {}
            }
        }
    }

    fn put_json(&self, object: &mut Object, names: Names) -> Result<(), Reason> {
        for (column, key) in names {
            if let Some(Value::Text(text)) = self.0.get(*column) {
                let json: &RawValue =
                    serde_json::from_str(text).map_err(|_| format!("`{column}` is no JSON"))?;
                object.put(key, json);
            }
        }
        Ok(())
    }
}

/// A number as JavaScript writes it: a whole one without a fraction.
fn put_number(object: &mut Object, key: &str, number: f64) {
    /// Up to here a double holds every integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and not too great")]
        object.put(key, number as i64);
    } else {
        object.put(key, number);
    }
}
