//! Writing a long input that has a durable copy of its own: the same merge and the same tables as
//! the drain, without the spool. Others get a turn between transactions.

use std::{
    thread,
    time::{Duration, Instant},
};

use domain::Decoded;

use crate::{Counts, Header, Holder, ImportCursor, Store, StoreError, pending::Pending};

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
        let holder = begin(&mut self.turn, self.store, self.purpose)?;
        let counts = self.pending.add(&holder.engine, header, decoded)?;
        self.uncommitted.add(counts);
        Ok(())
    }

    /// Remembers how far an agent's own store is read, once what was added before is stored.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn place_cursor(&mut self, cursor: ImportCursor) -> Result<(), StoreError> {
        begin(&mut self.turn, self.store, self.purpose)?;
        self.pending.place_cursor(cursor);
        Ok(())
    }

    /// Lets others have the lease if it was kept for long: to be called where the input is long in
    /// coming. What was added is stored then.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn give_way(&mut self) -> Result<(), StoreError> {
        let has_lasted = self.turn.as_ref().is_some_and(|(_, since)| since.elapsed() > TURN);
        if has_lasted { self.commit() } else { Ok(()) }
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

/// The holder of the turn, which begins where there is none.
fn begin<'t, 's>(
    turn: &'t mut Option<(Holder<'s>, Instant)>,
    store: &'s Store,
    purpose: &str,
) -> Result<&'t Holder<'s>, StoreError> {
    let (holder, _) = match turn {
        Some(turn) => turn,
        none => none.insert((store.open(purpose)?, Instant::now())),
    };
    Ok(holder)
}
