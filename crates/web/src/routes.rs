//! Which path asks what.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Redirect},
    routing::get,
};
use domain::{SessionId, UnixMs};
use jiff::tz::TimeZone;
use report::{
    QUESTIONS, ReportError, SessionQuestion, Source, json,
    list::list,
    overall::{OVERALL_QUESTIONS, OverallQuestion},
    session::conversation,
    usage::{By, usage},
};
use serde_json::json;
use store::query::session_show::session_show;
use tokio::sync::{Semaphore, watch};

use crate::{
    AskInstallation, Links,
    answers::{Answer, Answers, Ask, AskBeside},
    assets::ASSETS,
    attribution::{WantedCommit, WantedFile},
    events,
    guard::{API, Guard, guard, refuse},
    openapi,
    pages::{self, EXPORTS, PAGES, Page, Show, Visit},
    parameters::{Asked, Parameters},
    reply::{self, Refusal},
};

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Site {
    pub answers: Answers,
    pub zone: TimeZone,
    pub installation: AskInstallation,
    pub links: Links,
    pub stop: watch::Receiver<bool>,
    pub listeners: Arc<Semaphore>,
}

/// Everything that is answered.
pub(crate) fn router(site: Site, guarded: Arc<Guard>) -> Router {
    let mut router = Router::new()
        .route("/", get(first_page))
        .route(API, get(root))
        .route("/api/health", get(health))
        .route("/api/openapi.json", get(openapi_document))
        .route("/api/events", get(live))
        .route("/api/settings", get(settings))
        .route("/api/sessions", get(sessions))
        .route("/api/session/{id}", get(session))
        .route("/api/usage/{by}", get(usage_by))
        .route("/api/blame", get(blame))
        .route("/api/commit", get(commit));
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
    let pages = PAGES.iter().map(|page| (page, pages::html as fn(String) -> Response<Body>));
    let exports = EXPORTS.iter().map(|(page, form)| (page, *form));
    for (page, form) in pages.chain(exports) {
        let visit = move |state, id, query, uri, headers| {
            visit((page, form), state, id, query, uri, headers)
        };
        router = router.route(page.path, get(visit));
    }
    for asset in &ASSETS {
        router = router.route(asset.path, get(async || asset.reply()));
    }
    router
        .fallback(async |uri: Uri| {
            refuse(uri.path(), &Refusal::NotFound("nothing is at this path".to_owned()))
        })
        .with_state(site)
        .layer(middleware::from_fn_with_state(guarded, guard))
}

type Reply = Result<Response<Body>, Refusal>;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        self.reply()
    }
}

impl From<PathRejection> for Refusal {
    fn from(rejection: PathRejection) -> Self {
        Self::Wrong(rejection.body_text())
    }
}

async fn first_page() -> Redirect {
    Redirect::to(pages::FIRST)
}

async fn root(query: Asked) -> Reply {
    Parameters::of(query)?.end()?;
    let version = env!("CARGO_PKG_VERSION");
    let said = json!({ "program": "recount", "version": version, "openapi": "/api/openapi.json" });
    Ok(reply::success(&json::line(&said)))
}

async fn openapi_document(query: Asked) -> Reply {
    Parameters::of(query)?.end()?;
    Ok(reply::text(StatusCode::OK, json::pretty(&openapi::document())))
}

async fn live(State(site): State<Site>, query: Asked) -> Reply {
    Parameters::of(query)?.end()?;
    let listens = site
        .listeners
        .try_acquire_owned()
        .map_err(|_| Refusal::Busy("as many listen as may; close one of them".to_owned()))?;
    Ok(events::revisions(&site.answers, site.stop, listens).into_response())
}

/// Whether the record can be read.
async fn health(State(site): State<Site>, query: Asked) -> Reply {
    Parameters::of(query)?.end()?;
    let ask: Ask = Box::new(|source| {
        let schema = source.holder.schema_version()?;
        let revision = store::query::revision::revision(source.holder)?;
        let version = env!("CARGO_PKG_VERSION");
        let health = json!({ "version": version, "schema": schema, "revision": revision });
        Ok(Box::new(move || json::pretty(&health)))
    });
    anew(&site, "health", ask).await
}

/// How the record is kept.
async fn settings(State(site): State<Site>, query: Asked) -> Reply {
    Parameters::of(query)?.end()?;
    let installation = site.installation.clone();
    let ask: Ask = Box::new(move |source| {
        let look = installation(source)?;
        Ok(Box::new(move || json::json(&look())))
    });
    anew(&site, "settings", ask).await
}

/// Answers what changes without the record, so that it has no tag to be known by.
async fn anew(site: &Site, about: &str, ask: Ask) -> Reply {
    match site.answers.answer(about.to_owned(), |_| false, ask).await? {
        Answer::Text { data, .. } => Ok(reply::success(&data)),
        Answer::Known { .. } => Err(Refusal::internal()),
    }
}

async fn sessions(State(site): State<Site>, query: Asked, headers: HeaderMap) -> Reply {
    let scope = Parameters::of(query)?.list(site.answers.now(), &site.zone)?;
    let about = format!("sessions {scope:?}");
    answer(&site, about, headers, move |source| list(source, &scope), json::json).await
}

