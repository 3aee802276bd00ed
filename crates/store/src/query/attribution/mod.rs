//! What is asked to find out whose the lines of a commit are.

pub mod attributed;
pub mod commits_told;
pub mod edit_texts;
pub mod edits_known;
pub mod operations;
pub mod prompt_before;
pub mod ranges;
pub mod session_commits;
pub mod traces;

use turso::Value;

/// So many keys are asked for at once.
const AT_ONCE: usize = 200;

/// The places of so many parameters, behind those before them.
fn places(before: usize, count: usize) -> String {
    let places: Vec<String> = (before + 1..=before + count).map(|at| format!("?{at}")).collect();
    places.join(", ")
}

/// Texts as parameters.
fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<Value> {
    texts.into_iter().map(|text| Value::Text(text.to_owned())).collect()
}
