//! Where nothing can be written every hook fails, which is seen without a write.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::{Findings, doctor};
use crate::support::{ENVELOPE, TestEnvironment, set_mode};

fn of_database(environment: &TestEnvironment, database: &Path) -> Findings {
    let run = environment.recount(["doctor", "--format", "json"]);
    Findings::of(&run.variable("RECOUNT_DATABASE", database).finish())
}

#[test]
fn a_folder_that_may_not_be_written_is_found_with_and_without_a_database() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    environment.hook(ENVELOPE).finish().ends_with(0);
    let folder = environment.spool().parent().expect("it has one").to_owned();
    let expected = format!("failure: nothing can be written to `{}`: Permission", folder.display());
    for has_database in [false, true] {
        if has_database {
            environment.run(["spool", "drain"]).ends_with(0);
        }
        set_mode(&folder, 0o555);
        doctor(&environment, &[]).also_tells("database", &expected);
        set_mode(&folder, 0o755);
        doctor(&environment, &[]).nothing_else(&[]);
    }
    set_mode(&environment.spool(), 0o555);
    let expected =
        format!("failure: nothing can be written to `{}`: ", environment.spool().display());
    doctor(&environment, &[]).also_tells("spool", &expected);
    set_mode(&environment.spool(), 0o755);
}

#[test]
fn where_no_folder_can_be_made_the_database_is_not_just_missing() {
    let environment = TestEnvironment::new();
    let home = environment.home();
    fs::write(home.join("file"), "").expect("a file");
    symlink("nowhere", home.join("link")).expect("a link");
    symlink("no folder/x.db", home.join("x.db")).expect("a link");
    let cases = [
        ("file/a/x.db", "failure: "),
        ("link/x.db", "failure: nothing can be written to `"),
        ("x.db", "failure: `"),
        ("a/b/x.db", "not_set_up: `"),
    ];
    for (path, expected) in cases {
        of_database(&environment, &home.join(path))
            .tells("database", expected)
            .nothing_else(&["database"]);
    }
}
