//! How long a conversation is, without reading it.

use domain::SessionId;

use super::of_session::key;
use crate::{Holder, StoreError, engine::Row};

/// The statement, with the index that it needs.
pub const STATEMENT: (&str, &str) = (
    "SELECT count(*) \
     FROM parts \
     WHERE session_id = ?1",
    "parts_in_order",
);

/// How many parts a session has.
///
/// # Errors
/// The engine failed.
pub fn session_length(holder: &Holder<'_>, id: &SessionId) -> Result<usize, StoreError> {
    let count =
        holder.engine.query_first("measure a session", STATEMENT.0, &key(id), Row::integer)?;
    Ok(count.flatten().and_then(|count| usize::try_from(count).ok()).unwrap_or_default())
}
