//! The rows that items give together, merged as a store does it.

use std::collections::BTreeMap;

use domain::{
    Commit, Compaction, Edit, Event, FileOperation, Item, Join as _, Message, Part, Patch, Record,
    Rewrite, Session, SessionError, Step, ToolCall, Versioned,
};

macro_rules! merged {
    ($($table:ident: $name:ident),+ $(,)?) => {
        /// Each row once, by its key.
        #[derive(Debug, Default, PartialEq)]
        pub struct Merged {
            $(pub $table: BTreeMap<<$name as Versioned>::Key, $name>,)+
        }

        impl Merged {
            /// Stops with the first row that differs.
            pub fn assert_same(&self, other: &Self, what: &str) {
                $(for key in self.$table.keys().chain(other.$table.keys()) {
                    assert_eq!(self.$table.get(key), other.$table.get(key), "{what}");
                })+
            }

            /// How many rows each table has that has any.
            pub fn counts(&self) -> BTreeMap<&'static str, usize> {
                let counts = [$((stringify!($table), self.$table.len())),+];
                counts.into_iter().filter(|(_, count)| *count > 0).collect()
            }

            fn add(&mut self, record: Record) {
                match record {
                    $(Record::$name(row) => {
                        let row = match self.$table.remove(&row.key()) {
                            Some(known) => known.join(row),
                            None => row,
                        };
                        self.$table.insert(row.key(), row);
                    })+
                }
            }
        }
    };
}

merged!(
    sessions: Session,
    messages: Message,
    parts: Part,
    tool_calls: ToolCall,
    steps: Step,
    patches: Patch,
    compactions: Compaction,
    errors: SessionError,
    file_operations: FileOperation,
    edits: Edit,
    events: Event,
    commits: Commit,
    rewrites: Rewrite,
);

impl Merged {
    /// The rows, each session of which is as long as they are.
    pub fn of<'i>(items: impl IntoIterator<Item = &'i Item>) -> Self {
        let mut merged = Self::default();
        for item in items {
            for record in std::iter::once(&item.subject).chain(&item.beside) {
                merged.add(record.clone());
            }
        }
        merged.assert_sessions_are_long_enough();
        merged
    }

    /// No row is ordered after the last activity of its session: whoever asks about a time skips sessions
    /// by that.
    fn assert_sessions_are_long_enough(&self) {
        let messages = self.messages.values().map(|row| (&row.session_id, row.ordered_at));
        let calls = self.tool_calls.values().map(|row| (&row.session_id, row.ordered_at));
        let errors = self.errors.values().map(|row| (&row.session_id, row.ordered_at));
        let compactions = self.compactions.values().map(|row| (&row.session_id, row.ordered_at));
        for (id, ordered_at) in messages.chain(calls).chain(errors).chain(compactions) {
            let session = self.sessions.get(&(id.clone(),)).expect("every row has its session");
            assert!(ordered_at.0 <= session.last_activity_at.0, "{ordered_at:?} {session:?}");
        }
    }
}
