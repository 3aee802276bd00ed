//! `recount setup`: what becomes of the person's files.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, PermissionsExt, symlink},
    },
    path::{Path, PathBuf},
    time::SystemTime,
};

use rustix::process::geteuid;

use crate::support::{Run, TestEnvironment, set_mode};

const BUNDLE: &str = include_str!("../plugins/opencode/dist/recount.js");

/// What a folder holds: each file's bytes, mode and time, each link's target, each folder.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32, Option<SystemTime>)> {
    let mut tree = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let metadata = fs::symlink_metadata(&path).expect("it is there");
            let (mut bytes, mut modified) = (Vec::new(), None);
            if metadata.is_symlink() {
                bytes = fs::read_link(&path).expect("a link").into_os_string().into_encoded_bytes();
            } else if metadata.is_file() {
                bytes = fs::read(&path).expect("a file");
                modified = metadata.modified().ok();
            } else {
                folders.push(path.clone());
            }
            tree.insert(path, (bytes, metadata.mode(), modified));
        }
    }
    tree
}

/// The files and links of a tree without their times.
pub fn files(environment: &TestEnvironment) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
    let folder = environment.home().parent().expect("it has one").to_owned();
    let files = tree(&folder).into_iter().filter(|(path, _)| !path.is_dir() || path.is_symlink());
    files.map(|(path, (bytes, mode, _))| (path, (bytes, mode))).collect()
}

fn global_plugin(environment: &TestEnvironment) -> PathBuf {
    environment.home().join(".config/opencode/plugin/recount.js")
}

fn project_plugin(environment: &TestEnvironment) -> PathBuf {
    environment.home().join(".local/share/recount/plugins/opencode/recount.js")
}

fn projects(environment: &TestEnvironment) -> PathBuf {
    project_plugin(environment).with_file_name("projects")
}

fn entry(environment: &TestEnvironment) -> String {
    format!("file://{}", project_plugin(environment).display())
}

fn setup(environment: &TestEnvironment, options: &[&str]) -> Run {
    environment.recount(["setup", "opencode"].iter().chain(options))
}

/// Writes a file of the project, which is the working folder.
pub fn write(environment: &TestEnvironment, name: &str, text: &str) -> PathBuf {
    let path = environment.working_folder().join(name);
    fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
    fs::write(&path, text).expect("a new file");
    path
}

pub fn lines<const N: usize>(words: [(&str, &Path); N]) -> String {
    words.map(|(word, path)| format!("{word} {}\n", path.display())).concat()
}

#[test]
fn the_plugin_is_put_where_opencode_loads_it_and_taken_away_again() {
    let environment = TestEnvironment::new();
    let (before, plugin) = (files(&environment), global_plugin(&environment));
    assert_eq!(setup(&environment, &[]).finish().output(), lines([("created", &plugin)]));
    let program = fs::canonicalize(env!("CARGO_BIN_EXE_recount")).expect("it is there");
    let command = format!("const INSTALLED_COMMAND = \"{}\";", program.display());
    let expected = BUNDLE.replace("const INSTALLED_COMMAND = \"\";", &command);
    assert_eq!(fs::read_to_string(&plugin).expect("text"), expected);

    let installed = tree(&environment.home());
    let again = setup(&environment, &["--global"]).finish().output();
    assert_eq!(again, lines([("unchanged", &plugin)]));
    assert_eq!(tree(&environment.home()), installed);

    assert_eq!(setup(&environment, &["--remove"]).finish().output(), lines([("removed", &plugin)]));
    assert_eq!(files(&environment), before);
    assert!(environment.home().join(".config/opencode/plugin").is_dir(), "it may have been there");
    let again = setup(&environment, &["--remove"]).finish().output();
    assert_eq!(again, lines([("unchanged", &plugin)]));
}

