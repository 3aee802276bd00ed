//! Which files were changed most often.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    rc::Rc,
};

use domain::{FileChange, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::{
    copies::copies,
    files_seen::{FileSeen, files_seen},
    sessions_known::sessions_known,
};

use super::{OverallMeta, Scope, cut};
use crate::{Report, ReportError, Source, filter::Asked, words::Words};

/// The files that were changed, those that were changed most often first.
pub type HotFiles = Report<OverallMeta, HotFilesSummary, HotFile>;

/// All files together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HotFilesSummary {
    /// Operations.
    pub operations: usize,
    /// How many files they changed, each counted once.
    pub unique_files: usize,
    /// How many sessions made them.
    pub sessions: usize,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HotFile {
    /// The file, as agents name it.
    pub path: String,
    /// Operations on it.
    pub operations: usize,
    /// Those that created it.
    pub created: usize,
    /// Those that edited it.
    pub edited: usize,
    /// Those that deleted it.
    pub deleted: usize,
    /// How many sessions made them.
    pub sessions: usize,
    /// When the last one was, in Unix milliseconds.
    pub last_at_unix_ms: Option<i64>,
}

/// The files, those with most operations first, of equals the last changed.
///
/// # Errors
/// The store failed.
pub fn files(source: &Source<'_>, scope: &Scope) -> Result<HotFiles, ReportError> {
    let known = sessions_known(source.holder)?;
    let asked = Asked::new(source, &scope.filter, &known)?;
    let mut seen = files_seen(source.holder, scope.filter.span(), &copies(source.holder)?)?;
    let words = scope.path.as_deref().map(Words::of);
    let is_called = |file: &FileSeen| words.as_ref().is_none_or(|words| words.are_in([&file.path]));
    seen.retain(|file| asked.contains(file.session_id.as_deref()) && is_called(file));
    let mut by_path: HashMap<Rc<str>, (HotFile, HashSet<Rc<str>>)> = HashMap::new();
    for file in &seen {
        let (hot, sessions) = by_path.entry(Rc::clone(&file.path)).or_default();
        count(hot, file);
        sessions.extend(file.session_id.clone());
    }
    let sessions: HashSet<_> = seen.iter().filter_map(|file| file.session_id.as_ref()).collect();
    let hot = |(path, (hot, sessions)): (Rc<str>, (HotFile, HashSet<_>))| HotFile {
        path: path.as_ref().to_owned(),
        sessions: sessions.len(),
        ..hot
    };
    let mut details: Vec<_> = by_path.into_iter().map(hot).collect();
    details.sort_by(|one, other| order(one).cmp(&order(other)));
    let summary = HotFilesSummary {
        operations: seen.len(),
        unique_files: details.len(),
        sessions: sessions.len(),
    };
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

fn order(file: &HotFile) -> (Reverse<(usize, Option<i64>)>, &str) {
    (Reverse((file.operations, file.last_at_unix_ms)), &file.path)
}

fn count(hot: &mut HotFile, file: &FileSeen) {
    hot.operations += 1;
    match file.operation {
        Some(FileChange::Created) => hot.created += 1,
        Some(FileChange::Edited) => hot.edited += 1,
        Some(FileChange::Deleted) => hot.deleted += 1,
        None => {}
    }
    hot.last_at_unix_ms = hot.last_at_unix_ms.max(file.at.map(UnixMs::get));
}
