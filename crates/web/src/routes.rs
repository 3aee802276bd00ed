//! Which path asks what.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    middleware,
    response::IntoResponse,
    routing::get,
};
use domain::{SessionId, UnixMs};
use jiff::tz::TimeZone;
use report::{
    QUESTIONS, ReportError, SessionFilter, SessionQuestion, Source, json,
    list::{Cursor, ListScope, Sort, list},
    overall::{OVERALL_QUESTIONS, OverallQuestion, Scope},
    session::conversation,
    times,
    usage::{By, Filter, usage},
};
use serde::Deserialize;
use serde_json::json;
use store::query::session_show::session_show;
use tokio::sync::watch;

use crate::{
    answers::{Answer, Answers, Ask},
    events,
    guard::{Guard, guard},
    openapi,
    reply::{self, Refusal},
};

/// How many sessions are listed where nobody says.
const LISTED: u32 = 50;
/// How many details of all sessions are told where nobody says.
const TOLD: u32 = 20;

/// What the routes share.
#[derive(Clone)]
struct Site {
    answers: Answers,
    zone: TimeZone,
    stop: watch::Receiver<bool>,
}

/// Everything that is answered.
pub(crate) fn router(
    answers: Answers,
    zone: TimeZone,
    stop: watch::Receiver<bool>,
    guarded: Arc<Guard>,
) -> Router {
    let mut router = Router::new()
        .route("/", get(root))
        .route("/api/health", get(health))
        .route("/api/openapi.json", get(openapi_document))
        .route("/api/events", get(live))
        .route("/api/sessions", get(sessions))
        .route("/api/session/{id}", get(session))
        .route("/api/usage/{by}", get(usage_by));
    for (question, asked) in QUESTIONS {
        let question = *question;
        router = router.route(
            asked.route,
            get(move |state, id, query, headers| ask_session(question, state, id, query, headers)),
        );
    }
    for (question, asked) in OVERALL_QUESTIONS {
        let question = *question;
        let ask = move |state, query, headers| ask_overall(question, state, query, headers);
        router = router.route(asked.route, get(ask));
    }
    router
        .fallback(async || Refusal::NotFound("nothing is at this path".to_owned()).reply())
        .with_state(Site { answers, zone, stop })
        .layer(middleware::from_fn_with_state(guarded, guard))
}

type Reply = Result<Response<Body>, Refusal>;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        self.reply()
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Self {
        Self::Wrong(rejection.body_text())
    }
}

impl From<PathRejection> for Refusal {
    fn from(rejection: PathRejection) -> Self {
        Self::Wrong(rejection.body_text())
    }
}

/// No parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Which sessions to list, and in which order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    agent: Option<String>,
    project: Option<String>,
    model: Option<String>,
    status: Option<String>,
    since: Option<String>,
    until: Option<String>,
    timezone: Option<String>,
    limit: Option<u32>,
    sort: Option<String>,
    cursor: Option<String>,
    subagents: Option<bool>,
}

/// Which messages are summed up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Summed {
    agent: Option<String>,
    project: Option<String>,
    model: Option<String>,
    since: Option<String>,
    until: Option<String>,
    timezone: Option<String>,
}

/// Which sessions are asked about, and how much of it is told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overall {
    agent: Option<String>,
    project: Option<String>,
    model: Option<String>,
    status: Option<String>,
    since: Option<String>,
    until: Option<String>,
    timezone: Option<String>,
    limit: Option<u32>,
}

async fn root() -> Response<Body> {
    let version = env!("CARGO_PKG_VERSION");
    let said = json!({ "program": "recount", "version": version, "openapi": "/api/openapi.json" });
    reply::success(&json::line(&said))
}

async fn openapi_document() -> Response<Body> {
    reply::text(StatusCode::OK, json::pretty(&openapi::document()))
}

async fn live(State(site): State<Site>) -> Response<Body> {
    events::revisions(&site.answers, site.stop).into_response()
}

