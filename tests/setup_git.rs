//! `recount setup git`: what becomes of the hooks of a repository, and what git does with them.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use crate::{
    setup::{files, lines, tree},
    support::{Finished, PROGRAM, Run, TestEnvironment, set_mode},
};

const CONFIG: &str = "[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n\
                      [protocol \"file\"]\nallow = always\n";

/// What stands in for a recount: a shell would make something else of its path in many ways.
const RECORDER: &str = "it's \"one\" $(x) `y` \\ !/recount";

fn setup(environment: &TestEnvironment, options: &[&str]) -> Run {
    environment.recount(["setup", "git"].iter().chain(options))
}

/// A world with a repository in its working folder.
fn repository() -> TestEnvironment {
    let environment = TestEnvironment::new();
    make_repository(&environment, &environment.working_folder());
    environment
}

fn make_repository(environment: &TestEnvironment, folder: &Path) {
    fs::write(environment.home().join(".gitconfig"), CONFIG).expect("a new file");
    git(environment, folder, &["init", "--quiet"]);
    write(&folder.join("file"), "one\n", 0o644);
    git(environment, folder, &["add", "file"]);
    git(environment, folder, &["commit", "--quiet", "--message", "first"]);
}

fn try_git(environment: &TestEnvironment, folder: &Path, arguments: &[&str]) -> Finished {
    environment.program(Path::new("git")).arguments(arguments).working_folder(folder).finish()
}

fn git(environment: &TestEnvironment, folder: &Path, arguments: &[&str]) -> String {
    try_git(environment, folder, arguments).ends_with(0).stdout
}

fn commit(environment: &TestEnvironment, folder: &Path, more: &[&str]) -> Finished {
    let arguments = ["commit", "--quiet", "--allow-empty", "--message", "next"];
    try_git(environment, folder, &[&arguments, more].concat())
}

fn hook(environment: &TestEnvironment, name: &str) -> PathBuf {
    environment.working_folder().join(".git/hooks").join(name)
}

/// The hooks that are always set up.
fn both(folder: &Path) -> [PathBuf; 2] {
    ["post-commit", "post-rewrite"].map(|name| folder.join(name))
}

