//! `recount hooks`: what agents' plugins and git call. It makes the input durable before anything else, and
//! the agent never waits for another process.

mod commit_msg;
mod conversation_trace;
mod git;
mod input;
mod receipt;
mod repository;
mod signals;
mod watch;

use clap::Subcommand;

use super::Context;
use crate::{exit::ExitCode, failure::Failure, settings::Loaded};

pub use conversation_trace::spool_unjudged;
pub use signals::note as note_signals;

/// The hooks that git calls, which must never fail or keep a commit.
pub const OF_GIT: [&str; 3] = ["commit-msg", "post-commit", "post-rewrite"];

/// Which hook.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take in what an agent says: typed batch envelopes or native hook events on standard input
    ConversationTrace(conversation_trace::Arguments),
    /// Name the sessions behind a commit in its message, as git's hook of that name
    CommitMsg(commit_msg::Arguments),
    /// Take in the commit that was made just now, as git's hook of that name
    PostCommit(git::PostCommit),
    /// Take in which commits took the place of which, as git's hook of that name
    PostRewrite(git::PostRewrite),
}

impl Command {
    /// Whether it is one of [`OF_GIT`].
    pub fn is_of_git(&self) -> bool {
        match self {
            Self::ConversationTrace(_) => false,
            Self::CommitMsg(_) | Self::PostCommit(_) | Self::PostRewrite(_) => true,
        }
    }

    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        signals::note();
        match self {
            Self::ConversationTrace(arguments) => {
                warn_of_faults(&context.loaded);
                conversation_trace::run(context, arguments)
            }
            Self::CommitMsg(arguments) => commit_msg::run(context, arguments),
            Self::PostCommit(arguments) => warned(context, git::post_commit(context, arguments)),
            Self::PostRewrite(arguments) => warned(context, git::post_rewrite(context, arguments)),
        }
    }
}

/// A typing error in the settings must not cost an event: every other command refuses it.
fn warn_of_faults(loaded: &Loaded) {
    for fault in &loaded.faults {
        tracing::warn!("{}; the default holds", fault.message);
    }
}

/// What was kept lies beside the log. Where nothing was, a warning could end on standard error, beside the
/// one line that a person who commits is told.
fn warned(context: &Context, ended: Result<ExitCode, Failure>) -> Result<ExitCode, Failure> {
    if ended.is_ok() {
        warn_of_faults(&context.loaded);
    }
    ended
}
