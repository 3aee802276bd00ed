//! The one opener of the database, and a plain way to ask it: every call runs to its end, a panic
//! inside the engine is a failed call, and after one the engine is never touched again.

use std::{
    cell::Cell,
    io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use tokio::runtime::{Builder, Runtime};
use turso::{Connection, Value};

use crate::{
    Location, RetryPolicies, Settings, StoreError, Synchronous,
    error::OnFile,
    files::{self, Identity},
    migration::is_ours_or_empty,
};

/// The open database. Whoever has it holds the lease.
pub(crate) struct Engine {
    open: Option<Open>,
    panicked: Cell<bool>,
    location: Location,
    identity: Identity,
    retry: RetryPolicies,
    deadline: Option<Instant>,
}

struct Open {
    connection: Connection,
    runtime: Runtime,
}

/// One row of an answer, read column by column.
pub(crate) struct Row {
    values: turso::Row,
    next: usize,
    database: Arc<Path>,
}

impl Engine {
    /// Opens the database, creating an empty file where there is none.
    ///
    /// No attempt starts after `deadline`, neither here nor in later calls.
    pub(crate) fn open(
        location: &Location,
        settings: &Settings,
        deadline: Option<Instant>,
    ) -> Result<Self, StoreError> {
        files::create_folder(location.folder()).on_file("create the folder", location.folder())?;
        create_files(location)?;
        let identity = identity(location)?;
        let runtime = Builder::new_current_thread()
            .build()
            .on_file("start a runtime for", location.database())?;
        let policy = &settings.retry.connection_open;
        let connection = policy.run(deadline, || connect(&runtime, location.database()))?;
        let engine = Self {
            open: Some(Open { connection, runtime }),
            panicked: Cell::new(false),
            location: location.clone(),
            identity,
            retry: settings.retry.clone(),
            deadline,
        };
        engine.is_unchanged()?;
        // NORMAL may lose the last commits in a power cut; FULL costs a tenth (facts-turso).
        // What a query puts aside stays in memory: the engine's temporary files lie in a shared
        // folder, and others can read them.
        engine.execute_script(match settings.synchronous {
            Synchronous::Full => "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY",
            Synchronous::Normal => "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY",
        })?;
        Ok(engine)
    }

    fn path(&self) -> PathBuf {
        self.location.database().to_owned()
    }

    /// Where it lies.
    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// That the path still leads to the file that was opened.
    pub(crate) fn is_unchanged(&self) -> Result<(), StoreError> {
        match identity(&self.location) {
            Ok(identity) if identity == self.identity => Ok(()),
            _ => Err(StoreError::Replaced(self.location.database().to_owned())),
        }
    }

    /// Runs statements that give no rows.
    pub(crate) fn execute_script(&self, sql: &str) -> Result<(), StoreError> {
        self.retried("run a statement", || async { self.connection().execute_batch(sql).await })
    }

    /// Runs one prepared statement; says how many rows it changed.
    pub(crate) fn execute(
        &self,
        action: &'static str,
        sql: &str,
        parameters: Vec<Value>,
    ) -> Result<u64, StoreError> {
        self.call(action, async {
            let mut statement = self.connection().prepare_cached(sql).await?;
            statement.execute(parameters).await
        })
    }

    /// Asks one prepared query and reads every row.
    pub(crate) fn query<T>(
        &self,
        action: &'static str,
        sql: &str,
        parameters: &[Value],
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.fold(action, sql, parameters, |found: &mut Vec<T>, row| {
            found.push(read(row)?);
            Ok(())
        })
    }

    /// Asks one prepared query and adds row by row to what begins empty.
    pub(crate) fn fold<A: Default>(
        &self,
        action: &'static str,
        sql: &str,
        parameters: &[Value],
        add: impl Fn(&mut A, &mut Row) -> Result<(), StoreError>,
    ) -> Result<A, StoreError> {
        let database: Arc<Path> = self.location.database().into();
        self.retried(action, || async {
            let mut statement = self.connection().prepare_cached(sql).await?;
            let mut rows = statement.query(parameters.to_vec()).await?;
            let mut sum = Ok(A::default());
            while let Some(row) = rows.next().await? {
                let mut row = Row { values: row, next: 0, database: Arc::clone(&database) };
                sum = sum.and_then(|mut sum| add(&mut sum, &mut row).map(|()| sum));
            }
            Ok(sum)
        })?
    }

    /// Asks one prepared query for its first row.
    pub(crate) fn query_first<T>(
        &self,
        action: &'static str,
        sql: &str,
        parameters: &[Value],
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(action, sql, parameters, read)?.into_iter().next())
    }

    /// Runs `work` in one transaction: all of it is durable afterwards, or nothing of it.
    ///
    /// A transient fault runs `work` again from the start.
    pub(crate) fn transaction<T>(
        &self,
        work: impl Fn(&Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.retry.query.run(self.deadline, || {
            // Nobody else can write, so there is no lock to take at once; IMMEDIATE would make and
            // sync a temporary database beside this one (turso 0.8.3).
            self.execute("begin", "BEGIN", Vec::new())?;
            let done = work(self).and_then(|value| {
                self.execute("commit", "COMMIT", Vec::new())?;
                Ok(value)
            });
            if done.is_err() && !self.panicked.get() {
                // The first failure is the one to tell; without a transaction this one fails too.
                let _ = self.execute("roll back", "ROLLBACK", Vec::new());
            }
            done
        })
    }

    /// Writes the log back into the database and empties it.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        self.query("checkpoint", "PRAGMA wal_checkpoint(TRUNCATE)", &[], |_| Ok(())).map(drop)
    }

    /// The same where the log is larger than `limit_bytes`.
    pub(crate) fn checkpoint_above(&self, limit_bytes: u64) -> Result<(), StoreError> {
        let wal = std::fs::metadata(self.location.wal());
        if wal.is_ok_and(|metadata| metadata.len() > limit_bytes) {
            self.checkpoint()
        } else {
            Ok(())
        }
    }

    /// Whether the engine panicked, so that it cannot be asked again.
    pub(crate) fn has_panicked(&self) -> bool {
        self.panicked.get()
    }

    fn open_parts(&self) -> &Open {
        self.open.as_ref().expect("it is taken only when this is dropped")
    }

    fn connection(&self) -> &Connection {
        &self.open_parts().connection
    }

    fn retried<T, F: Future<Output = turso::Result<T>>>(
        &self,
        action: &'static str,
        call: impl Fn() -> F,
    ) -> Result<T, StoreError> {
        self.retry.query.run(self.deadline, || self.call(action, call()))
    }

    fn call<T>(
        &self,
        action: &'static str,
        call: impl Future<Output = turso::Result<T>>,
    ) -> Result<T, StoreError> {
        if self.panicked.get() {
            return Err(StoreError::EnginePanic { path: self.path(), action });
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| self.open_parts().runtime.block_on(call)));
        let Ok(result) = outcome else {
            self.panicked.set(true);
            return Err(StoreError::EnginePanic { path: self.path(), action });
        };
        result.map_err(|source| StoreError::Engine { path: self.path(), action, source })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if !self.panicked.get() {
            return;
        }
        // Its own drop would write what the assertion found to be wrong.
        mem::forget(self.open.take());
    }
}

