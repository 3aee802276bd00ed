//! Whose the lines of commits are: the record of agents' edits beside what git knows.
//!
//! Git is asked without the lease, and may take its time; the record is asked under it, in three turns: what
//! is known of the commits, the edits that may have led to those of which nothing or no longer all is known,
//! and what was found, to be kept. What comes in between changes nothing but that the next look finds it.

mod blame;
mod candidates;
mod commit;
mod earlier;
mod error;
mod exchange;
mod paths;
mod settle;
mod work;

use std::collections::{BTreeMap, HashMap, HashSet};

use agent_trace::{
    git::{Commit, Repository},
    record::Links,
};
use domain::UnixMs;
use store::{
    Holder, Store, Trace, TraceRange, TraceSource,
    query::{
        attribution::{
            commits_told::{CommitsTold, commits_told},
            edits_known::{EditKnown, edits_changed},
            traces::{traces, traces_elsewhere},
        },
        revision::revision,
        sessions_changed::sessions_changed,
        sessions_known::{SessionKnown, sessions_known},
    },
};

pub use self::{
    blame::{Blame, BlameDetail, BlameMeta, BlameShare},
    commit::{CommitDetail, CommitFile, CommitMeta, CommitShown, CommitSummary},
    error::AttributionError,
    exchange::{Exchanged, Verified},
    settle::{Settled, settle},
};
use self::{
    candidates::Material,
    paths::Paths,
    work::{Work, end_of_second, time_of},
};

/// So many commits are worked out in one go: their patches are in memory together.
const AT_ONCE: usize = 200;

/// What the lease is taken for.
const PURPOSE: &str = "attribution";

/// A repository beside the record.
pub struct Attribution<'s> {
    store: &'s Store,
    repository: Repository,
    links: Links,
}

/// What is known of a repository before anything is worked out.
struct Known {
    revision: i64,
    told: CommitsTold,
    computed: HashMap<String, Trace>,
    imported: HashMap<String, Trace>,
    /// Sessions that have changed since the oldest look at a record, and the edits that came since.
    changed: HashSet<String>,
    new_edits: Vec<EditKnown>,
    sessions: HashMap<String, SessionKnown>,
}

impl<'s> Attribution<'s> {
    /// Of that repository. Links lead to pages below `links`.
    pub fn new(store: &'s Store, repository: Repository, links: Links) -> Self {
        Self { store, repository, links }
    }

    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The record of each commit, worked out where there is none or where later edits may change it. A commit
    /// that is not there has none.
    ///
    /// # Errors
    /// Git or the store failed.
    pub fn traces(&self, commits: &[String]) -> Result<HashMap<String, Trace>, AttributionError> {
        self.traces_of(commits, false)
    }

    /// The same. Where `skips_old`, nothing is worked out or kept of commits of before anything was recorded:
    /// a file may have come with many of them, and nothing can be known of their lines.
    fn traces_of(
        &self,
        commits: &[String],
        skips_old: bool,
    ) -> Result<HashMap<String, Trace>, AttributionError> {
        let known = {
            let (holder, _) = self.store.open_drained(PURPOSE)?;
            self.known(&holder, commits)?
        };
        let mut found = known.computed_of(commits);
        if found.len() == commits.len() && known.changed.is_empty() {
            return Ok(found);
        }
        let paths = Paths::of(&self.repository, &known)?;
        let mut stale: Vec<String> =
            commits.iter().filter(|id| known.is_stale(id, &paths)).cloned().collect();
        let fresh: Vec<String> = found.keys().filter(|id| !stale.contains(id)).cloned().collect();
        if skips_old {
            let (old, rest): (Vec<Commit>, Vec<Commit>) =
                self.repository.commits(&stale)?.into_iter().partition(known.is_old(&paths));
            stale = rest.into_iter().map(|commit| commit.id).collect();
            found.extend(old.into_iter().map(|commit| (commit.id.clone(), self.nothing(commit))));
        }
        for stale in stale.chunks(AT_ONCE) {
            let work = Work::new(&self.repository, &known, stale)?;
            let traces = self.work_out(&work, &known, &paths)?;
            self.store.open(PURPOSE)?.keep_traces(&traces)?;
            found.extend(by_commit(traces));
        }
        if !fresh.is_empty() {
            let holder = self.store.open(PURPOSE)?;
            holder.note_seen(&self.repository.name(), &fresh, known.revision)?;
        }
        Ok(found)
    }

    /// What is known of the lines of a commit of before anything was recorded.
    fn nothing(&self, commit: Commit) -> Trace {
        Trace {
            repository: self.repository.name(),
            committed_at: time_of(&commit),
            commit_id: commit.id,
            source: TraceSource::Computed,
            author: Some(commit.author),
            subject: Some(commit.subject),
            patch_id: None,
            record: String::new(),
            is_settled: true,
            seen_revision: 0,
            ranges: Vec::new(),
        }
    }

