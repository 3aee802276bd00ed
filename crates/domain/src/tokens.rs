//! Token counts of one message or step.

/// Tokens by kind, each as the agent counts it; `None` where it says nothing.
///
/// `input` leaves out cache reads and `output` leaves out reasoning (`OpenCode` 1.18 counts so).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tokens {
    /// Prompt tokens that were not read from the cache.
    pub input: Option<i64>,
    /// Answer tokens without reasoning.
    pub output: Option<i64>,
    /// Thinking tokens.
    pub reasoning: Option<i64>,
    /// Prompt tokens read from the cache.
    pub cache_read: Option<i64>,
    /// Prompt tokens written to the cache, for however long.
    pub cache_write: Option<i64>,
    /// Those of them that the cache keeps for an hour, which cost more.
    pub cache_write_1h: Option<i64>,
}

impl Tokens {
    /// Whether no kind is counted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
