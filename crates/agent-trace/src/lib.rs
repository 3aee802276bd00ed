//! Which conversation wrote which line: patches of agents against commits.
//!
//! Pure but for `git`, which runs the program of that name. It knows no database.

mod attribution;
mod commit;
mod edit;
pub mod git;
mod matching;
pub mod patch;
pub mod record;
mod written;

pub use self::{
    attribution::{Attributed, AttributedFile, AttributedRange, Contributor, Drift},
    commit::{AddedLine, Before, CommittedFile, patch_id},
    edit::{Edit, EditScope, Origin, Told},
    matching::attribute,
    written::lines_of,
};