    /// What is known of lines that were never committed: those of one file of the work tree.
    fn uncommitted(
        &self,
        path: &str,
        lines: &[(u32, &[u8])],
        head: Option<&Commit>,
        now: UnixMs,
    ) -> Result<Vec<TraceRange>, AttributionError> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let known = {
            let holder = self.store.open(PURPOSE)?;
            self.known(&holder, &[])?.with_sessions(&holder)?
        };
        let paths = Paths::of(&self.repository, &known)?;
        let is_watched = !known.told.commits.is_empty() || paths.sessions().next().is_some();
        let work = Work::uncommitted(path, lines, head, is_watched, now);
        let traces = self.work_out(&work, &known, &paths)?;
        Ok(traces.into_iter().flat_map(|trace| trace.ranges).collect())
    }

    /// Whose the lines are that are to be committed next.
    ///
    /// # Errors
    /// Git or the store failed.
    pub fn staged(&self, now: UnixMs) -> Result<Vec<TraceRange>, AttributionError> {
        let change = self.repository.staged()?;
        let head = self.head()?;
        let known = {
            let (holder, _) = self.store.open_drained(PURPOSE)?;
            self.known(&holder, &[])?.with_sessions(&holder)?
        };
        let paths = Paths::of(&self.repository, &known)?;
        let work = Work::staged(change, head.as_ref(), now);
        let traces = self.work_out(&work, &known, &paths)?;
        Ok(traces.into_iter().flat_map(|trace| trace.ranges).collect())
    }

    fn work_out(
        &self,
        work: &Work,
        known: &Known,
        paths: &Paths,
    ) -> Result<Vec<Trace>, AttributionError> {
        if work.is_empty() {
            return Ok(Vec::new());
        }
        let asked = work.asked()?;
        let material = {
            let holder = self.store.open(PURPOSE)?;
            Material::load(&holder, &self.repository, &asked, known, paths)?
        };
        Work::traces(&self.repository, known, &asked, &material, &self.links)
    }

    fn known(&self, holder: &Holder<'_>, commits: &[String]) -> Result<Known, AttributionError> {
        let name = self.repository.name();
        let (computed, imported): (Vec<Trace>, Vec<Trace>) = traces(holder, &name, commits)?
            .into_iter()
            .partition(|trace| trace.source == TraceSource::Computed);
        let (mut computed, imported) = (by_commit(computed), by_commit(imported));
        let missing: Vec<String> =
            commits.iter().filter(|id| !computed.contains_key(*id)).cloned().collect();
        computed.extend(adopted(holder, &name, &missing)?);
        let now_at = revision(holder)?;
        let since = computed.values().map(|trace| trace.seen_revision).min().unwrap_or(now_at);
        let (changed, new_edits) = changes(holder, since, now_at)?;
        let known = Known {
            revision: now_at,
            told: commits_told(holder, &name)?,
            computed,
            imported,
            changed,
            new_edits,
            sessions: HashMap::new(),
        };
        let is_whole = commits.iter().all(|id| known.computed.contains_key(id));
        if is_whole && known.changed.is_empty() { Ok(known) } else { known.with_sessions(holder) }
    }
}

/// What is known of commits in other repositories, as if it were known in this one: a commit is the same
/// wherever it lies, and its repository may have been moved or cloned.
fn adopted(
    holder: &Holder<'_>,
    repository: &str,
    commits: &[String],
) -> Result<HashMap<String, Trace>, AttributionError> {
    let mut adopted = HashMap::new();
    for mut trace in found_elsewhere(holder, repository, commits)? {
        repository.clone_into(&mut trace.repository);
        adopted.insert(trace.commit_id.clone(), trace);
    }
    Ok(adopted)
}

/// What we found out of commits in other repositories, in their order. Where nobody knew anything, it may be
/// known here.
fn found_elsewhere(
    holder: &Holder<'_>,
    repository: &str,
    commits: &[String],
) -> Result<Vec<Trace>, AttributionError> {
    let mut elsewhere = traces_elsewhere(holder, repository, commits)?;
    elsewhere.retain(|trace| trace.ranges.iter().any(|range| range.contributor != "unknown"));
    elsewhere.sort_by(|a, b| a.repository.cmp(&b.repository));
    Ok(elsewhere)
}

fn by_commit(traces: Vec<Trace>) -> HashMap<String, Trace> {
    traces.into_iter().map(|trace| (trace.commit_id.clone(), trace)).collect()
}

