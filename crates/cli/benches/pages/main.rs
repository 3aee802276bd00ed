//! Our pages and those of `agentsview`, filled with the same 1,000 sessions, in the same browser: what they
//! take until their figures stand on the screen, and how many clicks lie before an answer.
//!
//! `cargo bench --bench pages [-- [--quick] [loads|clicks]]`. `agentsview` comes from `PyPI` and
//! `playwright-core` from npm, into `target/`, the first time; Node has to be there, and Chromium where Debian
//! puts it. The sessions end with yesterday, because both tell of days by the clock. What was on the screen
//! lies in `target/tmp/pages/pictures` afterwards.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark tells its figures")]

mod browser;
mod clicks;
mod loads;
mod sides;

#[path = "../transcripts/support.rs"]
mod support;
#[path = "../hook/tables.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod tables;
#[path = "../transcripts/tools.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod tools;
#[path = "../hook/world.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod world;

use std::{env, error::Error, fs, path::Path, thread};

use self::sides::Filled;

type Fallible<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Fallible {
    // cargo itself says `--bench`.
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let is_quick = words.iter().any(|word| word == "--quick");
    let words: Vec<&String> = words.iter().filter(|word| *word != "--quick").collect();
    let wants = |name: &str| words.is_empty() || words.iter().any(|word| *word == name);
    let root = &Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let _ = fs::remove_dir_all(root);
    let filled = Filled::new(root)?;
    println!("{} cores, {} sessions\n", thread::available_parallelism()?, filled.sessions);
    if wants("loads") {
        println!("{}\n", loads::table(&filled, is_quick)?);
    }
    if wants("clicks") {
        println!("{}\n", clicks::table(&filled)?);
    }
    Ok(())
}
