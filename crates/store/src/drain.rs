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

use self::plan::{Candidate, Next, Plan};
use crate::{
    Blame, Counts, Settings, SpoolFile, SpoolRecord, Store, StoreError,
    engine::Engine,
    error::OnFile,
    lease::Lease,
    pending::Pending,
    spool::{Header, HeaderError, Piece, Spool, SpoolName, headerless, quarantine_piece},
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
    }
}

/// Who drains decides what is tried and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Hook { deadline: Instant },
    Command,
}

/// Drains the spool of one database, and the plugins' outbox, under the lease.
pub struct Drainer<'d> {
    settings: &'d Settings,
    folders: Vec<Spool>,
    engine: &'d Engine,
    lease: &'d mut Lease,
    mode: Mode,
    plan: Plan,
    report: DrainReport,
}

/// Whether there is time for more.
enum Pace {
    GoOn,
    Late,
}

impl<'d> Drainer<'d> {
    pub(crate) fn as_hook(
        store: &'d Store,
        engine: &'d Engine,
        lease: &'d mut Lease,
        own: &SpoolFile,
        deadline: Instant,
    ) -> Self {
        let own = SpoolName::parse(&own.name);
        Self::new(store, engine, lease, Mode::Hook { deadline }, Plan::for_hook(own))
    }

    pub(crate) fn as_command(store: &'d Store, engine: &'d Engine, lease: &'d mut Lease) -> Self {
        Self::new(store, engine, lease, Mode::Command, Plan::for_command())
    }

    fn new(
        store: &'d Store,
        engine: &'d Engine,
        lease: &'d mut Lease,
        mode: Mode,
        mut plan: Plan,
    ) -> Self {
        let outbox = store.settings().outbox.as_ref().map(Spool::new);
        let folders = [store.spool()].into_iter().chain(outbox).collect();
        for name in lease.left_behind().iter().filter_map(|name| SpoolName::parse(name)) {
            plan.suspect(&name);
        }
        Self {
            settings: store.settings(),
            folders,
            engine,
            lease,
            mode,
            plan,
            report: DrainReport::default(),
        }
    }

    /// Drains until nothing is left or something is in the way.
    pub(crate) fn run(mut self) -> DrainReport {
        self.report.end = self.drain().unwrap_or_else(DrainEnd::Failed);
        self.report.passed_over = self.plan.passed_over();
        self.report
    }

