//! Agents' own files that grow with a session: which of them have more to tell, and how they are
//! read on.
//!
//! An event that names one makes it due, in the transaction of its items. It is read without the
//! lease, in pieces; each goes in under the lease, in one transaction with the position behind it,
//! if the position is still the one that was read from. So a reader that hangs keeps nobody from
//! the database, and of two who read the same file one does the work.

mod catch_up;

use std::{collections::BTreeMap, io, ops::ControlFlow};

use domain::{Agent, Batch, Transcript, UnixMs, Unreadable};
use serde::{Deserialize, Serialize};
use turso::Value;

pub use self::catch_up::CaughtUp;
pub(crate) use self::catch_up::{CatchUp, Way};
use crate::{
    StoreError,
    engine::{Engine, Row},
    error::OnFile,
    lease::Lease,
};

/// Reads a transcript on from a position that an earlier piece bore, or from its beginning, to what
/// was its end when it was opened. It hands on each finding in order; a `Break` ends the reading.
/// It uses no database.
///
/// # Errors
/// The file is there and cannot be read.
pub type TranscriptReader = fn(
    &Transcript,
    Option<&str>,
    &mut dyn FnMut(TranscriptFinding) -> ControlFlow<()>,
) -> io::Result<TranscriptEnd>;

/// What a reader comes across.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TranscriptFinding {
    /// Something to take in.
    Piece(TranscriptPiece),
    /// So many more bytes were read.
    Passed(u64),
    /// A line that is too long to be taken in or kept.
    TooLong {
        /// Where it begins.
        offset: u64,
        /// How long it is.
        bytes: u64,
    },
}

/// Some lines of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptPiece {
    /// What they tell.
    pub batch: Batch,
    /// Those that tell nothing, to be durable in quarantine before the position moves on. The reason
    /// says where they are.
    pub unreadable: Vec<Unreadable>,
    /// Where to go on behind them; only the reader knows what it means.
    pub position: String,
}

/// How a reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranscriptEnd {
    /// All that was there is read.
    Read,
    /// Its sink wanted no more.
    BrokenOff,
    /// Nothing is there, or nothing that could be read to an end, such as a pipe.
    Gone,
}

/// A transcript that has more to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTranscript {
    /// Which.
    pub transcript: Transcript,
    /// How far it is read.
    pub position: Option<String>,
    /// When an event last spoke of it, in Unix milliseconds.
    pub due_at_unix_ms: i64,
}

/// An agent may go on writing for so long after it has told that a turn is over: Claude Code 2.1.328
/// calls `Stop` before it has written the last answer.
const LATE_LINES_MS: i64 = 5_000;

/// A file that cannot be read is tried for so long after an event spoke of it.
const UNREADABLE_MS: i64 = 24 * 60 * 60 * 1_000;

/// After so many failures in a row a hook leaves a transcript to a command, for some time …
pub(crate) const ATTEMPTS_OF_HOOKS: i64 = 3;
/// … and after so many a command leaves it, too: processes may have died in all of them.
pub(crate) const ATTEMPTS: i64 = 5;
/// So long after its last failure it is tried once more.
const LEFT_ALONE_MS: i64 = 60 * 60 * 1_000;

/// The statement that finds what is due, with the index that it needs.
pub(crate) const DUE: (&str, &str) = (
    "SELECT source, scope, position, due_at_unix_ms \
     FROM import_cursors \
     WHERE due_at_unix_ms >= 0 AND (attempts < ?2 OR updated_at_unix_ms < ?3) \
     ORDER BY due_at_unix_ms DESC \
     LIMIT ?1",
    "import_cursors_due",
);

/// The statement that finds how far one is read, with the index that it needs.
pub(crate) const POSITION: (&str, &str) = (
    "SELECT position FROM import_cursors WHERE source = ?1 AND scope = ?2",
    "sqlite_autoindex_import_cursors_1",
);

