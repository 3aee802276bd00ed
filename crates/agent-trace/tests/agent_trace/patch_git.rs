//! What the real git writes, held against the files that it wrote it of.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use agent_trace::patch::{Change, FilePatch, parse};
use tempfile::TempDir;

use crate::patch_applied::apply;
use crate::patch_invariants::check_any_text;

/// Where a version of a file is.
#[derive(Clone, Copy)]
enum Side<'a> {
    /// In a commit, or without a name in the index.
    Revision(&'a str),
    /// In the folder.
    WorkTree,
}

/// A repository that knows no settings but its own.
struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self { folder: TempDir::new().expect("a folder") };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    fn git(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.command(arguments).output().expect("git can be run");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        output.stdout
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_EXTERNAL_DIFF",
            "GIT_DIFF_OPTS",
        ] {
            command.env_remove(name);
        }
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "A").env(format!("GIT_{role}_EMAIL"), "a@b");
            command.env(format!("GIT_{role}_DATE"), "1700000000 +0000");
        }
        command.env("HOME", self.folder.path()).env("XDG_CONFIG_HOME", self.folder.path());
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("LC_ALL", "C").current_dir(self.folder.path()).args(arguments);
        command
    }

    fn text(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.git(arguments)).expect("it is text").trim_end().to_owned()
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    /// Commits what is there, upon parents.
    fn commit(&self, parents: &[&str]) -> String {
        self.git(&["add", "--all"]);
        let tree = self.text(&["write-tree"]);
        let mut arguments = vec!["commit-tree", &tree, "-m", "x"];
        arguments.extend(parents.iter().flat_map(|parent| ["-p", parent]));
        self.text(&arguments)
    }

    /// What a file is; nothing where there is none.
    fn read(&self, side: Side<'_>, path: Option<&str>) -> Vec<u8> {
        match (path, side) {
            (None, _) => Vec::new(),
            (Some(path), Side::Revision(revision)) => {
                self.command(&["show", &format!("{revision}:{path}")]).output().expect("git").stdout
            }
            (Some(path), Side::WorkTree) => {
                fs::read(self.folder.path().join(path)).expect("a file")
            }
        }
    }

    /// Checks a diff: its names against `--name-status`, its hunks against the files.
    fn check(&self, settings: &[&str], arguments: &[&str], old: Side<'_>, new: Side<'_>) {
        let run = |how: &[&str]| self.git(&[settings, &["diff"], how, arguments].concat());
        let diff = run(&[]);
        assert!(check_any_text(&diff), "{settings:?} {arguments:?}");
        let files = parse(&diff).expect("it is a patch");
        let told: Vec<_> = files.iter().map(status).collect();
        assert_eq!(told, statuses(&run(&["--name-status", "-z"])), "{settings:?} {arguments:?}");
        for file in files.iter().filter(|file| !file.is_binary) {
            let before = self.read(old, file.old_path.as_deref());
            let after = self.read(new, file.new_path.as_deref());
            assert!(
                apply(&before, file, 0) == after,
                "{settings:?} {arguments:?} {:?}",
                file.path()
            );
            check_numbers(file, &before, &after);
        }
    }
}

/// The numbers of lines are those in the files.
fn check_numbers(file: &FilePatch<'_>, old: &[u8], new: &[u8]) {
    let line = |text: &[u8], number: u64| {
        let place = usize::try_from(number - 1).expect("tests are small");
        text.split(|byte| *byte == b'\n').nth(place).map(<[u8]>::to_vec)
    };
    for hunk in &file.hunks {
        for (number, added) in hunk.added() {
            assert_eq!(line(new, number).as_deref(), Some(added.text), "{:?}", file.path());
        }
        for (number, removed) in hunk.removed() {
            assert_eq!(line(old, number).as_deref(), Some(removed.text), "{:?}", file.path());
        }
    }
}

/// A letter and the names, as `--name-status` has them.
type Status = (char, Vec<String>);

fn status(file: &FilePatch<'_>) -> Status {
    let both = [file.old_path.clone(), file.new_path.clone()].into_iter().flatten();
    let one = file.path().map(str::to_owned).into_iter();
    match file.change {
        Change::Created => ('A', one.collect()),
        Change::Deleted => ('D', one.collect()),
        Change::Modified => ('M', one.collect()),
        Change::Renamed => ('R', both.collect()),
        Change::Copied => ('C', both.collect()),
    }
}