/// Whether the record can be read. There is nothing to keep in it, so it has no tag.
async fn health(State(site): State<Site>) -> Reply {
    let Site { answers, .. } = site;
    let ask: Ask = Box::new(|source| {
        let schema = source.holder.schema_version()?;
        let revision = store::query::revision::revision(source.holder)?;
        let version = env!("CARGO_PKG_VERSION");
        let health = json!({ "version": version, "schema": schema, "revision": revision });
        Ok(Box::new(move || json::pretty(&health)))
    });
    match answers.answer("health".to_owned(), |_| false, ask).await? {
        Answer::Text { data, .. } => Ok(reply::success(&data)),
        Answer::Known { .. } => Err(Refusal::internal()),
    }
}

async fn sessions(
    State(site): State<Site>,
    query: Result<Query<Listed>, QueryRejection>,
    headers: HeaderMap,
) -> Reply {
    let scope = query?.0.read(site.answers.now(), &site.zone)?;
    let about = format!("sessions {scope:?}");
    answer(&site, about, headers, move |source| list(source, &scope), json::json).await
}

async fn session(
    State(site): State<Site>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<Nothing>, QueryRejection>,
    headers: HeaderMap,
) -> Reply {
    query?;
    let id = session_id(id?.0)?;
    let about = format!("session {id}");
    let ask = move |source: &Source<'_>| {
        session_show(source.holder, &id)?.ok_or(ReportError::UnknownSession(id))
    };
    answer(&site, about, headers, ask, |found| json::pretty(&conversation::whole(found))).await
}

async fn ask_session(
    question: SessionQuestion,
    State(site): State<Site>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<Nothing>, QueryRejection>,
    headers: HeaderMap,
) -> Reply {
    query?;
    let id = session_id(id?.0)?;
    let about = format!("{question:?} {id}");
    answer(&site, about, headers, move |source| question.ask(source, &id), json::json).await
}

async fn usage_by(
    State(site): State<Site>,
    by: Result<Path<String>, PathRejection>,
    query: Result<Query<Summed>, QueryRejection>,
    headers: HeaderMap,
) -> Reply {
    let by = by?.0;
    let by = By::ALL.iter().copied().find(|known| known.as_str() == by);
    let by = by.ok_or_else(|| {
        let all: Vec<_> = By::ALL.iter().map(|by| by.as_str()).collect();
        Refusal::NotFound(format!("usage is summed up by one of: {}", all.join(", ")))
    })?;
    let (filter, zone) = query?.0.read(site.answers.now(), &site.zone)?;
    let about = format!("usage {by:?} {filter:?} {:?}", zone.iana_name());
    answer(&site, about, headers, move |source| usage(source, by, &filter, &zone), json::json).await
}

async fn ask_overall(
    question: OverallQuestion,
    State(site): State<Site>,
    query: Result<Query<Overall>, QueryRejection>,
    headers: HeaderMap,
) -> Reply {
    let scope = query?.0.read(site.answers.now(), &site.zone)?;
    let about = format!("{question:?} {scope:?}");
    answer(&site, about, headers, move |source| question.ask(source, &scope), json::json).await
}

impl Listed {
    /// As the command reads its options.
    fn read(self, now: UnixMs, zone: &TimeZone) -> Result<ListScope, Refusal> {
        let Self { agent, project, model, status, since, until, timezone, .. } = self;
        let zone = named_zone(timezone, zone)?;
        let [since, until] = span([since, until], now, &zone)?;
        let filter = SessionFilter { agent, project, model, status, since, until };
        let sort = self.sort.as_deref().unwrap_or(Sort::Activity.as_str());
        let sort = Sort::ALL.iter().copied().find(|known| known.as_str() == sort);
        let sort = sort.ok_or_else(|| {
            let all: Vec<_> = Sort::ALL.iter().map(|sort| sort.as_str()).collect();
            Refusal::Wrong(format!("sessions are sorted by one of: {}", all.join(", ")))
        })?;
        let cursor = self.cursor.map(|word| word.parse::<Cursor>()?.of(sort)).transpose();
        Ok(ListScope {
            filter,
            sort,
            limit: usize::try_from(self.limit.unwrap_or(LISTED)).unwrap_or(usize::MAX),
            cursor: cursor.map_err(|error| Refusal::Wrong(error.to_string()))?,
            subagents: self.subagents.unwrap_or(false),
        })
    }
}

