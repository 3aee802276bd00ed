//! What is asked to find out whose the lines of a commit are.
//!
//! Several keys are asked for one after the other: of a list of keys the engine uses the first column of an
//! index only (turso 0.8.3).

pub mod attributed;
pub mod commits_told;
pub mod edit_texts;
pub mod edits_known;
pub mod operations;
pub mod prompt_before;
pub mod ranges;
pub mod repositories;
pub mod session_commits;
pub mod traces;
