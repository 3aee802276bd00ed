//! Records of whose the lines of commits are: worked out elsewhere, kept here, and never merged.

use domain::UnixMs;
use turso::Value;

use crate::{
    Holder, StoreError,
    engine::{Engine, Row},
    write::{next_revision, text_or_null},
};

/// So many ranges are written by one statement.
const AT_ONCE: usize = 50;

/// Who says whose the lines of a commit are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TraceSource {
    /// We do.
    Computed,
    /// A record that somebody else made.
    Imported,
}

impl TraceSource {
    /// Its name in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Imported => "imported",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Computed, Self::Imported].into_iter().find(|source| source.as_str() == name)
    }
}

/// Whose the added lines of a commit are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The repository.
    pub repository: String,
    /// The commit.
    pub commit_id: String,
    /// Who says so.
    pub source: TraceSource,
    /// When the commit was made.
    pub committed_at: UnixMs,
    /// Who wrote the commit.
    pub author: Option<String>,
    /// The first line of its message.
    pub subject: Option<String>,
    /// What tells its patch from others, wherever it is applied.
    pub patch_id: Option<String>,
    /// The record, as JSON.
    pub record: String,
    /// Whether the model of every agent's line is known.
    pub is_settled: bool,
    /// Up to which revision the edits that may concern it were looked at.
    pub seen_revision: i64,
    /// Its ranges.
    pub ranges: Vec<TraceRange>,
}

/// Some added lines of one origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceRange {
    /// The file, from the top of the repository on.
    pub path: String,
    /// The first line, from 1 on.
    pub start_line: u32,
    /// The last line.
    pub end_line: u32,
    /// What wrote them, as Agent Trace names it.
    pub contributor: String,
    /// The agent.
    pub agent: Option<String>,
    /// Its model, as `provider/model`.
    pub model_id: Option<String>,
    /// The conversation.
    pub session_id: Option<String>,
    /// The message in it.
    pub message_id: Option<String>,
    /// The tool call of that message.
    pub call_id: Option<String>,
    /// How they differ from what the agent wrote.
    pub drift: Option<String>,
    /// Where somebody else's record says that the conversation is told.
    pub url: Option<String>,
}

impl Holder<'_> {
    /// Keeps records, each in the place of an older one of the same commit and source.
    ///
    /// # Errors
    /// The engine failed; none is kept.
    pub fn keep_traces(&self, traces: &[Trace]) -> Result<(), StoreError> {
        if traces.is_empty() {
            return Ok(());
        }
        let now = (self.store.settings().clock)();
        self.engine.transaction(|engine| {
            let revision = next_revision(engine)?;
            traces.iter().try_for_each(|trace| keep(engine, trace, now, revision))
        })
    }

    /// Forgets what we found out of some commits, so that it is found out anew.
    ///
    /// # Errors
    /// The engine failed; nothing is forgotten.
    pub fn forget_computed(&self, repository: &str, commits: &[String]) -> Result<(), StoreError> {
        self.engine.transaction(|engine| {
            for commit in commits {
                let key = [repository, commit, TraceSource::Computed.as_str()];
                forget(engine, &key.map(|text| Value::Text(text.to_owned())))?;
            }
            Ok(())
        })
    }

    /// Notes which commits of a repository nothing leads to any more; to all others something does.
    ///
    /// # Errors
    /// The engine failed; nothing is noted.
    pub fn note_abandoned(&self, repository: &str, commits: &[String]) -> Result<(), StoreError> {
        let find = "SELECT commit_id FROM agent_traces WHERE repository = ?1 AND is_abandoned = 1";
        let key = [Value::Text(repository.to_owned())];
        let known = self.engine.query("look for abandoned commits", find, &key, Row::text)?;
        let mut known: Vec<String> = known.into_iter().flatten().collect();
        known.sort();
        known.dedup();
        let mut wanted = commits.to_vec();
        wanted.sort();
        let changed: Vec<(&String, bool)> = (known.iter().filter(|id| !wanted.contains(id)))
            .map(|id| (id, false))
            .chain(wanted.iter().filter(|id| !known.contains(id)).map(|id| (id, true)))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let sql = "UPDATE agent_traces SET is_abandoned = ?3, revision = ?4 \
                   WHERE repository = ?1 AND commit_id = ?2";
        self.engine.transaction(|engine| {
            let revision = next_revision(engine)?;
            for (commit, is_abandoned) in &changed {
                let mut values: Vec<Value> =
                    [repository, commit].map(|text| Value::Text(text.to_owned())).into();
                values.extend([i64::from(*is_abandoned), revision].map(Value::Integer));
                engine.execute("note an abandoned commit", sql, values)?;
            }
            Ok(())
        })
    }

    /// Notes that nothing that came up to a revision changes these records.
    ///
    /// # Errors
    /// The engine failed.
    pub fn note_seen(
        &self,
        repository: &str,
        commits: &[String],
        revision: i64,
    ) -> Result<(), StoreError> {
        if commits.is_empty() {
            return Ok(());
        }
        let sql = "UPDATE agent_traces SET seen_revision = ?3 \
                   WHERE repository = ?1 AND commit_id = ?2 AND source = 'computed'";
        self.engine.transaction(|engine| {
            for commit in commits {
                let key = [repository, commit].map(|text| Value::Text(text.to_owned()));
                let values = key.into_iter().chain([Value::Integer(revision)]).collect();
                engine.execute("note what was looked at", sql, values)?;
            }
            Ok(())
        })
    }
}

