//! What the questions about the whole record have in common: whose rows they read, of which time, and
//! texts that many rows share.

use std::{cell::RefCell, collections::HashSet, rc::Rc};

use domain::UnixMs;
use turso::Value;

use super::{copies::Copies, usage_sums::Span};
use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row};

/// Of a row, that it is no canary's and of the time that is asked for. What has no time is of the
/// first one.
pub(super) fn is_asked_for() -> String {
    format!(
        "(session_id IS NULL OR NOT ({IS_CANARY})) \
         AND coalesce(ordered_at_unix_ms, 0) >= ?1 AND coalesce(ordered_at_unix_ms, 0) < ?2"
    )
}

/// The rows of a table that are asked for, of which each belongs to a session. Where the time has a
/// begin, only those sessions are looked into that were active since: none of their rows is ordered
/// after their last activity. They follow one another by name, as they do in an index.
pub(super) fn asked_for(table: &str, span: Span) -> String {
    let asked = is_asked_for();
    if span.since == UnixMs::EPOCH {
        return format!("FROM {table} WHERE {asked}");
    }
    format!(
        "FROM (SELECT session_id AS active_id \
               FROM sessions \
               WHERE last_activity_at_unix_ms IS NULL OR last_activity_at_unix_ms >= ?1 \
               ORDER BY session_id) AS active \
         CROSS JOIN {table} ON session_id = active_id \
         WHERE {asked}"
    )
}

/// The parameters of a statement about a time.
pub(super) fn bounds(span: Span) -> [Value; 2] {
    [span.since, span.until].map(|time| Value::Integer(time.get()))
}

/// The rows of a time, but for copies. A statement tells of each row its session and its message first;
/// `read` takes the rest.
pub(super) fn own_rows<T>(
    holder: &Holder<'_>,
    (action, sql): (&'static str, &str),
    span: Span,
    copies: &Copies,
    read: impl Fn(&mut Row, &Names, Option<Rc<str>>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let names = Names::default();
    let own = |row: &mut Row| {
        let session = row.text()?;
        let is_copy = copies.contains(session.as_deref(), row.text()?.as_deref());
        let read = read(row, &names, names.shared(session))?;
        Ok((!is_copy).then_some(read))
    };
    let rows = holder.engine.query(action, sql, &bounds(span), own)?;
    Ok(rows.into_iter().flatten().collect())
}

/// Texts that many rows share, each kept once.
#[derive(Default)]
pub(super) struct Names(RefCell<HashSet<Rc<str>>>);

impl Names {
    pub fn shared(&self, text: Option<String>) -> Option<Rc<str>> {
        let text = text?;
        let mut known = self.0.borrow_mut();
        if let Some(known) = known.get(text.as_str()) {
            return Some(Rc::clone(known));
        }
        let text: Rc<str> = text.into();
        known.insert(Rc::clone(&text));
        Some(text)
    }
}
