//! Of every tool call what questions about all of them ask: which tool, how long, how much, whether it
//! failed.

use std::rc::Rc;

use domain::{Model, Tokens, UnixMs};
use turso::Value;

use super::{
    copies::Copies,
    of_session::key,
    seen::{asked_for, own_rows},
    usage::columns,
    usage_sums::Span,
};
use crate::{Holder, StoreError};

/// How long a call ran: as the agent says, else from its begin to its end.
const DURATION: &str = "coalesce(duration_ms, CASE WHEN ended_at_unix_ms >= started_at_unix_ms \
     THEN ended_at_unix_ms - started_at_unix_ms END)";

/// The statement, with the index that holds all that it reads. It reads every call of the time that is
/// asked for: that is what the question is.
pub fn statement(span: Span) -> (String, &'static str) {
    let sql = format!(
        "SELECT session_id, message_id, id, tool, ordered_at_unix_ms, error IS NOT NULL, \
                output_full_bytes, {DURATION} \
         {}",
        asked_for("tool_calls", span)
    );
    (sql, "tool_calls_seen")
}

/// The statements about single calls, with the index that each needs.
pub fn statements() -> [(String, &'static str); 3] {
    [
        (PLACE.to_owned(), "INTEGER PRIMARY KEY"),
        (OF_SESSION.to_owned(), "tool_calls_in_order"),
        (MESSAGE.to_owned(), "messages_by_message_id"),
    ]
}

const PLACE: &str = "SELECT session_id, call_id, message_id FROM tool_calls WHERE id = ?1";

const OF_SESSION: &str =
    "SELECT message_id, call_id FROM tool_calls WHERE session_id = ?1 AND message_id IS NOT NULL";

const MESSAGE: &str = "\
    SELECT generated_at_unix_ms, provider_id, model_id, tokens_input, tokens_output, \
           tokens_reasoning, tokens_cache_read, tokens_cache_write, tokens_cache_write_1h \
    FROM messages \
    WHERE session_id = ?1 AND message_id = ?2";

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSeen {
    /// Where it lies.
    pub row: i64,
    /// Its session.
    pub session_id: Option<Rc<str>>,
    /// The tool's name; nothing where the agent names none.
    pub tool: Option<Rc<str>>,
    /// What orders it.
    pub at: Option<UnixMs>,
    /// Whether it failed.
    pub has_failed: bool,
    /// How long its output was, in bytes.
    pub output_bytes: Option<i64>,
    /// How long it ran, in milliseconds; nothing where that is not known, or less than nothing.
    pub duration_ms: Option<i64>,
}

/// Every call of a time, without copies, in no order.
///
/// # Errors
/// The engine failed.
pub fn calls_seen(
    holder: &Holder<'_>,
    span: Span,
    copies: &Copies,
) -> Result<Vec<CallSeen>, StoreError> {
    let (sql, _) = statement(span);
    own_rows(holder, ("look for calls", &sql), span, copies, |row, names, session_id| {
        Ok(CallSeen {
            session_id,
            row: row.integer()?.unwrap_or_default(),
            tool: names.shared(row.text()?),
            at: row.integer()?.and_then(UnixMs::new),
            has_failed: row.integer()? == Some(1),
            output_bytes: row.integer()?.filter(|bytes| *bytes >= 0),
            duration_ms: row.integer()?.filter(|duration| *duration >= 0),
        })
    })
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallPlace {
    /// Its session.
    pub session_id: String,
    /// Its identity there.
    pub call_id: String,
    /// The message that made it.
    pub message_id: Option<String>,
}

/// Where the call of a row is.
///
/// # Errors
/// The engine failed.
pub fn call_place(holder: &Holder<'_>, row: i64) -> Result<Option<CallPlace>, StoreError> {
    holder.engine.query_first("find a call", PLACE, &[Value::Integer(row)], |row| {
        Ok(CallPlace {
            session_id: row.text()?.unwrap_or_default(),
            call_id: row.text()?.unwrap_or_default(),
            message_id: row.text()?,
        })
    })
}

/// The message and the identity of every call of a session that a message made, in no order.
///
/// # Errors
/// The engine failed.
pub fn calls_of_messages(
    holder: &Holder<'_>,
    session: &domain::SessionId,
) -> Result<Vec<(String, String)>, StoreError> {
    holder.engine.query("look for calls", OF_SESSION, &key(session), |row| {
        Ok((row.text()?.unwrap_or_default(), row.text()?.unwrap_or_default()))
    })
}

/// What a message took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageTook {
    /// When it came into being.
    pub generated_at: Option<UnixMs>,
    /// The model that spoke.
    pub model: Option<Model>,
    /// What it took.
    pub tokens: Option<Tokens>,
}

/// What one message took, where it is known.
///
/// # Errors
/// The engine failed.
pub fn message_took(
    holder: &Holder<'_>,
    session_id: &str,
    message_id: &str,
) -> Result<Option<MessageTook>, StoreError> {
    let key = [session_id, message_id].map(|text| Value::Text(text.to_owned()));
    holder.engine.query_first("read usage", MESSAGE, &key, |row| {
        Ok(MessageTook {
            generated_at: row.integer()?.and_then(UnixMs::new),
            model: columns(row, "messages", "provider_id")?,
            tokens: columns(row, "messages", "tokens_input")?,
        })
    })
}
