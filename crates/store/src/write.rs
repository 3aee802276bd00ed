//! Versions of rows, gathered and merged with what is stored, and then written whole.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::{
    Commit, Compaction, Edit, Event, FileOperation, Item, Message, Part, Patch, Record, Rewrite,
    Session, SessionError, Step, ToolCall, UnixMs, Versioned,
};
use turso::Value;

use crate::{
    StoreError,
    engine::{Engine, Row},
    table::{Table, Written, last_key_sql, select_sql, upsert_sql},
};

/// How many rows one statement writes: more make it slower to compile, fewer slower to run.
const ROWS_PER_STATEMENT: usize = 50;

/// What an item was to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Something new.
    Stored,
    /// Something known, told differently.
    Updated,
    /// Nothing new.
    Duplicate,
}

/// The rows that one transaction will write.
#[derive(Default)]
pub(crate) struct Staging {
    sessions: Staged<Session>,
    messages: Staged<Message>,
    parts: Staged<Part>,
    tool_calls: Staged<ToolCall>,
    steps: Staged<Step>,
    patches: Staged<Patch>,
    compactions: Staged<Compaction>,
    errors: Staged<SessionError>,
    file_operations: Staged<FileOperation>,
    edits: Staged<Edit>,
    events: Staged<Event>,
    commits: Staged<Commit>,
    rewrites: Staged<Rewrite>,
}

impl Staging {
    /// Merges an item into the rows that it tells of. Says what it was to the row it is about.
    pub(crate) fn add(
        &mut self,
        engine: &Engine,
        item: Item,
        received_at: UnixMs,
    ) -> Result<Outcome, StoreError> {
        let mut is_news = false;
        let mut sessions = Vec::new();
        for record in item.beside {
            if let Record::Session(session) = &record {
                sessions.push(session.key());
            }
            is_news |= self.add_record(engine, record, received_at)? != Outcome::Duplicate;
        }
        let outcome = self.add_record(engine, item.subject, received_at)?;
        if is_news || outcome != Outcome::Duplicate {
            // The revision of a session is that of the last change of anything in it.
            for key in &sessions {
                self.sessions.touch(key);
            }
        }
        Ok(outcome)
    }

    fn add_record(
        &mut self,
        engine: &Engine,
        record: Record,
        received_at: UnixMs,
    ) -> Result<Outcome, StoreError> {
        match record {
            Record::Session(row) => self.sessions.add(engine, row, received_at),
            Record::Message(row) => self.messages.add(engine, row, received_at),
            Record::Part(row) => self.parts.add(engine, row, received_at),
            Record::ToolCall(row) => self.tool_calls.add(engine, row, received_at),
            Record::Step(row) => self.steps.add(engine, row, received_at),
            Record::Patch(row) => self.patches.add(engine, row, received_at),
            Record::Compaction(row) => self.compactions.add(engine, row, received_at),
            Record::SessionError(row) => self.errors.add(engine, row, received_at),
            Record::FileOperation(row) => self.file_operations.add(engine, row, received_at),
            Record::Edit(row) => self.edits.add(engine, row, received_at),
            Record::Event(row) => self.events.add(engine, row, received_at),
            Record::Commit(row) => self.commits.add(engine, row, received_at),
            Record::Rewrite(row) => self.rewrites.add(engine, row, received_at),
        }
    }

    /// Whether any row differs from what is stored.
    pub(crate) fn has_changes(&self) -> bool {
        let Self {
            sessions,
            messages,
            parts,
            tool_calls,
            steps,
            patches,
            compactions,
            errors,
            file_operations,
            edits,
            events,
            commits,
            rewrites,
        } = self;
        sessions.has_changes()
            || messages.has_changes()
            || parts.has_changes()
            || tool_calls.has_changes()
            || steps.has_changes()
            || patches.has_changes()
            || compactions.has_changes()
            || errors.has_changes()
            || file_operations.has_changes()
            || edits.has_changes()
            || events.has_changes()
            || commits.has_changes()
            || rewrites.has_changes()
    }

    /// Writes every row that differs from what is stored.
    pub(crate) fn write(
        &self,
        engine: &Engine,
        updated_at: UnixMs,
        revision: i64,
    ) -> Result<(), StoreError> {
        let Self {
            sessions,
            messages,
            parts,
            tool_calls,
            steps,
            patches,
            compactions,
            errors,
            file_operations,
            edits,
            events,
            commits,
            rewrites,
        } = self;
        sessions.write(engine, updated_at, revision)?;
        messages.write(engine, updated_at, revision)?;
        parts.write(engine, updated_at, revision)?;
        tool_calls.write(engine, updated_at, revision)?;
        steps.write(engine, updated_at, revision)?;
        patches.write(engine, updated_at, revision)?;
        compactions.write(engine, updated_at, revision)?;
        errors.write(engine, updated_at, revision)?;
        file_operations.write(engine, updated_at, revision)?;
        edits.write(engine, updated_at, revision)?;
        events.write(engine, updated_at, revision)?;
        commits.write(engine, updated_at, revision)?;
        rewrites.write(engine, updated_at, revision)
    }
}

