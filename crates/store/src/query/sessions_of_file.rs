//! Which sessions changed a file.

use std::collections::HashSet;

use turso::Value;

use super::elsewhere::counts_elsewhere;
use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row};

/// The statement. It reads every operation: an index of paths would cost every hook that tells of a change.
pub fn statement() -> String {
    let elsewhere = counts_elsewhere();
    format!(
        "SELECT session_id \
         FROM file_operations \
         WHERE (path = ?1 OR substr(path, -length(?2)) = ?2) AND NOT ({IS_CANARY}) \
             AND NOT EXISTS \
                 (SELECT 1 FROM messages \
                  WHERE messages.session_id = file_operations.session_id \
                      AND messages.message_id = file_operations.message_id AND {elsewhere})"
    )
}

/// The sessions that changed the file of that path, or one whose path ends in it, without those that hold
/// no more than copies of that.
///
/// # Errors
/// The engine failed.
pub fn sessions_of_file(holder: &Holder<'_>, path: &str) -> Result<HashSet<String>, StoreError> {
    let key = [path.to_owned(), format!("/{path}")].map(Value::Text);
    let sessions = holder.engine.query("look for a file", &statement(), &key, Row::text)?;
    Ok(sessions.into_iter().flatten().collect())
}
