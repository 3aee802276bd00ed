//! What was decoded and not committed yet, in one transaction's worth.

use std::collections::BTreeMap;

use domain::{Decoded, Reject, Transcript, UnixMs, Unreadable};

use crate::{
    Header, ImportCursor, Settings, StoreError, cursors,
    engine::Engine,
    rejects,
    spool::{Piece, quarantine_piece},
    transcripts,
    write::{Outcome, Staging, next_revision},
};

/// A transaction holds at most this many items …
const ITEMS_LIMIT: usize = 1_000;
/// … and is begun after at most this many bytes of them.
const BYTES_LIMIT: usize = 8 << 20;

/// What became of items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New to the record.
    pub stored: u64,
    /// Known, and changed by this.
    pub updated: u64,
    /// Known, and unchanged.
    pub duplicate: u64,
    /// Invalid, and kept in rejects.
    pub rejected: u64,
    /// Pieces that are no envelope, kept in quarantine.
    pub unreadable: u64,
}

impl Counts {
    /// Adds what became of further items.
    pub fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.updated += other.updated;
        self.duplicate += other.duplicate;
        self.rejected += other.rejected;
        self.unreadable += other.unreadable;
    }

    /// Every item, whatever became of it.
    pub fn attempted(&self) -> u64 {
        self.stored + self.updated + self.duplicate + self.rejected
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Stored => self.stored += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Duplicate => self.duplicate += 1,
        }
    }
}

/// One transaction's worth of decoded input.
#[derive(Default)]
pub(crate) struct Pending {
    staging: Staging,
    rejects: Vec<(Reject, UnixMs)>,
    resolved_rejects: Vec<String>,
    cursors: Vec<ImportCursor>,
    /// Spoken of, and when.
    due: BTreeMap<Transcript, UnixMs>,
    items: usize,
    bytes: usize,
}

impl Pending {
    /// Takes in one finding, reading the rows that it concerns.
    ///
    /// Bytes that are no envelope are durable in quarantine when this returns.
    pub(crate) fn add(
        &mut self,
        engine: &Engine,
        header: &Header,
        decoded: Decoded,
    ) -> Result<Counts, StoreError> {
        let mut counts = Counts::default();
        let received_at = header.received_at();
        match decoded {
            Decoded::Items(batch) => {
                for transcript in batch.transcripts {
                    let due_at = self.due.entry(transcript).or_insert(received_at);
                    *due_at = received_at.max(*due_at);
                }
                for item in batch.items {
                    self.items += 1;
                    self.bytes += item.bytes;
                    counts.count(self.staging.add(engine, item, received_at)?);
                }
            }
            Decoded::Rejected(reject) => {
                self.items += 1;
                self.bytes += reject.bytes.len();
                if !rejects::is_kept(engine, &reject)? {
                    self.rejects.push((reject, received_at));
                }
                counts.rejected += 1;
            }
            Decoded::Unreadable(Unreadable { reason, bytes, .. }) => {
                let quarantine = engine.location().quarantine();
                quarantine_piece(&quarantine, &Piece { header, reason: &reason, bytes: &bytes })?;
                counts.unreadable += 1;
            }
        }
        Ok(counts)
    }

    /// Forgets a kept reject in the same transaction.
    pub(crate) fn resolve_reject(&mut self, id: &str) {
        self.resolved_rejects.push(id.to_owned());
    }

    /// Keeps a cursor in the same transaction as what was added before.
    pub(crate) fn place_cursor(&mut self, cursor: ImportCursor) {
        self.cursors.push(cursor);
    }

    /// Whether a finding fits, or the rest should be committed before it is added.
    pub(crate) fn has_room_for(&self, decoded: &Decoded) -> bool {
        let more = match decoded {
            Decoded::Items(batch) => batch.items.len(),
            Decoded::Rejected(_) => 1,
            Decoded::Unreadable(_) => 0,
        };
        self.items == 0 || (self.items + more <= ITEMS_LIMIT && self.bytes < BYTES_LIMIT)
    }

    /// Makes all of it durable in one transaction and leaves this empty.
    pub(crate) fn commit(
        &mut self,
        engine: &Engine,
        settings: &Settings,
    ) -> Result<(), StoreError> {
        let pending = std::mem::take(self);
        let is_new = pending.staging.has_changes()
            || !pending.rejects.is_empty()
            || !pending.resolved_rejects.is_empty();
        if !is_new && pending.cursors.is_empty() && pending.due.is_empty() {
            return Ok(());
        }
        let now = (settings.clock)();
        engine.transaction(|engine| {
            if is_new {
                let revision = next_revision(engine)?;
                pending.staging.write(engine, now, revision)?;
                rejects::keep(engine, &pending.rejects, now, revision)?;
                rejects::forget(engine, &pending.resolved_rejects)?;
            }
            cursors::place(engine, &pending.cursors, now)?;
            transcripts::make_due(engine, &pending.due, now)
        })
    }
}
