//! Files that events speak of: which are due, and what becomes of one that fails.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use rusqlite::types::Value;
use store::{CaughtUp, DrainReport, TranscriptEnd, TranscriptFinding, TranscriptPiece};

use crate::support::{NOW, TestStore, Tested, transcript};

/// So long after an event the agent has written what belongs to it.
const LATE: i64 = 5_000;

/// A store with transcripts beside it.
struct World {
    test: TestStore,
}

impl World {
    fn new() -> Self {
        Self { test: TestStore::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.test.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("it is ours");
    }

    /// An event that speaks of a transcript so long ago.
    fn speak(&self, name: &str, ago: i64) {
        let path = self.path(name);
        self.test.spool_at(NOW - ago, &format!("t {}\n", path.display()));
    }

    fn command(&self) -> Result<DrainReport, store::StoreError> {
        self.test.drain()
    }

    /// Drains and catches up as a hook whose own input names nothing.
    fn hook(&self, deadline: Instant) -> CaughtUp {
        let own = self.test.spool("p own own own 1 own\n");
        let mut report = self.test.drain_as_hook(&own);
        self.test.store.catch_up_as_hook(std::mem::take(&mut report.due), &[], deadline)
    }

    fn texts(&self) -> Vec<String> {
        let rows = self.test.query("SELECT text FROM parts WHERE session_id <> 'own' ORDER BY 1");
        rows.into_iter().map(|row| format!("{:?}", row[0])).collect()
    }

    fn execute(&self, sql: &str) {
        let database = rusqlite::Connection::open(self.test.store.location().database());
        database.and_then(|database| database.execute(sql, [])).expect("it is free");
    }

    /// Position and due time before now of each, and its failures.
    fn cursors(&self) -> Vec<(Option<String>, Option<i64>, i64)> {
        let sql = "SELECT position, due_at_unix_ms, attempts FROM import_cursors ORDER BY scope";
        let rows = self.test.query(sql).into_iter();
        rows.map(|row| {
            let [position, due, attempts] = &row[..] else { panic!("three columns") };
            let position = match position {
                Value::Text(position) => Some(position.clone()),
                _ => None,
            };
            let number = |value: &Value| match value {
                Value::Integer(number) => Some(*number),
                _ => None,
            };
            (position, number(due).map(|due| NOW - due), number(attempts).expect("a number"))
        })
        .collect()
    }
}

fn far() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

fn lines(count: usize) -> String {
    let lines: Vec<String> =
        (0..count).map(|line| format!("p s m p{line} 5 text{line}\n")).collect();
    lines.concat()
}

#[test]
fn what_an_event_names_is_read_by_the_next_command_and_is_due_until_late_lines_are_there() -> Tested
{
    let world = World::new();
    world.write("a", &lines(2));
    world.speak("a", 0);
    assert_eq!(world.command()?.caught_up.counts.stored, 2);
    assert_eq!(world.cursors(), [(Some("2".to_owned()), Some(0), 0)]);
    world.write("a", &lines(3));
    assert_eq!(world.command()?.caught_up.counts.stored, 1);
    world.speak("a", LATE);
    assert_eq!(world.cursors(), [(Some("3".to_owned()), Some(0), 0)], "the later time stays");
    Ok(())
}

#[test]
fn what_was_read_late_enough_is_due_no_more_and_what_is_gone_is_forgotten() -> Tested {
    let world = World::new();
    world.write("a", &lines(2));
    world.speak("a", LATE);
    world.speak("b", LATE);
    world.command()?;
    assert_eq!(world.cursors(), [(Some("2".to_owned()), None, 0)]);
    world.write("a", &lines(3));
    assert_eq!(world.command()?.caught_up.counts.stored, 0, "nobody spoke of it");
    world.speak("a", 0);
    assert_eq!(world.command()?.caught_up.counts.stored, 1);
    Ok(())
}

#[test]
fn a_time_to_come_counts_as_now() -> Tested {
    let world = World::new();
    world.speak("a", -1_000_000);
    world.command()?;
    assert_eq!(world.cursors(), [(None, Some(0), 0)]);
    Ok(())
}

#[test]
fn a_hook_reads_on_what_is_due_its_own_first_and_nothing_after_its_deadline() {
    let world = World::new();
    world.write("a", "p s m a 5 a\n");
    world.write("b", "p s m b 5 b\n");
    world.speak("a", 1);
    world.speak("b", 2);
    let own = world.test.spool("p own own own 1 own\n");
    let due = world.test.drain_as_hook(&own).due;
    assert_eq!(due.len(), 2);
    let named = [transcript(&world.path("b").display().to_string())];
    let store = &world.test.store;
    let none = store.catch_up_as_hook(due.clone(), &named, Instant::now());
    assert_eq!(none.counts.stored, 0);
    let blocked = store.open("test").expect("the lease is free");
    let none = store.catch_up_as_hook(due.clone(), &named, far());
    assert!(none.counts.stored == 0 && none.end.is_none(), "it waits for nobody: {none:?}");
    drop(blocked);
    assert_eq!(store.catch_up_as_hook(due, &named, far()).counts.stored, 2);
    let order = world.test.query("SELECT part_id FROM parts WHERE session_id = 's' ORDER BY id");
    assert_eq!(order, [[Value::Text("b".to_owned())], [Value::Text("a".to_owned())]]);
}

#[test]
fn a_drain_that_found_the_lease_taken_finds_nothing_due() {
    let world = World::new();
    world.write("a", &lines(1));
    world.speak("a", 0);
    let own = world.test.spool("p own own own 1 own\n");
    let blocked = world.test.store.open("test").expect("the lease is free");
    assert_eq!(world.test.drain_as_hook(&own).due, []);
    drop(blocked);
    assert_eq!(world.hook(far()).counts.stored, 1);
}

#[test]
fn a_reader_that_panics_is_left_alone_after_five_times_and_hurts_no_other() -> Tested {
    let world = World::new();
    world.write("a", "p s m a 5 a\nboom\n");
    world.write("b", "p s m b 5 b\n");
    world.speak("a", 0);
    world.speak("b", 0);
    for round in 1..=6 {
        let report = world.command()?;
        assert!(matches!(report.end, store::DrainEnd::Empty) && report.caught_up.end.is_none());
        assert_eq!(report.caught_up.failed, u64::from(round < 6), "{round}");
        assert_eq!(world.cursors()[0], (Some("1".to_owned()), Some(0), round.min(5)));
        if round >= 3 {
            assert_eq!(world.hook(far()).failed, 0, "a hook has left it before");
        }
    }
    assert_eq!(world.texts().len(), 2);
    world.speak("a", 0);
    assert_eq!(world.command()?.caught_up.failed, 0, "also when it is spoken of again");
    world.execute(&format!("UPDATE import_cursors SET updated_at_unix_ms = {}", NOW - 3_600_001));
    assert_eq!(world.command()?.caught_up.failed, 1, "once an hour");
    assert_eq!(world.command()?.caught_up.failed, 0);
    world.write("a", "p s m a 5 a\np s m c 5 c\n");
    world.execute(&format!("UPDATE import_cursors SET updated_at_unix_ms = {}", NOW - 3_600_001));
    assert_eq!(world.command()?.caught_up.counts.stored, 1);
    assert_eq!(world.cursors()[0], (Some("2".to_owned()), Some(0), 0));
    Ok(())
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_tried_for_a_day() -> Tested {
    let world = World::new();
    world.write("a", "nonsense\n");
    world.speak("a", LATE);
    for _ in 0..5 {
        assert_eq!(world.command()?.caught_up.failed, 1);
    }
    assert_eq!(world.cursors(), [(None, Some(LATE), 0)]);
    world.write("a", &lines(1));
    assert_eq!(world.command()?.caught_up.counts.stored, 1);
    world.write("b", "nonsense\n");
    world.speak("b", 24 * 60 * 60 * 1_000);
    world.command()?;
    assert_eq!(world.command()?.caught_up.failed, 0);
    Ok(())
}

#[test]
fn a_transcript_whose_holders_died_is_left_alone_by_hooks_and_then_by_commands() -> Tested {
    let world = World::new();
    world.write("a", "boom\n");
    world.speak("a", 0);
    let own = world.test.spool("p own own own 1 own\n");
    world.test.drain_as_hook(&own);
    let path = world.path("a").display().to_string();
    let died = || {
        let mark = format!("{{\"agent\":\"toy\",\"transcript\":\"{path}\"}}");
        let left = format!("{{\"process_id\":1,\"purpose\":\"hooks\"}}\n{mark}\n");
        fs::write(world.test.store.location().lock(), left)
    };
    for round in 1..=3 {
        died()?;
        let own = world.test.spool("p own own own 1 own\n");
        let due = world.test.drain_as_hook(&own).due;
        assert_eq!(world.cursors(), [(None, Some(0), round)]);
        assert_eq!(due.len(), usize::from(round < 3));
        assert_eq!(fs::read(world.test.store.location().lock())?, b"", "it is counted once");
    }
    assert_eq!(world.command()?.caught_up.failed, 1, "a command tries");
    died()?;
    assert_eq!(world.command()?.caught_up.failed, 0);
    assert_eq!(world.cursors(), [(None, Some(0), 5)]);
    Ok(())
}

#[test]
fn what_a_dead_holder_suspected_is_still_suspected_after_a_piece_was_taken_in() -> Tested {
    let world = World::new();
    world.write("a", &lines(1));
    world.speak("a", 0);
    let own = world.test.spool("p own own own 1 own\n");
    let due = world.test.drain_as_hook(&own).due;
    let left = "{\"process_id\":1,\"purpose\":\"hooks\"}\nsuspect.spool\n";
    fs::write(world.test.store.location().lock(), left)?;
    assert_eq!(world.test.store.catch_up_as_hook(due, &[], far()).counts.stored, 1);
    let lock = fs::read_to_string(world.test.store.location().lock())?;
    assert_eq!(lock.lines().skip(1).collect::<Vec<_>>(), ["suspect.spool"]);
    Ok(())
}

#[test]
fn lines_that_cannot_be_read_are_in_quarantine_before_the_position_moves_on() -> Tested {
    let world = World::new();
    world.write("a", "p s m p1 1 one\njunk\np s m p2 1 two\n");
    world.speak("a", 0);
    // Nothing can be kept where a file lies in place of its folder.
    let quarantine = world.test.store.location().quarantine();
    fs::write(&quarantine, "")?;
    let report = world.command()?;
    assert!(report.caught_up.end.is_some(), "{report:?}");
    assert_eq!((world.cursors()[0].0.as_deref(), world.texts().len()), (Some("1"), 1));
    fs::remove_file(&quarantine)?;
    let report = world.command()?;
    assert_eq!((report.caught_up.counts.unreadable, world.texts().len()), (1, 2));
    assert_eq!(world.cursors()[0].0.as_deref(), Some("3"));
    let kept = world.test.store.quarantine().list()?;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].header.agent.as_deref(), Some("toy"));
    assert_eq!(kept[0].header.error.as_deref(), Some("line 1 is junk"));
    Ok(())
}

