//! `commit.recorded`: a commit was made, as git's own hooks tell. It belongs to no session: who made it is
//! not theirs to know.

use domain::{Commit, CommitId, Field, Record, Repository, Rewrite, UnixMs};

use crate::item::{Draft, Moment, remainder};
use crate::json::Value;
use crate::wire::{AbsolutePath, Fields as _, Name, Refusal, wire};

/// The field that stays in the payload where no other commit was replaced.
const REWRITTEN_BY: &str = "rewritten_by";

wire! {
    /// A commit was made.
    CommitFields {
        /// The absolute path of the git folder that all work trees of the repository share, links resolved.
        repository: Repository,
        /// The commit.
        commit_id: CommitId,
        /// When it was made or told of, in Unix milliseconds.
        generated_at_unix_ms: UnixMs,
        /// When it was seen, in Unix milliseconds; the same by default.
        observed_at_unix_ms: Option<UnixMs>,
        /// The absolute path of the work tree in which it was made.
        worktree: Option<AbsolutePath>,
        /// The commit that this one replaces.
        rewritten_from: Option<CommitId>,
        /// What replaced it, in git's own word: `amend`, `rebase` or another.
        rewritten_by: Option<Name>,
    }
}

/// The commit, and that it took the place of another where it did.
pub(crate) fn rows(mut draft: Draft<'_, '_>) -> Result<(Record, Vec<Record>), Refusal> {
    let fields = CommitFields::take(&mut draft.object, draft.notes)?;
    let moment =
        Moment::new(draft.speaker, fields.generated_at_unix_ms, fields.observed_at_unix_ms);
    let stamp = moment.stamp(false);
    let mut commit = Commit::new(fields.repository.clone(), fields.commit_id.clone());
    (commit.generated_at, commit.ordered_at) = moment.times();
    commit.worktree = Field::new(stamp, fields.worktree.map(|path| path.0));
    let command = fields.rewritten_by.map(|name| name.0);
    // An amended commit that stays as it was within one second keeps its id.
    let rewritten_from = fields.rewritten_from.filter(|old| *old != fields.commit_id);
    let rewrite = if let Some(old) = rewritten_from {
        let mut rewrite = Rewrite::new(fields.repository, old, fields.commit_id);
        (rewrite.generated_at, rewrite.ordered_at) = moment.times();
        rewrite.command = Field::new(stamp, command);
        Some(rewrite.into())
    } else {
        let command = command.map(|word| (REWRITTEN_BY.into(), Value::Text(word.into())));
        draft.object.extend(command);
        None
    };
    commit.payload = Field::new(stamp, remainder(&draft.object));
    Ok((commit.into(), rewrite.into_iter().collect()))
}
