//! Which messages of a session count in another one.

use std::collections::HashSet;

use domain::SessionId;

use super::{elsewhere::counts_elsewhere, of_session::key};
use crate::{Holder, StoreError, engine::Row};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    let elsewhere = counts_elsewhere();
    let sql = format!("SELECT message_id FROM messages WHERE session_id = ?1 AND {elsewhere}");
    (sql, "messages_usage")
}

/// The messages that count elsewhere.
///
/// # Errors
/// The engine failed.
pub fn messages_elsewhere(
    holder: &Holder<'_>,
    id: &SessionId,
) -> Result<HashSet<String>, StoreError> {
    let (sql, _) = statement();
    let found = holder.engine.query("find what counts elsewhere", &sql, &key(id), Row::text)?;
    Ok(found.into_iter().flatten().collect())
}
