//! `recount import`: what agents have on disk already. An item goes the way of live capture, so what
//! was captured before changes nothing.

mod claude;
mod opencode;

use std::{
    collections::{BTreeMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    ops::ControlFlow,
    path::PathBuf,
};

use ::import::{Cursor, Finding, Reason, Skipped};
use ::store::{Bulk, Counts, Header, ImportCursor, SpoolRecord, Store, StoreError};
use clap::{Args, Subcommand};
use domain::{Decoded, PartKind, Record, Versioned};

use super::{
    Context,
    store::{decode, failure},
};
use crate::{exit::ExitCode, failure::Failure, terminal::counted};

/// What to take in.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A folder or a file, instead of where the agent keeps its own
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Read what was read before once more, too
    #[arg(long)]
    all: bool,
}

/// Whose. A new agent is a file in this folder and a line here and below.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Claude Code: its transcripts; it goes on from there the next time
    Claude(Arguments),
    /// `OpenCode`: its database and the folders of before; it goes on from there the next time
    Opencode(Arguments),
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Claude(arguments) => claude::run(context, arguments),
            Self::Opencode(arguments) => opencode::run(context, arguments),
        }
    }
}

/// The way of what an importer hands out into the record.
struct Import<'s> {
    bulk: Bulk<'s>,
    header: Header,
    tally: Tally,
    failed: Option<StoreError>,
}

impl<'s> Import<'s> {
    fn into(store: &'s Store) -> Self {
        let (received_at, sequence) = ::store::receipt_now();
        let header = Header::new(None, received_at, sequence, 0);
        Self { bulk: Bulk::new(store, "import"), header, tally: Tally::default(), failed: None }
    }

    /// Takes in one finding of the store that is called `source`; breaks off when nothing more can be
    /// stored.
    fn take(&mut self, source: &str, finding: Finding) -> ControlFlow<()> {
        self.outcome(|import| match finding {
            Finding::Envelope(envelope) => import.envelope(&envelope),
            Finding::Cursor(Cursor { scope, position }) => {
                let source = source.to_owned();
                import.bulk.place_cursor(ImportCursor { source, scope, position })
            }
            Finding::Skipped(Skipped { what, reason }) => {
                tracing::warn!("{what} {reason}; it is skipped");
                *import.tally.skipped.entry(reason).or_default() += 1;
                Ok(())
            }
            Finding::Unchanged(things) => {
                import.tally.unchanged += things;
                import.bulk.give_way()
            }
            Finding::Passed(_) => Ok(()),
        })
    }

    /// Keeps why nothing more can be stored, and breaks off then.
    fn outcome(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<(), StoreError>,
    ) -> ControlFlow<()> {
        match step(self) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn envelope(&mut self, envelope: &[u8]) -> Result<(), StoreError> {
        let (bulk, tally, header) = (&mut self.bulk, &mut self.tally, &self.header);
        let mut body = envelope;
        let mut record = SpoolRecord { header: header.clone(), body: &mut body };
        let mut outcome = Ok(());
        let read = decode(&mut record, &mut |decoded| {
            tally.count(&decoded);
            outcome = bulk.add(header, decoded);
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        let _ = read.expect("memory can be read");
        outcome
    }

    /// Stores what is left and says what became of all of it.
    fn finish(self, context: &mut Context) -> Result<ExitCode, Failure> {
        if let Some(error) = self.failed {
            return Err(failure(&error));
        }
        let counts = self.bulk.finish().map_err(|error| failure(&error))?;
        self.tally.say(context, counts);
        let is_whole = counts.unreadable == 0 && self.tally.skipped.is_empty();
        Ok(if is_whole { ExitCode::Ok } else { ExitCode::Unreadable })
    }
}

/// What was read. Lines and events tell of one thing several times; it counts once.
#[derive(Default)]
struct Tally {
    seen: Seen,
    sessions: u64,
    messages: u64,
    parts: u64,
    tool_calls: u64,
    steps: u64,
    patches: u64,
    reasoning: u64,
    unchanged: u64,
    skipped: BTreeMap<Reason, u64>,
}

/// The rows that have been seen, each as a hash of its key: a million of them take some 20 MB, and that
/// any two are alike, so that one is not counted, is as likely as one in 30 million.
#[derive(Default)]
struct Seen(HashSet<u64>);

impl Seen {
    /// 1 for what is seen for the first time, else 0.
    fn first(&mut self, key: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        u64::from(self.0.insert(hasher.finish()))
    }
}

impl Tally {
    fn count(&mut self, decoded: &Decoded) {
        let Decoded::Items(batch) = decoded else { return };
        for item in &batch.items {
            for record in item.beside.iter().chain([&item.subject]) {
                self.count_record(record);
            }
        }
    }

    fn count_record(&mut self, record: &Record) {
        let seen = &mut self.seen;
        match record {
            Record::Session(row) => self.sessions += seen.first(("session", row.key())),
            Record::Message(row) => self.messages += seen.first(("message", row.key())),
            Record::Part(row) => {
                self.parts += seen.first(("part", row.key()));
                if row.kind.value() == Some(&PartKind::Reasoning) {
                    self.reasoning += seen.first(("reasoning", row.key()));
                }
            }
            Record::ToolCall(row) => self.tool_calls += seen.first(("call", row.key())),
            Record::Step(row) => self.steps += seen.first(("step", row.key())),
            Record::Patch(row) => self.patches += seen.first(("patch", row.key())),
            Record::Commit(_)
            | Record::Compaction(_)
            | Record::Edit(_)
            | Record::Event(_)
            | Record::SessionError(_)
            | Record::FileOperation(_)
            | Record::Rewrite(_) => {}
        }
    }

    fn say(&self, context: &mut Context, counts: Counts) {
        let Counts { stored, updated, duplicate, rejected, unreadable } = counts;
        let Self { steps, patches, reasoning, unchanged, .. } = self;
        writeln!(
            context.output,
            "Loaded {steps} step_events, {patches} patches, {reasoning} reasoning parts"
        );
        writeln!(
            context.output,
            "imported {}, {}, {}, {}: stored={stored} updated={updated} duplicate={duplicate} \
             rejected={rejected} unreadable={unreadable} unchanged={unchanged} {}",
            counted(self.sessions, "session"),
            counted(self.messages, "message"),
            counted(self.parts, "part"),
            counted(self.tool_calls, "tool call"),
            self.skips(),
        );
    }

    fn skips(&self) -> String {
        let sum: u64 = self.skipped.values().sum();
        let reasons: Vec<String> =
            self.skipped.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        if reasons.is_empty() {
            "skipped=0".to_owned()
        } else {
            format!("skipped={sum} ({})", reasons.join(", "))
        }
    }
}
