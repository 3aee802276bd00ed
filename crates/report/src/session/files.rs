//! Which files the agent changed.

use std::collections::BTreeMap;

use domain::{CallId, FileChange, FileOperation, MessageId, SessionId, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::session_files::session_files;

use super::{Copied, SessionMeta, known, meta};
use crate::{Report, ReportError, Source};

/// The file operations of a session.
pub type Files = Report<SessionMeta, FilesSummary, FileDetail>;

/// All operations together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FilesSummary {
    /// Operations.
    pub operations: usize,
    /// How many files they changed, each counted once.
    pub unique_files: usize,
    /// The operations on each file, in the order of their names.
    pub files: Vec<FileCount>,
}

/// The operations on one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileCount {
    /// The file, as the agent names it.
    pub path: String,
    /// Operations on it.
    pub operations: usize,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileDetail {
    /// The file, as the agent names it.
    pub path: Option<String>,
    /// What became of it: `created`, `edited` or `deleted`.
    pub operation: Option<&'static str>,
    /// What orders it in the conversation, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// The message that made it.
    pub message_id: Option<String>,
    /// The tool call that made it.
    pub call_id: Option<String>,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// The operations, oldest first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn files(source: &Source<'_>, id: &SessionId) -> Result<Files, ReportError> {
    let session = known(source, id)?;
    let rows = session_files(source.holder, id)?;
    let copied = Copied::of(source, id)?;
    let details: Vec<_> = rows.iter().map(|operation| detail(operation, &copied)).collect();
    let counted = || details.iter().filter(|operation| operation.counts);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for path in counted().filter_map(|operation| operation.path.as_deref()) {
        *counts.entry(path).or_default() += 1;
    }
    let files: Vec<_> = counts
        .into_iter()
        .map(|(path, operations)| FileCount { path: path.to_owned(), operations })
        .collect();
    let summary = FilesSummary { operations: counted().count(), unique_files: files.len(), files };
    let meta = meta(&session, details.iter().map(|operation| operation.counts));
    Ok(Report { meta, summary, details })
}

fn detail(operation: &FileOperation, copied: &Copied) -> FileDetail {
    FileDetail {
        counts: copied.counts(operation.message_id.value().map(MessageId::as_str)),
        path: operation.path.value().cloned(),
        operation: operation.operation.value().copied().map(FileChange::as_str),
        at_unix_ms: operation.ordered_at.0.map(UnixMs::get),
        message_id: operation.message_id.value().map(|id| MessageId::as_str(id).to_owned()),
        call_id: operation.call_id.value().map(|id| CallId::as_str(id).to_owned()),
    }
}
