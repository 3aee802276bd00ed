//! The number of the last commit that changed anything.

use crate::{Holder, StoreError, engine::Row};

/// The statement.
pub const SQL: &str = "SELECT value FROM store_state WHERE name = 'revision'";

/// The statement about removals.
const REMOVAL: &str = "SELECT value FROM store_state WHERE name = 'removal'";

/// The number of the last commit that removed a session; 0 where none did.
///
/// # Errors
/// The engine failed.
pub fn last_removal(holder: &Holder<'_>) -> Result<i64, StoreError> {
    let found = holder.engine.query_first("read the revision", REMOVAL, &[], Row::integer)?;
    Ok(found.flatten().unwrap_or(0))
}

/// The number of the last commit that changed anything; 0 for an empty record.
///
/// # Errors
/// The engine failed.
pub fn revision(holder: &Holder<'_>) -> Result<i64, StoreError> {
    let found = holder.engine.query_first("read the revision", SQL, &[], Row::integer)?;
    Ok(found.flatten().unwrap_or(0))
}