fn statuses(output: &[u8]) -> Vec<Status> {
    let text = str::from_utf8(output).expect("it is text");
    let mut words = text.split_terminator('\0');
    let mut statuses = Vec::new();
    while let Some(letter) = words.next().and_then(|word| word.chars().next()) {
        let names = if matches!(letter, 'R' | 'C') { 2 } else { 1 };
        statuses.push((letter, words.by_ref().take(names).map(str::to_owned).collect()));
    }
    statuses
}

/// Numbered lines.
fn numbered(lines: usize) -> String {
    (1..=lines).map(|line| format!("line {line}\n")).collect::<Vec<_>>().concat()
}

/// A commit with all kinds of files.
fn before(repository: &Repository) -> String {
    repository.write("plain", numbered(40));
    repository.write("a/x", "a\n");
    repository.write("b/x", "b\n");
    repository.write("blank b/blank", "a\nb\n");
    repository.write("tab\t\"quote\"\\\n\u{e4}", "a\n");
    repository.write("moved", numbered(20));
    repository.write("source", format!("s\n{}", numbered(30)));
    repository.write("script", "a\n");
    repository.write("bytes", b"a\0b");
    repository.write("gone", "a\nb");
    repository.write("empty gone", "");
    repository.write("no line feed", "a\nb");
    repository.write("line feed", "a\nb\n");
    repository.write("windows", "a\r\nb\r\nc\r\n");
    repository.write("no utf-8", b"a\n\xff\n");
    repository.write("sql", "-- a\n-- b\n++ c\n@@ -1 +1 @@\n\n\n");
    repository.commit(&[])
}

/// A commit in which each of them has changed.
fn after(repository: &Repository, parent: &str) -> String {
    let folder = repository.folder.path();
    repository.write(
        "plain",
        numbered(40).replace("line 3\n", "").replace("line 20\n", "20\nx\n") + "end\n",
    );
    repository.write("a/x", "A\n");
    repository.write("b/x", "");
    repository.write("blank b/blank", "a\nB\n");
    repository.write("tab\t\"quote\"\\\n\u{e4}", "b\n");
    rename(folder, "moved", "moved to\t\u{e4} b/x");
    repository.write("copy", format!("s\n{}", numbered(30).replace("line 7\n", "7\n")));
    repository.write("a/new", "\n\n");
    repository.write("empty new", "");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.join("script"), mode).expect("a mode can be set");
    repository.write("bytes", b"a\0c");
    fs::remove_file(folder.join("gone")).expect("it was there");
    fs::remove_file(folder.join("empty gone")).expect("it was there");
    repository.write("no line feed", "a\nb\n");
    repository.write("line feed", "a\nc");
    repository.write("windows", "a\r\nB\r\nc\n");
    repository.write("no utf-8", b"b\n\xff\xfe\n");
    repository.write("sql", "++ c\n-- d\n-- b\n++ e\n\n@@ -2 +2 @@\n");
    repository.commit(&[parent])
}

fn rename(folder: &Path, old: &str, new: &str) {
    let new = folder.join(new);
    fs::create_dir_all(new.parent().expect("it has one")).expect("a folder");
    fs::rename(folder.join(old), new).expect("it was there");
}

#[test]
fn commits_are_read_whatever_the_form() {
    let repository = Repository::new();
    let old = before(&repository);
    let new = after(&repository, &old);
    let (old, new) = (old.as_str(), new.as_str());
    let forms: [&[&str]; 10] = [
        &[],
        &["--no-renames"],
        &["-C", "--find-copies-harder"],
        &["-B10%/10%", "-M10%"],
        &["-U0"],
        &["-U9999"],
        &["--no-prefix"],
        &["--binary"],
        &["--full-index", "--patience", "--function-context"],
        &["--inter-hunk-context=5", "--ignore-submodules"],
    ];
    let settings: [&[&str]; 4] = [
        &[],
        &["-c", "core.quotePath=false"],
        &["-c", "diff.mnemonicPrefix=true"],
        &["-c", "diff.noprefix=true", "-c", "diff.suppressBlankEmpty=true"],
    ];
    for (form, setting) in forms.iter().flat_map(|form| settings.map(|setting| (form, setting))) {
        let (before, after) = (Side::Revision(old), Side::Revision(new));
        repository.check(setting, &[*form, &[old, new]].concat(), before, after);
        repository.check(setting, &[*form, &["-R", old, new]].concat(), after, before);
    }
}

