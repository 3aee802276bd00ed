//! Lines of which only what follows tells what they are.
//!
//! A fork (`--fork-session`, 2.1.328) copies lines with their ids and times under its own session, and
//! gives all copied lines of the user the id of its own first prompt. A prompt is known to be copied
//! by an answer that says so, or by another prompt with the same id; what commands print has no prompt
//! of its own, and is what the prompt before it is. A compaction goes by the prompt that its summary
//! names, and both stand in lines of their own.
//!
//! Of a compacted session a fork copies what follows the last compaction, whose line is the first of
//! all that bear an id, with `-p` and in the terminal alike; a session's own compaction follows what it
//! condenses. So a copied one is known by its place. Its time would not do: a fork made in the terminal
//! writes no timed line of its own before it, and a `<command-name>` with the line before it is older
//! than the compaction that it asked for by as long as that took. (Of some 200 transcripts of 2.1.328
//! no other line but attachments is older than one before it by more than 0.05 s where nothing was
//! copied.)
//!
//! One thing is not certain: a copied prompt at the very end of what can be read that seems to be the
//! fork's own, which is so where time does not tell. With `-p` a fork was seen to write all that it
//! copies, and its own prompt, in one go.

use std::mem;

use domain::{
    Batch, Compaction, CompactionId, Field, Item, Json, MessageId, Record, SessionId, Stamp,
};

use super::Transcript;
use super::line::Clock;
use super::session::{Now, Sessions};
use super::state::State;
use crate::claude::of_prompt;

/// How much may wait with a prompt. Of what is beyond, the lines before the prompt tell whether it is
/// copied.
const TEXTS_BYTES: usize = 1024 * 1024;

/// What is unsettled, and where in the file it begins.
#[derive(Debug, Default)]
pub(super) struct Unsettled {
    from: Option<(u64, String)>,
    prompt: Option<Prompt>,
    /// What was printed since that prompt.
    texts: Vec<Text>,
    boundary: Option<Boundary>,
}

/// A line that waits for what follows.
#[expect(clippy::large_enum_variant, reason = "it is made for a moment")]
pub(super) enum Waiting {
    Prompt(Prompt),
    Boundary(Boundary),
}

/// A prompt, by its own id and by its line's.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "it is the transcript's own word")]
pub(super) struct Prompt {
    pub session: SessionId,
    /// `None` where it goes by its line: older versions give none.
    pub prompt_id: Option<String>,
    pub uuid: String,
    pub own: Option<Item>,
    pub by_line: Item,
    /// It is older than the line before it: it was copied, but nothing proves it yet.
    pub is_old: bool,
    pub clock: Clock,
    pub permission_mode: Option<String>,
    pub surroundings: Option<Json>,
}

impl Prompt {
    fn item(&self) -> &Item {
        self.own.as_ref().unwrap_or(&self.by_line)
    }

    /// The id of its message.
    fn id(&self) -> &str {
        self.prompt_id.as_deref().unwrap_or(&self.uuid)
    }

    fn tell(&self, sessions: &mut Sessions) {
        sessions.begun(&self.session, &self.clock);
        let now = Now {
            permission_mode: self.permission_mode.as_deref(),
            payload: self.surroundings.clone(),
            ..Now::default()
        };
        sessions.is_now(&self.session, &self.clock, now);
    }
}

/// The line that tells that the conversation was condensed.
#[derive(Clone, Debug)]
pub(super) struct Boundary {
    /// Under the line's id.
    pub row: Compaction,
    pub stamp: Stamp,
    pub bytes: usize,
    /// It is older than a line before it, or the first line of all.
    pub is_old: bool,
    pub summary: Option<Summary>,
}

/// A message that is what the prompt before it is.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub item: Item,
    pub stamp: Stamp,
}

/// The line that sums up what was condensed.
#[derive(Clone, Debug)]
pub(super) struct Summary {
    pub prompt_id: Option<String>,
    pub text: Text,
}

impl Text {
    fn item(mut self, is_copied: bool) -> Item {
        if let Record::Message(message) = &mut self.item.subject {
            message.inherited = Field::new(self.stamp, is_copied.then_some(true));
        }
        self.item
    }
}

impl Boundary {
    /// The prompt that was answered when the conversation was condensed.
    fn prompt(&self) -> Option<&str> {
        self.summary.as_ref()?.prompt_id.as_deref()
    }

    /// The compaction and its summary. `before` is how many there were during the same prompt.
    fn items(mut self, before: u64, is_copied: bool) -> Vec<Item> {
        let prompt = self.prompt().filter(|_| !is_copied).and_then(|id| MessageId::new(id).ok());
        if let Some(prompt) = &prompt {
            let id = match before {
                0 => of_prompt(prompt.as_str()),
                before => format!("{}/{}", of_prompt(prompt.as_str()), before + 1),
            };
            self.row.compaction_id = CompactionId::new(id).expect("it has a prefix");
            self.row.message_id = Field::new(self.stamp, Some(prompt.clone()));
        }
        let row = Item { subject: self.row.into(), beside: Vec::new(), bytes: self.bytes };
        let summary = self.summary.map(|Summary { mut text, .. }| {
            if let Record::Message(message) = &mut text.item.subject {
                let prompt = prompt.map(|id| id.as_str().to_owned());
                message.parent_message_id = Field::new(text.stamp, prompt);
            }
            text.item(is_copied)
        });
        [Some(row), summary].into_iter().flatten().collect()
    }
}

