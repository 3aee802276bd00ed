//! How far an agent's own store is read.

use std::collections::BTreeMap;

use turso::Value;

use crate::{Holder, StoreError};

/// The statement, with the index that it needs.
pub const STATEMENT: (&str, &str) = (
    "SELECT scope, position FROM import_cursors WHERE source = ?1 AND position IS NOT NULL",
    "sqlite_autoindex_import_cursors_1",
);

/// The position in each part of an agent's own store that was read.
///
/// # Errors
/// The engine failed.
pub fn import_cursors(
    holder: &Holder<'_>,
    source: &str,
) -> Result<BTreeMap<String, String>, StoreError> {
    let source = [Value::Text(source.to_owned())];
    let rows = holder.engine.query("read cursors", STATEMENT.0, &source, |row| {
        Ok((row.text()?.unwrap_or_default(), row.text()?.unwrap_or_default()))
    })?;
    Ok(rows.into_iter().collect())
}
