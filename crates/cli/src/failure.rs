//! Errors where they meet a person: what failed, on which object, and what to do.
//!
//! Nothing of a conversation belongs in here; names, paths, ids and line numbers do.

use std::{error::Error, fmt::Write, io};

use crate::{
    exit::ExitCode,
    terminal::{self, Keep},
};

/// A command that did not succeed.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Failure {
    exit: ExitCode,
    complaints: Vec<Complaint>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Lower case, no final period, the object in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Failure {
    /// One thing is wrong: `message` is lower case, without a period, its object in backticks.
    pub fn new(exit: ExitCode, message: impl Into<String>) -> Self {
        let complaint = Complaint { message: message.into(), hint: None };
        Self::of(exit, vec![complaint])
    }

    /// Several things are wrong.
    pub fn of(exit: ExitCode, complaints: Vec<Complaint>) -> Self {
        Self { exit, complaints }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(complaint) = self.complaints.last_mut() {
            complaint.hint = Some(hint.into());
        }
        self
    }

    /// Adds the error that led to it, and those below.
    pub fn caused_by(mut self, error: &dyn Error) -> Self {
        if let Some(complaint) = self.complaints.last_mut() {
            let mut cause = Some(error);
            while let Some(error) = cause {
                let _ = write!(complaint.message, ": {error}");
                cause = error.source();
            }
        }
        self
    }

    /// Says what is wrong on one line of `stream`, whatever is in it.
    pub fn print_line(&self, stream: &mut impl io::Write) {
        let messages: Vec<_> = self.complaints.iter().map(|it| it.message.as_str()).collect();
        let line = messages.join("; ");
        let _ = writeln!(stream, "recount: {}", terminal::escape(&line, Keep::Nothing));
    }

    /// The same, but the process ends otherwise.
    pub fn ending(self, exit: ExitCode) -> Self {
        Self { exit, ..self }
    }

    /// What is wrong.
    pub fn complaints(&self) -> &[Complaint] {
        &self.complaints
    }

    /// How the process shall end.
    pub fn exit(&self) -> ExitCode {
        self.exit
    }

    /// Says it on `stream`. Whether anyone listens changes nothing, so a failed write is dropped.
    pub fn print(&self, stream: &mut impl io::Write) {
        for Complaint { message, hint } in &self.complaints {
            let _ = writeln!(stream, "recount: {}", terminal::escape(message, Keep::Lines));
            if let Some(hint) = hint {
                let _ = writeln!(stream, "hint: {}", terminal::escape(hint, Keep::Lines));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(failure: &Failure) -> String {
        let mut stream = Vec::new();
        failure.print(&mut stream);
        String::from_utf8(stream).expect("text")
    }

    #[test]
    fn a_failure_names_its_causes_and_what_to_do() {
        let cause = io::Error::other("disk is gone");
        let failure = Failure::new(ExitCode::Io, "`/x` cannot be read")
            .caused_by(&cause)
            .hint("look at `/x`");
        assert_eq!(
            printed(&failure),
            "recount: `/x` cannot be read: disk is gone\nhint: look at `/x`\n"
        );
        assert_eq!(failure.exit(), ExitCode::Io);
    }

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        let failure = Failure::new(ExitCode::NotFound, "`\u{1b}[2J\u{202e}` is not there");
        assert_eq!(printed(&failure), "recount: `\\u{1b}[2J\\u{202e}` is not there\n");
    }
}
