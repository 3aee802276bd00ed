//! Processes are killed at any moment of their lives, while they read, spool, drain, commit, remove
//! files and write the log back. What was acknowledged is in the record once, and it is whole.
//!
//! Random moments find what nobody thought of; with `strace` every place where a process and the
//! kernel meet is one of them.

use std::{
    fs,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use crate::support::{
    Finished, Input, Ledger, Load, Random, TestEnvironment,
    claude::{Claude, answer},
    is_temporary, say, strace_works,
};

/// The seed of the run that is the same everywhere.
const SEED: u64 = 20_261_120;

/// How many processes run at a time.
const WORKERS: usize = 4;

/// Many processes drain, and many of those write the log back.
const SETTINGS: &str = "\
[hooks]
drain_files = 2
drain_bytes = 50000
[store]
checkpoint_bytes = 30000
[readers]
lease_timeout_ms = 60000
";

#[test]
fn what_was_acknowledged_survives_kills_at_random_moments() {
    for seed in [SEED, Random::seed_of_this_run("kill")] {
        Battle::new().fight(seed, 300);
    }
}

#[test]
#[ignore = "takes minutes; tests/run -- --ignored"]
fn what_was_acknowledged_survives_thousands_of_kills() {
    let mut random = Random::from_seed(Random::seed_of_this_run("kill, long"));
    for _ in 0..10 {
        Battle::new().fight(random.below(u64::MAX), 800);
    }
}

/// The calls with which a process changes files, and some with which it only looks. Not every
/// system has all.
const CALLS: [&str; 16] = [
    "fcntl",
    "fdatasync",
    "flock",
    "fsync",
    "ftruncate",
    "getdents64",
    "mkdir",
    "openat",
    "pread64",
    "pwrite64",
    "pwritev",
    "read",
    "rename",
    "renameat2",
    "unlink",
    "write",
];

#[test]
fn what_was_acknowledged_survives_a_kill_before_any_system_call() {
    if !strace_works() {
        return;
    }
    for arguments in [&["hooks", "conversation-trace"][..], &["replay", "-"]] {
        let environment = TestEnvironment::new()
            .with_settings("[hooks]\ndrain_files = 1\n[store]\ncheckpoint_bytes = 0\n");
        let (load, ledger) = (Load::over(5), Ledger::default());
        let mut random = Random::from_seed(SEED);
        let mut is_killed_before = |call: &str, nth: usize| {
            let input = load.input_of_all_kinds(&mut random);
            ledger.give(&input.said);
            let option = format!("--inject=?{call}:signal=KILL:when={nth}");
            let run = environment.recount_under_strace([&option], arguments);
            let finished = run.input(&*input.bytes).finish();
            assert!(matches!(finished.code, Some(65) | None), "{option}: {finished:#?}");
            if finished.code.is_some() {
                ledger.acknowledge(&input.said);
            }
            ledger.settle(&environment);
            finished.code.is_none()
        };
        let kills: usize = CALLS
            .iter()
            .map(|call| (1..1_000).take_while(|&nth| is_killed_before(call, nth)).count())
            .sum();
        say(&format!("kill: `recount {}` was killed before {kills} calls", arguments.join(" ")));
        assert!(kills > 100, "it cannot do with less");
    }
}

#[test]
fn a_transcript_survives_a_kill_of_its_hook_before_any_system_call() {
    if !strace_works() {
        return;
    }
    let environment = TestEnvironment::new()
        .with_settings("[hooks]\ndeadline_ms = 60000\n[store]\ncheckpoint_bytes = 0\n");
    let claude = Claude::new(&environment);
    let (mut lines, mut kills) = (0_u16, 0);
    for call in CALLS {
        for nth in 1..1_000 {
            lines += 1;
            claude.append("s", &[answer("s", lines.into(), "some text")]);
            let option = format!("--inject=?{call}:signal=KILL:when={nth}");
            let run = environment
                .recount_under_strace([&option], ["hooks", "conversation-trace"])
                .input(claude.event("s", "Stop"));
            let finished = run.finish();
            environment.run(["session", "list"]).ends_with(0);
            if finished.code.is_some() {
                let rows = environment.record().rows("messages");
                assert_eq!(rows, i64::from(lines), "{option}");
                break;
            }
            kills += 1;
        }
    }
    say(&format!("kill: a hook that reads a transcript was killed before {kills} calls"));
    assert!(kills > 100, "it cannot do with less");
    environment.record().is_whole();
}

/// What a process does while it may be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Hook,
    Drain,
    ReplayFile,
    ReplayStandardInput,
    List,
    Retry,
    Migrate,
}

impl Deed {
    const COUNT: usize = 7;

    fn choose(random: &mut Random) -> Self {
        match random.below(100) {
            0..78 => Self::Hook,
            78..84 => Self::Drain,
            84..88 => Self::ReplayFile,
            88..92 => Self::ReplayStandardInput,
            92..95 => Self::List,
            95..98 => Self::Retry,
            _ => Self::Migrate,
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Hook => &["hooks", "conversation-trace"],
            Self::Drain => &["spool", "drain"],
            Self::ReplayFile => &["replay"],
            Self::ReplayStandardInput => &["replay", "-"],
            Self::List => &["session", "list"],
            Self::Retry => &["rejects", "retry", "--all"],
            Self::Migrate => &["db", "migrate"],
        }
    }

