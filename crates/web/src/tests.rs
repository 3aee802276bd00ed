//! The routes without a socket.

mod lines;

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
    response::Response,
};
use domain::UnixMs;
use jiff::tz::TimeZone;
use pricing::PriceTable;
use report::{
    health::{Check, Finding, Health},
    installation::{HeardAgent, Installation, KnownPrice, Place, Reached, Retention, Versions},
};
use serde_json::Value;
use store::{
    Decoder, Header, Location, MIGRATIONS, RetryPolicies, Settings, Spool, Store, Synchronous,
    TranscriptEnd,
};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{Config, Hosts, Links, Server, Token, assets::ASSETS, pages};

const HOST: &str = "127.0.0.1:7878";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A server of an empty record.
pub(crate) struct Site {
    folder: TempDir,
    server: Server,
}

impl Site {
    pub fn new(token: Option<&str>) -> Self {
        Self::with(token, |_, _| Ok(ControlFlow::Continue(())))
    }

    /// One of a record that makes that of what is handed over.
    fn with(token: Option<&str>, decoder: Decoder) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = Config {
            store: store_with(&folder, Duration::from_secs(30), decoder),
            prices: PriceTable::built_in(),
            zone: TimeZone::UTC,
            hosts: Hosts::of(HOST.parse().expect("an address")),
            token: token.map(|token| Token::parse(token).expect("a token")),
            time_limit: Duration::from_secs(30),
            installation: Arc::new(|source| {
                let prices = KnownPrice::all(source.prices);
                Ok(Box::new(|| installation(prices)))
            }),
            links: Links { base: "http://127.0.0.1:7878".to_owned() },
        };
        Self { server: Server::new(config).expect("random bytes"), folder }
    }

    /// Hands something over.
    fn spool(&self, text: &str) {
        let header = Header::new(None, now(), 0, text.len() as u64);
        let location = Location::resolve(&self.folder.path().join("r.db")).expect("a place");
        let spool = Spool::new(location.spool());
        spool.write(&header, text.as_bytes()).expect("there is room");
    }

    async fn ask(&self, request: Request<Body>) -> Response {
        let router: Router = self.server.router();
        router.oneshot(request).await.expect("a router answers")
    }

    async fn get(&self, path: &str) -> Response {
        self.ask(request(path, &[]).body(Body::empty()).expect("a request")).await
    }
}

/// One with names that mean something to a browser.
fn installation(prices: Vec<KnownPrice>) -> Installation {
    let name = "<script>alert(1)</script>";
    let found = Finding::warning(Check::Log, name).advised(name).of_agent(name);
    let place = Place { name: "database", path: name.to_owned(), bytes: Some(0), files: None };
    Installation {
        versions: Versions { program: "0", schema: 1 },
        health: Health::of(vec![Finding::good(Check::Rejects, "none"), found]),
        agents: vec![HeardAgent { agent: Some(name.to_owned()), last_at_unix_ms: Some(0) }],
        places: vec![place],
        retention: Retention { max_age_days: 90, max_bytes: 0, auto: false, sessions_too_old: 7 },
        prices,
        server: Reached { at: HOST.to_owned(), is_open_to_others: false, needs_token: true },
    }
}

pub(crate) fn store(folder: &TempDir, lease_timeout: Duration) -> Store {
    store_with(folder, lease_timeout, |_, _| Ok(ControlFlow::Continue(())))
}

fn store_with(folder: &TempDir, lease_timeout: Duration, decoder: Decoder) -> Store {
    let location = Location::resolve(&folder.path().join("r.db")).expect("a place");
    let settings = Settings {
        synchronous: Synchronous::Normal,
        checkpoint_bytes: 1 << 20,
        retry: RetryPolicies::default(),
        lease_timeout,
        outbox: None,
        is_default_database: true,
        decoder,
        reader: |_, _, _| Ok(TranscriptEnd::Gone),
        migrations: MIGRATIONS,
        clock: now,
    };
    Store::new(location, settings)
}

fn now() -> UnixMs {
    UnixMs::new(1_795_168_018_979).expect("not negative")
}

fn request(path: &str, headers: &[(&str, &str)]) -> axum::http::request::Builder {
    let request = Request::builder().uri(path).header(header::HOST, HOST);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

fn header_of<'r>(reply: &'r Response, name: &str) -> Option<&'r str> {
    reply.headers().get(name)?.to_str().ok()
}

