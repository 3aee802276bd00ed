//! Lines of answers: each holds a block of a message, and tells of the whole message again.

use std::mem;

use domain::{Batch, Field, Item, Json, Message, MessageId, Model, Record, Role, SessionId};

use super::block::{Rows, take_blocks, text_of};
use super::line::{Clock, Line, leftover, take_filled, take_object, take_text};
use super::session::Now;
use super::{Transcript, usage};
use crate::claude::failure::kind;
use crate::claude::of_prompt;
use crate::failure::{self, cut};
use crate::item::Place;
use crate::json::{Object, Value, canonical, text};
use crate::wire::Note;

/// What the agent writes itself in the model's place.
const SYNTHETIC: &str = "<synthetic>";

/// What lines repeat and no row needs: a dump's name, and what they all say.
const REPEATED: [&str; 2] = ["requestRef", "isApiErrorMessage"];

/// What a line says of its whole message.
const OF_MESSAGE: [&str; 3] = ["promptCacheRequested", "requestedModel", "requestSessionId"];

/// What it says of an error that ended the turn.
const OF_ERROR: [&str; 4] = ["error", "apiErrorStatus", "apiErrorType", "errorDetails"];

/// What is told of one answer beside its blocks.
struct Told<'a> {
    session: SessionId,
    clock: Clock,
    /// What is left of the message.
    message: Object<'a>,
    model: Option<String>,
    request_id: Option<String>,
    agent_name: Option<String>,
    parent: Option<String>,
    is_copied: bool,
    /// The agent wrote it in the model's place: nobody counted anything.
    is_synthetic: bool,
    error: Option<Object<'a>>,
}

impl Transcript {
    pub(super) fn answer(&mut self, mut line: Line<'_>, batch: &mut Batch) {
        let Some(session) = line.session.clone() else { return self.other(line, batch) };
        let Some((message, blocks)) = take_blocks(&mut line) else {
            return self.other(line, batch);
        };
        let bytes = line.source.bytes;
        let mut told = self.told(session, message, &mut line, batch);
        let id = take_filled(&mut told.message, "id").map_or_else(|| line.id(), String::from);
        let id = MessageId::new(id).expect("it is filled");
        let said = blocks.iter().find_map(text_of).map(str::to_owned);
        let mut rows = Rows::new(told.session.clone(), id, &mut line);
        for (index, block) in blocks.into_iter().enumerate() {
            rows.answered(index, block, &mut self.state);
        }
        for (key, value) in rows.take_rest() {
            told.message.entry(key).or_insert(value);
        }
        self.is_now(&told);
        let error = told.error.take().map(|error| told.failure(&rows, &error, said));
        let mut message = rows.message(Role::Assistant);
        message.error =
            Field::new(told.clock.stamp(), error.as_ref().map(|(json, _)| json.clone()));
        let place = Place { envelope: 0, index: batch.items.len() };
        batch.warnings.extend(told.tell(&mut message).map(|note| note.at(place)));
        let mut rows = rows.finish();
        rows.extend(error.map(|(_, row)| row));
        // The line is about its block, where that has a row.
        rows.insert(rows.len().min(1), message.into());
        let mut rows = rows.into_iter();
        let Some(subject) = rows.next() else { return };
        batch.items.push(Item { subject, beside: rows.collect(), bytes });
    }

