//! One database with its spool, and the ways in: a hook that must not wait, and a command that may.

use std::{
    ops::ControlFlow,
    thread,
    time::{Duration, Instant, SystemTime},
};

use domain::{Decoded, Transcript};

use tracing::warn;

use crate::{
    CaughtUp, DrainEnd, DrainReport, DueTranscript, Header, HolderName, Location, Settings,
    SpoolFile, SpoolRecord, StoreError,
    drain::Drainer,
    engine::Engine,
    lease::Lease,
    migration::{self, Migrate},
    pending::Pending,
    rejects::{self, KeptReject},
    spool::{Quarantine, Spool, sweep_temporaries},
    transcripts::{self, ATTEMPTS, ATTEMPTS_OF_HOOKS, CatchUp, Way},
};

/// How long to wait before another program's database is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// A hook looks at no more transcripts than it could read on.
const DUE_LIMIT_OF_HOOKS: i64 = 16;

/// One database with what lies beside it. Nothing is opened until it is asked for.
#[derive(Clone, Debug)]
pub struct Store {
    location: Location,
    settings: Settings,
}

/// The one who may use the database, until it is dropped.
pub struct Holder<'s> {
    // Dropped in this order: the engine's own lock goes before the lease.
    pub(crate) engine: Engine,
    pub(crate) lease: Lease,
    pub(crate) store: &'s Store,
}

impl Store {
    /// The database at `location`.
    pub fn new(location: Location, settings: Settings) -> Self {
        Self { location, settings }
    }

    /// Where it lies.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// How it behaves.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Waits no longer than that for the lease.
    pub fn set_lease_timeout(&mut self, timeout: Duration) {
        self.settings.lease_timeout = timeout;
    }

    /// Where bytes become durable.
    pub fn spool(&self) -> Spool {
        Spool::new(self.location.spool())
    }

    /// What could not be read.
    pub fn quarantine(&self) -> Quarantine {
        Quarantine::new(self.location.quarantine())
    }

    /// Drains as a hook does: if nobody else has the lease, its own file first, and nothing more
    /// begins after `deadline`. Never waits for another process.
    ///
    /// It goes on only while `threshold` files wait, as no hook would begin to drain for fewer.
    pub fn drain_as_hook(
        &self,
        own: &SpoolFile,
        threshold: usize,
        deadline: Instant,
    ) -> DrainReport {
        let mut total = DrainReport::default();
        loop {
            let round = self.drain_round_as_hook(own, deadline);
            let goes_on = round.files > 0
                && matches!(round.end, DrainEnd::Empty)
                && Instant::now() < deadline;
            total.add(round);
            // Whoever found the lease taken in the meantime has left its file to us.
            if !goes_on || !self.spool().holds_at_least(threshold) {
                return total;
            }
        }
    }

    fn drain_round_as_hook(&self, own: &SpoolFile, deadline: Instant) -> DrainReport {
        let Holder { engine, mut lease, .. } = match self.open_as_hook(deadline) {
            Ok(Some(holder)) => holder,
            Ok(None) => return DrainReport::ended(DrainEnd::Taken),
            Err(error) => return DrainReport::ended(DrainEnd::Failed(error)),
        };
        let mut report = Drainer::drain_as_hook(self, &engine, &mut lease, own, deadline);
        if matches!(report.end, DrainEnd::Empty) {
            report.due = self.due(&engine, DUE_LIMIT_OF_HOOKS, ATTEMPTS_OF_HOOKS);
        }
        // The events are safe in the log; a failure here only makes the next open slower.
        let _ = engine.checkpoint_above(self.settings.checkpoint_bytes);
        report
    }

