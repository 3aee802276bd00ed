//! How far it is, where a person waits.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

/// What takes less than a moment needs no bar.
const MANY_THINGS: u64 = 2_000;

/// A bar on standard error, if that is a terminal. It draws in a thread of its own, so that no
/// terminal is waited on while the database is held.
pub fn bar(things: impl FnOnce() -> u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let things = things();
    if things < MANY_THINGS {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} {eta}");
    let bar = ProgressBar::new(things).with_style(style.expect("the template is right"));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
