//! What can be set: typed, with a default for everything, read from one file, a few variables and
//! the command line.
//!
//! No file of a project is ever read: a repository must not decide where its record goes.

mod key;
mod load;
mod schema;

use std::{path::PathBuf, time::Duration};

use domain::UnixMs;
pub use key::{KEYS, Key, Unit};
pub use load::{Loaded, Source, load};
use pricing::Price;
pub use schema::schema;
use store::{RetryPolicies, Synchronous};

use crate::{environment::Environment, logging::Filter};

/// The database that is used where nobody names one, in our data folder.
const DATABASE: &str = "recount.db";

/// Every setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The database file, absolute; `None` where nobody names one and no folder is known for it.
    pub database: Option<PathBuf>,
    /// What is logged.
    pub log: Filter,
    /// How hooks behave.
    pub hooks: Hooks,
    /// How the database is written.
    pub store: Store,
    /// How often and how long a transient fault is tried again.
    pub retry: RetryPolicies,
    /// How commands that read behave.
    pub readers: Readers,
    /// What of the record is kept.
    pub retention: Retention,
    /// How commits are recorded.
    pub trace: Trace,
    /// What models cost, besides the built-in prices.
    pub prices: Vec<Price>,
}

/// How hooks behave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooks {
    /// How long the input may take.
    pub read_timeout: Duration,
    /// How long after the end of the input a transaction may begin.
    pub deadline: Duration,
    /// How many waiting files make a hook drain.
    pub drain_files: u64,
    /// How long an input makes its own hook drain.
    pub drain_bytes: u64,
}

/// How commits are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What links to pages begin with.
    pub url: String,
}

/// How the database is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// How hard a commit tries to survive a power cut.
    pub synchronous: Synchronous,
    /// The size of the log beyond which it is written back.
    pub checkpoint_bytes: u64,
}

/// How commands that read behave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readers {
    /// How long they wait for the lease.
    pub lease_timeout: Duration,
}

/// What of the record is kept; 0 sets no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long sessions are kept after they were last active.
    pub max_age_days: u64,
    /// How much all sessions may take.
    pub max_bytes: u64,
    /// Whether commands see to it by themselves.
    pub auto: bool,
}

impl Retention {
    /// Who was last active before goes; nothing where nobody goes for that.
    pub fn active_since(&self, now: UnixMs) -> Option<UnixMs> {
        const DAY_MS: i64 = 86_400_000;
        let age_ms = i64::try_from(self.max_age_days).unwrap_or(i64::MAX).saturating_mul(DAY_MS);
        UnixMs::new(now.get().saturating_sub(age_ms)).filter(|_| age_ms > 0)
    }
}

impl Settings {
    /// What holds when nobody says anything.
    pub fn defaults(environment: &Environment) -> Self {
        let ms = Duration::from_millis;
        Self {
            database: environment.data_folder.as_ref().map(|folder| folder.join(DATABASE)),
            log: Filter::default(),
            hooks: Hooks {
                read_timeout: ms(10_000),
                deadline: ms(250),
                drain_files: 128,
                drain_bytes: 256 * 1024,
            },
            store: Store { synchronous: Synchronous::Full, checkpoint_bytes: 1024 * 1024 },
            retry: RetryPolicies::default(),
            readers: Readers { lease_timeout: ms(5_000) },
            retention: Retention { max_age_days: 0, max_bytes: 0, auto: false },
            trace: Trace { url: "http://127.0.0.1:7878".to_owned() },
            prices: Vec::new(),
        }
    }
}
