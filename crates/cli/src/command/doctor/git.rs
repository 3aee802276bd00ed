//! Whether git tells of commits in the repository that the working folder is in.

use report::health::{Check, Finding};

use crate::{command::setup::git, environment::Environment};

const SETUP: &str = "`recount setup git`";

/// What its hooks call; nothing outside of a repository.
pub fn finding(environment: &Environment) -> Option<Finding> {
    let git::Registered { folder, programs, missing } = git::registered(environment)?;
    let folder = folder.display();
    if programs.is_empty() {
        let found = format!("tells of no commits: nothing of recount is in `{folder}`");
        return Some(Finding::not_set_up(Check::Git, found).advised(SETUP));
    }
    // The path is absolute, and so is looked at wherever programs are looked for.
    let is_there = |program: &&String| environment.find_program(program).is_some();
    let gone = programs.iter().find(|program| !is_there(program));
    let found = match (gone, missing.first()) {
        (Some(program), _) => {
            format!("the hooks in `{folder}` call `{program}`, which is not there")
        }
        (None, Some(hook)) => format!("`{folder}/{hook}` does not call recount"),
        (None, None) => return Some(Finding::good(Check::Git, format!("hooks in `{folder}`"))),
    };
    Some(Finding::warning(Check::Git, found).advised(SETUP))
}
