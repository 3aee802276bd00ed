//! What commands that ask whose lines are share: the repository, and what is in the way.

use std::path::{Path, PathBuf};

use ::store::{Store, query::session_head::session_head};
use agent_trace::{
    git::{GitError, Repository},
    record::Links,
};
use report::attribution::{Attribution, AttributionError, settle};

use super::{
    Context,
    store::{failure, open_drained},
};
use crate::{exit::ExitCode, failure::Failure};

/// Links, as the settings want them.
///
/// # Errors
/// The settings are wrong.
pub fn links(context: &Context) -> Result<Links, Failure> {
    Ok(Links { base: context.settings()?.trace.url.clone() })
}

/// The repository of a folder, beside the record, with all that was handed over stored.
///
/// # Errors
/// The folder is in no repository, or the record is not to be had.
pub fn at<'s>(
    context: &Context,
    store: &'s Store,
    folder: &Path,
) -> Result<Attribution<'s>, Failure> {
    let links = links(context)?;
    let repository = Repository::here(folder).map_err(AttributionError::from)?;
    drop(open_drained(store, "attribution")?);
    Ok(Attribution::new(store, repository, links))
}

/// Works out the records of all commits that git's hooks told of.
///
/// # Errors
/// The record is not to be had.
pub fn settle_all(context: &Context, store: &Store) -> Result<(), Failure> {
    let settled = settle(store, &links(context)?)?;
    for (repository, error) in &settled.failed {
        tracing::warn!(%repository, %error, "its commits are not looked at");
    }
    Ok(())
}

/// The same, and the commits of the repository that a session works in, where no hook tells of them.
///
/// # Errors
/// The record is not to be had.
pub fn settle_session(context: &Context, store: &Store, id: &str) -> Result<(), Failure> {
    settle_all(context, store)?;
    let folder: Option<PathBuf> = {
        let holder = open_drained(store, "session commits")?;
        let id = super::session::named(&holder, id)?;
        let session = session_head(&holder, &id).map_err(|error| failure(&error))?;
        session.and_then(|session| session.project_path.value().map(PathBuf::from))
    };
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else { return Ok(()) };
    let Ok(repository) = Repository::at(&folder) else { return Ok(()) };
    match Attribution::new(store, repository, links(context)?).records("HEAD", true) {
        Ok(_) | Err(AttributionError::Git(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl From<AttributionError> for Failure {
    fn from(error: AttributionError) -> Self {
        match &error {
            AttributionError::Store(error) => failure(error),
            AttributionError::Git(GitError::Run(cause)) => {
                Self::new(ExitCode::Io, "git cannot be run").caused_by(cause).hint("install git")
            }
            AttributionError::Git(GitError::NoRepository(_)) => {
                Self::new(ExitCode::NotFound, error.to_string())
                    .hint("change to a folder of a repository")
            }
            AttributionError::Git(_)
            | AttributionError::Outside(_)
            | AttributionError::Lines { .. } => Self::new(ExitCode::NotFound, error.to_string()),
            AttributionError::Record { .. } => Self::new(ExitCode::Unreadable, error.to_string()),
            AttributionError::File { path, action, error } => {
                Self::new(ExitCode::Io, format!("`{path}` cannot be {action}")).caused_by(error)
            }
        }
    }
}
