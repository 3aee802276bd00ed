//! The database: whose it is at the moment, what it is, and what it says of agents and models.

use std::{collections::BTreeMap, path::Path};

use ::import::claude;
use ::store::{
    CaughtUp, DrainEnd, DrainReport, Holder, Location, Store, StoreError,
    query::{
        import_cursors::import_cursors,
        last_events::{LastEvent, last_events},
        models_used::models_used,
    },
    quick_check,
};
use domain::UnixMs;
use pricing::{PriceTable, charge};
use report::health::{Check, Finding, Verdict};

use super::{bounded::Findings, of_complaint};
use crate::{
    command::{db::DAMAGED_HINT, store::failure},
    terminal::{counted, relative_time},
    transcripts::CLAUDE,
};

/// How long ago a canary was sent that nobody looks for any more.
const OLD_CANARY_MS: i64 = 60_000;

/// What is asked of a database that is there.
pub struct Asked {
    /// Which.
    pub store: Store,
    /// What models cost.
    pub prices: PriceTable,
    /// The agents that are looked at, and whether they are set up; all others too where it is `None`.
    pub agents: Vec<(&'static str, bool)>,
    /// Whether agents are told of that are not among them.
    pub tells_others: bool,
}

/// Tells what there is to say of it, the longest last.
pub fn examine(asked: &Asked, findings: &mut Findings<'_>) {
    if let Err(error) = try_examine(asked, findings) {
        findings(of_error(&error, (asked.store.settings().clock)()));
    }
}

fn try_examine(asked: &Asked, findings: &mut Findings<'_>) -> Result<(), StoreError> {
    let store = &asked.store;
    let holder = store.open_unmigrated("doctor")?;
    findings(Finding::good(Check::Lease, "free"));
    let schema = holder.schema_version()?;
    findings(there(store.location(), schema));
    drop(holder);
    let (holder, report) = store.open_drained("doctor")?;
    stored(&report, &lines_too_long(&holder)?, findings);
    let now = (store.settings().clock)();
    let before = UnixMs::new(now.get() - OLD_CANARY_MS).unwrap_or(now);
    if holder.remove_old_canaries(before)? > 0 {
        findings(Finding::good(Check::Canary, "what an earlier one has left is removed"));
    }
    last_heard_of(asked, &holder, now, findings)?;
    findings(rejects(holder.count_rejects()?));
    prices(&asked.prices, &holder, findings)?;
    pages(&holder, findings)
}

/// What kept anything from being stored that was handed over.
fn stored(report: &DrainReport, too_long: &[String], findings: &mut Findings<'_>) {
    if let DrainEnd::Failed(error) = &report.end {
        findings(of_complaints(Check::Spool, error));
    }
    let CaughtUp { failed, end, .. } = &report.caught_up;
    if let [first, ..] = too_long {
        let files = counted(too_long.len() as u64, "file");
        let found = format!("{files} with lines over 64 MiB, which are not kept: {first}");
        let advice = "keep what matters of them: agents remove old transcripts";
        findings(Finding::warning(Check::Transcripts, found).advised(advice));
    }
    if let Some(error) = end {
        findings(of_complaints(Check::Transcripts, error));
    } else if *failed > 0 {
        let found = format!("{} could not be read just now", counted(*failed, "file"));
        findings(Finding::warning(Check::Transcripts, found).advised("standard error names them"));
    } else if too_long.is_empty() {
        findings(Finding::good(Check::Transcripts, "all that events spoke of is read"));
    }
}

/// Transcripts that still lie there, with lines that could not be taken in or kept.
fn lines_too_long(holder: &Holder<'_>) -> Result<Vec<String>, StoreError> {
    let cursors = import_cursors(holder, CLAUDE)?.into_iter();
    let told = cursors.filter_map(|(path, position)| match claude::lines_too_long(&position) {
        0 => None,
        lines => Path::new(&path).exists().then(|| format!("{lines} in `{path}`")),
    });
    Ok(told.collect())
}

fn last_heard_of(
    asked: &Asked,
    holder: &Holder<'_>,
    now: UnixMs,
    findings: &mut Findings<'_>,
) -> Result<(), StoreError> {
    let events = last_events(holder)?;
    let mut told: BTreeMap<String, Option<UnixMs>> = BTreeMap::new();
    for (agent, is_set_up) in &asked.agents {
        if *is_set_up {
            told.insert((*agent).to_owned(), None);
        }
    }
    for LastEvent { agent, at } in events {
        let agent = agent.unwrap_or_else(|| domain::UNKNOWN_AGENT.to_owned());
        let is_asked = asked.agents.iter().any(|(name, _)| *name == agent);
        if is_asked || asked.tells_others {
            told.insert(agent, at);
        }
    }
    for (agent, at) in told {
        let found = at.map_or_else(|| "none yet".to_owned(), |at| relative_time(at, now));
        findings(Finding::good(Check::LastEvent, found).of_agent(&agent));
    }
    Ok(())
}

/// A database that can be opened.
pub fn there(location: &Location, schema: i64) -> Finding {
    let path = location.database().display();
    Finding::good(Check::Database, format!("`{path}`, schema {schema}"))
}

/// So many items that were rejected.
pub fn rejects(count: u64) -> Finding {
    if count == 0 {
        return Finding::good(Check::Rejects, "none");
    }
    let found = format!("{} could not be taken in", counted(count, "item"));
    Finding::warning(Check::Rejects, found).advised("`recount rejects list` shows them")
}

fn prices(
    prices: &PriceTable,
    holder: &Holder<'_>,
    findings: &mut Findings<'_>,
) -> Result<(), StoreError> {
    let mut models: BTreeMap<(String, String), u64> = BTreeMap::new();
    for used in models_used(holder)? {
        let charge = charge(prices, used.model.as_ref(), used.at, &used.most);
        let Err(reason) = charge.cost else { continue };
        if reason.is_for_want_of_a_price() {
            let name = used.model.as_ref().map(ToString::to_string).unwrap_or_default();
            *models.entry((name, reason.to_string())).or_default() += used.messages;
        }
    }
    if models.is_empty() {
        findings(Finding::good(Check::Prices, "known of every model that took tokens"));
        return Ok(());
    }
    let told = models.into_iter().map(|((name, reason), messages)| {
        format!("{name}: {reason} ({})", counted(messages, "message"))
    });
    let told: Vec<String> = told.collect();
    findings(
        Finding::warning(Check::Prices, told.join("; "))
            .advised("name them in the settings: `prices`, see `recount config schema`"),
    );
    Ok(())
}

fn pages(holder: &Holder<'_>, findings: &mut Findings<'_>) -> Result<(), StoreError> {
    let faults = quick_check(holder)?;
    findings(match &faults[..] {
        [] => Finding::good(Check::Pages, "each can be read"),
        [first, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                count => format!(", and {}", counted(count as u64, "other fault")),
            };
            Finding::failure(Check::Pages, format!("{}{more}", first.what)).advised(DAMAGED_HINT)
        }
    });
    Ok(())
}

