//! From the spool into the database: many files in one transaction, removed only after it, and no
//! file that cannot be stored may hold up the others.
//!
//! A group that fails, or whose holder died in it, is tried again file by file. Only a file that
//! was tried alone has its attempts counted, before the try; a fault of the surroundings condemns
//! nothing.

mod plan;

use std::{
    io,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::Instant,
};

use tracing::warn;

pub use self::plan::HOOK_OWN_LIMIT_BYTES;
use self::plan::{Candidate, Next, Plan, Who};
use domain::Decoded;

use crate::{
    Blame, CaughtUp, Counts, DueTranscript, Settings, SpoolFile, SpoolRecord, Store, StoreError,
    engine::Engine,
    error::OnFile,
    lease::Lease,
    pending::Pending,
    spool::{Header, HeaderError, Piece, Spool, SpoolName, headerless, quarantine_piece},
    transcripts,
};

/// How a drain ended.
#[derive(Debug, Default)]
pub enum DrainEnd {
    /// Nothing is left that this drainer may take.
    #[default]
    Empty,
    /// Another process has the lease.
    Taken,
    /// The deadline has passed; the rest waits.
    Deadline,
    /// The surroundings or the engine failed; the rest waits.
    Failed(StoreError),
}

/// What a drain has done.
#[derive(Debug, Default)]
pub struct DrainReport {
    /// Files that are stored and removed.
    pub files: u64,
    /// What became of their items.
    pub counts: Counts,
    /// What became of the items of the hook's own file, once all are stored.
    pub own: Option<Counts>,
    /// Files that failed for good and went to quarantine whole.
    pub quarantined: u64,
    /// Files that this version cannot take and leaves alone.
    pub passed_over: u64,
    /// How it ended.
    pub end: DrainEnd,
    /// The transcripts that were due when it ended well.
    pub due: Vec<DueTranscript>,
    /// What reading them on has done, where it was done.
    pub caught_up: CaughtUp,
}

impl DrainReport {
    pub(crate) fn ended(end: DrainEnd) -> Self {
        Self { end, ..Self::default() }
    }

    /// Adds what a further round has done; it ended as that one did.
    pub fn add(&mut self, round: Self) {
        self.files += round.files;
        self.counts.add(round.counts);
        self.own = self.own.or(round.own);
        self.quarantined += round.quarantined;
        self.passed_over = round.passed_over;
        self.end = round.end;
        self.due = round.due;
    }
}

/// Drains the spool of one database, and the plugins' outbox, under the lease.
pub(crate) struct Drainer<'d> {
    settings: &'d Settings,
    engine: &'d Engine,
    lease: &'d mut Lease,
    deadline: Option<Instant>,
    plan: Plan,
    report: DrainReport,
}

/// Whether there is time for more.
enum Pace {
    GoOn,
    Late,
}

/// What became of a file.
enum Fate {
    /// All of it is taken in, and its last items are in the load.
    Whole,
    /// It is left alone.
    PassedOver,
    /// Somebody else has drained it.
    Gone,
    /// There was no time for all of it.
    Late,
}

impl<'d> Drainer<'d> {
    /// Drains as a hook does: its own file first, and nothing more begins after `deadline`.
    pub(crate) fn drain_as_hook(
        store: &'d Store,
        engine: &'d Engine,
        lease: &'d mut Lease,
        own: &SpoolFile,
        deadline: Instant,
    ) -> DrainReport {
        let who = Who::Hook { own: SpoolName::parse(&own.name) };
        Self::run(store, engine, lease, who, Some(deadline))
    }

    /// Drains all that waits now.
    pub(crate) fn drain_as_command(
        store: &'d Store,
        engine: &'d Engine,
        lease: &'d mut Lease,
    ) -> DrainReport {
        Self::run(store, engine, lease, Who::Command, None)
    }

    fn run(
        store: &'d Store,
        engine: &'d Engine,
        lease: &'d mut Lease,
        who: Who,
        deadline: Option<Instant>,
    ) -> DrainReport {
        let settings = store.settings();
        let outbox = settings.outbox.as_ref().map(Spool::new);
        let folders = [store.spool()].into_iter().chain(outbox).collect();
        let counted = transcripts::count_deadly(engine, lease, (settings.clock)());
        let plan = match counted.and_then(|()| Plan::new(folders, who, lease.left_behind())) {
            Ok(plan) => plan,
            Err(error) => return DrainReport::ended(DrainEnd::Failed(error)),
        };
        let report = DrainReport::default();
        let mut drainer = Self { settings, engine, lease, deadline, plan, report };
        drainer.report.end = drainer.drain().unwrap_or_else(DrainEnd::Failed);
        drainer.report
    }

