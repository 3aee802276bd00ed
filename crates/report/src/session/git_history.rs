//! Which files changed between the agent's own snapshots.

use std::collections::BTreeSet;

use domain::{Json, Patch, SessionId, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::session_git_history::session_git_history;

use super::{Copied, SessionMeta, known, meta};
use crate::{Report, ReportError, Source};

/// The patches of a session.
pub type GitHistory = Report<SessionMeta, GitHistorySummary, PatchDetail>;

/// All patches together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GitHistorySummary {
    /// Patches.
    pub patches: usize,
    /// How many files they name, each counted once.
    pub unique_files: usize,
    /// These files, in the order of their names.
    pub files: Vec<String>,
}

/// One patch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PatchDetail {
    /// The message.
    pub message_id: String,
    /// The part that tells of it.
    pub part_id: String,
    /// What orders it in the conversation, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// The snapshot before the change.
    pub hash: Option<String>,
    /// The files that changed since.
    pub files: Vec<String>,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// The patches, oldest first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn git_history(source: &Source<'_>, id: &SessionId) -> Result<GitHistory, ReportError> {
    let session = known(source, id)?;
    let rows = session_git_history(source.holder, id)?;
    let copied = Copied::of(source, id)?;
    let details: Vec<_> = rows.iter().map(|patch| detail(patch, &copied)).collect();
    let counted = || details.iter().filter(|patch| patch.counts);
    let files: BTreeSet<String> = counted().flat_map(|patch| patch.files.iter().cloned()).collect();
    let summary = GitHistorySummary {
        patches: counted().count(),
        unique_files: files.len(),
        files: files.into_iter().collect(),
    };
    let meta = meta(&session, details.iter().map(|patch| patch.counts));
    Ok(Report { meta, summary, details })
}

fn detail(patch: &Patch, copied: &Copied) -> PatchDetail {
    // Intake writes a list of texts; what another program wrote there names no file.
    let files = patch.files.value().map(Json::as_str);
    PatchDetail {
        counts: copied.counts(Some(patch.message_id.as_str())),
        message_id: patch.message_id.as_str().to_owned(),
        part_id: patch.part_id.as_str().to_owned(),
        at_unix_ms: patch.ordered_at.0.map(UnixMs::get),
        hash: patch.git_hash.value().cloned(),
        files: files.and_then(|files| serde_json::from_str(files).ok()).unwrap_or_default(),
    }
}
