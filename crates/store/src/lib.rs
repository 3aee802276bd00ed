//! The record on disk: the spool that makes bytes durable, the lease that gives the database one
//! owner at a time, the drain between the two, and the queries that read it back.
//!
//! SQL and the engine are used nowhere else. Nothing here prints, reads the environment or asks
//! for the home folder.

mod bulk;
mod canary;
mod check;
mod compact;
mod cursors;
mod drain;
mod engine;
mod error;
mod files;
mod lease;
mod location;
mod look;
mod migration;
mod pending;
pub mod query;
mod rejects;
mod resume;
mod retry;
mod session_rows;
mod settings;
mod spool;
mod store;
mod table;
mod traces;
mod transcripts;
mod write;

pub use bulk::Bulk;
pub use canary::Canaries;
pub use check::{Fault, check, quick_check};
pub use compact::{Compacted, compact};
pub use cursors::ImportCursor;
pub use drain::{DrainEnd, DrainReport, HOOK_OWN_LIMIT_BYTES};
pub use error::{Blame, StoreError};
pub use lease::HolderName;
pub use location::Location;
pub use look::Look;
pub use migration::{MIGRATIONS, Migration};
pub use pending::Counts;
pub use rejects::KeptReject;
pub use retry::RetryPolicy;
pub use settings::{Decoder, RetryPolicies, Settings, Synchronous};
pub use spool::{
    FORM_VERSION, Header, HeaderError, Quarantine, Quarantined, Spool, SpoolFile, SpoolRecord,
    Waiting, read_header, receipt_now,
};
pub use store::{Holder, Store};
pub use traces::{Trace, TraceRange, TraceSource};
pub use transcripts::{
    CaughtUp, DueTranscript, TranscriptEnd, TranscriptFinding, TranscriptPiece, TranscriptReader,
};
