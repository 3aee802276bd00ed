//! The one form of replies: `{"success": true, "data": …}`, or `{"success": false, "error": …}`, with
//! a status that tells the same.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use report::json;
use serde_json::json;
use store::StoreError;
use thiserror::Error;

/// In how many seconds to ask again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Why there is no answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request is not one of ours.
    #[error("{0}")]
    Wrong(String),
    /// It does not know the token.
    #[error("a token is missing or wrong; it stands in the URL that `recount serve` printed")]
    Unauthorized,
    /// Nothing is there by that name.
    #[error("{0}")]
    NotFound(String),
    /// Something would be changed.
    #[error("only GET and HEAD are answered")]
    Method,
    /// It was sent to another server's name.
    #[error("this server is not called by that name")]
    Misdirected,
    /// It may be answered later.
    #[error("{0}")]
    Busy(String),
    /// Something is wrong with the record, or with us.
    #[error("{0}")]
    Failed(String),
}

impl Refusal {
    /// A failure of our own.
    pub fn internal() -> Self {
        Self::Failed("internal error".to_owned())
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Wrong(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
            }
            Self::Method => Some((header::ALLOW, HeaderValue::from_static("GET, HEAD"))),
            Self::Busy(_) => Some((header::RETRY_AFTER, RETRY_AFTER)),
            Self::Wrong(_) | Self::NotFound(_) | Self::Misdirected | Self::Failed(_) => None,
        }
    }

    /// The reply that says so to a program.
    pub fn reply(&self) -> Response<Body> {
        let error = json!({ "success": false, "error": { "message": self.to_string() } });
        let mut reply = text(self.status(), json::line(&error) + "\n");
        reply.headers_mut().extend(self.header());
        reply
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            Self::Busy(error.to_string())
        } else {
            Self::Failed(error.to_string())
        }
    }
}

/// An answer, given as JSON text.
pub(crate) fn success(data: &str) -> Response<Body> {
    text(StatusCode::OK, format!("{{\"success\": true, \"data\": {data}}}\n"))
}

/// A JSON text as it is.
pub(crate) fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut reply = Response::new(Body::from(text));
    *reply.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    reply.headers_mut().insert(header::CONTENT_TYPE, json);
    reply
}
