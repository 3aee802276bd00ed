//! Which tool call started which subagent.
//!
//! No agent says it in one way: `OpenCode` names the child's session in the call's output, Claude Code
//! the subagent in its response. Where neither is told, a child belongs to the call during which it began.

use std::collections::HashMap;

use domain::{CutText, Json, Session, UnixMs};
use store::query::session_tree::Branch;

use super::{Call, Piece, Scene};

/// Gives each call the sessions that it started, and gives back those that none started.
pub(super) fn bring_together<'m>(
    scenes: &mut [Scene<'m>],
    session: &Session,
    subagents: &'m [Branch],
) -> Vec<&'m Branch> {
    let prefix = format!("{}/", session.session_id);
    let mut waiting: HashMap<&str, &Branch> = subagents
        .iter()
        .map(|branch| {
            let id = branch.session_id.as_str();
            (id.strip_prefix(&prefix).unwrap_or(id), branch)
        })
        .collect();
    if waiting.is_empty() {
        return Vec::new();
    }
    let mut calls: Vec<&mut Call<'m>> = starting_calls(scenes).collect();
    for call in &mut calls {
        let named: Vec<&str> = names(call).filter(|name| waiting.contains_key(name)).collect();
        call.subagents.extend(named.into_iter().filter_map(|name| waiting.remove(name)));
    }
    let mut left: Vec<&Branch> = waiting.into_values().collect();
    left.sort_by_key(|branch| (branch.created_at, &branch.session_id));
    left.retain(|branch| {
        let began = branch.created_at;
        let call = calls.iter_mut().rev().find(|call| is_during(call, began));
        call.map(|call| call.subagents.push(branch)).is_none()
    });
    left
}

fn starting_calls<'s, 'm>(scenes: &'s mut [Scene<'m>]) -> impl Iterator<Item = &'s mut Call<'m>> {
    let turns = scenes.iter_mut().filter_map(|scene| match scene {
        Scene::Turn(turn) => Some(turn),
        Scene::Error(_) | Scene::Compaction(_) | Scene::Subagent(_) => None,
    });
    turns.flat_map(|turn| &mut turn.pieces).filter_map(|piece| match piece {
        Piece::Call(call) if call.starts_subagent() => Some(call),
        _ => None,
    })
}

/// All words of what a call gave back that could be an identity.
fn names<'m>(call: &Call<'m>) -> impl Iterator<Item = &'m str> + use<'m> {
    let output = call.row.output.value().map_or("", CutText::text);
    let payload = call.row.payload.value().map_or("", Json::as_str);
    let is_between =
        |character: char| !character.is_ascii_alphanumeric() && !"-_".contains(character);
    [payload, output].into_iter().flat_map(move |text| text.split(is_between))
}

/// Whether that time is between the call's begin and its end.
fn is_during(call: &Call<'_>, at: Option<UnixMs>) -> bool {
    let Some(at) = at.map(UnixMs::get) else { return false };
    let given = call.row.started_at.value().copied();
    let started = given.or_else(|| call.row.ordered_at.0.map(UnixMs::get));
    let ended = call.row.ended_at.value().copied().unwrap_or(i64::MAX);
    started.is_some_and(|started| (started..=ended).contains(&at))
}