fn write(path: &Path, text: impl AsRef<[u8]>, mode: u32) {
    fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
    fs::write(path, text).expect("a file");
    set_mode(path, mode);
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("text")
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_str().expect("UTF-8").replace('\'', r#"'"'"'"#))
}

/// Where the recorder writes what it is called with and what it reads.
fn log(environment: &TestEnvironment) -> PathBuf {
    environment.home().join("log")
}

fn recorder(environment: &TestEnvironment) -> PathBuf {
    environment.home().join(RECORDER)
}

/// Has the hooks in a folder call a program that writes down what it is told, and then fails.
fn record(environment: &TestEnvironment, folder: &Path) {
    let (log, recorder) = (quoted(&log(environment)), recorder(environment));
    let script = format!("#!/bin/sh\necho told\n{{ echo \"$@\"; cat; }} >>{log}\nexit 7\n");
    write(&recorder, script, 0o755);
    let program = fs::canonicalize(PROGRAM).expect("it is there");
    for name in ["post-commit", "post-rewrite", "commit-msg"] {
        let path = folder.join(name);
        if path.is_file() {
            let text = read(&path).replace(&quoted(&program), &quoted(&recorder));
            fs::write(&path, text).expect("it is there");
        }
    }
}

/// What the recorder was told since it was asked the last time.
fn told(environment: &TestEnvironment) -> String {
    let told = fs::read_to_string(log(environment)).unwrap_or_default();
    let _ = fs::remove_file(log(environment));
    told
}

/// Amends, and says which commits git has replaced by which.
fn amend(environment: &TestEnvironment, folder: &Path) -> String {
    let head = |()| git(environment, folder, &["rev-parse", "HEAD"]).trim().to_owned();
    let old = head(());
    commit(environment, folder, &["--amend", "--reset-author"]).ends_with(0);
    format!("{old} {}\n", head(()))
}

#[test]
fn git_tells_of_commits_until_the_hooks_are_taken_away() {
    let environment = repository();
    let work = environment.working_folder();
    let hooks = work.join(".git/hooks");
    let before = files(&environment);
    let inner = work.join("inner");
    fs::create_dir(&inner).expect("a new folder");
    let output = setup(&environment, &[]).working_folder(&inner).finish().output();
    let [post_commit, post_rewrite] = both(&hooks);
    assert_eq!(output, lines([("created", &post_commit), ("created", &post_rewrite)]));
    for path in both(&hooks) {
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o700, 0o700);
    }
    let installed = tree(&work);
    let again = setup(&environment, &[]).finish().output();
    assert_eq!(again, lines([("unchanged", &post_commit), ("unchanged", &post_rewrite)]));
    assert_eq!(tree(&work), installed);

    record(&environment, &hooks);
    let printed = commit(&environment, &work, &[]).output();
    assert_eq!((&*printed, &*told(&environment)), ("", "hooks post-commit\n"));
    let rewritten = amend(&environment, &work);
    let expected = format!("hooks post-commit\nhooks post-rewrite amend\n{rewritten}");
    assert_eq!(told(&environment), expected);
    fs::remove_file(recorder(&environment)).expect("it is there");
    assert_eq!(commit(&environment, &work, &[]).output(), "");

    // One that git does not call says so.
    set_mode(&post_commit, 0o600);
    let hint = format!("hint: git does not call `{}`: make it", post_commit.display());
    setup(&environment, &[]).finish().ends_with(0).complains(&hint);
    set_mode(&post_commit, 0o755);
    // Another program and database than before.
    let output = setup(&environment, &["--database", "x.db"]).finish().output();
    assert_eq!(output, lines([("updated", &post_commit), ("updated", &post_rewrite)]));
    assert!(read(&post_rewrite).contains(&format!(
        "hooks post-rewrite --database {} \"$@\" <<",
        quoted(&work.join("x.db"))
    )));

    git(&environment, &work, &["reset", "--quiet", "--hard"]);
    fs::remove_dir_all(recorder(&environment).parent().expect("it has one")).expect("there");
    let output = setup(&environment, &["--remove"]).finish().output();
    assert_eq!(output, lines([("removed", &post_commit), ("removed", &post_rewrite)]));
    let after = files(&environment);
    let is_hook = |path: &&PathBuf| path.starts_with(&hooks);
    assert_eq!(
        after.keys().filter(is_hook).collect::<Vec<_>>(),
        before.keys().filter(is_hook).collect::<Vec<_>>()
    );
    let again = setup(&environment, &["--remove"]).finish().ends_with(0);
    assert_eq!(again.stdout, "");
    assert_eq!(
        again.stderr,
        format!("hint: no hook in `{}` holds anything of recount\n", hooks.display())
    );
}