/// What keeps the database from being looked at.
pub fn of_error(error: &StoreError, now: UnixMs) -> Finding {
    let check = match error {
        StoreError::Held { .. } | StoreError::NoLocks { .. } | StoreError::LockedByOther(_) => {
            Check::Lease
        }
        StoreError::File { .. }
        | StoreError::NewerSchema { .. }
        | StoreError::OlderSchema { .. }
        | StoreError::Foreign(_)
        | StoreError::Replaced(_)
        | StoreError::Engine { .. }
        | StoreError::EnginePanic { .. }
        | StoreError::Decode { .. }
        | StoreError::Row { .. }
        | StoreError::NoRoom { .. }
        | StoreError::BadCopy(_) => Check::Database,
    };
    let mut finding = of_complaints(check, error);
    if let StoreError::Held { holder, .. } = error
        && let Some(since) = holder.since_unix_ms.and_then(UnixMs::new)
    {
        finding.found = format!("{}, which began {}", finding.found, relative_time(since, now));
    }
    if let StoreError::OlderSchema { .. } = error {
        finding.verdict = Verdict::Warning;
    }
    finding
}

fn of_complaints(check: Check, error: &StoreError) -> Finding {
    let failure = failure(error);
    let complaint = failure.complaints().first().cloned();
    of_complaint(check, complaint.expect("a failure has a complaint"))
}
