//! What agents, broken pipes and enemies may hand to the hook: whatever it is, every byte that was
//! acknowledged is stored or kept, what stands beside it is taken in, and nothing hangs.

use std::{
    cmp::Reverse,
    fs,
    io::{self, Write},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::support::{Finished, TestEnvironment, body, envelope::GENERATED_AT};

/// What takes longer hangs, or takes more than linear time, however busy the machine is.
const BOUND: Duration = Duration::from_mins(3);

/// The longest input of a hook.
const LIMIT_BYTES: usize = 64 << 20;

/// An input, and what must become of it.
#[derive(Default)]
struct Case {
    name: &'static str,
    input: Vec<u8>,
    code: i32,
    /// What standard error must hold.
    complaint: &'static str,
    /// The ids of the messages that are stored.
    stored: &'static [&'static str],
    /// The pieces in quarantine.
    pieces: Vec<Vec<u8>>,
    /// The items in rejects, each with its first failing field.
    rejects: Vec<(&'static str, String)>,
}

/// A message in JSON.
fn item(id: &str) -> String {
    item_with(&format!(r#""message_id":{id:?}"#))
}

/// A message in JSON with other keys beside what it must have.
fn item_with(keys: &str) -> String {
    format!(r#"{{"session_id":"s","role":"user","generated_at_unix_ms":{GENERATED_AT},{keys}}}"#)
}

/// A message in JSON that came into being at that time.
fn item_at(time: &str) -> String {
    format!(
        r#"{{"session_id":"s","message_id":"bad","role":"user","generated_at_unix_ms":{time}}}"#
    )
}

/// An envelope around messages, without a line feed behind it.
fn envelope(items: &[String]) -> String {
    format!(r#"{{"type":"message.updated","payloads":[{}]}}"#, items.join(","))
}

/// An envelope of one message.
fn one(id: &str) -> String {
    envelope(&[item(id)])
}

/// So many arrays in one another.
fn levels(count: usize) -> String {
    "[".repeat(count) + &"]".repeat(count)
}

/// Bytes between two envelopes, which are no piece of either.
fn between(bytes: &[u8]) -> Vec<u8> {
    [one("a").as_bytes(), b"\n", bytes, b"\n", one("z").as_bytes(), b"\n"].concat()
}

/// An unreadable piece between two envelopes.
fn unreadable(name: &'static str, piece: impl Into<Vec<u8>>, complaint: &'static str) -> Case {
    let piece = piece.into();
    let (input, stored) = (between(&piece), &["a", "z"]);
    Case { name, input, code: 65, complaint, stored, pieces: vec![piece], ..Case::default() }
}

/// An item that cannot be taken in between two that can.
fn rejected(name: &'static str, field: &'static str, bad: String) -> Case {
    let input = envelope(&[item("a"), bad.clone(), item("z")]).into_bytes();
    Case { name, input, stored: &["a", "z"], rejects: vec![(field, bad)], ..Case::default() }
}

/// Something odd that is taken in all the same.
fn taken_in(
    name: &'static str,
    input: impl Into<Vec<u8>>,
    stored: &'static [&'static str],
) -> Case {
    Case { name, input: input.into(), stored, ..Case::default() }
}

/// Hands it to the hook, drains, and demands what the case says.
fn check(case: &Case) {
    let environment = TestEnvironment::new();
    let finished = environment.hook(case.input.clone()).kill_after(BOUND).finish();
    assert_eq!(finished.code, Some(case.code), "{}: {finished:?}", case.name);
    assert!(finished.stderr.contains(case.complaint), "{}: {finished:?}", case.name);
    assert_eq!(finished.stderr.is_empty(), case.code == 0, "{}: {finished:?}", case.name);
    drain(&environment);
    let record = environment.record();
    let stored = record.column::<String>("SELECT message_id FROM messages ORDER BY message_id");
    assert_eq!(stored, case.stored, "{}", case.name);
    let pieces: Vec<Vec<u8>> = environment.quarantined().iter().map(|file| body(file)).collect();
    // Some are too long to be printed.
    assert!(pieces == case.pieces, "{}: {} pieces differ", case.name, pieces.len());
    let items = record.column::<String>("SELECT item FROM rejects ORDER BY id");
    let fields = record.column::<String>("SELECT field FROM rejects ORDER BY id");
    let rejects: Vec<(&str, String)> = fields.iter().map(String::as_str).zip(items).collect();
    assert!(rejects == case.rejects, "{}: {rejects:.200?}", case.name);
    record.is_whole();
}

fn drain(environment: &TestEnvironment) -> Finished {
    let finished = environment.recount(["spool", "drain"]).kill_after(BOUND).finish().ends_with(0);
    assert!(environment.spooled().is_empty());
    finished
}

#[test]
fn what_is_no_envelope_is_kept_and_its_neighbours_are_stored() {
    let typed = one("b").replace(r#"{"session_id""#, r#"{"type":"x","session_id""#);
    let half = &one("b")[..40];
    let cases = [
        unreadable("not JSON", "hello", "is no JSON"),
        unreadable("half a value on a line", half, "cannot be read"),
        unreadable("NUL bytes", [0; 100], "is no JSON"),
        unreadable("other white space", "\u{a0}\u{2003}", "is no JSON"),
        unreadable("bytes that are no UTF-8", b"{\"type\":\"\xFF\"}", "no UTF-8"),
        unreadable("UTF-16", b"\xFF\xFE{\0}\0", "is no JSON"),
        unreadable("a top key twice", r#"{"type":"a","type":"b","payloads":[]}"#, "a key twice"),
        unreadable("another kind of value", "[1]", "is no JSON object"),
        unreadable("no type", r#"{"payloads":[]}"#, "has no `type`"),
        unreadable("no payloads", r#"{"type":"message.updated"}"#, "has no `payloads`"),
        unreadable("an item with a type", typed, "a `type` of its own"),
        unreadable("10,000 levels", levels(10_000), "is no JSON object"),
        unreadable("200,000 levels", levels(200_000), "is no JSON object"),
        unreadable("200,000 levels open", "[{\"a\":".repeat(100_000), "cannot be read"),
        unreadable("200,000 levels closed", "]".repeat(200_000), "is no JSON"),
        unreadable(
            "200,000 levels in an envelope",
            format!(r#"{{"type":{},"payloads":[]}}"#, levels(200_000)),
            "its `type` is no string",
        ),
    ];
    cases.iter().for_each(check);
}

#[test]
fn input_that_is_cut_off_is_kept_and_what_came_before_it_is_stored() {
    let half = one("b")[..60].to_owned();
    let cases = [
        ("behind an envelope", one("a") + "\n" + &half, &["a"] as &[_], half.clone()),
        ("alone", half.clone(), &[], half.clone()),
        ("in a text", one("a") + "{\"type\":\"mess", &["a"], "{\"type\":\"mess".to_owned()),
    ];
    for (name, input, stored, piece) in cases {
        check(&Case {
            name,
            input: input.into(),
            code: 65,
            complaint: "ends in the middle of a value",
            stored,
            pieces: vec![piece.into()],
            ..Case::default()
        });
    }
}

#[test]
fn garbage_between_and_after_envelopes_is_kept_piece_by_piece() {
    let input = [&one("a"), "\n} first\n", &one("b"), "\n", &one("c"), "\nsecond\nthird\n"];
    let mut pieces = vec![b"} first".to_vec(), b"second\nthird".to_vec()];
    let environment = TestEnvironment::new();
    environment.hook(input.concat()).finish().ends_with(65).complains("is no JSON");
    drain(&environment);
    let mut kept: Vec<_> = environment.quarantined().iter().map(|file| body(file)).collect();
    kept.sort();
    pieces.sort();
    assert_eq!(kept, pieces);
    let stored =
        environment.record().column::<String>("SELECT message_id FROM messages ORDER BY 1");
    assert_eq!(stored, ["a", "b", "c"]);
}

#[test]
fn an_item_that_cannot_be_taken_in_is_kept_and_its_siblings_are_stored() {
    let cases = [
        rejected(
            "10,000 levels",
            "payload",
            item_with(&format!(r#""message_id":"bad","x":{}"#, levels(10_000))),
        ),
        rejected(
            "200,000 levels",
            "payload",
            item_with(&format!(r#""message_id":"bad","x":{}"#, levels(200_000))),
        ),
        rejected("a key twice", "payload", item_with(r#""message_id":"bad","message_id":"worse""#)),
        rejected(
            "a deep key twice",
            "payload",
            item_with(r#""message_id":"bad","x":[{"y":1,"y":1}]"#),
        ),
        rejected("1e400", "payload", item_with(r#""message_id":"bad","x":1e400"#)),
        rejected("1e400 for a cost", "payload", item_with(r#""message_id":"bad","cost":1e400"#)),
        rejected("no object", "payload", "7".to_owned()),
        rejected("a null", "payload", "null".to_owned()),
        rejected("a time with a fraction", "generated_at_unix_ms", item_at("1795168018979.5")),
        rejected("a time as a float", "generated_at_unix_ms", item_at("1.5e3")),
        rejected("a time as a text", "generated_at_unix_ms", item_at("\"1795168018979\"")),
        rejected("a time before the epoch", "generated_at_unix_ms", item_at("-1")),
        rejected("a time of 2^63", "generated_at_unix_ms", item_at("9223372036854775808")),
        rejected("a time of 2^64", "generated_at_unix_ms", item_at("18446744073709551616")),
        rejected("a time of 1e400", "payload", item_at("1e400")),
        rejected("no time", "generated_at_unix_ms", item_at("null")),
        rejected("an empty id", "message_id", item("")),
        rejected("an id of white space", "message_id", item_with(r#""message_id":" \t\u2003""#)),
        rejected("an id that is a number", "message_id", item_with(r#""message_id":7"#)),
        rejected("no id", "message_id", item_with(r#""x":1"#)),
    ];
    cases.iter().for_each(check);
}

#[test]
fn what_is_only_odd_is_taken_in() {
    let (a, z) = (one("a"), one("z"));
    let cases = [
        taken_in("a byte order mark", format!("\u{feff}{a}"), &["a"]),
        taken_in(
            "byte order marks everywhere",
            format!("\u{feff}{a}\u{feff}\n{z}\u{feff}"),
            &["a", "z"],
        ),
        taken_in("CRLF", format!("{a}\r\n\r\n{z}\r\n"), &["a", "z"]),
        taken_in("CRLF in an envelope", a.replace(',', ",\r\n"), &["a"]),
        taken_in("nothing between", format!("{a}{z}"), &["a", "z"]),
        taken_in("the latest time", envelope(&[item_at("9223372036854775807")]), &["bad"]),
        taken_in("the earliest time", envelope(&[item_at("0")]), &["bad"]),
        taken_in("no items", r#"{"type":"message.updated","payloads":[]}"#, &[]),
        taken_in(
            "an unknown key",
            envelope(&[item_with(r#""message_id":"a","x":[1e308]"#)]),
            &["a"],
        ),
        taken_in(
            "100 levels",
            envelope(&[item_with(&format!(r#""message_id":"a","x":{}"#, levels(100)))]),
            &["a"],
        ),
        taken_in(
            "an odd id",
            envelope(&[item_with(r#""message_id":"a\u0000\u202e\n""#)]),
            &["a\0\u{202e}\n"],
        ),
        taken_in("the same item twice", envelope(&[item("a"), item("a")]), &["a"]),
        taken_in("the same envelope twice", format!("{a}\n{a}\n"), &["a"]),
    ];
    cases.iter().for_each(check);
}

#[test]
fn half_a_character_is_told_and_replaced() {
    let environment = TestEnvironment::new();
    let input = envelope(&[item("a"), item_with(r#""message_id":"b","finish":"x\ud800y""#)]);
    let run = environment.recount(["hooks", "conversation-trace", "--receipt", "json"]);
    let receipt: Value =
        serde_json::from_str(&run.input(input).finish().output()).expect("it is JSON");
    let warnings = receipt["warnings"].as_array().expect("an array");
    assert!(matches!(&warnings[..], [warning] if warning["index"] == 1), "{receipt}");
    drain(&environment);
    let record = environment.record();
    let finish = record.column::<Option<String>>("SELECT finish FROM messages ORDER BY message_id");
    assert_eq!(finish, [None, Some("x\u{fffd}y".to_owned())]);
}

#[test]
fn the_same_item_twice_in_a_batch_is_one_row() {
    let environment = TestEnvironment::new();
    environment.hook(envelope(&[item("a"), item("a")])).finish().ends_with(0);
    let output = drain(&environment).stdout;
    assert_eq!(output, "drained 1 file: stored=1 updated=0 duplicate=1 rejected=0 unreadable=0\n");
}

#[test]
fn nothing_but_blanks_is_65_and_nothing_is_kept() {
    for (name, input) in [("empty", ""), ("a line feed", "\n"), ("blanks", " \t\r\n")] {
        let environment = TestEnvironment::new();
        let finished = environment.hook(input).kill_after(BOUND).finish().ends_with(65);
        let finished = finished.complains("recount: standard input is empty\nhint: ");
        assert_eq!(finished.stdout, "", "{name}");
        assert!(environment.spooled().is_empty(), "{name}");
    }
}

#[test]
fn of_70_mib_the_first_64_are_kept_and_the_hook_says_that_something_is_lost() {
    let text = "x".repeat(70 << 20);
    let long = envelope(&[item_with(&format!(r#""message_id":"b","x":"{text}""#))]);
    let cases = [("alone", String::new(), &[] as &[_]), ("after another", one("a"), &["a"])];
    for (name, before, stored) in cases {
        let kept = &long.as_bytes()[..LIMIT_BYTES - before.len()];
        check(&Case {
            name,
            input: [before.as_bytes(), long.as_bytes()].concat(),
            code: 74,
            complaint: "standard input is longer than 64 MiB; the rest was not read",
            stored,
            pieces: vec![kept.to_vec()],
            ..Case::default()
        });
    }
}

#[test]
fn replay_keeps_a_value_of_70_mib_whole() {
    let environment = TestEnvironment::new();
    let long = format!("{{\"type\":\"{}\"}}", "x".repeat(70 << 20));
    let file = environment.working_folder().join("long.ndjson");
    fs::write(&file, between(long.as_bytes())).expect("a new file");
    let run = environment.recount(["replay", "long.ndjson"]).kill_after(BOUND);
    run.finish().ends_with(65).complains("is longer than 64 MiB");
    let mut kept: Vec<_> = environment.quarantined().iter().map(|file| body(file)).collect();
    // No piece in quarantine is longer than a value may be.
    kept.sort_by_key(|piece| Reverse(piece.len()));
    assert!(kept.concat() == long.as_bytes(), "{} pieces", kept.len());
    let stored =
        environment.record().column::<String>("SELECT message_id FROM messages ORDER BY 1");
    assert_eq!(stored, ["a", "z"]);
}

#[test]
fn a_batch_of_100_000_items_is_stored_whole() {
    const ITEMS: i64 = 100_000;
    let items: Vec<String> = (0..ITEMS).map(|number| item(&number.to_string())).collect();
    let environment = TestEnvironment::new();
    environment.hook(envelope(&items)).kill_after(BOUND).finish().ends_with(0);
    drain(&environment);
    let record = environment.record();
    assert_eq!(record.rows("messages"), ITEMS);
    record.is_whole();
}

#[test]
fn input_that_never_ends_is_kept_as_far_as_it_came() {
    let half = &one("b")[..60];
    let cases = [
        ("whole", one("a"), 0, &["a"] as &[_], vec![]),
        ("cut off", one("a") + half, 65, &["a"], vec![half.as_bytes().to_vec()]),
        ("nothing", String::new(), 65, &[], vec![]),
    ];
    for (name, input, code, stored, pieces) in cases {
        let environment = TestEnvironment::new().with_settings("[hooks]\nread_timeout_ms = 300\n");
        let run = environment.hook(input).endless().kill_after(BOUND);
        assert_eq!(run.finish().code, Some(code), "{name}");
        drain(&environment);
        let record = environment.record();
        assert_eq!(record.column::<String>("SELECT message_id FROM messages"), stored, "{name}");
        let kept: Vec<_> = environment.quarantined().iter().map(|file| body(file)).collect();
        assert_eq!(kept, pieces, "{name}");
    }
}

#[test]
fn input_that_flows_without_end_is_left_after_64_mib() {
    let environment = TestEnvironment::new();
    let (reader, mut writer) = io::pipe().expect("a pipe");
    let flow = thread::spawn(move || {
        let garbage = vec![b'x'; 64 << 10];
        // Ends when nobody reads any more.
        while writer.write_all(&garbage).is_ok() {}
    });
    let run = environment.recount(["hooks", "conversation-trace"]).stdin(reader);
    run.kill_after(BOUND).finish().ends_with(74).complains("is longer than 64 MiB");
    flow.join().expect("it has ended");
    drain(&environment);
    let kept: Vec<Vec<u8>> = environment.quarantined().iter().map(|file| body(file)).collect();
    assert!(matches!(&kept[..], [piece] if piece.len() == LIMIT_BYTES), "{} pieces", kept.len());
}
