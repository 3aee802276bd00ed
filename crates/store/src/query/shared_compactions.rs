//! Which compactions several sessions hold: a fork copies the line of one as it is, and neither a message
//! nor the line itself says so. It counts in one of them, the first by name, as an answer does of which
//! nobody knows who copied it.

use std::collections::HashMap;

use crate::{Holder, StoreError};

/// The statement. It reads every compaction, of which there are few.
pub const STATEMENT: &str = "\
    SELECT compaction_id, min(session_id) \
    FROM compaction_events \
    WHERE message_id IS NULL \
    GROUP BY compaction_id \
    HAVING count(*) > 1";

/// Where each compaction counts that several sessions hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedCompactions {
    counts_in: HashMap<String, String>,
}

impl SharedCompactions {
    /// Whether a compaction counts in that session.
    pub fn counts(&self, session_id: &str, compaction_id: &str) -> bool {
        self.counts_in.get(compaction_id).is_none_or(|counts_in| counts_in == session_id)
    }
}

/// All of them.
///
/// # Errors
/// The engine failed.
pub fn shared_compactions(holder: &Holder<'_>) -> Result<SharedCompactions, StoreError> {
    let pairs = holder.engine.query("find shared compactions", STATEMENT, &[], |row| {
        Ok((row.text()?.unwrap_or_default(), row.text()?.unwrap_or_default()))
    })?;
    Ok(SharedCompactions { counts_in: pairs.into_iter().collect() })
}
