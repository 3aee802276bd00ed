//! What the questions about the whole record have in common: whose rows they read, of which time, and
//! texts that many rows share.

use std::{cell::RefCell, collections::HashSet, rc::Rc};

use turso::Value;

use super::usage_sums::Span;
use crate::canary::IS_CANARY;

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
