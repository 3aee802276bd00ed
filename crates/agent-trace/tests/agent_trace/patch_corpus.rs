//! The seeds of the fuzz target, and what they become by chance, in every test run.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::patch_invariants::check_any_text;

/// What a mutation puts in: pieces that mean something to the parser.
const PIECES: [&[u8]; 22] = [
    b"\n",
    b"\r\n",
    b" ",
    b"+",
    b"-",
    b"\\ ",
    b"\"",
    b"\t",
    b"@@ -1 +1 @@\n",
    b"@@@ -1,1 -1,1 +1,1 @@@\n",
    b"@",
    b"--- a/x\n",
    b"+++ b/x\n",
    b"diff --git a/x b/x\n",
    b"diff --cc x\n",
    b"rename from x\n",
    b"GIT binary patch\nliteral 1\n",
    b"Binary files a and b differ\n",
    b"/dev/null",
    b"0",
    b"18446744073709551615",
    b"\xff",
];

/// A change of a text: where, how many bytes go, and which piece comes.
type Mutation = (Index, usize, Index);

static SEEDS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(seeds);

fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/patch");
    let entries = fs::read_dir(folder).expect("the seeds are in the repository");
    let paths = entries.map(|entry| entry.expect("its entries can be read").path());
    let mut seeds: Vec<_> = paths
        .map(|path| {
            let name = path.file_name().expect("it has one").to_string_lossy().into_owned();
            (name, fs::read(path).expect("a seed can be read"))
        })
        .collect();
    seeds.sort();
    seeds
}

fn mutate(text: &mut Vec<u8>, (place, removed, piece): &Mutation) {
    let start = place.index(text.len() + 1);
    let end = text.len().min(start + removed);
    text.splice(start..end, piece.get(&PIECES).iter().copied());
}

#[test]
fn the_seeds_of_the_fuzz_target_are_patches_unless_their_names_say_otherwise() {
    assert!(SEEDS.len() >= 20, "{} seeds", SEEDS.len());
    for (name, text) in SEEDS.iter() {
        assert_eq!(check_any_text(text), !name.starts_with("refused-"), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_of_a_patch_is_misread(
        seed in any::<Index>(),
        mutations in vec((any::<Index>(), 0_usize..12, any::<Index>()), 1..6),
    ) {
        let mut text = seed.get(&SEEDS).1.clone();
        for mutation in &mutations {
            mutate(&mut text, mutation);
        }
        check_any_text(&text);
    }

    #[test]
    fn no_pieces_of_patches_are_misread(pieces in vec(any::<Index>(), 0..40)) {
        let pieces: Vec<&[u8]> = pieces.iter().map(|piece| *piece.get(&PIECES)).collect();
        check_any_text(&pieces.concat());
    }

    #[test]
    fn no_bytes_are_misread(bytes in vec(any::<u8>(), 0..200)) {
        check_any_text(&bytes);
    }
}
