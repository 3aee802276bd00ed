use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// The pieces of an input, as text that shows them.
fn pieces(sizes: Sizes, input: &[u8]) -> Vec<(Kind, Vec<u8>)> {
    let mut reader = input;
    let mut framer = Framer::new(&mut reader, sizes);
    let mut pieces = Vec::new();
    let mut offset = 0;
    while let Some(piece) = framer.next().expect("a slice does not fail") {
        assert_eq!(piece.offset, offset, "pieces follow each other without a gap");
        assert!(!piece.bytes.is_empty());
        offset += piece.bytes.len() as u64;
        pieces.push((piece.kind, piece.bytes.to_vec()));
    }
    assert_eq!(offset, input.len() as u64, "every byte belongs to a piece");
    pieces
}

/// The values of an input.
fn values(sizes: Sizes, input: &[u8]) -> Vec<Vec<u8>> {
    let pieces = pieces(sizes, input).into_iter();
    pieces.filter(|(kind, _)| *kind == Kind::Value).map(|(_, bytes)| bytes).collect()
}

#[test]
fn a_value_that_crosses_the_end_of_the_buffer_is_the_same_value() {
    let input =
        r#"-1 -0.5e-3 1E+2 0 true false null "a\u00e9\\ud83d\ude00\"" [-1,{"a":2.5e1}] {"é":-1}"#;
    let whole = values(Sizes::default(), input.as_bytes());
    assert_eq!(whole.len(), 10);
    for read_bytes in 1..input.len() {
        let sizes = Sizes { read_bytes, ..Sizes::default() };
        assert_eq!(values(sizes, input.as_bytes()), whole, "{read_bytes}");
    }
}

#[test]
fn a_value_longer_than_the_limit_is_skipped_to_the_end_of_its_line() {
    let sizes = Sizes { read_bytes: 8, value_bytes: 16 };
    let cases: &[(&str, &[&str])] = &[
        ("[1234567890123]\n[1]", &["[1234567890123]", "[1]"]),
        ("[12345678901234]\n[1]", &["[12345678901234]", "[1]"]),
        ("[123456789012345]\n[1]", &["[1]"]),
        ("[1,\n2,3,4,5,6,7,8,9,0]\n[1]", &["[1]"]),
        ("[1234567890123456789012345678901234567890]\n[1]", &["[1]"]),
        ("[1] [12345678901234567890", &["[1]"]),
        ("12345678901234567890\n[1]", &["[1]"]),
    ];
    for (input, expected) in cases {
        let found = values(sizes, input.as_bytes());
        let texts: Vec<_> = found.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
        assert!(
            texts.ends_with(&expected.iter().map(|text| (*text).into()).collect::<Vec<_>>()),
            "{input}: {texts:?}"
        );
    }
}

#[test]
fn rescans_are_bounded_by_what_was_scanned_once() {
    let input = "[\n".repeat(1024 * 1024);
    let mut reader = input.as_bytes();
    let mut framer = Framer::new(&mut reader, Sizes::default());
    while framer.next().expect("a slice does not fail").is_some() {}
    let Rescans { scanned_to, spent } = framer.rescans;
    assert_eq!(scanned_to, input.len() as u64);
    assert!(spent <= RESCANS * scanned_to + RESCANNED_BYTES);
    assert!(spent > scanned_to, "some are made");
}

#[test]
fn the_place_of_an_error_is_found_by_line_and_column() {
    let bytes = b"ab\nc\n\ndef";
    let cases =
        [(1, 0, 0), (1, 2, 2), (2, 0, 3), (2, 1, 4), (3, 0, 5), (4, 3, 9), (4, 9, 9), (9, 0, 9)];
    for (line, column, expected) in cases {
        assert_eq!(position(bytes, line, column), expected, "{line}:{column}");
    }
}

fn anything() -> impl Strategy<Value = Vec<u8>> {
    let fragments = vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "\n",
        " ",
        "\\",
        "\\u00",
        "e",
        "-",
        "1",
        ".",
        "null",
        "tr",
        "\u{FEFF}",
        "é",
        "{\"a\":[1,-2.5e3]}\n",
        "\"text\"",
    ];
    let fragment = prop_oneof![
        4 => prop::sample::select(fragments).prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..4),
    ];
    vec(fragment, 0..32).prop_map(|fragments| fragments.concat())
}

proptest! {
    #[test]
    fn the_size_of_a_read_changes_nothing(input in anything(), read_bytes in 1_usize..64) {
        // How much is skipped at once may differ, but not what is skipped.
        let sizes = Sizes { read_bytes, ..Sizes::default() };
        prop_assert_eq!(values(sizes, &input), values(Sizes::default(), &input));
    }

    #[test]
    fn a_low_limit_loses_nothing(input in anything(), read_bytes in 3_usize..8, more in 0_usize..32) {
        let sizes = Sizes { read_bytes, value_bytes: read_bytes + more };
        for value in values(sizes, &input) {
            prop_assert!(value.len() <= sizes.value_bytes);
        }
    }
}
