//! Which folders the record knows of: nobody else's are looked into for whoever asks.

use turso::Value;

use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row};

/// The statements that look for a git folder, each with the index that it needs.
pub const STATEMENTS: [(&str, &str); 2] = [
    ("SELECT 1 FROM commits WHERE repository = ?1 LIMIT 1", "commits_in_order"),
    ("SELECT 1 FROM agent_traces WHERE repository = ?1 LIMIT 1", "agent_traces_by_patch"),
];

/// The statement that looks for a project. It may read every session: there are few.
pub fn project_statement() -> String {
    format!("SELECT 1 FROM sessions WHERE project_path = ?1 AND NOT ({IS_CANARY}) LIMIT 1")
}

/// What a folder is to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderKnown {
    /// The git folder of a repository of which commits are recorded.
    Repository,
    /// A folder that a session works in.
    Project,
}

/// What a folder is to the record; nothing where it does not know of it.
///
/// # Errors
/// The engine failed.
pub fn folder_known(holder: &Holder<'_>, folder: &str) -> Result<Option<FolderKnown>, StoreError> {
    let has_any = |sql: &str| -> Result<bool, StoreError> {
        let key = [Value::Text(folder.to_owned())];
        let found = holder.engine.query("look for a folder", sql, &key, Row::integer)?;
        Ok(!found.is_empty())
    };
    for (sql, _) in STATEMENTS {
        if has_any(sql)? {
            return Ok(Some(FolderKnown::Repository));
        }
    }
    let is_project = has_any(&project_statement())?;
    Ok(is_project.then_some(FolderKnown::Project))
}
