//! From a line to the conversation that wrote it, and back: the pages, and what the server finds out by itself.

use std::fs;

use serde_json::Value;

use crate::support::{
    TestEnvironment,
    http::{Reply, Served},
    repository::{MESSAGE, Repository, SESSION, encoded},
    wait_until,
};

/// A page, without what stands around it.
fn page(served: &Served, path: &str) -> String {
    let reply = served.get(path);
    assert_eq!(reply.status, 200, "{path}: {reply:#?}");
    let main = reply.body.split("<main").nth(1).expect("a page has a content");
    main.split("</main>").next().expect("a content ends").to_owned()
}

fn json(reply: &Reply) -> Value {
    serde_json::from_str(reply.data()).expect("a JSON value")
}

#[test]
fn lines_lead_to_their_conversation_and_it_leads_to_them() {
    let environment = TestEnvironment::new();
    let repository = Repository::plain(&environment);
    let served = Served::start(&environment, &[]);
    let [file, then, commit, ..] = repository.paths();
    let message = format!("/sessions/{SESSION}?message={MESSAGE}#m-{MESSAGE}");
    let git_folder = encoded(&repository.git_folder.to_string_lossy());
    let cases: [(&str, &[&str]); 3] = [
        (
            &file,
            &[
                "<strong>opencode</strong> <span>mock/priced</span>",
                &format!("<a href=\"{message}\">Please add one to a number</a>"),
                "<strong>Dev</strong>",
                "not committed",
                "<strong>Unknown</strong>",
                "data-n=\"4\">\tlet sum = number + 1;",
                "5 lines · 62.5 %",
            ],
        ),
        (&then, &["as it is now", "pub fn add_one(number: u64)", "5 lines · 71.4 %"]),
        (
            &commit,
            &[
                "<h1>Say what &#60;it&#62; does</h1>",
                "lines 2–6",
                &format!("<a href=\"{message}\">Please add one to a number</a>"),
                &format!("/blame?repository={git_folder}&#38;path=src%2Flib.rs&#38;rev="),
                "&#34;version&#34;: &#34;0.1.0&#34;",
            ],
        ),
    ];
    for (path, expected) in cases {
        let page = page(&served, path);
        for text in expected {
            assert!(page.contains(text), "{path}: {text}\n{page}");
        }
    }
    let session = page(&served, &format!("/sessions/{SESSION}"));
    let project = encoded(&repository.folder.to_string_lossy());
    for link in [
        format!("<a href=\"/commits/{}?repository={git_folder}\">", repository.commit),
        format!("<a href=\"/blame?repository={project}&#38;path=src%2Flib.rs\">"),
    ] {
        assert!(session.contains(&link), "{link}\n{session}");
    }
    assert!(session.contains("5 lines in 1 file"), "{session}");
    assert!(page(&served, "/analytics?period=all").contains("Whose lines were committed"));
}

#[test]
fn a_server_works_out_by_itself_what_was_committed() {
    let environment = TestEnvironment::new();
    let repository = Repository::plain(&environment);
    let served = Served::start(&environment, &[]);
    let commits = format!("/api/session/{SESSION}/commits");
    let first = || json(&served.get(&commits))["details"][0].clone();
    wait_until("nobody has asked for the commit", || !first().is_null());
    assert_eq!(
        (&first()["commit_id"], &first()["ai_lines"]),
        (&repository.commit.into(), &5.into())
    );
    served.process.terminate();
}

#[test]
fn a_server_without_git_says_so_once_and_serves_on() {
    let environment = TestEnvironment::new();
    let repository = Repository::plain(&environment);
    let nothing = environment.working_folder().join("no-programs");
    fs::create_dir(&nothing).expect("a new folder");
    let run = environment.recount(["serve", "--port", "0"]).variable("PATH", &nothing);
    let served = Served::of(run);
    assert_eq!(served.get(&repository.paths()[3]).status, 500);
    assert_eq!(served.get("/api/health").status, 200);
    std::thread::sleep(std::time::Duration::from_secs(4));
    environment.hook(crate::support::ENVELOPE).finish().ends_with(0);
    std::thread::sleep(std::time::Duration::from_secs(7));
    served.process.terminate();
    let said = served.process.finish().stderr;
    assert_eq!(said.matches("git cannot be run").count(), 1, "{said}");
}