#[test]
fn a_database_that_was_named_is_written_into_the_plugin_and_an_older_plugin_is_replaced() {
    let environment = TestEnvironment::new();
    let plugin = global_plugin(&environment);
    fs::create_dir_all(plugin.parent().expect("it has one")).expect("a folder");
    fs::write(&plugin, "// recount's plugin for OpenCode: an older one\n").expect("a new file");
    let named = |database: Option<&str>| {
        let text = fs::read_to_string(&plugin).expect("text");
        let line = text.lines().find(|line| line.starts_with("const INSTALLED_DATABASE"));
        let path = database.map(|name| environment.working_folder().join(name));
        let path = path.map_or_else(String::new, |path| path.display().to_string());
        assert_eq!(line, Some(&*format!("const INSTALLED_DATABASE = \"{path}\";")));
    };
    let output = setup(&environment, &["--database", "x.db"]).finish().output();
    assert_eq!(output, lines([("updated", &plugin)]));
    named(Some("x.db"));
    setup(&environment, &[]).variable("RECOUNT_DATABASE", "y.db").finish().ends_with(0);
    named(Some("y.db"));
    setup(&environment, &[]).finish().ends_with(0);
    named(None);
    // The settings file counts wherever the program is started from.
    let environment = environment.with_settings("database = \"/z.db\"");
    setup(&environment, &[]).finish().ends_with(0);
    let text = fs::read_to_string(global_plugin(&environment)).expect("text");
    assert!(text.contains("const INSTALLED_DATABASE = \"\";"), "{text}");
}

#[test]
fn a_project_gets_an_entry_and_loses_it_to_the_byte() {
    let configs: [(&str, Option<&str>); 6] = [
        ("opencode.json", None),
        ("opencode.json", Some("")),
        ("opencode.json", Some("\u{feff}{\r\n\t// mine\r\n\t\"model\": \"a/b\", // why\r\n}\r\n")),
        ("opencode.jsonc", Some("{ \"plugin\": [\"x\"], /* c */ \"a\": {} }")),
        ("opencode.jsonc", Some("{ \"plugin\": [ ] }")),
        ("opencode.json", Some("{\n  \"$schema\": \"https://opencode.ai/config.json\"\n}\n")),
    ];
    for (name, text) in configs {
        let environment = TestEnvironment::new();
        let config = environment.working_folder().join(name);
        if let Some(text) = text {
            write(&environment, name, text);
            set_mode(&config, 0o640);
        }
        let (before, plugin) = (files(&environment), project_plugin(&environment));
        let projects = projects(&environment);
        let done = if text.is_some() { "updated" } else { "created" };
        let output = setup(&environment, &["--project"]).finish().output();
        let expected = [("created", &*plugin), ("created", &projects), (done, &config)];
        assert_eq!(output, lines(expected), "{text:?}");
        let added = fs::read_to_string(&config).expect("text");
        assert_eq!(added.matches(&format!("\"{}\"", entry(&environment))).count(), 1, "{added}");

        let installed = tree(environment.home().parent().expect("it has one"));
        let again = setup(&environment, &["--project"]).finish().output();
        let expected = [("unchanged", &*plugin), ("unchanged", &projects), ("unchanged", &config)];
        assert_eq!(again, lines(expected), "{text:?}");
        assert_eq!(tree(environment.home().parent().expect("it has one")), installed, "{text:?}");

        let done = if text.is_some() { "updated" } else { "removed" };
        let output = setup(&environment, &["--project", "--remove"]).finish().output();
        let expected = [(done, &*config), ("removed", &projects), ("removed", &plugin)];
        assert_eq!(output, lines(expected), "{text:?}");
        assert_eq!(files(&environment), before, "{text:?}");
        assert!(!environment.working_folder().join(".opencode").exists());
    }
}

