//! What a person said first in a session.

use serde::Deserialize;
use turso::Value;

use super::session_show::PROMPTED;
use crate::{Holder, StoreError, engine::Row};

/// How texts begin that Claude Code writes in the person's name (2.1.328).
const BY_THE_AGENT: [&str; 5] = [
    "<system-reminder>",
    "<local-command-stdout>",
    "<local-command-stderr>",
    "<bash-stdout>",
    "<bash-stderr>",
];

/// What `OpenCode` says of texts that it writes in the person's name (1.18.33).
const SYNTHETIC: &str = r#""synthetic":true"#;

/// Whether the agent wrote a text that stands in the person's name.
pub fn is_by_the_agent(text: &str, payload: Option<&str>) -> bool {
    BY_THE_AGENT.iter().any(|beginning| text.starts_with(beginning))
        || payload.is_some_and(|payload| payload.contains(SYNTHETIC))
}

/// The statements, with the index that each needs.
pub fn statements() -> [(String, &'static str); 2] {
    [(said_sql(), "messages_in_order"), (PROMPT.to_owned(), "events_in_order")]
}

/// A session has few messages before the first prompt, so no more of them are read.
fn said_sql() -> String {
    let own = own_texts("?2");
    format!("{own} ORDER BY messages.ordered_at_unix_ms LIMIT 1")
}

/// The statement for what a person said in the session `?1`, with so many characters of each text.
pub(super) fn own_texts(characters: &str) -> String {
    let is_own = |beginning: &str| {
        format!("AND substr(parts.text, 1, {}) <> '{beginning}' ", beginning.len())
    };
    let is_own: String = BY_THE_AGENT.into_iter().map(is_own).collect();
    format!(
        "SELECT substr(parts.text, 1, {characters}) \
         FROM messages \
         JOIN parts ON parts.session_id = messages.session_id \
             AND parts.message_id = messages.message_id \
         WHERE messages.session_id = ?1 AND messages.role = 'user' \
             AND messages.side_call IS NULL AND parts.part_type = 'text' AND parts.text <> '' \
             AND coalesce(instr(parts.payload, '{SYNTHETIC}'), 0) = 0 {is_own}"
    )
}

const PROMPT: &str = "\
    SELECT payload \
    FROM events \
    WHERE session_id = ?1 AND name = ?2 \
    ORDER BY ordered_at_unix_ms \
    LIMIT 1";

/// So many characters of the first prompt; `None` where nobody said anything.
///
/// # Errors
/// The engine failed.
pub fn session_opening(
    holder: &Holder<'_>,
    session_id: &str,
    characters: u32,
) -> Result<Option<String>, StoreError> {
    let id = Value::Text(session_id.to_owned());
    let key = [id.clone(), Value::Integer(characters.into())];
    let said = holder.engine.query_first("read a prompt", &said_sql(), &key, Row::text)?;
    if let Some(said) = said.flatten() {
        return Ok(Some(said));
    }
    let key = [id, Value::Text(PROMPTED.to_owned())];
    let payload = holder.engine.query_first("read a prompt", PROMPT, &key, Row::text)?;
    Ok(payload.flatten().and_then(|payload| prompt(&payload, characters)))
}

/// The beginning of the prompt that an event tells.
fn prompt(payload: &str, characters: u32) -> Option<String> {
    #[derive(Deserialize)]
    struct Prompted {
        prompt: String,
    }
    let Prompted { prompt } = serde_json::from_str(payload).ok()?;
    let characters = usize::try_from(characters).unwrap_or(usize::MAX);
    Some(prompt.chars().take(characters).collect())
}
