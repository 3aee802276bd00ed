//! What hooks cost while others keep asking the server, beside the same hooks while nobody does; and that
//! every event that was acknowledged is in the record once.

use std::{
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use comfy_table::Table;
use rusqlite::Connection;

use crate::{
    Fallible, envelopes, process,
    questions::some_sessions,
    samples::{Samples, Summary},
    server::Server,
    tables,
    world::World,
};

/// So many hooks run at a time …
const WRITERS: usize = 8;
/// … while so many connections ask, or none do.
const CONNECTIONS: usize = 8;

/// How long one waits that is told to come again: as the server says.
const COME_AGAIN: Duration = Duration::from_secs(1);

const ROUNDS: u64 = 4;
const EVENTS_PER_ROUND: u64 = 400;

/// The hooks' p99 may be so many times that without readers.
const RATIO: f64 = 2.0;

/// What both sides have seen.
#[derive(Default)]
struct Seen {
    hooks: Samples,
    answers: Samples,
    /// How often somebody was told to come again.
    put_off: u64,
    taken: Duration,
}

/// What came of it.
pub struct Load {
    alone: Seen,
    beside: Seen,
    events: u64,
    /// Messages and parts of these events in the record; and how many of each are different ones.
    found: [(i64, i64); 2],
}

/// Runs both in turn on a copy of a store, so that what else the machine does hits both.
pub fn run(root: &Path, store: &World, is_quick: bool) -> Fallible<Load> {
    // A log that a broken run has left there is another database's.
    let _ = fs::remove_dir_all(root.join("load"));
    let world = World::new(root, "load", "")?.with_database(Some(&store.database()))?;
    let paths = paths(store)?;
    let server = Server::start(&world)?;
    let rounds = if is_quick { 1 } else { ROUNDS };
    let (mut alone, mut beside) = (Seen::default(), Seen::default());
    let mut events = 0;
    for round in 1..=rounds {
        eprintln!("{WRITERS} hooks at a time, round {round} of {rounds} …");
        for (connections, seen) in [(0, &mut alone), (CONNECTIONS, &mut beside)] {
            let paths = &paths[..];
            Round { world: &world, server: &server, paths, first: events }
                .run(connections, seen)?;
            events += EVENTS_PER_ROUND;
        }
    }
    drop(server);
    world.run(["spool", "drain"])?;
    let found = found(&world)?;
    fs::remove_dir_all(root.join("load"))?;
    Ok(Load { alone, beside, events, found })
}

/// What is asked in turn: lists, single sessions, sums.
fn paths(store: &World) -> Fallible<Vec<String>> {
    let [(_, middle, _), (_, longest, _)] = some_sessions(store)?;
    Ok(vec![
        "/api/sessions".to_owned(),
        format!("/api/session/{middle}"),
        format!("/api/session/{middle}/tools"),
        "/api/usage/month".to_owned(),
        format!("/api/session/{longest}/precise-cost"),
        "/api/sessions?sort=cost".to_owned(),
        format!("/api/session/{middle}/tree"),
        "/api/stats/tools".to_owned(),
    ])
}

/// Some hooks, with or without somebody who asks.
struct Round<'r> {
    world: &'r World,
    server: &'r Server,
    paths: &'r [String],
    first: u64,
}

