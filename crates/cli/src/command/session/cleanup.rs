//! `recount session cleanup`: marks sessions that their agents have forgotten, and removes whole ones by
//! age and by size. Agents' own stores are left alone.

use std::{fs, path::Path};

use ::store::{
    Holder, Store,
    query::{
        session_sizes::{SessionSize, session_sizes},
        sessions_known::{SessionKnown, sessions_known},
    },
    receipt_now,
};
use clap::Args;
use domain::{Resume, ResumeState, SessionId, UnixMs};
use jiff::tz::TimeZone;

use super::{
    super::{
        Context,
        store::{failure, open_drained},
        time,
    },
    resume::{
        DAY_MS,
        agent::agent_named,
        state::{self, Asked, Keeps},
    },
};
use crate::{
    exit::ExitCode, failure::Failure, settings::Retention, table::Table, terminal::counted,
    terminal::relative_time,
};

/// The file beside the database that says when it was last done by itself.
const LAST: &str = "db.cleaned-up-at";

/// Which sessions go.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Those last active before: `90d`, `2026-01-01` [default: the setting `retention.max_age_days`]
    #[arg(long, value_name = "TIME")]
    older_than: Option<String>,

    /// The longest inactive ones while all take more: `2GB` [default: `retention.max_bytes`]
    #[arg(long, value_name = "SIZE")]
    larger_than: Option<String>,

    /// Only say which would go
    #[arg(long)]
    dry_run: bool,
}

/// Does what the settings say by itself, at most once a day; what keeps it from that keeps nobody from
/// anything else.
pub fn run_by_itself(context: &Context) {
    let set = &context.loaded.settings.retention;
    if !set.auto || !context.loaded.faults.is_empty() {
        return;
    }
    let Ok(store) = context.store() else { return };
    let (now, _) = receipt_now();
    let Some(limits) = Limits::set(set, now) else { return };
    if !is_due(&store.location().database().with_extension(LAST), now) {
        return;
    }
    match remove_by_itself(context, &store, &limits, now) {
        Ok(gone) if gone.is_empty() => {}
        Ok(gone) => tracing::warn!(sessions = gone.len(), "removed as `retention` says"),
        Err(failure) => tracing::warn!(?failure, "nothing is removed, though `retention` says so"),
    }
}

fn remove_by_itself(
    context: &Context,
    store: &Store,
    limits: &Limits,
    now: UnixMs,
) -> Result<Vec<SessionSize>, Failure> {
    mark_expired(context, store, now, false)?;
    let active = active_since(now);
    let holder = open_drained(store, "session cleanup")?;
    let sizes = session_sizes(&holder).map_err(|error| failure(&error))?;
    remove(&holder, too_many(sizes, limits, active), active)
}

/// Whether it has not been done for a day; it counts as done now.
fn is_due(file: &Path, now: UnixMs) -> bool {
    let last = fs::read_to_string(file).ok().and_then(|text| text.trim().parse::<i64>().ok());
    let is_due = last.is_none_or(|last| !(last..last.saturating_add(DAY_MS)).contains(&now.get()));
    // Whoever cannot note it down would do it each time.
    is_due && fs::write(file, format!("{}\n", now.get())).is_ok()
}

/// Whoever was active within a day may go on any moment.
fn active_since(now: UnixMs) -> UnixMs {
    UnixMs::new(now.get() - DAY_MS).unwrap_or(UnixMs::EPOCH)
}

/// What may stay.
struct Limits {
    active_since: Option<UnixMs>,
    bytes: Option<i64>,
}

pub fn run(
    context: &mut Context,
    store: &Store,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let now = (store.settings().clock)();
    let limits = limits(arguments, &context.settings()?.retention, now)?;
    let expired = mark_expired(context, store, now, arguments.dry_run)?;
    let told = if arguments.dry_run { "would be marked as expired" } else { "marked as expired" };
    writeln!(context.output, "{told}: {}", counted(expired as u64, "session"));
    let Some(limits) = limits else {
        writeln!(context.output, "nothing is removed: nothing says which sessions are to go");
        return Ok(ExitCode::Ok);
    };
    let holder = open_drained(store, "session cleanup")?;
    let sizes = session_sizes(&holder).map_err(|error| failure(&error))?;
    let active = active_since(now);
    let mut going = too_many(sizes, &limits, active);
    if !arguments.dry_run {
        going = remove(&holder, going, active)?;
    }
    drop(holder);
    print(context, &going, arguments.dry_run, now);
    Ok(ExitCode::Ok)
}

impl Limits {
    /// What the settings say, where they say anything.
    fn set(set: &Retention, now: UnixMs) -> Option<Self> {
        let since = set.active_since(now);
        let bytes = i64::try_from(set.max_bytes).ok().filter(|&bytes| bytes > 0);
        (since.is_some() || bytes.is_some()).then_some(Self { active_since: since, bytes })
    }
}