fn keep(engine: &Engine, trace: &Trace, now: UnixMs, revision: i64) -> Result<(), StoreError> {
    let key = [trace.repository.as_str(), &trace.commit_id, trace.source.as_str()];
    let key = key.map(|text| Value::Text(text.to_owned()));
    for table in ["agent_trace_ranges", "agent_traces"] {
        let sql =
            format!("DELETE FROM {table} WHERE repository = ?1 AND commit_id = ?2 AND source = ?3");
        engine.execute("replace a record of a commit", &sql, key.to_vec())?;
    }
    let sql = "INSERT INTO agent_traces \
                   (repository, commit_id, source, committed_at_unix_ms, author, subject, patch_id, \
                    record, is_settled, seen_revision, updated_at_unix_ms, revision) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let mut values = key.to_vec();
    values.push(Value::Integer(trace.committed_at.get()));
    let texts = [&trace.author, &trace.subject, &trace.patch_id];
    values.extend(texts.map(|text| text_or_null(text.as_deref())));
    values.push(Value::Text(trace.record.clone()));
    let numbers = [i64::from(trace.is_settled), trace.seen_revision, now.get(), revision];
    values.extend(numbers.map(Value::Integer));
    engine.execute("keep a record of a commit", sql, values)?;
    trace.ranges.chunks(AT_ONCE).try_for_each(|ranges| keep_ranges(engine, &key, ranges))
}

fn forget(engine: &Engine, key: &[Value; 3]) -> Result<(), StoreError> {
    for table in ["agent_trace_ranges", "agent_traces"] {
        let sql =
            format!("DELETE FROM {table} WHERE repository = ?1 AND commit_id = ?2 AND source = ?3");
        engine.execute("forget a record of a commit", &sql, key.to_vec())?;
    }
    Ok(())
}

fn keep_ranges(engine: &Engine, key: &[Value; 3], ranges: &[TraceRange]) -> Result<(), StoreError> {
    const COLUMNS: usize = 14;
    let row = |row: usize| {
        let places: Vec<String> =
            (1..=COLUMNS).map(|column| format!("?{}", row * COLUMNS + column)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..ranges.len()).map(row).collect();
    let sql = format!(
        "INSERT INTO agent_trace_ranges \
             (repository, commit_id, source, path, start_line, end_line, contributor, agent, \
              model_id, session_id, message_id, call_id, drift, url) \
         VALUES {}",
        rows.join(", ")
    );
    let mut values = Vec::with_capacity(ranges.len() * COLUMNS);
    for range in ranges {
        values.extend(key.iter().cloned());
        values.push(Value::Text(range.path.clone()));
        values.extend([range.start_line, range.end_line].map(|line| Value::Integer(line.into())));
        values.push(Value::Text(range.contributor.clone()));
        let texts = [
            &range.agent,
            &range.model_id,
            &range.session_id,
            &range.message_id,
            &range.call_id,
            &range.drift,
            &range.url,
        ];
        values.extend(texts.map(|text| text_or_null(text.as_deref())));
    }
    engine.execute("keep attributed lines", &sql, values).map(drop)
}
