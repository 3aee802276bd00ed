//! Which commits git's hooks told of, and what they replaced.

use std::collections::HashMap;

use domain::UnixMs;
use turso::Value;

use crate::{Holder, StoreError, engine::Row};

/// The statements, each with the index that it needs.
pub const STATEMENTS: [(&str, &str); 3] = [
    ("SELECT commit_id, ordered_at_unix_ms FROM commits WHERE repository = ?1", "commits_in_order"),
    (
        "SELECT old_commit_id, new_commit_id FROM commit_rewrites WHERE repository = ?1",
        "sqlite_autoindex_commit_rewrites_1",
    ),
    (
        "SELECT DISTINCT worktree FROM commits WHERE repository = ?1 AND worktree IS NOT NULL",
        "commits_in_order",
    ),
];

/// The statement that finds every repository of which anything was told.
pub const REPOSITORIES: &str = "SELECT DISTINCT repository FROM commits";

/// What git's hooks told of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitsTold {
    /// Each commit, and when it was told of.
    pub commits: HashMap<String, Option<UnixMs>>,
    /// Which commit was replaced by which.
    pub rewrites: Vec<(String, String)>,
    /// The work trees in which commits were made.
    pub worktrees: Vec<String>,
}

/// What git's hooks told of that repository.
///
/// # Errors
/// The engine failed.
pub fn commits_told(holder: &Holder<'_>, repository: &str) -> Result<CommitsTold, StoreError> {
    let key = [Value::Text(repository.to_owned())];
    let [commits, rewrites, worktrees] = STATEMENTS.map(|(sql, _)| sql);
    let commits = holder.engine.query("look for commits", commits, &key, |row| {
        Ok((row.text()?.unwrap_or_default(), row.integer()?.and_then(UnixMs::new)))
    })?;
    let rewrites = holder.engine.query("look for rewrites", rewrites, &key, |row| {
        Ok((row.text()?.unwrap_or_default(), row.text()?.unwrap_or_default()))
    })?;
    let worktrees = holder.engine.query("look for work trees", worktrees, &key, Row::text)?;
    let commits = commits.into_iter().collect();
    Ok(CommitsTold { commits, rewrites, worktrees: worktrees.into_iter().flatten().collect() })
}

/// Every repository of which anything was told.
///
/// # Errors
/// The engine failed.
pub fn repositories(holder: &Holder<'_>) -> Result<Vec<String>, StoreError> {
    let found = holder.engine.query("look for repositories", REPOSITORIES, &[], Row::text)?;
    Ok(found.into_iter().flatten().collect())
}
