//! Which sessions have changed since a revision.

use turso::Value;

use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    let sql = format!(
        "SELECT session_id \
         FROM sessions \
         WHERE revision > ?1 AND NOT ({IS_CANARY}) \
         ORDER BY revision \
         LIMIT ?2"
    );
    (sql, "sessions_by_revision")
}

/// The sessions in which anything has changed since that revision, at most so many, those that changed
/// last at the end. What was removed is not among them.
///
/// # Errors
/// The engine failed.
pub fn sessions_changed(
    holder: &Holder<'_>,
    since: i64,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let (sql, _) = statement();
    let parameters = [Value::Integer(since), Value::Integer(limit.into())];
    let found = holder.engine.query("look for changes", &sql, &parameters, Row::text)?;
    Ok(found.into_iter().flatten().collect())
}