#[test]
fn a_named_database_is_the_projects_own_and_stands_in_its_entry() {
    let environment = TestEnvironment::new();
    let config = |project: &str| {
        let path = environment.working_folder().join(project).join("opencode.json");
        fs::read_to_string(path).expect("text")
    };
    let database = |name: &str| environment.working_folder().join(name).display().to_string();
    let pair = |path: &str| format!("[\"{}\", {{\"database\": \"{path}\"}}]", entry(&environment));
    for project in ["a", "b", "c"] {
        write(&environment, &format!("{project}/opencode.json"), "{}");
    }
    let in_project = |project: &str, options: &[&str]| {
        let run = setup(&environment, &["--project"]).arguments(options);
        run.working_folder(&environment.working_folder().join(project))
    };
    in_project("a", &["--database", &database("a.db")]).finish().ends_with(0);
    in_project("b", &[]).variable("RECOUNT_DATABASE", database("b.db")).finish().ends_with(0);
    in_project("c", &[]).finish().ends_with(0);
    for (project, entry) in [
        ("a", pair(&database("a.db"))),
        ("b", pair(&database("b.db"))),
        ("c", format!("\"{}\"", entry(&environment))),
    ] {
        assert_eq!(config(project), format!("{{\"plugin\": [ {entry} ]}}"));
    }
    let plugin = fs::read_to_string(project_plugin(&environment)).expect("text");
    assert!(plugin.contains("const INSTALLED_DATABASE = \"\";"), "{plugin}");
    // What is relative is so to the folder that it was named in.
    in_project("c", &["--database", "../{env:X}.db"]).finish().ends_with(0);
    // OpenCode puts variables and files in for what stands between braces.
    let escaped = pair(&database("c/../\\u007benv:X}.db"));
    assert_eq!(config("c"), format!("{{\"plugin\": [ {escaped} ]}}"));
}

#[test]
fn another_database_is_put_in_place_of_the_last_and_all_goes_to_the_byte() {
    let configs = [
        None,
        Some(""),
        Some("{}"),
        Some("\u{feff}{\r\n\t// mine\r\n\t\"model\": \"a/b\", // why\r\n}\r\n"),
        Some("{ \"plugin\": [\"x\"], /* c */ \"a\": {} }"),
        Some("{ \"plugin\": [ ] }"),
    ];
    for text in configs {
        let environment = TestEnvironment::new();
        let config = environment.working_folder().join("opencode.json");
        text.map(|text| write(&environment, "opencode.json", text));
        let before = files(&environment);
        let set_up = |database: Option<&str>| {
            let run = setup(&environment, &["--project"]);
            let run = match database {
                Some(path) => run.arguments(["--database", path]),
                None => run,
            };
            let output = run.finish().output();
            let word = output.lines().last().and_then(|line| line.split_once(' '));
            (word.expect("two words").0.to_owned(), fs::read_to_string(&config).expect("text"))
        };
        let (_, plain) = set_up(None);
        let pair = |path: &str| {
            let entry = format!("\"{}\"", entry(&environment));
            plain.replace(&entry, &format!("[{entry}, {{\"database\": \"{path}\"}}]"))
        };
        for (database, expected) in [
            (Some("/x.db"), pair("/x.db")),
            (Some("/y.db"), pair("/y.db")),
            (None, plain.clone()),
            (Some("/x.db"), pair("/x.db")),
        ] {
            assert_eq!(set_up(database), ("updated".to_owned(), expected.clone()), "{text:?}");
            assert_eq!(set_up(database), ("unchanged".to_owned(), expected), "{text:?}");
        }
        setup(&environment, &["--project", "--remove"]).finish().ends_with(0);
        assert_eq!(files(&environment), before, "{text:?}");
    }
}

#[test]
fn options_of_the_person_stay_beside_the_database() {
    let environment = TestEnvironment::new();
    let with =
        |options: &str| format!("{{ \"plugin\": [ [\"{}\", {options}] ] }}", entry(&environment));
    let config = write(&environment, "opencode.json", &with("{ \"command\": \"/r\" /* c */ }"));
    for (options, expected) in [
        (&["--database", "/x.db"][..], "{ \"command\": \"/r\", \"database\": \"/x.db\" /* c */ }"),
        (&["--database", "/y.db"], "{ \"command\": \"/r\", \"database\": \"/y.db\" /* c */ }"),
        (&[], "{ \"command\": \"/r\" /* c */ }"),
    ] {
        setup(&environment, &["--project"]).arguments(options).finish().ends_with(0);
        assert_eq!(fs::read_to_string(&config).expect("text"), with(expected));
    }
    let text = with("\"none\"");
    fs::write(&config, &text).expect("it is there");
    is_refused(&environment, &["--project", "--database", "/x.db"], 78, "line 1: the options");
}

