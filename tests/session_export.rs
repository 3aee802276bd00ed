//! A session as a file: what a record says is shown in it and never acts.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::support::{TestEnvironment, hostile::with_hostile_texts};

fn export(environment: &TestEnvironment, arguments: &[&str]) -> String {
    let arguments = [&["session", "export", "ses_1"], arguments].concat();
    environment.run(arguments).output()
}

/// Demands that nothing in it drives a terminal or turns a line around.
fn assert_inert(text: &str) {
    let acts = |character: char| {
        (character.is_control() && !"\n\t".contains(character))
            || "\u{202e}\u{2066}\u{200b}\u{feff}".contains(character)
    };
    assert!(!text.contains(acts), "{text:?}");
}

/// The tags of a page, without what stands between them.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).map(|tag| tag.split('>').next().expect("a tag")).collect()
}

#[test]
fn a_page_holds_no_tag_but_ours_and_loads_nothing() {
    let environment = with_hostile_texts();
    let page = export(&environment, &["--format", "html", "--subagents"]);
    assert_inert(&page);
    let body = page.split("<body>").nth(1).expect("a page has a body");
    let ours = [
        "section",
        "/section",
        "h1",
        "/h1",
        "h2",
        "/h2",
        "h3",
        "/h3",
        "p class=\"about\"",
        "p class=\"note\"",
        "p class=\"name\"",
        "/p",
        "pre",
        "pre class=\"said\"",
        "/pre",
        "details",
        "/details",
        "summary",
        "/summary",
        "/body",
        "/html",
    ];
    for tag in tags(body) {
        assert!(ours.contains(&tag), "<{tag}>");
    }
    for tag in ["section", "details", "pre"] {
        let opened = tags(body).iter().filter(|found| found.split(' ').next() == Some(tag)).count();
        let closed = tags(body).iter().filter(|found| **found == format!("/{tag}")).count();
        assert_eq!(opened, closed, "{tag}");
    }
    let head = page.split("<body>").next().expect("a page has a head");
    assert!(head.contains("default-src 'none'; style-src 'sha256-"), "{head}");
    for acts in ["<script", "<link", "<img", "url(", "http:", "https:", "@import", "javascript:"] {
        assert!(!head.contains(acts), "{acts}");
    }
    for shown in ["&lt;script&gt;alert(1)&lt;/script&gt;", "prefers-color-scheme: dark", "thinking"]
    {
        assert!(page.contains(shown), "{shown}");
    }
}

/// What of a Markdown document stands in no fence, by the rules of `CommonMark`.
fn outside_of_fences(document: &str) -> Vec<&str> {
    let (mut fence, mut outside) = (None, Vec::new());
    for line in document.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            None => outside.push(line),
            Some(opened) if ticks >= opened && line.len() == ticks => fence = None,
            Some(_) => {}
        }
    }
    assert_eq!(fence, None, "a fence is not closed");
    outside
}

#[test]
fn nothing_of_a_record_leaves_its_fence_in_markdown() {
    let environment = with_hostile_texts();
    let document = export(&environment, &["--subagents"]);
    assert_inert(&document);
    let mut headings = 0;
    for line in outside_of_fences(&document) {
        let unescaped = line.replace("\\\\", "").replace("\\`", "").replace("\\!", "");
        let unescaped = unescaped.replace("\\[", "").replace("\\|", "");
        assert!(!unescaped.contains(['<', '`', '[', '!', '|']), "{line}");
        headings += usize::from(line.starts_with('#'));
    }
    // Two sessions, each with one message.
    assert_eq!(headings, 4, "{document}");
    assert!(document.contains("\n<script>alert(1)</script>"), "it is told all the same");
}

#[test]
fn json_is_what_session_show_prints() {
    let environment = with_hostile_texts();
    let shown = environment.run(["session", "show", "ses_1", "--format", "json"]).output();
    assert_eq!(export(&environment, &["--format", "json"]), shown);
    let all = export(&environment, &["--format", "json", "--subagents"]);
    let all: Vec<Value> = serde_json::from_str(&all).expect("a JSON list");
    let ids: Vec<_> = all.iter().map(|one| one["session"]["session_id"].clone()).collect();
    assert_eq!(ids, ["ses_1", "ses_1/child"]);
    assert_eq!(all[0], serde_json::from_str::<Value>(&shown).expect("JSON"));
}

#[test]
fn a_file_is_whole_its_owners_alone_and_never_replaced_unasked() {
    let environment = with_hostile_texts();
    let file = environment.working_folder().join("export.html");
    let name = file.to_str().expect("a name");
    let arguments = ["--format", "html", "--output", name];
    assert_eq!(export(&environment, &arguments), "");
    let written = fs::read_to_string(&file).expect("it was written");
    assert!(written.starts_with("<!doctype html>") && written.ends_with("</html>\n"));
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
    fs::write(&file, "mine").expect("it is ours");
    let command = ["session", "export", "ses_1", "--output", name];
    environment.run(command).ends_with(74).complains("is there already").complains("`--force`");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "mine");
    environment.run([&command[..], &["--force"]].concat()).ends_with(0);
    assert!(fs::read_to_string(&file).expect("it is there").starts_with("# session"));
    environment.run(["session", "export", "nope", "--output", "other"]).ends_with(1);
    let files = fs::read_dir(environment.working_folder()).expect("a folder").count();
    assert_eq!(files, 1, "nothing is left of what failed");
}

#[test]
fn a_reader_that_goes_away_early_is_no_failure() {
    let environment = with_hostile_texts();
    let line = "\"$0\" session export ses_1 | head -1";
    let output = environment.under_shell(line).finish().output();
    assert_eq!(output, "# session ses\\_1\n");
    let left = fs::read_dir(environment.default_database().parent().expect("a folder"));
    let left = left.expect("a folder").map(|entry| entry.expect("an entry").file_name());
    assert!(left.into_iter().all(|name| name.to_string_lossy().starts_with("recount.db")));
}