/// The sessions that have changed since a revision, and their edits that came since.
fn changes(
    holder: &Holder<'_>,
    since: i64,
    now_at: i64,
) -> Result<(HashSet<String>, Vec<EditKnown>), AttributionError> {
    let (mut changed, mut edits) = (HashSet::new(), Vec::new());
    if since < now_at {
        for session in sessions_changed(holder, since, u32::MAX)? {
            edits.extend(edits_changed(holder, &session, since)?);
            changed.insert(session);
        }
    }
    Ok((changed, edits))
}

impl Known {
    fn with_sessions(mut self, holder: &Holder<'_>) -> Result<Self, AttributionError> {
        if self.sessions.is_empty() {
            let sessions = sessions_known(holder)?.into_iter();
            self.sessions = sessions.map(|session| (session.session_id.clone(), session)).collect();
        }
        Ok(self)
    }

    fn computed_of(&self, commits: &[String]) -> HashMap<String, Trace> {
        let traces = commits.iter().filter_map(|id| self.computed.get(id));
        traces.map(|trace| (trace.commit_id.clone(), trace.clone())).collect()
    }

    /// Whether there is no record, or one that may change. One whose sessions are gone stays as it is.
    fn is_stale(&self, commit: &str, paths: &Paths) -> bool {
        let Some(trace) = self.computed.get(commit) else { return true };
        let mut sessions = trace.ranges.iter().filter_map(|range| range.session_id.as_ref());
        if self.changed.is_empty() || sessions.clone().any(|id| !self.sessions.contains_key(id)) {
            return false;
        }
        let has_new_model = !trace.is_settled && sessions.any(|id| self.changed.contains(id));
        let until = self.until(commit, end_of_second(trace.committed_at.get() / 1_000));
        let has_new_edit = || {
            self.new_edits.iter().filter(|edit| edit.at.is_none_or(|at| at <= until)).any(|edit| {
                let paths = paths.candidates(&edit.session_id, &edit.path);
                paths.iter().any(|path| trace.ranges.iter().any(|range| range.path == *path))
            })
        };
        has_new_model || has_new_edit()
    }

    /// When the first session in the repository began, or the first commit was told of.
    fn begin(&self, paths: &Paths) -> Option<UnixMs> {
        let begins = paths.sessions().filter_map(|id| self.sessions.get(id)?.created_at);
        begins.chain(self.told.commits.values().copied().flatten()).min()
    }

    /// Tells whether nothing can be known of a commit's lines: it was made before anything was recorded.
    fn is_old(&self, paths: &Paths) -> impl Fn(&Commit) -> bool {
        let begin = self.begin(paths);
        move |commit| {
            let is_before = begin.is_none_or(|begin| end_of_second(commit.committed_at) < begin);
            is_before && !self.was_told(&commit.id) && !self.imported.contains_key(&commit.id)
        }
    }

    /// The last time at which anything can have led to a commit.
    fn until(&self, commit: &str, committed_at: UnixMs) -> UnixMs {
        self.told.commits.get(commit).copied().flatten().unwrap_or(committed_at)
    }

    /// Whether a hook of git told of a commit: so it was made here.
    fn was_told(&self, commit: &str) -> bool {
        self.told.commits.contains_key(commit)
    }

    /// Whether nothing but a record that somebody else made tells of these lines.
    fn is_foreign(&self, range: &TraceRange) -> bool {
        let is_of_agent =
            range.session_id.is_some() || range.url.is_some() || range.model_id.is_some();
        let is_ai = ["ai", "mixed"].contains(&range.contributor.as_str());
        let is_here = range.session_id.as_ref().is_some_and(|id| self.sessions.contains_key(id));
        (is_of_agent || is_ai) && !is_here
    }

    /// The commits that a commit took the place of, directly or by others.
    fn replaced_by(&self, commit: &str) -> Vec<String> {
        let mut found = vec![commit.to_owned()];
        let mut next = 0;
        while let Some(at) = found.get(next).cloned() {
            next += 1;
            for (old, _) in self.told.rewrites.iter().filter(|(_, new)| *new == at) {
                if !found.contains(old) {
                    found.push(old.clone());
                }
            }
        }
        found.split_off(1)
    }

    /// The sessions that started a session, the nearest first.
    fn started_by(&self, session_id: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut at = self.sessions.get(session_id);
        while let Some(parent) = at.and_then(|session| session.parent_session_id.clone()) {
            if found.contains(&parent) || parent == session_id {
                break;
            }
            at = self.sessions.get(&parent);
            found.push(parent);
        }
        found
    }

    /// What each session of some ranges was started by.
    fn parents<'r>(
        &self,
        sessions: impl Iterator<Item = &'r String>,
    ) -> BTreeMap<String, Vec<String>> {
        sessions.map(|id| (id.clone(), self.started_by(id))).collect()
    }
}
