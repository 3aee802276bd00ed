//! Which commits the session wrote lines of.
//!
//! It knows those that were looked at: `attribution` finds out about the rest.

use std::collections::{BTreeMap, BTreeSet};

use domain::{SessionId, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::attribution::session_commits::{LinesOfSession, session_commits};

use super::{SessionMeta, known};
use crate::{Report, ReportError, Source};

/// The commits with lines of a session.
pub type Commits = Report<SessionMeta, CommitsSummary, CommitDetail>;

/// All commits together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommitsSummary {
    /// Commits. One that another took the place of does not count.
    pub commits: usize,
    /// How many files they changed with lines of the session, each counted once.
    pub files: usize,
    /// Lines that stand in them as the agent wrote them.
    pub ai_lines: u64,
    /// Lines that a person changed before the commit.
    pub mixed_lines: u64,
}

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommitDetail {
    /// The repository: the path of its git folder.
    pub repository: String,
    /// Its id.
    pub commit_id: String,
    /// The first line of its message.
    pub subject: Option<String>,
    /// Who wrote the commit.
    pub author: Option<String>,
    /// When it was made, in Unix milliseconds.
    pub committed_at_unix_ms: i64,
    /// Lines that stand in it as the agent wrote them.
    pub ai_lines: u64,
    /// Lines that a person changed before the commit.
    pub mixed_lines: u64,
    /// The files with these lines.
    pub files: Vec<String>,
}

/// The commits, the last one first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn commits(source: &Source<'_>, id: &SessionId) -> Result<Commits, ReportError> {
    let session = known(source, id)?;
    let mut by_commit: BTreeMap<(String, String), Vec<LinesOfSession>> = BTreeMap::new();
    for lines in session_commits(source.holder, id)? {
        let key = (lines.repository.clone(), lines.commit_id.clone());
        by_commit.entry(key).or_default().push(lines);
    }
    let mut details: Vec<_> = by_commit.into_values().filter_map(|lines| detail(&lines)).collect();
    details.sort_by(|a, b| {
        let key = |commit: &CommitDetail| (commit.committed_at_unix_ms, commit.commit_id.clone());
        key(b).cmp(&key(a))
    });
    let files: BTreeSet<_> = details
        .iter()
        .flat_map(|commit| commit.files.iter().map(|file| (&commit.repository, file)))
        .collect();
    let summary = CommitsSummary {
        commits: details.len(),
        files: files.len(),
        ai_lines: details.iter().map(|commit| commit.ai_lines).sum(),
        mixed_lines: details.iter().map(|commit| commit.mixed_lines).sum(),
    };
    Ok(Report { meta: SessionMeta::of(&session, details.len(), 0), summary, details })
}

fn detail(lines: &[LinesOfSession]) -> Option<CommitDetail> {
    let first = lines.first()?;
    let of = |contributor: &str| {
        let lines = lines.iter().filter(|lines| lines.contributor == contributor);
        lines.map(|lines| lines.lines).sum()
    };
    let files: BTreeSet<&String> = lines.iter().map(|lines| &lines.path).collect();
    Some(CommitDetail {
        repository: first.repository.clone(),
        commit_id: first.commit_id.clone(),
        subject: first.subject.clone(),
        author: first.author.clone(),
        committed_at_unix_ms: UnixMs::get(first.committed_at),
        ai_lines: of("ai"),
        mixed_lines: of("mixed"),
        files: files.into_iter().cloned().collect(),
    })
}