async fn session(
    State(site): State<Site>,
    id: Result<Path<String>, PathRejection>,
    query: Asked,
    headers: HeaderMap,
) -> Reply {
    Parameters::of(query)?.end()?;
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
    query: Asked,
    headers: HeaderMap,
) -> Reply {
    Parameters::of(query)?.end()?;
    let id = session_id(id?.0)?;
    let about = format!("{question:?} {id}");
    answer(&site, about, headers, move |source| question.ask(source, &id), json::json).await
}

async fn usage_by(
    State(site): State<Site>,
    by: Result<Path<String>, PathRejection>,
    query: Asked,
    headers: HeaderMap,
) -> Reply {
    let by = by?.0;
    let by = By::ALL.iter().copied().find(|known| known.as_str() == by);
    let by = by.ok_or_else(|| {
        let all: Vec<_> = By::ALL.iter().map(|by| by.as_str()).collect();
        Refusal::NotFound(format!("usage is summed up by one of: {}", all.join(", ")))
    })?;
    let scope = Parameters::of(query)?.usage(by, site.answers.now(), &site.zone)?;
    let about = format!("usage {scope:?}");
    answer(&site, about, headers, move |source| usage(source, &scope), json::json).await
}

async fn ask_overall(
    question: OverallQuestion,
    State(site): State<Site>,
    query: Asked,
    headers: HeaderMap,
) -> Reply {
    let scope = Parameters::of(query)?.overall(question, site.answers.now(), &site.zone)?;
    let about = format!("{question:?} {scope:?}");
    answer(&site, about, headers, move |source| question.ask(source, &scope), json::json).await
}

async fn blame(State(site): State<Site>, query: Asked, headers: HeaderMap) -> Reply {
    let wanted = WantedFile::of(Parameters::of(query)?)?;
    let (links, now) = (site.links.clone(), site.answers.now());
    let ask: AskBeside = Box::new(move |store| {
        let blame = wanted.blame(store, links, now)?;
        Ok(Box::new(move || json::json(&blame)))
    });
    reply_beside(&site, headers, ask, |data| reply::success(&data)).await
}

async fn commit(State(site): State<Site>, query: Asked, headers: HeaderMap) -> Reply {
    let wanted = WantedCommit::of(Parameters::of(query)?)?;
    let links = site.links.clone();
    let ask: AskBeside = Box::new(move |store| {
        let shown = wanted.show(store, links)?;
        Ok(Box::new(move || json::json(&shown)))
    });
    reply_beside(&site, headers, ask, |data| reply::success(&data)).await
}

/// Shows a page, or a page that says why not.
async fn visit(
    (page, form): (&'static Page, fn(String) -> Response<Body>),
    State(site): State<Site>,
    id: Result<Option<Path<String>>, PathRejection>,
    query: Asked,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    let shown = async {
        let id = id?.map(|Path(id)| id);
        let parameters = Parameters::of_form(query)?;
        let now = whole_minutes(site.answers.now());
        let about = format!("page {uri} {now:?}");
        let zone = site.zone.clone();
        let installation = site.installation.clone();
        let links = site.links.clone();
        let visit = Visit { path: page.path, id, parameters, now, zone, installation, links };
        match page.show {
            Show::Record(show) => reply_to(&site, about, headers, show(visit)?, form).await,
            Show::Beside(show) => reply_beside(&site, headers, show(visit)?, form).await,
        }
    };
    shown.await.unwrap_or_else(|refusal| pages::refused(&refusal))
}

fn whole_minutes(now: UnixMs) -> UnixMs {
    const MINUTE_MS: i64 = 60_000;
    UnixMs::new(now.get() / MINUTE_MS * MINUTE_MS).unwrap_or(UnixMs::EPOCH)
}

pub(crate) fn session_id(text: String) -> Result<SessionId, Refusal> {
    SessionId::new(text).map_err(|error| Refusal::Wrong(format!("the session id {error}")))
}

/// Answers a question in JSON. The text is made once the lease is given back.
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
    reply_to(site, about, headers, ask, |data| reply::success(&data)).await
}

/// Asks, unless whoever asked has the answer already.
async fn reply_to(
    site: &Site,
    about: String,
    headers: HeaderMap,
    ask: Ask,
    form: fn(String) -> Response<Body>,
) -> Reply {
    let known = move |tag: &str| has(&headers, tag);
    tagged(site.answers.answer(about, known, ask).await?, form)
}

/// The same beside the lease.
async fn reply_beside(
    site: &Site,
    headers: HeaderMap,
    ask: AskBeside,
    form: fn(String) -> Response<Body>,
) -> Reply {
    let known = move |tag: &str| has(&headers, tag);
    tagged(site.answers.answer_beside(known, ask).await?, form)
}

/// An answer with what it is known by.
fn tagged(answer: Answer, form: fn(String) -> Response<Body>) -> Reply {
    let (mut reply, tag) = match answer {
        Answer::Text { data, tag } => (form(data), tag),
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
