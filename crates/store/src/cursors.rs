//! How far an importer has read an agent's own store. A cursor is written in the transaction of the
//! rows that it speaks of, so it never says more than what is stored.

use domain::UnixMs;
use turso::Value;

use crate::{StoreError, engine::Engine};

/// A place in an agent's own store; what it means is the importer's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportCursor {
    /// The agent's store.
    pub source: String,
    /// The part of it.
    pub scope: String,
    /// How far that part is read.
    pub position: String,
}

/// Puts cursors in the place of older ones.
pub(crate) fn place(
    engine: &Engine,
    cursors: &[ImportCursor],
    now: UnixMs,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO import_cursors (source, scope, position, updated_at_unix_ms) \
               VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (source, scope) DO UPDATE \
               SET position = excluded.position, attempts = 0, \
                   updated_at_unix_ms = excluded.updated_at_unix_ms";
    for ImportCursor { source, scope, position } in cursors {
        let texts = [source, scope, position].map(|text| Value::Text(text.clone()));
        let values = texts.into_iter().chain([Value::Integer(now.get())]).collect();
        engine.execute("place a cursor", sql, values)?;
    }
    Ok(())
}
