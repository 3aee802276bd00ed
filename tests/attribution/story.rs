//! What happens in a case, step by step, as its file `story` tells it.
//!
//! A line is a step; `#` begins a line for people. Words are parted by blanks:
//!
//! | step | |
//! |---|---|
//! | `edit SESSION AGENT MODEL PATCH` | an agent changes files and tells so, with a diff of each |
//! | `write …` | the same, and it tells what it wrote but not what became different |
//! | `shell …` | the same, and only the sum of the prompt tells of it |
//! | `garble …` | the same, and nobody can read the diff |
//! | `unheard …` | the same, and only its transcript tells of it |
//! | `model SESSION MODEL` | which model answered in a session becomes known |
//! | `hold`, `deliver` | what agents tell in between is handed over at the end |
//! | `days COUNT` | from now on `OpenCode` says that it was so many days ago |
//! | `person PATCH` | a person changes files |
//! | `git …`, `sh …` | a command is run by a shell, and succeeds |
//! | `fails …` | the same, and it does not |
//! | `recount …` | the program under test is run |
//! | `missing …` | the same, and it finds nothing |
//! | `cd FOLDER` | what follows happens there |
//! | `record NAME` | from now on another database is meant |
//! | `unwatched` | git tells of no commits |
//! | `show REVISION` | the record of that commit is expected in `expected.json` |
//! | `blame FILE` | whose the lines of the file are is expected in `blame` |
//!
//! A model of `-` is one that nobody has told of yet.

/// One step.
#[derive(Debug)]
pub enum Step {
    /// An agent changes files.
    Edit(Edit),
    /// Which model answered in a session becomes known.
    Model { session: String, model: String },
    /// What agents tell is kept back.
    Hold,
    /// And handed over.
    Deliver,
    /// What agents tell was so many days ago.
    DaysAgo(i64),
    /// A person changes files.
    Person { patch: String },
    /// A command is run by a shell.
    Shell { line: String, fails: bool },
    /// The program under test is run.
    Recount { words: Vec<String>, fails: bool },
    /// What follows happens there.
    Enter(String),
    /// From now on another database is meant.
    Record(String),
    /// Git tells of no commits.
    Unwatched,
    /// The record of a commit is expected.
    Show(String),
    /// Whose the lines of a file are is expected.
    Blame(String),
}

/// A change that an agent makes.
#[derive(Debug)]
pub struct Edit {
    /// How it tells of it.
    pub how: Telling,
    /// Its conversation.
    pub session: String,
    /// Which agent it is.
    pub agent: Agent,
    /// The provider and its model; nothing where nobody has told of it.
    pub model: Option<(String, String)>,
    /// The file that holds the change.
    pub patch: String,
}

/// How an agent tells of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// With a diff.
    Diff,
    /// With what it wrote.
    Whole,
    /// As the sum of a prompt.
    Sum,
    /// With something that is no diff.
    Garbled,
    /// In its transcript alone.
    Transcript,
}

/// An agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// Claude Code, by its own hooks.
    Claude,
    /// `OpenCode`, by envelopes.
    OpenCode,
}

/// Reads a story. One that is wrong is the test's own fault.
pub fn read(text: &str) -> Vec<Step> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(step).collect()
}

fn step(line: &str) -> Step {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let one = || {
        assert!(!rest.is_empty(), "`{line}` says too little");
        rest.to_owned()
    };
    let words = || rest.split(' ').map(str::to_owned);
    match word {
        "edit" => edit(Telling::Diff, line, rest),
        "write" => edit(Telling::Whole, line, rest),
        "shell" => edit(Telling::Sum, line, rest),
        "garble" => edit(Telling::Garbled, line, rest),
        "unheard" => edit(Telling::Transcript, line, rest),
        "model" => {
            let (session, model) = rest.split_once(' ').expect("`model SESSION MODEL`");
            Step::Model { session: session.to_owned(), model: model.to_owned() }
        }
        "person" => Step::Person { patch: one() },
        "git" => Step::Shell { line: line.to_owned(), fails: false },
        "sh" => Step::Shell { line: one(), fails: false },
        "fails" => Step::Shell { line: one(), fails: true },
        "recount" => Step::Recount { words: words().collect(), fails: false },
        "missing" => Step::Recount { words: words().collect(), fails: true },
        "cd" => Step::Enter(one()),
        "record" => Step::Record(one()),
        "unwatched" => Step::Unwatched,
        "days" => Step::DaysAgo(rest.parse().expect("a number of days")),
        "hold" => Step::Hold,
        "deliver" => Step::Deliver,
        "show" => Step::Show(one()),
        "blame" => Step::Blame(one()),
        _ => panic!("`{line}` is no step"),
    }
}

fn edit(how: Telling, line: &str, rest: &str) -> Step {
    let words: Vec<&str> = rest.split(' ').collect();
    let &[session, agent, model, patch] = &words[..] else {
        panic!("`{line}` names no session, agent, model and patch");
    };
    let agent = match agent {
        "claude-code" => Agent::Claude,
        "opencode" => Agent::OpenCode,
        _ => panic!("`{line}` names no agent that is known here"),
    };
    let can_tell = match how {
        Telling::Diff => true,
        Telling::Whole | Telling::Sum | Telling::Garbled => agent == Agent::OpenCode,
        Telling::Transcript => agent == Agent::Claude,
    };
    assert!(can_tell, "`{line}`: this agent does not tell so");
    let model = (model != "-").then(|| self::model(model));
    Step::Edit(Edit { how, session: session.to_owned(), agent, model, patch: patch.to_owned() })
}

/// The provider and the name of a model.
pub fn model(text: &str) -> (String, String) {
    let (provider, name) = text.split_once('/').expect("`PROVIDER/MODEL`");
    (provider.to_owned(), name.to_owned())
}
