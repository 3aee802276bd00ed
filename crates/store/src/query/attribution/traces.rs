//! The records of commits, with their ranges.

use domain::UnixMs;
use turso::Value;

use super::ranges::ranges;
use crate::{Holder, StoreError, Trace, TraceSource, engine::Row};

/// The columns, as `read` reads them.
const COLUMNS: &str = "repository, commit_id, source, committed_at_unix_ms, author, subject, patch_id, record, \
                       is_settled, seen_revision";

/// The statement about a commit, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    let sql =
        format!("SELECT {COLUMNS} FROM agent_traces WHERE repository = ?1 AND commit_id = ?2");
    (sql, "sqlite_autoindex_agent_traces_1")
}

/// The statement about a patch, with the index that it needs.
pub fn of_patch() -> (String, &'static str) {
    let sql = format!("SELECT {COLUMNS} FROM agent_traces WHERE repository = ?1 AND patch_id = ?2");
    (sql, "agent_traces_by_patch")
}

/// The statement about a commit in other repositories, with the index that it needs.
pub fn elsewhere() -> (String, &'static str) {
    let sql = format!(
        "SELECT {COLUMNS} \
         FROM agent_traces \
         WHERE commit_id = ?2 AND repository <> ?1 AND source = 'computed'"
    );
    (sql, "agent_traces_by_commit")
}

/// The records of some commits, in no order.
///
/// # Errors
/// The engine failed.
pub fn traces(
    holder: &Holder<'_>,
    repository: &str,
    commits: &[String],
) -> Result<Vec<Trace>, StoreError> {
    one_by_one(holder, repository, commits, &statement().0)
}

/// The records of commits with one of these patches, in no order.
///
/// # Errors
/// The engine failed.
pub fn traces_of_patches(
    holder: &Holder<'_>,
    repository: &str,
    patches: &[String],
) -> Result<Vec<Trace>, StoreError> {
    one_by_one(holder, repository, patches, &of_patch().0)
}

/// What we found out of some commits in other repositories: where these were cloned from, or lay before.
///
/// # Errors
/// The engine failed.
pub fn traces_elsewhere(
    holder: &Holder<'_>,
    repository: &str,
    commits: &[String],
) -> Result<Vec<Trace>, StoreError> {
    one_by_one(holder, repository, commits, &elsewhere().0)
}

fn one_by_one(
    holder: &Holder<'_>,
    repository: &str,
    keys: &[String],
    sql: &str,
) -> Result<Vec<Trace>, StoreError> {
    let mut found: Vec<Trace> = Vec::new();
    for key in keys {
        let key = [repository, key].map(|text| Value::Text(text.to_owned()));
        found.extend(holder.engine.query("read records of commits", sql, &key, read)?);
    }
    for trace in &mut found {
        trace.ranges = ranges(holder, &trace.repository, &trace.commit_id, trace.source)?;
    }
    Ok(found)
}

fn read(row: &mut Row) -> Result<Trace, StoreError> {
    Ok(Trace {
        repository: row.text()?.unwrap_or_default(),
        commit_id: row.text()?.unwrap_or_default(),
        source: TraceSource::named(&row.text()?.unwrap_or_default())
            .ok_or(StoreError::Row { table: "agent_traces", column: "source" })?,
        committed_at: row.integer()?.and_then(UnixMs::new).unwrap_or(UnixMs::EPOCH),
        author: row.text()?,
        subject: row.text()?,
        patch_id: row.text()?,
        record: row.text()?.unwrap_or_default(),
        is_settled: row.integer()? == Some(1),
        seen_revision: row.integer()?.unwrap_or_default(),
        ranges: Vec::new(),
    })
}
