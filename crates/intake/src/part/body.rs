//! The fields of each type of part, and where they go.

use domain::{Cost, EditScope, Field, Json, PartKind, Patch, Step, StepKind, UnixMs};

use schemars::{Schema, SchemaGenerator};

use super::Rows;
use super::tool::ToolFields;
use crate::compaction;
use crate::json::{Object, canonical};
use crate::message::Counts;
use crate::wire::{Fields as _, Note, Refusal, wire};

wire! {
    /// When something began and ended.
    #[derive(Clone, Copy, Default)]
    Span {
        /// When it began, in Unix milliseconds.
        start: Option<UnixMs>,
        /// When it ended, in Unix milliseconds.
        end: Option<UnixMs>,
    }
}

wire! {
    /// Text of a prompt or an answer.
    TextFields {
        /// The text; it may be empty.
        text: String,
        /// When it was written.
        time: Option<Span>,
    }
}

wire! {
    /// Thinking.
    ReasoningFields {
        /// The thinking; it may be empty.
        text: String,
        /// What the provider says of it.
        metadata: Option<ReasoningMetadata>,
        /// When it was thought.
        time: Option<Span>,
    }
}

wire! {
    /// What a provider says of thinking.
    ReasoningMetadata {
        /// What Anthropic says of it.
        anthropic: Option<AnthropicMetadata>,
    }
}

wire! {
    /// What Anthropic says of thinking.
    AnthropicMetadata {
        /// The signature, byte for byte.
        signature: Option<String>,
    }
}

wire! {
    /// Questions of the agent with the answers.
    QuestionFields {
        /// A JSON array of `{question, answer}`, as it came.
        text: String,
    }
}

wire! {
    /// A change of files, by a snapshot's hash or by a unified diff.
    PatchFields {
        /// A unified diff, as it came. One of `text` and `hash` must say something.
        text: Option<String>,
        /// The snapshot before the change.
        hash: Option<String>,
        /// The files that changed.
        files: Option<Vec<String>>,
    }
}

wire! {
    /// A model step begins.
    StepStartFields {
        /// The snapshot of the work tree.
        snapshot: Option<String>,
    }
}

wire! {
    /// A model step ends.
    StepFinishFields {
        /// Why it ended.
        reason: Option<String>,
        /// The snapshot of the work tree.
        snapshot: Option<String>,
        /// What it cost in US dollars, as the agent says.
        cost: Option<Cost>,
        /// What it took.
        tokens: Option<Counts>,
    }
}

wire! {
    /// The conversation was condensed.
    CompactionFields {
        /// Whether the agent did it on its own.
        auto: Option<bool>,
    }
}

wire! {
    /// A file handed to the agent: the reference, never the content.
    FileFields {
        /// Its media type.
        mime: Option<String>,
        /// Its name.
        filename: Option<String>,
    }
}

/// The fields of a part's own type.
pub(super) enum Body {
    Text(TextFields),
    Reasoning(ReasoningFields),
    Question(QuestionFields),
    Patch(PatchFields),
    Tool(Box<ToolFields>),
    StepStart(StepStartFields),
    StepFinish(StepFinishFields),
    Compaction(CompactionFields),
    File(FileFields),
    /// A type whose fields are kept in the payload.
    Bare,
}

impl Body {
    /// Takes the fields of a type out of an item.
    ///
    /// # Errors
    /// The text, where the type cannot do without it.
    pub fn take(
        kind: PartKind,
        object: &mut Object<'_>,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Refusal> {
        Ok(match kind {
            PartKind::Text => Self::Text(TextFields::take(object, notes)?),
            PartKind::Reasoning => Self::Reasoning(ReasoningFields::take(object, notes)?),
            PartKind::Question => Self::Question(QuestionFields::take(object, notes)?),
            PartKind::Patch => Self::Patch(PatchFields::take(object, notes)?.told()?),
            PartKind::Tool => Self::Tool(Box::new(ToolFields::take(object, notes)?)),
            PartKind::StepStart => Self::StepStart(StepStartFields::take(object, notes)?),
            PartKind::StepFinish => Self::StepFinish(StepFinishFields::take(object, notes)?),
            PartKind::Compaction => Self::Compaction(CompactionFields::take(object, notes)?),
            PartKind::File => Self::File(FileFields::take(object, notes)?),
            PartKind::Snapshot | PartKind::Agent | PartKind::Retry | PartKind::Subtask => {
                Self::Bare
            }
        })
    }

    /// The objects that a type takes its fields from; `None` where it takes none.
    pub fn schema(kind: PartKind, generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(match kind {
            PartKind::Text => generator.subschema_for::<TextFields>(),
            PartKind::Reasoning => generator.subschema_for::<ReasoningFields>(),
            PartKind::Question => generator.subschema_for::<QuestionFields>(),
            PartKind::Patch => generator.subschema_for::<PatchFields>(),
            PartKind::Tool => generator.subschema_for::<ToolFields>(),
            PartKind::StepStart => generator.subschema_for::<StepStartFields>(),
            PartKind::StepFinish => generator.subschema_for::<StepFinishFields>(),
            PartKind::Compaction => generator.subschema_for::<CompactionFields>(),
            PartKind::File => generator.subschema_for::<FileFields>(),
            PartKind::Snapshot | PartKind::Agent | PartKind::Retry | PartKind::Subtask => {
                return None;
            }
        })
    }

