//! `recount rejects`.

use std::{
    fs::{self, File},
    path::PathBuf,
};

use rusqlite::Connection;
use serde_json::Value;

use crate::support::{
    TestEnvironment,
    envelope::{message, messages},
};

/// An unreadable piece that is no text.
const PIECE: &[u8] = b"{\"type\":\"\xFF\x00\t\x1B[2J\r.";

/// An item that cannot be taken in, with blanks that show whether it is kept to the byte.
const ITEM: &str = r#"{ "session_id":"ses_1",  "message_id":"msg_1", "role":"nobody" }"#;

/// A record without sessions, with one reject and one piece in quarantine.
fn with_one_of_each() -> TestEnvironment {
    let environment = TestEnvironment::new();
    let mut input = format!(
        "{{\"type\":\"message.updated\",\"agent\":\"my\u{202e}agent\",\"payloads\":[{ITEM}]}}\n"
    )
    .into_bytes();
    input.extend(PIECE);
    environment.hook(input).finish().ends_with(65);
    environment
}

/// What is listed, as JSON.
fn listed(environment: &TestEnvironment) -> Vec<Value> {
    let finished = environment.run(["rejects", "list", "--format", "jsonl"]).ends_with(0);
    finished.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The ids of what is listed.
fn ids(environment: &TestEnvironment) -> Vec<String> {
    let id = |entry: &Value| entry["id"].as_str().expect("a text").to_owned();
    listed(environment).iter().map(id).collect()
}

/// What `rejects show` prints, to the byte.
fn shown(environment: &TestEnvironment, id: &str) -> Vec<u8> {
    let path = environment.working_folder().join("shown");
    let file = File::create(&path).expect("a new file");
    environment.recount(["rejects", "show", id]).stdout(file).finish().ends_with(0);
    fs::read(path).expect("it is there")
}

/// Puts a piece into quarantine.
fn quarantine(environment: &TestEnvironment, name: &str, body: &str) -> PathBuf {
    let folder = environment.quarantine();
    fs::create_dir_all(&folder).expect("a new folder");
    let path = folder.join(name);
    let header = "{\"recount_spool\":1,\"kind\":\"conversation-trace\",\"agent\":null,\
                  \"database\":null,\"received_at_unix_ms\":1795168018979,\"bytes\":1,\
                  \"error\":\"is of a type that is planned\"}";
    fs::write(&path, format!("{header}\n{body}")).expect("a new file");
    path
}

#[test]
fn nothing_is_listed_where_nothing_was_rejected() {
    let environment = TestEnvironment::new();
    assert_eq!(environment.run(["rejects", "list"]).output(), "nothing was rejected\n");
    assert_eq!(environment.run(["rejects", "list", "--format", "jsonl"]).output(), "");
    let output = environment.run(["rejects", "retry", "--all"]).output();
    assert_eq!(output, "judged again: 0, taken in: 0\n");
}

#[test]
fn items_and_pieces_are_listed_with_their_reason_and_without_their_text() {
    let environment = with_one_of_each();
    let entries = listed(&environment);
    let [item, piece] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!(
        [&item["what"], &item["type"], &item["field"], &item["agent"]],
        ["item", "message.updated", "role", "my\u{202e}agent"]
    );
    assert_eq!([&item["bytes"], &piece["bytes"]], [ITEM.len(), PIECE.len()]);
    assert_eq!(piece["what"], "piece");
    assert!(piece["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{piece}");
    let table = environment.run(["rejects", "list"]).ends_with(0).stdout;
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.contains("my\\u{202e}agent") && table.contains("unreadable piece"), "{table}");
    for text in ["ses_1", "nobody", "[2J"] {
        let is_told = table.contains(text) || entries.iter().any(|e| e.to_string().contains(text));
        assert!(!is_told, "{text} is told in {table} or {entries:?}");
    }
}

#[test]
fn each_is_shown_to_the_byte_by_any_beginning_of_its_id() {
    let environment = with_one_of_each();
    let ids = ids(&environment);
    for (id, expected) in ids.iter().zip([ITEM.as_bytes(), PIECE]) {
        for length in [12, id.len()] {
            assert_eq!(shown(&environment, &id[..length]), expected, "{id}");
        }
    }
}

#[test]
fn a_name_of_none_or_of_several_ends_with_1_and_changes_nothing() {
    let cases = [
        ("unknown", "f00f00", "recount: `f00f00` is neither a reject nor in quarantine"),
        ("of none", "", "recount: `` is neither"),
        ("of several", "zz", "recount: `zz` begins several ids"),
        ("that acts", "\u{1b}[2J", "recount: `\\u{1b}[2J` is neither"),
        ("of another case", "XYZ", "recount: `XYZ` is neither"),
    ];
    let environment = with_one_of_each();
    quarantine(&environment, "zz1.spool", "one");
    quarantine(&environment, "zz2.spool", "two");
    let before = listed(&environment);
    for (name, id, complaint) in cases {
        for command in ["show", "retry"] {
            let finished = environment.run(["rejects", command, id]).ends_with(1);
            let finished = finished.complains(complaint).complains("hint: `recount rejects list`");
            assert_eq!(finished.stdout, "", "{name}");
        }
    }
    let known = before[0]["id"].as_str().expect("a text");
    let finished = environment.run(["rejects", "retry", known, "f00f00"]).ends_with(1);
    assert_eq!(finished.complains("`f00f00` is neither").stdout, "");
    assert_eq!(listed(&environment), before);
}

#[test]
fn what_to_judge_again_must_be_said() {
    let cases: [&[&str]; 3] =
        [&["rejects", "retry"], &["rejects", "retry", "--all", "f00"], &["rejects", "show"]];
    for arguments in cases {
        let finished = TestEnvironment::new().run(arguments).ends_with(64).complains("hint: ");
        assert_eq!(finished.stdout, "", "{arguments:?}");
    }
}

#[test]
fn what_is_still_bad_is_kept_as_it_was() {
    let environment = with_one_of_each();
    let (before, ids) = (listed(&environment), ids(&environment));
    let retries = [
        (vec!["--all"], 2),
        (vec![&*ids[0]], 1),
        (vec![&*ids[1]], 1),
        (vec![&*ids[1], &ids[1][..12]], 1),
    ];
    for (arguments, judged) in retries {
        let finished = environment.run([&["rejects", "retry"], &arguments[..]].concat());
        let finished = finished.ends_with(1);
        assert_eq!(finished.stdout, format!("judged again: {judged}, taken in: 0\n"));
        assert_eq!(listed(&environment), before, "{arguments:?}");
    }
    assert_eq!(shown(&environment, &ids[0]), ITEM.as_bytes());
    assert_eq!(shown(&environment, &ids[1]), PIECE);
    assert_eq!(environment.spooled(), [] as [PathBuf; 0]);
}

#[test]
fn a_piece_that_can_be_read_now_is_taken_in() {
    let environment = with_one_of_each();
    let body = messages(&[message("ses_1", "msg_2")]);
    let path = quarantine(&environment, "aaaa.spool", &body);
    assert_eq!(shown(&environment, "aaaa"), body.as_bytes());
    let finished = environment.run(["rejects", "retry", "aaaa"]).ends_with(0);
    assert_eq!(finished.stdout, "judged again: 1, taken in: 1\n");
    assert!(!path.exists());
    let record = environment.record();
    assert_eq!(record.column::<String>("SELECT message_id FROM messages"), ["msg_2"]);
    assert_eq!(
        record.column::<i64>("SELECT received_at_unix_ms FROM messages"),
        [1_795_168_018_979]
    );
    assert_eq!(listed(&environment).len(), 2);
}

#[test]
fn of_a_piece_that_can_be_read_in_part_the_rest_is_kept() {
    let environment = TestEnvironment::new();
    let body = format!("{}garbage\n", messages(&[message("ses_1", "msg_1")]));
    quarantine(&environment, "aaaa.spool", &body);
    let finished = environment.run(["rejects", "retry", "--all"]).ends_with(1);
    assert_eq!(
        finished.stdout,
        "judged again: 1, taken in: 1\ncannot be read and in quarantine again: 1 part\n"
    );
    let stored = environment.record().column::<String>("SELECT message_id FROM messages");
    assert_eq!(stored, ["msg_1"]);
    let ids = ids(&environment);
    assert!(matches!(&ids[..], [id] if shown(&environment, id) == b"garbage"), "{ids:?}");
}

#[test]
fn an_item_that_an_older_version_could_not_take_in_is_taken_in() {
    let environment = with_one_of_each();
    environment.run(["spool", "drain"]).ends_with(0);
    // As if this version had learnt the role.
    let connection = Connection::open(environment.default_database()).expect("it opens");
    let learn = "UPDATE rejects SET item = replace(item, '\"nobody\"',
                     '\"user\",\"generated_at_unix_ms\":1795168018979')";
    assert_eq!(connection.execute(learn, []), Ok(1));
    drop(connection);
    let finished = environment.run(["rejects", "retry", "--all"]).ends_with(1);
    assert_eq!(finished.stdout, "judged again: 2, taken in: 1\n");
    let record = environment.record();
    assert_eq!(record.column::<String>("SELECT message_id FROM messages"), ["msg_1"]);
    assert_eq!(record.rows("rejects"), 0);
}

#[test]
fn what_is_discarded_is_gone_and_nothing_else_is() {
    let environment = with_one_of_each();
    environment.run(["spool", "drain"]).ends_with(0);
    let before = ids(&environment);
    assert_eq!(before.len(), 2);
    environment.run(["rejects", "discard"]).ends_with(64);
    environment.run(["rejects", "discard", "0nothing"]).ends_with(1);
    let finished = environment.run(["rejects", "discard", &before[0]]).ends_with(0);
    assert_eq!(finished.stdout, "discarded: 1\n");
    assert_eq!(ids(&environment), before[1..]);
    environment.run(["rejects", "discard", "--all"]).ends_with(0);
    assert!(ids(&environment).is_empty());
    assert_eq!(environment.run(["db", "path"]).ends_with(0).stderr, "", "nothing is reminded of");
}
