//! The command line, and streams that are not what a program hopes for.

use std::{
    fs::{self, File},
    io,
    process::Stdio,
};

use crate::support::{ENVELOPE, TestEnvironment};

#[test]
fn version_names_program_and_version() {
    let output = TestEnvironment::new().run(["--version"]).output();
    assert_eq!(output, concat!("recount ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn help_goes_to_standard_output() {
    let output = TestEnvironment::new().run(["--help"]).output();
    assert!(output.contains("Usage: recount") && output.contains("Exit codes:"), "{output}");
}

#[test]
fn wrong_usage_ends_with_64_and_never_with_2() {
    let cases: [(&[&str], &str); 5] = [
        (&[], "recount: a command is missing\nhint: `recount --help`"),
        (&["confg"], "recount: unrecognized subcommand 'confg'\nhint: "),
        (&["config", "shwo"], "hint: a similar subcommand exists: 'show'"),
        (&["--colour"], "unexpected argument '--colour'"),
        (&["--database"], "a value is required for '--database <PATH>'"),
    ];
    for (arguments, complaint) in cases {
        let finished = TestEnvironment::new().run(arguments).ends_with(64).complains(complaint);
        assert_eq!(finished.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_wrong_hook_keeps_its_input_and_ends_with_64() {
    let cases: [&[&str]; 3] = [
        &["hooks", "conversation-trace", "--colour"],
        &["hooks", "hook-of-a-newer-plugin"],
        &["--newer-option", "hooks", "conversation-trace"],
    ];
    for arguments in cases {
        let environment = TestEnvironment::new();
        let run = environment.recount(arguments).input(ENVELOPE);
        run.finish().ends_with(64).complains("recount: ");
        let spool = environment.default_database().with_extension("db.spool");
        let files = fs::read_dir(spool).expect("the input is spooled");
        let kept: Vec<_> = files
            .map(|file| fs::read_to_string(file.expect("a file").path()).expect("text"))
            .collect();
        assert!(matches!(&kept[..], [one] if one.ends_with(ENVELOPE)), "{arguments:?}: {kept:?}");
    }
}

#[test]
fn a_reader_that_has_gone_changes_nothing() {
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    let finished = TestEnvironment::new().recount(["config", "schema"]).stdout(writer).finish();
    assert_eq!(finished.ends_with(0).stderr, "");
}

#[test]
fn a_full_disk_behind_standard_output_is_74() {
    let full = File::options().write(true).open("/dev/full").expect("this system has it");
    let environment = TestEnvironment::new();
    let run = environment.recount(["config", "schema"]).stdout(Stdio::from(full));
    run.finish().ends_with(74).complains("recount: standard output cannot be written");
}

#[test]
fn input_that_nobody_reads_changes_nothing() {
    let environment = TestEnvironment::new();
    let run = environment.recount(["db", "path"]).input(vec![b'x'; 1024 * 1024]);
    run.finish().ends_with(0);
}

#[test]
fn the_engine_lock_cannot_be_taken_away_by_a_variable() {
    let environment = TestEnvironment::new();
    let run = environment.recount(["db", "path"]).variable("LIMBO_DISABLE_FILE_LOCK", "1");
    assert_eq!(run.finish().output(), format!("{}\n", environment.default_database().display()));
}
