//! What a page of a conversation reads: the conversation, and those of its subagents that are shown in it.

use std::collections::HashMap;

use domain::SessionId;
use report::{
    ReportError, Source,
    session::story::{Material, Piece, Scene, material},
};
use store::query::session_length::session_length;

use super::{
    Below,
    window::{Wanted, Window},
};

/// A longer conversation of a subagent is only linked to.
const NESTED_PARTS: usize = 300;
/// More of them are only linked to, …
const NESTED: usize = 20;
/// … and those that are further below.
const DEPTH: usize = 3;

/// A conversation with those below it.
pub(super) struct Loaded {
    pub material: Material,
    pub window: Window,
    /// By the id of the session.
    pub below: Below,
}

impl Loaded {
    pub fn read(source: &Source<'_>, id: &SessionId, wanted: &Wanted) -> Result<Self, ReportError> {
        Self::read_below(source, id, wanted, DEPTH, &mut NESTED.clone())
    }

    fn read_below(
        source: &Source<'_>,
        id: &SessionId,
        wanted: &Wanted,
        depth: usize,
        left: &mut usize,
    ) -> Result<Self, ReportError> {
        let material = material(source, id)?;
        let (window, children) = {
            let story = material.story();
            let window = Window::of(&story, wanted);
            let children = children(&story.scenes[window.scenes.clone()]);
            (window, children)
        };
        let mut below = HashMap::new();
        for child in children {
            if depth == 0 || *left == 0 {
                break;
            }
            if session_length(source.holder, &child)? <= NESTED_PARTS {
                *left -= 1;
                let read = Self::read_below(source, &child, &Wanted::First, depth - 1, left)?;
                below.insert(child.as_str().to_owned(), read);
            }
        }
        Ok(Self { material, window, below })
    }

    /// The sessions of which it shows anything.
    pub fn ids(&self) -> impl Iterator<Item = &SessionId> {
        let below: Vec<&SessionId> = self.below.values().flat_map(Self::ids).collect();
        std::iter::once(self.material.session_id()).chain(below)
    }
}

/// The sessions that these scenes started.
fn children(scenes: &[Scene<'_>]) -> Vec<SessionId> {
    let branches = scenes.iter().flat_map(|scene| match scene {
        Scene::Turn(turn) => {
            let calls = turn.pieces.iter().filter_map(|piece| match piece {
                Piece::Call(call) => Some(call.subagents.iter()),
                _ => None,
            });
            calls.flatten().copied().collect()
        }
        Scene::Subagent(branch) => vec![*branch],
        Scene::Error(_) | Scene::Compaction(_) => Vec::new(),
    });
    branches.filter_map(|branch| SessionId::new(branch.session_id.as_str()).ok()).collect()
}
