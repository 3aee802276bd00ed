//! What is found at once, for a page that is opened again and again: nothing is run or waited for, and
//! the lease is not needed.

use ::store::Store;
use domain::UnixMs;
use report::health::Finding;

use super::{agent, database, program::Programs, settings, spool, writable};
use crate::{command::setup::AGENTS, environment::Environment, settings::Loaded};

/// What the record has said of itself.
#[derive(Clone, Copy, Debug)]
pub struct Recorded {
    /// The version of its tables.
    pub schema: i64,
    /// How many items are rejected.
    pub rejects: u64,
}

/// What there is to say, with what waited stored.
pub fn findings(
    environment: &Environment,
    loaded: &Loaded,
    store: &Store,
    recorded: Recorded,
    now: UnixMs,
) -> Vec<Finding> {
    let mut findings = vec![Programs::new(environment).own()];
    findings.extend(settings::findings(loaded));
    for agent in AGENTS {
        findings.extend(agent::registration(&agent, &(agent.look)(environment)));
    }
    let location = store.location();
    findings.push(database::there(location, recorded.schema));
    findings.extend(writable::finding(location));
    findings.push(database::rejects(recorded.rejects));
    let outbox = store.settings().outbox.as_deref();
    findings.extend(spool::findings(location, outbox, &spool::Before::default(), now));
    findings
}