    /// Opens the database if nobody else has the lease. Sets an empty one up, and migrates none.
    pub(crate) fn open_as_hook(&self, deadline: Instant) -> Result<Option<Holder<'_>>, StoreError> {
        let holder = HolderName::of_this_process("hooks");
        let Some(lease) = Lease::try_acquire(&self.location, &holder)? else { return Ok(None) };
        let engine = Engine::open(&self.location, &self.settings, Some(deadline))?;
        self.migrate(&engine, Migrate::OnlyEmpty)?;
        Ok(Some(Holder { engine, lease, store: self }))
    }

    /// Reads on what a drain has found due, the transcripts that the hook's own input names first,
    /// and begins nothing more after `deadline`. Never waits for another process.
    pub fn catch_up_as_hook(
        &self,
        due: Vec<DueTranscript>,
        own: &[Transcript],
        deadline: Instant,
    ) -> CaughtUp {
        CatchUp::run(self, Way::Hook(deadline), due, own)
    }

    /// Waits for the lease and opens the database, bringing its schema up to date.
    ///
    /// # Errors
    /// The lease is not to be had in time, or the database cannot be opened.
    pub fn open(&self, purpose: &str) -> Result<Holder<'_>, StoreError> {
        self.open_with(purpose, Migrate::Yes)
    }

    /// The same with a database that is there, without bringing its schema up to date.
    ///
    /// # Errors
    /// As of [`Self::open`], and where its schema is older.
    pub fn open_unmigrated(&self, purpose: &str) -> Result<Holder<'_>, StoreError> {
        self.open_with(purpose, Migrate::OnlyEmpty)
    }

    /// Opens a database that is there, if nobody else has the lease; nothing is made, migrated or
    /// drained, and nothing is waited for. `None` where it is not to be had so.
    ///
    /// # Errors
    /// The database cannot be opened.
    pub fn try_open(
        &self,
        purpose: &str,
        deadline: Instant,
    ) -> Result<Option<Holder<'_>>, StoreError> {
        let database = self.location.database();
        if !database.metadata().is_ok_and(|metadata| metadata.len() > 0) {
            return Ok(None);
        }
        let holder = HolderName::of_this_process(purpose);
        let Some(lease) = Lease::try_acquire(&self.location, &holder)? else { return Ok(None) };
        let engine = Engine::open(&self.location, &self.settings, Some(deadline))?;
        self.migrate(&engine, Migrate::OnlyEmpty)?;
        Ok(Some(Holder { engine, lease, store: self }))
    }

    fn open_with(&self, purpose: &str, migrate: Migrate) -> Result<Holder<'_>, StoreError> {
        let holder = HolderName::of_this_process(purpose);
        let give_up = Instant::now() + self.settings.lease_timeout;
        let lease = Lease::acquire(&self.location, &holder, self.settings.lease_timeout)?;
        let engine = self.wait_for_engine(give_up)?;
        self.migrate(&engine, migrate)?;
        Ok(Holder { engine, lease, store: self })
    }

    /// A program that does not know the lease, such as a shell of stock SQLite, is waited for as
    /// long as a holder is.
    fn wait_for_engine(&self, give_up: Instant) -> Result<Engine, StoreError> {
        loop {
            match Engine::open(&self.location, &self.settings, None) {
                Err(error) if error.is_transient() && Instant::now() < give_up => {
                    thread::sleep(PAUSE);
                }
                opened => return opened,
            }
        }
    }

    /// The same, drains all that waits and reads on all that is due, so that an answer holds all
    /// that was handed over.
    ///
    /// # Errors
    /// The lease is not to be had in time, or the database cannot be opened. A drain that fails is
    /// told in the report: what is in the spool is safe, and what is stored can still be read.
    pub fn open_drained(&self, purpose: &str) -> Result<(Holder<'_>, DrainReport), StoreError> {
        let mut holder = self.open(purpose)?;
        let mut report = holder.drain()?;
        let due = std::mem::take(&mut report.due);
        if due.is_empty() {
            return Ok((holder, report));
        }
        drop(holder);
        report.caught_up = CatchUp::run(self, Way::Command(purpose), due, &[]);
        let mut holder = self.open(purpose)?;
        transcripts::settle(&holder.engine, &std::mem::take(&mut report.caught_up.told))?;
        report.add(holder.drain()?);
        Ok((holder, report))
    }

    /// What is due; nothing where that cannot be told, as nobody's drain should fail of it.
    fn due(&self, engine: &Engine, limit: i64, attempts: i64) -> Vec<DueTranscript> {
        let now = (self.settings.clock)();
        transcripts::due(engine, limit, attempts, now).unwrap_or_else(|error| {
            warn!(%error, "what transcripts are due cannot be told");
            Vec::new()
        })
    }

    fn migrate(&self, engine: &Engine, allowed: Migrate) -> Result<(), StoreError> {
        let now = (self.settings.clock)().get();
        migration::migrate(engine, self.settings.migrations, allowed, now)
    }
}