#[test]
fn what_is_to_be_removed_from_elsewhere_is_hinted_at() {
    let environment = TestEnvironment::new();
    let removed = |options: &[&str]| {
        let finished = setup(&environment, &["--remove"]).arguments(options).finish();
        finished.ends_with(0).stderr
    };
    assert_eq!([removed(&[]), removed(&["--project"])], ["", ""]);

    setup(&environment, &["--project"]).finish().ends_with(0);
    let hint = "hint: this project has it: `recount setup opencode --project --remove`\n";
    assert_eq!([removed(&["--dry-run"]), removed(&[])], [hint, hint]);
    let config = environment.working_folder().join("opencode.json");
    let text = fs::read(&config).expect("it is there");
    fs::write(&config, "{ what is that").expect("it is there");
    assert_eq!(removed(&[]), "", "the project's files are not what was asked about");
    fs::write(&config, text).expect("it is there");

    setup(&environment, &[]).finish().ends_with(0);
    assert_eq!(removed(&["--project"]), "");
    let hint = "hint: it is there for all projects: `recount setup opencode --global --remove`\n";
    assert_eq!([removed(&["--project", "--dry-run"]), removed(&["--project"])], [hint, hint]);
    assert_eq!([removed(&[]), removed(&["--project"])], ["", ""]);
}

#[test]
fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let environment = TestEnvironment::new();
    let config = write(&environment, "opencode.json", "{\n  \"a\": 1\n}\n");
    let all = environment.home().parent().expect("it has one").to_owned();
    let dry = |options: &[&str]| {
        let before = tree(&all);
        let output = setup(&environment, options).arguments(["--dry-run"]).finish().output();
        assert_eq!(tree(&all), before, "{options:?}");
        output
    };
    let output = dry(&[]);
    let start = format!("would create {}\n", global_plugin(&environment).display());
    assert!(output.starts_with(&start), "{output}");
    assert!(output.contains("\n  + const INSTALLED_COMMAND = \"/"), "{output}");
    let change = format!(
        "would update {}\n  -   \"a\": 1\n  +   \"a\": 1,\n  +   \"plugin\": [\n  +     \"{}\"\n  +   ]\n",
        config.display(),
        entry(&environment),
    );
    let output = dry(&["--project"]);
    assert!(output.ends_with(&change), "{output}");

    setup(&environment, &["--project"]).finish().ends_with(0);
    let unchanged = lines([
        ("unchanged", &*project_plugin(&environment)),
        ("unchanged", &projects(&environment)),
        ("unchanged", &config),
    ]);
    assert_eq!(dry(&["--project"]), unchanged);
    let output = dry(&["--project", "--remove"]);
    assert!(output.contains(&format!("would update {}\n  -   \"a\": 1,\n", config.display())));
    let gone = format!("would remove {}\n", project_plugin(&environment).display());
    assert!(output.ends_with(&gone), "{output}");
}

#[test]
fn a_project_is_the_repository_that_the_working_folder_is_in() {
    for git in [".git/HEAD", ".git"] {
        let environment = TestEnvironment::new();
        write(&environment, &format!("outer/inner/{git}"), "gitdir: elsewhere");
        write(&environment, "outer/opencode.json", "{}");
        let inner = environment.working_folder().join("outer/inner");
        fs::create_dir_all(inner.join("a/b")).expect("a new folder");
        let run = setup(&environment, &["--project"]).working_folder(&inner.join("a/b"));
        let output = run.finish().output();
        assert!(output.ends_with(&lines([("created", &inner.join("opencode.json"))])), "{output}");
        assert_eq!(fs::read_to_string(inner.join("../opencode.json")).expect("text"), "{}");
    }
}

#[test]
fn a_new_file_in_a_project_has_the_mode_that_the_person_gives_new_files() {
    let environment = TestEnvironment::new();
    let line = "umask 027 && \"$0\" setup opencode --project";
    environment.under_shell(line).finish().ends_with(0);
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&environment.working_folder().join("opencode.json")), 0o640);
    assert_eq!(mode(&project_plugin(&environment)), 0o600);
}

