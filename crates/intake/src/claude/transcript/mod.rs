//! The lines of a transcript, in which Claude Code itself records a session.
//!
//! Read line by line and in order; files and offsets of their ends are the caller's. Nothing is
//! dropped but what [`left_out`] names with its reason.

mod answer;
mod block;
mod event;
mod left_out;
mod line;
mod meta;
mod prompt;
mod session;
mod state;
mod system;
mod unsettled;
mod usage;
mod user;

use std::mem;

use domain::{Agent, Batch, Item, Record, UnixMs};

use self::line::{Line, Source};
use self::session::Sessions;
use self::state::State;
use self::unsettled::Unsettled;
use crate::agents::CLAUDE_CODE;
use crate::item::Place;
use crate::{json, surrogates};

pub use self::meta::agent_meta;

/// Reads the lines of one transcript, in their order.
#[derive(Debug)]
pub struct Transcript {
    received_at: UnixMs,
    state: State,
    sessions: Sessions,
    unsettled: Unsettled,
}

impl Transcript {
    /// Goes on from a state that [`Transcript::position`] gave, or begins anew; a state that cannot
    /// be read is as none.
    pub fn resume(state: Option<&str>, received_at: UnixMs) -> Self {
        Self {
            received_at,
            state: state.map(State::read).unwrap_or_default(),
            sessions: Sessions::default(),
            unsettled: Unsettled::default(),
        }
    }

    /// Takes in one whole line (without its end) that begins at `offset`. Items go to `batch`.
    ///
    /// # Errors
    /// Why it is no line of a transcript, quoting nothing. The reading goes on after it.
    pub fn line(
        &mut self,
        offset: u64,
        line: &[u8],
        batch: &mut Batch,
    ) -> Result<(), &'static str> {
        let text = std::str::from_utf8(line).map_err(|_| "is no UTF-8")?;
        let text = text.trim_matches([' ', '\t', '\r', '\n', '\u{FEFF}']);
        if text.is_empty() || left_out::is_dump(text) {
            return Ok(());
        }
        let repaired = surrogates::replaced(text);
        if repaired.is_some() {
            let place = Place { envelope: 0, index: batch.items.len() };
            batch.warnings.push(surrogates::note().at(place));
        }
        let text = repaired.as_deref().unwrap_or(text);
        let source = Source { offset, bytes: line.len(), text };
        match json::object(text) {
            Ok(object) => {
                let line = Line::new(object, source, &self.state, self.received_at);
                self.take(line, batch);
            }
            Err(reason) => batch.items.push(self.unread(source, reason)?),
        }
        Ok(())
    }

    fn take(&mut self, line: Line<'_>, batch: &mut Batch) {
        if left_out::is_left_out(&line) {
            return;
        }
        if let Some(session) = &line.session {
            if !self.state.is_in(session) {
                self.settle_all(false, batch);
                self.state.enter(session);
            }
            self.sessions.see(session, &line);
        }
        let (time, uuid) = (line.clock.own, line.uuid.as_deref().map(str::to_owned));
        match &*line.kind {
            "user" => self.user(line, batch),
            "assistant" => self.answer(line, batch),
            "system" => self.system(line, batch),
            "custom-title" | "ai-title" | "summary" => self.title(line, batch),
            "cost-state" => self.cost(line, batch),
            _ => self.other(line, batch),
        }
        if time.is_some() {
            self.state.time = time;
            self.state.latest = self.state.latest.max(time);
        }
        if uuid.is_some() {
            self.state.leaf = uuid;
        }
    }

    /// Hands out what lines have told of their sessions so far. To be called before each commit.
    pub fn flush(&mut self, batch: &mut Batch) {
        self.sessions.flush(batch);
    }

    /// Hands out what is unsettled as it seems, and all else. To be called at the end of what can be
    /// read, where nothing can settle it.
    pub fn finish(&mut self, batch: &mut Batch) {
        let unsettled = mem::take(&mut self.unsettled);
        unsettled.as_it_seems(&self.state, &mut self.sessions, batch);
        self.unsettled = unsettled;
        self.flush(batch);
    }

    /// Where to go on the next time: offset and state before the first unsettled line, else `end`
    /// and the state now.
    pub fn position(&self, end: u64) -> (u64, String) {
        match self.unsettled.from() {
            Some((offset, state)) => (offset, state.to_owned()),
            None => (end, self.state.write()),
        }
    }
}

fn agent() -> Agent {
    Agent::new(CLAUDE_CODE).expect("it has a name")
}

/// An item of rows, of which the first is what it is about; `None` of none.
fn item(rows: Vec<Record>, bytes: usize) -> Option<Item> {
    let mut rows = rows.into_iter();
    let subject = rows.next()?;
    Some(Item { subject, beside: rows.collect(), bytes })
}
