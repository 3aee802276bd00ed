//! Claude Code: what its hooks are handed, and what it writes itself in its transcripts.

mod transcript;

pub use transcript::{Transcript, agent_meta};
