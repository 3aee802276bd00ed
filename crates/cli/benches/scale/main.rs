//! What questions cost that are asked of a large record, each as a process of its own, and what hooks cost
//! while others ask.
//!
//! `cargo bench --bench scale [-- [--quick] [questions|pages|load]]`. The stores are made the first time and
//! kept below `target/`: 10,000 sessions with 2,000,000 parts, a tenth of that beside, and with `--quick`
//! only the tenth. Times depend on the machine.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark tells its figures")]

mod conversation;
mod load;
mod made;
mod pages;
mod prose;
mod questions;
mod server;

#[path = "../hook/envelopes.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod envelopes;
#[path = "../hook/process.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod process;
#[path = "../hook/samples.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod samples;
#[path = "../transcripts/support.rs"]
mod support;
#[path = "../hook/tables.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod tables;
#[path = "../hook/world.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod world;

use std::{env, error::Error, fs, path::Path, thread};

use self::made::Shape;

type Fallible<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const LARGE: Shape = Shape { sessions: 10_000, parts: 2_000_000, transcripts: 600 };
const SMALL: Shape = Shape { sessions: 1_000, parts: 200_000, transcripts: 60 };

fn main() -> Fallible {
    // cargo itself says `--bench`.
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let is_quick = words.iter().any(|word| word == "--quick");
    let words: Vec<&String> = words.iter().filter(|word| *word != "--quick").collect();
    let wants = |name: &str| words.is_empty() || words.iter().any(|word| *word == name);
    let root = &Path::new(env!("CARGO_TARGET_TMPDIR")).join("scale");
    // What is installed there may be older than what was built.
    let _ = fs::remove_dir_all(root.join("installed"));
    fs::create_dir_all(root)?;
    let small = made::store(root, SMALL)?;
    let large = if is_quick { small.clone() } else { made::store(root, LARGE)? };
    println!("{}\n", machine(&large)?);
    if wants("questions") {
        println!("{}\n", questions::table(&large, &small, is_quick)?);
    }
    if wants("pages") {
        println!("{}\n", pages::table(&large, is_quick)?);
    }
    if wants("load") {
        for table in load::run(root, &large, is_quick)?.tables().into_iter().flatten() {
            println!("{table}\n");
        }
    }
    Ok(())
}

/// What the figures depend on, in one line.
fn machine(store: &world::World) -> Fallible<String> {
    let cores = thread::available_parallelism()?;
    let megabytes = |path: &Path| fs::metadata(path).map(|metadata| metadata.len() / 1_000_000);
    let (program, database) =
        (megabytes(Path::new(world::RECOUNT))?, megabytes(&store.database())?);
    let (sessions, parts) = made::counts(store)?;
    Ok(format!(
        "{cores} cores, a recount of {program} MB, {sessions} sessions with {parts} parts in {database} MB"
    ))
}
