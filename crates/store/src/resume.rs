//! Whether sessions can be resumed, as it was looked up: beside what agents told, and never merged with
//! it.

use domain::{Resume, ResumeState, UnixMs};
use turso::Value;

use crate::{Holder, StoreError, engine::Row, write::next_revision};

/// The columns, as [`read`] reads them.
pub(crate) const COLUMNS: &str = "resume_state, resume_checked_at_unix_ms, agent_keeps_ms";

/// What a row says in these columns.
pub(crate) fn read(row: &mut Row) -> Result<Resume, StoreError> {
    let state = row.text()?.as_deref().and_then(ResumeState::named);
    Ok(Resume {
        state: state.unwrap_or(ResumeState::Unknown),
        checked_at: row.integer()?.and_then(UnixMs::new),
        agent_keeps_ms: row.integer()?,
    })
}

impl Holder<'_> {
    /// Keeps what was found out of sessions; of one that is not there, nothing.
    ///
    /// # Errors
    /// The engine failed; nothing is kept.
    pub fn keep_resume_states(&self, found: &[(&str, Resume)]) -> Result<(), StoreError> {
        if found.is_empty() {
            return Ok(());
        }
        self.engine.transaction(|engine| {
            let revision = next_revision(engine)?;
            for (session_id, resume) in found {
                let sql = "UPDATE sessions \
                     SET resume_state = ?2, resume_checked_at_unix_ms = ?3, agent_keeps_ms = ?4, \
                         revision = ?5 \
                     WHERE session_id = ?1";
                let integer = |value: Option<i64>| value.map_or(Value::Null, Value::Integer);
                let values = vec![
                    Value::Text((*session_id).to_owned()),
                    Value::Text(resume.state.as_str().to_owned()),
                    integer(resume.checked_at.map(UnixMs::get)),
                    integer(resume.agent_keeps_ms),
                    Value::Integer(revision),
                ];
                engine.execute("keep what was looked up", sql, values)?;
            }
            Ok(())
        })
    }
}
