//! Many processes at once, each with its own mixed input, and readers beside them: whatever is
//! acknowledged is in the record once, and a reader sees all that was acknowledged before it began.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, ScopedJoinHandle},
    time::Duration,
};

use serde_json::Value;

use crate::support::{Finished, Input, Ledger, Load, Random, Said, TestEnvironment, say};

/// How many hooks run at a time.
const AT_A_TIME: usize = 16;

const READERS: usize = 2;

const SESSIONS: u64 = 1_000;

/// The longest that a hook may take: no measure of speed, but a sign that nothing spins.
const LONGEST: Duration = Duration::from_secs(20);

/// Many hooks drain; readers wait for as long as a busy machine needs.
const SETTINGS: &str = "hooks.drain_files = 64\nreaders.lease_timeout_ms = 60000\n";

#[test]
fn what_a_storm_of_hooks_hands_over_is_stored_once_and_seen_by_readers() {
    Storm::new().rage(2_500);
}

#[test]
#[ignore = "takes minutes; tests/run -- --ignored"]
fn a_storm_twenty_times_as_long_changes_nothing() {
    Storm::new().rage(20_000);
}

/// One database in a storm.
struct Storm {
    environment: TestEnvironment,
    load: Load,
    ledger: Ledger,
    started: AtomicUsize,
    is_over: AtomicBool,
    lives: Mutex<Vec<Duration>>,
    waits: Mutex<Vec<Duration>>,
}

impl Storm {
    fn new() -> Self {
        Self {
            environment: TestEnvironment::new().with_settings(SETTINGS),
            load: Load::over(SESSIONS),
            ledger: Ledger::default(),
            started: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            lives: Mutex::default(),
            waits: Mutex::default(),
        }
    }

    /// Starts that many hooks.
    fn rage(self, processes: usize) {
        let mut random = Random::from_seed(Random::seed_of_this_run("storm"));
        thread::scope(|scope| {
            for _ in 0..READERS {
                let (storm, random) = (&self, random.fork());
                scope.spawn(move || storm.read(random));
            }
            let hooks = [(); AT_A_TIME].map(|()| {
                let (storm, random) = (&self, random.fork());
                scope.spawn(move || storm.hand_over(processes, random))
            });
            let ended = hooks.map(ScopedJoinHandle::join);
            self.is_over.store(true, Ordering::Relaxed);
            assert!(ended.iter().all(Result::is_ok), "a hook failed");
        });
        self.survey(processes);
    }

    fn hand_over(&self, processes: usize, mut random: Random) {
        while self.started.fetch_add(1, Ordering::Relaxed) < processes {
            let input = self.load.input(&mut random);
            self.ledger.give(&input.said);
            let finished = self.environment.hook(&*input.bytes).finish();
            is_acknowledged(&input, &finished);
            self.ledger.acknowledge(&input.said);
            note(&self.lives, finished.elapsed);
        }
    }

    fn read(&self, mut random: Random) {
        while !self.is_over.load(Ordering::Relaxed) {
            match random.below(3) {
                0 => self.read_list(),
                1 => self.read_session(&mut random),
                _ => drop(self.environment.run(["spool", "status"]).ends_with(0)),
            }
        }
    }

    fn read_list(&self) {
        let acknowledged = self.ledger.count(|said| matches!(said, Said::Message(_)));
        let arguments = ["session", "list", "--format", "jsonl", "--limit", "1000000"];
        let finished = self.environment.run(arguments).ends_with(0);
        let messages = finished.stdout.lines().map(|line| {
            let session: Value = serde_json::from_str(line).expect("JSON");
            session["messages"].as_u64().expect("a count")
        });
        let (seen, acknowledged) = (messages.sum::<u64>(), acknowledged as u64);
        assert!(seen >= acknowledged, "{seen} of {acknowledged} messages seen");
        note(&self.waits, finished.elapsed);
    }

    fn read_session(&self, random: &mut Random) {
        let is_part = |said: &Said| matches!(said, Said::Part(_));
        let Some(Said::Part(mark)) = self.ledger.any(random, is_part) else { return };
        let session = self.load.session(mark);
        let shown = self.environment.run(["session", "show", &session]).ends_with(0);
        let text = format!("mark {mark}");
        let is_shown = shown.stdout.lines().any(|line| {
            line.trim_start()
                .strip_prefix(&text)
                .is_some_and(|rest| !rest.starts_with(char::is_numeric))
        });
        assert!(is_shown, "{text} is not shown in {session}: {}", shown.stdout);
        note(&self.waits, shown.elapsed);
    }

    fn survey(&self, processes: usize) {
        self.ledger.settle(&self.environment);
        let record = self.environment.record();
        let known: BTreeSet<String> =
            record.column("SELECT session_id FROM sessions").into_iter().collect();
        assert_eq!(known, self.sessions());
        let (hooks, answers) = (Spread::of(&self.lives), Spread::of(&self.waits));
        say(&format!(
            "storm: {AT_A_TIME} hooks at a time, {} things; hooks: {hooks}; readers: {answers}",
            self.ledger.count(|_| true),
        ));
        assert_eq!(hooks.sorted.len(), processes);
        assert!(answers.sorted.len() >= READERS, "readers had their turn");
        assert!(hooks.at(100) < LONGEST);
    }

    /// The sessions that something was said about which could be taken in.
    fn sessions(&self) -> BTreeSet<String> {
        let acknowledged = self.ledger.acknowledged();
        let marks = acknowledged.into_iter().filter_map(|said| match said {
            Said::Message(mark) | Said::Part(mark) | Said::Event(mark) => Some(mark),
            Said::Snapshot { stream, .. } => Some(stream),
            Said::Reject(_) | Said::Piece(_) => None,
        });
        marks.map(|mark| self.load.session(mark)).collect()
    }
}

/// How long processes took.
struct Spread {
    sorted: Vec<Duration>,
}

impl Spread {
    fn of(times: &Mutex<Vec<Duration>>) -> Self {
        let mut sorted = times.lock().unwrap_or_else(PoisonError::into_inner).clone();
        sorted.sort();
        Self { sorted }
    }

    fn at(&self, percent: usize) -> Duration {
        self.sorted[(self.sorted.len() - 1) * percent / 100]
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [half, most, all] = [50, 99, 100].map(|percent| self.at(percent).as_millis());
        write!(f, "{} processes, p50 {half} ms, p99 {most} ms, at most {all} ms", self.sorted.len())
    }
}

fn note(times: &Mutex<Vec<Duration>>, time: Duration) {
    times.lock().unwrap_or_else(PoisonError::into_inner).push(time);
}

/// Demands that a hook has acknowledged all of its input, and in the right words.
fn is_acknowledged(input: &Input, finished: &Finished) {
    let code = if input.has_piece() { 65 } else { 0 };
    assert_eq!(finished.code, Some(code), "{finished:#?}");
    if input.has_hook_event() {
        assert_eq!(finished.stdout, "");
    } else {
        let attempted = format!("conversation-trace: attempted={} ", input.items());
        assert!(finished.stdout.starts_with(&attempted), "{attempted}: {finished:#?}");
    }
}
