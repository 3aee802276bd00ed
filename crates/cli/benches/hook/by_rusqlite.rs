//! The same job done by a small program on SQLite: the same decoding, schema, rows and durability,
//! but no spool, no lease and no look at what is stored: the last delivery overwrites.
//!
//! The benchmark starts itself with [`ARGUMENT`], so that it is measured as a process too.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fs::File,
    io::{self, BufReader, Read},
    ops::ControlFlow,
    path::Path,
    process::Command,
};

use domain::{
    Batch, Decoded, Earliest, Field, Join, Latest, Message, Part, Record, Session, UnixMs,
};
use intake::Origin;
use rusqlite::{Connection, ToSql, Transaction, params};

use crate::{Fallible, world::install};

/// The first argument of that program; the second is the database, a third names a file to take in
/// instead of standard input.
pub const ARGUMENT: &str = "by-rusqlite";

const ITEMS_PER_TRANSACTION: usize = 1_000;

/// The program, not started yet.
pub fn command(root: &Path, database: &Path) -> Fallible<Command> {
    #[expect(clippy::disallowed_methods, reason = "a benchmark that starts itself")]
    let mut command = Command::new(install(root, &env::current_exe()?)?);
    command.env_clear().args([ARGUMENT.as_ref(), database.as_os_str()]);
    Ok(command)
}

/// Makes the tables in a new file.
pub fn create(database: &Path) -> Fallible {
    let connection = open(database)?;
    for migration in store::MIGRATIONS {
        connection.execute_batch(migration.sql)?;
    }
    Ok(())
}

/// That program.
pub fn run(mut arguments: impl Iterator<Item = OsString>) -> Fallible {
    let database = arguments.next().ok_or("the database is missing")?;
    let mut connection = open(Path::new(&database))?;
    let origin = Origin { agent: None, received_at: store::receipt_now().0 };
    match arguments.next() {
        Some(file) => take_in(&mut connection, &origin, &mut BufReader::new(File::open(file)?)),
        None => take_in(&mut connection, &origin, &mut io::stdin().lock()),
    }
}

fn open(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(database)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
    connection.set_prepared_statement_cache_capacity(16);
    Ok(connection)
}

