//! Foreign bytes become items of the record.
//!
//! An input is one or more JSON values: typed batch envelopes (context/envelope.md) and native hook
//! events of the agents. Nothing here touches a database, a clock, a file or the environment, and
//! nothing is dropped: what cannot be taken in is handed out with the reason and its bytes.

mod agents;
mod change;
pub mod claude;
mod codex;
mod commit;
mod compaction;
mod envelope;
mod event;
mod failure;
mod file_edited;
mod framing;
mod gemini;
mod hook;
mod identity;
mod item;
mod json;
mod message;
mod part;
mod reading;
mod schema;
mod session;
mod surrogates;
mod unreadable;
mod wire;

pub use agents::{agent_named, has_hooks};
pub use envelope::envelope_around;
pub use reading::{Origin, decode};
pub use schema::envelope_schema;