/// How often the reader below was called.
static READINGS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn who_is_overtaken_goes_on_from_where_the_other_is_and_gives_up_in_the_end() -> Tested {
    let mut world = World::new();
    // Each time before it hands out a piece, another process has read on.
    let reader: store::TranscriptReader = |transcript, position, sink| {
        let nth = READINGS.fetch_add(1, Ordering::SeqCst);
        let database = std::path::Path::new(&transcript.path).with_file_name("r.db");
        let other = rusqlite::Connection::open(database).expect("it is there");
        let sql = "UPDATE import_cursors SET position = ?1";
        if nth != 1 {
            other.execute(sql, [format!("other {nth}")]).expect("it is free");
        }
        drop(other);
        let (batch, unreadable) = (domain::Batch::default(), Vec::new());
        let position = format!("{}, then mine", position.unwrap_or_default());
        match sink(TranscriptFinding::Piece(TranscriptPiece { batch, unreadable, position })) {
            std::ops::ControlFlow::Continue(()) => Ok(TranscriptEnd::Read),
            std::ops::ControlFlow::Break(()) => Ok(TranscriptEnd::BrokenOff),
        }
    };
    world.test = TestStore::with(|settings| settings.reader = reader);
    world.speak("a", 0);
    let report = world.command()?;
    assert!(report.caught_up.end.is_none(), "{report:?}");
    assert_eq!(world.cursors()[0].0.as_deref(), Some("other 0, then mine"));
    world.command()?;
    assert_eq!(READINGS.load(Ordering::SeqCst), 5, "three times at most");
    Ok(())
}