/// What was spoken of last, first; at most `limit` of them, and none that failed so often of late.
pub(crate) fn due(
    engine: &Engine,
    limit: i64,
    attempts: i64,
    now: UnixMs,
) -> Result<Vec<DueTranscript>, StoreError> {
    let bounds = [limit, attempts, now.get() - LEFT_ALONE_MS].map(Value::Integer);
    let rows = engine.query("find what is due", DUE.0, &bounds, |row| {
        let agent = Agent::new(row.text()?.unwrap_or_default());
        let path = row.text()?.unwrap_or_default();
        let (position, due_at) = (row.text()?, row.integer()?);
        Ok(agent.ok().zip(due_at).map(|(agent, due_at_unix_ms)| DueTranscript {
            transcript: Transcript { agent, path },
            position,
            due_at_unix_ms,
        }))
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// How far a transcript is read.
fn position(engine: &Engine, transcript: &Transcript) -> Result<Option<String>, StoreError> {
    let found = engine.query_first("read a cursor", POSITION.0, &key(transcript), Row::text)?;
    Ok(found.flatten())
}

/// Notes that transcripts have more to tell. What is told of times to come is told now.
pub(crate) fn make_due(
    engine: &Engine,
    due: &BTreeMap<Transcript, UnixMs>,
    now: UnixMs,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO import_cursors (source, scope, due_at_unix_ms, updated_at_unix_ms) \
               VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (source, scope) DO UPDATE \
               SET due_at_unix_ms = max(excluded.due_at_unix_ms, coalesce(due_at_unix_ms, 0))";
    for (transcript, due_at) in due {
        let times = [(*due_at).min(now), now].map(|time| Value::Integer(time.get()));
        let values = key(transcript).into_iter().chain(times).collect();
        engine.execute("make a transcript due", sql, values)?;
    }
    Ok(())
}

/// Notes that transcripts have told all, unless an event has spoken of them since.
pub(crate) fn settle(engine: &Engine, told: &[DueTranscript]) -> Result<(), StoreError> {
    if told.is_empty() {
        return Ok(());
    }
    let forget = "DELETE FROM import_cursors \
                  WHERE source = ?1 AND scope = ?2 AND due_at_unix_ms <= ?3 AND position IS NULL";
    let settle = "UPDATE import_cursors \
                  SET due_at_unix_ms = NULL \
                  WHERE source = ?1 AND scope = ?2 AND due_at_unix_ms <= ?3";
    engine.transaction(|engine| {
        for DueTranscript { transcript, due_at_unix_ms, .. } in told {
            let values = key(transcript).into_iter().chain([Value::Integer(*due_at_unix_ms)]);
            let values: Vec<Value> = values.collect();
            engine.execute("forget a transcript", forget, values.clone())?;
            engine.execute("settle a transcript", settle, values)?;
        }
        Ok(())
    })
}

/// Counts a failure of what stands behind the position.
fn count_attempt(engine: &Engine, transcript: &Transcript, now: UnixMs) -> Result<(), StoreError> {
    let sql = "UPDATE import_cursors \
               SET attempts = attempts + 1, updated_at_unix_ms = ?3 \
               WHERE source = ?1 AND scope = ?2";
    let values = key(transcript).into_iter().chain([Value::Integer(now.get())]).collect();
    engine.execute("count an attempt", sql, values).map(drop)
}

fn key(transcript: &Transcript) -> [Value; 2] {
    [transcript.agent.as_str(), &transcript.path].map(|text| Value::Text(text.to_owned()))
}

/// A transcript as the lock file names it while a piece of it is taken in.
#[derive(Deserialize, Serialize)]
struct Mark {
    agent: String,
    transcript: String,
}

impl Mark {
    fn of(transcript: &Transcript) -> String {
        let Transcript { agent, path } = transcript;
        let mark = Self { agent: agent.to_string(), transcript: path.clone() };
        serde_json::to_string(&mark).expect("texts are JSON")
    }

    fn read(line: &str) -> Option<Transcript> {
        let Self { agent, transcript } = serde_json::from_str(line).ok()?;
        Some(Transcript { agent: Agent::new(agent).ok()?, path: transcript })
    }
}

/// Counts an attempt for each transcript in whose transaction the last holder died.
pub(crate) fn count_deadly(
    engine: &Engine,
    lease: &mut Lease,
    now: UnixMs,
) -> Result<(), StoreError> {
    let marked: Vec<Transcript> =
        lease.left_behind().iter().filter_map(|line| Mark::read(line)).collect();
    if marked.is_empty() {
        return Ok(());
    }
    // Before it is counted: who is killed here again and again shall not count one death for many.
    let lock = engine.location().lock();
    lease.forget_left_behind(|line| Mark::read(line).is_some()).on_file("write", lock)?;
    engine.transaction(|engine| {
        marked.iter().try_for_each(|transcript| count_attempt(engine, transcript, now))
    })
}
