//! How many rows each table of the record has.

use crate::{Holder, StoreError, canary, engine::Row};

/// The tables, in the order in which they are told.
const TABLES: [&str; 12] = [
    "sessions",
    "messages",
    "parts",
    "tool_calls",
    "step_events",
    "patches",
    "compaction_events",
    "session_errors",
    "file_operations",
    "edits",
    "events",
    "rejects",
];

/// Each table with its number of rows.
///
/// # Errors
/// The engine failed.
pub fn table_sizes(holder: &Holder<'_>) -> Result<Vec<(&'static str, i64)>, StoreError> {
    let count = |table| {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows = holder.engine.query_first("count rows", &sql, &[], Row::integer)?;
        let canaries = canary::count(&holder.engine, table)?;
        Ok((table, rows.flatten().unwrap_or(0) - canaries))
    };
    TABLES.into_iter().map(count).collect()
}
