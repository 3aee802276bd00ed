//! `/sessions/{id}/export.…`: the session as a file to keep, as the command writes it.

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};
use report::session::{
    document::{Form, whole},
    story::material,
};

use super::super::{Page, Show, Visit};
use crate::{answers::Ask, reply::Refusal};

/// Makes the reply of a text.
pub(crate) type Reply = fn(String) -> Response<Body>;

/// Every form, and what a reply says of it.
pub(crate) static EXPORTS: [(Page, Reply); 3] = [
    (
        Page {
            path: "/sessions/{id}/export.md",
            menu: None,
            show: Show::Record(|visit| export(visit, Form::Markdown)),
        },
        |text| file(text, "text/markdown; charset=utf-8"),
    ),
    (
        Page {
            path: "/sessions/{id}/export.html",
            menu: None,
            show: Show::Record(|visit| export(visit, Form::Html)),
        },
        |text| file(text, "text/html; charset=utf-8"),
    ),
    (
        Page {
            path: "/sessions/{id}/export.json",
            menu: None,
            show: Show::Record(|visit| export(visit, Form::Json)),
        },
        |text| file(text, "application/json"),
    ),
];

fn export(visit: Visit, form: Form) -> Result<Ask, Refusal> {
    let id = visit.session()?;
    visit.parameters.end()?;
    Ok(Box::new(move |source| {
        let material = material(source, &id)?;
        Ok(Box::new(move || whole(&material, form)))
    }))
}

/// A reply that a browser keeps and does not show.
fn file(text: String, kind: &'static str) -> Response<Body> {
    let mut reply = Response::new(Body::from(text));
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    reply
}
