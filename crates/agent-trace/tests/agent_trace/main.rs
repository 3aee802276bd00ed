//! What agent-trace makes of patches, through its public door.

mod patch_applied;
mod patch_corpus;
mod patch_git;
mod patch_header;
mod patch_hostile;
mod patch_hunk;
mod patch_invariants;
mod patch_property;
mod patch_refused;
mod patch_told;
