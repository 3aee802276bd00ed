//! How much a source counts: a line of a transcript more than any hook, and of the hooks of one call
//! the one that knows more, in whatever order they come.
//!
//! Hooks bear no time of their own (Claude Code 2.1.328), and a stamp must be the same at every
//! delivery: theirs are ranks at the beginning of time, which any line's time exceeds.

use domain::{Stamp, UnixMs};

const SECOND_RANK: UnixMs = UnixMs::new(1).expect("it is not negative");

/// A hook that speaks before the thing has ended.
pub(crate) const BEFORE: Stamp = Stamp { is_final: false, observed_at: UnixMs::EPOCH };

/// The hook that sums up the tool calls of one answer, with the text that the model gets.
pub(crate) const BATCH: Stamp = Stamp { is_final: false, observed_at: SECOND_RANK };

/// A hook that speaks when the thing has ended.
pub(crate) const AFTER: Stamp = Stamp { is_final: true, observed_at: UnixMs::EPOCH };

/// A line of a transcript, which tells of what has happened.
pub(crate) fn line(at: UnixMs) -> Stamp {
    Stamp { is_final: true, observed_at: at }
}

/// What a session is like at a time, by a hook's receipt or a line's own time: the latest counts.
pub(crate) fn state(at: UnixMs) -> Stamp {
    Stamp { is_final: false, observed_at: at }
}

/// The folder in which a session was begun, where it is resumed too: of lines the first counts.
pub(crate) fn first_folder(at: UnixMs) -> Stamp {
    let left = UnixMs::new(i64::MAX - at.get()).expect("a time is at most the last one");
    Stamp { is_final: true, observed_at: left }
}

/// The folder by the hook that begins a session.
pub(crate) const START_FOLDER: Stamp = BATCH;

/// The folder by any other hook.
pub(crate) const OTHER_FOLDER: Stamp = BEFORE;
