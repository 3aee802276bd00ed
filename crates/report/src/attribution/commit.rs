//! Whose the lines of one commit are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use store::{Trace, TraceRange};

use super::{Attribution, AttributionError, PURPOSE, blame::prompt};
use crate::Report;

/// A commit with whose its lines are.
pub type CommitShown = Report<CommitMeta, CommitSummary, CommitDetail>;

/// Which commit it is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CommitMeta {
    /// The repository: the path of its git folder.
    pub repository: String,
    /// Its id.
    pub commit_id: String,
    /// The first line of its message.
    pub subject: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When it was made, in Unix milliseconds.
    pub committed_at_unix_ms: i64,
    /// Its record, by Agent Trace 0.1.0.
    pub record: Value,
}

/// All of its lines together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommitSummary {
    /// The files to which it adds lines.
    pub files: Vec<CommitFile>,
    /// How many lines each contributor added.
    pub lines: BTreeMap<String, u64>,
}

/// A file to which it adds lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommitFile {
    /// From the top of the repository on.
    pub path: String,
    /// How many lines each contributor added.
    pub lines: BTreeMap<String, u64>,
}

/// Some lines of one origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommitDetail {
    /// The file, from the top of the repository on.
    pub path: String,
    /// The first line, from 1 on.
    pub start_line: u32,
    /// The last line.
    pub end_line: u32,
    /// `ai`, `mixed`, `human` or `unknown`.
    pub contributor: String,
    /// The agent, where one had a part in it.
    pub agent: Option<String>,
    /// Its model, as `provider/model`.
    pub model_id: Option<String>,
    /// The conversation.
    pub session_id: Option<String>,
    /// The message that wrote them.
    pub message_id: Option<String>,
    /// The tool call of that message.
    pub call_id: Option<String>,
    /// The beginning of what the person had asked for.
    pub prompt: Option<String>,
    /// Where the conversation is told, where somebody else's record says so.
    pub url: Option<String>,
    /// How they differ from what the agent wrote: `whitespace`, `format` or `moved`.
    pub drift: Option<String>,
}

impl Attribution<'_> {
    /// Whose the lines of a commit are.
    ///
    /// # Errors
    /// There is no such commit, or git or the store failed.
    pub fn commit(&self, revision: &str) -> Result<CommitShown, AttributionError> {
        let trace = self.trace(revision)?;
        let mut details = Vec::with_capacity(trace.ranges.len());
        let holder = self.store.open(PURPOSE)?;
        let mut prompts = BTreeMap::new();
        for range in &trace.ranges {
            let key = (range.session_id.clone(), range.message_id.clone());
            if let (Some(session), false) = (&range.session_id, prompts.contains_key(&key)) {
                let prompt = prompt(&holder, session, range.message_id.as_deref())?;
                prompts.insert(key.clone(), prompt);
            }
            details.push(detail(range, prompts.get(&key).cloned().flatten()));
        }
        let mut files: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
        let mut lines: BTreeMap<String, u64> = BTreeMap::new();
        for range in &trace.ranges {
            let count = u64::from(range.end_line - range.start_line + 1);
            let file = files.entry(&range.path).or_default();
            *file.entry(range.contributor.clone()).or_default() += count;
            *lines.entry(range.contributor.clone()).or_default() += count;
        }
        let files =
            files.into_iter().map(|(path, lines)| CommitFile { path: path.to_owned(), lines });
        let summary = CommitSummary { files: files.collect(), lines };
        Ok(Report { meta: meta(&trace), summary, details })
    }

    /// The record of a commit.
    ///
    /// # Errors
    /// There is no such commit, or git or the store failed.
    pub fn trace(&self, revision: &str) -> Result<Trace, AttributionError> {
        let id = self.repository.commit_named(revision)?;
        let mut traces = self.traces(std::slice::from_ref(&id))?;
        let missing = || agent_trace::git::GitError::NoCommit(revision.to_owned());
        Ok(traces.remove(&id).ok_or_else(missing)?)
    }
}

fn meta(trace: &Trace) -> CommitMeta {
    CommitMeta {
        repository: trace.repository.clone(),
        commit_id: trace.commit_id.clone(),
        subject: trace.subject.clone(),
        author: trace.author.clone(),
        committed_at_unix_ms: trace.committed_at.get(),
        record: serde_json::from_str(&trace.record).unwrap_or(Value::Null),
    }
}

fn detail(range: &TraceRange, prompt: Option<String>) -> CommitDetail {
    CommitDetail {
        path: range.path.clone(),
        start_line: range.start_line,
        end_line: range.end_line,
        contributor: range.contributor.clone(),
        agent: range.agent.clone(),
        model_id: range.model_id.clone(),
        session_id: range.session_id.clone(),
        message_id: range.message_id.clone(),
        call_id: range.call_id.clone(),
        prompt,
        url: range.url.clone(),
        drift: range.drift.clone(),
    }
}