#[test]
fn a_script_goes_on_as_before_and_is_given_back_to_the_byte() {
    // Some end before their last line, and some stop at the first command that fails.
    let scripts: [(&str, u32); 6] = [
        ("#!/bin/sh\ncat >>rewritten\nexit 3\n", 0o755),
        ("#!/bin/sh -eu\ncat >>rewritten", 0o700),
        ("#!/usr/bin/env bash\nset -euo pipefail\nexec cat >>rewritten\n", 0o775),
        ("#! /bin/bash -e\nwhile read -r line; do echo \"$line\" >>rewritten; done\n", 0o711),
        ("cat >>rewritten\n", 0o755),
        ("#!/bin/sh -f\n\ncat >>rewritten # latin: ä\n", 0o755),
    ];
    for (script, mode) in scripts {
        let environment = repository();
        let work = environment.working_folder();
        let [post_commit, post_rewrite] = both(&work.join(".git/hooks"));
        write(&post_commit, "#!/bin/sh\necho committed >>committed\nexit 4", 0o755);
        write(&post_rewrite, script, mode);
        let before = files(&environment);
        let output = setup(&environment, &[]).finish().output();
        assert_eq!(output, lines([("updated", &post_commit), ("updated", &post_rewrite)]));
        let installed = tree(&work);
        setup(&environment, &[]).finish().ends_with(0);
        assert_eq!(tree(&work), installed, "{script}");
        let program = [read(&post_commit), read(&post_rewrite)];

        record(&environment, &work.join(".git/hooks"));
        let rewritten = amend(&environment, &work);
        let expected = format!("hooks post-commit\nhooks post-rewrite amend\n{rewritten}");
        assert_eq!(told(&environment), expected, "{script}");
        assert_eq!(read(&work.join("rewritten")), rewritten, "{script}");
        assert_eq!(read(&work.join("committed")), "committed\n");
        // Where the program is gone, all is as if we had never been there.
        fs::remove_dir_all(recorder(&environment).parent().expect("it has one")).expect("there");
        let rewritten = rewritten + &amend(&environment, &work);
        assert_eq!(read(&work.join("rewritten")), rewritten, "{script}");

        // What the commits have changed is not ours.
        for (path, text) in [&post_commit, &post_rewrite].into_iter().zip(program) {
            fs::write(path, text).expect("it is there");
        }
        let output = setup(&environment, &["--remove"]).finish().output();
        assert_eq!(output, lines([("updated", &post_commit), ("updated", &post_rewrite)]));
        let after = files(&environment);
        for path in [post_commit, post_rewrite] {
            assert_eq!(after[&path], before[&path], "{script}");
        }
    }
}

#[test]
fn what_is_read_reaches_both_to_the_last_line() {
    let environment = repository();
    let work = environment.working_folder();
    let path = hook(&environment, "post-rewrite");
    let long = "0123456789abcdef 0123456789abcdef  \\n %s $x `y`\n".repeat(4000);
    for shell in ["/bin/sh", "/bin/dash", "/bin/bash", "/bin/zsh", "/bin/ksh"] {
        if !Path::new(shell).exists() {
            continue;
        }
        write(&path, format!("#!{shell}\nset -eu\ncat >>rewritten\nexit 5\n"), 0o755);
        setup(&environment, &[]).finish().ends_with(0);
        record(&environment, &work.join(".git/hooks"));
        for input in ["", "one", "one\n", "\n", "  one \n\ntwo\n\n", &long] {
            let run = environment.program(&path).arguments(["rebase"]).input(input);
            let finished = run.finish().ends_with(5);
            assert_eq!((&*finished.stdout, &*finished.stderr), ("", ""), "{shell}");
            let whole = if input.is_empty() || input.ends_with('\n') {
                input.to_owned()
            } else {
                format!("{input}\n")
            };
            assert!(read(&work.join("rewritten")) == whole, "{shell}: {input:?}");
            let call = if whole.is_empty() { "" } else { "hooks post-rewrite rebase\n" };
            assert!(told(&environment) == format!("{call}{whole}"), "{shell}: {input:?}");
            fs::remove_file(work.join("rewritten")).expect("it was written");
        }
    }
}