/// The rows of one table.
struct Staged<T: Table> {
    rows: BTreeMap<T::Key, StagedRow<T>>,
    /// The greatest stored key of each session or repository, or that there is none.
    last_keys: BTreeMap<String, Option<T::Key>>,
}

struct StagedRow<T> {
    row: T,
    received_at: UnixMs,
    is_changed: bool,
}

impl<T: Table> Default for Staged<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), last_keys: BTreeMap::new() }
    }
}

impl<T: Table> Staged<T> {
    fn add(
        &mut self,
        engine: &Engine,
        version: T,
        received_at: UnixMs,
    ) -> Result<Outcome, StoreError> {
        let staged = match self.rows.entry(version.key()) {
            Entry::Occupied(staged) => staged.into_mut(),
            Entry::Vacant(place) => {
                let Some(row) = load(engine, &mut self.last_keys, place.key())? else {
                    place.insert(StagedRow { row: version, received_at, is_changed: true });
                    return Ok(Outcome::Stored);
                };
                place.insert(StagedRow { row, received_at, is_changed: false })
            }
        };
        let merged = staged.row.clone().join(version);
        let outcome =
            if merged.says_same(&staged.row) { Outcome::Duplicate } else { Outcome::Updated };
        if merged != staged.row {
            staged.row = merged;
            staged.is_changed = true;
        }
        Ok(outcome)
    }

    /// Writes the row, even if it says what it said.
    fn touch(&mut self, key: &T::Key) {
        if let Some(staged) = self.rows.get_mut(key) {
            staged.is_changed = true;
        }
    }

    fn has_changes(&self) -> bool {
        self.rows.values().any(|staged| staged.is_changed)
    }

    fn write(&self, engine: &Engine, updated_at: UnixMs, revision: i64) -> Result<(), StoreError> {
        let changed: Vec<_> = self.rows.values().filter(|staged| staged.is_changed).collect();
        for rows in changed.chunks(ROWS_PER_STATEMENT) {
            let mut values = Vec::new();
            for staged in rows {
                staged.row.values(&mut values);
                Written { received_at: staged.received_at, updated_at, revision }
                    .values(&mut values);
            }
            engine.execute("write rows", &upsert_sql::<T>(rows.len()), values)?;
        }
        Ok(())
    }
}

/// What is stored under a key.
///
/// Agents number what they say, so a key is mostly greater than every stored one of its session (a commit's:
/// of its repository): that is asked once for all of them, and only for the others is a row looked up.
fn load<T: Table>(
    engine: &Engine,
    last_keys: &mut BTreeMap<String, Option<T::Key>>,
    key: &T::Key,
) -> Result<Option<T>, StoreError> {
    let values = T::key_values(key);
    if let [Value::Text(owner), _, ..] = &values[..] {
        let last = match last_keys.entry(owner.clone()) {
            Entry::Occupied(last) => last.into_mut(),
            Entry::Vacant(place) => place.insert(load_last_key::<T>(engine, owner)?),
        };
        if last.as_ref().is_none_or(|last| key > last) {
            return Ok(None);
        }
    }
    engine.query_first("read a row", &select_sql::<T>(), &values, T::read)
}

/// Keys order here as in the index: both compare text by its bytes.
fn load_last_key<T: Table>(engine: &Engine, owner: &str) -> Result<Option<T::Key>, StoreError> {
    let owner = [Value::Text(owner.to_owned())];
    engine.query_first("read the last key", &last_key_sql::<T>(), &owner, T::read_key)
}

/// Takes the number of the commit that is being made.
pub(crate) fn next_revision(engine: &Engine) -> Result<i64, StoreError> {
    // Two statements: RETURNING puts its rows aside in a table of its own (turso 0.8.3).
    let update = "UPDATE store_state SET value = value + 1 WHERE name = 'revision'";
    engine.execute("take a revision", update, Vec::new())?;
    let select = "SELECT value FROM store_state WHERE name = 'revision'";
    let revision = engine.query_first("read the revision", select, &[], Row::integer)?;
    revision.flatten().ok_or(StoreError::Row { table: "store_state", column: "value" })
}

/// A text, or NULL.
pub(crate) fn text_or_null(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}
