//! How many messages and tool calls each session has.

use std::collections::HashMap;

use turso::Value;

use super::{
    copies::Copies,
    seen::{asked_for, bounds, is_asked_for},
    usage_sums::Span,
};
use crate::{Holder, StoreError, engine::Row};

/// The statements, with the index that holds all that each reads.
pub fn statements(span: Span) -> [(String, &'static str); 2] {
    [("messages", "messages_in_order"), ("tool_calls", "tool_calls_in_order")].map(
        |(table, index)| {
            let asked = asked_for(table, span);
            (format!("SELECT session_id, count(*) {asked} GROUP BY session_id"), index)
        },
    )
}

/// The statements about a session that holds copies, with the index that each needs.
pub fn one_by_one() -> [(String, &'static str); 2] {
    [("messages", "messages_usage"), ("tool_calls", "tool_calls_seen")].map(|(table, index)| {
        let asked = is_asked_for();
        (format!("SELECT message_id FROM {table} WHERE {asked} AND session_id = ?3"), index)
    })
}

/// What a session holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionCounts {
    /// Messages.
    pub messages: usize,
    /// Tool calls.
    pub calls: usize,
}

type Place = fn(&mut SessionCounts) -> &mut usize;

/// Each session with what it holds of a time, without copies.
///
/// # Errors
/// The engine failed.
pub fn counts_by_session(
    holder: &Holder<'_>,
    span: Span,
    copies: &Copies,
) -> Result<HashMap<String, SessionCounts>, StoreError> {
    let mut counts: HashMap<String, SessionCounts> = HashMap::new();
    let engine = &holder.engine;
    let pair = |row: &mut Row| Ok((row.text()?, row.integer()?.unwrap_or_default()));
    let [(messages, _), (calls, _)] = statements(span);
    let places: [(String, Place); 2] =
        [(messages, |counts| &mut counts.messages), (calls, |counts| &mut counts.calls)];
    for ((sql, place), (each, _)) in places.into_iter().zip(one_by_one()) {
        for (session, count) in engine.query("count rows", &sql, &bounds(span), pair)? {
            let Some(session) = session else { continue };
            let counted = if copies.count(&session) == 0 {
                usize::try_from(count).unwrap_or_default()
            } else {
                let [since, until] = bounds(span);
                let key = [since, until, Value::Text(session.clone())];
                let messages = engine.query("count rows", &each, &key, Row::text)?;
                let is_own = |message: &&Option<String>| {
                    !copies.contains(Some(&session), message.as_deref())
                };
                messages.iter().filter(is_own).count()
            };
            *place(counts.entry(session).or_default()) = counted;
        }
    }
    Ok(counts)
}