#[test]
fn what_is_no_script_is_called_in_its_place() {
    const PERL: &str =
        "#!/usr/bin/perl\nopen F, '>>', 'rewritten'; print F while <STDIN>; exit 6;\n";
    let environment = repository();
    let work = environment.working_folder();
    let folder = work.join(".git/hooks");
    let [post_commit, post_rewrite] = both(&folder);
    let target = write_target(&work);
    symlink("../../tools/hook", &post_commit).expect("a new link");
    write(&post_rewrite, PERL, 0o755);
    let commit_msg = folder.join("commit-msg");
    write(&commit_msg, "#!/bin/sh\nexit 9 # it is switched off\n", 0o644);
    let before = tree(&folder);
    let [aside, rewrite_aside, msg_aside] = [&post_commit, &post_rewrite, &commit_msg]
        .map(|path| PathBuf::from(format!("{}.before-recount", path.display())));
    let output = setup(&environment, &["--trailer"]).finish().output();
    let renamed = |from: &Path, to: &Path| {
        format!("renamed {} to {}\ncreated {}\n", from.display(), to.display(), from.display())
    };
    let expected =
        [(&post_commit, &aside), (&post_rewrite, &rewrite_aside), (&commit_msg, &msg_aside)]
            .map(|(from, to)| renamed(from, to));
    assert_eq!(output, expected.concat());
    assert!(aside.is_symlink() && !post_commit.is_symlink());
    let installed = tree(&work);
    setup(&environment, &["--trailer"]).finish().ends_with(0);
    assert_eq!(tree(&work), installed);

    if Path::new("/usr/bin/perl").exists() {
        record(&environment, &folder);
        let rewritten = amend(&environment, &work);
        let expected = format!(
            "hooks commit-msg .git/COMMIT_EDITMSG\nhooks post-commit\nhooks post-rewrite amend\n{rewritten}"
        );
        assert_eq!(told(&environment), expected);
        assert_eq!(read(&work.join("rewritten")), rewritten);
        assert_eq!(read(&work.join("committed")), "linked\n");
        let run = environment.program(&post_rewrite).input("x\n").arguments(["amend"]);
        let _ = run.finish().ends_with(6);
        setup(&environment, &["--trailer"]).finish().ends_with(0);
    }
    setup(&environment, &["--remove"]).finish().ends_with(0);
    assert_eq!(tree(&folder), before);
    assert_eq!(read(&target), TARGET);
}

const TARGET: &str = "#!/bin/sh\necho linked >>committed\n";

fn write_target(work: &Path) -> PathBuf {
    let target = work.join("tools/hook");
    write(&target, TARGET, 0o755);
    target
}

#[test]
fn a_long_program_is_called_in_its_place() {
    let environment = repository();
    let work = environment.working_folder();
    let text = format!("#!/bin/sh\necho committed >>committed\nexit 0\n{}", "x".repeat(9 << 20));
    for name in ["post-commit", "commit-msg"] {
        write(&hook(&environment, name), &text, 0o755);
    }
    setup(&environment, &[]).finish().ends_with(0);
    assert!(read(&hook(&environment, "commit-msg")) == text);
    record(&environment, &work.join(".git/hooks"));
    commit(&environment, &work, &[]).ends_with(0);
    assert_eq!(told(&environment), "hooks post-commit\n");
    assert_eq!(read(&work.join("committed")), "committed\ncommitted\n");
    setup(&environment, &["--remove"]).finish().ends_with(0);
    assert!(read(&hook(&environment, "post-commit")) == text);
}

#[test]
fn the_hook_of_a_message_is_there_while_it_is_asked_for() {
    let environment = repository();
    let work = environment.working_folder();
    let path = hook(&environment, "commit-msg");
    write(&path, "#!/bin/sh -e\ngrep -q next \"$1\"\n", 0o755);
    let before = read(&path);
    let output = setup(&environment, &["--trailer"]).finish().output();
    assert!(output.ends_with(&lines([("updated", &path)])), "{output}");
    record(&environment, path.parent().expect("it has one"));
    // Ours fails and changes nothing; theirs still can.
    commit(&environment, &work, &[]).ends_with(0);
    assert_eq!(told(&environment), "hooks commit-msg .git/COMMIT_EDITMSG\nhooks post-commit\n");
    let _ = commit(&environment, &work, &["--message", "no"]);
    let refused = ["commit", "--quiet", "--allow-empty", "--message", "no"];
    let _ = try_git(&environment, &work, &refused).ends_with(1);
    let output = setup(&environment, &[]).finish().output();
    assert!(output.ends_with(&lines([("updated", &path)])), "{output}");
    assert_eq!(read(&path), before);
    setup(&environment, &["--trailer"]).finish().ends_with(0);
    setup(&environment, &["--remove"]).finish().ends_with(0);
    assert_eq!(read(&path), before);
    let both = setup(&environment, &["--trailer", "--remove"]).finish();
    both.ends_with(64).complains("--trailer");
}