    fn drain(&mut self) -> Result<DrainEnd, StoreError> {
        loop {
            let pace = match self.plan.next(&self.folders)? {
                Next::Nothing => {
                    self.mark(&[])?;
                    return Ok(DrainEnd::Empty);
                }
                Next::Group(group) => self.try_group(&group)?,
                Next::Alone(files) => self.try_each(&files)?,
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
                    self.plan.suspect(&file.name);
                }
                Ok(Pace::GoOn)
            }
            Err(error) => self.give_up(error),
            Ok(pace) => Ok(pace),
        }
    }

    fn try_each(&mut self, files: &[Candidate]) -> Result<Pace, StoreError> {
        for file in files {
            let pace = self.try_alone(file)?;
            if matches!(pace, Pace::Late) || self.is_late() {
                return Ok(Pace::Late);
            }
        }
        Ok(Pace::GoOn)
    }

    /// Only a file that is tried alone has its attempts counted, before the try.
    fn try_alone(&mut self, file: &Candidate) -> Result<Pace, StoreError> {
        if !file.name.is_for_commands() {
            let reason = "every process that tried to store it alone has died";
            return self.quarantine_whole(file, reason).map(|()| Pace::GoOn);
        }
        let tried = self.raise(file)?;
        self.mark(std::slice::from_ref(&tried))?;
        match self.drain_files(std::slice::from_ref(&tried)) {
            Ok(pace) => {
                self.plan.clear(&tried.name);
                Ok(pace)
            }
            Err(error) if self.is_to_blame(&error) => {
                warn!(%error, file = %tried.name, "a file cannot be stored");
                if !file.name.is_for_hooks() {
                    self.quarantine_whole(&tried, &error.to_string())?;
                }
                Ok(Pace::GoOn)
            }
            Err(error) => {
                if !self.engine.has_panicked() {
                    self.folders[tried.folder].rename(&tried.name, &file.name)?;
                }
                self.give_up(error)
            }
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
        self.folders[file.folder].rename(&file.name, &name)?;
        Ok(Candidate { name, ..file.clone() })
    }

    /// Stores files, in one transaction where they fit, and removes them.
    fn drain_files(&mut self, files: &[Candidate]) -> Result<Pace, StoreError> {
        let mut load = Load::default();
        for file in files {
            match self.drain_file(file, &mut load)? {
                Pace::GoOn => {}
                Pace::Late => return Ok(Pace::Late),
            }
        }
        self.commit(&mut load)?;
        Ok(Pace::GoOn)
    }

    fn drain_file<'f>(
        &mut self,
        file: &'f Candidate,
        load: &mut Load<'f>,
    ) -> Result<Pace, StoreError> {
        let folder = self.folders[file.folder].clone();
        let (header, mut body) = match folder.open(&file.name) {
            Ok((header, body)) if self.is_ours(&header, file) => (header, body),
            Ok(_) | Err(HeaderError::Newer) => {
                self.plan.pass_over(file);
                return Ok(Pace::GoOn);
            }
            Err(HeaderError::Missing) => {
                let path = folder.path(&file.name);
                let bytes = std::fs::read(&path).on_file("read", &path)?;
                let reason = HeaderError::Missing.to_string();
                let header = headerless(bytes.len(), &reason);
                self.keep(&header, &reason, &bytes)?;
                load.counts.unreadable += 1;
                load.finished.push(file);
                return Ok(Pace::GoOn);
            }
            Err(HeaderError::Io(error)) => {
                warn!(%error, file = %file.name, "a spool file cannot be read");
                self.plan.pass_over(file);
                return Ok(Pace::GoOn);
            }
        };
        let pace = self.decode(file, &header, &mut body, load)?;
        if matches!(pace, Pace::GoOn) {
            load.finished.push(file);
        }
        Ok(pace)
    }

    fn decode(
        &mut self,
        file: &Candidate,
        header: &Header,
        body: &mut dyn io::Read,
        load: &mut Load<'_>,
    ) -> Result<Pace, StoreError> {
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
        let failed = |source| StoreError::Decode { file: file.name.to_string(), source };
        match finished {
            Err(_) => Err(failed(None)),
            Ok(Err(error)) => Err(failed(Some(error))),
            Ok(Ok(_)) => outcome,
        }
    }

    fn take(
        &mut self,
        header: &Header,
        decoded: domain::Decoded,
        is_own: bool,
        load: &mut Load<'_>,
    ) -> Result<Pace, StoreError> {
        if load.pending.is_full() {
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
            self.folders[file.folder].remove(&file.name)?;
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
        let folder = self.folders[file.folder].clone();
        let Ok((header, mut body)) = folder.open(&file.name) else {
            self.plan.pass_over(file);
            return Ok(());
        };
        let mut bytes = Vec::new();
        let path = folder.path(&file.name);
        io::Read::read_to_end(&mut body, &mut bytes).on_file("read", path)?;
        self.keep(&header, reason, &bytes)?;
        folder.remove(&file.name)?;
        self.plan.clear(&file.name);
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
        match self.mode {
            Mode::Hook { deadline } => Instant::now() >= deadline,
            Mode::Command => false,
        }
    }

    /// Names, for whoever comes next, the files in hand and those that are suspected still.
    fn mark(&mut self, in_hand: &[Candidate]) -> Result<(), StoreError> {
        let in_hand = in_hand.iter().map(|file| file.name.to_string());
        let names: Vec<String> = in_hand.chain(self.plan.suspects()).collect();
        let marked = self.lease.mark(names.iter().map(String::as_str));
        marked.on_file("write", self.engine.location().lock())
    }
}

/// What is decoded and not committed yet, and the files that end in it.
#[derive(Default)]
struct Load<'f> {
    pending: Pending,
    counts: Counts,
    own: Option<Counts>,
    finished: Vec<&'f Candidate>,
}
