//! `recount trace`: records that go out, come in and are looked at again.

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::support::{Finished, work_tree::WorkTree};

/// Where records lie in a work tree.
const FILE: &str = ".agent-trace/traces.jsonl";

fn file(tree: &WorkTree) -> PathBuf {
    tree.environment().working_folder().join(FILE)
}

/// The record of the last commit, on one line.
fn record(tree: &WorkTree) -> String {
    tree.run(&["trace", "show", "--format", "jsonl"]).output()
}

fn verify(tree: &WorkTree) -> Finished {
    tree.run(&["trace", "verify"])
}

#[test]
fn a_record_goes_out_once_and_holds() {
    let tree = WorkTree::with_an_edit();
    for (place, words) in
        [("file", &["trace", "export"][..]), ("notes", &["trace", "export", "--to", "notes"])]
    {
        let run = tree.run(words).ends_with(0);
        assert!(run.stdout.ends_with(": 1 record, 0 as before\n"), "{place}: {run:#?}");
        let run = tree.run(words).ends_with(0);
        assert!(run.stdout.ends_with(": 0 records, 1 as before\n"), "{place}: {run:#?}");
    }
    let all = tree.run(&["trace", "export", "--to", "stdout", "--all"]).output();
    assert_eq!(all.lines().count(), 2);
    assert_eq!(fs::read_to_string(file(&tree)).expect("it was written"), record(&tree));
    let note = tree.git("notes --ref agent-trace show HEAD");
    assert_eq!(note, record(&tree));
    let holds = verify(&tree).output();
    assert_eq!(holds.lines().count(), 3, "{holds}");
    assert!(holds.lines().all(|line| line.ends_with(": holds, 1 range")), "{holds}");
}

#[test]
fn what_others_keep_in_the_file_stays() {
    let tree = WorkTree::with_an_edit();
    let others = "{\"version\":\"0.1.0\",\"mine\":1}\nno JSON at all\n";
    tree.write(FILE, others);
    tree.run(&["trace", "export"]).ends_with(0);
    let text = fs::read_to_string(file(&tree)).expect("it was written");
    assert_eq!(text, format!("{others}{}", record(&tree)));
}

/// Changes of a record, each with what is said of it.
const TAMPERED: [(&str, &str, &str); 5] = [
    ("sha256:", "sha256:0", "is not the one of the content hash"),
    ("\"start_line\":2", "\"start_line\":1", "does not add all of these lines"),
    ("\"end_line\":2", "\"end_line\":4000000000", "does not add all of these lines"),
    ("file.txt", "other.txt", "adds no line to this file"),
    ("\"files\":", "\"files\":7,\"x\":", ""),
];

#[test]
fn a_record_that_was_tampered_with_does_not_hold() {
    let tree = WorkTree::with_an_edit();
    let record = record(&tree);
    for (from, to, complaint) in TAMPERED {
        let tampered = record.replacen(from, to, 1);
        assert_ne!(tampered, record);
        tree.write(FILE, &tampered);
        // What is no record at all is no record of this commit.
        if !complaint.is_empty() {
            let run = verify(&tree).ends_with(1);
            assert!(run.stdout.contains(&format!("{FILE}: `")), "{run:#?}");
            assert!(run.stdout.contains(complaint), "{run:#?}");
        }
        fs::remove_file(file(&tree)).expect("it is there");
        tree.write("note", &tampered);
        tree.git("notes --ref agent-trace add --force --file=note HEAD");
        let run = verify(&tree).ends_with(1);
        assert!(run.stdout.contains("note: ") && run.stdout.contains(complaint), "{run:#?}");
        tree.git("notes --ref agent-trace remove HEAD");
    }
    let _ = verify(&tree).ends_with(0);
}

#[test]
fn a_note_of_another_commit_does_not_hold() {
    let tree = WorkTree::with_an_edit();
    tree.write("note", record(&tree));
    tree.git("notes --ref agent-trace add --file=note HEAD~1");
    let run = tree.run(&["trace", "verify", "HEAD~1"]).ends_with(1);
    assert!(run.stdout.contains("note: is of another commit"), "{run:#?}");
    let run = tree.run(&["trace", "import", "--from", "notes"]).ends_with(65);
    assert!(run.stderr.contains("is a record of another commit"), "{run:#?}");
}

#[test]
fn broken_lines_are_named_and_the_others_are_taken_in() {
    let tree = WorkTree::with_an_edit();
    let record = record(&tree);
    let revision = |id: &str| {
        let mut record: Value = serde_json::from_str(&record).expect("JSON");
        record["vcs"]["revision"] = id.into();
        record.to_string()
    };
    let broken = [
        "no JSON".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        revision("HEAD"),
        revision("--output=x"),
        revision("0123"),
        record.trim_end().replacen("\"files\":", "\"files\":7,\"x\":", 1),
        record.trim_end().replacen("0.1.0", "new", 1),
        "[".repeat(100_000),
        "\u{1b}[31m".to_owned(),
    ];
    let text = format!("{}\n\n{record}", broken.join("\n"));
    tree.write("records", &text);
    let words = ["--database", "other.db", "trace", "import", "records"];
    let run = tree.run(&words).ends_with(65);
    assert!(run.stdout.ends_with(": 1 record, 0 as before\n"), "{run:#?}");
    for line in 1..=broken.len() {
        assert!(run.stderr.contains(&format!("recount: line {line}: ")), "{line}: {run:#?}");
    }
    assert!(!run.stderr.contains('\u{1b}'), "{run:#?}");
    let again = tree.run(&words).ends_with(65);
    assert!(again.stdout.ends_with(": 0 records, 1 as before\n"), "{again:#?}");
    let words = ["--database", "other.db", "blame", "file.txt", "--format", "json"];
    let blame: Value = serde_json::from_str(&tree.run(&words).output()).expect("JSON");
    assert_eq!(blame["details"][1]["contributor"], "ai");
    assert_eq!(blame["details"][1]["model_id"], "mock/mock-1");
}

#[test]
fn nothing_is_written_through_a_link() {
    let tree = WorkTree::with_an_edit();
    let outside = tree.environment().home().join("outside");
    fs::create_dir(&outside).expect("a new folder");
    fs::write(outside.join("traces.jsonl"), "secret\n").expect("a new file");
    for link in [
        "ln -s ../home/outside .agent-trace",
        "mkdir .agent-trace; ln -s ../../home/outside/traces.jsonl .agent-trace",
    ] {
        tree.shell(&format!("rm -rf .agent-trace; {link}")).ends_with(0);
        let _ = tree.run(&["trace", "export"]).ends_with(74).complains("it is a link");
        let text = fs::read_to_string(outside.join("traces.jsonl")).expect("it is there");
        assert_eq!(text, "secret\n");
    }
}

#[test]
fn what_is_not_there_cannot_be_taken_in() {
    let tree = WorkTree::with_an_edit();
    let _ = tree.run(&["trace", "import"]).ends_with(74).complains(FILE);
    let _ = tree.run(&["trace", "import", "missing"]).ends_with(74).complains("missing");
    let _ = tree.run(&["trace", "import", "."]).ends_with(74);
    let _ = tree.run(&["trace", "import", "x", "--from", "notes"]).ends_with(64);
    let _ = tree.run(&["trace", "import", "--from", "notes"]).ends_with(0);
    let _ = tree.run(&["trace", "show", "--format", "csv"]).ends_with(64);
    let _ = tree.run(&["trace"]).ends_with(64);
}
