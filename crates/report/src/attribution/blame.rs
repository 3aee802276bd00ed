//! Who wrote each line of a file.

use std::collections::{BTreeMap, HashMap};

use agent_trace::git::{BlamedLine, Commit, GitError, LineRange};
use domain::{SessionId, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Holder, Trace, TraceRange, query::attribution::prompt_before::prompt_before};

use super::{Attribution, AttributionError, PURPOSE};
use crate::{Report, opening::begin};

/// So much is read of a prompt.
const PROMPT_CHARACTERS: u32 = 400;

/// The lines of a file with who wrote them.
pub type Blame = Report<BlameMeta, Vec<BlameShare>, BlameDetail>;

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlameMeta {
    /// The repository: the path of its git folder.
    pub repository: String,
    /// The file, from the top of the repository on.
    pub path: String,
    /// The commit whose file it is; null where it is the file of the work tree.
    pub revision: Option<String>,
    /// How many lines are told of.
    pub lines: usize,
}

/// How many lines are of one contributor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlameShare {
    /// `ai`, `mixed`, `human` or `unknown`.
    pub contributor: String,
    /// The agent, where one had a part in it.
    pub agent: Option<String>,
    /// Its model, as `provider/model`.
    pub model_id: Option<String>,
    /// Lines.
    pub lines: usize,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlameDetail {
    /// Where it stands, from 1 on.
    pub line: u32,
    /// `ai`, `mixed`, `human` or `unknown`.
    pub contributor: String,
    /// The agent, where one had a part in it.
    pub agent: Option<String>,
    /// Its model, as `provider/model`.
    pub model_id: Option<String>,
    /// Who wrote the commit; null where it was never committed.
    pub author: Option<String>,
    /// The conversation.
    pub session_id: Option<String>,
    /// The message that wrote it.
    pub message_id: Option<String>,
    /// The tool call of that message.
    pub call_id: Option<String>,
    /// The beginning of what the person had asked for.
    pub prompt: Option<String>,
    /// Where the conversation is told, where somebody else's record says so.
    pub url: Option<String>,
    /// How it differs from what the agent wrote: `whitespace`, `format` or `moved`.
    pub drift: Option<String>,
    /// The commit that it came with; null where it was never committed.
    pub commit_id: Option<String>,
    /// The first line of that commit's message.
    pub subject: Option<String>,
    /// When that commit was made, in Unix milliseconds.
    pub committed_at_unix_ms: Option<i64>,
    /// The line, as far as it is text.
    pub text: String,
}

impl Attribution<'_> {
    /// Who wrote each line of a file: as `revision` has it, or as it lies in the work tree.
    ///
    /// # Errors
    /// The file or revision is not there, or git or the store failed.
    pub fn blame(
        &self,
        path: &str,
        revision: Option<&str>,
        range: Option<LineRange>,
        now: UnixMs,
    ) -> Result<Blame, AttributionError> {
        let revision = revision.map(|name| self.repository.commit_named(name)).transpose()?;
        let lines = self.lines(path, revision.as_deref(), range)?;
        let mut ids: Vec<String> = lines.iter().filter_map(|line| line.commit.clone()).collect();
        ids.sort();
        ids.dedup();
        let traces = self.traces_of(&ids, true)?;
        let uncommitted: Vec<(u32, &[u8])> = lines
            .iter()
            .filter(|line| line.commit.is_none())
            .map(|line| (line.number, line.text.as_slice()))
            .collect();
        let head = self.head()?;
        let uncommitted = self.uncommitted(path, &uncommitted, head.as_ref(), now)?;
        let ranges = Ranges::of(&traces, &uncommitted);
        let mut details: Vec<BlameDetail> =
            lines.iter().map(|line| detail(line, &traces, &ranges)).collect();
        self.add_prompts(&mut details)?;
        let meta = BlameMeta {
            repository: self.repository.name(),
            path: path.to_owned(),
            revision,
            lines: details.len(),
        };
        Ok(Report { meta, summary: shares(&details), details })
    }

    /// The lines with their commits. A file of which git knows nothing yet has none.
    fn lines(
        &self,
        path: &str,
        revision: Option<&str>,
        range: Option<LineRange>,
    ) -> Result<Vec<BlamedLine>, AttributionError> {
        match self.repository.blame(path, revision, range) {
            Ok(blamed) => Ok(blamed.lines),
            Err(GitError::NoFile { .. }) if revision.is_none() => self.new_lines(path, range),
            Err(error) => Err(error.into()),
        }
    }

    fn new_lines(
        &self,
        path: &str,
        range: Option<LineRange>,
    ) -> Result<Vec<BlamedLine>, AttributionError> {
        let missing = || GitError::NoFile { path: path.to_owned(), revision: "HEAD".to_owned() };
        let top = self.repository.top.as_ref().ok_or_else(missing)?;
        // A link may lead out of the work tree or to git's own files, which are nobody's business here.
        let real = top.join(path).canonicalize().map_err(|_| missing())?;
        let below = real.strip_prefix(top).map_err(|_| missing())?;
        let is_gits = below.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git"));
        if is_gits || !real.is_file() {
            return Err(missing().into());
        }
        let text = std::fs::read(real).map_err(|_| missing())?;
        let all: Vec<&[u8]> = agent_trace::lines_of(&text).collect();
        let LineRange { first, last } = range.unwrap_or(LineRange { first: 1, last: None });
        let too_few = || AttributionError::Lines { path: path.to_owned(), lines: all.len() };
        if range.is_some() && first as usize > all.len() {
            return Err(too_few());
        }
        let numbered = (1_u32..)
            .zip(&all)
            .filter(|(number, _)| *number >= first && last.is_none_or(|last| *number <= last));
        let lines = numbered.map(|(number, text)| BlamedLine {
            number,
            commit: None,
            line_then: number,
            path_then: path.to_owned(),
            text: text.to_vec(),
        });
        Ok(lines.collect())
    }

    /// The commit on which the work tree stands; none in a repository without one.
    pub(super) fn head(&self) -> Result<Option<Commit>, AttributionError> {
        let Ok(head) = self.repository.commit_named("HEAD") else { return Ok(None) };
        Ok(self.repository.commits(&[head])?.pop())
    }

    /// What was asked for before each of these lines was written.
    fn add_prompts(&self, details: &mut [BlameDetail]) -> Result<(), AttributionError> {
        if details.iter().all(|detail| detail.session_id.is_none()) {
            return Ok(());
        }
        let holder = self.store.open(PURPOSE)?;
        let mut known: HashMap<(String, Option<String>), Option<String>> = HashMap::new();
        for detail in details {
            let Some(session) = detail.session_id.clone() else { continue };
            let key = (session, detail.message_id.clone());
            if !known.contains_key(&key) {
                let prompt = prompt(&holder, &key.0, key.1.as_deref())?;
                known.insert(key.clone(), prompt);
            }
            detail.prompt.clone_from(&known[&key]);
        }
        Ok(())
    }
}

