//! Which messages of the whole record count in another session, so that what they did is told once.

use std::collections::{HashMap, HashSet};

use super::elsewhere::{COUNTS_IN, IS_UNTOLD_COPY};
use crate::{Holder, StoreError, engine::Row};

/// The statement that finds copies of what nobody can tell, with the index that holds them and no more.
pub fn untold_sql() -> (String, &'static str) {
    let sql = format!("SELECT session_id, message_id FROM messages WHERE {IS_UNTOLD_COPY}");
    (sql, "messages_untold")
}

/// The statement that finds where answers that several sessions hold do not count, with the indexes that
/// hold the answers, and the rows of one.
pub fn elsewhere_sql() -> (String, [&'static str; 2]) {
    let sql = format!(
        "SELECT messages.session_id, messages.message_id \
         FROM (SELECT message_id AS shared_id \
               FROM messages \
               WHERE request_id IS NOT NULL \
               GROUP BY message_id \
               HAVING count(*) > 1) AS shared \
         CROSS JOIN messages ON messages.message_id = shared_id \
         WHERE {COUNTS_IN} IS NOT NULL"
    );
    (sql, ["messages_answers", "messages_by_message_id"])
}

/// Messages that count in another session than the one that holds them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    by_session: HashMap<String, HashSet<String>>,
}

impl Copies {
    /// Whether that message of that session is one. What belongs to no message is none.
    pub fn contains(&self, session_id: Option<&str>, message_id: Option<&str>) -> bool {
        let messages = session_id.and_then(|session| self.by_session.get(session));
        messages.zip(message_id).is_some_and(|(messages, id)| messages.contains(id))
    }

    /// How many of the messages of a session are.
    pub fn count(&self, session_id: &str) -> usize {
        self.by_session.get(session_id).map_or(0, HashSet::len)
    }

    fn insert(&mut self, session_id: String, message_id: String) {
        self.by_session.entry(session_id).or_default().insert(message_id);
    }
}

/// All of them.
///
/// # Errors
/// The engine failed.
pub fn copies(holder: &Holder<'_>) -> Result<Copies, StoreError> {
    let mut copies = Copies::default();
    let pair =
        |row: &mut Row| Ok((row.text()?.unwrap_or_default(), row.text()?.unwrap_or_default()));
    for sql in [untold_sql().0, elsewhere_sql().0] {
        for (session, message) in holder.engine.query("find copies", &sql, &[], pair)? {
            copies.insert(session, message);
        }
    }
    Ok(copies)
}
