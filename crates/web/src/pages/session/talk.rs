//! What was said and done, scene by scene: in the page, and again in it below the call that started a
//! subagent.

use std::path::Path;

use askama::Template;
use domain::{Compaction, Json, Model, Patch, Role, SideCall, Step, StepKind, Tokens, UnixMs};
use jiff::tz::TimeZone;
use report::{
    TokenCounts, json,
    session::{
        cost::CostDetail,
        story::{Call, Change, Piece, Scene, Speaker, Story, Turn},
    },
};
use store::query::session_tree::Branch;

use super::{
    super::{
        filters::{self, dollars, shortened},
        lines::file_url,
        text,
    },
    Below, anchor,
    card::Card,
    diff::Diff,
    first_line,
    loaded::Loaded,
    markdown, url,
    window::message_id,
};
use crate::attribution::is_plain;

/// A longer answer is shown as it was written: nobody reads it as one.
const MARKDOWN_BYTES: usize = 256 << 10;

/// How much of a thought is seen before it is unfolded.
const THOUGHT_CHARACTERS: usize = 100;

/// How much of a hash tells it from others.
const HASH_CHARACTERS: usize = 10;

/// The scenes of a window.
#[derive(Template)]
#[template(path = "session/talk.html")]
pub(super) struct Talk<'t> {
    scenes: &'t [Scene<'t>],
    below: &'t Below,
    zone: &'t TimeZone,
    /// The folder that the session works in.
    project: Option<&'t str>,
    /// What comes before ids, so that those of a subagent's conversation are others.
    scope: String,
}

impl<'t> Talk<'t> {
    pub fn of(loaded: &'t Loaded, story: &'t Story<'t>, zone: &'t TimeZone, scope: String) -> Self {
        let scenes = &story.scenes[loaded.window.scenes.clone()];
        let project = story.session.project_path.value().map(String::as_str);
        Self { scenes, below: &loaded.below, zone, project, scope }
    }

    /// Where a file of the project is shown with whose its lines are.
    pub fn file_url(&self, path: &str) -> Option<String> {
        let project = self.project.filter(|project| Path::new(project).is_absolute())?;
        let path = Path::new(path);
        let below = if path.is_absolute() { path.strip_prefix(project).ok()? } else { path };
        below.to_str().filter(|path| is_plain(path)).map(|path| file_url(project, path, None))
    }

    fn anchor(&self, scene: &Scene<'_>) -> String {
        scene_anchor(scene, &self.scope)
    }

    /// The conversation of a subagent, where it is short enough to be shown here.
    pub fn nested(&self, branch: &Branch) -> Option<String> {
        let loaded = self.below.get(&branch.session_id)?;
        let story = loaded.material.story();
        let scope = format!("{}.", anchor('s', "", &branch.session_id));
        Some(text(&Talk::of(loaded, &story, self.zone, scope)))
    }

    fn card(&self, call: &Call<'_>) -> String {
        text(&Card::of(call, self))
    }
}

