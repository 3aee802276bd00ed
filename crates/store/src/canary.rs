//! Canaries: marked sessions that are sent the way of an agent's own, to see whether they arrive.
//!
//! They are no part of the record: no query tells of them, and whoever sends them has them removed.

use domain::{SessionId, UnixMs};
use turso::Value;

use crate::{
    Holder, StoreError,
    engine::{Engine, Row},
    retry::random,
    session_rows::{TABLES, remove_rows},
};

/// How the id of a canary begins, and that of no session of an agent.
const PREFIX: &str = "recount-canary-";

/// Of a row, that it is a canary's; an index that begins with the session finds them.
pub(crate) const IS_CANARY: &str =
    "session_id >= 'recount-canary-' AND session_id < 'recount-canary.'";

/// Whether that id is a canary's.
pub(crate) fn is_canary(session_id: &str) -> bool {
    session_id.starts_with(PREFIX)
}

/// The canaries that one process sends, told from those of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canaries {
    /// Ends in the byte that orders right before a point.
    prefix: String,
}

impl Canaries {
    /// Those of this process.
    pub fn new() -> Self {
        Self { prefix: format!("{PREFIX}{:016x}-", random()) }
    }

    /// The session of one of them.
    pub fn session(&self, number: usize) -> SessionId {
        SessionId::new(format!("{}{number}", self.prefix)).expect("it has a prefix")
    }

    /// Those of every process.
    fn all() -> Self {
        Self { prefix: PREFIX.to_owned() }
    }

    /// The first id of theirs, and the first behind them.
    fn range(&self) -> [Value; 2] {
        let end = format!("{}.", self.prefix.trim_end_matches('-'));
        [self.prefix.clone(), end].map(Value::Text)
    }
}

impl Default for Canaries {
    fn default() -> Self {
        Self::new()
    }
}

impl Holder<'_> {
    /// Whether a session is stored, a canary too.
    ///
    /// # Errors
    /// The engine failed.
    pub fn has_session(&self, id: &SessionId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM sessions WHERE session_id = ?1";
        let key = [Value::Text(id.as_str().to_owned())];
        Ok(self.engine.query_first("look for a session", sql, &key, |_| Ok(()))?.is_some())
    }

    /// Removes all rows of these canaries, and says how many there were.
    ///
    /// # Errors
    /// The engine failed; all of them are still there.
    pub fn remove_canaries(&self, canaries: &Canaries) -> Result<u64, StoreError> {
        self.engine.transaction(|engine| remove(engine, canaries, i64::MAX))
    }

    /// The same with what any process has left that was handed over before that time.
    ///
    /// # Errors
    /// The engine failed; all of them are still there.
    pub fn remove_old_canaries(&self, before: UnixMs) -> Result<u64, StoreError> {
        self.engine.transaction(|engine| remove(engine, &Canaries::all(), before.get()))
    }
}

fn remove(engine: &Engine, canaries: &Canaries, before: i64) -> Result<u64, StoreError> {
    let condition = "session_id >= ?1 AND session_id < ?2 AND received_at_unix_ms < ?3";
    let [first, end] = canaries.range();
    remove_rows(engine, "remove canaries", condition, &[first, end, Value::Integer(before)])
}

/// How many rows of a table are canaries'.
pub(crate) fn count(engine: &Engine, table: &'static str) -> Result<i64, StoreError> {
    if !TABLES.contains(&table) {
        return Ok(0);
    }
    let sql = format!("SELECT count(*) FROM {table} WHERE {IS_CANARY}");
    let counted = engine.query_first("count canaries", &sql, &[], Row::integer)?;
    Ok(counted.flatten().unwrap_or(0))
}
