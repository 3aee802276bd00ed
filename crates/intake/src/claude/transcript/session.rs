//! What lines tell of their sessions. Nearly every line tells the same again, so it is gathered and
//! handed out once for many lines; joined it is the same.

use std::mem;

use domain::{
    Batch, Cost, Earliest, Field, Item, Join as _, Json, Latest, Model, Session, SessionId, Stamp,
    UnixMs,
};

use super::line::{Clock, Line, leftover, take_filled};
use super::{Transcript, agent};
use crate::claude::stamp;
use crate::json::{Value, text};

/// How many sessions are gathered at once. A file has one, and hardly ever some more.
const LIMIT: usize = 64;

/// The sessions of the lines that have been read.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    rows: Vec<Session>,
    /// Those for which there was no room.
    full: Vec<Session>,
}

impl Sessions {
    /// What any line tells of its session.
    pub fn see(&mut self, id: &SessionId, line: &Line<'_>) {
        let row = self.row(id);
        let stamp = stamp::state(line.clock.at);
        let Earliest(ordered) = line.clock.times.1;
        row.last_activity_at = row.last_activity_at.join(Latest(ordered));
        tell(&mut row.agent_version, stamp, line.version.as_deref());
        tell(&mut row.project_path, folder_stamp(line.clock.at), line.folder.as_deref());
        if let Some(root) = &line.root
            && row.parent_session_id.value() != Some(root)
        {
            row.parent_session_id = Field::new(stamp::BEFORE, Some(root.clone()));
        }
    }

    /// A line that was not copied from elsewhere: the session is as old.
    pub fn begun(&mut self, id: &SessionId, clock: &Clock) {
        if clock.own.is_some() {
            let row = self.row(id);
            row.created_at = row.created_at.join(clock.times.1);
        }
    }

    /// The session is like this at a time.
    pub fn is_now(&mut self, id: &SessionId, clock: &Clock, now: Now<'_>) {
        let row = self.row(id);
        let stamp = stamp::state(clock.at);
        tell(&mut row.permission_mode, stamp, now.permission_mode);
        tell(&mut row.agent_name, stamp, now.agent_name);
        if let Some(model) = now.model {
            row.model = mem::take(&mut row.model).join(Field::new(stamp, Some(model)));
        }
        if let Some(payload) = now.payload {
            row.payload = mem::take(&mut row.payload).join(Field::new(stamp, Some(payload)));
        }
    }

    fn row(&mut self, id: &SessionId) -> &mut Session {
        let at = self.rows.iter().rposition(|row| row.session_id == *id);
        let at = at.unwrap_or_else(|| {
            if self.rows.len() == LIMIT {
                self.full.append(&mut self.rows);
            }
            let mut row = Session::new(id.clone());
            row.agent = Field::new(stamp::BEFORE, Some(agent()));
            self.rows.push(row);
            self.rows.len() - 1
        });
        &mut self.rows[at]
    }

    /// Hands out what has been gathered, beside the last item.
    pub fn flush(&mut self, batch: &mut Batch) {
        let rows = mem::take(&mut self.full).into_iter().chain(mem::take(&mut self.rows));
        for row in rows {
            match batch.items.last_mut() {
                Some(item) => item.beside.push(row.into()),
                None => {
                    batch.items.push(Item { subject: row.into(), beside: Vec::new(), bytes: 0 });
                }
            }
        }
    }
}

/// How a session is at a time, as far as a line tells.
#[derive(Debug, Default)]
pub(super) struct Now<'a> {
    pub permission_mode: Option<&'a str>,
    pub agent_name: Option<&'a str>,
    pub model: Option<Model>,
    pub payload: Option<Json>,
}

fn tell(field: &mut Field<String>, stamp: Stamp, text: Option<&str>) {
    if let Some(text) = text {
        *field = mem::take(field).join(Field::new(stamp, Some(text.to_owned())));
    }
}

/// The first folder counts; one of which nobody knows when it was named counts least.
fn folder_stamp(at: UnixMs) -> Stamp {
    if at == UnixMs::EPOCH { stamp::line(at) } else { stamp::first_folder(at) }
}

impl Transcript {
    /// A line that names the session: a person's name for it is final, the agent's own is not.
    pub(super) fn title(&mut self, mut line: Line<'_>, batch: &mut Batch) {
        let key = match &*line.kind {
            "custom-title" => "customTitle",
            "ai-title" => "aiTitle",
            _ => "summary",
        };
        // Such a line names a session by its last line, which may be in another file.
        let is_elsewhere =
            line.kind == "summary" && text(&line.rest, "leafUuid") != self.state.leaf.as_deref();
        let Some(session) = line.session.clone().filter(|_| !is_elsewhere) else {
            return self.other(line, batch);
        };
        let Some(title) = take_filled(&mut line.rest, key) else {
            return self.other(line, batch);
        };
        let is_final = line.kind == "custom-title";
        let mut row = Session::new(session);
        let stamp = Stamp { is_final, observed_at: line.clock.at };
        row.title = Field::new(stamp, Some(title.into_owned()));
        let bytes = line.source.bytes;
        batch.items.push(Item { subject: row.into(), beside: Vec::new(), bytes });
    }

    /// What the session has cost so far; what else is told stays an event.
    pub(super) fn cost(&mut self, mut line: Line<'_>, batch: &mut Batch) {
        let cost = match line.rest.get("totalCostUSD") {
            Some(Value::Number(dollars)) => Cost::from_dollars(&dollars.to_string()).ok(),
            _ => None,
        };
        let (Some(cost), Some(session)) = (cost, line.session.clone()) else {
            return self.other(line, batch);
        };
        line.rest.remove("totalCostUSD");
        let mut row = Session::new(session);
        row.cost = Field::new(stamp::state(line.clock.at), Some(cost));
        self.other(line, batch);
        if let Some(item) = batch.items.last_mut() {
            item.beside.push(row.into());
        }
    }
}

/// What a prompt tells of the surroundings.
pub(super) fn surroundings(line: &mut Line<'_>) -> Option<Json> {
    leftover(mem::take(&mut line.surroundings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_sessions_than_there_is_room_for_are_all_handed_out() {
        let mut sessions = Sessions::default();
        for number in 0..=2 * LIMIT {
            sessions.row(&SessionId::new(format!("s{number}")).expect("not empty"));
        }
        let mut batch = Batch::default();
        sessions.flush(&mut batch);
        assert_eq!(batch.items.len() + batch.items[0].beside.len(), 2 * LIMIT + 1);
    }
}
