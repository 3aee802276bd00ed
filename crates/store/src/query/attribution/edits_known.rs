//! Which edits there are below a folder, or of files that are named without one.

use domain::{EditScope, UnixMs};
use turso::Value;

use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row, query::usage::columns};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    let sql = format!(
        "SELECT id, path, ordered_at_unix_ms, session_id, scope \
         FROM edits \
         WHERE path >= ?1 AND path < ?2 AND NOT ({IS_CANARY})"
    );
    (sql, "edits_by_path")
}

/// The statement that finds those that came since, with the index that it needs.
pub fn changed_statement() -> (&'static str, &'static str) {
    (
        "SELECT id, path, ordered_at_unix_ms, session_id, scope \
         FROM edits \
         WHERE session_id = ?1 AND path IS NOT NULL AND revision > ?2",
        "edits_in_order",
    )
}

/// The statement that finds those that name no file, with the index that it needs.
pub fn unnamed_statement() -> (String, &'static str) {
    let sql = format!(
        "SELECT id, path, ordered_at_unix_ms, session_id, scope \
         FROM edits \
         WHERE path IS NULL AND NOT ({IS_CANARY})"
    );
    (sql, "edits_by_path")
}

/// An edit, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditKnown {
    /// Its row, as long as the lease is held and no session is removed.
    pub row: i64,
    /// The file, as the agent names it.
    pub path: String,
    /// What orders it.
    pub at: Option<UnixMs>,
    /// The conversation.
    pub session_id: String,
    /// How much it spans.
    pub scope: Option<EditScope>,
}

/// The edits of files whose path begins with `folder`, which ends in a slash.
///
/// # Errors
/// The engine failed.
pub fn edits_below(holder: &Holder<'_>, folder: &str) -> Result<Vec<EditKnown>, StoreError> {
    // The byte after a slash is a zero.
    let end = format!("{}0", folder.strip_suffix('/').unwrap_or(folder));
    between(holder, folder, &end)
}

/// The edits of files that are named from some folder on: it depends on the session which.
///
/// # Errors
/// The engine failed.
pub fn edits_without_folder(holder: &Holder<'_>) -> Result<Vec<EditKnown>, StoreError> {
    let mut edits = between(holder, "", "/")?;
    edits.extend(between(holder, "0", "\u{10ffff}")?);
    Ok(edits)
}

/// The edits that name no file: their diffs do.
///
/// # Errors
/// The engine failed.
pub fn edits_without_path(holder: &Holder<'_>) -> Result<Vec<EditKnown>, StoreError> {
    holder.engine.query("look for edits", &unnamed_statement().0, &[], read)
}

/// The edits of a session that came or changed after a revision.
///
/// # Errors
/// The engine failed.
pub fn edits_changed(
    holder: &Holder<'_>,
    session_id: &str,
    since: i64,
) -> Result<Vec<EditKnown>, StoreError> {
    let bounds = [Value::Text(session_id.to_owned()), Value::Integer(since)];
    holder.engine.query("look for new edits", changed_statement().0, &bounds, read)
}

fn between(holder: &Holder<'_>, from: &str, to: &str) -> Result<Vec<EditKnown>, StoreError> {
    let bounds = [from, to].map(|bound| Value::Text(bound.to_owned()));
    holder.engine.query("look for edits", &statement().0, &bounds, read)
}

fn read(row: &mut Row) -> Result<EditKnown, StoreError> {
    Ok(EditKnown {
        row: row.integer()?.unwrap_or_default(),
        path: row.text()?.unwrap_or_default(),
        at: row.integer()?.and_then(UnixMs::new),
        session_id: row.text()?.unwrap_or_default(),
        scope: columns(row, "edits", "scope")?,
    })
}
