//! What lies beside the database: what waits, what nobody can read, and what hooks had to say.

use std::{fs, path::Path, time::UNIX_EPOCH};

use ::store::{Location, Quarantine, Spool, Waiting};
use domain::UnixMs;
use report::health::{Check, Finding};

use crate::terminal::{counted, relative_time};

/// Who hands over goes on; what has waited longer than that should have been stored.
const LONG_MS: i64 = 60_000;

/// What was said longer ago is of no matter any more.
const LOG_AGE_MS: i64 = 24 * 60 * 60 * 1000;

/// What waited before the database was looked at, which stores what waits.
#[derive(Default)]
pub struct Before {
    spool: Waiting,
    outbox: Waiting,
}

impl Before {
    /// As it is now.
    pub fn of(location: &Location, outbox: Option<&Path>) -> Self {
        let waiting = |folder: &Path| Spool::new(folder).waiting().unwrap_or_default();
        Self { spool: waiting(&location.spool()), outbox: outbox.map(waiting).unwrap_or_default() }
    }
}

/// What there is to say of it afterwards.
pub fn findings(
    location: &Location,
    outbox: Option<&Path>,
    before: &Before,
    now: UnixMs,
) -> Vec<Finding> {
    let outbox = outbox.map(|folder| waiting(Check::Outbox, folder, &before.outbox, now));
    let spool = waiting(Check::Spool, &location.spool(), &before.spool, now);
    let rest = [quarantine(location), log(&location.log(), now)];
    [spool].into_iter().chain(outbox).chain(rest).collect()
}

fn waiting(check: Check, folder: &Path, before: &Waiting, now: UnixMs) -> Finding {
    let spool = Spool::new(folder);
    let waiting = match spool.waiting() {
        Ok(waiting) => waiting,
        Err(error) => return Finding::failure(check, error.to_string()),
    };
    let unfinished = match spool.unfinished() {
        0 => String::new(),
        count => format!("; {} that no writer has finished", counted(count as u64, "file")),
    };
    let age = |waiting: &Waiting| {
        let oldest = waiting.oldest_unix_ms.and_then(UnixMs::new);
        oldest.map(|oldest| format!(", the oldest from {}", relative_time(oldest, now)))
    };
    if waiting.files == 0 {
        let stored = match before.files {
            0 => String::new(),
            files => {
                let age = age(before).unwrap_or_default();
                format!("; {} stored just now{age}", counted(files, "file"))
            }
        };
        return Finding::good(check, format!("nothing waits{stored}{unfinished}"));
    }
    let (files, age) = (counted(waiting.files, "file"), age(&waiting).unwrap_or_default());
    let found = format!("{files} of {} bytes to be stored{age}{unfinished}", waiting.bytes);
    if waiting.oldest_unix_ms.is_some_and(|oldest| now.get() - oldest > LONG_MS) {
        return Finding::warning(check, found)
            .advised("`recount spool drain` stores them, or says what is in the way");
    }
    Finding::good(check, found)
}

fn quarantine(location: &Location) -> Finding {
    match Quarantine::new(location.quarantine()).len() {
        0 => Finding::good(Check::Quarantine, "empty"),
        count => {
            let found = format!("{} could not be read", counted(count as u64, "piece"));
            Finding::warning(Check::Quarantine, found).advised("`recount rejects list` shows them")
        }
    }
}

fn log(path: &Path, now: UnixMs) -> Finding {
    let Ok(metadata) = fs::metadata(path) else {
        return Finding::good(Check::Log, "hooks had nothing to say");
    };
    let written = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let written = written.and_then(|since| i64::try_from(since.as_millis()).ok());
    let written = written.and_then(UnixMs::new).unwrap_or(now);
    let content = fs::read(path).unwrap_or_default();
    let content = String::from_utf8_lossy(&content);
    let is_trouble =
        |line: &&str| [" WARN ", "ERROR ", "internal error"].iter().any(|word| line.contains(word));
    let troubles = content.lines().filter(is_trouble).count() as u64;
    let found = format!(
        "{} in `{}`, written to {}",
        counted(troubles, "complaint"),
        path.display(),
        relative_time(written, now)
    );
    if troubles > 0 && now.get() - written.get() < LOG_AGE_MS {
        Finding::warning(Check::Log, found).advised("look at its last lines")
    } else {
        Finding::good(Check::Log, found)
    }
}
