//! Items that could not be taken in, kept to the byte.

use domain::{Reject, UnixMs};
use turso::Value;

use crate::{
    StoreError,
    engine::{Engine, Row},
    spool::sha256_hex,
    write::text_or_null,
};

/// One kept item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReject {
    /// Its identity.
    pub reject_id: String,
    /// The envelope's type.
    pub kind: String,
    /// Who speaks.
    pub agent: String,
    /// The agent's version.
    pub agent_version: Option<String>,
    /// The first failing field.
    pub field: String,
    /// Why.
    pub reason: String,
    /// The item as it came.
    pub item: String,
    /// Which of the equal items of its envelope it was, from 0.
    pub occurrence: u64,
    /// When it was handed over.
    pub received_at_unix_ms: i64,
}

const COLUMNS: &str =
    "reject_id, type, agent, agent_version, field, reason, item, occurrence, received_at_unix_ms";

/// Whether an item is kept already.
pub(crate) fn is_kept(engine: &Engine, reject: &Reject) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM rejects WHERE reject_id = ?1";
    let found =
        engine
            .query_first("look for a reject", sql, &[Value::Text(identity(reject))], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Keeps items; one that is kept already is left as it is.
pub(crate) fn keep(
    engine: &Engine,
    rejects: &[(Reject, UnixMs)],
    now: UnixMs,
    revision: i64,
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO rejects ({COLUMNS}, updated_at_unix_ms, revision) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (reject_id) DO NOTHING"
    );
    for (reject, received_at) in rejects {
        let values = vec![
            Value::Text(identity(reject)),
            Value::Text(reject.kind.clone()),
            Value::Text(reject.agent.clone()),
            text_or_null(reject.agent_version.as_deref()),
            Value::Text(reject.field.clone()),
            Value::Text(reject.reason.clone()),
            Value::Text(String::from_utf8_lossy(&reject.bytes).into_owned()),
            Value::Integer(i64::try_from(reject.occurrence).unwrap_or(i64::MAX)),
            Value::Integer(received_at.get()),
            Value::Integer(now.get()),
            Value::Integer(revision),
        ];
        engine.execute("keep a rejected item", &sql, values)?;
    }
    Ok(())
}

/// Forgets items that were taken in after all.
pub(crate) fn forget(engine: &Engine, ids: &[String]) -> Result<(), StoreError> {
    for id in ids {
        let sql = "DELETE FROM rejects WHERE reject_id = ?1";
        engine.execute("forget a rejected item", sql, vec![Value::Text(id.clone())])?;
    }
    Ok(())
}

/// How many items are kept.
pub(crate) fn count(engine: &Engine) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM rejects";
    let counted = engine.query_first("count rejected items", sql, &[], Row::integer)?.flatten();
    Ok(counted.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
}

/// All kept items, oldest first.
pub(crate) fn list(engine: &Engine) -> Result<Vec<KeptReject>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM rejects ORDER BY id");
    engine.query("list rejected items", &sql, &[], read)
}

fn read(row: &mut Row) -> Result<KeptReject, StoreError> {
    let mut text = || row.text().map(Option::unwrap_or_default);
    Ok(KeptReject {
        reject_id: text()?,
        kind: text()?,
        agent: text()?,
        agent_version: row.text()?,
        field: row.text()?.unwrap_or_default(),
        reason: row.text()?.unwrap_or_default(),
        item: row.text()?.unwrap_or_default(),
        occurrence: row.integer()?.and_then(|place| u64::try_from(place).ok()).unwrap_or_default(),
        received_at_unix_ms: row.integer()?.unwrap_or_default(),
    })
}

/// What makes a reject one and the same: type, agent, bytes, and which of equal ones it is.
fn identity(reject: &Reject) -> String {
    let mut bytes =
        format!("{}\n{}\n{}\n", reject.kind, reject.agent, reject.occurrence).into_bytes();
    bytes.extend(&reject.bytes);
    sha256_hex(&bytes)
}
