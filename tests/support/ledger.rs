//! What was handed over and what was acknowledged, against what is in the record in the end: all
//! that was acknowledged is there, and nothing is there twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::{Mutex, PoisonError},
};

use super::{Random, Record, Said, TestEnvironment, is_temporary};

/// The books of one test, kept by several threads.
#[derive(Default)]
pub struct Ledger {
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    given: BTreeSet<Said>,
    acknowledged: BTreeSet<Said>,
}

impl Ledger {
    /// Notes what a process is given, before it is started.
    pub fn give(&self, said: &[Said]) {
        self.with(|entries| entries.given.extend(said));
    }

    /// Notes that a process has acknowledged it.
    pub fn acknowledge(&self, said: &[Said]) {
        self.with(|entries| entries.acknowledged.extend(said));
    }

    /// How many acknowledged things are of a kind.
    pub fn count(&self, is_of_kind: impl Fn(&Said) -> bool) -> usize {
        self.with(|entries| entries.acknowledged.iter().filter(|said| is_of_kind(said)).count())
    }

    /// All acknowledged things.
    pub fn acknowledged(&self) -> BTreeSet<Said> {
        self.with(|entries| entries.acknowledged.clone())
    }

    /// One of the acknowledged things of a kind, where there is one.
    pub fn any(&self, random: &mut Random, is_of_kind: impl Fn(&Said) -> bool) -> Option<Said> {
        self.with(|entries| {
            let mut of_kind: Vec<Said> =
                entries.acknowledged.iter().copied().filter(is_of_kind).collect();
            let place = random.below(of_kind.len().max(1) as u64);
            let place = usize::try_from(place).expect("it is below a length");
            (place < of_kind.len()).then(|| of_kind.swap_remove(place))
        })
    }

    /// Drains what is left when all is quiet, and demands that the spool is empty, that all
    /// acknowledged things are in the record once, that nothing is in it twice, and that it is
    /// whole.
    pub fn settle(&self, environment: &TestEnvironment) {
        let drained = environment.run(["spool", "drain"]).ends_with(0);
        assert!(!drained.stdout.contains("quarantine"), "nothing innocent: {}", drained.stdout);
        let left = environment.spooled();
        assert!(left.iter().all(|file| is_temporary(file)), "{left:?}");
        self.check(environment);
        environment.record().is_whole();
    }

    fn check(&self, environment: &TestEnvironment) {
        let found = Self::found(environment);
        let faults = self.with(|entries| entries.faults(&found));
        let shown: Vec<_> = faults.iter().take(20).collect();
        assert!(faults.is_empty(), "{} faults, first of all {shown:#?}", faults.len());
    }

    /// How often each thing is in the database or in quarantine, whatever id it has there.
    pub fn found(environment: &TestEnvironment) -> BTreeMap<Said, usize> {
        let record = Record::of(&environment.default_database());
        let column = |sql| record.column::<String>(sql).into_iter();
        let texts = column("SELECT text FROM parts NOT INDEXED").map(|text| part(&text));
        let messages = column("SELECT message_id FROM messages NOT INDEXED");
        let events = column("SELECT payload ->> '$.prompt' FROM events NOT INDEXED");
        let rejects = column("SELECT item ->> '$.message_id' FROM rejects NOT INDEXED");
        let all = texts
            .chain(messages.map(|id| Said::Message(mark(&id, "msg_"))))
            .chain(events.map(|text| Said::Event(mark(&text, "mark "))))
            .chain(rejects.map(|id| Said::Reject(mark(&id, "msg_"))))
            .chain(pieces(environment).into_iter().map(|line| Said::Piece(mark(&line, "mark "))));
        let mut found = BTreeMap::new();
        all.for_each(|said| *found.entry(said).or_default() += 1);
        assert_eq!(one_row_per_stream(&record), 0, "a part that grows is one row");
        found
    }

    fn with<T>(&self, work: impl FnOnce(&mut Entries) -> T) -> T {
        work(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entries {
    fn faults(&self, found: &BTreeMap<Said, usize>) -> Vec<String> {
        let lost = self.acknowledged.iter().filter(|said| !is_in(found, **said));
        let lost = lost.map(|said| format!("{said:?} was acknowledged and is lost"));
        let doubled = found.iter().filter(|(_, times)| **times > 1);
        let doubled = doubled.map(|(said, times)| format!("{said:?} is there {times} times"));
        let unheard = found.keys().filter(|said| !self.given.contains(said));
        let unheard = unheard.map(|said| format!("{said:?} was never given"));
        lost.chain(doubled).chain(unheard).collect()
    }
}

/// Whether a thing is in the record; for a snapshot a later one stands.
fn is_in(found: &BTreeMap<Said, usize>, said: Said) -> bool {
    match said {
        Said::Snapshot { stream, .. } => {
            let last = Said::Snapshot { stream, mark: u64::MAX };
            found.range(said..=last).next().is_some()
        }
        Said::Message(_) | Said::Part(_) | Said::Event(_) | Said::Reject(_) | Said::Piece(_) => {
            found.contains_key(&said)
        }
    }
}

fn one_row_per_stream(record: &Record) -> i64 {
    let rows = "SELECT count(*) FROM parts NOT INDEXED WHERE message_id = 'msg_stream'";
    let streams = "SELECT count(DISTINCT part_id) FROM parts WHERE message_id = 'msg_stream'";
    record.number(rows) - record.number(streams)
}

fn part(text: &str) -> Said {
    match text.strip_prefix("stream ").and_then(|text| text.split_once(' ')) {
        Some((stream, text)) => Said::Snapshot {
            stream: stream.parse().expect("a stream is a number"),
            mark: mark(text, "mark "),
        },
        None => Said::Part(mark(text, "mark ")),
    }
}

/// The number behind a word at the start of a text.
fn mark(text: &str, word: &str) -> u64 {
    let digits = text.strip_prefix(word).and_then(|text| text.split(' ').next());
    let mark = digits.and_then(|digits| digits.parse().ok());
    mark.unwrap_or_else(|| panic!("`{}` bears no mark", text.chars().take(60).collect::<String>()))
}

/// The lines in quarantine that no envelope holds.
fn pieces(environment: &TestEnvironment) -> Vec<String> {
    let mut lines = Vec::new();
    for file in environment.quarantined() {
        let text = fs::read_to_string(file).expect("what was planted is text");
        lines.extend(text.lines().skip(1).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    lines
}
