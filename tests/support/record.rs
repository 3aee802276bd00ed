//! The database as stock SQLite sees it.

use std::{fs, io, path::Path};

use rusqlite::{Connection, types::FromSql};
use tempfile::TempDir;

/// A copy of a database and its log: looking at it changes nothing and waits for nobody.
pub struct Record {
    connection: Connection,
    _folder: TempDir,
}

impl Record {
    /// The database at `path`, as it is at this moment.
    pub fn of(path: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let copy = folder.path().join("copy.db");
        fs::copy(path, &copy).expect("the database is there");
        let log = path.with_extension("db-wal");
        match fs::copy(log, folder.path().join("copy.db-wal")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
        let connection = Connection::open(copy).expect("stock SQLite opens it");
        Self { connection, _folder: folder }
    }

    /// The first column of each row of an answer.
    pub fn column<T: FromSql>(&self, sql: &str) -> Vec<T> {
        let mut statement = self.connection.prepare(sql).expect("the statement is right");
        let rows = statement.query_map([], |row| row.get(0)).expect("it answers");
        rows.collect::<Result<_, _>>().expect("every row can be read")
    }

    /// The one number of an answer.
    pub fn number(&self, sql: &str) -> i64 {
        match self.column(sql)[..] {
            [number] => number,
            ref other => panic!("{sql}: {other:?}"),
        }
    }

    /// How many rows a table has, counted in the table and not in an index.
    pub fn rows(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table} NOT INDEXED"))
    }

    /// The rows of every table of the record, without what tells of this database only.
    pub fn tables(&self) -> Vec<(String, Vec<String>)> {
        let tables = self.column::<String>(
            "SELECT name
             FROM sqlite_schema
             WHERE type = 'table'
                 AND name NOT IN ('store_state', 'schema_migrations', 'import_cursors')
             ORDER BY name",
        );
        let rows = |table: &String| {
            let columns = self.column::<String>(&format!(
                "SELECT name
                 FROM pragma_table_info('{table}')
                 WHERE name NOT IN ('id', 'received_at_unix_ms', 'updated_at_unix_ms', 'revision')"
            ));
            let columns = columns.join(", ");
            self.column(&format!("SELECT json_array({columns}) FROM {table} ORDER BY 1"))
        };
        tables.iter().map(|table| (table.clone(), rows(table))).collect()
    }

    /// How many bytes the values of a table take, without what the file needs to find them.
    pub fn bytes(&self, table: &str) -> i64 {
        let columns: Vec<String> =
            self.column(&format!("SELECT name FROM pragma_table_info('{table}')"));
        let lengths = columns.iter().map(|name| {
            format!(
                "CASE typeof({name}) WHEN 'text' THEN octet_length({name}) \
                 WHEN 'blob' THEN octet_length({name}) WHEN 'null' THEN 0 ELSE 8 END"
            )
        });
        let lengths: Vec<String> = lengths.collect();
        self.number(&format!(
            "SELECT coalesce(sum({}), 0) FROM {table} NOT INDEXED",
            lengths.join(" + ")
        ))
    }

    /// Demands that every page and index is whole.
    pub fn is_whole(&self) {
        assert_eq!(self.column::<String>("PRAGMA integrity_check"), ["ok"]);
    }
}
