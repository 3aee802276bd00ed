//! Reading on what is due: by a hook while it has time and the lease is free, by a command to the
//! end. What fails is one transcript's matter, unless the surroundings fail.

use std::{
    cmp::Reverse,
    io,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use domain::{Decoded, Transcript};
use tracing::warn;

use super::{
    DueTranscript, LATE_LINES_MS, Mark, TranscriptEnd, TranscriptFinding, TranscriptPiece,
    UNREADABLE_MS, count_attempt, position,
};
use crate::{
    Blame, Counts, Header, Holder, ImportCursor, Store, StoreError, error::OnFile, pending::Pending,
};

/// How often a reading begins anew because another process has read on.
const ROUNDS: u32 = 3;

/// What catching up has done.
#[derive(Debug, Default)]
pub struct CaughtUp {
    /// What became of the items.
    pub counts: Counts,
    /// Lines that were too long to be taken in or kept.
    pub too_long: u64,
    /// Transcripts that could not be read on.
    pub failed: u64,
    /// Transcripts that have told all.
    pub(crate) told: Vec<DueTranscript>,
    /// What kept all others from being read on.
    pub end: Option<StoreError>,
}

/// How the lease is had.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way<'w> {
    /// If it is free, and nothing begins after the deadline.
    Hook(Instant),
    /// It is waited for.
    Command(&'w str),
}

/// Reads on what is due.
pub(crate) struct CatchUp<'s> {
    store: &'s Store,
    way: Way<'s>,
    report: CaughtUp,
}

/// Why a reading was broken off.
enum Stop {
    /// There is no time, or somebody else has the lease.
    NotNow,
    /// Another process has read on, to there.
    Overtaken(Option<String>),
    /// What was read cannot be stored.
    Refused(StoreError),
    /// Nothing can be stored.
    Failed(StoreError),
}

impl<'s> CatchUp<'s> {
    /// Reads on each of `due`, those of `own` first.
    pub(crate) fn run(
        store: &'s Store,
        way: Way<'s>,
        mut due: Vec<DueTranscript>,
        own: &[Transcript],
    ) -> CaughtUp {
        due.sort_by_key(|due| Reverse(own.contains(&due.transcript)));
        let mut catch_up = Self { store, way, report: CaughtUp::default() };
        for due in due {
            if catch_up.is_late() {
                break;
            }
            if let Err(error) = catch_up.read_on(due) {
                catch_up.report.end = Some(error);
                break;
            }
        }
        catch_up.report
    }