/// Marks sessions that their agents keep no longer, and says how many. Only agents that say how long they
/// keep one are asked, and only about sessions whose time is over.
fn mark_expired(
    context: &Context,
    store: &Store,
    now: UnixMs,
    is_dry: bool,
) -> Result<usize, Failure> {
    let holder = open_drained(store, "session cleanup")?;
    let known = sessions_known(&holder).map_err(|error| failure(&error))?;
    drop(holder);
    let environment = &context.environment;
    let keeps = Keeps::read(environment);
    let is_over = |session: &&SessionKnown| {
        let agent = session.agent.as_deref().and_then(agent_named);
        let agent_keeps_ms = agent.and_then(|agent| keeps.ms(agent));
        let last_activity = session.last_activity_at;
        let expires = Resume { agent_keeps_ms, ..session.resume }.expires_at(last_activity);
        let is_marked = session.resume.state(last_activity) == ResumeState::Expired;
        !is_marked && expires.is_some_and(|at| at < now)
    };
    let over: Vec<_> = known.iter().filter(is_over).collect();
    let asked: Vec<_> = over.iter().map(|session| Asked::of(session)).collect();
    let found = over.iter().zip(state::check(environment, &asked, now));
    let expired = found.filter(|(_, resume)| resume.state == ResumeState::Expired);
    let expired: Vec<_> =
        expired.map(|(session, resume)| (session.session_id.as_str(), resume)).collect();
    if !is_dry {
        state::keep(store, &expired);
    }
    Ok(expired.len())
}

/// Which sessions go; nothing where nobody says.
fn limits(arguments: &Arguments, set: &Retention, now: UnixMs) -> Result<Option<Limits>, Failure> {
    let Arguments { older_than, larger_than, .. } = arguments;
    if older_than.is_none() && larger_than.is_none() {
        return Ok(Limits::set(set, now));
    }
    let since = older_than.as_deref().map(|text| time::since(text, now, &TimeZone::system()));
    let bytes = larger_than.as_deref().map(|text| {
        bytes(text).ok_or_else(|| {
            Failure::new(ExitCode::Usage, format!("`{text}` is no size"))
                .hint("write bytes or `500MB`, `2GB`, `1GiB`")
        })
    });
    Ok(Some(Limits { active_since: since.transpose()?, bytes: bytes.transpose()? }))
}

/// A size as people write it.
fn bytes(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 8] = [
        ("", 1),
        ("B", 1),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ];
    let end = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    number.parse::<i64>().ok()?.checked_mul(unit.1)
}

/// Those that go, the longest inactive last; one of which no activity is known stays.
fn too_many(sizes: Vec<SessionSize>, limits: &Limits, active: UnixMs) -> Vec<SessionSize> {
    let mut taken = 0_i64;
    let goes = |session: &SessionSize| {
        taken = taken.saturating_add(session.bytes);
        let Some(last) = session.last_activity_at_unix_ms else { return false };
        let is_old = limits.active_since.is_some_and(|since| last < since.get());
        let is_too_much = limits.bytes.is_some_and(|bytes| taken > bytes);
        last < active.get() && (is_old || is_too_much)
    };
    let mut goes = goes;
    sizes.into_iter().filter(|session| goes(session)).collect()
}

/// Removes each by itself; gives those that are gone.
fn remove(
    holder: &Holder<'_>,
    going: Vec<SessionSize>,
    active: UnixMs,
) -> Result<Vec<SessionSize>, Failure> {
    let mut gone = Vec::new();
    for session in going {
        let Ok(id) = SessionId::new(session.session_id.as_str()) else { continue };
        if holder.remove_session(&id, active).map_err(|error| failure(&error))? > 0 {
            gone.push(session);
        }
    }
    Ok(gone)
}

fn print(context: &mut Context, going: &[SessionSize], is_dry: bool, now: UnixMs) {
    let mut table = Table::new(&["session", "agent", "active", "bytes"]);
    for session in going {
        let last = session.last_activity_at_unix_ms.and_then(UnixMs::new);
        table.add([
            session.session_id.clone(),
            session.agent.clone().unwrap_or_else(|| "unknown".to_owned()),
            last.map(|last| relative_time(last, now)).unwrap_or_default(),
            session.bytes.to_string(),
        ]);
    }
    if !going.is_empty() {
        table.print(&mut context.output);
    }
    let bytes: i64 = going.iter().map(|session| session.bytes).sum();
    let sessions = counted(going.len() as u64, "session");
    let done = if is_dry { "would be removed" } else { "removed" };
    writeln!(context.output, "{done}: {sessions}, about {bytes} bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_with_a_unit() {
        let cases = [
            ("0", Some(0)),
            ("500MB", Some(500_000_000)),
            ("2 GiB", Some(2 << 30)),
            ("1kb", Some(1_000)),
            ("", None),
            ("-1", None),
            ("1.5GB", None),
            ("1PB", None),
            ("9223372036854775807GB", None),
        ];
        for (text, expected) in cases {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}
