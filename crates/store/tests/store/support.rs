//! A store in a temporary folder, a decoder for a toy language, and the rows as stock SQLite sees
//! them.

use std::{
    io,
    ops::ControlFlow,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use domain::{
    Agent, Batch, Commit, CommitId, Decoded, Earliest, Field, Item, Latest, MessageId, Part,
    PartId, PartKind, Reject, Repository, Rewrite, Session, SessionId, Stamp, Transcript, UnixMs,
    Unreadable,
};
use rusqlite::{Connection, OpenFlags, types::Value};
use store::{
    DrainReport, Header, Location, MIGRATIONS, RetryPolicies, Settings, SpoolFile, SpoolRecord,
    Store, StoreError, Synchronous, TranscriptEnd, TranscriptFinding, TranscriptPiece,
};
use tempfile::TempDir;

pub const NOW: i64 = 1_795_168_018_979;

/// What a test returns.
pub type Tested = Result<(), Box<dyn std::error::Error>>;

/// Makes the toy decoder panic at the word `boom`; else it is a text like any other.
pub static BOOM: AtomicBool = AtomicBool::new(true);

pub struct TestStore {
    pub folder: TempDir,
    pub store: Store,
}

impl TestStore {
    #[must_use]
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    #[must_use]
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut settings = settings();
        settings.outbox = Some(folder.path().join("outbox"));
        change(&mut settings);
        let location = Location::resolve(&folder.path().join("r.db")).expect("it resolves");
        Self { store: Store::new(location, settings), folder }
    }

    /// Hands bytes over as a hook does, without draining.
    pub fn spool(&self, text: &str) -> SpoolFile {
        self.spool_at(NOW, text)
    }

    pub fn spool_at(&self, received_at: i64, text: &str) -> SpoolFile {
        let header = header(received_at, text.len());
        self.store.spool().write(&header, text.as_bytes()).expect("it is durable")
    }

    /// Drains as a command does.
    pub fn drain(&self) -> Result<DrainReport, StoreError> {
        self.store.open_drained("test").map(|(_, report)| report)
    }

    /// Drains as a hook does, with time enough.
    pub fn drain_as_hook(&self, own: &SpoolFile) -> DrainReport {
        self.store.drain_as_hook(own, 1, Instant::now() + Duration::from_mins(1))
    }

    /// What stock SQLite answers.
    pub fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        query(self.store.location().database(), sql)
    }

    /// The one integer that stock SQLite answers.
    pub fn number(&self, sql: &str) -> i64 {
        match self.query(sql).first().and_then(|row| row.first()) {
            Some(Value::Integer(number)) => *number,
            other => panic!("{sql}: {other:?}"),
        }
    }

    /// Names of the files in a folder beside the database.
    fn files_in(folder: PathBuf) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    pub fn spooled(&self) -> Vec<String> {
        Self::files_in(self.store.location().spool())
    }

    pub fn quarantined(&self) -> Vec<String> {
        Self::files_in(self.store.location().quarantine())
    }
}

pub fn query(database: &std::path::Path, sql: &str) -> Vec<Vec<Value>> {
    let database = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .expect("stock SQLite opens it");
    let mut statement = database.prepare(sql).expect("the statement is right");
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|column| row.get(column)).collect());
    rows.expect("it answers").collect::<Result<_, _>>().expect("every row can be read")
}

pub fn settings() -> Settings {
    Settings {
        synchronous: Synchronous::Normal,
        checkpoint_bytes: 1 << 20,
        retry: RetryPolicies::default(),
        lease_timeout: Duration::from_mins(1),
        outbox: None,
        is_default_database: true,
        decoder: decode,
        reader: read,
        migrations: MIGRATIONS,
        clock: || UnixMs::new(NOW).expect("not negative"),
    }
}

pub fn header(received_at: i64, bytes: usize) -> Header {
    Header::new(None, UnixMs::new(received_at).expect("not negative"), 0, bytes as u64)
}

