//! The pages in a real browser: `tests/browser` opens them in Debian's Chromium and says what is wrong
//! with them. `tests/run` installs both.

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    PROGRAM, TestEnvironment,
    captured::captured,
    hostile::{hostile, with_hostile_texts},
    http::Served,
    repository::Repository,
    say,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All of it takes a minute; where others compute at the same time, more.
const LIMIT: Duration = Duration::from_mins(5);

/// Whether the browser and what drives it are there; says so where they are not.
fn is_installed() -> bool {
    let driver = Path::new(ROOT).join("tests/browser/node_modules/playwright-core");
    let is_there = driver.exists() && Path::new("/usr/bin/chromium").exists();
    if !is_there {
        say("skipped: chromium or what drives it is not installed; `tests/run` does that");
    }
    is_there
}

/// The URL that a person opens.
fn url(served: &Served) -> String {
    let token = served.token.as_ref().expect("it stands in the URL");
    format!("http://{}/?token={token}", served.at)
}

/// The URL of a file with a hostile session and its subagent.
fn exported(environment: &TestEnvironment) -> String {
    let file = environment.working_folder().join("exported.html");
    let export = ["session", "export", "ses_1", "--subagents", "--format", "html", "--output"];
    environment.recount(export).arguments([&file]).finish().ends_with(0);
    format!("file://{}", file.display())
}

/// Where the pages of a repository are, by the names that the rows of pages have for them.
fn places(repository: &Repository) -> Value {
    let [file, then, commit, ..] = repository.paths();
    json!({ "{file}": file, "{file-then}": then, "{commit}": commit })
}

/// One of which every text wants to act.
fn hostile_repository(environment: &TestEnvironment) -> Repository {
    let texts = hostile().replace('\0', "");
    let lines: Vec<&str> = texts.lines().collect();
    let path = "<script>alert(1)</script>/\"'><img src=x onerror=alert(1)>\u{202e}\u{1b}[2J.rs";
    Repository::new(environment, path, &hostile(), &lines)
}

#[test]
fn every_page_is_what_it_has_to_be_in_a_browser() {
    if !is_installed() {
        return;
    }
    let (environment, hostile) = (captured(), with_hostile_texts());
    let places = json!({
        "captured": places(&Repository::plain(&environment)),
        "hostile": places(&hostile_repository(&hostile)),
    });
    let (served, with_hostile) = (Served::start(&environment, &[]), Served::start(&hostile, &[]));
    let world = json!({
        "captured": url(&served),
        "hostile": url(&with_hostile),
        "exported": exported(&hostile),
        "places": places,
        "screenshots": Path::new(ROOT).join("target/pages"),
        "program": PROGRAM,
    });
    // The browser and what drives it keep what they have to keep there.
    let temporary = environment.working_folder().join("browser");
    fs::create_dir(&temporary).expect("a new folder");
    let finished = environment
        .program(Path::new("node"))
        .variable("TMPDIR", temporary)
        .arguments(["--test-reporter=spec", &format!("{ROOT}/tests/browser/all.js")])
        .input(world.to_string())
        .kill_after(LIMIT)
        .finish();
    println!("{}", finished.stdout);
    assert_eq!((finished.code, &*finished.stderr), (Some(0), ""));
}
