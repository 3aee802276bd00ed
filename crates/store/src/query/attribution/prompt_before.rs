//! What a person had asked for when a message was written.

use domain::SessionId;
use turso::Value;

use crate::{
    Holder, StoreError,
    engine::Row,
    query::session_opening::{own_texts, session_opening},
};

/// The statement, with the index that it needs.
pub fn statement() -> (String, &'static str) {
    let own = own_texts("?2");
    let sql = format!(
        "{own} \
             AND messages.ordered_at_unix_ms <= \
                 (SELECT written.ordered_at_unix_ms \
                  FROM messages AS written \
                  WHERE written.session_id = ?1 AND written.message_id = ?3) \
         ORDER BY messages.ordered_at_unix_ms DESC \
         LIMIT 1"
    );
    (sql, "messages_in_order")
}

/// So many characters of what the person said last before a message, else of what they said first.
///
/// # Errors
/// The engine failed.
pub fn prompt_before(
    holder: &Holder<'_>,
    id: &SessionId,
    message: Option<&str>,
    characters: u32,
) -> Result<Option<String>, StoreError> {
    let Some(message) = message else { return session_opening(holder, id.as_str(), characters) };
    let key = [
        Value::Text(id.as_str().to_owned()),
        Value::Integer(characters.into()),
        Value::Text(message.to_owned()),
    ];
    let said = holder.engine.query_first("read a prompt", &statement().0, &key, Row::text)?;
    match said.flatten() {
        Some(said) => Ok(Some(said)),
        None => session_opening(holder, id.as_str(), characters),
    }
}
