//! The tables of the record: how a row of `domain` lies in its columns. One file names them all;
//! a new field is one entry there and one column in a migration.

mod column;
mod record;
mod stamps;

use domain::{UnixMs, Versioned};
use turso::Value;

pub(crate) use self::{
    column::{Column, Columns, Unreadable},
    stamps::Stamps,
};
use crate::{StoreError, engine::Row};

/// A row that has a table.
pub(crate) trait Table: Versioned {
    /// The table.
    const NAME: &'static str;
    /// The columns of the natural key.
    const KEY: &'static [&'static str];
    /// The columns of the fields.
    const FIELDS: &'static [&'static str];

    /// The values of a key, in the order of `KEY`.
    fn key_values(key: &Self::Key) -> Vec<Value>;
    /// The key with the values of `KEY`.
    fn read_key(row: &mut Row) -> Result<Self::Key, StoreError>;
    /// The values of key, fields and stamps, in their order.
    fn values(&self, into: &mut Vec<Value>);
    /// The row with these values: the stamps first, then key and fields.
    fn read(row: &mut Row) -> Result<Self, StoreError>;
}

/// The statement that finds one row of `T` by its key.
pub(crate) fn select_sql<T: Table>() -> String {
    let key: Vec<String> =
        T::KEY.iter().enumerate().map(|(index, name)| format!("{name} = ?{}", index + 1)).collect();
    format!("{} WHERE {}", select_all_sql::<T>(), key.join(" AND "))
}

/// The statement that finds the greatest key of `T` among those that begin like it.
pub(crate) fn last_key_sql<T: Table>() -> String {
    let order: Vec<String> = T::KEY[1..].iter().map(|name| format!("{name} DESC")).collect();
    format!(
        "SELECT {} FROM {} WHERE {} = ?1 ORDER BY {} LIMIT 1",
        T::KEY.join(", "),
        T::NAME,
        T::KEY[0],
        order.join(", "),
    )
}

/// The statement that finds the rows of `T` in one session, oldest first.
pub(crate) fn select_in_order_sql<T: Table>() -> String {
    // The session is the same in all of them.
    let order: Vec<&str> = T::KEY.iter().copied().filter(|name| *name != "session_id").collect();
    let order = order.join(", ");
    format!("{} WHERE session_id = ?1 ORDER BY ordered_at_unix_ms, {order}", select_all_sql::<T>())
}

fn select_all_sql<T: Table>() -> String {
    format!("SELECT {} FROM {}", [STAMPS, T::KEY, T::FIELDS].concat().join(", "), T::NAME)
}

/// The statement that writes `rows` whole rows of `T`, new ones and known ones alike.
pub(crate) fn upsert_sql<T: Table>(rows: usize) -> String {
    let columns = [T::KEY, T::FIELDS, STAMPS, WRITTEN].concat();
    let place = format!("({})", vec!["?"; columns.len()].join(", "));
    // The first receipt stays: a second delivery tells nothing new of it.
    let updates: Vec<String> = [T::FIELDS, STAMPS, &WRITTEN[1..]]
        .concat()
        .iter()
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    format!(
        "INSERT INTO {} ({}) VALUES {} ON CONFLICT ({}) DO UPDATE SET {}",
        T::NAME,
        columns.join(", "),
        vec![place; rows].join(", "),
        T::KEY.join(", "),
        updates.join(", "),
    )
}

/// The column of the stamps.
const STAMPS: &[&str] = &["stamps"];

/// The columns that say how a row was written; the receipt comes first.
const WRITTEN: &[&str] = &["received_at_unix_ms", "updated_at_unix_ms", "revision"];

/// How a row was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) received_at: UnixMs,
    pub(crate) updated_at: UnixMs,
    pub(crate) revision: i64,
}

impl Written {
    /// The values of the columns that say how a row was written.
    pub(crate) fn values(&self, into: &mut Vec<Value>) {
        into.extend(
            [self.received_at.get(), self.updated_at.get(), self.revision].map(Value::Integer),
        );
    }
}
