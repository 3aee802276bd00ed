//! `recount trace`: records that go out, come in and are looked at again.

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::support::{Finished, repository::Repository};

/// Where records lie in a work tree.
const FILE: &str = ".agent-trace/traces.jsonl";

fn file(repository: &Repository) -> PathBuf {
    repository.environment().working_folder().join(FILE)
}

/// The record of the last commit, on one line.
fn record(repository: &Repository) -> String {
    repository.run(&["trace", "show", "--format", "jsonl"]).output()
}

fn verify(repository: &Repository) -> Finished {
    repository.run(&["trace", "verify"])
}

#[test]
fn a_record_goes_out_once_and_holds() {
    let repository = Repository::with_an_edit();
    for (place, words) in
        [("file", &["trace", "export"][..]), ("notes", &["trace", "export", "--to", "notes"])]
    {
        let run = repository.run(words).ends_with(0);
        assert!(run.stdout.ends_with(": 1 record, 0 as before\n"), "{place}: {run:#?}");
        let run = repository.run(words).ends_with(0);
        assert!(run.stdout.ends_with(": 0 records, 1 as before\n"), "{place}: {run:#?}");
    }
    let all = repository.run(&["trace", "export", "--to", "stdout", "--all"]).output();
    assert_eq!(all.lines().count(), 2);
    assert_eq!(fs::read_to_string(file(&repository)).expect("it was written"), record(&repository));
    let note = repository.git("notes --ref agent-trace show HEAD");
    assert_eq!(note, record(&repository));
    let holds = verify(&repository).output();
    assert_eq!(holds.lines().count(), 3, "{holds}");
    assert!(holds.lines().all(|line| line.ends_with(": holds, 1 range")), "{holds}");
}

#[test]
fn what_others_keep_in_the_file_stays() {
    let repository = Repository::with_an_edit();
    let others = "{\"version\":\"0.1.0\",\"mine\":1}\nno JSON at all\n";
    repository.write(FILE, others);
    repository.run(&["trace", "export"]).ends_with(0);
    let text = fs::read_to_string(file(&repository)).expect("it was written");
    assert_eq!(text, format!("{others}{}", record(&repository)));
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
    let repository = Repository::with_an_edit();
    let record = record(&repository);
    for (from, to, complaint) in TAMPERED {
        let tampered = record.replacen(from, to, 1);
        assert_ne!(tampered, record);
        repository.write(FILE, &tampered);
        // What is no record at all is no record of this commit.
        if !complaint.is_empty() {
            let run = verify(&repository).ends_with(1);
            assert!(run.stdout.contains(&format!("{FILE}: `")), "{run:#?}");
            assert!(run.stdout.contains(complaint), "{run:#?}");
        }
        fs::remove_file(file(&repository)).expect("it is there");
        repository.write("note", &tampered);
        repository.git("notes --ref agent-trace add --force --file=note HEAD");
        let run = verify(&repository).ends_with(1);
        assert!(run.stdout.contains("note: ") && run.stdout.contains(complaint), "{run:#?}");
        repository.git("notes --ref agent-trace remove HEAD");
    }
    let _ = verify(&repository).ends_with(0);
}

#[test]
fn a_note_of_another_commit_does_not_hold() {
    let repository = Repository::with_an_edit();
    repository.write("note", record(&repository));
    repository.git("notes --ref agent-trace add --file=note HEAD~1");
    let run = repository.run(&["trace", "verify", "HEAD~1"]).ends_with(1);
    assert!(run.stdout.contains("note: is of another commit"), "{run:#?}");
    let run = repository.run(&["trace", "import", "--from", "notes"]).ends_with(65);
    assert!(run.stderr.contains("is a record of another commit"), "{run:#?}");
}

#[test]
fn broken_lines_are_named_and_the_others_are_taken_in() {
    let repository = Repository::with_an_edit();
    let record = record(&repository);
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
    repository.write("records", &text);
    let words = ["--database", "other.db", "trace", "import", "records"];
    let run = repository.run(&words).ends_with(65);
    assert!(run.stdout.ends_with(": 1 record, 0 as before\n"), "{run:#?}");
    for line in 1..=broken.len() {
        assert!(run.stderr.contains(&format!("recount: line {line}: ")), "{line}: {run:#?}");
    }
    assert!(!run.stderr.contains('\u{1b}'), "{run:#?}");
    let again = repository.run(&words).ends_with(65);
    assert!(again.stdout.ends_with(": 0 records, 1 as before\n"), "{again:#?}");
    let words = ["--database", "other.db", "blame", "file.txt", "--format", "json"];
    let blame: Value = serde_json::from_str(&repository.run(&words).output()).expect("JSON");
    assert_eq!(blame["details"][1]["contributor"], "ai");
    assert_eq!(blame["details"][1]["model_id"], "mock/mock-1");
}

#[test]
fn nothing_is_written_through_a_link() {
    let repository = Repository::with_an_edit();
    let outside = repository.environment().home().join("outside");
    fs::create_dir(&outside).expect("a new folder");
    fs::write(outside.join("traces.jsonl"), "secret\n").expect("a new file");
    for link in [
        "ln -s ../home/outside .agent-trace",
        "mkdir .agent-trace; ln -s ../../home/outside/traces.jsonl .agent-trace",
    ] {
        repository.shell(&format!("rm -rf .agent-trace; {link}")).ends_with(0);
        let _ = repository.run(&["trace", "export"]).ends_with(74).complains("it is a link");
        let text = fs::read_to_string(outside.join("traces.jsonl")).expect("it is there");
        assert_eq!(text, "secret\n");
    }
}

#[test]
fn what_is_not_there_cannot_be_taken_in() {
    let repository = Repository::with_an_edit();
    let _ = repository.run(&["trace", "import"]).ends_with(74).complains(FILE);
    let _ = repository.run(&["trace", "import", "missing"]).ends_with(74).complains("missing");
    let _ = repository.run(&["trace", "import", "."]).ends_with(74);
    let _ = repository.run(&["trace", "import", "x", "--from", "notes"]).ends_with(64);
    let _ = repository.run(&["trace", "import", "--from", "notes"]).ends_with(0);
    let _ = repository.run(&["trace", "show", "--format", "csv"]).ends_with(64);
    let _ = repository.run(&["trace"]).ends_with(64);
}
