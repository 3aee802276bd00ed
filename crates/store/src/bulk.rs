//! Writing a long input that has a durable copy of its own: the same merge and the same tables as
//! the drain, without the spool. Others get a turn between transactions.

use std::{
    thread,
    time::{Duration, Instant},
};

use domain::Decoded;

use crate::{Counts, Header, Holder, Store, StoreError, pending::Pending};

/// How long the lease is kept before others get a turn.
const TURN: Duration = Duration::from_millis(500);

/// A turn: longer than a waiting reader's pause, since a lock is not handed on in order.
const YIELD: Duration = Duration::from_millis(15);

/// While the lease is kept the log may grow to this size: writing it back has its price.
const CHECKPOINT_BYTES: u64 = 32 << 20;

/// A writer of a long input.
pub struct Bulk<'s> {
    store: &'s Store,
    purpose: &'static str,
    turn: Option<(Holder<'s>, Instant)>,
    pending: Pending,
    counts: Counts,
    uncommitted: Counts,
}

impl<'s> Bulk<'s> {
    /// A writer to `store`; it takes the lease when there is something to write.
    pub fn new(store: &'s Store, purpose: &'static str) -> Self {
        let (pending, counts) = (Pending::default(), Counts::default());
        Self { store, purpose, turn: None, pending, counts, uncommitted: counts }
    }

    /// Takes in one finding.
    ///
    /// # Errors
    /// The lease is not to be had in time or the engine failed. What [`Self::counts`] counts is
    /// stored; giving the same input again stores the rest and nothing twice.
    pub fn add(&mut self, header: &Header, decoded: Decoded) -> Result<(), StoreError> {
        if !self.pending.has_room_for(&decoded) {
            self.commit()?;
        }
        let (holder, _) = match &mut self.turn {
            Some(turn) => turn,
            none => none.insert((self.store.open(self.purpose)?, Instant::now())),
        };
        let counts = self.pending.add(&holder.engine, header, decoded)?;
        self.uncommitted.add(counts);
        Ok(())
    }

    /// What is stored.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Stores what is left. Says what became of every item.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn finish(mut self) -> Result<Counts, StoreError> {
        self.commit()?;
        self.end_turn()?;
        Ok(self.counts)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let Some((holder, since)) = &self.turn else { return Ok(()) };
        self.pending.commit(&holder.engine, self.store.settings())?;
        holder.engine.is_unchanged()?;
        self.counts.add(std::mem::take(&mut self.uncommitted));
        holder.engine.checkpoint_above(CHECKPOINT_BYTES)?;
        if since.elapsed() > TURN {
            self.end_turn()?;
            thread::sleep(YIELD);
        }
        Ok(())
    }

    fn end_turn(&mut self) -> Result<(), StoreError> {
        let Some((holder, _)) = self.turn.take() else { return Ok(()) };
        holder.engine.checkpoint_above(self.store.settings().checkpoint_bytes)
    }
}