    fn has_input(self) -> bool {
        matches!(self, Self::Hook | Self::ReplayFile | Self::ReplayStandardInput)
    }

    /// The codes with which it may end when it is let live.
    fn codes(self, input: &Input) -> &'static [i32] {
        match self {
            Self::Hook | Self::ReplayFile | Self::ReplayStandardInput if input.has_piece() => &[65],
            // What was bad stays bad.
            Self::Retry => &[0, 1],
            Self::Hook
            | Self::Drain
            | Self::ReplayFile
            | Self::ReplayStandardInput
            | Self::List
            | Self::Migrate => &[0],
        }
    }
}

/// One database, and the processes that are killed over it.
struct Battle {
    environment: TestEnvironment,
    load: Load,
    ledger: Ledger,
    started: AtomicUsize,
    killed: AtomicUsize,
    killed_with_lease: AtomicUsize,
    /// How long each deed takes that is let live, so that kills fall into all of it.
    lives: [Mutex<Duration>; Deed::COUNT],
}

impl Battle {
    fn new() -> Self {
        Self {
            environment: TestEnvironment::new().with_settings(SETTINGS),
            load: Load::over(50),
            ledger: Ledger::default(),
            started: AtomicUsize::new(0),
            killed: AtomicUsize::new(0),
            killed_with_lease: AtomicUsize::new(0),
            lives: [const { Mutex::new(Duration::from_millis(10)) }; Deed::COUNT],
        }
    }

    /// Goes on until so many are killed.
    fn fight(self, seed: u64, kills: usize) {
        let mut random = Random::from_seed(seed);
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                let mut random = random.fork();
                let battle = &self;
                scope.spawn(move || {
                    while battle.killed.load(Ordering::Relaxed) < kills {
                        battle.send_one(&mut random);
                    }
                });
            }
        });
        self.survey(seed);
    }

    fn send_one(&self, random: &mut Random) {
        let deed = Deed::choose(random);
        let input = if deed.has_input() { self.input(deed, random) } else { Input::default() };
        self.ledger.give(&input.said);
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let mut run = self.environment.recount(deed.arguments());
        if deed == Deed::ReplayFile {
            let file = self.environment.working_folder().join(format!("{number}.ndjson"));
            fs::write(&file, &input.bytes).expect("a new file");
            run = run.arguments([file]);
        } else {
            run = run.input(&*input.bytes);
        }
        if random.below(5) == 0 {
            let finished = run.finish();
            self.learn_life(deed, finished.elapsed);
            self.judge(deed, &input, &finished);
        } else {
            let run = run.kill_after(random.span(self.life(deed)));
            self.judge(deed, &input, &run.finish());
        }
    }

    fn input(&self, deed: Deed, random: &mut Random) -> Input {
        let inputs = if deed == Deed::Hook { 1 } else { 1 + random.below(10) };
        (0..inputs).fold(Input::default(), |all, _| all.followed_by(self.load.input(random)))
    }

    fn judge(&self, deed: Deed, input: &Input, finished: &Finished) {
        if let Some(code) = finished.code {
            assert!(deed.codes(input).contains(&code), "{deed:?}: {finished:#?}");
        } else {
            let has_lease = self.environment.holder() == Some(finished.process_id);
            self.killed.fetch_add(1, Ordering::Relaxed);
            self.killed_with_lease.fetch_add(usize::from(has_lease), Ordering::Relaxed);
        }
        let has_receipt = finished.stdout.ends_with('\n')
            && ["conversation-trace: ", "replayed "]
                .iter()
                .any(|receipt| finished.stdout.starts_with(receipt));
        if finished.code.is_some() || has_receipt {
            self.ledger.acknowledge(&input.said);
        }
    }

    /// The longest of late: a hook that drains lives longer than one that does not.
    fn learn_life(&self, deed: Deed, elapsed: Duration) {
        let mut life = lock(&self.lives[deed as usize]);
        *life = elapsed.max(*life * 15 / 16);
    }

    fn life(&self, deed: Deed) -> Duration {
        *lock(&self.lives[deed as usize])
    }

    /// What is left when all is quiet.
    fn survey(&self, seed: u64) {
        let left = self.environment.spooled();
        let half_written = left.iter().filter(|file| is_temporary(file)).count();
        self.ledger.settle(&self.environment);
        assert_eq!(self.environment.run(["db", "check"]).ends_with(0).stdout, "ok\n");
        let [started, killed, with_lease] = [&self.started, &self.killed, &self.killed_with_lease]
            .map(|count| count.load(Ordering::Relaxed));
        say(&format!(
            "kill: seed {seed}: {killed} of {started} processes killed, {with_lease} with the \
             lease, {half_written} while spooling; {} things acknowledged",
            self.ledger.count(|_| true),
        ));
        assert!(with_lease * 50 > killed, "kills have to fall into drains");
        assert!(half_written > 0, "kills have to fall into spooling");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
