//! What the questions about the whole record have in common: whose rows they read, of which time, and
//! texts that many rows share.

use std::{cell::RefCell, collections::HashSet, rc::Rc};

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
