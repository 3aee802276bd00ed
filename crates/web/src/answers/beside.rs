//! Questions for which programs are run: never while the lease is held, so they take it themselves, in
//! short turns.

use agent_trace::git::GitError;
use report::attribution::AttributionError;
use sha2::{Digest, Sha256};
use store::{Store, StoreError};

use super::{Answer, Answers, Text};
use crate::{reply::Refusal, token};

/// Such a question: asks, and gives what makes the text.
pub(crate) type AskBeside = Box<dyn FnOnce(&Store) -> Result<Text, Unanswered> + Send>;

/// Why it has no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// It is refused.
    Refused(Refusal),
    /// The store failed.
    Store(StoreError),
}

impl Answers {
    /// Answers a question beside the lease. What it is about changes without the record too, so the answer
    /// is known by its text.
    pub async fn answer_beside(
        &self,
        known: impl Fn(&str) -> bool + Send + 'static,
        ask: AskBeside,
    ) -> Result<Answer, Refusal> {
        self.run(&self.shared.beside, move |shared| {
            let text = ask(&shared.store).map_err(|unanswered| match unanswered {
                Unanswered::Refused(refusal) => refusal,
                Unanswered::Store(error) => shared.judge(error),
            })?;
            let data = text();
            let tag = format!("\"{}\"", token::hex(&Sha256::digest(&data)[..16]));
            Ok(if known(&tag) { Answer::Known { tag } } else { Answer::Text { data, tag } })
        })
        .await
    }
}

impl From<Refusal> for Unanswered {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Unanswered {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<GitError> for Unanswered {
    fn from(error: GitError) -> Self {
        let told = error.to_string();
        Self::Refused(match error {
            GitError::NoRepository(_) | GitError::NoCommit(_) | GitError::NoFile { .. } => {
                Refusal::NotFound(told)
            }
            // Git 2.47 says so of a file with fewer lines than were asked for.
            GitError::Failed { said, .. } if said.contains(" has only ") => {
                Refusal::NotFound(said.trim_start_matches("fatal: ").to_owned())
            }
            GitError::Run(_)
            | GitError::Failed { .. }
            | GitError::Answer { .. }
            | GitError::Patch(_) => Refusal::Failed(told),
        })
    }
}

impl From<AttributionError> for Unanswered {
    fn from(error: AttributionError) -> Self {
        let told = error.to_string();
        match error {
            AttributionError::Git(error) => error.into(),
            AttributionError::Store(error) => error.into(),
            AttributionError::Outside(_) | AttributionError::Lines { .. } => {
                Refusal::NotFound(told).into()
            }
            AttributionError::Record { .. } | AttributionError::File { .. } => {
                Refusal::Failed(told).into()
            }
        }
    }
}