#[test]
fn the_hooks_are_where_git_looks_for_them() {
    let environment = repository();
    let work = environment.working_folder();
    let shared = environment.home().join("hooks");
    let inner = work.join("a/b");
    fs::create_dir_all(&inner).expect("a new folder");
    for (set, folder, hint) in [
        (".githooks/x", work.join(".githooks/x"), "belongs to the project"),
        ("../outside", work.parent().expect("it has one").join("outside"), "is outside of this"),
        ("~/hooks", shared, "is outside of this repository: every repository that has its"),
    ] {
        git(&environment, &work, &["config", "core.hooksPath", set]);
        let finished = setup(&environment, &[]).working_folder(&inner).finish().ends_with(0);
        let [post_commit, post_rewrite] = both(&folder);
        let expected = lines([("created", &post_commit), ("created", &post_rewrite)]);
        assert_eq!(finished.stdout, expected);
        assert!(finished.stderr.starts_with(&format!("hint: `{}` {hint}", folder.display())));
        record(&environment, &folder);
        commit(&environment, &work, &[]).ends_with(0);
        assert_eq!(told(&environment), "hooks post-commit\n", "{set}");
        setup(&environment, &["--remove"]).finish().ends_with(0);
        assert_eq!(fs::read_dir(&folder).expect("it stays").count(), 0);
    }
    // What a hook of git is started with leads to no other repository.
    git(&environment, &work, &["config", "--unset", "core.hooksPath"]);
    fs::remove_dir_all(work.join(".git/hooks")).expect("it is there");
    let run =
        setup(&environment, &[]).variable("GIT_DIR", "elsewhere").variable("GIT_PREFIX", "a/");
    run.finish().ends_with(0);
    assert!(hook(&environment, "post-commit").is_file());
    // A folder that is named, from somewhere else.
    let run = setup(&environment, &["--remove", "--repository", "work/a"]);
    let run = run.working_folder(work.parent().expect("it has one"));
    run.finish().ends_with(0);
    assert!(!hook(&environment, "post-commit").exists());
}

#[test]
fn husky_calls_the_projects_own_file() {
    // `h` of husky 9.1, without what is not needed here.
    const H: &str = "#!/usr/bin/env sh\nn=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n\
                     [ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\nc=$?\nexit $c\n";
    const CALL: &str = "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"";
    let environment = repository();
    let work = environment.working_folder();
    let folder = work.join(".husky");
    for name in ["post-commit", "post-rewrite"] {
        write(&folder.join("_").join(name), CALL, 0o755);
    }
    write(&folder.join("_/h"), H, 0o755);
    git(&environment, &work, &["config", "core.hooksPath", ".husky/_"]);
    let [post_commit, post_rewrite] = both(&folder);
    write(&post_commit, "echo committed >>committed\n", 0o644);
    write(&work.join("tools/hook"), "cat >>rewritten", 0o644);
    symlink("../tools/hook", &post_rewrite).expect("a new link");
    let before = tree(&folder);
    let finished =
        setup(&environment, &[]).finish().ends_with(0).complains("belongs to the project");
    assert!(finished.stdout.starts_with(&lines([("updated", &post_commit)])), "{finished:?}");
    assert!(!finished.stderr.contains("chmod"), "{finished:?}");
    record(&environment, &folder);
    let rewritten = amend(&environment, &work);
    let expected = format!("hooks post-commit\nhooks post-rewrite amend\n{rewritten}");
    assert_eq!(told(&environment), expected);
    assert_eq!(read(&work.join("rewritten")), rewritten);
    assert_eq!(read(&work.join("committed")), "committed\n");
    setup(&environment, &["--remove"]).finish().ends_with(0);
    assert!(without_times(tree(&folder)) == without_times(before));
    // What is not there yet is made.
    fs::remove_file(&post_commit).expect("it is there");
    setup(&environment, &[]).finish().ends_with(0);
    record(&environment, &folder);
    commit(&environment, &work, &[]).ends_with(0);
    assert_eq!(told(&environment), "hooks post-commit\n");
}

type Tree = std::collections::BTreeMap<PathBuf, (Vec<u8>, u32, Option<std::time::SystemTime>)>;

