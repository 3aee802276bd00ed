//! `recount blame`, asked well, badly and by enemies.

use std::fs;

use serde_json::Value;

use crate::support::{TestEnvironment, repository::Repository, set_mode, work_tree::WorkTree};

/// The answer to a question that has one.
fn answer(tree: &WorkTree, words: &[&str]) -> Value {
    let answer = tree.run(&[&["blame", "--format", "json"], words].concat()).output();
    serde_json::from_str(&answer).expect("a JSON value")
}

/// Each line: its number, whose it is, and its text.
fn lines(answer: &Value) -> Vec<(u64, &str, &str)> {
    let details = answer["details"].as_array().expect("a list").iter();
    details
        .map(|line| {
            (
                line["line"].as_u64().expect("a number"),
                line["contributor"].as_str().expect("a word"),
                line["text"].as_str().expect("a text"),
            )
        })
        .collect()
}

#[test]
fn each_line_has_its_conversation_and_its_commit() {
    let tree = WorkTree::with_an_edit();
    let answer = answer(&tree, &["file.txt"]);
    assert_eq!(lines(&answer), [(1, "unknown", "by a person"), (2, "ai", "by an agent")]);
    let [first, second] = [&answer["details"][0], &answer["details"][1]];
    assert_eq!((&first["subject"], &second["subject"]), (&"first".into(), &"second".into()));
    assert_eq!(second["session_id"], "ses_1");
    assert_eq!(second["message_id"], "msg_1");
    assert_eq!(second["call_id"], "call_2");
    assert_eq!(second["model_id"], "mock/mock-1");
    assert_eq!(second["agent"], "opencode");
    assert_eq!(first["author"], "A Person");
    assert_eq!(answer["meta"]["path"], "file.txt");
    assert_eq!(answer["meta"]["lines"], 2);
}