impl Holder<'_> {
    /// Drains all that waits now. What comes later waits for the next one, so that this one ends
    /// however fast others hand over. What fails stays in the spool or goes to quarantine.
    ///
    /// # Errors
    /// The engine failed in writing its log back.
    pub fn drain(&mut self) -> Result<DrainReport, StoreError> {
        let location = self.store.location();
        let outbox = self.store.settings.outbox.as_ref().map(Spool::new);
        let spools = [Some(self.store.spool()), outbox];
        let swept = spools.iter().flatten().try_for_each(|spool| {
            sweep_temporaries(spool.folder(), &location.quarantine(), SystemTime::now()).map(drop)
        });
        let mut report = Drainer::drain_as_command(self.store, &self.engine, &mut self.lease);
        report.due = self.store.due(&self.engine, i64::MAX, ATTEMPTS);
        if let (Err(error), DrainEnd::Empty) = (swept, &report.end) {
            report.end = DrainEnd::Failed(error);
        }
        self.engine.checkpoint_above(self.store.settings.checkpoint_bytes)?;
        Ok(report)
    }

    /// The schema of the database.
    ///
    /// # Errors
    /// The engine failed.
    pub fn schema_version(&self) -> Result<i64, StoreError> {
        migration::version(&self.engine)
    }

    /// How many items are rejected.
    ///
    /// # Errors
    /// The engine failed.
    pub fn count_rejects(&self) -> Result<u64, StoreError> {
        rejects::count(&self.engine)
    }

    /// All rejected items, oldest first.
    ///
    /// # Errors
    /// The engine failed.
    pub fn rejects(&self) -> Result<Vec<KeptReject>, StoreError> {
        rejects::list(&self.engine)
    }

    /// Forgets rejected items for good.
    ///
    /// # Errors
    /// The engine failed; they are still kept.
    pub fn forget_rejects(&self, ids: &[String]) -> Result<(), StoreError> {
        self.engine.transaction(|engine| rejects::forget(engine, ids))
    }

    /// Judges a rejected item again, given in an envelope; says whether it was taken in.
    ///
    /// # Errors
    /// The engine failed; the item is still kept.
    pub fn retake(&mut self, reject: &KeptReject, envelope: &[u8]) -> Result<bool, StoreError> {
        let settings = &self.store.settings;
        let received_at_unix_ms = reject.received_at_unix_ms;
        let header = Header::new(Some(reject.agent.clone()), (settings.clock)(), 0, 0);
        let header = Header { received_at_unix_ms, ..header };
        let mut body = envelope;
        let mut record = SpoolRecord { header: header.clone(), body: &mut body };
        let mut findings = Vec::new();
        let decoded = (settings.decoder)(&mut record, &mut |decoded| {
            findings.push(decoded);
            ControlFlow::Continue(())
        });
        let is_valid = |finding: &Decoded| matches!(finding, Decoded::Items(_));
        if decoded.is_err() || !findings.iter().all(is_valid) {
            return Ok(false);
        }
        let mut pending = Pending::default();
        for finding in findings {
            pending.add(&self.engine, &header, finding)?;
        }
        pending.resolve_reject(&reject.reject_id);
        pending.commit(&self.engine, settings)?;
        Ok(true)
    }
}