/// What the templates ask; nothing of it depends on where the scene stands.
#[expect(clippy::unused_self, reason = "a template calls what its page has")]
impl Talk<'_> {
    fn kind(&self, turn: &Turn<'_>) -> &'static str {
        let message = turn.message();
        if message.is_some_and(|message| message.side_call.value().is_some()) || !turn.counts {
            return "aside";
        }
        turn.role().map_or("unknown", Role::as_str)
    }

    fn heading(&self, turn: &Turn<'_>) -> &'static str {
        match (turn.speaker, turn.role()) {
            (_, Some(Role::User)) => "User",
            (_, Some(Role::Assistant)) => "Assistant",
            (Speaker::Message(_) | Speaker::Prompt(_), None) => "Somebody",
            (Speaker::PartsOf(_), None) => "A message of which only parts are known",
            (Speaker::Calls, None) => "Tool calls of no known message",
        }
    }

    fn facts(&self, turn: &Turn<'_>) -> Vec<String> {
        let copied =
            (!turn.counts).then(|| "copied by a fork, counts where it came from".to_owned());
        let Some(message) = turn.message() else { return copied.into_iter().collect() };
        let side_call = message.side_call.value().copied().map(SideCall::as_str);
        let facts = [
            message.agent_name.value().cloned(),
            message.model.value().map(Model::to_string),
            side_call.map(|call| format!("{call} call")),
            message.finish.value().cloned(),
            message.tokens.value().and_then(tokens),
            copied,
        ];
        facts.into_iter().flatten().collect()
    }

    /// What a turn took, where the steps do not say the same beside it.
    fn took<'m>(&self, turn: &Turn<'m>) -> Option<&'m CostDetail> {
        let is_end = |piece: &&Piece<'_>| matches!(piece, Piece::Step(step) if step.kind.value() == Some(&StepKind::Finish));
        turn.cost.filter(|_| turn.pieces.iter().filter(is_end).count() != 1)
    }

    fn total(&self, cost: &CostDetail) -> Option<String> {
        Some(cost.tokens.total()).filter(|total| *total > 0).map(shortened)
    }

    /// What a step took, as the agent says.
    fn step(&self, step: &Step) -> Vec<String> {
        let total = step.tokens.value().map(|tokens| TokenCounts::from(*tokens).total());
        let facts = [
            step.cost.value().map(|cost| format!("{} by the agent", dollars(cost.amount().0))),
            total.map(|total| format!("{} tokens", shortened(total))),
            step.reason.value().cloned(),
            step.snapshot.value().map(|hash| self.hash(hash)),
        ];
        facts.into_iter().flatten().collect()
    }

    fn is_end(&self, step: &Step) -> bool {
        step.kind.value() == Some(&StepKind::Finish)
    }

    fn hash(&self, hash: &str) -> String {
        hash.chars().take(HASH_CHARACTERS).collect()
    }

    fn is_said_plainly(&self, turn: &Turn<'_>, text: &str) -> bool {
        turn.role() != Some(Role::Assistant) || text.len() > MARKDOWN_BYTES
    }

    fn markdown(&self, text: &str) -> String {
        markdown::html(text)
    }

    fn begin(&self, thought: &str) -> String {
        first_line(thought, THOUGHT_CHARACTERS)
    }

    fn patch(&self, patch: &str) -> String {
        let change = Change { path: None, diff: patch.into() };
        text(&Diff::of(&change, None))
    }

    fn json(&self, value: &Json) -> String {
        pretty(value)
    }

    /// The files that changed.
    fn files(&self, patch: Option<&Patch>) -> Vec<String> {
        let files = patch.and_then(|patch| patch.files.value());
        files.and_then(|files| serde_json::from_str(files.as_str()).ok()).unwrap_or_default()
    }

    fn hash_of(&self, patch: Option<&Patch>) -> Option<String> {
        patch.and_then(|patch| patch.git_hash.value()).map(|hash| self.hash(hash))
    }

    fn sizes_of(&self, compaction: Option<&Compaction>) -> Vec<String> {
        compaction.map(|compaction| self.sizes(compaction)).unwrap_or_default()
    }

    fn sizes(&self, compaction: &Compaction) -> Vec<String> {
        let told = |before: Option<&i64>, after: Option<&i64>, things: &str| {
            let told =
                |number: Option<&i64>| number.map_or("?".to_owned(), |size| shortened(*size));
            (before.is_some() || after.is_some())
                .then(|| format!("{} → {} {things}", told(before), told(after)))
        };
        let Compaction { tokens_before, tokens_after, messages_before, messages_after, .. } =
            compaction;
        let tokens = told(tokens_before.value(), tokens_after.value(), "tokens");
        let messages = told(messages_before.value(), messages_after.value(), "messages");
        tokens.into_iter().chain(messages).collect()
    }

    fn url(&self, branch: &Branch) -> String {
        url(&branch.session_id)
    }

    fn ms(&self, at: Option<UnixMs>) -> Option<i64> {
        at.map(UnixMs::get)
    }
}

/// A value on as many lines as make it readable; what is none as it is.
pub(super) fn pretty(value: &Json) -> String {
    let parsed = serde_json::from_str(value.as_str());
    parsed.map_or_else(|_| value.as_str().to_owned(), |value| json::pretty(&value))
}

/// The tokens of each kind that there are any of.
fn tokens(tokens: &Tokens) -> Option<String> {
    let Tokens { input, output, reasoning, cache_read, cache_write, cache_write_1h: _ } = *tokens;
    let kinds = [
        ("in", input),
        ("out", output),
        ("thinking", reasoning),
        ("cache read", cache_read),
        ("cache write", cache_write),
    ];
    let told = kinds.into_iter().filter_map(|(name, count)| {
        Some(format!("{name} {}", shortened(count.filter(|count| *count > 0)?)))
    });
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// The name by which a scene can be linked to.
pub(super) fn scene_anchor(scene: &Scene<'_>, scope: &str) -> String {
    match scene {
        Scene::Turn(turn) => match (message_id(scene), turn.speaker) {
            (Some(id), _) => anchor('m', scope, id),
            (None, Speaker::Prompt(event)) => anchor('p', scope, event.event_id.as_str()),
            (None, _) => anchor('c', scope, "calls"),
        },
        Scene::Error(error) => anchor('e', scope, error.error_id.as_str()),
        Scene::Compaction(compaction) => anchor('k', scope, compaction.compaction_id.as_str()),
        Scene::Subagent(branch) => anchor('s', scope, &branch.session_id),
    }
}
