//! What an agent did to a file, as far as somebody told of it.

use crate::patch::Hunk;

/// Who wrote a line: every line that is found again keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The conversation.
    pub session_id: Option<String>,
    /// The message in it.
    pub message_id: Option<String>,
    /// The tool call of that message.
    pub call_id: Option<String>,
    /// The agent, as the record names it.
    pub agent: Option<String>,
    /// The model as `provider/model`, or without a provider where none is known.
    pub model: Option<String>,
    /// Where the conversation is told, where somebody else's record says so.
    pub url: Option<String>,
}

/// A change of one file, as one source tells it.
#[derive(Clone, Debug)]
pub struct Edit<'a> {
    /// Its identity: of two at one time, the lesser came first.
    pub id: String,
    /// The file, from the top of the repository on.
    pub path: String,
    /// When it was made, in Unix milliseconds.
    pub at_unix_ms: i64,
    /// Who made it.
    pub origin: Origin,
    /// How much it spans.
    pub scope: EditScope,
    /// Whether it changed human lines with the agent's own: what is found of it is mixed.
    pub is_mixed: bool,
    /// What is known of its lines.
    pub told: Told<'a>,
}

/// How much an edit spans. What a wider one tells again counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EditScope {
    /// One tool call.
    Call,
    /// All that was done for a message, or for a session.
    Wide,
}

/// What is known of the lines of an edit.
#[derive(Clone, Debug)]
pub enum Told<'a> {
    /// Which lines came and went.
    Hunks(Vec<Hunk<'a>>),
    /// The whole file, as it was written.
    Whole(&'a [u8]),
    /// Only that the file changed.
    Nothing,
}
