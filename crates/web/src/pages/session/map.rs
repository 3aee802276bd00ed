//! The map of a session: what was asked, and where something happened that one looks for.

use report::session::story::{Piece, Scene, Story, Turn};

use super::{first_line, talk::scene_anchor, window::Window};

/// How much of a prompt stands in the map.
const LABEL_CHARACTERS: usize = 60;

/// One entry.
pub(super) struct Mark {
    /// What it is, as the style sheet names it.
    pub kind: &'static str,
    pub label: String,
    pub url: String,
    /// Of a prompt how many tool calls failed until the next one.
    pub failed: usize,
}

/// All entries, also of other windows.
pub(super) fn marks(story: &Story<'_>, window: &Window) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for (place, scene) in story.scenes.iter().enumerate() {
        let anchor = scene_anchor(scene, "");
        let page = window.holding(place);
        let url = if page == window.number {
            format!("#{anchor}")
        } else {
            format!("?page={page}#{anchor}")
        };
        let mut mark = |kind, label| marks.push(Mark { kind, label, url: url.clone(), failed: 0 });
        match scene {
            Scene::Turn(turn) => of_turn(turn, &mut mark),
            Scene::Error(_) => mark("error", "Error".to_owned()),
            Scene::Compaction(_) => mark("compaction", "Compaction".to_owned()),
            Scene::Subagent(branch) => mark("subagent", subagent(branch.agent_name.as_deref())),
        }
        if let (Scene::Turn(turn), Some(prompt)) =
            (scene, marks.iter_mut().rev().find(|mark| mark.kind == "prompt"))
        {
            prompt.failed += failed(turn);
        }
    }
    marks
}

fn of_turn(turn: &Turn<'_>, mark: &mut impl FnMut(&'static str, String)) {
    if let Some(begin) = turn.begin().filter(|_| turn.is_prompt()) {
        mark("prompt", first_line(&begin, LABEL_CHARACTERS));
    }
    for piece in &turn.pieces {
        match piece {
            Piece::Error(_) => mark("error", "Error".to_owned()),
            Piece::Compaction { .. } => mark("compaction", "Compaction".to_owned()),
            Piece::Call(call) => {
                for branch in &call.subagents {
                    mark("subagent", subagent(branch.agent_name.as_deref()));
                }
            }
            Piece::Text(_)
            | Piece::Inserted(_)
            | Piece::Thought(_)
            | Piece::UnknownCall
            | Piece::Step(_)
            | Piece::Patch { .. }
            | Piece::File { .. }
            | Piece::Event { .. }
            | Piece::Unknown => {}
        }
    }
}

fn subagent(name: Option<&str>) -> String {
    let name = name.map(|name| first_line(name, LABEL_CHARACTERS));
    name.map_or_else(|| "Subagent".to_owned(), |name| format!("Subagent {name}"))
}

fn failed(turn: &Turn<'_>) -> usize {
    let has_failed = |piece: &&Piece<'_>| matches!(piece, Piece::Call(call) if call.has_failed());
    turn.pieces.iter().filter(has_failed).count()
}
