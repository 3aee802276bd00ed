//! Which conversation wrote which line: patches of agents against commits.
//!
//! Pure but for `git`, which runs the program of that name. It knows no database.

pub mod patch;
