//! Whatever is in the way, the commit is made, the hook ends with 0, and a person is told on one line.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::BufRead,
    os::unix::ffi::OsStrExt,
    time::Duration,
};

use super::{Finished, Tree, complained, ended, kept, line, person, set};
use crate::support::{TestEnvironment, body};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// Puts a file where the spool's folder would be: nobody can write there, root neither.
fn block_the_spool(environment: &TestEnvironment) {
    let spool = environment.spool();
    fs::create_dir_all(spool.parent().expect("it has one")).expect("a new folder");
    fs::write(&spool, "no folder").expect("a new file");
}

/// Demands an end with 0 and one line of complaint.
fn let_go(finished: Finished, says: &str) {
    assert_eq!((finished.code, &*finished.stdout), (Some(0), ""), "{finished:#?}");
    let is_one_line = finished.stderr.starts_with("recount: ") && finished.stderr.ends_with('\n');
    assert!(is_one_line && finished.stderr.lines().count() == 1, "{finished:#?}");
    let _ = finished.complains(says);
}

#[test]
fn a_commit_is_made_though_nothing_can_be_kept() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    block_the_spool(&environment);
    let one = tree.commit("one");
    tree.git(["commit", "--quiet", "--amend", "--message", "better"]);
    assert_ne!(tree.head(), one);
    let main = tree.commit("two");
    tree.git(["checkout", "--quiet", "-b", "side", "HEAD~1"]);
    tree.commit("three");
    tree.git(["rebase", "--quiet", &main]);
    assert_eq!(tree.git(["rev-parse", "HEAD~1"]), main);
    let hooks = ended(&environment);
    assert!(hooks.contains(&"post-rewrite 0".to_owned()), "{hooks:?}");
    let complaints = complained(&environment);
    assert_eq!(complaints.lines().count(), hooks.len(), "{complaints}");
    let are_ours =
        complaints.lines().all(|line| line.starts_with("recount: the commit is not kept: "));
    assert!(are_ours, "{complaints}");
}

#[test]
fn whatever_is_missing_or_broken_git_is_let_go() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    let commit = || tree.hook(&["post-commit"]);
    let_go(commit().finish(), "`HEAD` leads to no commit");
    tree.commit_unheard("one");
    let rewrite = || tree.hook(&["post-rewrite", "amend"]).input(format!("{A} {B}\n"));
    for hook in [&commit, &rewrite] as [&dyn Fn() -> _; 2] {
        let no_home = hook().without_variable("HOME");
        let_go(no_home.finish(), "no folder for the database is known");
        let_go(hook().working_folder(&environment.home()).finish(), "no git repository here");
        let_go(hook().variable("GIT_DIR", "no\nwhere").finish(), "`");
        let no_place = hook().arguments(["--database", "/dev/null/r.db"]);
        let_go(no_place.finish(), "`/dev/null/r.db` cannot be used as a database");
    }
    let wrong = tree.hook(&["post-commit", "--database"]);
    let_go(wrong.finish(), "a value is required for '--database <PATH>'");
    let wrong = tree.hook(&["post-rewrite", "--database"]).input("").endless();
    let_go(wrong.finish(), "a value is required for '--database <PATH>'");
    assert_eq!(environment.spooled().len(), 0);
    block_the_spool(&environment);
    let_go(commit().finish(), "the commit is not kept");
    let_go(rewrite().finish(), "the commit is not kept");
}

#[test]
fn settings_that_are_broken_cost_no_commit() {
    let environment = person().with_settings("[hooks\n= what?\n");
    let tree = Tree::new(&environment, "r");
    let one = tree.commit_unheard("one");
    let hook = |name: &'static str| tree.hook(&[name, "word", "--colour", "red"]);
    assert_eq!(hook("post-commit").finish().output(), "");
    let lines = format!("{A} {one}\n");
    assert_eq!(hook("post-rewrite").input(lines.clone()).finish().output(), "");
    let no_home = hook("post-rewrite").input(lines).without_variable("HOME");
    let config =
        environment.settings_file().parent().map(|it| it.parent().expect("one").to_owned());
    let no_home = no_home.variable("XDG_CONFIG_HOME", config.expect("it has one"));
    let_go(no_home.finish(), "no folder for the database is known");
    fs::remove_file(environment.settings_file()).expect("it is there");
    let rewrites = set([format!("{A} {one} word")]);
    assert_eq!(kept(&environment), (set([line(&tree, &one)]), rewrites));
}

