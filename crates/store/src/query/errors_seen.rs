//! Of every error what questions about all of them ask.

use std::rc::Rc;

use domain::{ErrorKind, UnixMs};

use super::{
    copies::Copies,
    seen::{asked_for, own_rows},
    usage::columns,
    usage_sums::Span,
};
use crate::{Holder, StoreError};

/// The statement. It reads every error of the time that is asked for: that is what the question is.
pub fn statement(span: Span) -> String {
    format!(
        "SELECT session_id, message_id, error_type, name, ordered_at_unix_ms \
         {}",
        asked_for("session_errors", span)
    )
}

/// One error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorSeen {
    /// Its session.
    pub session_id: Option<Rc<str>>,
    /// What kind it is.
    pub kind: Option<ErrorKind>,
    /// The agent's name for it, or the tool's.
    pub name: Option<Rc<str>>,
    /// What orders it.
    pub at: Option<UnixMs>,
}

/// Every error of a time, without copies, in no order.
///
/// # Errors
/// The engine failed.
pub fn errors_seen(
    holder: &Holder<'_>,
    span: Span,
    copies: &Copies,
) -> Result<Vec<ErrorSeen>, StoreError> {
    own_rows(
        holder,
        ("look for errors", &statement(span)),
        span,
        copies,
        |row, names, session_id| {
            Ok(ErrorSeen {
                session_id,
                kind: columns(row, "session_errors", "error_type")?,
                name: names.shared(row.text()?),
                at: row.integer()?.and_then(UnixMs::new),
            })
        },
    )
}