/// The beginning of what a person had said last before a message, on one line.
pub(super) fn prompt(
    holder: &Holder<'_>,
    session: &str,
    message: Option<&str>,
) -> Result<Option<String>, AttributionError> {
    let Ok(id) = SessionId::new(session) else { return Ok(None) };
    let said = prompt_before(holder, &id, message, PROMPT_CHARACTERS)?;
    Ok(said.as_deref().and_then(begin))
}

/// Ranges of commits and of the work tree, found by line.
struct Ranges<'r> {
    of_commits: HashMap<(&'r str, &'r str), Vec<&'r TraceRange>>,
    uncommitted: Vec<&'r TraceRange>,
}

impl<'r> Ranges<'r> {
    fn of(traces: &'r HashMap<String, Trace>, uncommitted: &'r [TraceRange]) -> Self {
        let mut of_commits: HashMap<(&str, &str), Vec<&TraceRange>> = HashMap::new();
        for trace in traces.values() {
            for range in &trace.ranges {
                let key = (trace.commit_id.as_str(), range.path.as_str());
                of_commits.entry(key).or_default().push(range);
            }
        }
        Self { of_commits, uncommitted: uncommitted.iter().collect() }
    }

    fn find(&self, line: &BlamedLine) -> Option<&'r TraceRange> {
        let ranges = match &line.commit {
            Some(commit) => self.of_commits.get(&(commit.as_str(), line.path_then.as_str()))?,
            None => &self.uncommitted,
        };
        let at = ranges.partition_point(|range| range.end_line < line.line_then);
        ranges.get(at).copied().filter(|range| range.start_line <= line.line_then)
    }
}

fn detail(line: &BlamedLine, traces: &HashMap<String, Trace>, ranges: &Ranges<'_>) -> BlameDetail {
    let trace = line.commit.as_ref().and_then(|commit| traces.get(commit));
    let range = ranges.find(line).cloned().unwrap_or_else(|| TraceRange {
        contributor: "unknown".to_owned(),
        ..TraceRange::default()
    });
    BlameDetail {
        line: line.number,
        contributor: range.contributor,
        agent: range.agent,
        model_id: range.model_id,
        author: trace.and_then(|trace| trace.author.clone()),
        session_id: range.session_id,
        message_id: range.message_id,
        call_id: range.call_id,
        prompt: None,
        url: range.url,
        drift: range.drift,
        commit_id: line.commit.clone(),
        subject: trace.and_then(|trace| trace.subject.clone()),
        committed_at_unix_ms: trace.map(|trace| trace.committed_at.get()),
        text: String::from_utf8_lossy(&line.text).into_owned(),
    }
}

fn shares(details: &[BlameDetail]) -> Vec<BlameShare> {
    let mut shares: BTreeMap<(&str, Option<&str>, Option<&str>), usize> = BTreeMap::new();
    for detail in details {
        let key =
            (detail.contributor.as_str(), detail.agent.as_deref(), detail.model_id.as_deref());
        *shares.entry(key).or_default() += 1;
    }
    let shares = shares.into_iter().map(|((contributor, agent, model_id), lines)| BlameShare {
        contributor: contributor.to_owned(),
        agent: agent.map(str::to_owned),
        model_id: model_id.map(str::to_owned),
        lines,
    });
    let mut shares: Vec<_> = shares.collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.lines));
    shares
}
