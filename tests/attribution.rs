//! Whose lines are, case by case: each folder of `tests/attribution` tells a story, and what comes of it.
//!
//! Beside a `story` (`story.rs` says what its steps are) lie the patches that it names, `expected.json` with
//! the Agent Trace records of its commits, and `blame` where it asks for lines of files.
//! `INSTA_UPDATE=always` writes these two anew; then each line is to be compared again.

mod agents;
mod change;
mod golden;
mod story;
mod world;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use self::world::World;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/attribution");

macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        const NAMES: &[&str] = &[$(stringify!($case)),*];

        $(#[test]
        fn $case() {
            run(stringify!($case));
        })*
    };
}

cases! {
    agent_that_commits,
    amend,
    binary,
    cherry_pick,
    crlf,
    deletion,
    edit_that_comes_later,
    formatter,
    human_between,
    ignored_revision,
    linked_worktree,
    linked_worktree_that_is_gone,
    many_edits_to_one_place,
    merge_clean,
    merge_conflict,
    merge_conflict_by_an_agent,
    merge_squash,
    model_that_comes_later,
    move_between_files,
    moved_repository,
    no_newline_at_the_end,
    one_edit,
    partial_staging,
    rebase_onto_a_newer_commit,
    rebase_reorder_and_squash,
    records_by_a_file,
    records_by_notes,
    rename,
    revert,
    session_that_is_removed,
    shell,
    spaces_and_non_ascii,
    started_above,
    started_behind_a_link,
    two_agents,
    unreadable_diff,
    without_hooks,
    write_then_person,
    write_then_rebase,
    write_without_a_diff,
}

fn run(name: &str) {
    let case = Path::new(CASES).join(name);
    let story = fs::read_to_string(case.join("story")).expect("a case has a story");
    let found = World::new(&case).tell(&story::read(&story));
    let records = golden::print(&Value::Array(found.records), 0) + "\n";
    golden::demand(&case.join("expected.json"), &records);
    if !found.blame.is_empty() || case.join("blame").exists() {
        golden::demand(&case.join("blame"), &found.blame);
    }
}

#[test]
fn every_folder_is_a_case() {
    let entries = fs::read_dir(CASES).expect("it is there").map(|entry| entry.expect("an entry"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(folders, NAMES.iter().map(|name| (*name).to_owned()).collect());
}
