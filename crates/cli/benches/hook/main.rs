//! What an agent waits for when it calls the hook, and how fast a long capture goes in: real
//! processes, with an empty one and a small program on SQLite beside them in the same run.
//!
//! `cargo bench --bench hook [-- [--quick] [NAME…]]` measures all, or the cases whose names hold
//! one of the words. `-- sweep` compares thresholds for draining. Times depend on the machine,
//! ratios hardly do.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark tells its figures")]

mod aim;
mod by_rusqlite;
mod case;
mod envelopes;
mod process;
mod programs;
mod replay;
mod report;
#[expect(dead_code, reason = "another benchmark needs more of it")]
mod samples;
mod storm;
mod tables;
mod world;

use std::{env, error::Error, fs, io, path::Path, thread};

use self::{
    case::{Case, Stored},
    replay::{Capture, memory_of_a_hook},
    report::Report,
};

type Fallible<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Thresholds for draining that `sweep` compares.
const SWEEP: [u32; 5] = [16, 32, 64, 128, 256];

fn main() -> Fallible {
    let mut arguments = env::args_os().skip(1).peekable();
    if arguments.next_if(|first| first == by_rusqlite::ARGUMENT).is_some() {
        return by_rusqlite::run(arguments);
    }
    let plan = Plan::from_arguments(arguments.filter_map(|word| word.into_string().ok()));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let report = plan.measure(folder.path())?;
    println!("{}", machine()?);
    for table in report.tables() {
        println!("{table}\n");
    }
    Ok(())
}

/// What the figures depend on, in one line.
fn machine() -> io::Result<String> {
    let cores = thread::available_parallelism()?;
    let megabytes = fs::metadata(world::RECOUNT)?.len() / 1_000_000;
    Ok(format!("{cores} cores, a recount of {megabytes} MB\n"))
}

/// What is measured, and how often.
struct Plan {
    words: Vec<String>,
    rounds: u32,
    storm_rounds: u64,
    parts: u64,
}

impl Plan {
    fn from_arguments(arguments: impl Iterator<Item = String>) -> Self {
        // cargo itself says `--bench`.
        let words: Vec<String> = arguments.filter(|word| word != "--bench").collect();
        let is_quick = words.iter().any(|word| word == "--quick");
        let words = words.into_iter().filter(|word| word != "--quick").collect();
        if is_quick {
            Self { words, rounds: 60, storm_rounds: 1, parts: 100_000 }
        } else {
            Self { words, rounds: 500, storm_rounds: 4, parts: 1_000_000 }
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word))
    }

    fn measure(&self, root: &Path) -> Fallible<Report> {
        let mut report = Report::default();
        let stored = if self.wants("replay") || self.wants("-large") {
            Some(self.replay(root, &mut report)?)
        } else {
            None
        };
        if self.wants("memory") {
            report.hook_kib = Some(memory_of_a_hook(root)?);
        }
        report.cases = self.cases(root, stored.as_ref())?;
        eprintln!("{} rounds of {} kinds of process …", self.rounds, report.cases.len());
        for round in 0..self.rounds {
            report.cases.iter_mut().try_for_each(|case| case.round(round))?;
        }
        if self.wants("storm") {
            eprintln!("16 at a time …");
            report.storm = Some(storm::run(root, &programs::empty(root)?, self.storm_rounds)?);
        }
        Ok(report)
    }

    /// Takes in a long capture by both programs; what SQLite has made of it is left.
    fn replay(&self, root: &Path, report: &mut Report) -> Fallible<Stored> {
        eprintln!("a capture of {} parts …", self.parts);
        let capture = Capture::write(root, self.parts)?;
        let (by_rusqlite, database) = capture.by_rusqlite(root)?;
        if self.wants("replay") {
            report.by_rusqlite = Some(by_rusqlite);
            report.by_recount = Some(capture.by_recount(root)?);
        }
        Ok(Stored { database, parts: self.parts })
    }

    /// The cases that are wanted; the empty process always is.
    fn cases(&self, root: &Path, stored: Option<&Stored>) -> Fallible<Vec<Case>> {
        let mut cases = vec![case::empty(root)?];
        let mut add = |name: &str, case: &dyn Fn() -> Fallible<Option<Case>>| -> Fallible {
            if self.wants(name) {
                cases.extend(case()?);
            }
            Ok(())
        };
        add("version", &|| case::version(root).map(Some))?;
        add("node", &|| Ok(case::node()))?;
        add("durable", &|| case::durable(root).map(Some))?;
        add("spool", &|| case::spool(root).map(Some))?;
        add("post-commit", &|| case::post_commit(root))?;
        add("share", &|| case::share(root).map(Some))?;
        for synchronous in ["full", "normal"] {
            add(&format!("drain-{synchronous}"), &|| {
                case::drain(root, synchronous, None).map(Some)
            })?;
            add(&format!("drain-{synchronous}-large"), &|| {
                stored.map(|stored| case::drain(root, synchronous, Some(stored))).transpose()
            })?;
        }
        add("rusqlite", &|| case::rusqlite(root).map(Some))?;
        if self.words.iter().any(|word| word == "sweep") {
            for drain_files in SWEEP {
                cases.push(case::sweep(root, drain_files)?);
            }
        }
        Ok(cases)
    }
}
