//! How the record is kept, for whoever opens `/settings`: what the record says of itself, and once it
//! is free again, what lies around it.

use std::{fs, path::Path, sync::Arc};

use ::store::{
    Store,
    query::{last_events::last_events, sessions_known::sessions_known},
};
use domain::UnixMs;
use report::{
    ReportError, Source,
    health::Health,
    installation::{HeardAgent, Installation, KnownPrice, Place, Reached, Retention, Versions},
};
use web::AskInstallation;

use crate::{
    command::{
        Context,
        doctor::brief::{self, Recorded},
    },
    environment::Environment,
    settings::{self, Loaded},
};

/// What is known when the server starts.
struct Around {
    environment: Environment,
    loaded: Loaded,
    store: Store,
    server: Reached,
}

/// What the record says.
struct Said {
    recorded: Recorded,
    agents: Vec<HeardAgent>,
    prices: Vec<KnownPrice>,
    sessions_too_old: usize,
    now: UnixMs,
}

/// What asks it.
pub fn asking(context: &Context, store: &Store, server: Reached) -> AskInstallation {
    let (environment, loaded) = (context.environment.clone(), context.loaded.clone());
    let around = Arc::new(Around { environment, loaded, store: store.clone(), server });
    Arc::new(move |source| {
        let said = said(source, &around.loaded.settings.retention)?;
        let around = Arc::clone(&around);
        Ok(Box::new(move || around.installation(said)))
    })
}

fn said(source: &Source<'_>, retention: &settings::Retention) -> Result<Said, ReportError> {
    let Source { holder, prices, now, .. } = source;
    let recorded = Recorded { schema: holder.schema_version()?, rejects: holder.count_rejects()? };
    let agents = last_events(holder)?
        .into_iter()
        .map(|heard| HeardAgent { agent: heard.agent, last_at_unix_ms: heard.at.map(UnixMs::get) });
    let agents = agents.collect();
    let sessions_too_old = match retention.active_since(*now) {
        Some(since) => {
            let known = sessions_known(holder)?.into_iter();
            known.filter(|session| session.last_activity_at.is_some_and(|at| at < since)).count()
        }
        None => 0,
    };
    Ok(Said { recorded, agents, prices: KnownPrice::all(prices), sessions_too_old, now: *now })
}

impl Around {
    fn installation(&self, said: Said) -> Installation {
        let Self { environment, loaded, store, server } = self;
        let Said { recorded, agents, prices, sessions_too_old, now } = said;
        let findings = brief::findings(environment, loaded, store, recorded, now);
        let set = &loaded.settings.retention;
        Installation {
            versions: Versions { program: env!("CARGO_PKG_VERSION"), schema: recorded.schema },
            health: Health::of(findings),
            agents,
            places: self.places(),
            retention: Retention {
                max_age_days: set.max_age_days,
                max_bytes: set.max_bytes,
                auto: set.auto,
                sessions_too_old,
            },
            prices,
            server: server.clone(),
        }
    }

    fn places(&self) -> Vec<Place> {
        let location = self.store.location();
        let beside = [
            ("write-ahead log", location.wal()),
            ("spool", location.spool()),
            ("quarantine", location.quarantine()),
            ("log of hooks", location.log()),
        ];
        let mut places = vec![place("database", location.database())];
        places.extend(beside.iter().map(|(name, path)| place(name, path)));
        let outbox = self.store.settings().outbox.as_deref();
        places.extend(outbox.map(|path| place("outbox of plugins", path)));
        places.extend(self.loaded.file.as_deref().map(|path| place("settings file", path)));
        places
    }
}

/// What is at a path; of a folder all files in it together.
fn place(name: &'static str, path: &Path) -> Place {
    let shown = path.display().to_string();
    let (mut files, mut bytes) = (None, fs::metadata(path).map(|found| found.len()).ok());
    if let Ok(entries) = fs::read_dir(path) {
        let lengths = entries.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()));
        let (count, sum) = lengths.fold((0, 0), |(count, sum), length| (count + 1, sum + length));
        (files, bytes) = (Some(count), Some(sum));
    }
    Place { name, path: shown, bytes, files }
}