#[test]
fn the_entry_stays_in_the_file_that_has_it_and_follows_a_moved_data_folder() {
    let environment = TestEnvironment::new();
    let old = "/elsewhere/recount/plugins/opencode/recount.js";
    let text = format!("{{ \"plugin\": [ \"x\", [\"file://{old}\", {{ \"a\": 1 }}] ] }}");
    let json = write(&environment, "opencode.json", "{}");
    let jsonc = write(&environment, "opencode.jsonc", &text);
    setup(&environment, &["--project"]).finish().ends_with(0);
    assert_eq!(fs::read_to_string(&json).expect("text"), "{}");
    let expected = text.replace(&format!("file://{old}"), &entry(&environment));
    assert_eq!(fs::read_to_string(&jsonc).expect("text"), expected);
    setup(&environment, &["--project", "--remove"]).finish().ends_with(0);
    assert_eq!(fs::read_to_string(&jsonc).expect("text"), "{ \"plugin\": [ \"x\" ] }");
}

#[test]
fn the_plugin_stays_for_other_projects() {
    let environment = TestEnvironment::new();
    let work = environment.working_folder();
    for name in ["a", "b", "c"] {
        fs::create_dir(work.join(name)).expect("a new folder");
        let run = setup(&environment, &["--project"]).working_folder(&work.join(name));
        run.finish().ends_with(0);
    }
    fs::remove_dir_all(work.join("c")).expect("it is there");
    let remove = |name: &str| {
        let run = setup(&environment, &["--project", "--remove"]).working_folder(&work.join(name));
        run.finish().output()
    };
    let output = remove("a");
    assert!(output.ends_with(&lines([("unchanged", &project_plugin(&environment))])), "{output}");
    let output = remove("b");
    assert!(output.ends_with(&lines([("removed", &project_plugin(&environment))])), "{output}");
}

#[test]
fn a_link_is_followed_and_stays_one() {
    let environment = TestEnvironment::new();
    let target = write(&environment, "dotfiles/opencode.json", "{ \"a\": 1 }");
    let link = environment.working_folder().join("opencode.json");
    symlink("dotfiles/opencode.json", &link).expect("a new link");
    let before = files(&environment);
    let output = setup(&environment, &["--project"]).finish().output();
    assert!(output.ends_with(&lines([("updated", &link)])), "{output}");
    assert!(link.is_symlink());
    assert!(fs::read_to_string(&target).expect("text").contains(&entry(&environment)));
    setup(&environment, &["--project", "--remove"]).finish().ends_with(0);
    assert_eq!(files(&environment), before);
}

#[test]
fn what_we_made_and_somebody_has_linked_to_is_emptied_and_not_taken_away() {
    let environment = TestEnvironment::new();
    setup(&environment, &["--project"]).finish().ends_with(0);
    let link = environment.working_folder().join("opencode.json");
    let target = environment.home().join("opencode.json");
    fs::rename(&link, &target).expect("it is there");
    symlink(&target, &link).expect("a new link");
    setup(&environment, &["--project", "--remove"]).finish().ends_with(0);
    let left = "{\n  \"$schema\": \"https://opencode.ai/config.json\"\n}\n";
    assert_eq!(fs::read_to_string(&link).expect("the link leads somewhere"), left);
}

/// Runs with these options, which has to end so and to change no file.
fn is_refused(environment: &TestEnvironment, options: &[&str], code: i32, complaint: &str) {
    let before = files(environment);
    let finished = setup(environment, options).finish().ends_with(code).complains(complaint);
    assert_eq!(finished.stdout, "", "{options:?}");
    assert!(files(environment) == before, "{options:?}: {complaint}");
}

