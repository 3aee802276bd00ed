//! `recount hooks post-commit` and `post-rewrite`, called by the real git: every commit is in the record, and
//! none is lost to a hook.

mod failures;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Finished, PROGRAM, Run, TestEnvironment, body, say, set_mode};

/// What git calls: our hook, and beside it a note of how that ended and what it said.
const HOOK: &str = r#"#!/bin/sh
PROGRAM hooks NAME "$@" >>"$HOME/said" 2>>"$HOME/complained"
echo "NAME $?" >>"$HOME/ended"
"#;

/// Settings of a person who has our hooks in every new repository.
const SETTINGS: &str = "\
[user]\nname = A Tester\nemail = tester@example.org\n[init]\ndefaultBranch = main\ntemplateDir = ~/template\n\
[protocol \"file\"]\nallow = always\n";

/// A person whose new repositories all have our hooks.
fn person() -> TestEnvironment {
    let environment = TestEnvironment::new();
    let hooks = environment.home().join("template/hooks");
    fs::create_dir_all(&hooks).expect("a new folder");
    for name in ["post-commit", "post-rewrite"] {
        let script = HOOK.replace("PROGRAM", &format!("'{PROGRAM}'")).replace("NAME", name);
        fs::write(hooks.join(name), script).expect("a new file");
        set_mode(&hooks.join(name), 0o755);
    }
    fs::write(environment.home().join(".gitconfig"), SETTINGS).expect("a new file");
    environment
}

/// A work tree.
struct Tree<'e> {
    environment: &'e TestEnvironment,
    folder: PathBuf,
}

impl<'e> Tree<'e> {
    /// A new repository.
    fn new(environment: &'e TestEnvironment, name: &str) -> Self {
        let tree = Self { environment, folder: environment.working_folder().join(name) };
        fs::create_dir(&tree.folder).expect("a new folder");
        tree.git(["init", "--quiet"]);
        tree
    }

    fn at(environment: &'e TestEnvironment, folder: impl Into<PathBuf>) -> Self {
        Self { environment, folder: folder.into() }
    }

    fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>) -> Run {
        let git = self.environment.program(Path::new("git")).arguments(arguments);
        git.working_folder(&self.folder).variable("GIT_EDITOR", "true")
    }

    /// What git answers.
    fn git<const N: usize>(&self, arguments: [&str; N]) -> String {
        self.run(arguments).finish().ends_with(0).stdout.trim_end().to_owned()
    }

    /// The repository's newest commit here.
    fn head(&self) -> String {
        self.git(["rev-parse", "HEAD"])
    }

    /// A commit of a file of its own; its id.
    fn commit(&self, name: &str) -> String {
        fs::write(self.folder.join(name), name).expect("a new file");
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--message", name]);
        self.head()
    }

    /// The same without hooks.
    fn commit_unheard(&self, name: &str) -> String {
        fs::write(self.folder.join(name), name).expect("a new file");
        self.git(["add", "--all"]);
        self.git(["-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--message", name]);
        self.head()
    }

    /// The ids of all commits by what their messages begin with.
    fn by_subject(&self) -> BTreeMap<String, String> {
        let log = self.git(["log", "--format=%s %H"]);
        let lines = log.lines().filter_map(|line| line.split_once(' '));
        lines.map(|(subject, id)| (subject.to_owned(), id.to_owned())).collect()
    }

    /// Our hook, called by hand.
    fn hook(&self, arguments: &[&str]) -> Run {
        let run = self.environment.recount([&["hooks"], arguments].concat());
        run.working_folder(&self.folder)
    }
}

/// How the hooks ended that git has called so far; all of them with 0, and none has printed anything.
fn ended(environment: &TestEnvironment) -> Vec<String> {
    let read = |name| fs::read_to_string(environment.home().join(name)).unwrap_or_default();
    assert_eq!(read("said"), "");
    let ended: Vec<_> = read("ended").lines().map(str::to_owned).collect();
    assert!(ended.iter().all(|line| line.ends_with(" 0")), "{ended:?}");
    ended
}

