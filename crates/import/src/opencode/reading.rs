//! One store from its first session to its last.

use std::ops::ControlFlow::{self, Continue};

use serde::{Deserialize, Serialize};

use super::{
    AGENT, Conversation, Conversations, Fault, Key, Row, RowKind, Session, Source, Want, mapping,
    mapping::Place, times,
};
use crate::{
    Cursor, Cursors, Finding, Reason, Skipped,
    batch::{Batch, ITEM_BYTES_LIMIT, Kind},
    finding::Clock,
    object::Object,
    trail::{Mark, Trail, Version, digest},
};

/// Another mapping reads everything again.
const FORM: u32 = 1;

/// How far a conversation is read.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
struct Position {
    form: u32,
    session: String,
    messages: Mark,
    parts: Mark,
}

impl Position {
    fn mark(&mut self, kind: RowKind) -> &mut Mark {
        match kind {
            RowKind::Message => &mut self.messages,
            RowKind::Part => &mut self.parts,
        }
    }
}

/// The work of reading one store.
pub(super) struct Reading<'r> {
    source: &'r mut dyn Source,
    name: &'r str,
    known: &'r Cursors,
    clock: Clock,
    sink: &'r mut dyn FnMut(Finding) -> ControlFlow<()>,
    batch: Batch,
}

impl<'r> Reading<'r> {
    pub fn new(
        source: &'r mut dyn Source,
        name: &'r str,
        known: &'r Cursors,
        clock: Clock,
        sink: &'r mut dyn FnMut(Finding) -> ControlFlow<()>,
    ) -> Self {
        Self { source, name, known, clock, sink, batch: Batch::of(AGENT) }
    }

    pub fn run(&mut self) -> ControlFlow<()> {
        match self.source.conversations() {
            Ok(Conversations { all, skipped }) => {
                self.skip_all(&skipped)?;
                self.conversations(&all)?;
            }
            Err(fault) => self.skip_for(None, fault)?,
        }
        self.batch.hand_out(self.sink)
    }

    fn conversations(&mut self, all: &[Conversation]) -> ControlFlow<()> {
        for conversation in all {
            if let Err(fault) = self.conversation(conversation)? {
                let is_over = matches!(fault, Fault::Everywhere(_));
                self.skip_for(Some(conversation), fault)?;
                if is_over {
                    break;
                }
            }
        }
        Continue(())
    }

    fn conversation(&mut self, conversation: &Conversation) -> ControlFlow<(), Result<(), Fault>> {
        let known = self.known.get(&conversation.scope());
        let known = known.and_then(|position| serde_json::from_str::<Position>(position).ok());
        let known = known.filter(|known| known.form == FORM).unwrap_or_default();
        let session = match self.source.session(conversation) {
            Ok(session) => session,
            Err(fault) => return Continue(Err(fault)),
        };
        let digest = self.session(conversation, &session, &known.session)?;
        let mut position = Position { form: FORM, session: digest, ..known };
        let rows = Conversed { conversation, session: &session };
        for kind in [RowKind::Message, RowKind::Part] {
            if let Err(fault) = self.rows(&rows, kind, &mut position)? {
                return Continue(Err(fault));
            }
        }
        Continue(Ok(()))
    }

    /// Adds what a conversation itself is, where that is new; gives its digest.
    fn session(
        &mut self,
        conversation: &Conversation,
        session: &Session,
        known: &str,
    ) -> ControlFlow<(), String> {
        self.skip_all(&session.skipped)?;
        let text: Vec<u8> = session.items.iter().flat_map(Object::json).collect();
        let digest = digest(&text);
        let count = session.items.len() as u64;
        if digest == known {
            (self.sink)(Finding::Unchanged(count))?;
        } else {
            for item in &session.items {
                self.add(Kind::Session, item, || named(conversation))?;
            }
        }
        (self.sink)(Finding::Passed(count))?;
        Continue(digest)
    }

    /// Adds the messages or parts of a conversation behind those that are known.
    fn rows(
        &mut self,
        rows: &Conversed<'_>,
        kind: RowKind,
        position: &mut Position,
    ) -> ControlFlow<(), Result<(), Fault>> {
        let (mut trail, mut after) = match self.known_rows(rows, kind, position.mark(kind))? {
            Ok(known) => known,
            Err(fault) => return Continue(Err(fault)),
        };
        loop {
            *position.mark(kind) = trail.mark();
            self.place_cursor(rows.conversation, position);
            let page = match self.source.page(rows.conversation, kind, &after, Want::Content) {
                Ok(page) => page,
                Err(fault) => return Continue(Err(fault)),
            };
            let Some(last) = page.last() else { return Continue(Ok(())) };
            after = last.key.clone();
            let passed = page.len() as u64;
            let now = (self.clock)();
            for row in page {
                let version = Version { id: &row.id, written_at: row.written_at, bytes: row.bytes };
                match rows.item(kind, &row) {
                    Ok(item) => {
                        trail.pass(version, now);
                        let kind = match kind {
                            RowKind::Message => Kind::Message,
                            RowKind::Part => Kind::Part,
                        };
                        self.add(kind, &item, || row.id.clone())?;
                    }
                    Err(reason) => {
                        trail.end();
                        self.skip(&row.id, reason)?;
                    }
                }
            }
            (self.sink)(Finding::Passed(passed))?;
        }
    }

