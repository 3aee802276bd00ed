//! What agents have on disk already: of OpenCode envelopes of the wire contract
//! (context/envelope.md), of Claude Code the lines as they are.
//!
//! An agent's own store is only ever read, while the agent may be writing to it, and nothing is left
//! beside it. Where a store lies is passed in: nothing here reads the environment, prints or knows
//! our database. What cannot be read is told with its reason, and the reading goes on.

mod batch;
pub mod claude;
mod finding;
mod object;
pub mod opencode;
mod trail;

pub use finding::{Clock, Cursor, Cursors, Finding, Reason, Skipped, reason_of};
