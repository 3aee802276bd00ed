//! What cannot be read is kept to the byte and hurts nothing beside it.

use std::io::{self, Read};
use std::ops::ControlFlow;

use domain::{Decoded, Unreadable};
use intake::{Origin, decode};

use crate::accounting::account_for_every_byte;
use crate::support::{RECEIVED_AT, at, envelope, found, found_by, text_part};

const MIB: usize = 1024 * 1024;

const NO_JSON: &str = "is no JSON";
const CUT_OFF: &str = "ends in the middle of a value";
const NO_OBJECT: &str = "is no JSON object";

/// A case: its name, the input with `A` and `B` for valid envelopes, how many items, and the
/// unreadable pieces.
type Case<'a> = (&'a str, &'a [u8], usize, &'a [(&'a [u8], &'a str)]);

fn with_envelopes(input: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    for byte in input {
        match byte {
            b'A' => whole.extend(text_part(1).bytes()),
            b'B' => whole.extend(text_part(2).bytes()),
            byte => whole.push(*byte),
        }
    }
    whole
}

fn check(cases: &[Case<'_>]) {
    for (name, input, items, pieces) in cases {
        let input = with_envelopes(input);
        account_for_every_byte(&input);
        let found = found(&input);
        assert_eq!(found.items.len(), *items, "{name}");
        assert_eq!(found.rejects, [], "{name}");
        let unreadable: Vec<_> =
            found.unreadable.iter().map(|piece| (&*piece.bytes, &*piece.reason)).collect();
        assert_eq!(unreadable, *pieces, "{name}");
    }
}

#[test]
fn blanks_and_byte_order_marks_are_skipped() {
    check(&[
        ("nothing", b"", 0, &[]),
        ("white space", b" \r\n\t\n", 0, &[]),
        ("a byte order mark", b"\xEF\xBB\xBF", 0, &[]),
        ("one before an envelope", b"\xEF\xBB\xBFA", 1, &[]),
        ("one before each of two", b"\xEF\xBB\xBFA\r\n\xEF\xBB\xBFB\r\n", 2, &[]),
        ("no white space between", b"AB", 2, &[]),
        ("carriage returns", b"A\r\nB\r\n", 2, &[]),
        ("empty lines", b"\n\nA\n\n\nB\n\n", 2, &[]),
    ]);
}

#[test]
fn garbage_is_kept_and_its_neighbours_are_taken_in() {
    check(&[
        ("text", b"hello\n", 0, &[(b"hello", NO_JSON)]),
        ("text before", b"hello\nA", 1, &[(b"hello", NO_JSON)]),
        ("text between", b"A\nhello\nB", 2, &[(b"hello", NO_JSON)]),
        ("text after", b"A\nhello", 1, &[(b"hello", NO_JSON)]),
        ("text on the same line", b"Ahello\nB", 2, &[(b"hello", NO_JSON)]),
        ("text with carriage returns", b"A\r\nhello\r\nB", 2, &[(b"hello", NO_JSON)]),
        ("an indented line", b"A\n  hello  \nB", 2, &[(b"hello", NO_JSON)]),
        ("what follows on its line", b"hello A\nB", 1, &[(&with_envelopes(b"hello A"), NO_JSON)]),
        ("lines together", b"A\none\n\n two\nB", 2, &[(b"one\n\n two", NO_JSON)]),
        ("lines apart", b"one\nA\ntwo", 1, &[(b"one", NO_JSON), (b"two", NO_JSON)]),
        ("kinds together", b"A\n[1]\n{\nB", 2, &[(b"[1]\n{", NO_OBJECT)]),
        ("null bytes", b"A\n\0\0\0\nB", 2, &[(b"\0\0\0", NO_JSON)]),
        ("a null byte in a string", b"{\"a\0\"}\nB", 1, &[(b"{\"a\0\"}", NO_JSON)]),
        ("half a byte order mark", b"A\n\xEF\xBB", 1, &[(b"\xEF\xBB", NO_JSON)]),
        ("no UTF-8", b"\xFF\xFE\nB", 1, &[(b"\xFF\xFE", NO_JSON)]),
    ]);
}

#[test]
fn a_line_that_is_cut_off_does_not_take_the_next_with_it() {
    check(&[
        ("in a string", b"{\"type\":\"mess\nB", 1, &[(b"{\"type\":\"mess", NO_JSON)]),
        ("after a colon", b"{\"type\":\nB", 1, &[(b"{\"type\":", CUT_OFF)]),
        ("after a comma", b"{\"type\":1,\nB", 1, &[(b"{\"type\":1,", NO_JSON)]),
        ("in an array", b"[\nAB", 2, &[(b"[", NO_JSON)]),
        ("in an array at the end", b"[\nA", 1, &[(b"[", CUT_OFF)]),
        ("several", b"[\n[\n{\"a\":\nA\n[\nB", 2, &[(b"[\n[\n{\"a\":", NO_JSON), (b"[", CUT_OFF)]),
        ("at the end", b"A\n{\"type\":", 1, &[(b"{\"type\":", CUT_OFF)]),
        ("a word at the end", b"A\ntru", 1, &[(b"tru", CUT_OFF)]),
    ]);
}

#[test]
fn a_value_that_is_no_envelope_is_kept_with_the_reason() {
    let twice: &[u8] = br#"{"type":"message.updated","payloads":[],"type":"message.updated"}"#;
    let other_twice: &[u8] = br#"{"a":1,"type":"message.updated","payloads":[],"a":1}"#;
    let escaped: &[u8] = br#"{"type":"message.updated","\u0074ype":1,"payloads":[]}"#;
    let own: &[u8] = br#"{"type":"message.updated","payloads":[{"a":1},{"type":"x"}]}"#;
    let own_escaped: &[u8] = br#"{"type":"message.updated","payloads":[{"t\u0079pe":"x"}]}"#;
    let own_odd: &[u8] = br#"{"type":"message.updated","payloads":[{"\ud800":1,"type":"x"}]}"#;
    let no_utf8: &[u8] = b"{\"type\":\"message.updated\",\"payloads\":[],\"a\":\"\xFF\"}";
    let own_type = "one of its payloads carries a `type` of its own";
    check(&[
        ("a number", b"1", 0, &[(b"1", NO_OBJECT)]),
        ("a string", b"\"a\"", 0, &[(b"\"a\"", NO_OBJECT)]),
        ("null", b"null\nB", 1, &[(b"null", NO_OBJECT)]),
        ("a list", b"[1,2]B", 1, &[(b"[1,2]", NO_OBJECT)]),
        ("an object", b"{}B", 1, &[(b"{}", "has no `type`")]),
        ("no type", b"{\"payloads\":[]}", 0, &[(b"{\"payloads\":[]}", "has no `type`")]),
        ("a key twice", twice, 0, &[(twice, "names a key twice")]),
        ("an unknown key twice", other_twice, 0, &[(other_twice, "names a key twice")]),
        ("a key twice, once escaped", escaped, 0, &[(escaped, "names a key twice")]),
        ("an item's own type", own, 0, &[(own, own_type)]),
        ("an item's own type, escaped", own_escaped, 0, &[(own_escaped, own_type)]),
        ("an item's own type beside half a character", own_odd, 0, &[(own_odd, own_type)]),
        ("no UTF-8", no_utf8, 0, &[(no_utf8, "holds bytes that are no UTF-8")]),
    ]);
}

#[test]
fn the_type_and_the_payloads_must_have_their_shape() {
    let cases = [
        (r#"{"type":1,"payloads":[]}"#, "its `type` is no string"),
        (r#"{"type":null,"payloads":[]}"#, "its `type` is no string"),
        (r#"{"type":"secret","payloads":[]}"#, "its `type` is unknown"),
        (r#"{"type":"session.created","payloads":[]}"#, "its `type` is unknown"),
        (r#"{"type":"message.updated"}"#, "has no `payloads`"),
        (r#"{"type":"message.updated","payloads":null}"#, "its `payloads` are no array"),
        (r#"{"type":"message.updated","payloads":{}}"#, "its `payloads` are no array"),
        (r#"{"type":"message.updated","payloads":"[]"}"#, "its `payloads` are no array"),
    ];
    for (input, reason) in cases {
        check(&[(input, input.as_bytes(), 0, &[(input.as_bytes(), reason)])]);
    }
}

#[test]
fn the_offset_of_a_piece_counts_every_byte() {
    let input = with_envelopes(b"\xEF\xBB\xBF\r\nA \none\n two\n\n[1]A\n\n\nthree");
    let found = found(&input);
    let places: Vec<_> = found.unreadable.iter().map(|piece| piece.offset).collect();
    let envelope = text_part(1).len() as u64;
    assert_eq!(places, [5 + envelope + 2, 5 + envelope + 2 + 13 + envelope + 3]);
    assert_eq!(found.unreadable[0].bytes, b"one\n two\n\n[1]");
}

#[test]
fn depth_costs_one_item_and_no_stack() {
    for levels in [100, 10_000, 200_000] {
        let deep = format!(
            r#"{{"session_id":"s","message_id":"m","part_type":"text","text":"","generated_at_unix_ms":1,"x":{}{}}}"#,
            "[".repeat(levels),
            "]".repeat(levels)
        );
        let shallow = deep.replace(['[', ']'], "").replace(",\"x\":", "");
        let input = envelope("message.part.updated", &[&shallow, &deep, &shallow]);
        let found = found(&input);
        assert_eq!(found.unreadable, [], "{levels}");
        if levels == 100 {
            assert_eq!((found.items.len(), found.rejects.len()), (3, 0));
        } else {
            assert_eq!(
                (found.items.len(), found.refusals()),
                (2, vec![("payload", "nests too deep")])
            );
            assert_eq!(found.rejects[0].bytes, deep.as_bytes());
        }
    }
}

#[test]
fn depth_outside_of_items_costs_no_stack_either() {
    for levels in [10_000, 200_000] {
        let open = "[".repeat(levels);
        let closed = open.clone() + &"]".repeat(levels);
        let objects = r#"{"a":"#.repeat(levels) + "1" + &"}".repeat(levels);
        for (text, reason) in [(&open, CUT_OFF), (&closed, NO_OBJECT), (&objects, "has no `type`")]
        {
            let found = found(text);
            let piece =
                Unreadable { offset: 0, reason: reason.to_owned(), bytes: text.clone().into() };
            assert_eq!(found.unreadable, [piece]);
        }
        let hook = format!(r#"{{"hook_event_name":"Stop","x":{closed}}}"#);
        let found = found(&hook);
        assert_eq!((found.items.len(), found.hook_events), (0, 1));
        assert_eq!(found.unreadable[0].reason, "nests too deep");
    }
}

#[test]
fn a_value_that_is_too_long_is_kept_in_pieces_and_reading_goes_on() {
    for line_feeds in [0, 1_000] {
        let mut long =
            format!(r#"{{"type":"message.updated","a":"{}"#, "x".repeat(70 * MIB)).into_bytes();
        for at in (MIB..).step_by(MIB / 20).take(line_feeds) {
            long[at] = b'\n';
        }
        long.extend(br#"","payloads":[]}"#);
        let input =
            [text_part(1).as_bytes(), b"\n", &long, b"\n", text_part(2).as_bytes()].concat();

        let found = found(&input);
        assert_eq!(found.items.len(), 2);
        assert!(found.unreadable.len() > 1);
        let kept: Vec<u8> = found.unreadable.iter().flat_map(|piece| piece.bytes.clone()).collect();
        assert!(kept == long, "every byte is kept");
        let mut offset = text_part(1).len() as u64 + 1;
        for piece in &found.unreadable {
            assert_eq!(piece.offset, offset);
            assert!(piece.bytes.len() <= 64 * MIB);
            offset += piece.bytes.len() as u64;
        }
        let reason = if line_feeds == 0 { "is longer than 64 MiB" } else { NO_JSON };
        assert_eq!(found.unreadable[0].reason, reason);
    }
}

#[test]
fn a_value_of_just_the_limit_is_read() {
    let around = r#"{"type":"message.updated","a":"","payloads":[]}"#.len();
    let filled = "x".repeat(64 * MIB - around);
    let input = format!(r#"{{"type":"message.updated","a":"{filled}","payloads":[]}}"#);
    let found = found(&input);
    assert_eq!((found.batch_sizes, found.unreadable), (vec![0], vec![]));
}

#[test]
fn time_is_linear_in_hostile_input() {
    // Quadratic, each of these would take hours.
    let line_feeds = |line: &str| line.repeat(1_000_000);
    for input in [line_feeds("[\n"), line_feeds("{\"a\":\n"), line_feeds("\n"), line_feeds("x\n")] {
        let found = found(&input);
        let kept: usize = found.unreadable.iter().map(|piece| piece.bytes.len()).sum();
        assert!(kept == 0 || kept == input.len() - 1);
    }
}

#[test]
fn a_hundred_thousand_items_come_in_batches_of_a_thousand() {
    let item = r#"{"session_id":"s","message_id":"m","part_type":"text","text":"","generated_at_unix_ms":1}"#;
    let items = vec![item; 100_001];
    let found = found(envelope("message.part.updated", &items) + &text_part(1));
    assert_eq!(found.items.len(), 100_002);
    let mut expected = vec![1_000; 100];
    expected.extend([1, 1]);
    assert_eq!(found.batch_sizes, expected);
}

#[test]
fn a_break_from_the_sink_ends_the_reading() {
    let origin = Origin { agent: None, received_at: at(RECEIVED_AT) };
    for input in [&b"A\nB"[..], b"x\nA\ny\nB", b"x"] {
        let input = with_envelopes(input);
        let mut calls = 0;
        let flow = decode(&mut &*input, &origin, &mut |_: Decoded| {
            calls += 1;
            ControlFlow::Break(())
        });
        assert_eq!(flow.expect("a slice does not fail"), ControlFlow::Break(()));
        assert_eq!(calls, 1);
    }
}

/// Gives out some bytes and then fails.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("the disk is gone"));
        }
        self.0.read(buffer)
    }
}

#[test]
fn what_was_read_whole_before_a_failure_is_handed_out() {
    let input = with_envelopes(b"A\nx\nB\n{\"type\":");
    let origin = Origin { agent: None, received_at: at(RECEIVED_AT) };
    let (mut items, mut pieces) = (0, 0);
    let result = decode(&mut Failing(&input), &origin, &mut |decoded| {
        match decoded {
            Decoded::Items(batch) => items += batch.items.len(),
            Decoded::Rejected(_) => panic!("nothing is rejected"),
            Decoded::Unreadable(_) => pieces += 1,
        }
        ControlFlow::Continue(())
    });
    assert_eq!(result.map_err(|error| error.to_string()), Err("the disk is gone".to_owned()));
    assert_eq!((items, pieces), (2, 1));
}

#[test]
fn a_reader_that_gives_one_byte_at_a_time_changes_nothing() {
    struct OneByOne<'a>(&'a [u8]);
    impl Read for OneByOne<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let end = buffer.len().min(1);
            self.0.read(&mut buffer[..end])
        }
    }
    let input = with_envelopes(b"\xEF\xBB\xBFA\n[\n1 tru\n\"a\nB\r\n-1.5e3\n{");
    assert_eq!(found_by(&mut OneByOne(&input), None), found(&input));
}