impl Summed {
    /// As the command reads its options.
    fn read(self, now: UnixMs, zone: &TimeZone) -> Result<(Filter, TimeZone), Refusal> {
        let Self { agent, project, model, since, until, timezone } = self;
        let zone = named_zone(timezone, zone)?;
        let [since, until] = span([since, until], now, &zone)?;
        Ok((Filter { agent, project, model, since, until }, zone))
    }
}

impl Overall {
    /// As the command reads its options.
    fn read(self, now: UnixMs, zone: &TimeZone) -> Result<Scope, Refusal> {
        let Self { agent, project, model, status, since, until, timezone, limit } = self;
        let zone = named_zone(timezone, zone)?;
        let [since, until] = span([since, until], now, &zone)?;
        let filter = SessionFilter { agent, project, model, status, since, until };
        let limit = usize::try_from(limit.unwrap_or(TOLD)).unwrap_or(usize::MAX);
        Ok(Scope { filter, limit, zone })
    }
}

fn named_zone(name: Option<String>, default: &TimeZone) -> Result<TimeZone, Refusal> {
    let Some(name) = name else { return Ok(default.clone()) };
    times::zone(&name).ok_or_else(|| Refusal::Wrong(format!("no time zone is called `{name}`")))
}

/// From when, and until when.
fn span(
    [since, until]: [Option<String>; 2],
    now: UnixMs,
    zone: &TimeZone,
) -> Result<[Option<UnixMs>; 2], Refusal> {
    let time = |text: Option<String>, read: fn(&str, UnixMs, &TimeZone) -> Option<UnixMs>| {
        let read = |text: String| {
            read(&text, now, zone).ok_or_else(|| Refusal::Wrong(format!("`{text}` is no time")))
        };
        text.map(read).transpose()
    };
    Ok([time(since, times::since)?, time(until, times::until)?])
}

fn session_id(text: String) -> Result<SessionId, Refusal> {
    SessionId::new(text).map_err(|error| Refusal::Wrong(format!("the session id {error}")))
}

/// Asks, unless whoever asked has the answer already. The text is made once the lease is given back.
async fn answer<A: Send + 'static>(
    site: &Site,
    about: String,
    headers: HeaderMap,
    ask: impl FnOnce(&Source<'_>) -> Result<A, ReportError> + Send + 'static,
    text: fn(&A) -> String,
) -> Reply {
    let ask: Ask = Box::new(move |source| {
        let answer = ask(source)?;
        Ok(Box::new(move || text(&answer)))
    });
    let known = move |tag: &str| has(&headers, tag);
    let (mut reply, tag) = match site.answers.answer(about, known, ask).await? {
        Answer::Text { data, tag } => (reply::success(&data), tag),
        Answer::Known { tag } => {
            let mut reply = Response::new(Body::empty());
            *reply.status_mut() = StatusCode::NOT_MODIFIED;
            (reply, tag)
        }
    };
    let tag = HeaderValue::try_from(tag).map_err(|_| Refusal::internal())?;
    reply.headers_mut().insert(header::ETAG, tag);
    // It may be kept, for its owner alone, and has to be asked for again.
    let kept = HeaderValue::from_static("private, no-cache");
    reply.headers_mut().insert(header::CACHE_CONTROL, kept);
    Ok(reply)
}

/// Whether a request says that it has what is known by that tag.
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| one.trim().trim_start_matches("W/") == tag)
}