/// One line is one finding: `p SESSION MESSAGE PART MS TEXT` is a text part, `c REPOSITORY OLD NEW MS COMMAND`
/// a commit that replaces another, both named by one digit, `t PATH` speaks of a transcript, `reject TEXT` and `unreadable TEXT` are what they say, `boom` panics.
fn decode(
    record: &mut SpoolRecord<'_>,
    sink: &mut dyn FnMut(Decoded) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    let mut text = String::new();
    record.body.read_to_string(&mut text)?;
    for line in text.lines() {
        let words: Vec<&str> = line.splitn(6, ' ').collect();
        let decoded = match words[..] {
            ["boom"] if BOOM.load(Ordering::SeqCst) => panic!("boom"),
            ["p", session, message, part, ms, text] => {
                Decoded::Items(part_batch(session, message, part, ms, text))
            }
            ["c", repository, old, new, ms, command] => {
                Decoded::Items(commit_batch(repository, [old, new], ms, command))
            }
            ["t", path] => {
                Decoded::Items(Batch { transcripts: vec![transcript(path)], ..Batch::default() })
            }
            ["reject", ..] => Decoded::Rejected(reject(line)),
            _ => Decoded::Unreadable(Unreadable {
                offset: 0,
                reason: "is no line".to_owned(),
                bytes: line.as_bytes().to_vec(),
            }),
        };
        if sink(decoded).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

pub fn transcript(path: &str) -> Transcript {
    Transcript { agent: Agent::new("toy").expect("a word"), path: path.to_owned() }
}

/// Reads a file of the same lines, each a piece of its own; a position is a number of lines.
fn read(
    transcript: &Transcript,
    position: Option<&str>,
    sink: &mut dyn FnMut(TranscriptFinding) -> ControlFlow<()>,
) -> io::Result<TranscriptEnd> {
    let text = match std::fs::read_to_string(&transcript.path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(TranscriptEnd::Gone),
        text => text?,
    };
    let read = position.map_or(0, |position| position.parse().expect("a number"));
    for (number, line) in text.lines().enumerate().skip(read) {
        let mut unreadable: Vec<Unreadable> = Vec::new();
        let words: Vec<&str> = line.splitn(6, ' ').collect();
        let batch = match words[..] {
            ["boom"] => panic!("boom"),
            ["junk", ..] => {
                let reason = format!("line {number} is junk");
                unreadable.push(Unreadable { offset: 0, reason, bytes: line.into() });
                Batch::default()
            }
            ["p", session, message, part, ms, text] => part_batch(session, message, part, ms, text),
            _ => return Err(io::Error::other("no line")),
        };
        let position = (number + 1).to_string();
        let piece = TranscriptPiece { batch, unreadable, position };
        if sink(TranscriptFinding::Piece(piece)).is_break() {
            return Ok(TranscriptEnd::BrokenOff);
        }
    }
    Ok(TranscriptEnd::Read)
}

fn reject(line: &str) -> Reject {
    Reject {
        envelope: 0,
        index: 0,
        field: "message_id".to_owned(),
        reason: "is missing".to_owned(),
        kind: "message.part.updated".to_owned(),
        agent: "unknown".to_owned(),
        agent_version: None,
        bytes: line.as_bytes().to_vec(),
        occurrence: 0,
    }
}

fn part_batch(session: &str, message: &str, part: &str, ms: &str, text: &str) -> Batch {
    let session_id = SessionId::new(session).expect("a word");
    let at = UnixMs::new(ms.parse().expect("a number")).expect("not negative");
    let stamp = Stamp { is_final: text.ends_with('!'), observed_at: at };
    let mut row = Part::new(
        session_id.clone(),
        MessageId::new(message).expect("a word"),
        PartId::new(part).expect("a word"),
    );
    row.generated_at = Earliest(Some(at));
    row.ordered_at = Earliest(Some(at));
    row.kind = Field::new(stamp, Some(PartKind::Text));
    row.text = Field::new(stamp, Some(text.to_owned()));
    let mut session = Session::new(session_id);
    session.created_at = Earliest(Some(at));
    session.last_activity_at = Latest(Some(at));
    let agent = Agent::new("toy").expect("a word");
    session.agent = Field::new(Stamp { is_final: false, observed_at: at }, Some(agent));
    let item = Item { subject: row.into(), beside: vec![session.into()], bytes: text.len() };
    Batch { items: vec![item], ..Batch::default() }
}

fn commit_batch(repository: &str, digits: [&str; 2], ms: &str, command: &str) -> Batch {
    let repository = Repository::new(repository).expect("it is absolute");
    let [old, new] = digits.map(|digit| CommitId::new(digit.repeat(40)).expect("a digit"));
    let at = UnixMs::new(ms.parse().expect("a number")).expect("not negative");
    let stamp = Stamp { is_final: false, observed_at: at };
    let mut commit = Commit::new(repository.clone(), new.clone());
    commit.generated_at = Earliest(Some(at));
    commit.ordered_at = Earliest(Some(at));
    commit.worktree = Field::new(stamp, Some(format!("/work/{ms}")));
    let mut rewrite = Rewrite::new(repository, old, new);
    rewrite.generated_at = Earliest(Some(at));
    rewrite.ordered_at = Earliest(Some(at));
    rewrite.command = Field::new(stamp, Some(command.to_owned()));
    let item = Item { subject: commit.into(), beside: vec![rewrite.into()], bytes: 0 };
    Batch { items: vec![item], ..Batch::default() }
}