    /// Drains until nothing is left or something is in the way.
    fn drain(&mut self) -> Result<DrainEnd, StoreError> {
        loop {
            let pace = match self.plan.next() {
                Next::Nothing => {
                    self.mark(&[])?;
                    return Ok(DrainEnd::Empty);
                }
                Next::Group(group) => self.try_group(&group)?,
                Next::Alone(file) => self.try_alone(file)?,
            };
            if matches!(pace, Pace::Late) || self.is_late() {
                self.mark(&[])?;
                return Ok(DrainEnd::Deadline);
            }
        }
    }

    fn try_group(&mut self, group: &[Candidate]) -> Result<Pace, StoreError> {
        self.mark(group)?;
        match self.drain_files(group) {
            Err(error) if self.is_to_blame(&error) => {
                warn!(%error, files = group.len(), "a group failed, its files are tried alone");
                for file in group {
                    self.plan.suspect(file.clone());
                }
                Ok(Pace::GoOn)
            }
            Err(error) => self.give_up(error),
            Ok(pace) => Ok(pace),
        }
    }

    /// Only a file that is tried alone has its attempts counted, before the try.
    fn try_alone(&mut self, file: Candidate) -> Result<Pace, StoreError> {
        if !file.name.is_for_commands() {
            let reason = "every process that tried to store it alone has died";
            return self.quarantine_whole(&file, reason).map(|()| Pace::GoOn);
        }
        let tried = self.raise(&file)?;
        self.mark(std::slice::from_ref(&tried))?;
        let passed_over = self.report.passed_over;
        match self.drain_files(std::slice::from_ref(&tried)) {
            Ok(pace) if self.report.passed_over > passed_over => {
                self.plan.spool(&tried).rename(&tried.name, &file.name)?;
                Ok(pace)
            }
            Err(error) if self.is_to_blame(&error) => {
                warn!(%error, file = %tried.name, "a file cannot be stored");
                if file.name.is_for_hooks() {
                    self.plan.suspect(tried);
                } else {
                    self.quarantine_whole(&tried, &error.to_string())?;
                }
                Ok(Pace::GoOn)
            }
            Err(error) => {
                if !self.engine.has_panicked() {
                    self.plan.spool(&tried).rename(&tried.name, &file.name)?;
                    self.plan.suspect(file);
                }
                self.give_up(error)
            }
            Ok(pace) => Ok(pace),
        }
    }

    /// Whether a failure may be the files' own, and the engine can still be asked.
    fn is_to_blame(&self, error: &StoreError) -> bool {
        error.blame() == Blame::Data && !self.engine.has_panicked()
    }

    /// Ends the drain. After a panic the marks stay, so that the next holder is careful.
    fn give_up(&mut self, error: StoreError) -> Result<Pace, StoreError> {
        if !self.engine.has_panicked() {
            self.mark(&[])?;
        }
        Err(error)
    }

    fn raise(&mut self, file: &Candidate) -> Result<Candidate, StoreError> {
        let name = file.name.with_attempts(file.name.attempts() + 1);
        self.plan.spool(file).rename(&file.name, &name)?;
        Ok(Candidate { name, ..file.clone() })
    }

    /// Stores files, in one transaction where they fit, and removes them.
    fn drain_files(&mut self, files: &[Candidate]) -> Result<Pace, StoreError> {
        let mut load = Load::default();
        for file in files {
            match self.drain_file(file, &mut load)? {
                Fate::Whole => load.finished.push(file),
                Fate::PassedOver => self.report.passed_over += 1,
                Fate::Gone => {}
                Fate::Late => return Ok(Pace::Late),
            }
        }
        self.commit(&mut load)?;
        Ok(Pace::GoOn)
    }

