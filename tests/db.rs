//! `recount db`.

use std::fs;

use crate::support::TestEnvironment;

#[test]
fn the_database_is_named_by_option_then_variable_then_file_then_platform() {
    let environment = TestEnvironment::new();
    let path = |environment: &TestEnvironment, arguments: &[&str], variables: &[(&str, &str)]| {
        let run = environment.recount(arguments);
        let run = variables.iter().fold(run, |run, (name, value)| run.variable(name, value));
        run.finish().output().trim_end().to_owned()
    };
    let default = environment.default_database().display().to_string();
    let variable = ("RECOUNT_DATABASE", "/variable.db");
    let data = ("XDG_DATA_HOME", "/data");
    let option = ["db", "path", "--database", "/option.db"];
    assert_eq!(path(&environment, &["db", "path"], &[]), default);
    assert_eq!(path(&environment, &["db", "path"], &[data]), "/data/recount/recount.db");
    let environment = environment.with_settings("database = \"/file.db\"");
    assert_eq!(path(&environment, &["db", "path"], &[data]), "/file.db");
    assert_eq!(path(&environment, &["db", "path"], &[data, variable]), "/variable.db");
    assert_eq!(path(&environment, &option, &[data, variable]), "/option.db");
}

#[test]
fn a_relative_path_starts_from_the_working_folder_and_a_link_is_followed() {
    let environment = TestEnvironment::new();
    let work = environment.working_folder();
    fs::create_dir(work.join("deep")).expect("a new folder");
    std::os::unix::fs::symlink("deep/real.db", work.join("link.db")).expect("a new link");
    let cases = [("x.db", "x.db"), ("./deep/../x.db", "x.db"), ("link.db", "deep/real.db")];
    for (given, expected) in cases {
        let output = environment.run(["db", "path", "--database", given]).output();
        assert_eq!(output, format!("{}\n", work.join(expected).display()), "{given}");
    }
}

#[test]
fn without_any_folder_the_person_is_asked_to_name_the_file() {
    let environment = TestEnvironment::new();
    let run = environment.recount(["db", "path"]).without_variable("HOME");
    run.finish()
        .ends_with(78)
        .complains("recount: no folder for the database is known")
        .complains("hint: name the file: `--database PATH` or `RECOUNT_DATABASE`");
    let run = environment.recount(["db", "path"]).without_variable("HOME");
    let output = run.variable("RECOUNT_DATABASE", "/x.db").finish().output();
    assert_eq!(output, "/x.db\n");
}
