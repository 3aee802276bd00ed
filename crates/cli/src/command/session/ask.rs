//! One question about one session.

use ::store::Store;
use clap::Args;
use report::SessionQuestion;

use super::{answer, id};
use crate::{
    command::{Context, asking::ask, form::FormArgument},
    exit::ExitCode,
    failure::Failure,
};

/// Which session, and how to print the answer.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The session, or as much of its id as tells it from all others
    id: String,

    #[command(flatten)]
    form: FormArgument,
}

impl Arguments {
    /// What was said of the session.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Asks and prints.
pub fn run(
    context: &mut Context,
    store: &Store,
    question: SessionQuestion,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let now = (store.settings().clock)();
    let answered = ask(context, store, "session", now, |source| {
        let session = id::session(source.holder, &arguments.id)?;
        Ok(question.ask(source, &session)?)
    })?;
    context.page();
    arguments.form.print(context, &answered, answer::print);
    Ok(ExitCode::Ok)
}
