//! What the agent thought.

use domain::{SessionId, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::session_reasoning::{Thought, session_reasoning};

use super::{Copied, SessionMeta, known, meta};
use crate::{Report, ReportError, Source};

/// What the agent thought in a session.
pub type Reasoning = Report<SessionMeta, ReasoningSummary, ReasoningDetail>;

/// All thoughts together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReasoningSummary {
    /// Thoughts.
    pub thoughts: usize,
    /// Those whose text the agent gave.
    pub thoughts_with_text: usize,
    /// Those with a signature.
    pub thoughts_with_signature: usize,
    /// Characters of their texts.
    pub characters: usize,
    /// How long the agent thought, where it says so, in milliseconds.
    pub duration_ms: i64,
}

/// One thought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReasoningDetail {
    /// The message that it is a part of.
    pub message_id: String,
    /// Its identity there.
    pub part_id: String,
    /// What orders it in the conversation, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// When it began.
    pub started_at_unix_ms: Option<i64>,
    /// When it ended.
    pub ended_at_unix_ms: Option<i64>,
    /// Its text, byte for byte; null where the agent gives none.
    pub text: Option<String>,
    /// Its signature, byte for byte.
    pub signature: Option<String>,
    /// Characters of its text.
    pub characters: usize,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// What the agent thought, oldest first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn reasoning(source: &Source<'_>, id: &SessionId) -> Result<Reasoning, ReportError> {
    let session = known(source, id)?;
    let thoughts = session_reasoning(source.holder, id)?;
    let copied = Copied::of(source, id)?;
    let details: Vec<_> = thoughts.into_iter().map(|thought| detail(thought, &copied)).collect();
    let meta = meta(&session, details.iter().map(|thought| thought.counts));
    Ok(Report { meta, summary: summary(&details), details })
}

fn detail(thought: Thought, copied: &Copied) -> ReasoningDetail {
    let Thought { message_id, part_id, ordered_at, started_at, ended_at, text, signature } =
        thought;
    ReasoningDetail {
        counts: copied.counts(Some(&message_id)),
        message_id,
        part_id,
        at_unix_ms: ordered_at.map(UnixMs::get),
        started_at_unix_ms: started_at.map(UnixMs::get),
        ended_at_unix_ms: ended_at.map(UnixMs::get),
        characters: text.as_ref().map_or(0, |text| text.chars().count()),
        text,
        signature,
    }
}

fn summary(details: &[ReasoningDetail]) -> ReasoningSummary {
    let mut summary = ReasoningSummary::default();
    for detail in details.iter().filter(|thought| thought.counts) {
        summary.thoughts += 1;
        let has_text = detail.text.as_ref().is_some_and(|text| !text.is_empty());
        summary.thoughts_with_text += usize::from(has_text);
        summary.thoughts_with_signature += usize::from(detail.signature.is_some());
        summary.characters += detail.characters;
        if let (Some(start), Some(end)) = (detail.started_at_unix_ms, detail.ended_at_unix_ms) {
            summary.duration_ms = summary.duration_ms.saturating_add((end - start).max(0));
        }
    }
    summary
}