    /// Takes out of a line what it tells of its message.
    fn told<'a>(
        &mut self,
        session: SessionId,
        mut message: Object<'a>,
        line: &mut Line<'a>,
        batch: &mut Batch,
    ) -> Told<'a> {
        let model = take_filled(&mut message, "model").map(String::from);
        let is_error = line.is("isApiErrorMessage");
        let is_synthetic = is_error || model.as_deref() == Some(SYNTHETIC);
        let is_copied = self.is_copied(&session, line, is_synthetic, batch);
        for key in REPEATED {
            line.rest.remove(key);
        }
        if text(&line.rest, "requestedModel") == model.as_deref() {
            line.rest.remove("requestedModel");
        }
        if text(&line.rest, "madeBy") == Some("model") {
            line.rest.remove("madeBy");
        }
        for key in OF_MESSAGE {
            message.extend(line.rest.remove_entry(key));
        }
        let entries = OF_ERROR.iter().filter(|_| is_error);
        let error: Object<'a> = entries.filter_map(|key| line.rest.remove_entry(*key)).collect();
        let parent = self.unsettled.parent().map(str::to_owned);
        Told {
            session,
            clock: line.clock,
            model: model.filter(|model| model != SYNTHETIC),
            request_id: take_filled(&mut line.rest, "requestId").map(String::from),
            agent_name: take_filled(&mut line.rest, "attributionAgent").map(String::from),
            parent: parent.or_else(|| self.state.parent.clone()).filter(|_| !line.is_aside),
            is_copied,
            is_synthetic,
            error: is_error.then_some(error),
            message,
        }
    }

    /// Whether a fork copied the line. Then it names the session that asked the model, which settles
    /// what is unsettled; what the agent writes in the model's place tells nothing of that.
    fn is_copied(
        &mut self,
        session: &SessionId,
        line: &mut Line<'_>,
        is_synthetic: bool,
        batch: &mut Batch,
    ) -> bool {
        let root = line.root.as_ref().unwrap_or(session).as_str();
        let asked_by = text(&line.rest, "requestSessionId");
        let is_named = asked_by.is_some_and(|asked_by| asked_by != root) || line.is_branched;
        if asked_by == Some(root) {
            line.rest.remove("requestSessionId");
        }
        if is_synthetic && !is_named {
            return self.unsettled.seems_copied().unwrap_or(self.state.is_copied);
        }
        if !line.is_aside {
            self.settle_all(is_named, batch);
            self.state.is_copied = is_named;
        }
        is_named
    }

    fn is_now(&mut self, told: &Told<'_>) {
        if !told.is_copied {
            self.sessions.begun(&told.session, &told.clock);
        }
        let model = told.model.clone().filter(|_| !told.is_synthetic);
        let agent_name = told.agent_name.as_deref();
        let now = Now { agent_name, model: Model::named(None, model), ..Now::default() };
        self.sessions.is_now(&told.session, &told.clock, now);
    }
}

impl Told<'_> {
    /// What ended the turn, for the message and as a row, which hooks know by the prompt.
    fn failure(&self, rows: &Rows<'_>, error: &Object<'_>, said: Option<String>) -> (Json, Record) {
        let stamp = self.clock.stamp();
        let message = rows.message(Role::Assistant);
        let name = match &self.parent {
            Some(prompt) => of_prompt(prompt),
            None => format!("message:{}", message.message_id),
        };
        let word = text(error, "error");
        let status = match error.get("apiErrorStatus") {
            Some(Value::Number(status)) => status.as_u64(),
            _ => None,
        };
        let mut row = failure::row(self.session.clone(), &name, self.clock.times);
        row.kind = Field::new(stamp, Some(kind(word, status, said.as_deref())));
        row.name = Field::new(stamp, word.map(str::to_owned));
        row.message = Field::new(stamp, said.map(cut));
        row.message_id = Field::new(stamp, Some(message.message_id));
        (Json::from_canonical(canonical(error)), row.into())
    }

    /// Writes what each line of the message tells again. Says which count does not fit.
    fn tell(mut self, row: &mut Message) -> Option<Note> {
        let stamp = self.clock.stamp();
        let mut usage = take_object(&mut self.message, "usage").unwrap_or_default();
        let (tokens, note) = match usage::take(&mut usage) {
            Ok(tokens) => (Some(tokens), None),
            Err(note) => (None, Some(note)),
        };
        if !usage.is_empty() {
            self.message.insert("usage".into(), Value::Object(usage));
        }
        for key in ["role", "type"] {
            self.message.remove(key);
        }
        if text(&self.message, "stop_sequence") == Some("") {
            self.message.remove("stop_sequence");
        }
        let finish = take_text(&mut self.message, "stop_reason").map(String::from);
        let completed = finish.as_ref().and(self.clock.own).map(domain::UnixMs::get);
        let tokens = tokens.filter(|tokens| !tokens.is_empty() && !self.is_synthetic);
        let model = self.model.take().filter(|_| !self.is_synthetic);
        row.agent_name = Field::new(stamp, self.agent_name.take());
        row.parent_message_id = Field::new(stamp, self.parent.take());
        row.model = Field::new(stamp, Model::named(None, model));
        row.tokens = Field::new(stamp, tokens);
        row.finish = Field::new(stamp, finish);
        row.completed_at = Field::new(stamp, completed);
        row.request_id = Field::new(stamp, self.request_id.take());
        row.inherited = Field::new(stamp, self.is_copied.then_some(true));
        row.payload = Field::new(stamp, leftover(mem::take(&mut self.message)));
        note
    }
}
