//! Whether the database is whole.

use crate::{
    Holder, StoreError,
    engine::{Engine, Row},
    migration,
};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub what: String,
}

/// The engine's own check of every page, and ours of schema and revision. No fault: it is whole.
///
/// # Errors
/// The check itself could not be made.
pub fn check(holder: &Holder<'_>) -> Result<Vec<Fault>, StoreError> {
    check_by(holder, "PRAGMA integrity_check")
}

/// The same without comparing the indexes with their tables, in half the time.
///
/// # Errors
/// The check itself could not be made.
pub fn quick_check(holder: &Holder<'_>) -> Result<Vec<Fault>, StoreError> {
    check_by(holder, "PRAGMA quick_check")
}

fn check_by(holder: &Holder<'_>, pragma: &str) -> Result<Vec<Fault>, StoreError> {
    faults_of(&holder.engine, pragma)
}

/// What is wrong with an open database.
pub(crate) fn faults_of(engine: &Engine, pragma: &str) -> Result<Vec<Fault>, StoreError> {
    let integrity = engine.query("check the database", pragma, &[], Row::text)?;
    let broken = integrity.into_iter().flatten().filter(|line| line != "ok");
    let mut faults: Vec<Fault> = broken.map(|what| Fault { what }).collect();
    let noted = engine.query_first(
        "read the schema version",
        "SELECT max(version) FROM schema_migrations",
        &[],
        Row::integer,
    )?;
    let version = migration::version(engine)?;
    if noted.flatten() != Some(version) {
        let what = format!("the header says schema {version}, `schema_migrations` says otherwise");
        faults.push(Fault { what });
    }
    Ok(faults)
}
