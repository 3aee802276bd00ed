//! What it costs to say whose lines are: a large commit against many edits, and a file against `git blame` of
//! the same run.
//!
//! `cargo bench --bench attribution [-- --quick]`. Times depend on the machine.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark tells its figures")]

mod made;

#[path = "../hook/process.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod process;
#[path = "../hook/samples.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod samples;
#[path = "../hook/tables.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod tables;
#[path = "../hook/world.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod world;

use std::{env, error::Error, fs, path::Path, process::Command, time::Duration};

use comfy_table::Table;
use rusqlite::Connection;

use self::{
    made::{Change, Made},
    samples::{Samples, Summary},
};

type Fallible<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// What a commit of 100,000 lines against 10,000 edits may take, in milliseconds, …
const COMMIT_MS: f64 = 1_000.0;
/// … and a file of 5,000 lines over what `git blame` takes.
const BLAME_MS: f64 = 300.0;

fn main() -> Fallible {
    let is_quick = env::args().any(|word| word == "--quick");
    let rounds = if is_quick { 3 } else { 11 };
    let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    println!("{}\n", commits(root.path(), rounds)?);
    println!("{}", blames(root.path(), rounds)?);
    Ok(())
}

/// The record of a commit of 100,000 lines, worked out anew each time.
fn commits(root: &Path, rounds: usize) -> Fallible<Table> {
    let mut table =
        tables::table(&["100,000 lines, 10,000 edits", "p50 ms", "p95 ms", "aim ms", "reached"]);
    for (files, change) in [
        (100, Change::None),
        (1, Change::None),
        (100, Change::Indented),
        (100, Change::Reflowed),
        (100, Change::Changed),
        (100, Change::Unrelated),
    ] {
        let label = format!("{} in {files} files", change.as_str());
        eprintln!("{label} …");
        let made = Made::commit(root, files, change)?;
        let mut samples = Samples::default();
        for round in 0..=rounds {
            forget(&made)?;
            let taken = process::timed(made.recount(["trace", "show", "--format", "jsonl"]), None)?;
            // The first one finds the pages on the disk.
            if round > 0 {
                samples.add(taken);
            }
        }
        row(&mut table, &label, &samples, COMMIT_MS);
        fs::remove_dir_all(made.folder())?;
    }
    Ok(table)
}

/// A file of 5,000 lines from 200 commits, beside `git blame` in turns.
fn blames(root: &Path, rounds: usize) -> Fallible<Table> {
    eprintln!("a file of 5,000 lines …");
    let made = Made::history(root, 200, 25)?;
    let file = ["blame", "--format", "json", made::FILE];
    let (mut git, mut known, mut anew) =
        (Samples::default(), Samples::default(), Samples::default());
    for round in 0..=rounds {
        let of_git = process::timed(made.git(["blame", "--porcelain", made::FILE]), None)?;
        forget(&made)?;
        let first = process::timed(made.recount(file), None)?;
        let second = process::timed(made.recount(file), None)?;
        if round > 0 {
            git.add(of_git);
            anew.add(over(first, of_git));
            known.add(over(second, of_git));
        }
    }
    let mut table =
        tables::table(&["5,000 lines of 200 commits", "p50 ms", "p95 ms", "aim ms", "reached"]);
    if let Some(Summary { p50, p95, .. }) = git.summary() {
        table.add_row(["`git blame`", &format!("{p50:.0}"), &format!("{p95:.0}"), "", ""]);
    }
    row(&mut table, "what `recount blame` takes over that", &known, BLAME_MS);
    row(&mut table, "the first time, all 200 commits worked out", &anew, BLAME_MS);
    Ok(table)
}

fn over(taken: Duration, of_git: Duration) -> Duration {
    taken.saturating_sub(of_git)
}

fn row(table: &mut Table, label: &str, samples: &Samples, aim_ms: f64) {
    let Some(Summary { p50, p95, .. }) = samples.summary() else { return };
    table.add_row([
        label.to_owned(),
        format!("{p50:.0}"),
        format!("{p95:.0}"),
        format!("≤ {aim_ms}"),
        if p50 <= aim_ms { "yes" } else { "no" }.to_owned(),
    ]);
}

/// Forgets every record, so that it is worked out again.
fn forget(made: &Made) -> Fallible {
    let connection = Connection::open(made.database())?;
    connection.execute_batch("DELETE FROM agent_traces; DELETE FROM agent_trace_ranges;")?;
    Ok(())
}

/// Runs a command to its end.
fn run(command: &mut Command) -> Fallible {
    let output = command.output()?;
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {output:?}").into()) }
}
