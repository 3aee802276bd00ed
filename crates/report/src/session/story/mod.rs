//! A conversation as it is told: what was said and done, in order, with what belongs together brought
//! together. The terminal, the exports and the pages give this a form; none of them looks at rows to find
//! out what they mean.
//!
//! A story borrows all texts, and works nothing out of a tool call before somebody asks for it: of a long
//! conversation most is never shown.

mod call;
pub mod diff;
mod input;
mod piece;
mod subagents;

use std::collections::HashMap;

use domain::{
    Compaction, Event, Message, MessageId, Role, Session, SessionError, SessionId, UnixMs,
};
use store::query::{
    session_show::{Conversation, session_show},
    session_tree::{Branch, session_tree},
};

pub use self::{
    call::{Body, Call, Change, Todo},
    piece::Piece,
};
use super::{
    Copied,
    cost::{CostDetail, CostSummary, PreciseCost, cost},
    turns,
};
use crate::{ReportError, Source, opening};

/// All that a story is told from.
pub struct Material {
    conversation: Conversation,
    /// The sessions that this one started.
    subagents: Vec<Branch>,
    cost: PreciseCost,
    copied: Copied,
    opening: Option<String>,
}

/// Reads it.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn material(source: &Source<'_>, id: &SessionId) -> Result<Material, ReportError> {
    let found = session_show(source.holder, id)?;
    let mut subagents = session_tree(source.holder, id)?.unwrap_or_default();
    subagents.retain(|branch| branch.depth == 1);
    Ok(Material {
        conversation: found.ok_or_else(|| ReportError::UnknownSession(id.clone()))?,
        subagents,
        cost: cost(source, id)?,
        copied: Copied::of(source, id)?,
        opening: opening::opening(source, id.as_str())?,
    })
}

/// A conversation in its order.
pub struct Story<'m> {
    /// What is known of the session.
    pub session: &'m Session,
    /// The beginning of what the person said first, on one line.
    pub opening: Option<&'m str>,
    /// What it cost.
    pub cost: &'m CostSummary,
    /// The sessions that it started.
    pub subagents: &'m [Branch],
    /// What was said and what happened, oldest first.
    pub scenes: Vec<Scene<'m>>,
}