fn take_in(connection: &mut Connection, origin: &Origin, input: &mut dyn Read) -> Fallible {
    let mut pending = Vec::new();
    let mut items = 0;
    let mut outcome = Ok(());
    let _ = intake::decode(input, origin, &mut |decoded| {
        let Decoded::Items(batch) = decoded else { return ControlFlow::Continue(()) };
        items += batch.items.len();
        pending.push(batch);
        if items < ITEMS_PER_TRANSACTION {
            return ControlFlow::Continue(());
        }
        items = 0;
        outcome = commit(connection, origin.received_at, std::mem::take(&mut pending));
        if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    outcome.and_then(|()| commit(connection, origin.received_at, pending)).map_err(Into::into)
}

fn commit(
    connection: &mut Connection,
    received_at: UnixMs,
    batches: Vec<Batch>,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let revision = transaction.query_row(
        "UPDATE store_state SET value = value + 1 WHERE name = 'revision' RETURNING value",
        [],
        |row| row.get(0),
    )?;
    let writer = Writer { transaction, received_at: received_at.get(), revision };
    let mut sessions = BTreeMap::new();
    for item in batches.into_iter().flat_map(|batch| batch.items) {
        for record in item.beside.into_iter().chain([item.subject]) {
            match record {
                Record::Message(message) => writer.message(&message)?,
                Record::Part(part) => writer.part(&part)?,
                Record::Session(session) => widen(&mut sessions, session),
                // The captures of this benchmark hold none.
                _ => {}
            }
        }
    }
    sessions.values().try_for_each(|session| writer.session(session))?;
    writer.transaction.commit()
}

fn widen(sessions: &mut BTreeMap<String, Session>, session: Session) {
    let id = session.session_id.as_str();
    let joined = match sessions.remove(id) {
        Some(known) => known.join(session),
        None => session,
    };
    sessions.insert(joined.session_id.as_str().to_owned(), joined);
}

struct Writer<'c> {
    transaction: Transaction<'c>,
    received_at: i64,
    revision: i64,
}

impl Writer<'_> {
    fn session(&self, row: &Session) -> rusqlite::Result<()> {
        let sql = "
            INSERT INTO sessions (
                session_id, created_at_unix_ms, last_activity_at_unix_ms, agent, agent_version,
                project_path, provider_id, model_id, stamps, received_at_unix_ms,
                updated_at_unix_ms, revision
            )
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (session_id) DO UPDATE SET
                created_at_unix_ms = min(created_at_unix_ms, excluded.created_at_unix_ms),
                last_activity_at_unix_ms =
                    max(last_activity_at_unix_ms, excluded.last_activity_at_unix_ms),
                agent = excluded.agent, agent_version = excluded.agent_version,
                project_path = coalesce(excluded.project_path, project_path),
                provider_id = coalesce(excluded.provider_id, provider_id),
                model_id = coalesce(excluded.model_id, model_id), stamps = excluded.stamps,
                updated_at_unix_ms = excluded.updated_at_unix_ms, revision = excluded.revision";
        let Latest(last_activity_at) = row.last_activity_at;
        let model = row.model.value();
        self.write(
            sql,
            params![
                row.session_id.as_str(),
                earliest(row.created_at),
                last_activity_at.map(UnixMs::get),
                row.agent.value().map(domain::Agent::as_str),
                row.agent_version.value(),
                row.project_path.value(),
                model.and_then(|model| model.provider_id.as_ref()),
                model.and_then(|model| model.model_id.as_ref()),
                stamp(&row.agent),
                self.received_at,
                self.received_at,
                self.revision,
            ],
        )
    }

    fn message(&self, row: &Message) -> rusqlite::Result<()> {
        let sql = "
            INSERT INTO messages (
                session_id, message_id, generated_at_unix_ms, ordered_at_unix_ms, role, agent_name,
                parent_message_id, provider_id, model_id, tokens_input, tokens_output,
                tokens_reasoning, tokens_cache_read, tokens_cache_write, tokens_cache_write_1h,
                cost_given, cost_given_picodollars, finish, completed_at_unix_ms, error, summary_diffs,
                payload, stamps, received_at_unix_ms, updated_at_unix_ms, revision
            )
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (session_id, message_id) DO UPDATE SET
                generated_at_unix_ms = excluded.generated_at_unix_ms,
                ordered_at_unix_ms = excluded.ordered_at_unix_ms, role = excluded.role,
                agent_name = excluded.agent_name, parent_message_id = excluded.parent_message_id,
                provider_id = excluded.provider_id, model_id = excluded.model_id,
                tokens_input = excluded.tokens_input, tokens_output = excluded.tokens_output,
                tokens_reasoning = excluded.tokens_reasoning,
                tokens_cache_read = excluded.tokens_cache_read,
                tokens_cache_write = excluded.tokens_cache_write,
                tokens_cache_write_1h = excluded.tokens_cache_write_1h,
                cost_given = excluded.cost_given,
                cost_given_picodollars = excluded.cost_given_picodollars,
                finish = excluded.finish, completed_at_unix_ms = excluded.completed_at_unix_ms,
                error = excluded.error, summary_diffs = excluded.summary_diffs,
                payload = excluded.payload, stamps = excluded.stamps,
                updated_at_unix_ms = excluded.updated_at_unix_ms, revision = excluded.revision";
        let (model, cost) = (row.model.value(), row.cost.value());
        let tokens = row.tokens.value().copied().unwrap_or_default();
        self.write(
            sql,
            params![
                row.session_id.as_str(),
                row.message_id.as_str(),
                earliest(row.generated_at),
                earliest(row.ordered_at),
                row.role.value().map(|role| role.as_str()),
                row.agent_name.value(),
                row.parent_message_id.value(),
                model.and_then(|model| model.provider_id.as_ref()),
                model.and_then(|model| model.model_id.as_ref()),
                tokens.input,
                tokens.output,
                tokens.reasoning,
                tokens.cache_read,
                tokens.cache_write,
                tokens.cache_write_1h,
                cost.map(domain::Cost::text),
                cost.map(|cost| cost.amount().0),
                row.finish.value(),
                row.completed_at.value(),
                row.error.value().map(domain::Json::as_str),
                row.summary_diffs.value().map(domain::Json::as_str),
                row.payload.value().map(domain::Json::as_str),
                stamp(&row.role),
                self.received_at,
                self.received_at,
                self.revision,
            ],
        )
    }

    fn part(&self, row: &Part) -> rusqlite::Result<()> {
        let sql = "
            INSERT INTO parts (
                session_id, message_id, part_id, generated_at_unix_ms, ordered_at_unix_ms,
                part_type, text, reasoning_text, signature, started_at_unix_ms, ended_at_unix_ms,
                compaction_auto, file_mime, file_name, payload, stamps, received_at_unix_ms,
                updated_at_unix_ms, revision
            )
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (session_id, message_id, part_id) DO UPDATE SET
                generated_at_unix_ms = excluded.generated_at_unix_ms,
                ordered_at_unix_ms = excluded.ordered_at_unix_ms, part_type = excluded.part_type,
                text = excluded.text, reasoning_text = excluded.reasoning_text,
                signature = excluded.signature, started_at_unix_ms = excluded.started_at_unix_ms,
                ended_at_unix_ms = excluded.ended_at_unix_ms,
                compaction_auto = excluded.compaction_auto, file_mime = excluded.file_mime,
                file_name = excluded.file_name, payload = excluded.payload,
                stamps = excluded.stamps, updated_at_unix_ms = excluded.updated_at_unix_ms,
                revision = excluded.revision";
        self.write(
            sql,
            params![
                row.session_id.as_str(),
                row.message_id.as_str(),
                row.part_id.as_str(),
                earliest(row.generated_at),
                earliest(row.ordered_at),
                row.kind.value().map(|kind| kind.as_str()),
                row.text.value(),
                row.reasoning_text.value(),
                row.signature.value(),
                row.started_at.value(),
                row.ended_at.value(),
                row.compaction_auto.value(),
                row.file_mime.value(),
                row.file_name.value(),
                row.payload.value().map(domain::Json::as_str),
                stamp(&row.kind),
                self.received_at,
                self.received_at,
                self.revision,
            ],
        )
    }

    fn write(&self, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<()> {
        self.transaction.prepare_cached(sql)?.execute(values).map(drop)
    }
}

fn earliest(Earliest(time): Earliest) -> Option<i64> {
    time.map(UnixMs::get)
}

/// The stamps column of a row whose fields all come from one snapshot.
fn stamp<T>(field: &Field<T>) -> String {
    field.stamp().map_or_else(String::new, |stamp| {
        format!("{}{}", stamp.observed_at.get(), if stamp.is_final { "!" } else { "" })
    })
}