fn complained(environment: &TestEnvironment) -> String {
    fs::read_to_string(environment.home().join("complained")).unwrap_or_default()
}

/// The commits and rewrites of the record, once all hooks have ended well: `repository commit worktree` and
/// `old new command`.
fn kept(environment: &TestEnvironment) -> (BTreeSet<String>, BTreeSet<String>) {
    ended(environment);
    assert_eq!(complained(environment), "");
    environment.run(["spool", "drain"]).ends_with(0);
    let record = environment.record();
    assert_eq!((record.rows("rejects"), record.rows("sessions")), (0, 0));
    assert_eq!(environment.quarantined(), [""; 0].map(PathBuf::from));
    let commits = record.column::<String>(
        "SELECT repository || ' ' || commit_id || ' ' || coalesce(worktree, '-') FROM commits",
    );
    let rewrites = record.column::<String>(
        "SELECT old_commit_id || ' ' || new_commit_id || ' ' || coalesce(command, '-')
         FROM commit_rewrites",
    );
    (commits.into_iter().collect(), rewrites.into_iter().collect())
}

/// The line of a commit in an ordinary repository.
fn line(tree: &Tree<'_>, commit: &str) -> String {
    let folder = tree.folder.display();
    format!("{folder}/.git {commit} {folder}")
}

fn set<T: Ord>(values: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    values.into_iter().collect()
}

#[test]
fn each_commit_is_spooled_without_a_database_and_becomes_one_row() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    let ids = ["one", "two"].map(|name| tree.commit(name));
    assert_eq!(ended(&environment), ["post-commit 0", "post-commit 0"]);
    assert!(!environment.default_database().exists() && !environment.lock().exists());
    let spooled = environment.spooled();
    assert_eq!(spooled.len(), 2);
    let envelope: Value = serde_json::from_slice(&body(&spooled[0])).expect("JSON");
    let expected = json!({ "type": "commit.recorded", "payloads": [{
        "repository": tree.folder.join(".git"), "commit_id": ids[0], "worktree": tree.folder,
        "generated_at_unix_ms": envelope["payloads"][0]["generated_at_unix_ms"],
    }] });
    assert_eq!(envelope, expected);
    let lines = set(ids.map(|id| line(&tree, &id)));
    assert_eq!(kept(&environment), (lines, set([])));
    let record = environment.record();
    let times = "SELECT count(*) FROM commits WHERE generated_at_unix_ms = ordered_at_unix_ms
                     AND generated_at_unix_ms BETWEEN received_at_unix_ms - 1000 AND received_at_unix_ms";
    assert_eq!(record.number(times), 2);
}

#[test]
fn an_amended_commit_is_kept_with_the_one_that_it_replaces() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    let before = tree.commit("one");
    tree.git(["commit", "--quiet", "--amend", "--message", "better"]);
    let after = tree.head();
    assert_eq!(ended(&environment), ["post-commit 0", "post-commit 0", "post-rewrite 0"]);
    let commits = set([line(&tree, &before), line(&tree, &after)]);
    assert_eq!(kept(&environment), (commits, set([format!("{before} {after} amend")])));
}

#[test]
fn a_commit_that_is_amended_to_itself_replaces_nothing() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    let date = "2026-11-20T10:17:30Z";
    let run = |arguments: &[&str]| {
        let run = tree.run(arguments).variable("GIT_AUTHOR_DATE", date);
        run.variable("GIT_COMMITTER_DATE", date).finish().ends_with(0)
    };
    let _ = run(&["commit", "--quiet", "--allow-empty", "--message", "one"]);
    let id = tree.head();
    let _ = run(&["commit", "--quiet", "--allow-empty", "--amend", "--no-edit"]);
    assert_eq!(tree.head(), id);
    assert_eq!(ended(&environment).len(), 3);
    assert_eq!(kept(&environment), (set([line(&tree, &id)]), set([])));
}

