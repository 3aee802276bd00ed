//! The object around the items.

use domain::{Agent, Record};
use intake::{agent_named, envelope_around};

use crate::support::{envelope, found, found_by, message, part_of, session_of, text_part};

#[test]
fn an_envelope_without_items_is_no_empty_input() {
    let found = found(r#"{"type":"message.updated","payloads":[]}"#);
    assert_eq!((found.batch_sizes, found.unreadable), (vec![0], vec![]));
}

#[test]
fn the_agent_is_named_by_the_origin_else_by_the_envelope() {
    let item = r#"{"session_id":"s","message_id":"m","role":"user","generated_at_unix_ms":1}"#;
    let cases = [
        ("none", None, "", None),
        ("the envelope's", None, r#""agent":"opencode","#, Some("opencode")),
        ("an alias", None, r#""agent":"claude","#, Some("claude-code")),
        ("another case", None, r#""agent":" OpenCode ","#, Some("opencode")),
        ("one that is not known", None, r#""agent":"My Agent","#, Some("My Agent")),
        ("white space", None, r#""agent":" ","#, None),
        ("null", None, r#""agent":null,"#, None),
        ("unknown", None, r#""agent":"unknown","#, None),
        ("the origin's", Some("codex"), "", Some("codex")),
        ("both", Some("codex"), r#""agent":"opencode","#, Some("codex")),
    ];
    for (name, origin, header, expected) in cases {
        let input = format!(r#"{{"type":"message.updated",{header}"payloads":[{item}]}}"#);
        let item = found_by(&mut input.as_bytes(), origin).only_item();
        let session = session_of(&item).expect("every item has its session");
        assert_eq!(session.agent.value().map(Agent::as_str), expected, "{name}");
    }
}

#[test]
fn a_header_that_does_not_fit_is_left_out_with_a_warning() {
    let input = r#"{"type":"message.updated","agent":1,"agent_version":[],"payloads":[]}"#;
    let found = found(input);
    let expected = vec![("agent", "is no string"), ("agent_version", "is no string")];
    assert_eq!((found.notes(), found.batch_sizes.len()), (expected, 1));
}

#[test]
fn keys_beside_the_known_ones_are_ignored() {
    let input = message("").replacen('{', r#"{"future":{"type":"x"},"hook_event_name":"Stop","#, 1);
    assert!(matches!(found(&input).only_item().subject, Record::Message(_)));
}

#[test]
fn a_bad_item_does_not_hurt_its_siblings() {
    let good = r#"{"session_id":"s","message_id":"m","role":"user","generated_at_unix_ms":1}"#;
    let bad = [
        ("1", "payload", "is no object"),
        ("null", "payload", "is no object"),
        ("[]", "payload", "is no object"),
        (r#""text""#, "payload", "is no object"),
        ("{}", "session_id", "is missing"),
        (r#"{"a":1e400}"#, "payload", "holds a number that is out of range"),
        (r#"{"cost":-1e400}"#, "payload", "holds a number that is out of range"),
        (r#"{"a":1,"a":1}"#, "payload", "holds a key twice"),
        (r#"{"a":[{"b":{"c":1,"\u0063":2}}]}"#, "payload", "holds a key twice"),
        (r#"{"cost":1,"cost":1}"#, "payload", "holds a key twice"),
        (r#"{"cost":{"b":1,"b":1}}"#, "payload", "holds a key twice"),
    ];
    for (item, field, reason) in bad {
        let input = envelope("message.updated", &[good, item, good]);
        let found = found(&input);
        assert_eq!(found.items.len(), 2, "{item}");
        assert_eq!(found.refusals(), [(field, reason)], "{item}");
        let reject = &found.rejects[0];
        assert_eq!((reject.envelope, reject.index), (0, 1));
        assert_eq!(reject.bytes, item.as_bytes());
        assert_eq!((&*reject.kind, &*reject.agent), ("message.updated", "opencode"));
    }
}

#[test]
fn places_count_envelopes_and_items_from_0() {
    let item =
        r#"{"session_id":"s","message_id":"m","role":"user","generated_at_unix_ms":1,"cost":-1}"#;
    let batch = envelope("message.updated", &[item, "{}", item]);
    let found = found(format!("x\n{batch}\ny\n{batch}"));
    let warnings: Vec<_> = found.warnings.iter().map(|w| (w.envelope, w.index)).collect();
    assert_eq!(warnings, [(0, 0), (0, 2), (1, 0), (1, 2)]);
    let rejects: Vec<_> = found.rejects.iter().map(|r| (r.envelope, r.index)).collect();
    assert_eq!(rejects, [(0, 1), (1, 1)]);
}

#[test]
fn half_a_character_becomes_a_replacement_character_with_a_warning() {
    let cases = [
        (r"\ud800", "\u{FFFD}", 1),
        (r"a\uDFFFb", "a\u{FFFD}b", 1),
        (r"\ud83d\ude00", "\u{1F600}", 0),
        (r"\\ud800", r"\ud800", 0),
        (r"a\u0000b", "a\0b", 0),
    ];
    for (text, expected, warnings) in cases {
        let found = found(text_part(1).replace("hello", text));
        assert_eq!(found.warnings.len(), warnings, "{text}");
        let item = found.only_item();
        let part = part_of(&item).expect("it is a part");
        assert_eq!(part.text.value().map(String::as_str), Some(expected), "{text}");
    }
}

#[test]
fn an_item_without_an_id_gets_one_from_its_content_and_its_place_among_equals() {
    let one = r#"{"session_id":"s","message_id":"m","part_type":"text","text":"a","generated_at_unix_ms":1}"#;
    let same = r#"{ "generated_at_unix_ms":1, "text":"\u0061", "part_type":"text","message_id":"m","session_id":"s"}"#;
    let other = &one.replace(r#""a""#, r#""b""#);
    let batch = envelope("message.part.updated", &[one, same, other, one]);
    let ids = |input: &str| -> Vec<String> {
        let found = found(input);
        let parts = found.items.iter().map(|item| part_of(item).expect("it is a part"));
        parts.map(|part| part.part_id.as_str().to_owned()).collect()
    };
    let first = ids(&batch);
    assert_eq!(first[0].len(), "sha256:".len() + 64 + ":0".len());
    assert!(first[0].starts_with("sha256:") && first[0].ends_with(":0"));
    assert_eq!(first[1], first[0].replace(":0", ":1"));
    assert_eq!(first[3], first[0].replace(":0", ":2"));
    assert_ne!(first[2][..70], first[0][..70]);
    assert!(first[2].ends_with(":0"));
    assert_eq!(ids(&batch), first, "a replay finds the same rows");
    assert_eq!(ids(&(batch.clone() + &batch))[4..], first, "each envelope counts for itself");
}

#[test]
fn a_rejected_item_judged_again_is_the_same_item() {
    let item = r#"{"session_id":"s","message_id":"m","part_type":"text","text":"a","generated_at_unix_ms":1}"#;
    let future = item.replace(r#""text","#, r#""future","#);
    let version = r#"{"agent_version":"1.2","#;
    let batch = envelope("message.part.updated", &[&future, &future]).replacen('{', version, 1);
    let rejects = found(batch).rejects;
    assert_eq!(rejects.iter().map(|reject| reject.occurrence).collect::<Vec<_>>(), [0, 1]);
    for reject in rejects {
        let again = envelope_around(&reject).expect("its bytes are JSON");
        assert_eq!(found(&again).rejects, [domain::Reject { index: 0, ..reject.clone() }]);

        let understood = String::from_utf8(again).expect("JSON").replace("future", "text");
        let item = found(understood).only_item();
        let part = part_of(&item).expect("it is a part");
        assert!(part.part_id.as_str().ends_with(&format!(":{}", reject.occurrence)));
        let session = session_of(&item).expect("every item has its session");
        assert_eq!(session.agent_version.value().map(String::as_str), Some("1.2"));
    }
}

#[test]
fn names_of_agents_are_found_by_alias_and_kept_where_they_are_not_known() {
    let cases = [
        ("opencode", Some("opencode")),
        ("OPENCODE", Some("opencode")),
        (" claude ", Some("claude-code")),
        ("claude-code", Some("claude-code")),
        ("codex-cli", Some("codex")),
        ("gemini-cli", Some("gemini")),
        (" My agent", Some(" My agent")),
        ("unknown", None),
        (" Unknown ", None),
        ("", None),
        ("\t", None),
    ];
    for (text, expected) in cases {
        assert_eq!(agent_named(text).as_ref().map(Agent::as_str), expected, "{text:?}");
    }
}