#[test]
fn a_configuration_that_is_none_is_named_and_left_alone() {
    let long = format!("{{ \"a\": \"{}\" }}", "x".repeat(100 << 20));
    let deep = "[".repeat(1 << 20);
    let cases: [(&str, &str); 9] = [
        ("{\n  \"a\": 1,\n  b\n}", "opencode.json`, line 3, column 3: "),
        ("\n", "opencode.json`, line 1: no JSON object is in it"),
        ("[]", "opencode.json`, line 1: no JSON object is in it"),
        ("{ \"plugin\": {} }", "line 1: `plugin` has to be a list"),
        ("{\n\"plugin\": \"x\" }", "line 2: `plugin` has to be a list"),
        ("{ \"plugin\": null }", "line 1: `plugin` has to be a list"),
        ("{ \"plugin\": [], \"plugin\": [] }", "`plugin` is there a second time"),
        (&deep, "line 1, column 513: "),
        (&long, "opencode.json` is longer than 8388608 bytes"),
    ];
    for (text, complaint) in cases {
        let environment = TestEnvironment::new();
        write(&environment, "opencode.json", text);
        is_refused(&environment, &["--project"], 78, complaint);
        is_refused(&environment, &["--project", "--dry-run"], 78, complaint);
        is_refused(&environment, &["--project", "--remove"], 78, complaint);
    }
    let environment = TestEnvironment::new();
    let config = environment.working_folder().join("opencode.json");
    fs::write(&config, b"{ \"a\": \"\xff\" }").expect("a new file");
    is_refused(&environment, &["--project"], 78, "opencode.json` is no text: invalid utf-8");
    fs::remove_file(&config).expect("it is there");
    // The one with our entry may be the other.
    write(&environment, "opencode.json", "{}");
    write(&environment, "opencode.jsonc", "{");
    is_refused(&environment, &["--project"], 78, "opencode.jsonc`, line 1, column 1: ");
}

#[test]
fn a_file_of_somebody_else_in_our_place_is_left_alone() {
    let environment = TestEnvironment::new();
    for (path, options) in [
        (global_plugin(&environment), &["--global"]),
        (project_plugin(&environment), &["--project"]),
    ] {
        fs::create_dir_all(path.parent().expect("it has one")).expect("a new folder");
        fs::write(&path, "export const mine = async () => ({});\n").expect("a new file");
        for more in ["--dry-run", "--remove"] {
            let complaint = "recount.js` is not recount's plugin\nhint: move it away";
            is_refused(&environment, options, 78, complaint);
            is_refused(&environment, &[options[0], more], 78, complaint);
        }
    }
}

#[test]
fn what_is_no_file_is_left_alone() {
    let environment = TestEnvironment::new();
    let config = environment.working_folder().join("opencode.json");
    fs::create_dir(&config).expect("a new folder");
    is_refused(&environment, &["--project"], 74, "opencode.json` is no file");
    fs::remove_dir(&config).expect("it is empty");
    for target in ["nowhere", "opencode.json"] {
        symlink(target, &config).expect("a new link");
        is_refused(&environment, &["--project"], 74, "opencode.json` is a link that leads nowhere");
        fs::remove_file(&config).expect("it is there");
    }
    fs::create_dir_all(global_plugin(&environment)).expect("a new folder");
    is_refused(&environment, &[], 74, "recount.js` is no file");
}

#[test]
fn a_folder_that_cannot_be_used_is_74() {
    let environment = TestEnvironment::new();
    let folder = environment.home().join(".config/opencode");
    fs::create_dir(environment.home().join(".config")).expect("a new folder");
    fs::write(&folder, "a file").expect("a new file");
    is_refused(&environment, &[], 74, "recount.js` cannot be read: Not a directory");
    fs::remove_file(&folder).expect("it is there");
    symlink("nowhere", &folder).expect("a new link");
    is_refused(&environment, &[], 74, "recount.js` cannot be written: ");
}

#[test]
fn what_may_not_be_read_or_written_is_74() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    let config = write(&environment, "opencode.json", "{}");
    set_mode(&environment.working_folder(), 0o555);
    let run = setup(&environment, &["--project"]).finish();
    run.ends_with(74).complains("opencode.json` cannot be written: Permission denied");
    assert_eq!(fs::read_to_string(&config).expect("text"), "{}");
    set_mode(&environment.working_folder(), 0o755);
    if geteuid().is_root() {
        set_mode(&config, 0o600);
        let finished = setup(&environment, &["--project"]).finish();
        finished.ends_with(74).complains("opencode.json` cannot be read: Permission denied");
    }
}

#[test]
fn what_its_owner_has_made_read_only_is_left_alone() {
    let environment = TestEnvironment::new();
    let config = write(&environment, "opencode.json", "{}");
    set_mode(&config, 0o444);
    let complaint = "opencode.json` would have to be changed, and is read-only for its owner";
    for options in [&["--project"][..], &["--project", "--dry-run"]] {
        is_refused(&environment, options, 74, complaint);
    }
    set_mode(&config, 0o644);
    setup(&environment, &["--project"]).finish().ends_with(0);
    set_mode(&config, 0o444);
    // It is as it should be.
    setup(&environment, &["--project"]).finish().ends_with(0);
    is_refused(&environment, &["--project", "--remove"], 74, complaint);
}

