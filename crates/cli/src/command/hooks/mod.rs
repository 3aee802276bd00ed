//! `recount hooks`: what agents' plugins call. It makes the input durable before anything else, and
//! the agent never waits for another process.

mod conversation_trace;
mod input;
mod receipt;
mod signals;
mod watch;

use clap::Subcommand;

use super::Context;
use crate::{exit::ExitCode, failure::Failure};

pub use conversation_trace::spool_unjudged;
pub use signals::note as note_signals;

/// Which hook.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take in what an agent says: typed batch envelopes or native hook events on standard input
    ConversationTrace(conversation_trace::Arguments),
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        signals::note();
        // A typing error in the settings must not cost an event: every other command refuses it.
        for fault in &context.loaded.faults {
            tracing::warn!("{}; the default holds", fault.message);
        }
        match self {
            Self::ConversationTrace(arguments) => conversation_trace::run(context, arguments),
        }
    }
}
