//! The server asked by a stranger: `schemathesis` reads the document for programs and asks whatever
//! it allows and forbids, always the same. `tests/run` installs it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{
    Finished, TestEnvironment, asked::sessions, captured::captured, http::Served,
    repository::Repository, say,
};

/// What it is started by, where `tests/run` puts it.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/schemathesis/bin/schemathesis");

/// One run takes ten seconds; where others compute at the same time, more.
const LIMIT: Duration = Duration::from_mins(2);

/// Whatever is asked, these hold. That each right request is answered is asked apart: which time zones
/// and which times there are, no schema says.
const ALWAYS: [&str; 4] = ["--checks", "all", "--exclude-checks", "positive_data_acceptance"];

/// Whether it is there; says so where it is not.
fn is_installed() -> bool {
    let is_there = Path::new(PROGRAM).exists();
    if !is_there {
        say("skipped: schemathesis is not installed; `tests/run` does that");
    }
    is_there
}

/// Asks by a document; the endless path is left out.
fn ask(
    environment: &TestEnvironment,
    served: &Served,
    document: &Value,
    options: &[&str],
) -> Finished {
    let folder = environment.working_folder();
    let file = |name: &str, text: String| -> PathBuf {
        let file = folder.join(name);
        fs::write(&file, text).expect("a new file");
        file
    };
    let token = served.token.as_ref().expect("it stands in the URL");
    let settings = format!(
        "[auth.openapi]\ntoken = {{ bearer = \"{token}\" }}\n\
         [warnings]\nfail-on = [\"missing_auth\", \"missing_test_data\"]\n"
    );
    let run = environment.program(Path::new(PROGRAM));
    run.arguments(["--config-file".into(), file("schemathesis.toml", settings)])
        .arguments(["run".into(), file("openapi.json", document.to_string())])
        .arguments(["--url", &format!("http://{}", served.at), "--exclude-path", "/api/events"])
        .arguments(["--phases", "examples,coverage,fuzzing", "--continue-on-failure"])
        .arguments(["--seed", "1", "--generation-deterministic"])
        .arguments(["--request-timeout", "20", "--no-color"])
        .arguments(options)
        .kill_after(LIMIT)
        .finish()
}

fn document(served: &Served) -> Value {
    serde_json::from_str(&served.get("/api/openapi.json").body).expect("a JSON value")
}

/// Says of each parameter of that name which values are right.
fn narrow(document: &mut Value, name: &str, values: &Value) {
    let paths = document["paths"].as_object_mut().expect("an object").values_mut();
    let parameters = paths.filter_map(|path| path["get"]["parameters"].as_array_mut()).flatten();
    for parameter in parameters.filter(|parameter| parameter["name"] == name) {
        parameter["schema"] = json!({ "enum": values });
    }
}

#[test]
fn whatever_the_document_allows_or_forbids_is_answered_as_it_says() {
    if !is_installed() {
        return;
    }
    let environment = captured();
    let served = Served::start(&environment, &[]);
    let options = [&ALWAYS[..], &["--max-examples", "20", "--warnings", "off"]].concat();
    let finished = ask(&environment, &served, &document(&served), &options);
    println!("{}", finished.stdout);
    let _ = finished.ends_with(0);
    assert_eq!(served.get("/api/health").status, 200);
}

#[test]
fn every_right_request_is_answered() {
    if !is_installed() {
        return;
    }
    let environment = captured();
    let repository = Repository::plain(&environment);
    let served = Served::start(&environment, &[]);
    let mut document = document(&served);
    let first = served.get("/api/sessions?limit=1");
    let page: Value = serde_json::from_str(first.data()).expect("a JSON value");
    narrow(&mut document, "id", &json!(sessions(&environment)));
    narrow(&mut document, "since", &json!(["2026-11-20", "2026-11-20T11:00:00Z", "90d"]));
    narrow(&mut document, "until", &json!(["2026-11-20", "2026-11-21T00:00:00+01:00", "1h"]));
    narrow(&mut document, "timezone", &json!(["UTC", "Europe/Paris"]));
    narrow(&mut document, "cursor", &json!([page["meta"]["next_cursor"]]));
    narrow(&mut document, "sort", &json!(["activity"]));
    narrow(&mut document, "repository", &json!([repository.folder, repository.git_folder]));
    narrow(&mut document, "path", &json!([repository.path]));
    narrow(&mut document, "rev", &json!(["HEAD", repository.commit]));
    narrow(&mut document, "from", &json!([1, 2]));
    narrow(&mut document, "to", &json!([2, 6]));
    let options = ["--mode", "positive", "--max-examples", "20", "--checks", "all"];
    let finished = ask(&environment, &served, &document, &options);
    println!("{}", finished.stdout);
    let _ = finished.ends_with(0);
}
