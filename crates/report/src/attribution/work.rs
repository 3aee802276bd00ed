//! Commits whose lines are to be attributed, and how that is done.

use std::collections::{BTreeMap, HashMap, HashSet};

use agent_trace::{
    AddedLine, Attributed, AttributedRange, Before, CommittedFile, Drift, Edit, attribute,
    git::{Change, Commit, Repository},
    lines_of, patch_id,
    record::{Links, Record},
};
use domain::UnixMs;
use store::{Trace, TraceRange, TraceSource};

use super::{AttributionError, Known, candidates::Material, earlier::Earlier};

/// The rest of a second of which git knows only the beginning.
const REST_OF_SECOND_MS: i64 = 999;

/// Commits, with what they change.
pub(super) struct Work {
    items: Vec<Item>,
}

struct Item {
    commit: Commit,
    change: Changed,
    /// When the parents were made, and until when anything can have led to the commit.
    since: UnixMs,
    until: UnixMs,
    is_watched: bool,
}

/// What is to be attributed.
enum Changed {
    Commit(Change),
    /// Lines of a file that were never committed.
    Lines {
        path: String,
        lines: Vec<(u32, Vec<u8>)>,
    },
}

/// A commit with its files taken apart.
pub(super) struct Asked<'w> {
    pub commit: &'w Commit,
    pub since: UnixMs,
    pub until: UnixMs,
    /// Whether it was first made before its parents were: it was picked, or put onto others.
    pub is_copy: bool,
    pub patch_id: Option<String>,
    is_watched: bool,
    files: Vec<CommittedFile<'w>>,
    paths: HashSet<String>,
}

impl Asked<'_> {
    pub fn has_any_of(&self, paths: &[String]) -> bool {
        paths.iter().any(|path| self.paths.contains(path))
    }

    /// The one of these names that a file of the commit has.
    pub fn path_of<'p>(&self, paths: &'p [String]) -> Option<&'p str> {
        paths.iter().find(|path| self.paths.contains(*path)).map(String::as_str)
    }
}

impl Work {
    /// Asks git for commits and what they change.
    pub fn new(
        repository: &Repository,
        known: &Known,
        ids: &[String],
    ) -> Result<Self, AttributionError> {
        let commits = repository.commits(ids)?;
        let ids: Vec<String> = commits.iter().map(|commit| commit.id.clone()).collect();
        let changes: HashMap<String, Change> = repository
            .changes(&ids)?
            .into_iter()
            .map(|change| (change.id.clone(), change))
            .collect();
        let parents: HashSet<String> =
            commits.iter().flat_map(|commit| commit.parents.clone()).collect();
        let parents: Vec<String> = parents.into_iter().collect();
        let made: HashMap<String, UnixMs> = repository
            .commits(&parents)?
            .iter()
            .map(|parent| (parent.id.clone(), known.until(&parent.id, end_of(parent))))
            .collect();
        let items = commits.into_iter().map(|commit| {
            let since = commit.parents.iter().filter_map(|parent| made.get(parent)).max();
            let change = changes.get(&commit.id).cloned();
            Item {
                since: since.copied().unwrap_or(UnixMs::EPOCH),
                until: known.until(&commit.id, end_of(&commit)),
                is_watched: known.was_told(&commit.id),
                change: Changed::Commit(change.unwrap_or_else(|| Change::none(&commit.id))),
                commit,
            }
        });
        Ok(Self { items: items.collect() })
    }

    /// Lines that lie in the work tree, on top of a commit.
    pub fn uncommitted(
        path: &str,
        lines: &[(u32, &[u8])],
        head: Option<&Commit>,
        is_watched: bool,
        now: UnixMs,
    ) -> Self {
        let commit = Commit {
            parents: head.iter().map(|head| head.id.clone()).collect(),
            ..Commit::default()
        };
        let lines = lines.iter().map(|(number, text)| (*number, text.to_vec())).collect();
        let change = Changed::Lines { path: path.to_owned(), lines };
        let since = head.map_or(UnixMs::EPOCH, end_of);
        Self { items: vec![Item { commit, change, since, until: now, is_watched }] }
    }

    /// What is to be committed next, on top of a commit.
    pub fn staged(change: Change, head: Option<&Commit>, now: UnixMs) -> Self {
        let commit = Commit {
            parents: head.iter().map(|head| head.id.clone()).collect(),
            ..Commit::default()
        };
        let since = head.map_or(UnixMs::EPOCH, end_of);
        let change = Changed::Commit(change);
        Self { items: vec![Item { commit, change, since, until: now, is_watched: true }] }
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes the patches apart.
    pub fn asked(&self) -> Result<Vec<Asked<'_>>, AttributionError> {
        self.items.iter().map(Item::asked).collect()
    }

