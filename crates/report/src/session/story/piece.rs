//! What one turn consists of: its parts, each with the row that tells more of it.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use domain::{
    CallId, Compaction, Edit, Json, MessageId, Part, PartId, PartKind, Patch, Role, SessionError,
    Step, ToolCall,
};
use store::query::{session_opening::is_by_the_agent, session_show::Conversation};

use super::{super::turns, call::Call};

/// A piece of what was said and done.
pub enum Piece<'m> {
    /// Something that was said, or asked with its answers.
    Text(Cow<'m, str>),
    /// Something that the agent wrote in the person's name.
    Inserted(&'m str),
    /// Something that the agent thought.
    Thought(&'m str),
    /// A tool call.
    Call(Call<'m>),
    /// A tool call of which nothing else is known.
    UnknownCall,
    /// A model step begins or ends.
    Step(&'m Step),
    /// A change of files, by a patch's text or by the agent's own snapshots.
    Patch {
        /// The patch, where the agent gives one.
        text: &'m str,
        /// The snapshots and the files.
        patch: Option<&'m Patch>,
    },
    /// A file was handed to the agent.
    File {
        /// What it is called.
        name: &'m str,
        /// What it is.
        mime: Option<&'m str>,
    },
    /// The conversation was condensed.
    Compaction {
        /// Whether the agent did it on its own.
        is_automatic: Option<bool>,
        /// By how much, where that is known.
        compaction: Option<&'m Compaction>,
    },
    /// What ended the message.
    Error(&'m SessionError),
    /// A sub-agent was named, work was handed to one, or a request was tried again.
    Event {
        /// Which of them.
        kind: PartKind,
        /// What the agent said of it.
        payload: Option<&'m Json>,
    },
    /// A part of which nothing is known.
    Unknown,
}

/// The rows that parts tell of, by what they belong to.
pub(super) struct Rows<'m> {
    calls: HashSet<&'m CallId>,
    edits: HashMap<&'m CallId, Vec<&'m Edit>>,
    steps: HashMap<(&'m MessageId, &'m PartId), &'m Step>,
    errors: HashMap<&'m MessageId, Vec<&'m SessionError>>,
    compactions: HashMap<&'m MessageId, &'m Compaction>,
    /// The messages that have a turn.
    told: HashSet<&'m MessageId>,
    /// Those in which a part shows the compaction.
    condensing: HashSet<&'m MessageId>,
}

impl<'m> Rows<'m> {
    pub fn of(conversation: &'m Conversation, turns: &[turns::Turn<'m>]) -> Self {
        let Conversation { parts, tool_calls, steps, compactions, errors, edits, .. } =
            conversation;
        let is_condensing = |part: &&Part| part.kind.value() == Some(&PartKind::Compaction);
        let mut rows = Self {
            calls: tool_calls.iter().map(|call| &call.call_id).collect(),
            edits: HashMap::new(),
            steps: steps.iter().map(|step| ((&step.message_id, &step.part_id), step)).collect(),
            errors: HashMap::new(),
            compactions: HashMap::new(),
            told: turns.iter().filter_map(|turn| turn.message_id).collect(),
            condensing: parts.iter().filter(is_condensing).map(|part| &part.message_id).collect(),
        };
        for edit in edits {
            if let Some(call) = edit.call_id.value() {
                rows.edits.entry(call).or_default().push(edit);
            }
        }
        for compaction in compactions {
            if let Some(message) = compaction.message_id.value() {
                rows.compactions.entry(message).or_insert(compaction);
            }
        }
        for error in errors {
            if let Some(message) = error.message_id.value() {
                rows.errors.entry(message).or_default().push(error);
            }
        }
        rows
    }

    /// Whether a tool call tells of the error.
    fn is_of_call(&self, error: &SessionError) -> bool {
        error.call_id.value().is_some_and(|call| self.calls.contains(call))
    }

    /// Whether no turn tells of the error.
    pub fn is_error_left(&self, error: &SessionError) -> bool {
        let is_told = error.message_id.value().is_some_and(|message| self.told.contains(message));
        !is_told && !self.is_of_call(error)
    }

    /// Whether no turn tells of the compaction.
    pub fn is_compaction_left(&self, compaction: &Compaction) -> bool {
        let message = compaction.message_id.value();
        message.is_none_or(|message| !self.condensing.contains(message))
    }

    /// The pieces of a turn.
    pub fn pieces(&self, turn: &turns::Turn<'m>) -> Vec<Piece<'m>> {
        let parts = turn.parts.iter().filter_map(|part| self.piece(part, turn));
        let calls = turn.other_calls.iter().map(|call| self.call(call));
        let errors = turn.message_id.and_then(|message| self.errors.get(message));
        let errors = errors.into_iter().flatten().filter(|error| !self.is_of_call(error));
        parts.chain(calls).chain(errors.map(|error| Piece::Error(error))).collect()
    }

    fn piece(&self, part: &'m Part, turn: &turns::Turn<'m>) -> Option<Piece<'m>> {
        let text = part.text.value().map_or("", String::as_str);
        Some(match part.kind.value() {
            Some(PartKind::Text) if is_inserted(part, turn) => Piece::Inserted(text),
            Some(PartKind::Text | PartKind::Question) => Piece::Text(text.into()),
            Some(PartKind::Reasoning) => {
                Piece::Thought(part.reasoning_text.value().map_or("", String::as_str))
            }
            Some(PartKind::Tool) => match turn.calls_of_parts.get(&part.part_id) {
                Some(call) => self.call(call),
                None => Piece::UnknownCall,
            },
            Some(PartKind::Patch) => {
                Piece::Patch { text, patch: turn.patches.get(&part.part_id).copied() }
            }
            Some(PartKind::File) => Piece::File {
                name: part.file_name.value().map_or("", String::as_str),
                mime: part.file_mime.value().map(String::as_str),
            },
            Some(PartKind::Compaction) => Piece::Compaction {
                is_automatic: part.compaction_auto.value().copied(),
                compaction: self.compactions.get(&part.message_id).copied(),
            },
            Some(PartKind::StepStart | PartKind::StepFinish) => {
                Piece::Step(self.steps.get(&(&part.message_id, &part.part_id))?)
            }
            // The steps name the snapshots.
            Some(PartKind::Snapshot) => return None,
            Some(kind @ (PartKind::Agent | PartKind::Retry | PartKind::Subtask)) => {
                Piece::Event { kind: *kind, payload: part.payload.value() }
            }
            None => Piece::Unknown,
        })
    }

    fn call(&self, call: &'m ToolCall) -> Piece<'m> {
        let edits = self.edits.get(&call.call_id).cloned().unwrap_or_default();
        Piece::Call(Call { row: call, edits, subagents: Vec::new() })
    }
}

fn is_inserted(part: &Part, turn: &turns::Turn<'_>) -> bool {
    let role = turn.message.and_then(|message| message.role.value());
    let text = part.text.value().map_or("", String::as_str);
    role == Some(&Role::User) && is_by_the_agent(text, part.payload.value().map(Json::as_str))
}