fn without_times(tree: Tree) -> Vec<(PathBuf, Vec<u8>, u32)> {
    tree.into_iter().map(|(path, (bytes, mode, _))| (path, bytes, mode)).collect()
}

#[test]
fn working_trees_share_hooks_and_submodules_have_their_own() {
    let environment = repository();
    let work = environment.working_folder();
    let tree = environment.home().join("tree");
    let tree_name = tree.to_str().expect("UTF-8");
    git(&environment, &work, &["worktree", "add", "--quiet", tree_name]);
    let finished = setup(&environment, &[]).working_folder(&tree).finish();
    let [post_commit, post_rewrite] = both(&work.join(".git/hooks"));
    assert_eq!(finished.output(), lines([("created", &post_commit), ("created", &post_rewrite)]));
    record(&environment, &work.join(".git/hooks"));
    for folder in [&work, &tree] {
        commit(&environment, folder, &[]).ends_with(0);
        assert_eq!(told(&environment), "hooks post-commit\n");
    }

    let source = environment.home().join("source");
    fs::create_dir(&source).expect("a new folder");
    make_repository(&environment, &source);
    let source = source.to_str().expect("UTF-8");
    git(&environment, &work, &["submodule", "--quiet", "add", source, "sub"]);
    let sub = work.join("sub");
    let output = setup(&environment, &["--repository", "sub"]).finish().output();
    let hooks = work.join(".git/modules/sub/hooks");
    let [post_commit, post_rewrite] = both(&hooks);
    assert_eq!(output, lines([("created", &post_commit), ("created", &post_rewrite)]));
    record(&environment, &hooks);
    commit(&environment, &sub, &[]).ends_with(0);
    assert_eq!(told(&environment), "hooks post-commit\n");

    // Of working trees beside it, and with a path of its own.
    let bare = environment.home().join("bare");
    git(
        &environment,
        &work,
        &["clone", "--quiet", "--bare", source, bare.to_str().expect("UTF-8")],
    );
    let finished = setup(&environment, &[]).working_folder(&bare).finish();
    let [post_commit, post_rewrite] = both(&bare.join("hooks"));
    assert_eq!(finished.output(), lines([("created", &post_commit), ("created", &post_rewrite)]));
    git(&environment, &bare, &["config", "core.hooksPath", "own"]);
    let finished = setup(&environment, &[]).working_folder(&bare).finish();
    let [post_commit, post_rewrite] = both(&bare.join("own"));
    assert_eq!(finished.output(), lines([("created", &post_commit), ("created", &post_rewrite)]));
}

#[test]
fn a_dry_run_of_hooks_changes_nothing() {
    let environment = repository();
    let work = environment.working_folder();
    let [post_commit, post_rewrite] = both(&work.join(".git/hooks"));
    write(&post_commit, "#!/usr/bin/perl\n", 0o755);
    write(&post_rewrite, "#!/bin/sh\necho one\n", 0o755);
    let dry = |options: &[&str]| {
        let before = tree(&work);
        let output = setup(&environment, options).arguments(["--dry-run"]).finish().output();
        assert_eq!(tree(&work), before, "{options:?}");
        output
    };
    let output = dry(&[]);
    let aside = format!("{0} to {0}.before-recount\n", post_commit.display());
    let start = format!(
        "would rename {aside}would create {}\n  + #!/bin/sh\n  + # >>> lines of recount >>>\n",
        post_commit.display()
    );
    assert!(output.starts_with(&start), "{output}");
    let rest = format!("would update {}\n  + # >>> lines of recount >>>\n", post_rewrite.display());
    assert!(output.contains(&rest) && !output.contains("echo one"), "{output}");
    setup(&environment, &[]).finish().ends_with(0);
    let unchanged = lines([("unchanged", &post_commit), ("unchanged", &post_rewrite)]);
    assert_eq!(dry(&[]), unchanged);
    let output = dry(&["--remove"]);
    let back = format!("would rename {0}.before-recount to {0}\n", post_commit.display());
    assert!(output.starts_with(&back), "{output}");
}

