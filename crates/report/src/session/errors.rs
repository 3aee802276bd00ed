//! What went wrong.

use std::collections::BTreeMap;

use domain::{CallId, MessageId, SessionError, SessionId, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::session_errors::session_errors;

use super::{Copied, SessionMeta, known, meta};
use crate::{Report, ReportError, Source};

/// The errors of a session.
pub type Errors = Report<SessionMeta, ErrorsSummary, ErrorDetail>;

/// All errors together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ErrorsSummary {
    /// Errors.
    pub errors: usize,
    /// How many there are of each kind: `api`, `auth`, `context`, `output`, `aborted`, `tool`, `unknown`.
    pub by_type: BTreeMap<&'static str, usize>,
}

/// One error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ErrorDetail {
    /// Its identity.
    pub error_id: String,
    /// What orders it in the conversation, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// What kind it is.
    pub error_type: &'static str,
    /// The agent's name for it, or the tool's.
    pub name: Option<String>,
    /// What the agent says of it, at most 10 KiB.
    pub message: Option<String>,
    /// The message that it ended.
    pub message_id: Option<String>,
    /// The tool call that failed.
    pub call_id: Option<String>,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// The errors, oldest first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn errors(source: &Source<'_>, id: &SessionId) -> Result<Errors, ReportError> {
    let session = known(source, id)?;
    let rows = session_errors(source.holder, id)?;
    let copied = Copied::of(source, id)?;
    let details: Vec<_> = rows.iter().map(|error| detail(error, &copied)).collect();
    let mut summary = ErrorsSummary { errors: 0, by_type: BTreeMap::new() };
    for error in details.iter().filter(|error| error.counts) {
        summary.errors += 1;
        *summary.by_type.entry(error.error_type).or_default() += 1;
    }
    let meta = meta(&session, details.iter().map(|error| error.counts));
    Ok(Report { meta, summary, details })
}

fn detail(error: &SessionError, copied: &Copied) -> ErrorDetail {
    let kind = error.kind.value().copied().unwrap_or(domain::ErrorKind::Unknown);
    ErrorDetail {
        counts: copied.counts(error.message_id.value().map(MessageId::as_str)),
        error_id: error.error_id.as_str().to_owned(),
        at_unix_ms: error.ordered_at.0.map(UnixMs::get),
        error_type: kind.as_str(),
        name: error.name.value().cloned(),
        message: error.message.value().map(|message| message.text().to_owned()),
        message_id: error.message_id.value().map(|id| MessageId::as_str(id).to_owned()),
        call_id: error.call_id.value().map(|id| CallId::as_str(id).to_owned()),
    }
}
