//! The schema: numbered files in `migrations/`, each applied in one transaction with the row that
//! says so. A shipped one is never edited.

use std::{
    fs::{self, File, Permissions},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use turso::Value;

use crate::{
    Location, StoreError,
    engine::{Engine, Row},
    error::OnFile,
    files,
};

/// Marks a database file as ours, in SQLite's header: "rcnt".
const APPLICATION_ID: i64 = 0x7263_6e74;

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number; they count from 1 without a gap.
    pub version: i64,
    /// What it is about.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

/// Every step, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "record",
        sql: include_str!("../../../migrations/0001_record.sql"),
    },
    Migration {
        version: 2,
        name: "resume_state",
        sql: include_str!("../../../migrations/0002_resume_state.sql"),
    },
    Migration {
        version: 3,
        name: "sessions_by_revision",
        sql: include_str!("../../../migrations/0003_sessions_by_revision.sql"),
    },
    Migration { version: 4, name: "sums", sql: include_str!("../../../migrations/0004_sums.sql") },
    Migration {
        version: 5,
        name: "last_activity",
        sql: include_str!("../../../migrations/0005_last_activity.sql"),
    },
    Migration {
        version: 6,
        name: "attribution",
        sql: include_str!("../../../migrations/0006_attribution.sql"),
    },
];

/// What may be done to a database whose schema is older than this binary's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Migrate {
    /// Bring it up to date, keeping a copy.
    Yes,
    /// Leave it alone; an empty one is set up.
    OnlyEmpty,
}

/// Makes sure that the database has the newest schema.
pub(crate) fn migrate(
    engine: &Engine,
    migrations: &[Migration],
    allowed: Migrate,
    now_unix_ms: i64,
) -> Result<(), StoreError> {
    let known = migrations.last().map_or(0, |migration| migration.version);
    let found = version(engine)?;
    let path = || engine.location().database().to_owned();
    if found == known {
        return Ok(());
    }
    if found > known {
        return Err(StoreError::NewerSchema { path: path(), found, known });
    }
    if found > 0 && allowed == Migrate::OnlyEmpty {
        return Err(StoreError::OlderSchema { path: path(), found, known });
    }
    if found > 0 {
        keep_copy(engine, engine.location(), found)?;
    }
    for migration in migrations.iter().filter(|migration| migration.version > found) {
        apply(engine, migration, now_unix_ms)?;
    }
    // Until the first checkpoint everything is in the log, which is read at each open.
    engine.checkpoint()
}

/// The schema of a database; 0 for an empty one.
pub(crate) fn version(engine: &Engine) -> Result<i64, StoreError> {
    let pragma = |sql| {
        engine
            .query_first("read the schema version", sql, &[], Row::integer)
            .map(|found| found.flatten().unwrap_or(0))
    };
    let version = pragma("PRAGMA user_version")?;
    let tables = || pragma("SELECT count(*) FROM sqlite_schema");
    let is_ours = pragma("PRAGMA application_id")? == APPLICATION_ID;
    if is_ours || (version == 0 && tables()? == 0) {
        Ok(version)
    } else {
        Err(StoreError::Foreign(engine.location().database().to_owned()))
    }
}

/// That a file is empty or begins like one of our databases, without opening it: the engine
/// writes to what it opens.
///
/// Until its first checkpoint a database of ours is one page without a table.
pub(crate) fn is_ours_or_empty(database: &Path) -> io::Result<bool> {
    let mut page = Vec::new();
    File::open(database)?.take(HEADER_BYTES).read_to_end(&mut page)?;
    let application_id = page.get(68..72).map(|bytes| i64::from(be_u32(bytes)));
    let cells_of_schema = page.get(103..105).map(|bytes| bytes == [0, 0]);
    Ok(page.is_empty()
        || (page.starts_with(b"SQLite format 3\0")
            && (application_id == Some(APPLICATION_ID) || cells_of_schema == Some(true))))
}

/// The header of a SQLite file and of its first page (sqlite.org/fileformat).
const HEADER_BYTES: u64 = 108;

fn be_u32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn apply(engine: &Engine, migration: &Migration, now_unix_ms: i64) -> Result<(), StoreError> {
    engine.transaction(|engine| {
        engine.execute_script(migration.sql)?;
        engine.execute(
            "note a migration",
            "INSERT INTO schema_migrations (version, name, applied_at_unix_ms) VALUES (?1, ?2, ?3)",
            vec![
                Value::Integer(migration.version),
                Value::Text(migration.name.to_owned()),
                Value::Integer(now_unix_ms),
            ],
        )?;
        engine.execute_script(&format!(
            "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}",
            migration.version
        ))
    })
}

/// Keeps the database as it was, beside it; a copy that is there already is older and stays.
fn keep_copy(engine: &Engine, location: &Location, version: i64) -> Result<(), StoreError> {
    let copy = location.copy_before(version);
    if copy.exists() {
        return Ok(());
    }
    let mut temporary = copy.clone().into_os_string();
    temporary.push(".tmp");
    // What an earlier try has left is not whole.
    let _ = fs::remove_file(&temporary);
    // The engine takes a literal only (turso 0.8.3).
    let literal = temporary.to_string_lossy().replace('\'', "''");
    let action = "copy the database before a migration";
    engine.execute(action, &format!("VACUUM INTO '{literal}'"), Vec::new())?;
    fs::set_permissions(&temporary, Permissions::from_mode(0o600))
        .on_file("take from others", &temporary)?;
    File::open(&temporary).and_then(|file| file.sync_all()).on_file("make durable", &temporary)?;
    fs::rename(&temporary, &copy).on_file("rename to", &copy)?;
    files::sync_folder(location.folder()).on_file("make durable", location.folder())
}