/// Creates what is missing of the database's files, unless it is another program's: by us and not by the engine, so that only their
/// owner can read them, and durably, as the engine syncs what it writes but not its name.
fn create_files(location: &Location) -> Result<(), StoreError> {
    let database = location.database();
    // Looked at before anything is made beside it.
    if database.exists() && !is_ours_or_empty(database).on_file("read", database)? {
        return Err(StoreError::Foreign(database.to_owned()));
    }
    let missing = [database.to_owned(), location.wal()].into_iter();
    let mut missing = missing.filter(|path| !path.exists()).peekable();
    if missing.peek().is_none() {
        return Ok(());
    }
    for path in missing {
        files::open_private(&path).on_file("create", &path)?;
    }
    files::sync_folder(location.folder()).on_file("make durable", location.folder())
}

fn identity(location: &Location) -> Result<Identity, StoreError> {
    Identity::of_path(location.database()).on_file("look at", location.database())
}

fn connect(runtime: &Runtime, database: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::File { action: "open", path: database.to_owned(), source };
    let Some(path) = database.to_str() else {
        let reason = "the engine takes no path that is not UTF-8";
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, reason)));
    };
    let opened = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async { turso::Builder::new_local(path).build().await?.connect() })
    }));
    match opened {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(turso::Error::IoError(kind, _))) => Err(failed(kind.into())),
        // The engine gives this failure no type of its own (turso 0.8.3, `LimboError::LockingError`).
        Ok(Err(turso::Error::Error(text))) if text.starts_with("Locking error") => {
            Err(StoreError::LockedByOther(database.to_owned()))
        }
        Ok(Err(source)) => Err(StoreError::Engine {
            path: database.to_owned(),
            action: "open the database",
            source,
        }),
        Err(_) => {
            Err(StoreError::EnginePanic { path: database.to_owned(), action: "open the database" })
        }
    }
}

impl Row {
    /// The next column.
    pub(crate) fn value(&mut self) -> Result<Value, StoreError> {
        let value = self.values.get_value(self.next);
        self.next += 1;
        value.map_err(|source| StoreError::Engine {
            path: self.database.to_path_buf(),
            action: "read a column",
            source,
        })
    }

    /// The next column, an integer or NULL.
    pub(crate) fn integer(&mut self) -> Result<Option<i64>, StoreError> {
        match self.value()? {
            Value::Integer(integer) => Ok(Some(integer)),
            _ => Ok(None),
        }
    }

    /// The next column, a text or NULL.
    pub(crate) fn text(&mut self) -> Result<Option<String>, StoreError> {
        match self.value()? {
            Value::Text(text) => Ok(Some(text)),
            _ => Ok(None),
        }
    }
}