    fn drain_file(&mut self, file: &Candidate, load: &mut Load<'_>) -> Result<Fate, StoreError> {
        let folder = self.plan.spool(file).clone();
        match folder.open(&file.name) {
            Ok((header, mut body)) if self.is_ours(&header, file) => {
                self.decode(file, &header, &mut body, load)
            }
            Ok(_) | Err(HeaderError::Newer) => Ok(Fate::PassedOver),
            Err(HeaderError::Missing) => {
                let path = folder.path(&file.name);
                let bytes = std::fs::read(&path).on_file("read", &path)?;
                let reason = HeaderError::Missing.to_string();
                self.keep(&headerless(bytes.len(), &reason), &reason, &bytes)?;
                load.counts.unreadable += 1;
                Ok(Fate::Whole)
            }
            Err(HeaderError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Fate::Gone)
            }
            Err(HeaderError::Io(error)) => Ok(cannot_be_read(file, &error)),
        }
    }

    fn decode(
        &mut self,
        file: &Candidate,
        header: &Header,
        body: &mut dyn io::Read,
        load: &mut Load<'_>,
    ) -> Result<Fate, StoreError> {
        let (decoder, is_own) = (self.settings.decoder, self.plan.is_own(file));
        let mut record = SpoolRecord { header: header.clone(), body };
        let mut outcome = Ok(Pace::GoOn);
        let finished = catch_unwind(AssertUnwindSafe(|| {
            decoder(&mut record, &mut |decoded| {
                outcome = self.take(header, decoded, is_own, load);
                match outcome {
                    Ok(Pace::GoOn) => ControlFlow::Continue(()),
                    Ok(Pace::Late) | Err(_) => ControlFlow::Break(()),
                }
            })
        }));
        match (finished, outcome?) {
            (Err(_), _) => Err(StoreError::Decode { file: file.name.to_string() }),
            (Ok(Err(error)), _) => Ok(cannot_be_read(file, &error)),
            (Ok(Ok(_)), Pace::Late) => Ok(Fate::Late),
            (Ok(Ok(_)), Pace::GoOn) => Ok(Fate::Whole),
        }
    }

    fn take(
        &mut self,
        header: &Header,
        decoded: Decoded,
        is_own: bool,
        load: &mut Load<'_>,
    ) -> Result<Pace, StoreError> {
        if !load.pending.has_room_for(&decoded) {
            self.commit(load)?;
            if self.is_late() {
                return Ok(Pace::Late);
            }
        }
        let counts = load.pending.add(self.engine, header, decoded)?;
        load.counts.add(counts);
        if is_own {
            load.own.get_or_insert_default().add(counts);
        }
        Ok(Pace::GoOn)
    }

    /// Makes the load durable, and only then removes the files that it completes.
    fn commit(&mut self, load: &mut Load<'_>) -> Result<(), StoreError> {
        load.pending.commit(self.engine, self.settings)?;
        self.engine.is_unchanged()?;
        self.report.counts.add(std::mem::take(&mut load.counts));
        for file in load.finished.drain(..) {
            self.plan.spool(file).remove(&file.name)?;
            self.report.files += 1;
            if self.plan.is_own(file) {
                self.report.own = Some(load.own.unwrap_or_default());
            }
        }
        Ok(())
    }

    fn keep(&self, header: &Header, reason: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let folder = self.engine.location().quarantine();
        quarantine_piece(&folder, &Piece { header, reason, bytes })
    }

    fn quarantine_whole(&mut self, file: &Candidate, reason: &str) -> Result<(), StoreError> {
        let folder = self.plan.spool(file).clone();
        let Ok((header, mut body)) = folder.open(&file.name) else {
            self.report.passed_over += 1;
            return Ok(());
        };
        let mut bytes = Vec::new();
        let path = folder.path(&file.name);
        io::Read::read_to_end(&mut body, &mut bytes).on_file("read", path)?;
        self.keep(&header, reason, &bytes)?;
        folder.remove(&file.name)?;
        self.report.quarantined += 1;
        Ok(())
    }

    /// Whether a file is meant for this database and of a kind that this version stores.
    fn is_ours(&self, header: &Header, file: &Candidate) -> bool {
        let is_outbox = file.folder > 0;
        let is_for_us = match header.database.as_deref() {
            _ if !is_outbox => true,
            None => self.settings.is_default_database,
            Some(path) => Path::new(path) == self.engine.location().database(),
        };
        is_for_us && header.is_conversation_trace()
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Names, for whoever comes next, the files in hand and those that are suspected still.
    fn mark(&mut self, in_hand: &[Candidate]) -> Result<(), StoreError> {
        let files = in_hand.iter().chain(self.plan.suspects());
        let names: Vec<String> = files.map(|file| file.name.to_string()).collect();
        let marked = self.lease.mark(names.iter().map(String::as_str));
        marked.on_file("write", self.engine.location().lock())
    }
}

/// The disk fails; nothing says that the file is to blame.
fn cannot_be_read(file: &Candidate, error: &io::Error) -> Fate {
    warn!(%error, file = %file.name, "a spool file cannot be read");
    Fate::PassedOver
}

/// What is decoded and not committed yet, and the files that end in it.
#[derive(Default)]
struct Load<'f> {
    pending: Pending,
    counts: Counts,
    own: Option<Counts>,
    finished: Vec<&'f Candidate>,
}