#[test]
fn ranges_are_those_of_git() {
    let tree = WorkTree::new();
    tree.write("nine", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    tree.commit("nine lines");
    let cases = [
        ("3,5", 3, 5),
        ("3,+2", 3, 4),
        ("7,", 7, 9),
        (",2", 1, 2),
        ("4", 4, 4),
        ("8,20", 8, 9),
        ("9,+4294967295", 9, 9),
    ];
    for (range, first, last) in cases {
        let answer = answer(&tree, &["nine", "-L", range]);
        let numbers: Vec<u64> = lines(&answer).iter().map(|line| line.0).collect();
        assert_eq!(numbers, (first..=last).collect::<Vec<_>>(), "{range}");
    }
    for range in ["", "0", "0,3", "5,3", ",", "a", "1,2,3", "-1", "/x/", ":main", "4294967296"] {
        let range = format!("-L={range}");
        let _ = tree.run(&["blame", "nine", &range]).ends_with(64);
    }
    let _ = tree.run(&["blame", "nine", "-L", "10,12"]).ends_with(1).complains("9 lines");
    tree.write("new", "one\ntwo\n");
    assert_eq!(lines(&answer(&tree, &["new", "-L", "2,9"])), [(2, "unknown", "two")]);
    let _ = tree.run(&["blame", "new", "-L", "3"]).ends_with(1).complains("2 lines");
}

#[test]
fn what_is_no_file_of_the_repository_is_not_there() {
    let tree = WorkTree::with_an_edit();
    let outside = tree.environment().home().join("outside");
    fs::write(&outside, "secret\n").expect("a new file");
    let outside = outside.display().to_string();
    tree.write("folder/file", "x\n");
    tree.shell("ln -s ../home/outside link; ln -s .. up").ends_with(0);
    for file in [
        "missing",
        "missing/file",
        "../home/outside",
        &outside,
        "folder",
        "folder/",
        ".",
        "",
        "..",
        "/",
        "up/home/outside",
        "link",
        ".git/config",
        "file.txt/x",
        "*.txt",
        ":(glob)*.txt",
        ":/file.txt",
        "@",
        "HEAD:file.txt",
    ] {
        let run = tree.run(&["blame", "--", file]);
        assert!([Some(1), Some(64)].contains(&run.code), "{file}: {run:#?}");
        assert!(run.stdout.is_empty() && !run.stderr.contains("secret"), "{file}: {run:#?}");
        assert!(!run.stderr.contains("panicked"), "{file}: {run:#?}");
    }
}

#[test]
fn files_that_were_never_committed_or_are_gone_are_told_of() {
    let tree = WorkTree::with_an_edit();
    tree.write("new.txt", "one\ntwo by an agent\n");
    tree.tell_edit("new.txt", "two by an agent", 2);
    let new = answer(&tree, &["new.txt"]);
    assert_eq!(lines(&new), [(1, "human", "one"), (2, "ai", "two by an agent")]);
    assert_eq!(new["details"][1]["commit_id"], Value::Null);
    tree.git("rm --quiet file.txt");
    tree.commit("remove");
    let _ = tree.run(&["blame", "file.txt"]).ends_with(1);
    for revision in ["HEAD~1", "main~1", "HEAD^", "HEAD^{/second}"] {
        let old = answer(&tree, &["file.txt", "--rev", revision]);
        assert_eq!(lines(&old)[1], (2, "ai", "by an agent"), "{revision}");
    }
    let older = answer(&tree, &["file.txt", "--rev", "HEAD~2"]);
    assert_eq!(lines(&older), [(1, "unknown", "by a person")]);
}

#[test]
fn a_revision_is_never_an_option() {
    let tree = WorkTree::with_an_edit();
    let marker = tree.environment().working_folder().join("marker");
    let output = format!("--output={}", marker.display());
    for revision in [
        output.as_str(),
        "-p",
        "",
        "HEAD:file.txt",
        "--all",
        "--exec=touch marker",
        "HEAD..HEAD",
        "^HEAD",
        "HEAD HEAD",
        "nothing",
        "HEAD\n",
        "@{-1}",
        "HEAD^{tree}",
        "-",
    ] {
        let revision_option = format!("--rev={revision}");
        let run = tree.run(&["blame", "file.txt", &revision_option]).ends_with(1);
        assert!(run.stdout.is_empty(), "{revision}: {run:#?}");
        for command in [&["trace", "show"][..], &["trace", "verify"], &["trace", "export"]] {
            let run = tree.run(&[command, &["--", revision]].concat());
            // To export takes a range too, and what is no commit is a range without any.
            let is_empty = command[1] == "export" && run.stdout.contains(": 0 records, 0 as");
            assert!(is_empty || run.code == Some(1), "{command:?} {revision}: {run:#?}");
        }
        assert!(!marker.exists(), "{revision}");
    }
}

#[test]
fn nothing_that_a_repository_configures_is_run() {
    let tree = WorkTree::with_an_edit();
    let ran = tree.environment().home().join("ran");
    let script = tree.environment().home().join("script");
    let text = format!("#!/bin/sh\necho \"$0 $@\" >> '{}'\ncat \"$1\"\n", ran.display());
    fs::write(&script, text).expect("a new file");
    set_mode(&script, 0o755);
    let script = script.display();
    tree.shell("mkdir hooks; for hook in post-index-change reference-transaction pre-commit; do cp ../home/script hooks/$hook; done").ends_with(0);
    for (key, value) in [
        ("core.fsmonitor", format!("{script}")),
        ("diff.external", format!("{script}")),
        ("core.hooksPath", "hooks".to_owned()),
        ("log.showSignature", "true".to_owned()),
        ("gpg.program", format!("{script}")),
        ("core.pager", format!("{script}")),
        ("pager.blame", format!("{script}")),
        ("core.editor", format!("{script}")),
        ("diff.evil.textconv", format!("{script}")),
        ("diff.evil.command", format!("{script}")),
        ("filter.evil.clean", format!("{script}")),
        ("filter.evil.smudge", format!("{script}")),
        ("filter.process.process", format!("{script}")),
        ("filter.process.required", "true".to_owned()),
        ("blame.showRoot", "true".to_owned()),
        ("diff.noprefix", "true".to_owned()),
        ("diff.orderFile", "/does/not/exist".to_owned()),
        ("color.ui", "always".to_owned()),
        ("log.decorate", "full".to_owned()),
        ("notes.displayRef", "refs/notes/*".to_owned()),
        ("alias.blame", format!("!{script}")),
        ("alias.log", format!("!{script}")),
    ] {
        tree.git(&format!("config '{key}' '{value}'"));
    }
    tree.write(".gitattributes", "*.txt diff=evil filter=evil\n*.md filter=process\n");
    tree.write("file.txt", "by a person\nby an agent\nnot yet\n");
    tree.write("new.md", "new\n");
    let _ = fs::remove_file(&ran);
    let found = answer(&tree, &["file.txt"]);
    assert_eq!(lines(&found)[1], (2, "ai", "by an agent"));
    assert_eq!(lines(&found)[2].2, "not yet");
    let _ = answer(&tree, &["new.md"]);
    for words in [
        &["blame", "file.txt", "--rev", "HEAD"][..],
        &["trace", "show"],
        &["trace", "export"],
        &["trace", "export", "--to", "notes"],
        &["trace", "import"],
        &["trace", "import", "--from", "notes"],
        &["trace", "verify"],
        &["session", "commits", "ses_1"],
        &["stats", "attribution"],
    ] {
        let run = tree.run(words).ends_with(0);
        assert!(!ran.exists(), "{words:?}: {run:#?} {:?}", fs::read_to_string(&ran));
    }
}

#[test]
fn a_place_without_a_work_tree_or_commit_is_told_of() {
    let nowhere = WorkTree::nowhere();
    nowhere.write("file.txt", "x\n");
    for words in [&["blame", "file.txt"][..], &["trace", "show"], &["trace", "import"]] {
        let _ = nowhere.run(words).ends_with(1).complains("is in no git repository");
    }
    let empty = WorkTree::new();
    empty.write("file.txt", "x\n");
    assert_eq!(lines(&answer(&empty, &["file.txt"])), [(1, "unknown", "x")]);
    let _ = empty.run(&["blame", "file.txt", "--rev", "HEAD"]).ends_with(1);
    for command in ["show", "verify", "export"] {
        let run = empty.run(&["trace", command]).ends_with(1);
        assert!(run.stderr.contains("HEAD"), "{command}: {run:#?}");
    }
    let bare = WorkTree::with_an_edit();
    bare.shell("git clone --quiet --bare . bare").ends_with(0);
    let folder = bare.environment().working_folder().join("bare");
    let run = |words: &[&str]| bare.environment().recount(words).working_folder(&folder).finish();
    let _ = run(&["blame", "file.txt"]).ends_with(1);
    let _ = run(&["trace", "show"]).ends_with(0);
    let _ = run(&["trace", "export", "--to", "stdout"]).ends_with(0);
    let _ = run(&["trace", "export"]).ends_with(1);
}

#[test]
fn without_git_nothing_is_found_and_a_person_is_told() {
    let tree = WorkTree::with_an_edit();
    for words in [&["blame", "file.txt"][..], &["trace", "show"]] {
        let run = tree.environment().recount(words).variable("PATH", "/does/not/exist");
        let _ = run.finish().ends_with(74).complains("git cannot be run").complains("install git");
    }
}

#[test]
fn names_and_lines_of_an_enemy_are_shown_as_text() {
    let tree = WorkTree::new();
    let names = ["new\nline", "esc\u{1b}[31m", "-x", "--rev=HEAD", "a b", "ü", "\"quoted\""];
    for name in names {
        tree.write(name, "\u{1b}]0;title\u{7}\u{1b}[2Jline\r\nsecond\u{0}\u{202e}\n");
    }
    tree.commit("hostile\u{1b}[31m");
    for name in names {
        let run = tree.run(&["blame", "--", name]).ends_with(0);
        assert!(!run.stdout.contains(['\u{1b}', '\u{7}', '\u{0}', '\u{202e}']), "{run:#?}");
        let answer = answer(&tree, &["--", name]);
        assert_eq!(answer["meta"]["path"], name);
        assert_eq!(answer["details"].as_array().map(Vec::len), Some(2), "{name:?}");
        assert_eq!(answer["details"][0]["subject"], "hostile\u{1b}[31m");
    }
    let run = tree.run(&["trace", "show"]).ends_with(0);
    assert!(!run.stdout.contains('\u{1b}'), "{run:#?}");
    let run = tree.run(&["blame", "--", "missing\u{1b}[31m\n"]).ends_with(1);
    assert!(!run.stderr.contains('\u{1b}'), "{run:#?}");
}

#[test]
fn every_form_tells_of_every_line() {
    let tree = WorkTree::with_an_edit();
    let json = tree.run(&["blame", "file.txt", "--format", "jsonl"]).output();
    let lines: Vec<Value> =
        json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["session_id"], "ses_1");
    let csv = tree.run(&["blame", "file.txt", "--format", "csv"]).output();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 3, "{csv}");
    assert!(rows[0].starts_with("line,contributor,who,session"), "{csv}");
    assert!(rows[2].starts_with("2,ai,opencode · mock-1,ses_1,msg_1,"), "{csv}");
    let markdown = tree.run(&["blame", "file.txt", "--format", "markdown"]).output();
    assert_eq!(markdown.lines().count(), 4, "{markdown}");
    let table = tree.run(&["blame", "file.txt"]).output();
    assert!(table.contains("opencode · mock-1") && table.contains("by an agent"), "{table}");
    let _ = tree.run(&["blame", "file.txt", "--format", "yaml"]).ends_with(64);
    let _ = tree.run(&["blame"]).ends_with(64);
}

#[test]
fn of_commits_from_before_anything_was_recorded_nothing_is_worked_out() {
    let environment = TestEnvironment::new();
    let repository = Repository::plain(&environment);
    let blame = environment.recount(["blame", &repository.path, "--format", "json"]);
    let blame = blame.working_folder(&repository.folder).finish().output();
    let blame: Value = serde_json::from_str(&blame).expect("a JSON value");
    let first = &blame["details"][0];
    assert_eq!((&first["contributor"], &first["author"]), (&"unknown".into(), &"Dev".into()));
    assert_eq!(first["subject"], "Begin");
    let kept: Vec<String> = environment.record().column("SELECT commit_id FROM agent_traces");
    assert_eq!(kept, [repository.commit]);
}
