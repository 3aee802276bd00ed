//! Of every compaction what questions about all of them ask.

use std::rc::Rc;

use domain::UnixMs;

use super::{
    copies::Copies,
    seen::{asked_for, own_rows},
    usage_sums::Span,
};
use crate::{Holder, StoreError};

/// The statement. It reads every compaction of the time that is asked for: that is what the question is.
pub fn statement(span: Span) -> String {
    format!(
        "SELECT session_id, message_id, compaction_id, auto, tokens_before, tokens_after, \
             ordered_at_unix_ms \
         {}",
        asked_for("compaction_events", span)
    )
}

/// One compaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompactionSeen {
    /// Its session.
    pub session_id: Option<Rc<str>>,
    /// Its identity.
    pub compaction_id: String,
    /// Whether the agent began it by itself; nothing where it does not say.
    pub is_automatic: Option<bool>,
    /// How long the conversation was, in tokens.
    pub tokens_before: Option<i64>,
    /// How long it was afterwards.
    pub tokens_after: Option<i64>,
    /// What orders it.
    pub at: Option<UnixMs>,
}

/// Every compaction of a time, without copies, in no order.
///
/// # Errors
/// The engine failed.
pub fn compactions_seen(
    holder: &Holder<'_>,
    span: Span,
    copies: &Copies,
) -> Result<Vec<CompactionSeen>, StoreError> {
    let asked = ("look for compactions", &*statement(span));
    own_rows(holder, asked, span, copies, |row, _, session_id| {
        Ok(CompactionSeen {
            session_id,
            compaction_id: row.text()?.unwrap_or_default(),
            is_automatic: row.integer()?.map(|auto| auto != 0),
            tokens_before: row.integer()?,
            tokens_after: row.integer()?,
            at: row.integer()?.and_then(UnixMs::new),
        })
    })
}