/// Takes the second commit before the first, and the fourth into the third.
const REORDER_AND_SQUASH: &str = r#"#!/bin/sh
{ sed -n 2p "$1"; sed -n 1p "$1"; sed -n 3p "$1"; sed -n '4s/^pick/squash/p' "$1"; } >"$1.new"
mv "$1.new" "$1"
"#;

#[test]
fn a_rebase_tells_what_became_of_each_commit() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    tree.commit("zero");
    for name in ["one", "two", "three", "four"] {
        tree.commit(name);
    }
    let before = tree.by_subject();
    let editor = environment.home().join("editor");
    fs::write(&editor, REORDER_AND_SQUASH).expect("a new file");
    set_mode(&editor, 0o755);
    let rebase = tree.run(["rebase", "--quiet", "--interactive", "HEAD~4"]);
    let _ = rebase.variable("GIT_SEQUENCE_EDITOR", &editor).finish().ends_with(0);
    let after = tree.by_subject();
    assert_eq!(after.len(), 4, "{after:?}");
    let head = tree.head();
    let became =
        [("one", &after["one"]), ("two", &after["two"]), ("three", &head), ("four", &head)];
    let expected = set(became.map(|(name, new)| format!("{} {new} rebase", before[name])));
    let (commits, rewrites) = kept(&environment);
    let rebased: BTreeSet<_> =
        rewrites.into_iter().filter(|line| line.ends_with(" rebase")).collect();
    assert_eq!(rebased, expected);
    for id in before.values().chain(after.values()) {
        assert!(commits.contains(&line(&tree, id)), "{id} is missing in {commits:?}");
    }
}

#[test]
fn what_is_picked_or_made_without_a_branch_is_kept() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    let one = tree.commit("one");
    tree.git(["checkout", "--quiet", "-b", "side"]);
    let two = tree.commit("two");
    tree.git(["checkout", "--quiet", "--detach", &one]);
    let three = tree.commit("three");
    tree.git(["cherry-pick", &two]);
    let picked = tree.head();
    assert_ne!(picked, two);
    let lines = set([one, two, three, picked].map(|id| line(&tree, &id)));
    assert_eq!(kept(&environment), (lines, set([])));
}

#[test]
fn work_trees_and_clones_of_one_repository_are_told_apart_as_git_does() {
    let environment = person();
    let main = Tree::new(&environment, "r");
    let one = main.commit("one");
    main.git(["worktree", "add", "--quiet", "-b", "side", "../side tree"]);
    let side = Tree::at(&environment, environment.working_folder().join("side tree"));
    let two = side.commit("two");
    side.git(["commit", "--quiet", "--amend", "--message", "better"]);
    let better = side.head();
    main.git(["clone", "--quiet", ".", "../clone"]);
    let clone = Tree::at(&environment, environment.working_folder().join("clone"));
    let three = clone.commit("three");
    let (git, in_side) = (main.folder.join(".git"), side.folder.display());
    let of_side = |id: &str| format!("{} {id} {in_side}", git.display());
    let lines = [line(&main, &one), of_side(&two), of_side(&better), line(&clone, &three)];
    assert_eq!(kept(&environment), (set(lines), set([format!("{two} {better} amend")])));
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let environment = person();
    let library = Tree::new(&environment, "library");
    library.commit_unheard("one");
    let tree = Tree::new(&environment, "r");
    tree.git(["submodule", "--quiet", "add", "../library", "sub"]);
    let module = Tree::at(&environment, tree.folder.join("sub"));
    let inner = module.commit("two");
    let outer = tree.commit("three");
    let git = tree.folder.join(".git/modules/sub");
    let of_module = format!("{} {inner} {}", git.display(), module.folder.display());
    assert_eq!(kept(&environment), (set([of_module, line(&tree, &outer)]), set([])));
}

