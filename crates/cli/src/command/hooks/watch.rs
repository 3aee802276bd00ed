//! A drain that does not come back: on a damaged database the engine can run without end (turso
//! 0.8.3, seen in its balancing of a page with flipped bits). The input is safe in the spool, so the
//! agent is let go.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::AsFd,
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::exit::ExitCode;

/// How long after its deadline a drain may still be in its last transaction.
pub const GRACE: Duration = Duration::from_secs(2);

/// Ends the process in time unless it is dropped before.
pub struct Watch {
    is_over: Arc<AtomicBool>,
}

impl Watch {
    /// At `limit`, prints `receipt` and ends the process with `exit`.
    pub fn until(limit: Instant, receipt: String, exit: ExitCode) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&is_over);
        let watch = move || {
            thread::sleep(limit.saturating_duration_since(Instant::now()));
            if !watched.swap(true, Ordering::SeqCst) {
                give_up(&receipt, exit);
            }
        };
        // Without a thread to spare nobody watches, and the drain goes on all the same.
        let _ = thread::Builder::new().stack_size(64 << 10).spawn(watch);
        Self { is_over }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.is_over.swap(true, Ordering::SeqCst) {
            // The other thread is ending the process.
            loop {
                thread::park();
            }
        }
    }
}

/// The main thread holds the lock of standard output, so this writes past it.
#[expect(clippy::disallowed_methods, reason = "the thread that could return does not come back")]
fn give_up(receipt: &str, exit: ExitCode) -> ! {
    tracing::warn!("the engine did not come back from a drain; `recount db check` says more");
    if let Ok(output) = io::stdout().as_fd().try_clone_to_owned() {
        // Whether anyone listens changes nothing.
        let _ = File::from(output).write_all(receipt.as_bytes());
    }
    process::exit(exit as i32)
}
