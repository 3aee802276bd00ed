//! Every answer held against what the document for programs says of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{
    TestEnvironment,
    asked::{asked, sessions},
    captured::captured,
    http::{Reply, Served},
    repository::Repository,
};

/// Paths that answer no question about the record.
const OTHERS: [&str; 4] = ["/api", "/api/events", "/api/health", "/api/settings"];

/// Paths that are answered by git too.
const BESIDE: [&str; 2] = ["/api/blame", "/api/commit"];

/// The document, in which nothing is allowed that is not told of.
fn document(served: &Served) -> Value {
    let mut document = json(&served.get("/api/openapi.json"));
    close(&mut document);
    document
}

fn json(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).expect("a JSON value")
}

/// Lets no object have further properties where some are told of.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let is_told = object.get("type") == Some(&json!("object"));
            if is_told && object.contains_key("properties") {
                object.entry("additionalProperties").or_insert(json!(false));
            }
            object.values_mut().for_each(close);
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a reply with that status is held against.
fn validator(document: &Value, route: &str, status: &str) -> jsonschema::Validator {
    let reply = &document["paths"][route]["get"]["responses"][status];
    let mut schema = reply["content"]["application/json"]["schema"].clone();
    assert!(schema.is_object(), "{route}: nothing is said of {status}");
    schema["components"] = document["components"].clone();
    jsonschema::draft202012::new(&schema).expect("a schema")
}

#[test]
fn every_answer_fits_what_the_document_says_of_it() {
    let environment = captured();
    let served = Served::start(&environment, &[]);
    let document = document(&served);
    let all = asked(&sessions(&environment));
    for asked in &all {
        let reply = json(&served.get(&asked.path));
        let validator = validator(&document, asked.route, "200");
        let faults: Vec<_> = validator.iter_errors(&reply).map(|fault| fault.to_string()).collect();
        assert_eq!(faults, [] as [String; 0], "{}", asked.path);
    }
    for route in ["/api/health", "/api/settings"] {
        let validator = validator(&document, route, "200");
        assert!(validator.is_valid(&json(&served.get(route))), "{route}");
    }
    let unknown = validator(&document, "/api/session/{id}", "404");
    assert!(unknown.is_valid(&json(&served.get("/api/session/ses_unknown"))));
    let routes = all.iter().map(|asked| asked.route);
    let told: BTreeSet<_> =
        document["paths"].as_object().into_iter().flat_map(|it| it.keys()).collect();
    let routes: BTreeSet<_> = routes.chain(OTHERS).chain(BESIDE).collect();
    assert_eq!(told.into_iter().map(String::as_str).collect::<BTreeSet<_>>(), routes);
}

#[test]
fn whose_lines_are_is_told_as_the_document_says() {
    let environment = TestEnvironment::new();
    let repository = Repository::plain(&environment);
    let served = Served::start(&environment, &[]);
    let document = document(&served);
    let [.., blame, commit] = repository.paths();
    let unknown = |path: &str| path.replace("repository=", "repository=%2Fnothing");
    let cases = [
        (0, blame.clone(), "200"),
        (0, format!("{blame}&rev=HEAD&from=2&to=3"), "200"),
        (0, format!("{blame}&from=0"), "400"),
        (0, unknown(&blame), "404"),
        (1, commit.clone(), "200"),
        (1, format!("{commit}&what=x"), "400"),
        (1, unknown(&commit), "404"),
    ];
    for (route, path, status) in cases {
        let reply = served.get(&path);
        assert_eq!(reply.status.to_string(), status, "{path}");
        let validator = validator(&document, BESIDE[route], status);
        let reply = json(&reply);
        let faults: Vec<_> = validator.iter_errors(&reply).map(|fault| fault.to_string()).collect();
        assert_eq!(faults, [] as [String; 0], "{path}");
    }
}