    /// Reads one on.
    ///
    /// # Errors
    /// Nothing can be stored.
    fn read_on(&mut self, mut due: DueTranscript) -> Result<(), StoreError> {
        let began_at = (self.store.settings().clock)().get();
        let age_ms = began_at.saturating_sub(due.due_at_unix_ms);
        for _ in 0..ROUNDS {
            let (read, stopped) = self.read(&due);
            match (stopped, read) {
                (Some(Stop::NotNow), _) => return Ok(()),
                (Some(Stop::Overtaken(position)), _) => due.position = position,
                (Some(Stop::Failed(error)), _) => return Err(error),
                (Some(Stop::Refused(error)), _) => {
                    warn!(transcript = due.transcript.path, %error, "it cannot be stored");
                    return self.failed(&due.transcript);
                }
                (None, None) => {
                    warn!(transcript = due.transcript.path, "its reader has failed");
                    return self.failed(&due.transcript);
                }
                (None, Some(Ok(_))) => {
                    if age_ms >= LATE_LINES_MS {
                        self.report.told.push(due);
                    }
                    return Ok(());
                }
                (None, Some(Err(error))) => {
                    self.unreadable(due, age_ms, &error);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Lets the reader read; `None` where it panicked. Says what broke it off, too.
    fn read(&mut self, due: &DueTranscript) -> (Option<io::Result<TranscriptEnd>>, Option<Stop>) {
        let reader = self.store.settings().reader;
        let unreadable_before = self.report.counts.unreadable;
        let (mut expected, mut stopped) = (due.position.clone(), None);
        let read = catch_unwind(AssertUnwindSafe(|| {
            reader(&due.transcript, due.position.as_deref(), &mut |finding| match self.take(
                &due.transcript,
                &mut expected,
                finding,
            ) {
                Ok(()) => ControlFlow::Continue(()),
                Err(stop) => {
                    stopped = Some(stop);
                    ControlFlow::Break(())
                }
            })
        }));
        let pieces = self.report.counts.unreadable - unreadable_before;
        if pieces > 0 {
            let transcript = &due.transcript.path;
            warn!(transcript, pieces, "lines of it cannot be read; they are kept in quarantine");
        }
        (read.ok(), stopped)
    }

    fn take(
        &mut self,
        transcript: &Transcript,
        expected: &mut Option<String>,
        finding: TranscriptFinding,
    ) -> Result<(), Stop> {
        match finding {
            _ if self.is_late() => Err(Stop::NotNow),
            TranscriptFinding::Piece(piece) => {
                let behind = piece.position.clone();
                self.take_in(transcript, expected.as_deref(), piece)?;
                *expected = Some(behind);
                Ok(())
            }
            TranscriptFinding::Passed(_) => Ok(()),
            TranscriptFinding::TooLong { offset, bytes } => {
                let transcript = &transcript.path;
                warn!(
                    transcript,
                    offset, bytes, "a line is too long; it is neither stored nor kept"
                );
                self.report.too_long += 1;
                Ok(())
            }
        }
    }

    /// Takes a piece in, if the transcript is still read as far as it was.
    fn take_in(
        &mut self,
        transcript: &Transcript,
        expected: Option<&str>,
        piece: TranscriptPiece,
    ) -> Result<(), Stop> {
        let mut holder = self.holder().map_err(Stop::Failed)?.ok_or(Stop::NotNow)?;
        let now = position(&holder.engine, transcript).map_err(Stop::Failed)?;
        if now.as_deref() != expected {
            return Err(Stop::Overtaken(now));
        }
        mark(&mut holder, Some(&Mark::of(transcript))).map_err(Stop::Failed)?;
        let stored = self.store_piece(&holder, transcript, piece);
        if holder.engine.has_panicked() {
            // The mark stays, so that the next holder is careful.
            return stored.map(drop).map_err(Stop::Failed);
        }
        mark(&mut holder, None).map_err(Stop::Failed)?;
        match stored {
            Ok(counts) => {
                self.report.counts.add(counts);
                // It is stored; a failure here only makes the next open slower.
                let _ = holder.engine.checkpoint_above(self.store.settings().checkpoint_bytes);
                Ok(())
            }
            Err(error) if error.blame() == Blame::Data => Err(Stop::Refused(error)),
            Err(error) => Err(Stop::Failed(error)),
        }
    }

    fn store_piece(
        &self,
        holder: &Holder<'_>,
        transcript: &Transcript,
        piece: TranscriptPiece,
    ) -> Result<Counts, StoreError> {
        let settings = self.store.settings();
        let speaker = Some(transcript.agent.to_string());
        let header = Header::new(speaker, (settings.clock)(), 0, 0);
        let (mut pending, mut counts) = (Pending::default(), Counts::default());
        let unreadable = piece.unreadable.into_iter().map(Decoded::Unreadable);
        for decoded in unreadable.chain([Decoded::Items(piece.batch)]) {
            counts.add(pending.add(&holder.engine, &header, decoded)?);
        }
        pending.place_cursor(ImportCursor {
            source: transcript.agent.to_string(),
            scope: transcript.path.clone(),
            position: piece.position,
        });
        pending.commit(&holder.engine, settings)?;
        holder.engine.is_unchanged()?;
        Ok(counts)
    }

    fn holder(&self) -> Result<Option<Holder<'s>>, StoreError> {
        match self.way {
            Way::Hook(deadline) => self.store.open_as_hook(deadline),
            Way::Command(purpose) => self.store.open(purpose).map(Some),
        }
    }

    /// Counts a failure that will happen again, so that it does not happen for ever.
    fn failed(&mut self, transcript: &Transcript) -> Result<(), StoreError> {
        self.report.failed += 1;
        match self.holder()? {
            Some(holder) => {
                let now = (self.store.settings().clock)();
                count_attempt(&holder.engine, transcript, now)
            }
            None => Ok(()),
        }
    }

    /// A file that may not be read, or a disk that fails: it is told, and tried for some time.
    fn unreadable(&mut self, due: DueTranscript, age_ms: i64, error: &io::Error) {
        self.report.failed += 1;
        warn!(transcript = due.transcript.path, %error, "it cannot be read");
        let is_refused = error.kind() == io::ErrorKind::PermissionDenied;
        if age_ms >= UNREADABLE_MS || (is_refused && age_ms >= LATE_LINES_MS) {
            self.report.told.push(due);
        }
    }

    fn is_late(&self) -> bool {
        match self.way {
            Way::Hook(deadline) => Instant::now() >= deadline,
            Way::Command(_) => false,
        }
    }
}

fn mark(holder: &mut Holder<'_>, in_hand: Option<&str>) -> Result<(), StoreError> {
    let lock = holder.engine.location().lock();
    holder.lease.mark_beside(in_hand).on_file("write", lock)
}
