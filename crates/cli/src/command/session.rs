//! `recount session`: the conversations, as a list and one by one.

pub mod json;
mod list;
mod text;

use ::store::{
    Store,
    query::session_show::{Conversation, session_show},
};
use clap::{Subcommand, ValueEnum};
use domain::SessionId;

use super::{
    Context,
    store::{failure, open_drained},
};
use crate::{exit::ExitCode, failure::Failure};

/// What to see of the conversations.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the sessions, the last active first
    List(list::Arguments),
    /// Tell a session again: what was said and done, in order
    Show {
        /// The session, as the agent named it
        id: String,
        /// How to print it
        #[arg(long, value_name = "FORM", default_value = "text")]
        format: ShowForm,
    },
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
        }
    }
}

fn show(
    context: &mut Context,
    store: &Store,
    id: &str,
    format: ShowForm,
) -> Result<ExitCode, Failure> {
    let id = SessionId::new(id).map_err(|error| {
        Failure::new(ExitCode::Usage, format!("the session id {error}")).hint(LIST_HINT)
    })?;
    let conversation = conversation(store, &id)?;
    match format {
        ShowForm::Text => text::print(context, &conversation),
        ShowForm::Json => json::print_whole(context, &conversation),
        ShowForm::Jsonl => json::print_lines(context, &conversation),
    }
    Ok(ExitCode::Ok)
}

/// Tells a session again, to be read.
///
/// # Errors
/// It is not there, or the database cannot be opened.
pub fn show_text(context: &mut Context, store: &Store, id: &SessionId) -> Result<(), Failure> {
    text::print(context, &conversation(store, id)?);
    Ok(())
}

/// The conversation, read whole; the database is free again before anything is printed.
fn conversation(store: &Store, id: &SessionId) -> Result<Conversation, Failure> {
    let holder = open_drained(store, "session show")?;
    let found = session_show(&holder, id).map_err(|error| failure(&error))?;
    found.ok_or_else(|| {
        Failure::new(ExitCode::NotFound, format!("session `{id}` is not in the record"))
            .hint(LIST_HINT)
    })
}

const LIST_HINT: &str = "`recount session list` says which there are";
