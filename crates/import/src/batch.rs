//! Items on their way into envelopes.

use std::ops::ControlFlow;

use crate::{Cursor, Finding};

/// An envelope has at most this many items …
const ITEMS_LIMIT: usize = 500;
/// … and is no longer than that, unless one item is.
const BYTES_LIMIT: usize = 4 << 20;
/// A longer item makes an envelope that nobody takes (context/envelope.md).
pub(crate) const ITEM_BYTES_LIMIT: usize = (64 << 20) - 1_024;

/// What an item tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Session,
    Message,
    Part,
}

impl Kind {
    /// In the order in which envelopes are handed out.
    const ALL: [Self; 3] = [Self::Session, Self::Message, Self::Part];

    const fn envelope_type(self) -> &'static str {
        match self {
            Self::Session => "session.updated",
            Self::Message => "message.updated",
            Self::Part => "message.part.updated",
        }
    }
}

/// Items that were not handed out yet, and the cursors that hold once they are.
pub(crate) struct Batch {
    agent: &'static str,
    payloads: [Vec<u8>; 3],
    items: usize,
    cursors: Vec<Cursor>,
}

impl Batch {
    pub fn of(agent: &'static str) -> Self {
        Self { agent, payloads: Default::default(), items: 0, cursors: Vec::new() }
    }

    /// Adds an item.
    pub fn add(&mut self, kind: Kind, item: &[u8]) {
        let payloads = &mut self.payloads[kind as usize];
        payloads.push(if payloads.is_empty() { b'[' } else { b',' });
        payloads.extend(item);
        self.items += 1;
    }

    /// Adds a cursor; it takes the place of an older one of the same scope.
    pub fn place_cursor(&mut self, cursor: Cursor) {
        self.cursors.retain(|placed| placed.scope != cursor.scope);
        self.cursors.push(cursor);
    }

    /// Whether an item fits, or the rest should be handed out before it is added.
    pub fn has_room_for(&self, item: &[u8]) -> bool {
        let bytes: usize = self.payloads.iter().map(Vec::len).sum();
        self.items == 0 || (self.items < ITEMS_LIMIT && bytes + item.len() <= BYTES_LIMIT)
    }

    /// Hands out all of it, the items first.
    pub fn hand_out(
        &mut self,
        sink: &mut dyn FnMut(Finding) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for kind in Kind::ALL {
            let payloads = std::mem::take(&mut self.payloads[kind as usize]);
            if !payloads.is_empty() {
                sink(Finding::Envelope(self.envelope(kind, &payloads)))?;
            }
        }
        self.items = 0;
        for cursor in self.cursors.drain(..) {
            sink(Finding::Cursor(cursor))?;
        }
        ControlFlow::Continue(())
    }

    fn envelope(&self, kind: Kind, payloads: &[u8]) -> Vec<u8> {
        let (kind, agent) = (kind.envelope_type(), self.agent);
        let head = format!(r#"{{"type":"{kind}","agent":"{agent}","payloads":"#);
        [head.as_bytes(), payloads, b"]}\n"].concat()
    }
}