    /// When the part began and ended.
    pub fn span(&self) -> Span {
        match self {
            Self::Text(fields) => fields.time.unwrap_or_default(),
            Self::Reasoning(fields) => fields.time.unwrap_or_default(),
            Self::Tool(fields) => fields.span(),
            Self::Question(_)
            | Self::Patch(_)
            | Self::StepStart(_)
            | Self::StepFinish(_)
            | Self::Compaction(_)
            | Self::File(_)
            | Self::Bare => Span::default(),
        }
    }

    /// Whether the part will not change any more.
    pub fn has_ended(&self) -> bool {
        match self {
            Self::Text(_) | Self::Reasoning(_) => self.span().end.is_some(),
            Self::Tool(fields) => fields.has_ended(),
            Self::Question(_)
            | Self::Patch(_)
            | Self::StepStart(_)
            | Self::StepFinish(_)
            | Self::Compaction(_)
            | Self::File(_)
            | Self::Bare => true,
        }
    }

    /// Writes the fields into the part and into the rows beside it.
    pub fn tell(self, rows: &mut Rows) {
        let stamp = rows.stamp;
        match self {
            Self::Text(TextFields { text, .. }) | Self::Question(QuestionFields { text }) => {
                rows.part.text = Field::new(stamp, Some(text));
            }
            Self::Reasoning(fields) => {
                let anthropic = fields.metadata.and_then(|metadata| metadata.anthropic);
                let signature = anthropic.and_then(|anthropic| anthropic.signature);
                rows.part.reasoning_text = Field::new(stamp, Some(fields.text));
                rows.part.signature = Field::new(stamp, signature);
            }
            Self::Patch(fields) => fields.tell(rows),
            Self::Tool(fields) => fields.tell(rows),
            Self::StepStart(fields) => {
                let mut step = rows.step(StepKind::Start);
                step.snapshot = Field::new(stamp, fields.snapshot);
                rows.beside.push(step.into());
            }
            Self::StepFinish(fields) => fields.tell(rows),
            Self::Compaction(fields) => fields.tell(rows),
            Self::File(fields) => {
                rows.part.file_mime = Field::new(stamp, fields.mime);
                rows.part.file_name = Field::new(stamp, fields.filename);
            }
            Self::Bare => {}
        }
    }
}

impl PatchFields {
    /// A patch that says something.
    fn told(self) -> Result<Self, Refusal> {
        let says = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        if says(&self.text) || says(&self.hash) {
            return Ok(self);
        }
        let reason = if self.text.is_some() {
            "is empty, and so is `hash`"
        } else {
            "is missing, and so is `hash`"
        };
        Err(Refusal { field: "text", reason })
    }

    fn tell(self, rows: &mut Rows) {
        let only_file = match self.files.as_deref() {
            Some([file]) => Some(file.clone()),
            Some(_) | None => None,
        };
        let teller = rows.teller(None);
        for file in self.files.iter().flatten() {
            rows.beside.push(teller.operation(file, None).into());
        }
        if self.hash.is_some() || self.files.is_some() {
            let (session_id, message_id, part_id) = rows.key();
            let mut patch = Patch::new(session_id, message_id, part_id);
            (patch.generated_at, patch.ordered_at) = rows.times();
            patch.git_hash = Field::new(rows.stamp, self.hash);
            let files = self.files.map(|files| Json::from_canonical(canonical(&files)));
            patch.files = Field::new(rows.stamp, files);
            rows.beside.push(patch.into());
        }
        if let Some(diff) = self.text.clone().filter(|text| !text.is_empty()) {
            let mut edit = teller.edit_named(&rows.own_name(), EditScope::Message);
            edit.path = Field::new(rows.stamp, only_file);
            edit.diff = Field::new(rows.stamp, Some(diff));
            rows.beside.push(edit.into());
        }
        rows.part.text = Field::new(rows.stamp, self.text);
    }
}

impl StepFinishFields {
    fn tell(self, rows: &mut Rows) {
        let mut step = rows.step(StepKind::Finish);
        step.reason = Field::new(rows.stamp, self.reason);
        step.snapshot = Field::new(rows.stamp, self.snapshot);
        step.cost = Field::new(rows.stamp, self.cost);
        step.tokens = Field::new(rows.stamp, self.tokens.and_then(|Counts(tokens)| tokens));
        rows.beside.push(step.into());
    }
}

impl CompactionFields {
    fn tell(self, rows: &mut Rows) {
        let stamp = rows.stamp;
        let (session_id, message_id, part_id) = rows.key();
        let mut compaction = compaction::row(session_id, &message_id, rows.times());
        compaction.message_id = Field::new(stamp, Some(message_id));
        compaction.part_id = Field::new(stamp, Some(part_id));
        compaction.auto = Field::new(stamp, self.auto);
        rows.part.compaction_auto = compaction.auto.clone();
        rows.beside.push(compaction.into());
    }
}

impl Rows {
    fn step(&self, kind: StepKind) -> Step {
        let (session_id, message_id, part_id) = self.key();
        let mut step = Step::new(session_id, message_id, part_id);
        (step.generated_at, step.ordered_at) = self.times();
        step.kind = Field::new(self.stamp, Some(kind));
        step
    }
}
