//! What Claude Code's transcripts cost to read: what `ccusage` and `agentsview` make of the same
//! files, and what an agent waits for when its hook reads on in a long one.
//!
//! `cargo bench --bench transcripts [-- [--quick] [costs|import|hooks]]`. The two programs are
//! installed into `target/` from npm and `PyPI` the first time; nothing else needs the network. Times
//! depend on the machine, ratios hardly do.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark tells its figures")]

mod corpora;
mod costs;
mod hooks;
mod import;
mod support;
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod tools;

#[path = "../hook/process.rs"]
mod process;
#[path = "../hook/programs.rs"]
mod programs;
#[path = "../hook/samples.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod samples;
#[path = "../hook/tables.rs"]
mod tables;
#[path = "../hook/world.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod world;

use std::{env, error::Error, fs, path::Path, thread};

type Fallible<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Fallible {
    // cargo itself says `--bench`.
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let is_quick = words.iter().any(|word| word == "--quick");
    let words: Vec<&String> = words.iter().filter(|word| *word != "--quick").collect();
    let wants = |name: &str| words.is_empty() || words.iter().any(|word| *word == name);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let root: &Path = folder.path();
    let megabytes = fs::metadata(world::RECOUNT)?.len() / 1_000_000;
    println!("{} cores, a recount of {megabytes} MB\n", thread::available_parallelism()?);
    if wants("costs") {
        println!("{}\n", costs::table(root, is_quick)?);
    }
    if wants("import") {
        println!("{}\n", import::table(root, is_quick)?);
    }
    if wants("hooks") {
        println!("{}\n", hooks::table(root, is_quick)?);
    }
    Ok(())
}