/// Runs with these options, which has to end so and to change no file.
fn is_refused(environment: &TestEnvironment, options: &[&str], code: i32, complaint: &str) {
    let before = files(environment);
    let finished = setup(environment, options).finish().ends_with(code).complains(complaint);
    assert_eq!(finished.stdout, "", "{options:?}");
    assert!(files(environment) == before, "{options:?}: {complaint}");
}

#[test]
fn what_cannot_be_done_whole_is_not_begun() {
    let environment = repository();
    // The last one, so that something could have been done before.
    let path = hook(&environment, "post-rewrite");
    let aside = hook(&environment, "post-rewrite.before-recount");
    symlink("nowhere", &path).expect("a new link");
    is_refused(&environment, &[], 74, "post-rewrite` is a link that leads nowhere");
    fs::remove_file(&path).expect("it is there");
    fs::create_dir(&path).expect("a new folder");
    is_refused(&environment, &[], 74, "post-rewrite` is no file");
    fs::remove_dir(&path).expect("it is there");
    write(&path, "#!/usr/bin/perl\n", 0o755);
    write(&aside, "", 0o644);
    is_refused(&environment, &[], 74, "post-rewrite.before-recount`, which is there");
    fs::remove_file(&aside).expect("it is there");
    write(&path, "#!/bin/sh\n# >>> lines of recount >>>\n", 0o755);
    is_refused(&environment, &[], 78, "post-rewrite` has to hold the line");
    is_refused(&environment, &["--remove"], 78, "post-rewrite` has to hold the line");
    write(&path, "#!/bin/sh\n", 0o555);
    is_refused(&environment, &[], 74, "read-only for its owner");
    // What was added behind a call of what was there before would be lost.
    write(&path, "#!/usr/bin/perl\n", 0o755);
    setup(&environment, &[]).finish().ends_with(0);
    fs::write(&path, read(&path) + "echo more\n").expect("it is there");
    is_refused(&environment, &["--remove"], 78, "holds more than recount's lines");
}

#[test]
fn where_no_hooks_can_be_nothing_is_set_up() {
    let environment = TestEnvironment::new();
    let work = environment.working_folder();
    is_refused(&environment, &[], 1, "/work` is in no repository of git\nhint: run the command in");
    is_refused(&environment, &["--repository", "none"], 1, "/work/none` is not there");
    make_repository(&environment, &work);
    is_refused(&environment, &["--repository", ".git"], 1, "/work/.git` is a folder of git's own");
    for (set, complaint) in [
        ("/dev/null", "`/dev/null`, where git looks for hooks, is no folder"),
        ("file", "/work/file`, where git looks for hooks, is no folder"),
        ("", "`core.hooksPath` is empty, and so git calls no hooks"),
    ] {
        git(&environment, &work, &["config", "core.hooksPath", set]);
        let code = if set.is_empty() { 78 } else { 74 };
        is_refused(&environment, &[], code, complaint);
    }
    let run = setup(&environment, &[]).variable("PATH", "/none");
    run.finish().ends_with(1).complains("`git` is not in the `PATH`");
    // A remote is not asked for, and a folder that is not there is made.
    git(&environment, &work, &["config", "core.hooksPath", "new/hooks"]);
    setup(&environment, &[]).finish().ends_with(0);
    assert!(work.join("new/hooks/post-commit").is_file());
}

#[test]
fn hooks_in_a_folder_that_cannot_be_written_to_are_left_alone() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    let work = environment.working_folder();
    fs::write(environment.home().join(".gitconfig"), CONFIG).expect("a new file");
    git(&environment, &work, &["init", "--quiet"]);
    let folder = work.join(".git/hooks");
    set_mode(&folder, 0o555);
    is_refused(&environment, &[], 74, ".git/hooks`: Permission denied");
    set_mode(&folder, 0o755);
    setup(&environment, &[]).finish().ends_with(0);
    set_mode(&folder, 0o555);
    is_refused(&environment, &["--remove"], 74, ".git/hooks`: Permission denied");
    setup(&environment, &[]).finish().ends_with(0);
    set_mode(&folder, 0o755);
}
