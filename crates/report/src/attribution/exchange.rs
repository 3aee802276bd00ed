//! Records for others, and those of others: lines of JSON in `.agent-trace/traces.jsonl`, and git notes.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::{Path, PathBuf},
};

use agent_trace::{
    CommittedFile,
    git::GitError,
    record::{Record, RecordRange, content_hash},
};
use domain::UnixMs;
use jiff::Timestamp;
use store::{Trace, TraceRange, TraceSource};

use super::{Attribution, AttributionError, PURPOSE, paths::Paths};

/// Where records lie in a work tree.
pub const FILE: &str = ".agent-trace/traces.jsonl";

/// No more commits than this are told to others in one go.
const COMMITS: usize = 10_000;

/// What became of records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Exchanged {
    /// Those that are written, or kept.
    pub records: usize,
    /// Those that are as they were.
    pub unchanged: usize,
    /// What is wrong with each that was left out: where it stands, and why.
    pub refused: Vec<(String, String)>,
}

/// What is wrong with a record.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Where the record is from.
    pub source: String,
    /// Its ranges.
    pub ranges: usize,
    /// What is wrong; nothing where all holds.
    pub faults: Vec<String>,
}

impl Attribution<'_> {
    /// The records of the commits that lead to a revision, or of a range such as `main..topic`, the oldest
    /// first. What was committed before anything was recorded has none, and what no agent had a part in only
    /// where all are wanted.
    ///
    /// # Errors
    /// There is no such revision, or git or the store failed.
    pub fn records(&self, revision: &str, all: bool) -> Result<Vec<Trace>, AttributionError> {
        let begin = self.begin()?;
        let mut commits = self.repository.history(revision, COMMITS)?;
        commits.retain(|commit| {
            begin.is_some_and(|begin| commit.committed_at * 1_000 >= begin.get() - 1_000)
        });
        commits.reverse();
        let ids: Vec<String> = commits.into_iter().map(|commit| commit.id).collect();
        let mut traces = self.traces(&ids)?;
        let mut records: Vec<Trace> = ids.iter().filter_map(|id| traces.remove(id)).collect();
        let has_agent = |trace: &Trace| trace.ranges.iter().any(is_of_agent);
        records.retain(|trace| all || has_agent(trace));
        Ok(records)
    }

    /// When the first session in the repository began.
    fn begin(&self) -> Result<Option<UnixMs>, AttributionError> {
        let holder = self.store.open(PURPOSE)?;
        let known = self.known(&holder, &[])?.with_sessions(&holder)?;
        drop(holder);
        let paths = Paths::of(&self.repository, &known)?;
        Ok(known.begin(&paths))
    }

    /// Writes records into the file of the work tree, each in the place of an older one of its commit.
    ///
    /// # Errors
    /// There is no work tree, or the file cannot be read or written.
    pub fn export_to_file(
        &self,
        traces: &[Trace],
    ) -> Result<(PathBuf, Exchanged), AttributionError> {
        let top = self.repository.top.clone().ok_or_else(|| {
            AttributionError::Git(GitError::NoRepository(self.repository.common.clone()))
        })?;
        let path = top.join(FILE);
        refuse_links(&path)?;
        let old = read_or_nothing(&path)?;
        let mut new: HashMap<&str, &str> =
            traces.iter().map(|trace| (trace.commit_id.as_str(), trace.record.as_str())).collect();
        let mut done = Exchanged::default();
        let mut lines: Vec<String> = Vec::new();
        for line in old.lines().filter(|line| !line.trim().is_empty()) {
            let record = Record::parse(line.as_bytes()).ok();
            match record.as_ref().and_then(Record::revision).and_then(|id| new.remove(id)) {
                Some(record) if record == line => done.unchanged += 1,
                Some(record) => {
                    done.records += 1;
                    lines.push(record.to_owned());
                    continue;
                }
                None => {}
            }
            lines.push(line.to_owned());
        }
        let added = traces.iter().filter(|trace| new.contains_key(trace.commit_id.as_str()));
        lines.extend(added.map(|trace| trace.record.clone()));
        done.records += new.len();
        if done.records > 0 {
            let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
            write(&path, text.as_bytes())?;
        }
        Ok((path, done))
    }

    /// Writes records as git notes under `refs/notes/agent-trace`.
    ///
    /// # Errors
    /// Git failed.
    pub fn export_to_notes(&self, traces: &[Trace]) -> Result<Exchanged, AttributionError> {
        let notes: HashMap<String, Vec<u8>> = self.repository.notes()?.into_iter().collect();
        let mut done = Exchanged::default();
        for trace in traces {
            let old = notes.get(&trace.commit_id).map(|note| note.trim_ascii());
            if old == Some(trace.record.as_bytes()) {
                done.unchanged += 1;
            } else {
                self.repository.write_note(&trace.commit_id, trace.record.as_bytes())?;
                done.records += 1;
            }
        }
        Ok(done)
    }

    /// Takes in the records of a file; without one, of the file in the work tree.
    ///
    /// # Errors
    /// The file cannot be read, or git or the store failed.
    pub fn import_file(&self, path: Option<&Path>) -> Result<Exchanged, AttributionError> {
        let own = || self.repository.top.as_ref().map(|top| top.join(FILE));
        let path = path.map(Path::to_owned).or_else(own).unwrap_or_else(|| PathBuf::from(FILE));
        let text = fs::read(&path).map_err(|error| file_error(&path, "read", error))?;
        let lines = text.split(|byte| *byte == b'\n').enumerate();
        let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
        self.import(lines.map(|(at, line)| (format!("line {}", at + 1), None, line.to_vec())))
    }

    /// Takes in the records of git notes.
    ///
    /// # Errors
    /// Git or the store failed.
    pub fn import_notes(&self) -> Result<Exchanged, AttributionError> {
        let notes = self.repository.notes()?.into_iter();
        self.import(notes.map(|(commit, text)| (format!("note of {commit}"), Some(commit), text)))
    }

    fn import(
        &self,
        records: impl Iterator<Item = (String, Option<String>, Vec<u8>)>,
    ) -> Result<Exchanged, AttributionError> {
        let mut done = Exchanged::default();
        let mut found: BTreeMap<String, Trace> = BTreeMap::new();
        for (name, of, json) in records {
            match self.imported(of.as_deref(), &json) {
                Ok(trace) => drop(found.insert(trace.commit_id.clone(), trace)),
                Err(why) => done.refused.push((name, why)),
            }
        }
        self.add_what_git_knows(&mut found)?;
        let ids: Vec<String> = found.keys().cloned().collect();
        let holder = self.store.open(PURPOSE)?;
        let known = self.known(&holder, &ids)?;
        found.retain(|id, trace| {
            let is_new = known.imported.get(id).is_none_or(|old| old.record != trace.record);
            done.unchanged += usize::from(!is_new);
            is_new
        });
        let traces: Vec<Trace> = found.into_values().collect();
        holder.keep_traces(&traces)?;
        let ids: Vec<String> = traces.iter().map(|trace| trace.commit_id.clone()).collect();
        holder.forget_computed(&self.repository.name(), &ids)?;
        done.records = traces.len();
        Ok(done)
    }

    /// Adds author, subject and patch of the commits that are here.
    fn add_what_git_knows(
        &self,
        found: &mut BTreeMap<String, Trace>,
    ) -> Result<(), AttributionError> {
        let ids: Vec<String> = found.keys().cloned().collect();
        let mut here = Vec::new();
        for commit in self.repository.commits(&ids)? {
            here.push(commit.id.clone());
            if let Some(trace) = found.get_mut(&commit.id) {
                trace.author = Some(commit.author);
                trace.subject = Some(commit.subject);
                trace.committed_at = ms(commit.committed_at);
            }
        }
        for change in self.repository.changes(&here)? {
            if let Some(trace) = found.get_mut(&change.id) {
                trace.patch_id = agent_trace::patch_id(&change.files()?);
            }
        }
        Ok(())
    }

    fn imported(&self, of: Option<&str>, json: &[u8]) -> Result<Trace, String> {
        let record = Record::parse(json).map_err(|error| error.to_string())?;
        let revision = record.revision().ok_or("names no revision of git")?.to_ascii_lowercase();
        let is_id = matches!(revision.len(), 40 | 64)
            && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id {
            return Err("names a revision that is no whole id of a commit".to_owned());
        }
        if of.is_some_and(|of| of != revision) {
            return Err("is a record of another commit".to_owned());
        }
        let made = record.timestamp.parse::<Timestamp>().map_err(|error| error.to_string())?;
        Ok(Trace {
            repository: self.repository.name(),
            commit_id: revision,
            source: TraceSource::Imported,
            committed_at: ms(made.as_second()),
            author: None,
            subject: None,
            patch_id: None,
            is_settled: true,
            seen_revision: 0,
            ranges: apart(record.ranges()),
            record: String::from_utf8_lossy(json.trim_ascii()).into_owned(),
        })
    }

    /// Looks whether the records of a commit hold: ours, and those in the file and in the notes.
    ///
    /// # Errors
    /// There is no such commit, or git or the store failed.
    pub fn verify(&self, revision: &str) -> Result<Vec<Verified>, AttributionError> {
        let trace = self.trace(revision)?;
        let id = trace.commit_id.clone();
        let mut records = vec![("record".to_owned(), trace.record.into_bytes())];
        if let Some(top) = &self.repository.top {
            for line in read_or_nothing(&top.join(FILE))?.lines() {
                let record = Record::parse(line.as_bytes()).ok();
                if record.as_ref().and_then(Record::revision) == Some(&id) {
                    records.push((FILE.to_owned(), line.as_bytes().to_vec()));
                }
            }
        }
        let notes = self.repository.notes()?.into_iter().filter(|(commit, _)| *commit == id);
        records.extend(notes.map(|(_, note)| ("note".to_owned(), note)));
        let changes = self.repository.changes(std::slice::from_ref(&id))?;
        let patch = changes.first().map(|change| change.files()).transpose()?.unwrap_or_default();
        let files = CommittedFile::of_patch(&patch);
        Ok(records.iter().map(|(source, json)| verified(source, json, &id, &files)).collect())
    }
}

