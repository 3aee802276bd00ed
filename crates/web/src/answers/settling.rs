//! Works out whose the lines of new commits are, before anybody asks.
//!
//! The record is looked at every few seconds, from outside; only where it has another revision is anything
//! asked. It takes none of the permits of those who ask, and has the lease in short turns only.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use agent_trace::record::Links;
use report::attribution::{AttributionError, settle};
use tokio::{sync::watch, task::spawn_blocking, time::sleep};
use tracing::{error, warn};

use super::{Answers, Shared};
use crate::{reply::Refusal, serve::stopped};

/// How often is looked.
const PAUSE: Duration = Duration::from_secs(3);

/// What was done so far.
#[derive(Debug, Default)]
struct Settling {
    /// The revision up to which all is worked out, as far as it can be.
    revision: Option<i64>,
    /// What has gone wrong in the last round.
    faults: BTreeSet<String>,
}

impl Answers {
    /// Works out what is new until the server stops. What has begun then is left to run.
    pub async fn settle(self, links: Links, mut stop: watch::Receiver<bool>) {
        let mut settling = Settling::default();
        loop {
            let (shared, links) = (Arc::clone(&self.shared), links.clone());
            let round = spawn_blocking(move || {
                settling.go_on(&shared, &links);
                settling
            });
            let round = tokio::select! {
                round = round => round,
                () = stopped(&mut stop) => return,
            };
            let Ok(done) = round else {
                return error!("whose lines commits hold is not worked out any more");
            };
            settling = done;
            tokio::select! {
                () = sleep(PAUSE) => {}
                () = stopped(&mut stop) => return,
            }
        }
    }
}

impl Settling {
    fn go_on(&mut self, shared: &Shared, links: &Links) {
        // A record that nobody has made yet is not made here.
        if !shared.store.location().database().exists() {
            return;
        }
        // Who cannot have the record now looks again; what else is wrong has been logged.
        let Ok(revision) = shared.revision() else { return };
        if self.revision == Some(revision) {
            return;
        }
        match settle(&shared.store, links) {
            Ok(settled) => self.tell(settled.failed),
            Err(AttributionError::Store(error)) => {
                if let Refusal::Busy(_) = shared.judge(error) {
                    return;
                }
            }
            Err(error) => self.tell(vec![(String::new(), error)]),
        }
        // What it has kept makes another revision, of which nothing is left to do.
        self.revision = Some(revision);
    }

    /// Logs what has gone wrong, unless it went wrong in the last round too.
    fn tell(&mut self, failed: Vec<(String, AttributionError)>) {
        let mut faults = BTreeSet::new();
        for (repository, error) in failed {
            let told = format!("{repository} {error}");
            if !self.faults.contains(&told) {
                warn!(repository, %error, "whose lines commits hold is not worked out");
            }
            faults.insert(told);
        }
        self.faults = faults;
    }
}