#[test]
fn without_a_home_it_says_what_to_set() {
    let environment = TestEnvironment::new();
    for (option, complaint) in [
        ("--global", "no folder for OpenCode's settings is known: neither `XDG_CONFIG_HOME`"),
        ("--project", "no folder for the plugin is known: neither `XDG_DATA_HOME`"),
    ] {
        let run = setup(&environment, &[option]).without_variable("HOME").finish();
        run.ends_with(78).complains(complaint).complains("hint: set `HOME`");
    }
    let folder = environment.working_folder().join("x");
    let run = setup(&environment, &[]).without_variable("HOME");
    run.variable("XDG_CONFIG_HOME", &folder).finish().ends_with(0);
    assert!(folder.join("opencode/plugin/recount.js").exists());
}

#[test]
fn a_path_that_opencode_cannot_load_is_refused() {
    let environment = TestEnvironment::new();
    let folder = environment.working_folder().join("what?");
    let run = setup(&environment, &["--project"]).variable("XDG_DATA_HOME", folder);
    run.finish().ends_with(78).complains("OpenCode loads no plugin from `");
    let folder = environment.working_folder().join("a b%20#ü");
    let run = setup(&environment, &["--project"]).variable("XDG_DATA_HOME", folder);
    run.finish().ends_with(0);
    let config = environment.working_folder().join("opencode.json");
    let config = fs::read_to_string(config).expect("text");
    assert!(config.contains("/a%20b%2520%23%C3%BC/recount/plugins/"), "{config}");
}

#[test]
fn a_database_that_is_no_text_is_refused_and_nothing_to_take_away() {
    let environment = TestEnvironment::new();
    let named = |options: &[&str]| {
        setup(&environment, options).variable("RECOUNT_DATABASE", OsStr::from_bytes(b"/\xff.db"))
    };
    for option in ["--project", "--global"] {
        let finished = named(&[option]).finish();
        finished
            .ends_with(78)
            .complains(".db` is not UTF-8 and cannot be told to OpenCode\nhint: ");
        assert!(files(&environment).is_empty());
        setup(&environment, &[option]).finish().ends_with(0);
        named(&[option, "--remove"]).finish().ends_with(0);
        assert!(files(&environment).is_empty());
    }
}

#[test]
fn setups_at_once_do_it_once() {
    let environment = TestEnvironment::new();
    let work = environment.working_folder();
    let folders = ["same", "same", "same", "other", "third"].map(|name| work.join(name));
    for folder in &folders {
        fs::create_dir_all(folder).expect("a folder");
        fs::write(folder.join("opencode.json"), "{ \"a\": 1 }").expect("a new file");
    }
    let options = [&["--project"][..], &[]];
    let runs: Vec<_> = (folders.iter())
        .flat_map(|folder| options.map(|options| (folder, options)))
        .map(|(folder, options)| setup(&environment, options).working_folder(folder).start())
        .collect();
    for run in runs {
        let _ = run.finish().ends_with(0);
    }
    for folder in &folders {
        let text = fs::read_to_string(folder.join("opencode.json")).expect("text");
        assert_eq!(text.matches(&entry(&environment)).count(), 1, "{text}");
        assert_eq!(fs::read_dir(folder).expect("a folder").count(), 1, "nothing is left over");
    }
    let list = fs::read(projects(&environment)).expect("it is there");
    assert_eq!(list.split_inclusive(|&byte| byte == 0).count(), 3);
}

#[test]
fn without_what_to_set_up_it_is_listed() {
    let environment = TestEnvironment::new();
    let finished = environment.run(["setup"]).ends_with(64);
    let hint =
        "hint: `recount setup WHAT`, where WHAT is one of: claude, codex, gemini, git, opencode\n";
    let finished = finished.complains("recount: what to set up is missing\n").complains(hint);
    assert_eq!(finished.stdout, "");
    environment.run(["setup", "emacs"]).ends_with(64).complains("'emacs'");
    setup(&environment, &["--project", "--global"]).finish().ends_with(64).complains("--global");
}
