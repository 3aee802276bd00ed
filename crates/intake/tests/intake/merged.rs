//! The rows that items give together, merged as a store does it.

use std::collections::BTreeMap;

use domain::{
    Compaction, Edit, Event, FileOperation, Item, Join as _, Message, Part, Patch, Record, Session,
    SessionError, Step, ToolCall, Versioned,
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
);

impl Merged {
    pub fn of<'i>(items: impl IntoIterator<Item = &'i Item>) -> Self {
        let mut merged = Self::default();
        for item in items {
            for record in std::iter::once(&item.subject).chain(&item.beside) {
                merged.add(record.clone());
            }
        }
        merged
    }
}