#[test]
fn a_path_that_is_text_is_kept_whatever_it_holds_and_no_other() {
    let environment = person();
    let odd = Tree::new(&environment, "new\nline \u{1b}[2J\u{202e}'\"$(touch x)");
    let id = odd.commit("one");
    assert_eq!(complained(&environment), "");
    let folder = environment.working_folder().join(OsStr::from_bytes(b"no\xfftext\n"));
    fs::create_dir(&folder).expect("a new folder");
    let lossy = Tree::at(&environment, &folder);
    lossy.git(["init", "--quiet"]);
    fs::write(folder.join("two"), "two").expect("a new file");
    lossy.git(["add", "--all"]);
    lossy.git(["commit", "--quiet", "--message", "two"]);
    assert_eq!(ended(&environment).len(), 2);
    let complaint = "recount: the commit is not kept: the path of the git folder is no UTF-8\n";
    assert_eq!(complained(&environment), complaint);
    // Of a work tree elsewhere only its own path is left out.
    let tree = Tree::new(&environment, "r");
    let one = tree.commit_unheard("one");
    let beside: [OsString; 4] =
        ["worktree".into(), "add".into(), "--quiet".into(), folder.join("tree").into()];
    let _ = tree.run(beside).finish().ends_with(0);
    let work_tree = Tree::at(&environment, folder.join("tree"));
    assert_eq!(work_tree.hook(&["post-commit"]).finish().output(), "");
    fs::remove_file(environment.home().join("complained")).expect("it is there");
    let without = format!("{} {one} -", tree.folder.join(".git").display());
    assert_eq!(kept(&environment), (set([line(&odd, &id), without]), set([])));
}

#[test]
fn what_is_rewritten_is_kept_as_far_as_it_can_be_read() {
    let environment = person().with_settings("hooks.read_timeout_ms = 300\n");
    let tree = Tree::new(&environment, "r");
    let hook = || tree.hook(&["post-rewrite"]);
    assert_eq!(hook().input("").finish().output(), "");
    assert_eq!(hook().input("\n \n").finish().output(), "");
    assert_eq!(environment.spooled().len(), 0);
    let broken = format!("{A} {B} and more\nHEAD {B}\n{A}\n{A} {}", &B[1..]);
    let_go(hook().input(broken).finish(), "3 lines of standard input without two commit ids");
    let endless = hook().input(format!("{B} {A}\n{B} {}", &A[1..])).endless();
    let finished = endless.finish();
    assert!(finished.elapsed < Duration::from_secs(8), "{:?}", finished.elapsed);
    let_go(finished, "standard input did not end in time");
    let (commits, rewrites) = kept(&environment);
    assert_eq!(commits, set([A, B].map(|id| line(&tree, id))));
    assert_eq!(rewrites, set([format!("{A} {B} -"), format!("{B} {A} -")]));
}

#[test]
fn a_long_list_of_rewrites_is_several_envelopes_that_can_all_be_read() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    let lines: Vec<_> = (0..2_500).map(|number| format!("{number:040x} {B}")).collect();
    let lines = lines.join("\n");
    assert_eq!(tree.hook(&["post-rewrite", "rebase"]).input(lines).finish().output(), "");
    let [spooled] = &environment.spooled()[..] else { panic!("one file") };
    assert_eq!(body(spooled).lines().count(), 3);
    let (commits, rewrites) = kept(&environment);
    assert_eq!((commits.len(), rewrites.len()), (1, 2_500));
}

#[test]
fn standard_input_of_a_commit_is_not_waited_for_or_read() {
    let environment = person();
    let tree = Tree::new(&environment, "r");
    let id = tree.commit_unheard("one");
    let finished = tree.hook(&["post-commit"]).input(format!("{A} {B}\n")).endless().finish();
    assert!(finished.elapsed < Duration::from_secs(4), "{:?}", finished.elapsed);
    assert_eq!(finished.output(), "");
    assert_eq!(kept(&environment), (set([line(&tree, &id)]), set([])));
}