impl Round<'_> {
    fn run(&self, connections: usize, seen: &mut Seen) -> Fallible {
        let (next, put_off) = (AtomicU64::new(0), AtomicU64::new(0));
        let is_over = AtomicBool::new(false);
        let (hooks, answers) = (Mutex::new(Samples::default()), Mutex::new(Samples::default()));
        let begin = Instant::now();
        let ended = thread::scope(|scope| {
            let readers: Vec<_> = (0..connections)
                .map(|number| {
                    let (is_over, answers, put_off) = (&is_over, &answers, &put_off);
                    scope.spawn(move || self.read(number, is_over, answers, put_off))
                })
                .collect();
            let writers: Vec<_> =
                (0..WRITERS).map(|_| scope.spawn(|| self.write(&next, &hooks))).collect();
            let join = |thread: thread::ScopedJoinHandle<'_, Fallible>| {
                thread.join().expect("it only returns errors")
            };
            let written: Vec<Fallible> = writers.into_iter().map(join).collect();
            seen.taken += begin.elapsed();
            is_over.store(true, Ordering::Relaxed);
            written.into_iter().chain(readers.into_iter().map(join)).collect()
        });
        seen.hooks.append(hooks.into_inner().expect("no writer panics"));
        seen.answers.append(answers.into_inner().expect("no reader panics"));
        seen.put_off += put_off.into_inner();
        ended
    }

    fn write(&self, next: &AtomicU64, hooks: &Mutex<Samples>) -> Fallible {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= EVENTS_PER_ROUND {
                return Ok(());
            }
            let event = envelopes::event(self.first + number);
            let hook = self.world.recount(["hooks", "conversation-trace"]);
            let taken = process::timed(hook, Some(&event))?;
            hooks.lock().expect("no writer panics").add(taken);
        }
    }

    fn read(
        &self,
        number: usize,
        is_over: &AtomicBool,
        answers: &Mutex<Samples>,
        put_off: &AtomicU64,
    ) -> Fallible {
        let mut connection = self.server.connect()?;
        for path in self.paths.iter().cycle().skip(number) {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let begin = Instant::now();
            if connection.get(path)? {
                answers.lock().expect("no reader panics").add(begin.elapsed());
            } else {
                put_off.fetch_add(1, Ordering::Relaxed);
                thread::sleep(COME_AGAIN);
            }
        }
        Ok(())
    }
}

fn found(world: &World) -> Fallible<[(i64, i64); 2]> {
    let connection = Connection::open(world.database())?;
    let count = |table, key| {
        let sql = format!(
            "SELECT count(*), count(DISTINCT {key}) FROM {table} WHERE session_id GLOB 'ses_event*'"
        );
        connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
    };
    Ok([count("messages", "message_id")?, count("parts", "part_id")?])
}

impl Load {
    /// The times, and what of the aims is reached.
    pub fn tables(&self) -> Option<[Table; 2]> {
        let (alone, beside) = (self.alone.hooks.summary()?, self.beside.hooks.summary()?);
        let title = format!("{WRITERS} hooks at a time");
        let mut times = tables::table(&[&title, "p50 ms", "p99 ms", "max ms", "p99 ×", "a second"]);
        let asked = format!("{CONNECTIONS} connections ask the server");
        let answers = self.beside.answers.count();
        let answered = format!("{answers} answers to these, {} put off (503)", self.beside.put_off);
        let rows = [
            ("while nobody asks", alone, Some(&self.alone)),
            (&asked, beside, Some(&self.beside)),
            (&answered, self.beside.answers.summary()?, None),
        ];
        for (label, Summary { p50, p99, max, .. }, seen) in rows {
            let ratio = seen.map(|_| tables::two(p99 / alone.p99));
            let rate = seen.map(Seen::per_second);
            let mut row = vec![label.to_owned()];
            row.extend([p50, p99, max].map(tables::two));
            row.extend([ratio, rate].map(Option::unwrap_or_default));
            times.add_row(row);
        }
        let mut aims = tables::table(&["aim", "limit", "found", "reached"]);
        let said = |is_reached| if is_reached { "yes" } else { "no" }.to_owned();
        let ratio = beside.p99 / alone.p99;
        let (what, limit) = ("a hook's p99 while others ask".to_owned(), format!("≤ {RATIO} ×"));
        aims.add_row([what, limit, format!("{} ×", tables::two(ratio)), said(ratio <= RATIO)]);
        let wanted = i64::try_from(self.events).ok()?;
        for (what, (rows, different)) in ["messages", "parts"].into_iter().zip(self.found) {
            let is_reached = (rows, different) == (wanted, wanted);
            let what = format!("{what} of {wanted} events, each once");
            aims.add_row([what, wanted.to_string(), different.to_string(), said(is_reached)]);
        }
        Some([times, aims])
    }
}

impl Seen {
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    fn per_second(&self) -> String {
        format!("{:.0}", self.hooks.count() as f64 / self.taken.as_secs_f64())
    }
}
