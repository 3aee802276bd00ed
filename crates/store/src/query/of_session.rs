//! What is asked of one session: its row, and rows of one table in their order.

use domain::{Session, SessionId};
use turso::Value;

use crate::{
    StoreError,
    canary::is_canary,
    engine::Engine,
    table::{Table, select_in_order_sql, select_sql},
};

/// The session's row, where there is one that is told of.
pub(super) fn session(engine: &Engine, id: &SessionId) -> Result<Option<Session>, StoreError> {
    if is_canary(id.as_str()) {
        return Ok(None);
    }
    engine.query_first("read a session", &select_sql::<Session>(), &key(id), Session::read)
}

/// All rows of one table, oldest first.
pub(super) fn in_order<T: Table>(engine: &Engine, id: &SessionId) -> Result<Vec<T>, StoreError> {
    engine.query("read a session", &select_in_order_sql::<T>(), &key(id), T::read)
}

/// The one parameter of a statement about a session.
pub(super) fn key(id: &SessionId) -> [Value; 1] {
    [Value::Text(id.as_str().to_owned())]
}
