//! What any command says beside its answer when something waits to be looked at.

use std::io::{self, Write};

use ::store::{Location, Quarantine, Spool, receipt_now};

use crate::settings::Settings;

/// A reader or the next hooks should have stored what has waited longer.
const LONG_MS: i64 = 60_000;

/// One line on standard error if quarantine is not empty, or something has waited for long.
pub fn print(settings: &Settings) {
    let location = settings.database.as_deref().map(Location::resolve);
    let Some(Ok(location)) = location else { return };
    let pieces = Quarantine::new(location.quarantine()).len();
    let waiting = Spool::new(location.spool()).waiting().unwrap_or_default();
    let (now, _) = receipt_now();
    let waits_long = waiting.oldest_unix_ms.is_some_and(|oldest| now.get() - oldest > LONG_MS);
    let line = match (pieces, waits_long) {
        (0, false) => return,
        (0, true) => {
            format!("{} files wait in the spool; `recount spool drain` stores them", waiting.files)
        }
        (pieces, false) => {
            format!("{pieces} pieces are in quarantine; `recount rejects list` shows them")
        }
        (pieces, true) => format!(
            "{pieces} pieces are in quarantine and {} files wait in the spool; see `recount spool status`",
            waiting.files
        ),
    };
    // Whether anyone listens changes nothing.
    let _ = writeln!(io::stderr(), "recount: {line}");
}
