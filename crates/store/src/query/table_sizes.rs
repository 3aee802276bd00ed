//! How many rows each table of the record has.

use crate::{Holder, StoreError, canary, engine::Row, session_rows::TABLES};

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
    TABLES.into_iter().chain(["rejects"]).map(count).collect()
}
