//! `OpenCode`: the SQLite database of today and the JSON folders of before 1.2, which it has left
//! where they were.

mod database;
mod folders;
mod mapping;
mod reading;
mod rows;
mod times;

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use self::{database::Database, folders::Folders, reading::Reading, rows::Rows};
use crate::{Cursors, Finding, Reason, Skipped, finding::Clock, object::Object, reason_of};

/// What is in a folder `storage`; the last one is written today, too.
const FOLDERS: [&str; 4] = ["session", "message", "part", "session_diff"];

/// The agent's name in envelopes.
const AGENT: &str = "opencode";

/// One place where `OpenCode` keeps sessions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Store {
    kind: StoreKind,
    path: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum StoreKind {
    Database,
    /// `session/<project>`, `message/<session>`, `part/<message>`.
    Folders,
    /// The same of each project on its own, with all in `session/`: before July 2025.
    ProjectFolders,
}

impl Store {
    /// The stores in `OpenCode`'s folder for data: the database of each release channel, and the
    /// folders. `path` may also name one database, or a folder `storage`.
    ///
    /// # Errors
    /// Nothing is at `path`, or it cannot be looked at.
    pub fn at(path: &Path) -> io::Result<Vec<Self>> {
        let path = fs::canonicalize(path)?;
        if !fs::metadata(&path)?.is_dir() {
            return Ok(vec![Self { kind: StoreKind::Database, path }]);
        }
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(&path)? {
            let entry = entry?.path();
            if is_database_name(&entry) && entry.is_file() {
                found.insert(Self { kind: StoreKind::Database, path: fs::canonicalize(entry)? });
            }
        }
        for folder in [&path, &path.join("storage")] {
            if FOLDERS.iter().any(|name| folder.join(name).is_dir()) {
                found.insert(Self { kind: StoreKind::Folders, path: folder.clone() });
            }
        }
        for project in fs::read_dir(path.join("project")).into_iter().flatten().flatten() {
            let folder = project.path().join("storage/session");
            if folder.is_dir() {
                found.insert(Self { kind: StoreKind::ProjectFolders, path: folder });
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Where it lies; its name in cursors too.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// About how many sessions, messages and parts it holds; none where that cannot be told.
    pub fn size(&self) -> u64 {
        self.source().size().unwrap_or(0)
    }

    /// Reads it from its first session to its last, handing each finding to `sink` in order; a
    /// `Break` from the sink ends the reading. What `known` covers is passed over.
    ///
    /// Memory is bounded by a page of 500 rows or 4 MiB, the longest value (64 MiB) and the list of
    /// sessions.
    pub fn read(
        &self,
        known: &Cursors,
        clock: Clock,
        sink: &mut dyn FnMut(Finding) -> ControlFlow<()>,
    ) {
        let mut source = self.source();
        let name = self.path.display().to_string();
        let mut reading = Reading::new(&mut *source, &name, known, clock, sink);
        // Who has broken it off knows why.
        let _ = reading.run();
    }

    /// Whether `OpenCode` of today would find a session of that id here: it looks in its database only.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn has_session(&self, id: &str) -> Result<bool, Reason> {
        match self.kind {
            StoreKind::Database => {
                let mut database = Database::new(self.path.clone());
                database
                    .has_session(id)
                    .map_err(|(Fault::Here(reason) | Fault::Everywhere(reason))| reason)
            }
            StoreKind::Folders | StoreKind::ProjectFolders => Ok(false),
        }
    }

    fn source(&self) -> Box<dyn Source> {
        let path = self.path.clone();
        match self.kind {
            StoreKind::Database => Box::new(Rows::new(Database::new(path))),
            StoreKind::Folders => Box::new(Folders::of_all_projects(path)),
            StoreKind::ProjectFolders => Box::new(Folders::of_one_project(path)),
        }
    }
}

/// `opencode.db`, and `opencode-<channel>.db` of other channels (`OpenCode` 1.18.33).
fn is_database_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let channel = name.strip_prefix("opencode").and_then(|rest| rest.strip_suffix(".db"));
    channel.is_some_and(|channel| channel.is_empty() || channel.starts_with('-'))
}

/// How the two forms of a store answer the same questions.
trait Source {
    /// About how many sessions, messages and parts there are.
    fn size(&mut self) -> Result<u64, Fault>;

    /// All conversations, also those of which only messages or parts are left.
    fn conversations(&mut self) -> Result<Conversations, Fault>;

    /// What is known of a conversation itself.
    fn session(&mut self, conversation: &Conversation) -> Result<Session, Fault>;

    /// Some of its messages or parts behind `after`, in an order that new ones come last in; none
    /// at the end.
    fn page(
        &mut self,
        conversation: &Conversation,
        kind: RowKind,
        after: &Key,
        want: Want,
    ) -> Result<Vec<Row>, Fault>;
}

/// What there is to read, and what cannot be listed.
#[derive(Debug, Default)]
struct Conversations {
    all: Vec<Conversation>,
    skipped: Vec<Skipped>,
}

/// A conversation by its id, or what is left of one by a message of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Conversation {
    Session(String),
    /// The parts of a message that nothing else is known of.
    Message(String),
}

impl Conversation {
    fn scope(&self) -> String {
        match self {
            Self::Session(id) => id.clone(),
            Self::Message(id) => format!("message {id}"),
        }
    }
}

/// What is known of a conversation itself.
#[derive(Debug, Default)]
struct Session {
    items: Vec<Object>,
    skipped: Vec<Skipped>,
    created_at: Option<i64>,
    /// When it was last touched, where rows can have been written later by the move.
    updated_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowKind {
    Message,
    Part,
}

/// Whether rows are only told apart, or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Version,
    Content,
}

/// A place in the order of rows; what it means is the source's business.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key(i64, String);

impl Key {
    const START: Self = Self(i64::MIN, String::new());
}

/// A message or part.
#[derive(Debug)]
struct Row {
    key: Key,
    id: String,
    /// The message of a part.
    message: String,
    /// When its first version was written, where the source knows.
    created_at: Option<i64>,
    written_at: i64,
    bytes: u64,
    content: Result<Vec<u8>, Reason>,
}

/// Why a question has no answer.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// What was asked for cannot be read; the rest may be.
    Here(Reason),
    /// Nothing can be read.
    Everywhere(Reason),
}

impl Fault {
    fn of_file(error: &io::Error) -> Self {
        Self::Everywhere(reason_of(error))
    }
}

/// Opens a file. Anything else of its name is left alone: to open a pipe waits for who writes to it.
fn open_file(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::ErrorKind::Unsupported.into())
    }
}