async fn value(reply: Response) -> Value {
    let bytes = to_bytes(reply.into_body(), 1 << 20).await.expect("a body");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[tokio::test]
async fn who_knows_the_token_is_let_in_by_each_way_and_nobody_else() {
    type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], u16);
    let site = Site::new(Some(TOKEN));
    let bearer = format!("Bearer {TOKEN}");
    let cookie = format!("a=b; recount_7878={TOKEN}");
    let other_port = format!("recount_7879={TOKEN}");
    let cases: [Case; 10] = [
        ("/api/health", &[], 401),
        ("/api/health", &[("authorization", &bearer)], 200),
        ("/api/health", &[("authorization", &bearer.to_lowercase())], 200),
        ("/api/health", &[("authorization", "Bearer x")], 401),
        ("/api/health", &[("authorization", TOKEN)], 401),
        ("/api/health", &[("cookie", &cookie)], 200),
        ("/api/health", &[("cookie", &other_port)], 401),
        ("/api/health?token=x", &[("cookie", &cookie)], 401),
        ("/api/health?token", &[("cookie", &cookie)], 401),
        ("/api/nothing", &[], 401),
    ];
    for (path, headers, expected) in cases {
        let request = request(path, headers).body(Body::empty()).expect("a request");
        let reply = site.ask(request).await;
        assert_eq!(reply.status(), expected, "{path} {headers:?}");
        if expected == 401 {
            assert_eq!(header_of(&reply, "www-authenticate"), Some("Bearer"));
        }
    }
    assert_eq!(Site::new(None).get("/api/health").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_token_in_the_url_becomes_a_cookie_and_leaves_the_url() {
    let site = Site::new(Some(TOKEN));
    let cases = [
        ("/", "/"),
        ("/api/usage/day?since=7d&token={}&until=1d", "/api/usage/day?since=7d&until=1d"),
        ("//evil.example/x", "/evil.example/x"),
    ];
    for (path, expected) in cases {
        let path = if path.contains("{}") {
            path.replace("{}", TOKEN)
        } else {
            format!("{path}?token={TOKEN}")
        };
        let reply = site.get(&path).await;
        assert_eq!(reply.status(), StatusCode::SEE_OTHER, "{path}");
        assert_eq!(header_of(&reply, "location"), Some(expected));
        let cookie = format!("recount_7878={TOKEN}; HttpOnly; SameSite=Strict; Path=/");
        assert_eq!(header_of(&reply, "set-cookie"), Some(&*cookie));
        assert_eq!(header_of(&reply, "cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_request_that_calls_the_server_by_another_name_is_refused() {
    let site = Site::new(None);
    let cases: [(&str, &[&str], u16); 7] = [
        ("/api", &[HOST], 200),
        ("/api", &["localhost:7878"], 200),
        ("/", &["evil.example:7878"], 421),
        ("/", &[], 421),
        ("/", &[HOST, HOST], 421),
        ("http://127.0.0.1:7878/api", &[HOST], 200),
        ("http://evil.example/", &[HOST], 421),
    ];
    for (uri, hosts, expected) in cases {
        let request = Request::builder().uri(uri);
        let request = hosts.iter().fold(request, |request, host| request.header("host", *host));
        let reply = site.ask(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(reply.status(), expected, "{uri} {hosts:?}");
    }
}

#[tokio::test]
async fn only_what_reads_is_answered_and_every_reply_is_guarded() {
    let site = Site::new(None);
    let methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "WHAT"];
    for method in methods {
        let request = request("/api/sessions", &[("origin", "http://evil.example")]);
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let is_read = method == Method::GET || method == Method::HEAD;
        let request = request.method(&method).body(Body::empty()).expect("a request");
        let reply = site.ask(request).await;
        assert_eq!(reply.status(), if is_read { 200 } else { 405 }, "{method}");
        assert_eq!(header_of(&reply, "allow").is_some(), !is_read, "{method}");
        assert_eq!(header_of(&reply, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header_of(&reply, "referrer-policy"), Some("no-referrer"));
        let policy = header_of(&reply, "content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'"), "{method}");
        let names = reply.headers().keys().map(header::HeaderName::as_str);
        assert!(names.into_iter().all(|name| !name.starts_with("access-control")), "{method}");
        if method == Method::HEAD {
            let body = to_bytes(reply.into_body(), 1 << 10).await.expect("a body");
            assert!(body.is_empty());
        }
    }
}

#[tokio::test]
async fn what_is_wrong_or_not_there_is_told_apart() {
    let site = Site::new(None);
    let cases = [
        ("/api/session/%20", 400),
        ("/api/session/%20/tools", 400),
        ("/api/session/%FF", 400),
        ("/api/session/ses_1", 404),
        ("/api/session/ses_1/tools", 404),
        ("/api/session/ses_1%2Fagent/tools", 404),
        ("/api/session/ses_1/nothing", 404),
        ("/api/session/ses_1/tools?what=x", 400),
        ("/api/sessions?limit=x", 400),
        ("/api/sessions?limit=-1", 400),
        ("/api/sessions?limit=1&limit=2", 400),
        ("/api/sessions?limit=1", 200),
        ("/api/stats/tools?status=idle&limit=1", 200),
        ("/api/stats/tools?what=x", 400),
        ("/api/stats/tools?since=then", 400),
        ("/api/usage/day?status=idle&state=active", 200),
        ("/api/usage/day?state=gone", 400),
        ("/api/usage/day?limit=1", 400),
        ("/api/usage/year", 404),
        ("/api/usage/day?since=then", 400),
        ("/api/usage/day?timezone=Nowhere/Here", 400),
        ("/api/usage/day?since=7d&timezone=Europe/Paris", 200),
        ("/api/../../etc/passwd", 404),
    ];
    for (path, expected) in cases {
        let reply = site.get(path).await;
        assert_eq!(reply.status(), expected, "{path}");
        let body = value(reply).await;
        assert_eq!(body["success"], expected == 200, "{path}: {body}");
        let message = body["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(message.is_empty(), expected == 200, "{path}: {body}");
    }
}

#[tokio::test]
async fn every_path_refuses_what_it_does_not_know() {
    let (open, guarded) = (Site::new(None), Site::new(Some(TOKEN)));
    let document = value(open.get("/api/openapi.json").await).await;
    let paths = document["paths"].as_object().expect("an object").keys().map(String::as_str);
    for route in paths.chain(["/api/openapi.json"]) {
        let path = route.replace("{id}", "ses_1").replace("{by}", "day");
        let post = request(&path, &[]).method(Method::POST);
        let wrong = request(&path, &[("authorization", "Bearer wrong")]);
        let misled = Request::builder().uri(&path).header(header::HOST, "evil.example:7878");
        let cases = [
            (&open, request(&format!("{path}?what=x"), &[]), 400),
            (&open, request(&format!("{path}?what"), &[]), 400),
            (&open, post, 405),
            (&open, misled, 421),
            (&guarded, request(&path, &[]), 401),
            (&guarded, wrong, 401),
        ];
        for (site, request, expected) in cases {
            let reply = site.ask(request.body(Body::empty()).expect("a request")).await;
            assert_eq!(reply.status(), expected, "{path}");
            assert_eq!(value(reply).await["success"], false, "{path}");
        }
        if route.contains("{id}") {
            assert_eq!(open.get(&path).await.status(), 404, "{path}");
            let no_id = route.replace("{id}", "%20");
            assert_eq!(open.get(&no_id).await.status(), 400, "{no_id}");
        }
    }
}

#[tokio::test]
async fn who_listens_leaves_room_for_those_who_ask() {
    let site = Site::new(None);
    let mut listening = Vec::new();
    for _ in 0..crate::events::LISTENERS {
        let reply = site.get("/api/events").await;
        assert_eq!(reply.status(), 200);
        listening.push(reply);
    }
    assert_eq!(site.get("/api/events").await.status(), 503);
    assert_eq!(site.get("/api/health").await.status(), 200);
    listening.pop();
    assert_eq!(site.get("/api/events").await.status(), 200);
}

#[tokio::test]
async fn an_answer_is_known_by_the_revision_and_the_request() {
    let site = Site::new(None);
    let reply = site.get("/api/sessions").await;
    let tag = header_of(&reply, "etag").expect("a tag").to_owned();
    assert!(tag.starts_with("\"0-"), "{tag}");
    assert_eq!(header_of(&reply, "cache-control"), Some("private, no-cache"));
    let other = site.get("/api/sessions?limit=1").await;
    assert_ne!(header_of(&other, "etag"), Some(&*tag));
    for (known, expected) in [
        (tag.clone(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"x\", {tag}"), 304),
        ("\"x\"".to_owned(), 200),
    ] {
        let request = request("/api/sessions", &[("if-none-match", &known)]);
        let reply = site.ask(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(reply.status(), expected, "{known}");
        assert_eq!(header_of(&reply, "etag"), Some(&*tag));
    }
}

#[tokio::test]
async fn the_document_for_programs_names_every_route_and_refers_to_nothing_that_is_missing() {
    let document = value(Site::new(None).get("/api/openapi.json").await).await;
    let paths = document["paths"].as_object().expect("an object");
    let overall = report::overall::OVERALL_QUESTIONS.iter().map(|(_, question)| question);
    for question in report::QUESTIONS.iter().map(|(_, question)| question).chain(overall) {
        assert!(paths.contains_key(question.route), "{}", question.route);
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().expect("a text ends");
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

async fn text(reply: Response) -> String {
    let bytes = to_bytes(reply.into_body(), 4 << 20).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[tokio::test]
async fn every_page_of_an_empty_record_says_so_within_its_frame() {
    let site = Site::new(None);
    for page in pages::PAGES.iter().filter(|page| page.is_of_menu()) {
        let reply = site.get(page.path).await;
        assert_eq!(reply.status(), StatusCode::OK, "{}", page.path);
        assert_eq!(header_of(&reply, "content-type"), Some("text/html; charset=utf-8"));
        assert!(header_of(&reply, "etag").is_some(), "{}", page.path);
        let html = text(reply).await;
        let here = format!("<a href=\"{}\" data-go=", page.path);
        assert!(html.contains(&here) && html.contains("aria-current=\"page\""), "{html}");
        assert_eq!(html.matches("<h1").count(), 1, "{html}");
        assert!(!html.contains("style=") && !html.contains("<script>"), "{html}");
    }
}

#[tokio::test]
async fn what_a_person_cannot_have_is_told_on_a_page() {
    let (open, guarded) = (Site::new(None), Site::new(Some(TOKEN)));
    let cases = [
        (&open, "/favicon.ico", 404, "Not found"),
        (&open, "/sessions/ses_1", 404, "Not found"),
        (&open, "/sessions?what=x", 400, "Not understood"),
        (&open, "/sessions?since=then", 400, "Not understood"),
        (&open, "/analytics?each=year", 400, "Not understood"),
        (&open, "/analytics?period=ever", 400, "Not understood"),
        (&open, "/blame", 400, "Not understood"),
        (&open, "/blame?repository=%2Fr%2F.git&path=a", 404, "Not found"),
        (&open, "/commits/HEAD", 400, "Not understood"),
        (&open, "/commits/HEAD?repository=%2Fr%2F.git", 404, "Not found"),
        (&guarded, "/sessions", 401, "Not let in"),
        (&guarded, "/?token=x", 401, "Not let in"),
    ];
    for (site, path, expected, heading) in cases {
        let reply = site.get(path).await;
        assert_eq!(reply.status(), expected, "{path}");
        let html = text(reply).await;
        assert!(html.contains(&format!("<h1>{heading}</h1>")), "{path}: {html}");
    }
}

#[tokio::test]
async fn what_is_the_same_for_everyone_needs_no_token_and_is_kept() {
    let site = Site::new(Some(TOKEN));
    for asset in &ASSETS {
        let reply = site.get(asset.path).await;
        assert_eq!(reply.status(), StatusCode::OK, "{}", asset.path);
        let kept = Some("public, max-age=31536000, immutable");
        assert_eq!(header_of(&reply, "cache-control"), kept, "{}", asset.path);
    }
    assert_eq!(site.get("/assets/nothing").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_visitor_without_a_path_is_shown_the_sessions() {
    let reply = Site::new(None).get("/").await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
    assert_eq!(header_of(&reply, "location"), Some("/sessions"));
}

#[tokio::test]
async fn a_form_sends_empty_fields_which_say_nothing() {
    let site = Site::new(None);
    let path = "/sessions?text=&agent=&project=&model=&period=7d&since=&until=&sort=cost";
    assert_eq!(site.get(path).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn settings_are_shown_as_they_are_told_to_programs() {
    let site = Site::new(None);
    let told = value(site.get("/api/settings").await).await;
    assert_eq!(told["data"]["health"]["verdict"], "warning");
    assert_eq!(told["data"]["health"]["findings"][0]["verdict"], "ok");
    let reply = site.get("/settings").await;
    assert_eq!(reply.status(), 200);
    let page = text(reply).await;
    for shown in [
        "<title>Settings · recount</title>",
        "There is something to look at",
        "&#60;script&#62;alert(1)",
        "1970-01-01 00:00",
        "7 are older than that",
        "claude-opus-4-5",
        "127.0.0.1:7878",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(page.matches("<h1").count() == 1 && !page.contains("<script>alert"));
    let (warned, good) = (page.find("alert(1)"), page.find("rejects"));
    assert!(warned < good, "what is to be done stands first");
}
