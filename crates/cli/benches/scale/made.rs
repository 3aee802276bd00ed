//! A store as people have it after two years, made once and kept below `target/`.
//!
//! It goes the product's own way: transcripts of Claude Code through `import`, envelopes of the others
//! through `replay`. So every row is one that the program writes, with its stamps and in its order.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

use rusqlite::Connection;

use crate::{
    Fallible,
    conversation::Conversation,
    prose::Prose,
    support::{
        Random,
        claude_corpus::{self, DAY, truth::CHANGE},
    },
    world::World,
};

/// To be raised with every change of what is made.
const GENERATION: u32 = 1;

/// 2024-11-20 00:00:00 UTC, and how long it goes on.
const BEGIN_UNIX_MS: i64 = 1_732_060_800_000;
const TWO_YEARS_MS: i64 = 730 * 86_400_000;

/// So many sessions are written and taken in at a time.
const AT_A_TIME: usize = 500;

/// Of so many sessions one is very long, …
const LONG_OF: u64 = 2_000;
/// … by so much, where the others have 220 on the average.
const LONG: u64 = 6_000;

/// How much is in it.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub sessions: u64,
    pub parts: u64,
    /// How many of the sessions are begun in Claude Code; forks and subagents come on top.
    pub transcripts: u64,
}

impl Shape {
    fn name(self) -> String {
        format!("{}-sessions", self.sessions)
    }
}

/// The store of that shape, below `root`: the one that is there if it is whole.
pub fn store(root: &Path, shape: Shape) -> Fallible<World> {
    let mark = root.join(format!("{}.whole", shape.name()));
    let wanted =
        format!("generation {GENERATION}, {} migrations, {shape:?}", store::MIGRATIONS.len());
    if fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
        return World::new(root, &shape.name(), "");
    }
    let _ = fs::remove_file(&mark);
    let _ = fs::remove_dir_all(root.join(shape.name()));
    let world = World::new(root, &shape.name(), "")?.with_database(None)?;
    import(root, &world, shape)?;
    let (sessions, parts) = counts(&world)?;
    replay(root, &world, shape.sessions - sessions, shape.parts - parts)?;
    let made = counts(&world)?;
    if made != (shape.sessions, shape.parts) {
        return Err(format!("{made:?} was made of {shape:?}").into());
    }
    fs::write(mark, wanted)?;
    Ok(world)
}

/// How many sessions and parts there are.
pub fn counts(world: &World) -> Fallible<(u64, u64)> {
    let connection = Connection::open(world.database())?;
    let count = |table| -> Fallible<u64> {
        let sql = format!("SELECT count(*) FROM {table}");
        let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(count.try_into()?)
    };
    Ok((count("sessions")?, count("parts")?))
}

/// What Claude Code has on disk: with forks that do not say so, and subagents.
fn import(root: &Path, world: &World, shape: Shape) -> Fallible {
    eprintln!("transcripts of {} sessions …", shape.transcripts);
    let folder = tempfile::tempdir_in(root)?;
    let shape = claude_corpus::Shape {
        seed: 7,
        sessions: shape.transcripts,
        begin: CHANGE - 2 * DAY,
        days: 40,
        turns: 12,
        words: 120,
        dump_bytes: 0,
        spaced: false,
        has_plain_prices: false,
    };
    claude_corpus::write(folder.path(), &shape);
    let projects = folder.path().join("projects");
    world.run(["import".as_ref(), "claude".as_ref(), projects.as_os_str()])
}

/// What other agents' plugins have handed over since.
fn replay(root: &Path, world: &World, sessions: u64, parts: u64) -> Fallible {
    let prose = Prose::new();
    let sizes = sizes(sessions, parts);
    let gap = TWO_YEARS_MS / i64::try_from(sessions)?;
    let mut numbered = (0_u64..).zip(&sizes);
    let capture = root.join("capture.ndjson");
    for begin in (0..sizes.len()).step_by(AT_A_TIME) {
        eprintln!("sessions from {begin} on, of {sessions} …");
        let mut out = BufWriter::new(File::create(&capture)?);
        for (number, parts) in numbered.by_ref().take(AT_A_TIME) {
            let clock = BEGIN_UNIX_MS + i64::try_from(number)? * gap;
            Conversation::write(&mut out, &prose, number, clock, *parts)?;
        }
        out.flush()?;
        world.run(["replay".as_ref(), capture.as_os_str()])?;
    }
    Ok(fs::remove_file(capture)?)
}

/// How many parts each of so many sessions has: most are short, a few are long, one is the longest.
fn sizes(sessions: u64, parts: u64) -> Vec<u64> {
    let mut random = Random::from_seed(sessions);
    let weights: Vec<u64> = (0..sessions)
        .map(|number| match random.below(100) {
            _ if number % LONG_OF == LONG_OF / 4 => LONG,
            0..70 => 40 + random.below(160),
            70..95 => 200 + random.below(300),
            _ => 500 + random.below(1_000),
        })
        .collect();
    let sum: u64 = weights.iter().sum();
    let mut sizes: Vec<u64> = weights.iter().map(|weight| (weight * parts / sum).max(1)).collect();
    let rest = parts - sizes.iter().sum::<u64>();
    *sizes.iter_mut().max().expect("there are sessions") += rest;
    sizes
}