    /// Finds out whose every added line is.
    pub fn traces(
        repository: &Repository,
        known: &Known,
        asked: &[Asked<'_>],
        material: &Material,
        links: &Links,
    ) -> Result<Vec<Trace>, AttributionError> {
        let earlier = Earlier::of(repository, known, material)?;
        let edits: Vec<Vec<Edit<'_>>> = asked
            .iter()
            .map(|asked| {
                let mut edits = material.edits(asked, known);
                edits.extend(earlier.edits(asked, known));
                edits
            })
            .collect();
        let wanted: Vec<(String, String)> =
            asked.iter().zip(&edits).flat_map(|(asked, edits)| asked.texts_before(edits)).collect();
        let texts = repository.texts(&wanted)?;
        let texts: HashMap<(String, String), Vec<u8>> = wanted
            .into_iter()
            .zip(texts)
            .filter_map(|(wanted, text)| Some((wanted, text?)))
            .collect();
        let traces = asked.iter().zip(&edits).map(|(asked, edits)| {
            let files = asked.files_with_before(edits, &texts);
            let attributed = attribute(&files, edits, asked.is_watched);
            trace(repository, known, asked, &files, &attributed, links)
        });
        Ok(traces.collect())
    }
}

impl Item {
    fn asked(&self) -> Result<Asked<'_>, AttributionError> {
        let (files, patch_id) = match &self.change {
            Changed::Commit(change) => {
                let patch = change.files()?;
                (CommittedFile::of_patch(&patch), patch_id(&patch))
            }
            Changed::Lines { path, lines } => {
                let added = lines.iter().map(|(number, text)| AddedLine { number: *number, text });
                let added = added.collect();
                let path = path.clone();
                (vec![CommittedFile { path, old_path: None, added, before: None }], None)
            }
        };
        let paths = files.iter().flat_map(|file| [Some(file.path.clone()), file.old_path.clone()]);
        Ok(Asked {
            paths: paths.flatten().collect(),
            commit: &self.commit,
            since: self.since,
            until: self.until,
            is_copy: match &self.change {
                Changed::Commit(_) => end_of_second(self.commit.authored_at) < self.since,
                Changed::Lines { .. } => false,
            },
            is_watched: self.is_watched,
            patch_id,
            files,
        })
    }
}

/// When a commit was made, as far as git knows.
pub(super) fn time_of(commit: &Commit) -> UnixMs {
    UnixMs::new(commit.committed_at.saturating_mul(1_000)).unwrap_or(UnixMs::EPOCH)
}

/// When a commit was surely made.
fn end_of(commit: &Commit) -> UnixMs {
    end_of_second(commit.committed_at)
}

/// The last moment of a second of Unix time.
pub(super) fn end_of_second(second: i64) -> UnixMs {
    let ms = second.saturating_mul(1_000).saturating_add(REST_OF_SECOND_MS);
    UnixMs::new(ms).unwrap_or(UnixMs::EPOCH)
}

impl<'w> Asked<'w> {
    /// Which files of the parents have to be looked at: those to which anything older was written.
    fn texts_before(&self, edits: &[Edit<'_>]) -> Vec<(String, String)> {
        let older = self.written_before(edits);
        let with_older = self.files.iter().filter(|file| Self::has_older(file, &older));
        let parents = |file: &CommittedFile<'w>| {
            let path = file.old_path.as_ref().unwrap_or(&file.path).clone();
            self.commit.parents.iter().map(move |parent| (parent.clone(), path.clone()))
        };
        with_older.flat_map(parents).collect()
    }

    fn has_older(file: &CommittedFile<'_>, older: &HashSet<&str>) -> bool {
        let is_older = |path: &String| older.contains(path.as_str());
        is_older(&file.path) || file.old_path.as_ref().is_some_and(is_older)
    }

    /// The files to which anything was written before the parents were made.
    fn written_before<'e>(&self, edits: &'e [Edit<'_>]) -> HashSet<&'e str> {
        let older = edits.iter().filter(|edit| edit.at_unix_ms <= self.since.get());
        older.map(|edit| edit.path.as_str()).collect()
    }

    fn files_with_before<'t>(
        &self,
        edits: &[Edit<'_>],
        texts: &'t HashMap<(String, String), Vec<u8>>,
    ) -> Vec<CommittedFile<'t>>
    where
        'w: 't,
    {
        let older = self.written_before(edits);
        let files = self.files.iter().map(|file| {
            let mut file = file.clone();
            if Self::has_older(&file, &older) {
                let path = file.old_path.as_ref().unwrap_or(&file.path);
                let keys = self.commit.parents.iter().map(|id| (id.clone(), path.clone()));
                let text = keys.filter_map(|key| texts.get(&key)).flat_map(|text| lines_of(text));
                file.before = Some(Before { at_unix_ms: self.since.get(), text: text.collect() });
            }
            file
        });
        files.collect()
    }
}

fn trace(
    repository: &Repository,
    known: &Known,
    asked: &Asked<'_>,
    files: &[CommittedFile<'_>],
    attributed: &Attributed,
    links: &Links,
) -> Trace {
    let commit = asked.commit;
    let all = || {
        let ranges = |file: &'_ agent_trace::AttributedFile| file.ranges.clone().into_iter();
        attributed
            .files
            .iter()
            .flat_map(move |file| ranges(file).map(|range| (file.path.clone(), range)))
    };
    let sessions: Vec<String> = all().filter_map(|(_, range)| range.origin?.session_id).collect();
    let parents: BTreeMap<String, Vec<String>> = known.parents(sessions.iter());
    let record = Record::of(commit, files, attributed, links, &parents);
    let is_settled =
        all().all(|(_, range)| range.origin.is_none_or(|origin| origin.model.is_some()));
    Trace {
        repository: repository.name(),
        commit_id: commit.id.clone(),
        source: TraceSource::Computed,
        committed_at: time_of(commit),
        author: Some(commit.author.clone()),
        subject: Some(commit.subject.clone()),
        patch_id: asked.patch_id.clone(),
        record: record.to_json(),
        is_settled,
        seen_revision: known.revision,
        ranges: all().map(|(path, range)| range_of(path, range)).collect(),
    }
}

fn range_of(path: String, range: AttributedRange) -> TraceRange {
    let origin = range.origin.unwrap_or_default();
    TraceRange {
        path,
        start_line: range.start_line,
        end_line: range.end_line,
        contributor: range.contributor.as_str().to_owned(),
        agent: origin.agent,
        model_id: origin.model,
        session_id: origin.session_id,
        message_id: origin.message_id,
        call_id: origin.call_id,
        drift: range.drift.map(Drift::as_str).map(str::to_owned),
        url: origin.url,
    }
}
