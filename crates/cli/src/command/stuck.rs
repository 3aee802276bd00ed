//! A command whose engine does not come back: after a failed read, and on damaged pages, the engine
//! can run without end inside one call (turso 0.8.3: `drain_completions` waits for a read that has
//! failed already). Such a thread uses the processor and asks the kernel for nothing, which no honest
//! work does for long.
//!
//! Nothing is lost by ending the process: what was not committed is still where it came from.

use std::{fs, io, process, thread, time::Duration};

use crate::{exit::ExitCode, failure::Failure};

/// How often the main thread is looked at.
const PAUSE: Duration = Duration::from_secs(2);

/// For how long it may compute without a single read or write: sorting a million rows takes a tenth.
const LIMIT: Duration = Duration::from_secs(20);

/// Watches the main thread for as long as the process lives. Where the kernel does not tell what a
/// thread does, nobody watches.
pub fn watch() {
    if Activity::of_main_thread().is_some() {
        // Without a thread to spare the command runs all the same.
        let _ = thread::Builder::new().stack_size(64 << 10).spawn(watch_without_end);
    }
}

fn watch_without_end() {
    let Some(mut last) = Activity::of_main_thread() else { return };
    loop {
        thread::sleep(PAUSE);
        let Some(now) = Activity::of_main_thread() else { return };
        if now.calls != last.calls {
            last = now;
        } else if now.computed.saturating_sub(last.computed) > LIMIT {
            give_up();
        }
    }
}

/// What a thread has done so far.
struct Activity {
    /// Reads and writes.
    calls: u64,
    /// Time on a processor.
    computed: Duration,
}

impl Activity {
    fn of_main_thread() -> Option<Self> {
        let folder = format!("/proc/self/task/{}", process::id());
        let io = fs::read_to_string(format!("{folder}/io")).ok()?;
        let schedule = fs::read_to_string(format!("{folder}/schedstat")).ok()?;
        Self::parse(&io, &schedule)
    }

    /// `io` and `schedstat` of proc(5).
    fn parse(io: &str, schedule: &str) -> Option<Self> {
        let counts = io.lines().filter_map(|line| line.split_once(": "));
        let calls = counts.filter(|(name, _)| matches!(*name, "syscr" | "syscw"));
        let calls = calls.map(|(_, count)| count.parse::<u64>().ok()).sum::<Option<u64>>()?;
        let computed = schedule.split(' ').next()?.parse().ok()?;
        Some(Self { calls, computed: Duration::from_nanos(computed) })
    }
}

#[expect(clippy::disallowed_methods, reason = "the thread that could return does not come back")]
fn give_up() -> ! {
    let failure = Failure::new(ExitCode::Io, "the database engine does not come back")
        .hint("run the command again, and `recount db check` if it happens again; nothing is lost");
    failure.print(&mut io::stderr());
    process::exit(ExitCode::Io as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        let io = "rchar: 5\nwchar: 6\nsyscr: 7\nsyscw: 8\nread_bytes: 9\n";
        let activity = Activity::parse(io, "168112785 64292270 495\n").expect("they are right");
        assert_eq!((activity.calls, activity.computed.as_millis()), (15, 168));
        assert!(Activity::parse("syscr: x\nsyscw: 8\n", "1 2 3").is_none());
        assert!(Activity::parse(io, "").is_none());
    }

    #[test]
    fn a_thread_that_works_is_seen_to_work() {
        let before = Activity::of_main_thread().expect("this kernel tells");
        fs::read("/proc/self/stat").expect("it is there");
        let after = Activity::of_main_thread().expect("this kernel tells");
        assert!(after.calls >= before.calls && after.computed >= before.computed);
    }
}
