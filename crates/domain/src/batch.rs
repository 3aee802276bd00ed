//! What intake makes of foreign bytes, and what the store takes in.

use crate::{Agent, Record};

/// One valid item: the row that it is about, and the rows that it tells of beside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The row whose fate the receipt counts.
    pub subject: Record,
    /// Its session, and what else follows from it.
    pub beside: Vec<Record>,
    /// How many bytes of input it was read from.
    pub bytes: usize,
}

/// Valid items of one envelope or hook event, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The items.
    pub items: Vec<Item>,
    /// Optional fields that were left out of them.
    pub warnings: Vec<Warning>,
    /// It is a native hook event: an agent may feed our standard output to its model.
    pub is_hook_event: bool,
    /// A turn or the session ends here, so what waits should be stored soon.
    pub ends_turn: bool,
    /// Files of the agent's own that have more to tell.
    pub transcripts: Vec<Transcript>,
}

/// A file in which an agent itself records a session, and which grows with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transcript {
    /// Whose.
    pub agent: Agent,
    /// Where it lies, as the agent names it; nobody has judged it.
    pub path: String,
}

/// An optional field that was left out because its value does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Which envelope of the input, from 0.
    pub envelope: usize,
    /// Which item of the envelope, from 0.
    pub index: usize,
    /// Which field.
    pub field: String,
    /// Why.
    pub reason: String,
}

/// An item that cannot be taken in, with all that is needed to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Which envelope of the input, from 0.
    pub envelope: usize,
    /// Which item of the envelope, from 0.
    pub index: usize,
    /// The first failing field.
    pub field: String,
    /// Why.
    pub reason: String,
    /// The envelope's type.
    pub kind: String,
    /// The envelope's agent, as the decoder settled it.
    pub agent: String,
    /// The envelope's agent version, where given.
    pub agent_version: Option<String>,
    /// The item exactly as it came.
    pub bytes: Vec<u8>,
    /// Which of the equal items of its envelope, from 0.
    pub occurrence: u64,
}

/// Bytes that are no envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where they begin in the input.
    pub offset: u64,
    /// Why they cannot be read.
    pub reason: String,
    /// The bytes exactly as they came.
    pub bytes: Vec<u8>,
}

/// One thing that a decoder found in an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// Valid items.
    Items(Batch),
    /// One item that cannot be taken in; its siblings can.
    Rejected(Reject),
    /// Bytes that are no envelope; their neighbours are.
    Unreadable(Unreadable),
}
