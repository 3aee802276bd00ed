//! What the record holds of OpenCode's sessions, against what OpenCode itself says of them.

use std::{collections::BTreeMap, fs};

use serde_json::{Map, Value};

use super::{opencode::OpenCode, rebuilt};
use crate::support::say;

impl OpenCode {
    /// What the record holds of a session.
    pub fn shown(&self, session: &str) -> Value {
        let arguments = ["session", "show", session, "--format", "json"];
        let output = self.environment().run(arguments).output();
        serde_json::from_str(&output).expect("a JSON value")
    }

    /// Demands that the record holds each session, message and part that OpenCode has, each as
    /// OpenCode says, and nothing else; and that OpenCode's own store has nothing to add.
    pub fn demand_recorded(&self) {
        for session in self.sessions() {
            let differences = self.differences(&session);
            assert!(differences.is_empty(), "{differences:#?}");
        }
        self.demand_nothing_else();
        self.demand_nothing_to_import();
    }

    /// The same of a server that goes on: the plugin hands over within seconds.
    pub fn wait_until_recorded(&self) {
        let is_recorded =
            || self.sessions().iter().all(|session| self.differences(session).is_empty());
        let _ = (0..10).any(|_| is_recorded());
        self.demand_recorded();
    }

    /// Where the record does not say what `opencode export` says of a session.
    fn differences(&self, session: &str) -> Vec<Value> {
        let export = self.export(session);
        let shown = self.shown(session);
        let messages = list(&export["messages"]);
        let infos = messages.iter().map(|message| &message["info"]);
        let parts = messages.iter().flat_map(|message| list(&message["parts"]));
        let info = without_own_time(&export["info"]);
        let rebuilt_info = without_own_time(&rebuilt::session(&shown));
        [
            differences("messages", by_id(infos), rebuilt::messages(&shown)),
            differences("parts", by_id(parts), rebuilt::parts(&shown)),
            differences("session", by_id([&info]), by_id([&rebuilt_info])),
            self.differences_of_times(session, &shown),
        ]
        .concat()
    }

    /// Messages and parts came into being when OpenCode's database says so. An export does not
    /// tell that of parts.
    fn differences_of_times(&self, session: &str, shown: &Value) -> Vec<Value> {
        let compare = |table: &str, rows: &str, id: &str| {
            let sql = format!(
                "SELECT json_group_object(id, time_created) FROM {table} WHERE session_id = '{session}'"
            );
            let expected: Vec<String> = self.store().column(&sql);
            let expected = serde_json::from_str(&expected[0]).expect("JSON");
            let rows = list(&shown[rows]).iter().filter(|row| row["part_type"] != "question");
            let pairs = rows.map(|row| {
                let id = row[id].as_str().expect("a row has an id");
                (id.to_owned(), row["generated_at_unix_ms"].clone())
            });
            let found = Value::Object(pairs.collect());
            rebuilt::differences(&format!("{table}.time_created"), &expected, &found)
        };
        [compare("message", "messages", "message_id"), compare("part", "parts", "part_id")].concat()
    }

    /// Demands that nothing was refused or is left over, and that no session was made up.
    fn demand_nothing_else(&self) {
        let environment = self.environment();
        let record = environment.record();
        let sessions: Vec<String> = record.column("SELECT session_id FROM sessions ORDER BY 1");
        let mut expected = self.sessions();
        expected.sort();
        assert_eq!(sessions, expected);
        let rejects: Vec<String> =
            record.column("SELECT type || ' ' || field || ' ' || reason || item FROM rejects");
        assert_eq!(rejects, Vec::<String>::new());
        assert_eq!((environment.spooled(), environment.quarantined()), (Vec::new(), Vec::new()));
        let outbox = environment.home().join(".local/state/recount/outbox");
        let left: Vec<_> = fs::read_dir(outbox).into_iter().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
        record.is_whole();
    }

    /// Demands that what was told live is all that OpenCode's store holds.
    fn demand_nothing_to_import(&self) {
        let live = self.environment().record().tables();
        let import = self.environment().run(["import", "opencode"]).ends_with(0);
        let imported = self.environment().record().tables();
        for (live, imported) in live.iter().zip(&imported) {
            assert_eq!(live, imported, "{import:?}");
        }
        assert!(import.stdout.contains(" stored=0 updated=0 "), "{import:?}");
    }

    /// Says what the record takes, and what OpenCode's own log of the same events takes; gives the
    /// first.
    pub fn compare_bytes(&self, what: &str) -> i64 {
        let record = self.environment().record();
        let names: Vec<String> = record.tables().into_iter().map(|(name, _)| name).collect();
        let ours: i64 = names.iter().map(|name| record.bytes(name)).sum();
        let theirs = self.store().bytes("event");
        say(&format!("clients: {what}: {ours} bytes of rows, {theirs} in OpenCode's event table"));
        ours
    }
}

/// The elements of a list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or_else(|| panic!("no list: {value}"), Vec::as_slice)
}

/// A session without when it was last written, which each side says of itself.
fn without_own_time(info: &Value) -> Value {
    let mut info = info.clone();
    info["time"].as_object_mut().expect("times").remove("updated");
    info
}

/// Objects by their ids as the record has them: without the content of a file, whose length it has.
fn by_id<'v>(objects: impl IntoIterator<Item = &'v Value>) -> BTreeMap<String, Value> {
    let pairs = objects.into_iter().map(|object| {
        let id = object["id"].as_str().expect("all that is exported has an id");
        let mut object = object.clone();
        let url = object["url"].as_str().map(str::to_owned);
        if let Some(url) = url.filter(|url| url.starts_with("data:")) {
            object["url_bytes"] = url.len().into();
            object["url"] = url.split(';').next().into();
        }
        (id.to_owned(), object)
    });
    pairs.collect()
}

/// Where two sets of objects do not say the same for each id, or one has an id that the other lacks.
fn differences(
    what: &str,
    expected: BTreeMap<String, Value>,
    found: BTreeMap<String, Value>,
) -> Vec<Value> {
    let whole = |objects: BTreeMap<_, _>| objects.into_iter().collect::<Map<_, _>>().into();
    rebuilt::differences(what, &whole(expected), &whole(found))
}
