//! The seeds of the fuzz target, in every test run.

use std::fs;
use std::path::Path;

use crate::accounting::account_for_every_byte;

#[test]
fn the_seeds_of_the_fuzz_target_are_survived() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/fuzz-intake");
    let mut seeds = 0;
    for entry in fs::read_dir(folder).expect("the seeds are in the repository") {
        let path = entry.expect("its entries can be read").path();
        account_for_every_byte(&fs::read(path).expect("a seed can be read"));
        seeds += 1;
    }
    assert!(seeds >= 20, "{seeds} seeds");
}
