//! Which models have taken tokens, and of which kinds.

use domain::{Model, Tokens, UnixMs};

use super::usage::columns;
use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row};

/// The statement. It reads every message, which is told when asked for and never by a hook: an index
/// of models and times would take a tenth of the messages' own size for it (three seconds for a
/// million of them without).
pub fn statement() -> String {
    format!(
        "SELECT provider_id, model_id, max(tokens_input), max(tokens_output), \
                max(tokens_reasoning), max(tokens_cache_read), max(tokens_cache_write), \
                max(tokens_cache_write_1h), max(generated_at_unix_ms), count(*) \
         FROM messages \
         WHERE (inherited IS NOT 1 OR request_id IS NOT NULL) \
             AND (tokens_input > 0 OR tokens_output > 0 OR tokens_reasoning > 0 \
                 OR tokens_cache_read > 0 OR tokens_cache_write > 0) \
             AND NOT ({IS_CANARY}) \
         GROUP BY provider_id, model_id, generated_at_unix_ms / 86400000"
    )
}

/// A model on one day, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelUsed {
    /// The model; nothing where nobody named it.
    pub model: Option<Model>,
    /// The most tokens of each kind that a message took.
    pub most: Tokens,
    /// When the last message came into being, where that is known.
    pub at: Option<UnixMs>,
    /// How many messages it was.
    pub messages: u64,
}

/// Every model that has taken tokens, for each day on which it did.
///
/// # Errors
/// The engine failed.
pub fn models_used(holder: &Holder<'_>) -> Result<Vec<ModelUsed>, StoreError> {
    holder.engine.query("look for models", &statement(), &[], read)
}

fn read(row: &mut Row) -> Result<ModelUsed, StoreError> {
    Ok(ModelUsed {
        model: columns(row, "messages", "provider_id")?,
        most: columns(row, "messages", "tokens_input")?.unwrap_or_default(),
        at: row.integer()?.and_then(UnixMs::new),
        messages: row.integer()?.and_then(|count| u64::try_from(count).ok()).unwrap_or_default(),
    })
}
