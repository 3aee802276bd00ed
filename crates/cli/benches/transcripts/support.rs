//! What the tests make transcripts with.

#[path = "../../../../tests/support/claude_corpus/mod.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
pub mod claude_corpus;
#[path = "../../../../tests/support/random.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod random;

pub use random::Random;

/// Says something on standard error.
pub fn say(text: &str) {
    eprintln!("{text}");
}
