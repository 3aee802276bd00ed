//! Who is let in, and what every reply says to browsers.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header},
    middleware::Next,
};

use crate::{Hosts, Token, assets, pages::refused, reply::Refusal};

/// What a browser may do with a reply: show it with what this server sends beside it, and nothing more.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (header::VARY, HeaderValue::from_static("Cookie, Authorization")),
];

/// Where programs ask …
pub(crate) const API: &str = "/api";
/// … and below it.
const API_FOLDER: &str = "/api/";

/// Who is let in.
pub(crate) struct Guard {
    pub hosts: Hosts,
    pub token: Option<Token>,
}

/// Lets a request through, or says why not.
pub(crate) async fn guard(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let mut reply = match guard.judge(&request) {
        Ok(None) => next.run(request).await,
        Ok(Some(redirect)) => redirect,
        Err(refusal) => refuse(&path, &refusal),
    };
    let headers = reply.headers_mut();
    headers.extend(ALWAYS);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    reply
}

/// Says no to a program or to a person, by what was asked for.
pub(crate) fn refuse(path: &str, refusal: &Refusal) -> Response<Body> {
    if path == API || path.starts_with(API_FOLDER) { refusal.reply() } else { refused(refusal) }
}

impl Guard {
    /// Nothing where it is let through; where it brings the token in its URL, what sends it to the
    /// same place without.
    fn judge(&self, request: &Request) -> Result<Option<Response<Body>>, Refusal> {
        if !self.is_called(request.uri(), request.headers()) {
            return Err(Refusal::Misdirected);
        }
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            return Err(Refusal::Method);
        }
        let Some(token) = &self.token else { return Ok(None) };
        if request.uri().path().starts_with(assets::FOLDER) {
            return Ok(None);
        }
        match token_of_query(request.uri()) {
            Some(given) if token.is(given) => Ok(Some(self.redirect(request.uri(), token))),
            None if self.knows(token, request.headers()) => Ok(None),
            Some(_) | None => Err(Refusal::Unauthorized),
        }
    }

    /// A request line may name a host too; then both have to be ours.
    fn is_called(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let accepts = |host: &str| self.hosts.accepts(host);
        host.to_str().is_ok_and(accepts)
            && uri.authority().is_none_or(|authority| accepts(authority.as_str()))
    }

    fn knows(&self, token: &Token, headers: &HeaderMap) -> bool {
        let values = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let is_bearer = |value: &str| {
            let (scheme, given) = value.split_once(' ').unwrap_or_default();
            scheme.eq_ignore_ascii_case("bearer") && token.is(given.trim())
        };
        let name = self.cookie();
        let is_cookie = |pair: &str| {
            pair.trim().split_once('=').is_some_and(|(key, given)| key == name && token.is(given))
        };
        values(header::AUTHORIZATION).any(is_bearer)
            || values(header::COOKIE).flat_map(|value| value.split(';')).any(is_cookie)
    }

    /// Cookies are kept by name and machine, whatever the port.
    fn cookie(&self) -> String {
        format!("recount_{}", self.hosts.port())
    }

    fn redirect(&self, uri: &Uri, token: &Token) -> Response<Body> {
        let rest = uri.query().unwrap_or_default().split('&');
        let rest: Vec<_> = rest.filter(|pair| !pair.is_empty() && !is_token(pair)).collect();
        // Two slashes would begin the name of another machine.
        let path = uri.path().trim_start_matches(['/', '\\']);
        let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
        let cookie =
            format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie(), token.as_str());
        let mut reply = Response::new(Body::empty());
        *reply.status_mut() = StatusCode::SEE_OTHER;
        let parts = [(header::LOCATION, format!("/{path}{query}")), (header::SET_COOKIE, cookie)];
        for (name, text) in parts {
            let value = HeaderValue::try_from(text).expect("parts of a URL and plain characters");
            reply.headers_mut().insert(name, value);
        }
        reply
    }
}

fn is_token(pair: &str) -> bool {
    pair.split('=').next() == Some("token")
}

fn token_of_query(uri: &Uri) -> Option<&str> {
    let pair = uri.query()?.split('&').find(|pair| is_token(pair))?;
    Some(pair.split_once('=').map_or("", |(_, given)| given))
}
