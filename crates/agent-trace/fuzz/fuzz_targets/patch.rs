//! No text may stop the parser of patches, and what it reads is what the text says. From `crates/agent-trace`:
//!
//! ```text
//! mkdir -p fuzz/corpus/patch
//! cargo +nightly fuzz run patch fuzz/corpus/patch tests/corpus/patch
//! ```
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/agent_trace/patch_invariants.rs"]
mod patch_invariants;

fuzz_target!(|text: &[u8]| {
    patch_invariants::check_any_text(text);
});
