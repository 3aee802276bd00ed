//! How the store behaves; the command line makes these from the user's settings.

use std::{io, ops::ControlFlow, path::PathBuf, time::Duration};

use domain::{Decoded, UnixMs};

use crate::{Migration, RetryPolicy, SpoolRecord, TranscriptReader};

/// Reads one spool record, handing on each finding in its order. It reads no other file.
pub type Decoder = fn(
    &mut SpoolRecord<'_>,
    &mut dyn FnMut(Decoded) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>>;

/// How hard a commit tries to survive a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// Every commit is on disk when it is acknowledged.
    Full,
    /// A power cut may undo the last commits, but breaks nothing.
    Normal,
}

/// Retry policies by operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicies {
    /// Opening the database.
    pub connection_open: RetryPolicy,
    /// Everything else.
    pub query: RetryPolicy,
}

impl Default for RetryPolicies {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            connection_open: RetryPolicy {
                max_attempts: 3,
                timeout: ms(5_000),
                initial_backoff: ms(100),
                max_backoff: ms(1_000),
            },
            query: RetryPolicy {
                max_attempts: 3,
                timeout: ms(3_000),
                initial_backoff: ms(100),
                max_backoff: ms(500),
            },
        }
    }
}

/// How the store behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How hard a commit tries to survive a power cut.
    pub synchronous: Synchronous,
    /// The size of the log beyond which it is written back into the database.
    pub checkpoint_bytes: u64,
    /// How often and how long a transient fault is tried again.
    pub retry: RetryPolicies,
    /// How long a reader waits for the lease.
    pub lease_timeout: Duration,
    /// Where plugins leave what they could not hand over.
    pub outbox: Option<PathBuf>,
    /// Whether this database also takes outbox files that name none.
    pub is_default_database: bool,
    /// What turns spooled bytes into items.
    pub decoder: Decoder,
    /// What reads the files that events speak of.
    pub reader: TranscriptReader,
    /// The schema; tests lengthen it.
    pub migrations: &'static [Migration],
    /// What time it is.
    pub clock: fn() -> UnixMs,
}
