//! Of every file operation what questions about all of them ask.

use std::rc::Rc;

use domain::{FileChange, UnixMs};

use super::{
    copies::Copies,
    seen::{is_asked_for, own_rows},
    usage::columns,
    usage_sums::Span,
};
use crate::{Holder, StoreError};

/// The statement. It reads every operation of the time that is asked for: that is what the question is.
pub fn statement() -> String {
    format!(
        "SELECT session_id, message_id, path, operation, ordered_at_unix_ms, message_id \
         FROM file_operations \
         WHERE path IS NOT NULL AND {}",
        is_asked_for()
    )
}

/// One operation on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSeen {
    /// Its session.
    pub session_id: Option<Rc<str>>,
    /// The file, as the agent names it.
    pub path: Rc<str>,
    /// What became of it.
    pub operation: Option<FileChange>,
    /// What orders it.
    pub at: Option<UnixMs>,
    /// The message that did it.
    pub message_id: Option<Rc<str>>,
}

/// Every operation of a time that names a file, without copies, in no order.
///
/// # Errors
/// The engine failed.
pub fn files_seen(
    holder: &Holder<'_>,
    span: Span,
    copies: &Copies,
) -> Result<Vec<FileSeen>, StoreError> {
    let files = own_rows(
        holder,
        ("look for files", &statement()),
        span,
        copies,
        |row, names, session_id| {
            let path = names.shared(row.text()?);
            let operation = columns(row, "file_operations", "operation")?;
            let at = row.integer()?.and_then(UnixMs::new);
            let message_id = names.shared(row.text()?);
            Ok(path.map(|path| FileSeen { session_id, path, operation, at, message_id }))
        },
    )?;
    Ok(files.into_iter().flatten().collect())
}