impl Unsettled {
    /// Where the first unsettled line begins, and the state before it.
    pub fn from(&self) -> Option<(u64, &str)> {
        self.from.as_ref().map(|(offset, state)| (*offset, state.as_str()))
    }

    /// The id of the prompt that waits.
    pub fn prompt_id(&self) -> Option<&str> {
        self.prompt.as_ref()?.prompt_id.as_deref()
    }

    /// The message that holds the prompt which waits, as it seems.
    pub fn parent(&self) -> Option<&str> {
        let prompt = self.prompt.as_ref()?;
        Some(if prompt.is_old { &prompt.uuid } else { prompt.id() })
    }

    /// Whether the prompt that waits seems to be copied.
    pub fn seems_copied(&self) -> Option<bool> {
        self.prompt.as_ref().map(|prompt| prompt.is_old)
    }

    /// Keeps a text until the prompt that waits is settled; gives it back where none does.
    pub fn keep(&mut self, text: Text) -> Option<Text> {
        let bytes: usize = self.texts.iter().map(|text| text.item.bytes).sum();
        if self.prompt.is_none() || bytes + text.item.bytes > TEXTS_BYTES {
            return Some(text);
        }
        self.texts.push(text);
        None
    }

    pub fn has_boundary(&self) -> bool {
        self.boundary.is_some()
    }

    /// Whether the next summary is that of a compaction. Other lines may stand between the two (2.1.328),
    /// so that the summary does not name the compaction's line as its parent.
    pub fn awaits_summary(&self) -> bool {
        self.boundary.as_ref().is_some_and(|boundary| boundary.summary.is_none())
    }

    pub fn wait(&mut self, offset: u64, before: &State, waiting: Waiting) {
        self.from.get_or_insert_with(|| (offset, before.write()));
        match waiting {
            Waiting::Prompt(prompt) => self.prompt = Some(prompt),
            Waiting::Boundary(boundary) => self.boundary = Some(boundary),
        }
    }

    /// Hands out what is unsettled as it seems, and still waits. Of a compaction without its summary
    /// nothing can be told, and of a prompt that seems copied neither id is certain.
    pub fn as_it_seems(&self, state: &State, sessions: &mut Sessions, batch: &mut Batch) {
        if self.seems_copied() == Some(true) {
            return;
        }
        if let Some(prompt) = &self.prompt {
            prompt.tell(sessions);
            batch.items.push(prompt.item().clone());
        }
        batch.items.extend(self.texts.iter().cloned().map(|text| text.item(false)));
        if let Some(boundary) = self.boundary.clone().filter(|told| told.summary.is_some()) {
            let before = boundary.prompt().map_or(0, |prompt| state.compactions(prompt));
            batch.items.extend(boundary.items(before, false));
        }
    }

    fn ease(&mut self) {
        if self.prompt.is_none() && self.boundary.is_none() {
            self.from = None;
        }
    }
}

impl Transcript {
    /// What follows has told what the prompt that waits is, and a compaction during it.
    pub(super) fn settle(&mut self, is_copied: bool, batch: &mut Batch) {
        if let Some(prompt) = self.unsettled.prompt.take() {
            self.settle_prompt(prompt, is_copied, batch);
            let texts = mem::take(&mut self.unsettled.texts);
            batch.items.extend(texts.into_iter().map(|text| text.item(is_copied)));
        }
        if self.unsettled.boundary.as_ref().is_some_and(|told| told.summary.is_some()) {
            self.settle_boundary(is_copied, batch);
        }
        self.unsettled.ease();
    }

    /// The same where nothing can follow any more that a compaction waits for.
    pub(super) fn settle_all(&mut self, is_copied: bool, batch: &mut Batch) {
        self.settle(is_copied, batch);
        self.settle_boundary(is_copied, batch);
        self.unsettled.ease();
    }

    /// Hands out a prompt, and goes on with it.
    pub(super) fn settle_prompt(&mut self, prompt: Prompt, is_copied: bool, batch: &mut Batch) {
        self.state.is_copied = is_copied;
        if is_copied {
            self.state.parent = Some(prompt.uuid);
            let text = Text { item: prompt.by_line, stamp: prompt.clock.stamp() };
            batch.items.push(text.item(true));
            return;
        }
        prompt.tell(&mut self.sessions);
        self.state.parent = Some(prompt.id().to_owned());
        if prompt.prompt_id.is_some() {
            self.state.prompt = prompt.prompt_id;
        }
        batch.items.push(prompt.own.unwrap_or(prompt.by_line));
    }

    /// The summary that a compaction waits for has come.
    pub(super) fn summarised(&mut self, summary: Summary, batch: &mut Batch) {
        let Some(boundary) = &mut self.unsettled.boundary else { return };
        boundary.summary = Some(summary);
        let is_copied = self.state.is_copied && boundary.is_old;
        if self.unsettled.prompt.is_none() {
            self.settle_boundary(is_copied, batch);
            self.unsettled.ease();
        }
    }

    fn settle_boundary(&mut self, is_copied: bool, batch: &mut Batch) {
        let Some(boundary) = self.unsettled.boundary.take() else { return };
        self.state.is_copied = is_copied;
        let mut before = 0;
        if let Some(prompt) = boundary.prompt().filter(|_| !is_copied) {
            before = self.state.compactions(prompt);
            self.state.compacted = Some((prompt.to_owned(), before + 1));
        }
        batch.items.extend(boundary.items(before, is_copied));
    }
}