/// What was said at a time, or what happened then.
pub enum Scene<'m> {
    /// A message, or what is known of one.
    Turn(Turn<'m>),
    /// An error that belongs to no message.
    Error(&'m SessionError),
    /// A compaction that no message shows.
    Compaction(&'m Compaction),
    /// A subagent that no tool call started.
    Subagent(&'m Branch),
}

/// What somebody said and did at a time.
pub struct Turn<'m> {
    /// Who speaks.
    pub speaker: Speaker<'m>,
    /// When, in the order of the conversation.
    pub at: Option<UnixMs>,
    /// What was said and done, in order.
    pub pieces: Vec<Piece<'m>>,
    /// What it took and cost.
    pub cost: Option<&'m CostDetail>,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// Who speaks in a turn.
#[derive(Clone, Copy)]
pub enum Speaker<'m> {
    /// Whose message it is.
    Message(&'m Message),
    /// The person, in a prompt that no message tells of.
    Prompt(&'m Event),
    /// Nobody knows: of the message only parts are known.
    PartsOf(&'m MessageId),
    /// Nobody knows: tool calls of no known message.
    Calls,
}

impl Material {
    /// The session that was read.
    pub fn session_id(&self) -> &SessionId {
        &self.conversation.session.session_id
    }

    /// The rows themselves.
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// Tells it.
    pub fn story(&self) -> Story<'_> {
        let conversation = &self.conversation;
        let costs: HashMap<&str, &CostDetail> =
            self.cost.details.iter().map(|cost| (cost.message_id.as_str(), cost)).collect();
        let turns = turns::turns(conversation);
        let rows = piece::Rows::of(conversation, &turns);
        let mut scenes: Vec<Scene<'_>> = turns
            .iter()
            .map(|turn| {
                let id = turn.message_id.map(MessageId::as_str);
                Scene::Turn(Turn {
                    speaker: Speaker::of(turn),
                    at: turn.ordered_at(),
                    pieces: rows.pieces(turn),
                    cost: id.and_then(|id| costs.get(id).copied()),
                    counts: self.copied.counts(id),
                })
            })
            .collect();
        let errors = conversation.errors.iter().filter(|error| rows.is_error_left(error));
        scenes.extend(errors.map(Scene::Error));
        let compactions = conversation.compactions.iter();
        let compactions = compactions.filter(|compaction| rows.is_compaction_left(compaction));
        scenes.extend(compactions.map(Scene::Compaction));
        scenes.extend(conversation.prompts.iter().filter_map(prompt));
        let left = subagents::bring_together(&mut scenes, &conversation.session, &self.subagents);
        scenes.extend(left.into_iter().map(Scene::Subagent));
        scenes.sort_by_key(Scene::at);
        Story {
            session: &conversation.session,
            opening: self.opening.as_deref(),
            cost: &self.cost.summary,
            subagents: &self.subagents,
            scenes,
        }
    }
}

/// A prompt that only an event tells of.
fn prompt(event: &Event) -> Option<Scene<'_>> {
    Some(Scene::Turn(Turn {
        speaker: Speaker::Prompt(event),
        at: event.ordered_at.0,
        pieces: vec![Piece::Text(input::prompt(event.payload.value()?)?.into())],
        cost: None,
        counts: true,
    }))
}

impl<'m> Story<'m> {
    /// The turns, without what happened between them.
    pub fn turns(&self) -> impl Iterator<Item = &Turn<'m>> {
        self.scenes.iter().filter_map(|scene| match scene {
            Scene::Turn(turn) => Some(turn),
            Scene::Error(_) | Scene::Compaction(_) | Scene::Subagent(_) => None,
        })
    }
}

impl Scene<'_> {
    /// When it was, in the order of the conversation.
    pub fn at(&self) -> Option<UnixMs> {
        match self {
            Self::Turn(turn) => turn.at,
            Self::Error(error) => error.ordered_at.0,
            Self::Compaction(compaction) => compaction.ordered_at.0,
            Self::Subagent(branch) => branch.created_at,
        }
    }
}

impl<'m> Turn<'m> {
    /// The message, where it is known.
    pub fn message(&self) -> Option<&'m Message> {
        match self.speaker {
            Speaker::Message(message) => Some(message),
            Speaker::Prompt(_) | Speaker::PartsOf(_) | Speaker::Calls => None,
        }
    }

    /// Who speaks, where that is known.
    pub fn role(&self) -> Option<Role> {
        match self.speaker {
            Speaker::Message(message) => message.role.value().copied(),
            Speaker::Prompt(_) => Some(Role::User),
            Speaker::PartsOf(_) | Speaker::Calls => None,
        }
    }

    /// Whether the person speaks, and not the agent for them.
    pub fn is_prompt(&self) -> bool {
        let is_aside = self.message().is_some_and(|message| message.side_call.value().is_some());
        self.role() == Some(Role::User) && !is_aside
    }

    /// The beginning of what it says, on one line.
    pub fn begin(&self) -> Option<String> {
        self.text().and_then(opening::begin)
    }

    /// The first text in it that says anything.
    pub fn text(&self) -> Option<&str> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Text(text) if !text.trim().is_empty() => Some(text.as_ref()),
            _ => None,
        })
    }
}

impl<'m> Speaker<'m> {
    fn of(turn: &turns::Turn<'m>) -> Self {
        match (turn.message, turn.message_id) {
            (Some(message), _) => Self::Message(message),
            (None, Some(id)) => Self::PartsOf(id),
            (None, None) => Self::Calls,
        }
    }
}