    /// Goes over the rows that were read before; back to the start if they are not the same.
    fn known_rows(
        &mut self,
        rows: &Conversed<'_>,
        kind: RowKind,
        known: &Mark,
    ) -> ControlFlow<(), Result<(Trail, Key), Fault>> {
        let (mut trail, mut after) = (Trail::default(), Key::START);
        while trail.rows() < known.rows {
            let page = match self.source.page(rows.conversation, kind, &after, Want::Version) {
                Ok(page) => page,
                Err(fault) => return Continue(Err(fault)),
            };
            if page.is_empty() {
                break;
            }
            for row in page {
                if trail.rows() < known.rows {
                    let Row { id, written_at, bytes, .. } = &row;
                    trail.step(Version { id, written_at: *written_at, bytes: *bytes });
                    after = row.key;
                }
            }
        }
        if trail.mark() != *known {
            return Continue(Ok((Trail::default(), Key::START)));
        }
        (self.sink)(Finding::Unchanged(known.rows))?;
        (self.sink)(Finding::Passed(known.rows))?;
        Continue(Ok((trail, after)))
    }

    fn place_cursor(&mut self, conversation: &Conversation, position: &Position) {
        let position = serde_json::to_string(position).expect("it is made of texts and numbers");
        let scope = conversation.scope();
        if self.known.get(&scope) != Some(&position) {
            self.batch.place_cursor(Cursor { scope, position });
        }
    }

    fn add(&mut self, kind: Kind, item: &Object, name: impl Fn() -> String) -> ControlFlow<()> {
        let json = item.json();
        if json.len() > ITEM_BYTES_LIMIT {
            return self.skip(&name(), "is too long".into());
        }
        if !self.batch.has_room_for(&json) {
            self.batch.hand_out(self.sink)?;
        }
        self.batch.add(kind, &json);
        Continue(())
    }

    fn skip_for(&mut self, conversation: Option<&Conversation>, fault: Fault) -> ControlFlow<()> {
        match (fault, conversation) {
            (Fault::Here(reason), Some(conversation)) => self.skip(&named(conversation), reason),
            (Fault::Here(reason) | Fault::Everywhere(reason), _) => {
                (self.sink)(Finding::Skipped(Skipped { what: self.name.to_owned(), reason }))
            }
        }
    }

    fn skip_all(&mut self, skipped: &[Skipped]) -> ControlFlow<()> {
        skipped.iter().try_for_each(|skipped| (self.sink)(Finding::Skipped(skipped.clone())))
    }

    fn skip(&mut self, what: &str, reason: Reason) -> ControlFlow<()> {
        let what = format!("{what} in {}", self.name);
        (self.sink)(Finding::Skipped(Skipped { what, reason }))
    }
}

fn named(conversation: &Conversation) -> String {
    match conversation {
        Conversation::Session(id) => format!("session {id}"),
        Conversation::Message(id) => format!("message {id}"),
    }
}

/// A conversation whose messages and parts are read.
struct Conversed<'c> {
    conversation: &'c Conversation,
    session: &'c Session,
}

impl Conversed<'_> {
    fn item(&self, kind: RowKind, row: &Row) -> Result<Object, Reason> {
        let content = row.content.as_ref().map_err(Clone::clone)?;
        let thing = Object::read(content)?;
        let session = match self.conversation {
            Conversation::Session(id) => id.clone(),
            Conversation::Message(_) => thing.text("sessionID").ok_or("names no session")?,
        };
        let place = Place {
            session: &session,
            session_created_at: self.session.created_at,
            observed_at: self.observed_at(row, &thing),
        };
        Ok(match kind {
            RowKind::Message => mapping::message(&row.id, thing, &place),
            RowKind::Part => mapping::part(&row.id, &row.message, thing, row.created_at, &place),
        })
    }

    /// When this version was written: by its row, else as it says itself, else by its file.
    fn observed_at(&self, row: &Row, thing: &Object) -> i64 {
        let told = times::newest(thing)
            .or_else(|| times::of_id(&row.id, row.written_at, self.session.created_at));
        match row.created_at {
            Some(_) => times::written(row.written_at, self.session.updated_at, told),
            None => told.unwrap_or(row.written_at),
        }
    }
}
