//! Which files were changed most often.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use domain::{FileChange, UnixMs};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::files_seen::{FileSeen, files_seen};

use super::{OverallMeta, Scope, cut, day};
use crate::{
    Report, ReportError, Source, filter::Asked, opening::opening_of_untitled, words::Words,
};

/// How many of the sessions behind a file are told.
const LATEST: usize = 5;

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
    /// The days on which it was changed, the first one first; what has no time is on none.
    pub days: Vec<FileDay>,
    /// The sessions that changed it last, at most five, the last one first.
    pub latest_sessions: Vec<FileSession>,
}

/// The operations on a file on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileDay {
    /// The day, in the time zone that was asked for.
    pub day: String,
    /// Operations.
    pub operations: usize,
}

/// A session that changed a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileSession {
    /// Its identity.
    pub session_id: String,
    /// The agent's own title for it.
    pub title: Option<String>,
    /// Where it has no title: the beginning of what the person said first, on one line.
    pub opening: Option<String>,
    /// Which agent holds it.
    pub agent: Option<String>,
    /// Its operations on the file.
    pub operations: usize,
    /// When the last one was, in Unix milliseconds.
    pub last_at_unix_ms: Option<i64>,
    /// The message that did it, where the agent says.
    pub message_id: Option<String>,
}

/// The files, those with most operations first, of equals the last changed.
///
/// # Errors
/// The store failed.
pub fn files(source: &Source<'_>, scope: &Scope) -> Result<HotFiles, ReportError> {
    let known = source.sessions()?;
    let asked = Asked::new(source, &scope.filter, known)?;
    let mut seen = files_seen(source.holder, scope.filter.span(), source.copies()?)?;
    let words = scope.path.as_deref().map(Words::of);
    let is_called = |file: &FileSeen| words.as_ref().is_none_or(|words| words.are_in([&file.path]));
    seen.retain(|file| asked.contains(file.session_id.as_deref()) && is_called(file));
    let mut by_path: HashMap<&str, Vec<&FileSeen>> = HashMap::new();
    for file in &seen {
        by_path.entry(&file.path).or_default().push(file);
    }
    let mut details: Vec<_> = by_path.iter().map(|(path, seen)| hot(path, seen)).collect();
    details.sort_by(|one, other| order(one).cmp(&order(other)));
    let summary = HotFilesSummary {
        operations: seen.len(),
        unique_files: details.len(),
        sessions: sessions(&seen),
    };
    let meta = cut(scope, &mut details);
    for file in &mut details {
        let seen = by_path.get(file.path.as_str()).map_or(&[][..], Vec::as_slice);
        file.days = days(seen, &scope.zone);
        file.latest_sessions = latest_sessions(source, &asked, seen)?;
    }
    Ok(Report { meta, summary, details })
}

fn hot(path: &str, seen: &[&FileSeen]) -> HotFile {
    let mut hot = HotFile {
        path: path.to_owned(),
        sessions: sessions(seen.iter().copied()),
        ..HotFile::default()
    };
    for file in seen {
        count(&mut hot, file);
    }
    hot
}

fn sessions<'f>(seen: impl IntoIterator<Item = &'f FileSeen>) -> usize {
    let sessions = seen.into_iter().filter_map(|file| file.session_id.as_deref());
    sessions.collect::<HashSet<_>>().len()
}

fn days(seen: &[&FileSeen], zone: &TimeZone) -> Vec<FileDay> {
    let mut days: BTreeMap<String, usize> = BTreeMap::new();
    for day in seen.iter().filter_map(|file| day(file.at?, zone)) {
        *days.entry(day).or_default() += 1;
    }
    days.into_iter().map(|(day, operations)| FileDay { day, operations }).collect()
}

fn latest_sessions(
    source: &Source<'_>,
    asked: &Asked<'_>,
    seen: &[&FileSeen],
) -> Result<Vec<FileSession>, ReportError> {
    type Last<'f> = (Option<UnixMs>, Option<&'f str>);
    let mut sessions: HashMap<&str, (Last<'_>, usize)> = HashMap::new();
    for file in seen {
        let Some(id) = file.session_id.as_deref() else { continue };
        let (last, operations) = sessions.entry(id).or_default();
        *last = (*last).max((file.at, file.message_id.as_deref()));
        *operations += 1;
    }
    let mut sessions: Vec<_> = sessions.into_iter().collect();
    sessions.sort_unstable_by_key(|(id, (last, _))| (Reverse(*last), *id));
    sessions.truncate(LATEST);
    let told = |(id, ((last, message_id), operations)): (&str, (Last<'_>, usize))| {
        let session = asked.session(id);
        let title = session.and_then(|session| session.title.clone());
        Ok(FileSession {
            session_id: id.to_owned(),
            opening: opening_of_untitled(source, id, title.as_ref())?,
            title,
            agent: session.and_then(|session| session.agent.clone()),
            operations,
            last_at_unix_ms: last.map(UnixMs::get),
            message_id: message_id.map(str::to_owned),
        })
    };
    sessions.into_iter().map(told).collect()
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
