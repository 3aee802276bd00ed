//! What is answered, for programs: an `OpenAPI` document from the same tables and types.

use domain::ResumeState;
use report::{
    QUESTIONS,
    attribution::{Blame, CommitShown},
    installation::Installation,
    list::{LISTED, SessionList, Sort},
    overall::{OVERALL_QUESTIONS, OverallQuestion, TOLD, sessions::Order},
    usage::{By, Usage},
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The names of what narrows answers down.
const NARROWED: [(&str, &str); 10] = [
    ("agent", "Only what this agent did"),
    ("project", "Only what was done in this project: its name, its folder or the end of its path"),
    ("model", "Only what is of this model: messages of it, and sessions whose last answer is"),
    ("status", "Only sessions that are so, in their agent's own word, and what was done in them"),
    (
        "state",
        "Only sessions that can be resumed, or not, as it was looked up, and what was done in them",
    ),
    (
        "text",
        "Only sessions whose title, first words, id or project holds each of these words, and what was done in them",
    ),
    (
        "file",
        "Only sessions that changed this file, by its path or the end of it, and what was done in them",
    ),
    ("since", "From this day or time on, or from so long ago on"),
    ("until", "To the end of this day, or before this time"),
    ("timezone", "The time zone of days"),
];

/// The document.
pub(crate) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let paths = paths(&mut generator);
    json!({
        "openapi": "3.1.0",
        "info": { "title": "recount", "version": env!("CARGO_PKG_VERSION") },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{ "token": [] }],
    })
}

fn paths(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut paths = Map::new();
    let object = json!({ "type": "object" });
    let id = [parameter("id", "path", "The session, as the agent named it", true)];
    let mut add = |route: &str, path| paths.insert(route.to_owned(), path);
    add("/api", path("What answers here", &[], &object));
    add("/api/health", path("Whether the record can be read", &[], &health()));
    let sessions = json!(SessionList::json_schema(generator));
    add("/api/sessions", path("The sessions, page by page", &listing(), &sessions));
    add("/api/session/{id}", path("A session whole, in the names of the tables", &id, &object));
    for (_, question) in QUESTIONS {
        let schema = json!((question.schema)(generator));
        add(question.route, path(question.about.trim(), &id, &schema));
    }
    for (kind, question) in OVERALL_QUESTIONS {
        let schema = json!((question.schema)(generator));
        add(question.route, path(question.about.trim(), &overall(*kind), &schema));
    }
    add("/api/usage/{by}", usage_path(generator));
    let blame = json!(Blame::json_schema(generator));
    add("/api/blame", path("Who wrote each line of a file", &of_file(), &blame));
    let commit = json!(CommitShown::json_schema(generator));
    add("/api/commit", path("Whose the added lines of a commit are", &of_commit(), &commit));
    add("/api/events", events_path());
    let installation = json!(Installation::json_schema(generator));
    add("/api/settings", path("How the record is kept, and how it is", &[], &installation));
    paths
}

fn health() -> Value {
    json!({
        "type": "object",
        "properties": {
            "version": { "type": "string" },
            "schema": { "type": "integer" },
            "revision": { "type": "integer" },
        },
        "required": ["version", "schema", "revision"],
    })
}

fn narrowing() -> impl Iterator<Item = Value> {
    NARROWED.into_iter().map(|(name, about)| {
        let mut narrowing = parameter(name, "query", about, false);
        if name == "state" {
            narrowing["schema"]["enum"] = json!(ResumeState::ALL.map(ResumeState::as_str));
        }
        narrowing
    })
}

fn listing() -> Vec<Value> {
    let mut sort = parameter("sort", "query", "What orders them, the greatest first", false);
    sort["schema"]["enum"] = Sort::ALL.iter().map(|sort| sort.as_str()).collect();
    let cursor = parameter("cursor", "query", "The page after the one that gave it", false);
    let mut subagents = parameter("subagents", "query", "Those of subagents too", false);
    subagents["schema"] = json!({ "type": "boolean", "default": false });
    narrowing().chain([at_most(LISTED), sort, cursor, subagents]).collect()
}

