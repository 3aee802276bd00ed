//! What any command says beside its answer when something waits to be looked at.

use std::io::{self, Write};

use ::store::{Location, Quarantine, Spool, receipt_now};

use crate::{settings::Settings, terminal::counted};

/// A reader or the next hooks should have stored what has waited longer.
const LONG_MS: i64 = 60_000;

/// One line on standard error if quarantine is not empty, or something has waited for long.
pub fn print(settings: &Settings) {
    let location = settings.database.as_deref().map(Location::resolve);
    let Some(Ok(location)) = location else { return };
    let pieces = Quarantine::new(location.quarantine()).len();
    let has_pieces = pieces > 0;
    let waiting = Spool::new(location.spool()).waiting().unwrap_or_default();
    let (now, _) = receipt_now();
    let waits_long = waiting.oldest_unix_ms.is_some_and(|oldest| now.get() - oldest > LONG_MS);
    let (pieces, files) = (counted(pieces as u64, "piece"), counted(waiting.files, "file"));
    let line = match (has_pieces, waits_long) {
        (false, false) => return,
        (false, true) => {
            format!("waiting in the spool: {files}; `recount spool drain` stores them")
        }
        (true, false) => format!("in quarantine: {pieces}; `recount rejects list` shows them"),
        (true, true) => format!(
            "in quarantine: {pieces}, waiting in the spool: {files}; see `recount spool status`"
        ),
    };
    // Whether anyone listens changes nothing.
    let _ = writeln!(io::stderr(), "recount: {line}");
}
