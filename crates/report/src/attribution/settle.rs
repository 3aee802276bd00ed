//! Works out what hooks of git told of, before anybody asks.

use std::path::Path;

use agent_trace::{git::Repository, record::Links};
use store::{
    Store,
    query::attribution::commits_told::{commits_told, repositories},
};

use super::{Attribution, AttributionError, PURPOSE};

/// What became of the repositories that git's hooks told of.
#[derive(Debug, Default)]
pub struct Settled {
    /// Commits whose record is as good as it can be now.
    pub commits: usize,
    /// Repositories that are not there any more.
    pub gone: usize,
    /// Those of which nothing can be found out now, and why.
    pub failed: Vec<(String, AttributionError)>,
}

/// Brings the record of every commit up to date that a hook of git told of, and finds out which of them are no
/// part of their repository's history any more.
///
/// # Errors
/// The store failed. What git says no to is told in the answer.
pub fn settle(store: &Store, links: &Links) -> Result<Settled, AttributionError> {
    let told: Vec<(String, Vec<String>)> = {
        let (holder, _) = store.open_drained(PURPOSE)?;
        let names = repositories(&holder)?.into_iter();
        let told = names.map(|name| {
            let told = commits_told(&holder, &name)?;
            let replaced: std::collections::HashSet<&String> =
                told.rewrites.iter().map(|(old, _)| old).collect();
            let mut commits: Vec<String> =
                told.commits.keys().filter(|id| !replaced.contains(id)).cloned().collect();
            commits.sort();
            Ok((name, commits))
        });
        told.collect::<Result<_, AttributionError>>()?
    };
    let mut settled = Settled::default();
    for (name, commits) in told {
        if !Path::new(&name).exists() {
            settled.gone += 1;
            continue;
        }
        match settle_repository(store, links, &name, &commits) {
            Ok(found) => settled.commits += found,
            Err(AttributionError::Store(error)) => return Err(error.into()),
            Err(error) => settled.failed.push((name, error)),
        }
    }
    Ok(settled)
}

fn settle_repository(
    store: &Store,
    links: &Links,
    name: &str,
    commits: &[String],
) -> Result<usize, AttributionError> {
    let attribution = Attribution::new(store, Repository::at(Path::new(name))?, links.clone());
    let settled = attribution.traces(commits)?.len();
    let abandoned = attribution.repository().abandoned(commits)?;
    store.open(PURPOSE)?.note_abandoned(name, &abandoned)?;
    Ok(settled)
}
