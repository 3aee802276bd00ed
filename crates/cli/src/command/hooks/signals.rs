//! What a hook does when it is told to end: it still takes in what it is handed.
//!
//! Claude Code 2.1.328 sends SIGTERM to the hooks of a turn that failed within milliseconds of
//! starting them. Until the input is in the spool a signal is noted; from then on it ends the process,
//! as nothing can be lost any more.

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

/// For how long a hook that was told to end waits for the next piece of its input.
pub const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Signals {
    /// One has come.
    came: Arc<AtomicBool>,
    /// The next one ends the process.
    may_end: Arc<AtomicBool>,
}

static SIGNALS: OnceLock<Signals> = OnceLock::new();

/// Notes every signal from now on. Where that fails, a signal ends the process as before.
pub fn note() {
    SIGNALS.get_or_init(|| {
        let signals = Signals::default();
        let _ = signals.register();
        signals
    });
}

/// Whether a signal has come since.
pub fn came() -> bool {
    SIGNALS.get().is_some_and(|signals| signals.came.load(Ordering::SeqCst))
}

/// The input is safe: a signal may end the process. Whether one has come before.
pub fn may_end() -> bool {
    if let Some(signals) = SIGNALS.get() {
        signals.may_end.store(true, Ordering::SeqCst);
    }
    came()
}

impl Signals {
    /// The actions of one signal run in the order of their registration.
    fn register(&self) -> io::Result<()> {
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            flag::register_conditional_default(signal, Arc::clone(&self.may_end))?;
            flag::register(signal, Arc::clone(&self.came))?;
        }
        Ok(())
    }
}