#[test]
fn the_index_and_the_work_tree_have_prefixes_of_their_own() {
    let repository = Repository::new();
    let old = before(&repository);
    repository.git(&["update-ref", "HEAD", &old]);
    let new = after(&repository, &old);
    repository.git(&["read-tree", &old]);
    repository.git(&["add", "--intent-to-add", "."]);
    for setting in ["diff.mnemonicPrefix=true", "diff.noprefix=true"] {
        let settings = ["-c", setting];
        repository.check(&settings, &[], Side::Revision(""), Side::WorkTree);
        repository.check(&settings, &["-R"], Side::WorkTree, Side::Revision(""));
        repository.check(&settings, &["HEAD"], Side::Revision("HEAD"), Side::WorkTree);
        repository.git(&["read-tree", &new]);
        repository.check(&settings, &["--cached"], Side::Revision("HEAD"), Side::Revision(""));
        repository.git(&["read-tree", &old]);
        repository.git(&["add", "--intent-to-add", "."]);
    }
}

#[test]
fn mails_and_commits_are_read_with_what_is_around_the_diff() {
    let repository = Repository::new();
    let old = before(&repository);
    let new = after(&repository, &old);
    let diff = repository.git(&["diff", "-M", "--binary", &old, &new]);
    let expected = parse(&diff).expect("it is a patch");
    for how in [
        &["show"][..],
        &["log", "-p", "--stat", "--raw", "-1"],
        &["format-patch", "--stdout", "-1"],
    ] {
        let text = repository.git(&[how, &["-M", "--binary", &new]].concat());
        assert_eq!(parse(&text).as_ref(), Ok(&expected), "{how:?}");
    }
}

/// Numbers by chance, the same ones each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn word(&mut self) -> &'static str {
        if self.below(2) == 0 { "x\n" } else { "y\n" }
    }

    /// A text with some lines of another gone, changed and added.
    fn change(&mut self, text: &str) -> String {
        let mut changed = String::new();
        for line in text.split_inclusive('\n') {
            match self.below(8) {
                0 => {}
                1 => changed.extend(["-- ", self.word()]),
                2 => changed.extend([line, "++ ", self.word()]),
                _ => changed.push_str(line),
            }
        }
        changed
    }
}

#[test]
fn merges_are_read_for_each_parent() {
    let repository = Repository::new();
    let mut chance = Chance(7);
    for round in 0..24 {
        let base = numbered(12);
        let mut commit = |parents: &[&str]| {
            repository.write("merged \u{e4}", chance.change(&base));
            repository.commit(parents)
        };
        let parents: Vec<String> = (0..2 + round % 3).map(|_| commit(&[])).collect();
        let merge = commit(&parents.iter().map(String::as_str).collect::<Vec<_>>());
        check_merge(&repository, &parents, &merge);
    }
}

/// Checks a combined diff against all parents, and a dense one, which leaves some changes out, by its numbers.
fn check_merge(repository: &Repository, parents: &[String], merge: &str) {
    let new = |file: &FilePatch<'_>| repository.read(Side::Revision(merge), file.path());
    let whole = repository.git(&["show", "-c", merge]);
    for file in parse(&whole).expect("it is a patch") {
        for (place, parent) in parents.iter().enumerate() {
            let old = repository.read(Side::Revision(parent), file.path());
            assert!(apply(&old, &file, place) == new(&file), "{}", whole.escape_ascii());
        }
    }
    let dense = repository.git(&["show", "--cc", merge]);
    for file in parse(&dense).unwrap_or_default() {
        let old = repository.read(Side::Revision(&parents[0]), file.path());
        check_numbers(&file, &old, &new(&file));
    }
    assert!(check_any_text(&whole), "{}", whole.escape_ascii());
}

#[test]
fn merges_have_all_kinds_of_files() {
    let repository = Repository::new();
    let old = before(&repository);
    let new = after(&repository, &old);
    for path in ["plain", "script", "comes"] {
        repository.write(path, "merged\n");
    }
    repository.write("bytes", b"a\0d");
    fs::remove_file(repository.folder.path().join("a/x")).expect("it was there");
    let merge = repository.commit(&[&old, &new]);
    let text = repository.git(&["show", "--cc", &merge]);
    let files = parse(&text).expect("it is a patch");
    let told: Vec<_> = files.iter().map(|file| (status(file), file.is_binary)).collect();
    let file = |letter, name: &str, is_binary| ((letter, vec![name.to_owned()]), is_binary);
    assert_eq!(
        told,
        [
            file('D', "a/x", false),
            file('M', "bytes", true),
            file('A', "comes", false),
            file('M', "plain", false),
            file('M', "script", false),
        ]
    );
}
