//! What is shown where there is nothing to show, and what to do about it.

use askama::Template;
use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};

use super::{frame::Frame, text};
use crate::reply::Refusal;

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'r> {
    frame: Frame,
    heading: &'static str,
    message: &'r str,
    hint: &'static str,
    /// Whether it is worth trying again by itself.
    is_busy: bool,
}

/// The reply that says so to a person.
pub(crate) fn refused(refusal: &Refusal) -> Response<Body> {
    let (heading, hint) = match refusal {
        Refusal::Wrong(_) => ("Not understood", "Check the address, or begin with the sessions."),
        Refusal::Unauthorized => (
            "Not let in",
            "Open the whole URL that `recount serve` printed: it holds a token, which this browser keeps.",
        ),
        Refusal::NotFound(_) => {
            ("Not found", "It may have been removed; the sessions list all that is there.")
        }
        Refusal::Method => ("Not done", "Pages only show; commands change the record."),
        Refusal::Misdirected => ("Not this server", "Open the URL that `recount serve` printed."),
        Refusal::Busy(_) => {
            ("One moment", "The record is in use; this page tries again by itself.")
        }
        Refusal::Failed(_) => {
            ("Something failed", "Run `recount doctor`; nothing that was recorded is lost.")
        }
    };
    let message = refusal.to_string();
    let is_busy = matches!(refusal, Refusal::Busy(_));
    let page = RefusedPage { frame: Frame::of(""), heading, message: &message, hint, is_busy };
    let mut reply = html(text(&page));
    *reply.status_mut() = refusal.status();
    reply.headers_mut().extend(refusal.header());
    reply
}

/// A page as it is.
pub(crate) fn html(text: String) -> Response<Body> {
    let mut reply = Response::new(Body::from(text));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    reply.headers_mut().insert(header::CONTENT_TYPE, html);
    reply
}
