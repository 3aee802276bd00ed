//! The terms of the product: ids, times, tokens, money, the rows of the record, and how two
//! versions of one row become one.
//!
//! Nothing here reads a file, a clock, JSON text or SQL; everything is a value.

mod batch;
mod id;
mod merge;
mod money;
mod record;
mod resume;
mod text;
mod time;
mod tokens;

pub use batch::{Batch, Decoded, Item, Reject, Transcript, Unreadable, Warning};
pub use id::{
    Agent, CallId, CommitId, CompactionId, EditId, EmptyId, ErrorId, EventId, MessageId,
    NoCommitId, OperationId, PartId, RelativePath, Repository, SessionId, UNKNOWN_AGENT,
};
pub use merge::{Earliest, Field, Join, Latest, Receipts, Stamp, Stamped, Versioned};
pub use money::{Cost, Picodollars, UnreadableCost};
pub use record::{
    Commit, Compaction, Edit, EditScope, ErrorKind, Event, FileChange, FileOperation, Message,
    Model, Part, PartKind, Patch, Record, Rewrite, Role, Session, SessionError, SideCall, Step,
    StepKind, ToolCall, UnknownName,
};
pub use resume::{Resume, ResumeState};
pub use text::{CutText, Json, TOOL_OUTPUT_LIMIT_BYTES};
pub use time::{FUTURE_TOLERANCE_MS, UnixMs};
pub use tokens::Tokens;
