//! Sixteen processes at a time with readers beside them: hooks with the default settings against
//! empty processes.

use std::{
    path::Path,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{Fallible, case, envelopes, process, samples::Samples, world::World};

const AT_ONCE: usize = 16;
const PROCESSES_PER_ROUND: u64 = 640;

/// So many readers ask for the sessions, each so long after its last answer.
const READERS: usize = 2;
const READER_PAUSE: Duration = Duration::from_millis(100);

/// What came of it.
#[derive(Default)]
pub struct Storm {
    pub empty: Load,
    pub hook: Load,
}

/// Many processes of one kind.
#[derive(Default)]
pub struct Load {
    pub times: Samples,
    pub readers: Samples,
    pub taken: Duration,
}

impl Load {
    /// How many of its processes ended in a second.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    pub fn per_second(&self) -> f64 {
        self.times.count() as f64 / self.taken.as_secs_f64()
    }
}

/// Both kinds in turn, so that what else the machine does hits both.
pub fn run(root: &Path, empty: &Path, rounds: u64) -> Fallible<Storm> {
    let world = World::new(root, "storm", "")?.with_database(None)?;
    let mut storm = Storm::default();
    for round in 0..rounds {
        load(&world, &mut storm.empty, |_| (Command::new(empty), None))?;
        load(&world, &mut storm.hook, |number| {
            let event = envelopes::event(round * PROCESSES_PER_ROUND + number);
            (case::hook(&world), Some(event))
        })?;
    }
    Ok(storm)
}

fn load(
    world: &World,
    into: &mut Load,
    next: impl Fn(u64) -> (Command, Option<Vec<u8>>) + Sync,
) -> Fallible {
    let (started, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let (times, answers) = (Mutex::new(Samples::default()), Mutex::new(Samples::default()));
    let begin = Instant::now();
    let starter = || -> Fallible {
        loop {
            let number = started.fetch_add(1, Ordering::Relaxed);
            if number >= PROCESSES_PER_ROUND {
                return Ok(());
            }
            let (command, input) = next(number);
            let taken = process::timed(command, input.as_deref())?;
            times.lock().expect("no starter panics").add(taken);
        }
    };
    let reader = || -> Fallible {
        while !is_over.load(Ordering::Relaxed) {
            let taken = process::timed(world.recount(["session", "list"]), None)?;
            answers.lock().expect("no reader panics").add(taken);
            thread::sleep(READER_PAUSE);
        }
        Ok(())
    };
    thread::scope(|scope| -> Fallible {
        let starters: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(starter)).collect();
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(reader)).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, Fallible>| {
            thread.join().expect("it only returns errors")
        };
        let ended: Fallible<Vec<()>> = starters.into_iter().map(join).collect();
        into.taken += begin.elapsed();
        is_over.store(true, Ordering::Relaxed);
        ended?;
        readers.into_iter().try_for_each(join)
    })?;
    into.times.append(times.into_inner().expect("no starter panics"));
    into.readers.append(answers.into_inner().expect("no reader panics"));
    Ok(())
}
