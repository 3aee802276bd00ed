//! How often a session was condensed, and by how much.

use domain::{Compaction, MessageId, SessionId, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::{
    session_compactions::session_compactions, shared_compactions::shared_compactions,
};

use super::{Copied, SessionMeta, known, meta};
use crate::{Report, ReportError, Source};

/// The compactions of a session.
pub type Condensed = Report<SessionMeta, CondensedSummary, CompactionDetail>;

/// All compactions together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CondensedSummary {
    /// Compactions.
    pub compactions: usize,
    /// Those that the agent began by itself.
    pub automatic: usize,
    /// By how many tokens the conversation became shorter in all, where both lengths are known.
    pub tokens_saved: Option<i64>,
}

/// One compaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CompactionDetail {
    /// Its identity.
    pub compaction_id: String,
    /// The message that asked for it.
    pub message_id: Option<String>,
    /// What orders it in the conversation, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// Whether the agent began it by itself; null where it does not say.
    pub is_automatic: Option<bool>,
    /// How long the conversation was, in tokens.
    pub tokens_before: Option<i64>,
    /// How long it was afterwards.
    pub tokens_after: Option<i64>,
    /// How many messages it had.
    pub messages_before: Option<i64>,
    /// How many it had afterwards.
    pub messages_after: Option<i64>,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// The compactions, oldest first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn compactions(source: &Source<'_>, id: &SessionId) -> Result<Condensed, ReportError> {
    let session = known(source, id)?;
    let rows = session_compactions(source.holder, id)?;
    let copied = Copied::of(source, id)?;
    let shared = shared_compactions(source.holder)?;
    let mut details: Vec<_> = rows.iter().map(|compaction| detail(compaction, &copied)).collect();
    for compaction in &mut details {
        compaction.counts &= shared.counts(id.as_str(), &compaction.compaction_id);
    }
    let meta = meta(&session, details.iter().map(|compaction| compaction.counts));
    Ok(Report { meta, summary: summary(&details), details })
}

fn detail(compaction: &Compaction, copied: &Copied) -> CompactionDetail {
    let message_id = compaction.message_id.value().map(MessageId::as_str);
    CompactionDetail {
        compaction_id: compaction.compaction_id.as_str().to_owned(),
        message_id: message_id.map(str::to_owned),
        at_unix_ms: compaction.ordered_at.0.map(UnixMs::get),
        is_automatic: compaction.auto.value().copied(),
        tokens_before: compaction.tokens_before.value().copied(),
        tokens_after: compaction.tokens_after.value().copied(),
        messages_before: compaction.messages_before.value().copied(),
        messages_after: compaction.messages_after.value().copied(),
        counts: copied.counts(message_id),
    }
}

fn summary(details: &[CompactionDetail]) -> CondensedSummary {
    let mut summary = CondensedSummary::default();
    for compaction in details.iter().filter(|compaction| compaction.counts) {
        summary.compactions += 1;
        summary.automatic += usize::from(compaction.is_automatic == Some(true));
        let lengths = compaction.tokens_before.zip(compaction.tokens_after);
        if let Some(saved) = lengths.map(|(before, after)| before.saturating_sub(after)) {
            let sum = summary.tokens_saved.unwrap_or_default();
            summary.tokens_saved = Some(sum.saturating_add(saved));
        }
    }
    summary
}
