//! No input may stop the decoder or lose a byte in it. From `crates/intake`:
//!
//! ```text
//! mkdir -p fuzz/corpus/decode
//! cargo +nightly fuzz run decode fuzz/corpus/decode ../../tests/fixtures/fuzz-intake
//! ```
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/intake/accounting.rs"]
mod accounting;

fuzz_target!(|input: &[u8]| accounting::account_for_every_byte(input));
