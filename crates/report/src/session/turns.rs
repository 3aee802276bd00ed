//! A conversation by turns: each message with its parts, tool calls and patches, however it is told.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Message, MessageId, Part, PartId, Patch, ToolCall, UnixMs};
use store::query::session_show::Conversation;

/// A message with what belongs to it. The message itself may be unknown.
#[derive(Default)]
pub struct Turn<'c> {
    /// The message itself.
    pub message: Option<&'c Message>,
    /// Its identity.
    pub message_id: Option<&'c MessageId>,
    /// Its parts.
    pub parts: Vec<&'c Part>,
    /// The calls that parts show.
    pub calls_of_parts: BTreeMap<&'c PartId, &'c ToolCall>,
    /// The calls that no part shows.
    pub other_calls: Vec<&'c ToolCall>,
    /// The changes that parts tell of.
    pub patches: BTreeMap<&'c PartId, &'c Patch>,
}

/// The turns in their order: by the message's time, else by that of its first part.
pub fn turns(conversation: &Conversation) -> Vec<Turn<'_>> {
    let Conversation { messages, parts, tool_calls, patches, .. } = conversation;
    let mut turns: BTreeMap<Option<&MessageId>, Turn<'_>> = BTreeMap::new();
    for message in messages {
        turns.entry(Some(&message.message_id)).or_default().message = Some(message);
    }
    for part in parts {
        turns.entry(Some(&part.message_id)).or_default().parts.push(part);
    }
    let shown: BTreeSet<_> = parts.iter().map(|part| (&part.message_id, &part.part_id)).collect();
    for call in tool_calls {
        let turn = turns.entry(call.message_id.value()).or_default();
        let of_part = call.message_id.value().zip(call.part_id.value());
        match of_part.filter(|key| shown.contains(key)) {
            Some((_, part_id)) => drop(turn.calls_of_parts.insert(part_id, call)),
            None => turn.other_calls.push(call),
        }
    }
    for patch in patches {
        let turn = turns.entry(Some(&patch.message_id)).or_default();
        turn.patches.insert(&patch.part_id, patch);
    }
    for (message_id, turn) in &mut turns {
        turn.message_id = *message_id;
    }
    let mut turns: Vec<Turn<'_>> = turns.into_values().collect();
    turns.sort_by_key(Turn::ordered_at);
    turns
}

impl Turn<'_> {
    /// What orders it.
    pub fn ordered_at(&self) -> Option<UnixMs> {
        let of_message = self.message.map(|message| message.ordered_at.0);
        let of_part = || self.parts.first().map(|part| part.ordered_at.0);
        let of_call = || self.other_calls.first().map(|call| call.ordered_at.0);
        of_message.or_else(of_part).or_else(of_call).flatten()
    }
}
