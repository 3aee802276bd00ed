//! Whose the lines of a commit are.

use std::fmt;

use crate::edit::Origin;

/// The added lines of a commit, each in one range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributed {
    /// The files with added lines, in the order of their paths.
    pub files: Vec<AttributedFile>,
}

/// The added lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributedFile {
    /// The file, from the top of the repository on.
    pub path: String,
    /// Ranges in their order. They do not overlap, and hold added lines only.
    pub ranges: Vec<AttributedRange>,
}

/// Some lines of one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributedRange {
    /// The first line, from 1 on.
    pub start_line: u32,
    /// The last line.
    pub end_line: u32,
    /// What wrote them.
    pub contributor: Contributor,
    /// Who that was, where an agent had a part in it.
    pub origin: Option<Origin>,
    /// How they differ from what the agent wrote.
    pub drift: Option<Drift>,
}

impl AttributedRange {
    /// How many lines it holds.
    pub fn lines(&self) -> u32 {
        self.end_line - self.start_line + 1
    }
}

/// What wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contributor {
    /// A person.
    Human,
    /// An agent.
    Ai,
    /// An agent, and a person changed it.
    Mixed,
    /// Nobody can tell.
    Unknown,
}

impl Contributor {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ai, Self::Mixed, Self::Human, Self::Unknown];

    /// As Agent Trace names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Ai => "ai",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contributor| contributor.as_str() == name)
    }
}

impl fmt::Display for Contributor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a line differs from what an agent wrote, where nobody changed what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Drift {
    /// In white space only.
    Whitespace,
    /// In where lines break, commas, semicolons and the kind of quotes: a formatter ran.
    Format,
    /// It stands in another file.
    Moved,
}

impl Drift {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Whitespace, Self::Format, Self::Moved];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whitespace => "whitespace",
            Self::Format => "format",
            Self::Moved => "moved",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|drift| drift.as_str() == name)
    }
}
