//! Times as people write them: a day, a moment, or how long ago.

use domain::UnixMs;
use jiff::tz::TimeZone;
use report::times;

use crate::{exit::ExitCode, failure::Failure};

const HINT: &str =
    "write a day (`2026-11-20`), a time (`2026-11-20T08:00:00Z`) or how long ago (`7d`, `12h`)";

/// The time zone of that name, else the person's own.
///
/// # Errors
/// There is none of that name.
pub fn zone(name: Option<&str>) -> Result<TimeZone, Failure> {
    let Some(name) = name else { return Ok(TimeZone::system()) };
    times::zone(name).ok_or_else(|| {
        Failure::new(ExitCode::Usage, format!("no time zone is called `{name}`"))
            .hint("write one of the IANA database, such as `Europe/Paris` or `UTC`")
    })
}

/// When it begins: the day, or the moment.
///
/// # Errors
/// It is neither.
pub fn since(text: &str, now: UnixMs, zone: &TimeZone) -> Result<UnixMs, Failure> {
    times::since(text, now, zone).ok_or_else(|| wrong(text))
}

/// When it ends: at the end of the day, or at the moment.
///
/// # Errors
/// It is neither.
pub fn until(text: &str, now: UnixMs, zone: &TimeZone) -> Result<UnixMs, Failure> {
    times::until(text, now, zone).ok_or_else(|| wrong(text))
}

fn wrong(text: &str) -> Failure {
    Failure::new(ExitCode::Usage, format!("`{text}` is no time")).hint(HINT)
}