fn overall(question: OverallQuestion) -> Vec<Value> {
    let own = match question {
        OverallQuestion::Files => {
            let about = "Only files whose path holds each of these words";
            Some(parameter("path", "query", about, false))
        }
        OverallQuestion::Sessions => {
            let mut sort = parameter("sort", "query", "In which order, the greatest first", false);
            sort["schema"]["enum"] = json!(Order::ALL.map(Order::as_str));
            Some(sort)
        }
        OverallQuestion::Summary
        | OverallQuestion::Tools
        | OverallQuestion::ToolCost
        | OverallQuestion::Errors
        | OverallQuestion::Compactions
        | OverallQuestion::Agents
        | OverallQuestion::Activity
        | OverallQuestion::Tokens
        | OverallQuestion::Attribution
        | OverallQuestion::Facets => None,
    };
    narrowing().chain([at_most(TOLD)]).chain(own).collect()
}

fn usage_path(generator: &mut SchemaGenerator) -> Value {
    let mut by = parameter("by", "path", "By what to sum up", true);
    by["schema"]["enum"] = By::ALL.iter().map(|by| by.as_str()).collect();
    let mut split = parameter("split", "query", "By what to split each group", false);
    split["schema"]["enum"] = json!(By::SPLITS.map(By::as_str));
    let parameters: Vec<_> = [by, split].into_iter().chain(narrowing()).collect();
    let schema = json!(Usage::json_schema(generator));
    path("What messages took and cost", &parameters, &schema)
}

fn repository() -> Value {
    let about = "Its git folder, as the record knows it, or the project of a session";
    parameter("repository", "query", about, true)
}

fn of_file() -> [Value; 5] {
    let about = "The file, from the top of the repository on, or from the project that is named";
    let line = |name: &str, about: &str| {
        let mut line = parameter(name, "query", about, false);
        line["schema"] = json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX });
        line
    };
    [
        repository(),
        parameter("path", "query", about, true),
        parameter("rev", "query", "The commit, by any of its names; else the work tree", false),
        line("from", "From this line on"),
        line("to", "To this line"),
    ]
}

fn of_commit() -> [Value; 2] {
    [repository(), parameter("rev", "query", "The commit, by any of its names", true)]
}

fn events_path() -> Value {
    let about = "A `revision` event now and after each change, with the sessions that changed";
    let mut path = path(about, &[], &Value::Null);
    path["get"]["responses"]["200"]["content"] =
        json!({ "text/event-stream": { "schema": { "type": "string" } } });
    path
}

fn at_most(default: u32) -> Value {
    json!({
        "name": "limit", "in": "query", "description": "At most so many", "required": false,
        "schema": { "type": "integer", "minimum": 0, "maximum": u32::MAX, "default": default },
    })
}

fn parameter(name: &str, place: &str, about: &str, is_required: bool) -> Value {
    json!({
        "name": name, "in": place, "description": about, "required": is_required,
        "schema": { "type": "string" },
    })
}

/// How a request can be refused.
const REFUSED: [(&str, &str); 7] = [
    ("400", "The request is not one of these"),
    ("401", "The token is missing or wrong"),
    ("404", "Nothing is there by that name"),
    ("405", "Only GET and HEAD are answered"),
    ("421", "The server is not called by that name"),
    ("500", "Something is wrong with the record, or with the server"),
    ("503", "The record was not free in time; ask again"),
];

fn path(about: &str, parameters: &[Value], data: &Value) -> Value {
    let success = json!({
        "type": "object",
        "properties": { "success": { "const": true }, "data": data },
        "required": ["success", "data"],
    });
    let mut responses = Map::new();
    let content = json!({ "application/json": { "schema": success } });
    responses.insert("200".into(), json!({ "description": about, "content": content }));
    responses.insert("304".into(), json!({ "description": "It is what `If-None-Match` names" }));
    for (status, description) in REFUSED {
        let response = json!({ "description": description, "content": failure() });
        responses.insert(status.into(), response);
    }
    json!({ "get": { "summary": about, "parameters": parameters, "responses": responses } })
}

fn failure() -> Value {
    let error = json!({
        "type": "object",
        "properties": { "message": { "type": "string" } },
        "required": ["message"],
    });
    let failure = json!({
        "type": "object",
        "properties": { "success": { "const": false }, "error": error },
        "required": ["success", "error"],
    });
    json!({ "application/json": { "schema": failure } })
}
