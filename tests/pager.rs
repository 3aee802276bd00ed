//! Long texts in a pager, seen from a terminal that `script` plays.

use std::path::Path;

use crate::support::{
    Finished, TestEnvironment,
    envelope::{part, parts},
    say,
};

/// A pager that shows that it was there.
const MARKS: &str = "sed 's/^/paged: /'";

/// A session of more text than any pipe takes in.
fn with_a_long_session() -> TestEnvironment {
    let environment = TestEnvironment::new();
    let text = "a line of a long text\n".repeat(20_000);
    environment.hook(parts(&[part("ses_1", "msg_1", "prt_1", &text)])).finish().ends_with(0);
    environment
}

/// What a person sees who types that, with these variables; `None` where no terminal can be played.
fn on_a_terminal(
    environment: &TestEnvironment,
    line: &str,
    variables: &[(&str, &str)],
) -> Option<Finished> {
    let script = Path::new("/usr/bin/script");
    if !script.exists() {
        say("skipped: script is not there");
        return None;
    }
    let line = line.replace("recount", env!("CARGO_BIN_EXE_recount"));
    let run = environment.program(script).arguments(["-qec", &line, "/dev/null"]);
    let run = variables.iter().fold(run, |run, (name, value)| run.variable(name, value));
    Some(run.variable("TERM", "xterm").variable("SHELL", "/bin/sh").finish().ends_with(0))
}

#[test]
fn a_long_text_on_a_terminal_goes_through_the_pager_that_is_named() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], bool);
    let cases: [Case; 12] = [
        ("recount session show ses_1", &[("PAGER", MARKS)], true),
        ("recount session export ses_1", &[("PAGER", MARKS)], true),
        ("recount session reasoning ses_1", &[("PAGER", MARKS)], true),
        ("recount session show ses_1", &[("PAGER", "false"), ("RECOUNT_PAGER", MARKS)], true),
        ("recount session show ses_1 --no-pager", &[("PAGER", MARKS)], false),
        ("recount session show ses_1 | cat", &[("PAGER", MARKS)], false),
        ("recount session show ses_1", &[("PAGER", "")], false),
        ("recount session show ses_1", &[("PAGER", "cat")], false),
        ("recount session show ses_1", &[("PAGER", "no-such-pager -x")], false),
        ("recount session show ses_1", &[("PAGER", "exec sed 's/^/paged: /'")], true),
        ("recount session show ses_1", &[("PAGER", MARKS), ("RECOUNT_PAGER", "")], false),
        ("recount session list", &[("PAGER", MARKS)], false),
    ];
    let environment = with_a_long_session();
    for (line, variables, expected) in cases {
        let Some(seen) = on_a_terminal(&environment, line, variables) else { return };
        assert!(seen.stdout.contains("ses"), "{line}: {:.300}", seen.stdout);
        assert_eq!(seen.stdout.starts_with("paged: "), expected, "{line} {variables:?}");
    }
}

#[test]
fn nobody_waits_for_the_lease_while_a_person_reads() {
    let environment = with_a_long_session();
    let lock = environment.lock();
    let pager = format!("flock -n '{}' echo it is free; cat >/dev/null", lock.display());
    for line in ["recount session show ses_1", "recount session export ses_1 --subagents"] {
        let Some(seen) = on_a_terminal(&environment, line, &[("PAGER", &pager)]) else { return };
        assert_eq!(seen.stdout.trim(), "it is free", "{line}");
    }
}

#[test]
fn a_pager_that_ends_early_or_cannot_be_started_is_no_failure() {
    let environment = with_a_long_session();
    for (pager, expected) in [("head -1", "session"), ("true", ""), ("no-such-pager", "session")] {
        let line = "recount session show ses_1";
        let Some(seen) = on_a_terminal(&environment, line, &[("PAGER", pager)]) else { return };
        assert!(seen.stdout.contains(expected), "{pager}: {:.300}", seen.stdout);
        assert!(!seen.stdout.contains("recount: "), "{pager}: {:.300}", seen.stdout);
    }
}

#[test]
fn without_a_name_less_shows_it_and_ends_where_all_fits() {
    let environment = TestEnvironment::new();
    environment.hook(parts(&[part("ses_1", "msg_1", "prt_1", "short")])).finish().ends_with(0);
    let line = "recount session show ses_1";
    let Some(seen) = on_a_terminal(&environment, line, &[]) else { return };
    assert!(seen.stdout.contains("short"), "{:?}", seen.stdout);
}