#[test]
fn from_a_subfolder_or_through_other_names_it_is_the_same_repository() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    fs::create_dir(tree.folder.join("deep")).expect("a new folder");
    std::os::unix::fs::symlink(&tree.folder, environment.home().join("link")).expect("a new link");
    let one = Tree::at(&environment, tree.folder.join("deep")).commit("one");
    let two = Tree::at(&environment, environment.home().join("link")).commit("two");
    let elsewhere = Tree::at(&environment, environment.home());
    let git = |arguments: &[&str]| {
        let folder = tree.folder.to_str().expect("text");
        let named = ["--git-dir", &format!("{folder}/.git"), "--work-tree", folder];
        let _ = elsewhere.run(named.iter().chain(arguments)).finish().ends_with(0);
    };
    git(&["commit", "--quiet", "--allow-empty", "--message", "three"]);
    let lines = set([one, two, tree.head()].map(|id| line(&tree, &id)));
    assert_eq!(kept(&environment), (lines, set([])));
}

#[test]
fn a_branch_that_is_packed_is_read_too() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    tree.commit_unheard("one");
    let id = tree.commit_unheard("two");
    tree.git(["pack-refs", "--all"]);
    assert!(!tree.folder.join(".git/refs/heads/main").exists());
    assert_eq!(tree.hook(&["post-commit"]).finish().output(), "");
    let after = tree.commit("three");
    let lines = set([id, after].map(|id| line(&tree, &id)));
    assert_eq!(kept(&environment), (lines, set([])));
}

#[test]
fn references_that_only_git_can_read_are_asked_for() {
    let environment = person();
    let tree = Tree { environment: &environment, folder: environment.working_folder().join("r") };
    fs::create_dir(&tree.folder).expect("a new folder");
    if tree.run(["init", "--quiet", "--ref-format=reftable"]).finish().code != Some(0) {
        say("skipped: this git knows no reftable");
        return;
    }
    let one = tree.commit("one");
    tree.git(["worktree", "add", "--quiet", "-b", "side", "../side"]);
    let side = Tree::at(&environment, environment.working_folder().join("side"));
    let two = side.commit("two");
    let git = tree.folder.join(".git");
    let lines = [line(&tree, &one), format!("{} {two} {}", git.display(), side.folder.display())];
    assert_eq!(kept(&environment), (set(lines), set([])));
}

#[test]
fn ids_of_sha_256_are_kept_too() {
    let environment = person();
    let tree = Tree { environment: &environment, folder: environment.working_folder().join("r") };
    fs::create_dir(&tree.folder).expect("a new folder");
    tree.git(["init", "--quiet", "--object-format=sha256"]);
    let before = tree.commit("one");
    assert_eq!(before.len(), 64);
    tree.git(["commit", "--quiet", "--amend", "--message", "better"]);
    let after = tree.head();
    let commits = set([line(&tree, &before), line(&tree, &after)]);
    assert_eq!(kept(&environment), (commits, set([format!("{before} {after} amend")])));
}

#[test]
fn a_hook_that_is_killed_at_any_moment_loses_nothing_that_it_has_kept() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    let (mut made, mut acknowledged) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..40_u64 {
        let id = tree.commit_unheard(&format!("round {round}"));
        let mut running = tree.hook(&["post-commit"]).start();
        thread::sleep(Duration::from_micros(round * 250));
        let ended_by_itself = running.has_ended();
        // Killed, where it still runs.
        drop(running);
        made.insert(line(&tree, &id));
        acknowledged.extend(ended_by_itself.then(|| line(&tree, &id)));
    }
    let (commits, rewrites) = kept(&environment);
    assert!(acknowledged.is_subset(&commits), "{acknowledged:?} {commits:?}");
    assert!(commits.is_subset(&made) && rewrites.is_empty());
    assert_eq!(tree.git(["rev-list", "--count", "HEAD"]), "40");
    tree.git(["fsck", "--strict"]);
}
