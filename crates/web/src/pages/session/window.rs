//! Which part of a conversation a page shows: a long one would keep a browser busy for seconds.

use std::ops::Range;

use domain::MessageId;
use report::session::story::{Scene, Speaker, Story};

use crate::{parameters::Parameters, reply::Refusal};

/// So many turns stand on a page at most, …
const SCENES: usize = 200;
/// … with so many pieces, unless one turn alone has more.
const PIECES: usize = 1_500;

/// Which window a request asks for.
pub(super) enum Wanted {
    First,
    /// By its number, from 1 on.
    Page(usize),
    /// The one that holds a message.
    Message(String),
}

impl Wanted {
    pub fn of(parameters: &mut Parameters) -> Result<Self, Refusal> {
        if let Some(message) = parameters.take("message") {
            return Ok(Self::Message(message));
        }
        let page = parameters.read("page", "a whole number")?;
        Ok(page.map_or(Self::First, Self::Page))
    }
}

/// A window of a story.
pub(super) struct Window {
    /// Its scenes.
    pub scenes: Range<usize>,
    /// Its number, from 1 on.
    pub number: usize,
    /// Where each window ends.
    ends: Vec<usize>,
}

impl Window {
    /// The one that is wanted, else the nearest.
    pub fn of(story: &Story<'_>, wanted: &Wanted) -> Self {
        let ends = ends(&story.scenes);
        let number = match wanted {
            Wanted::First => 1,
            Wanted::Page(number) => (*number).clamp(1, ends.len()),
            Wanted::Message(id) => {
                let place = story.scenes.iter().position(|scene| message_id(scene) == Some(id));
                place.map_or(1, |place| holding(&ends, place))
            }
        };
        let begin = if number == 1 { 0 } else { ends[number - 2] };
        Self { scenes: begin..ends[number - 1], number, ends }
    }

    /// How many windows there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The number of the window that holds a scene.
    pub fn holding(&self, scene: usize) -> usize {
        holding(&self.ends, scene)
    }
}

fn holding(ends: &[usize], scene: usize) -> usize {
    ends.partition_point(|end| *end <= scene) + 1
}

/// Where each window ends. What is added to a conversation moves no window but the last.
fn ends(scenes: &[Scene<'_>]) -> Vec<usize> {
    let (mut ends, mut begin, mut pieces) = (Vec::new(), 0, 0);
    for (place, scene) in scenes.iter().enumerate() {
        let more = size(scene);
        if place > begin && (place - begin == SCENES || pieces + more > PIECES) {
            ends.push(place);
            (begin, pieces) = (place, 0);
        }
        pieces += more;
    }
    ends.push(scenes.len());
    ends
}

fn size(scene: &Scene<'_>) -> usize {
    match scene {
        Scene::Turn(turn) => turn.pieces.len(),
        Scene::Error(_) | Scene::Compaction(_) | Scene::Subagent(_) => 1,
    }
}

/// The message that a scene tells of.
pub(super) fn message_id<'m>(scene: &Scene<'m>) -> Option<&'m str> {
    let Scene::Turn(turn) = scene else { return None };
    match turn.speaker {
        Speaker::Message(message) => Some(message.message_id.as_str()),
        Speaker::PartsOf(id) => Some(MessageId::as_str(id)),
        Speaker::Prompt(_) | Speaker::Calls => None,
    }
}
