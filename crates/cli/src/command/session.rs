//! `recount session`: the conversations, as a list and one by one.

mod answer;
mod ask;
pub mod cleanup;
mod export;
mod id;
mod list;
mod resume;
mod text;

pub use id::{beginning_with, session as named};

use ::store::{
    Holder, Store,
    query::session_show::{Conversation, session_show},
};
use clap::{Subcommand, ValueEnum};
use domain::SessionId;
use report::{
    SessionQuestion,
    session::{
        conversation::{things, whole},
        story::{Material, material},
    },
};

use super::{
    Context,
    asking::ask,
    attribution,
    store::{failure, open_drained},
};
use crate::{exit::ExitCode, failure::Failure};

/// What to see of the conversations.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the sessions, the last active first
    List(Box<list::Arguments>),
    /// Tell a session again: what was said and done, in order
    Show {
        /// The session, as the agent named it
        id: String,
        /// How to print it
        #[arg(long, value_name = "FORM", default_value = "text")]
        format: ShowForm,
    },
    /// Remove old sessions from the record
    Cleanup(cleanup::Arguments),
    /// Go on with a session, in its agent and its folder
    Resume(resume::Arguments),
    /// What was said, message by message, with parts and tool calls
    Messages(ask::Arguments),
    /// What the agent thought, with signatures and times
    Reasoning(ask::Arguments),
    /// The model's steps, with tokens, cost and snapshot
    Steps(ask::Arguments),
    /// Which files changed between the agent's own snapshots
    GitHistory(ask::Arguments),
    /// What it cost, from the finest figures there are, beside the agent's own
    Cost(ask::Arguments),
    /// What fills the conversation: system, user, assistant, tools and reasoning, in tokens
    Tokens(ask::Arguments),
    /// Which tools were called, and how that went
    Tools(ask::Arguments),
    /// Which files the agent changed
    Files(ask::Arguments),
    /// Which commits it wrote lines of
    Commits(ask::Arguments),
    /// What went wrong
    Errors(ask::Arguments),
    /// How often it was condensed, and by how much
    Compactions(ask::Arguments),
    /// The session with its subagents
    Tree(ask::Arguments),
    /// Write it as a file to keep or to pass on: Markdown, HTML or JSON
    Export(export::Arguments),
}

/// How to print a conversation.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ShowForm {
    /// To be read
    Text,
    /// One JSON object
    Json,
    /// One JSON object for each message, part and tool call
    Jsonl,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        let store = context.store()?;
        match self {
            Self::List(arguments) => list::run(context, &store, arguments),
            Self::Show { id, format } => show(context, &store, id, *format),
            Self::Cleanup(arguments) => cleanup::run(context, &store, arguments),
            Self::Resume(arguments) => resume::run(context, &store, arguments),
            Self::Messages(asked) => ask::run(context, &store, SessionQuestion::Messages, asked),
            Self::Tokens(asked) => ask::run(context, &store, SessionQuestion::Tokens, asked),
            Self::Compactions(asked) => {
                ask::run(context, &store, SessionQuestion::Compactions, asked)
            }
            Self::Reasoning(asked) => ask::run(context, &store, SessionQuestion::Reasoning, asked),
            Self::Steps(asked) => ask::run(context, &store, SessionQuestion::Steps, asked),
            Self::GitHistory(asked) => {
                ask::run(context, &store, SessionQuestion::GitHistory, asked)
            }
            Self::Cost(asked) => ask::run(context, &store, SessionQuestion::PreciseCost, asked),
            Self::Tools(asked) => ask::run(context, &store, SessionQuestion::Tools, asked),
            Self::Files(asked) => ask::run(context, &store, SessionQuestion::Files, asked),
            Self::Commits(asked) => {
                attribution::settle_session(context, &store, asked.id())?;
                ask::run(context, &store, SessionQuestion::Commits, asked)
            }
            Self::Errors(asked) => ask::run(context, &store, SessionQuestion::Errors, asked),
            Self::Tree(asked) => ask::run(context, &store, SessionQuestion::Tree, asked),
            Self::Export(arguments) => export::run(context, &store, arguments),
        }
    }
}

fn show(
    context: &mut Context,
    store: &Store,
    id: &str,
    format: ShowForm,
) -> Result<ExitCode, Failure> {
    let find = |holder: &Holder<'_>| id::session(holder, id);
    match format {
        ShowForm::Text => {
            let material = read(context, store, "session show", find)?;
            context.page();
            text::print(&mut context.output, &material);
        }
        ShowForm::Json => {
            let conversation = conversation(store, find)?;
            context.page();
            context.output.write_json_pretty(&whole(&conversation));
        }
        ShowForm::Jsonl => {
            let conversation = conversation(store, find)?;
            context.page();
            for thing in things(&conversation) {
                context.output.write_json(&thing);
                if context.output.has_ended() {
                    break;
                }
            }
        }
    }
    Ok(ExitCode::Ok)
}

/// Tells a session again, to be read.
///
/// # Errors
/// It is not there, or the database cannot be opened.
pub fn show_text(context: &mut Context, store: &Store, id: &SessionId) -> Result<(), Failure> {
    let material = read(context, store, "session show", |_| Ok(id.clone()))?;
    text::print(&mut context.output, &material);
    Ok(())
}

/// All that a story is told from.
fn read(
    context: &Context,
    store: &Store,
    purpose: &str,
    find: impl FnOnce(&Holder<'_>) -> Result<SessionId, Failure>,
) -> Result<Material, Failure> {
    let now = (store.settings().clock)();
    ask(context, store, purpose, now, |source| Ok(material(source, &find(source.holder)?)?))
}

/// The rows of a conversation.
fn conversation(
    store: &Store,
    find: impl FnOnce(&Holder<'_>) -> Result<SessionId, Failure>,
) -> Result<Conversation, Failure> {
    let holder = open_drained(store, "session show")?;
    let id = find(&holder)?;
    let found = session_show(&holder, &id).map_err(|error| failure(&error))?;
    found.ok_or_else(|| id::unknown(&holder, id.as_str()).unwrap_or_else(|failure| failure))
}
