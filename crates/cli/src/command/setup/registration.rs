//! What agents are told to call, wherever that is written: for those who look at it and change
//! nothing.

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

use domain::{SessionId, UnixMs};
use serde_json::Value;

use crate::environment::Environment;

/// An agent that can be set up. A new one is a file in this folder that has one of these.
#[derive(Clone, Copy)]
pub struct Agent {
    /// What it is called in the record.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What sets it up.
    pub setup: &'static str,
    /// The events for each of which something has to be registered; none where one registration is
    /// for all there are.
    pub events: &'static [&'static str],
    /// What it does with what is registered more than once.
    pub doubled: Doubled,
    /// What it does with what a call prints.
    pub printed: Printed,
    /// Finds what it is told to call.
    pub look: fn(&Environment) -> Registrations,
    /// What it hands over for an event of that session.
    pub hands_over: fn(&Handed<'_>) -> Value,
}

/// What an agent does with what is registered more than once for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubled {
    /// The first one records, and the others do nothing.
    FirstRecords,
    /// It calls each, but of those that are alike one.
    AlikeOnce,
    /// It calls each.
    CallsEach,
}

/// What an agent does with what a call prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printed {
    /// It tells its model, so there must be nothing.
    IsToldToTheModel,
    /// It looks for our receipt, without which it takes nothing for safe.
    IsTheReceipt,
}

/// An event that is handed over.
pub struct Handed<'h> {
    /// Whose it is.
    pub session: &'h SessionId,
    /// Which event, for an agent that registers each.
    pub event: Option<&'h str>,
    /// Where the agent works.
    pub folder: &'h str,
    /// When it is.
    pub now: UnixMs,
}

/// What an agent is told to call.
#[derive(Debug, Default)]
pub struct Registrations {
    /// Where that is written.
    pub places: Vec<Place>,
    /// Why it may not do so although it is told to, or why that cannot be seen.
    pub faults: Vec<String>,
}

/// A place where an agent is told to call something.
#[derive(Debug)]
pub struct Place {
    /// What it is, for a person.
    pub name: String,
    /// What is called.
    pub calls: Vec<Call>,
    /// Whether another version of recount has written it.
    pub is_of_other_version: bool,
}

/// What an agent is told to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// For which event; `None` for all there are.
    pub event: Option<String>,
    /// What.
    pub line: Line,
    /// The variables that it gets besides the agent's own.
    pub variables: Vec<(&'static str, PathBuf)>,
    /// How long it may take.
    pub timeout: Duration,
    /// Whether it is only called for some events of the kind.
    pub is_limited: bool,
    /// Whose word it is.
    pub origin: Origin,
}

/// Who has an agent call something. A project may be anybody's: what it names has to be looked at
/// before it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The person: their own settings, or a plugin that they have installed.
    Person,
    /// The project that the working folder is in.
    Project,
}

/// How something is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A program with arguments.
    Program {
        /// Its path or name.
        program: String,
        /// What it is given.
        arguments: Vec<String>,
    },
    /// A line for the shell.
    Shell(String),
}

/// The files, each once: the person's are also the project's where the agent works in the person's
/// own folder.
pub fn each_once(paths: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let is_new = |path: &PathBuf| seen.insert(fs::canonicalize(path).unwrap_or(path.clone()));
    paths.into_iter().filter(is_new).collect()
}

impl Call {
    /// The program and its arguments; `None` for a line of which a shell would make something else.
    pub fn words(&self) -> Option<Vec<String>> {
        match &self.line {
            Line::Program { program, arguments } => {
                Some([program].into_iter().chain(arguments).cloned().collect())
            }
            Line::Shell(line) => words(line, &self.variables),
        }
    }
}

/// The words of a line on which a shell does nothing but to take quotes away and to put in these
/// variables.
pub fn words(line: &str, variables: &[(&'static str, PathBuf)]) -> Option<Vec<String>> {
    let mut line = line.to_owned();
    for (name, value) in variables {
        let value = value.to_str()?;
        line = line
            .replace(&format!("${{{name}}}"), value)
            .replace(&format!("${name}/"), &format!("{value}/"));
    }
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in line.trim().chars() {
        match (quote, character) {
            (Some(end), _) if end == character => quote = None,
            (Some('\''), _) => word.get_or_insert_default().push(character),
            (_, '$' | '`' | '\\' | '!') => return None,
            (Some(_), _) => word.get_or_insert_default().push(character),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (None, _) if is_plain(character) => word.get_or_insert_default().push(character),
            (None, _) => return None,
        }
    }
    words.extend(word);
    let is_assignment = words.first().is_some_and(|first| first.contains('='));
    (quote.is_none() && !words.is_empty() && !is_assignment).then_some(words)
}

/// Whether no shell makes anything else of it.
fn is_plain(character: char) -> bool {
    character.is_alphanumeric()
        || matches!(character, '/' | '.' | '-' | '_' | '=' | ':' | ',' | '@' | '+' | '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_that_calls_one_program_has_words() {
        let cases: [(&str, Option<&[&str]>); 17] = [
            ("recount hooks x", Some(&["recount", "hooks", "x"])),
            ("  recount\thooks ", Some(&["recount", "hooks"])),
            ("'/a b/recount' \"x y\" ''", Some(&["/a b/recount", "x y", ""])),
            ("/a/'b c'/recount", Some(&["/a/b c/recount"])),
            ("\"${ROOT}/recount\" hooks", Some(&["/p q/recount", "hooks"])),
            ("\"$ROOT/recount\"", Some(&["/p q/recount"])),
            ("$ROOTS/recount", None),
            ("recount; rm -r x", None),
            ("recount && x", None),
            ("recount | x", None),
            ("recount > x", None),
            ("recount $(x)", None),
            ("recount \"`x`\"", None),
            ("recount 'x", None),
            ("recount\nx", None),
            ("A=b recount", None),
            (" ", None),
        ];
        let variables = [("ROOT", PathBuf::from("/p q"))];
        for (line, expected) in cases {
            let expected = expected.map(|words| words.iter().map(ToString::to_string).collect());
            assert_eq!(words(line, &variables), expected, "{line}");
        }
    }
}
