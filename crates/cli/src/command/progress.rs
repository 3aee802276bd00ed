//! How far a long command is, where a person waits.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

/// What is counted.
#[derive(Clone, Copy)]
pub enum Unit {
    /// Bytes of the input.
    Bytes,
    /// Sessions, messages and parts.
    Things,
}

impl Unit {
    /// Less than this takes no longer than a person likes to wait in the dark.
    fn worth_showing(self) -> u64 {
        match self {
            Self::Bytes => 8 << 20,
            Self::Things => 2_000,
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Bytes => "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            Self::Things => "{bar:40} {human_pos}/{human_len} {eta}",
        }
    }
}

/// A bar on standard error, if that is a terminal; only then is the length asked for. It draws in a
/// thread of its own, so that no terminal is waited on while the database is held.
pub fn bar(unit: Unit, length: impl FnOnce() -> u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let length = length();
    if length < unit.worth_showing() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(unit.template());
    let bar = ProgressBar::new(length).with_style(style.expect("the template is right"));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
