//! What messages took: of one session, or one message by its id alone.

use domain::{Cost, Json, Model, Role, SideCall, Tokens, UnixMs};
use turso::Value;

use super::elsewhere::{COUNTS_IN, IS_UNTOLD_COPY};
use crate::{
    Holder, StoreError,
    canary::is_canary,
    engine::Row,
    table::{Columns, Unreadable},
};

/// What an id names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A session, with what all of it cost, as the agent says.
    Session(Option<Cost>),
    /// A message. Sessions may share one: a fork copies it, and keeps its id with some agents.
    Message,
}

/// What one message took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageUsage {
    /// Its session.
    pub session_id: String,
    /// Its identity there.
    pub message_id: String,
    /// When it came into being.
    pub generated_at: Option<UnixMs>,
    /// Who speaks.
    pub role: Option<Role>,
    /// The agent's mode or sub-agent.
    pub agent_name: Option<String>,
    /// The model that spoke.
    pub model: Option<Model>,
    /// What it took.
    pub tokens: Option<Tokens>,
    /// What it cost, as the agent says.
    pub cost_given: Option<Cost>,
    /// What it is beside the conversation.
    pub side_call: Option<SideCall>,
    /// What else the agent said of it.
    pub payload: Option<Json>,
    /// Whether a fork copied it.
    pub is_inherited: bool,
    /// Whether it was copied from a session that nobody can tell, so that it counts there.
    pub is_untold_copy: bool,
    /// The other session in which it counts, because that holds the same answer to the same request.
    pub counts_in: Option<String>,
}

impl MessageUsage {
    /// Whether it counts where it is.
    pub fn counts(&self) -> bool {
        !self.is_untold_copy && self.counts_in.is_none()
    }
}

/// The statements, with the index that each needs.
pub fn statements() -> [(String, &'static str); 3] {
    [
        (SESSION.to_owned(), "sqlite_autoindex_sessions_1"),
        (of_session_sql(), "messages_in_order"),
        (of_message_sql(), "messages_by_message_id"),
    ]
}

const SESSION: &str =
    "SELECT cost_given, cost_given_picodollars FROM sessions WHERE session_id = ?1";

fn messages_sql() -> String {
    format!(
        "SELECT session_id, message_id, generated_at_unix_ms, role, agent_name, provider_id, model_id, \
                tokens_input, tokens_output, tokens_reasoning, tokens_cache_read, tokens_cache_write, \
                tokens_cache_write_1h, cost_given, cost_given_picodollars, side_call, payload, inherited, \
                {IS_UNTOLD_COPY}, {COUNTS_IN} \
         FROM messages"
    )
}

fn of_session_sql() -> String {
    format!("{} WHERE session_id = ?1 ORDER BY ordered_at_unix_ms, message_id", messages_sql())
}

fn of_message_sql() -> String {
    format!("{} WHERE message_id = ?1 ORDER BY session_id", messages_sql())
}

/// What the messages of the session with that id took, oldest first; if there is none, what the
/// message with that id took, in each session that has it; `None` where there is none either.
///
/// # Errors
/// The engine failed.
pub fn usage(
    holder: &Holder<'_>,
    id: &str,
) -> Result<Option<(Subject, Vec<MessageUsage>)>, StoreError> {
    if is_canary(id) {
        return Ok(None);
    }
    let engine = &holder.engine;
    let key = [Value::Text(id.to_owned())];
    let session = engine.query_first("find a session", SESSION, &key, |row| {
        columns(row, "sessions", "cost_given")
    })?;
    if let Some(cost) = session {
        let rows = engine.query("read usage", &of_session_sql(), &key, read)?;
        return Ok(Some((Subject::Session(cost), rows)));
    }
    let mut rows = engine.query("read usage", &of_message_sql(), &key, read)?;
    rows.retain(|row| !is_canary(&row.session_id));
    Ok((!rows.is_empty()).then_some((Subject::Message, rows)))
}

fn read(row: &mut Row) -> Result<MessageUsage, StoreError> {
    Ok(MessageUsage {
        session_id: row.text()?.unwrap_or_default(),
        message_id: row.text()?.unwrap_or_default(),
        generated_at: row.integer()?.and_then(UnixMs::new),
        role: columns(row, "messages", "role")?,
        agent_name: row.text()?,
        model: columns(row, "messages", "provider_id")?,
        tokens: columns(row, "messages", "tokens_input")?,
        cost_given: columns(row, "messages", "cost_given")?,
        side_call: columns(row, "messages", "side_call")?,
        payload: columns(row, "messages", "payload")?,
        is_inherited: columns(row, "messages", "inherited")? == Some(true),
        is_untold_copy: row.integer()? == Some(1),
        counts_in: row.text()?,
    })
}

/// The value that lies in the next columns, of which the first is named.
pub(super) fn columns<T: Columns>(
    row: &mut Row,
    table: &'static str,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    T::read(row).map_err(|error| match error {
        Unreadable::Unfit => StoreError::Row { table, column },
        Unreadable::Store(error) => error,
    })
}