/// What of a record does not hold for a commit with these added lines.
fn verified(source: &str, json: &[u8], id: &str, files: &[CommittedFile<'_>]) -> Verified {
    let mut verified = Verified { source: source.to_owned(), ..Verified::default() };
    let record = match Record::parse(json) {
        Ok(record) => record,
        Err(error) => {
            verified.faults.push(error.to_string());
            return verified;
        }
    };
    if record.revision() != Some(id) {
        verified.faults.push(format!("is of another commit than `{id}`"));
    }
    let ranges = record.ranges();
    verified.ranges = ranges.len();
    for range in &ranges {
        let name = format!("{}:{}-{}", range.path, range.start_line, range.end_line);
        let Some(file) = files.iter().find(|file| file.path == range.path) else {
            verified.faults.push(format!("`{name}`: the commit adds no line to this file"));
            continue;
        };
        let begin = file.added.partition_point(|line| line.number < range.start_line);
        let end = file.added.partition_point(|line| line.number <= range.end_line);
        let lines = &file.added[begin..end];
        if lines.len() != (range.end_line - range.start_line + 1) as usize {
            verified.faults.push(format!("`{name}`: the commit does not add all of these lines"));
        } else if let Some(hash) =
            range.content_hash.as_ref().filter(|hash| hash.starts_with("sha256:"))
            && *hash != content_hash(lines.iter().map(|line| line.text))
        {
            verified.faults.push(format!("`{name}`: the text is not the one of the content hash"));
        }
    }
    verified
}

fn is_of_agent(range: &TraceRange) -> bool {
    ["ai", "mixed"].contains(&range.contributor.as_str())
}

/// Ranges that do not begin at one line: of those that do, the first counts.
fn apart(ranges: Vec<RecordRange>) -> Vec<TraceRange> {
    let mut by_place: BTreeMap<(String, u32), TraceRange> = BTreeMap::new();
    for range in ranges {
        let key = (range.path.clone(), range.start_line);
        by_place.entry(key).or_insert_with(|| TraceRange {
            path: range.path,
            start_line: range.start_line,
            end_line: range.end_line,
            contributor: range.contributor.as_str().to_owned(),
            agent: range.agent,
            model_id: range.model_id,
            session_id: range.session_id,
            message_id: None,
            call_id: None,
            drift: None,
            url: range.url,
        });
    }
    by_place.into_values().collect()
}

fn ms(seconds: i64) -> UnixMs {
    UnixMs::new(seconds.saturating_mul(1_000)).unwrap_or(UnixMs::EPOCH)
}

fn read_or_nothing(path: &Path) -> Result<String, AttributionError> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(file_error(path, "read", error)),
    }
}

/// A repository may be anybody's: a link in it could lead to what is no file of it.
fn refuse_links(path: &Path) -> Result<(), AttributionError> {
    let is_link = |path: &&Path| path.symlink_metadata().is_ok_and(|found| found.is_symlink());
    match path.ancestors().take(2).find(is_link) {
        Some(link) => Err(file_error(link, "written", io::Error::other("it is a link"))),
        None => Ok(()),
    }
}

/// Writes a file beside its place and puts it there whole.
fn write(path: &Path, text: &[u8]) -> Result<(), AttributionError> {
    let failed = |error| file_error(path, "written", error);
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::Builder::new()
        .prefix(".traces-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)
        .map_err(failed)?;
    io::Write::write_all(&mut file, text).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error)).map(drop)
}

fn file_error(path: &Path, action: &'static str, error: io::Error) -> AttributionError {
    AttributionError::File { path: path.display().to_string(), action, error }
}
