//! Lines of the agent itself: that the conversation was condensed, that a request failed and is tried
//! again, and what else it notes.

use std::mem;

use domain::{Batch, Compaction, CompactionId, ErrorKind, Field, Item};

use super::Transcript;
use super::line::{Line, leftover, take_count, take_object, take_text};
use super::unsettled::{Boundary, Waiting};
use crate::claude::failure::kind;
use crate::failure::{self, cut};
use crate::json::{Object, Value, text};

/// What a compaction says every time.
const USUAL: [(&str, &str); 2] = [("content", "Conversation compacted"), ("level", "info")];

/// What an answer's headers hold is nobody's business, cookies among it.
const HEADERS: &str = "headers";

impl Transcript {
    pub(super) fn system(&mut self, line: Line<'_>, batch: &mut Batch) {
        match text(&line.rest, "subtype") {
            Some("compact_boundary") if line.session.is_some() && line.uuid.is_some() => {
                self.condensed(line, batch);
            }
            Some("api_error") if line.session.is_some() => batch.items.extend(retried(line)),
            _ => self.other(line, batch),
        }
    }

    /// The conversation was condensed. The line that sums it up follows.
    fn condensed(&mut self, mut line: Line<'_>, batch: &mut Batch) {
        let Some(session) = line.session.clone() else { return };
        if self.unsettled.has_boundary() {
            self.settle_all(self.state.is_copied, batch);
        }
        // What a session condenses stands before it.
        let is_first = self.state.leaf.is_none();
        let stamp = line.clock.stamp();
        let id = CompactionId::new(line.id()).expect("the id of a line is not empty");
        let mut row = Compaction::new(session, id);
        (row.generated_at, row.ordered_at) = line.clock.times;
        let mut told = take_object(&mut line.rest, "compactMetadata").unwrap_or_default();
        let trigger = take_text(&mut told, "trigger");
        row.auto = Field::new(stamp, trigger.map(|trigger| trigger == "auto"));
        row.tokens_before = Field::new(stamp, take_count(&mut told, "preTokens"));
        row.tokens_after = Field::new(stamp, take_count(&mut told, "postTokens"));
        row.messages_before = Field::new(stamp, take_count(&mut told, "messagesSummarized"));
        line.keep_parent();
        let mut rest = mem::take(&mut line.rest);
        rest.remove("subtype");
        rest.retain(|key, value| !is_usual(key, value));
        for (key, value) in rest {
            told.entry(key).or_insert(value);
        }
        row.payload = Field::new(stamp, leftover(told));
        let boundary = Boundary {
            row,
            stamp,
            bytes: line.source.bytes,
            is_old: is_first || self.state.is_beyond(line.clock.own),
            summary: None,
        };
        self.unsettled.wait(line.source.offset, &self.state, Waiting::Boundary(boundary));
        self.state.is_copied |= is_first;
    }
}

/// A request failed and is tried again.
fn retried(mut line: Line<'_>) -> Option<Item> {
    let session = line.session.clone()?;
    let stamp = line.clock.stamp();
    let id = line.id();
    line.rest.remove("subtype");
    drop_headers(&mut line.rest);
    let told = innermost(line.rest.get("error"));
    let message = told.and_then(|error| text(error, "message"));
    let status = match line.rest.get("error") {
        Some(Value::Object(error)) => error.get("status"),
        _ => None,
    };
    let status = match status {
        Some(Value::Number(status)) => status.as_u64(),
        _ => None,
    };
    let kind = match kind(None, status, message) {
        ErrorKind::Unknown => ErrorKind::Api,
        kind => kind,
    };
    let mut row = failure::row(session, &id, line.clock.times);
    row.kind = Field::new(stamp, Some(kind));
    let name = told.and_then(|error| text(error, "type").or_else(|| text(error, "code")));
    row.name = Field::new(stamp, name.map(str::to_owned));
    row.message = Field::new(stamp, message.map(|message| cut(message.to_owned())));
    line.keep_parent();
    row.payload = Field::new(stamp, leftover(line.rest));
    Some(Item { subject: row.into(), beside: Vec::new(), bytes: line.source.bytes })
}

fn is_usual(key: &str, value: &Value<'_>) -> bool {
    let is_told = USUAL.iter().any(|(usual, text)| *usual == key && value.as_text() == Some(text));
    is_told || (key == "isMeta" && *value == Value::Bool(false))
}

/// An error stands in the error of the provider's answer, in the program's own, or in its cause.
fn innermost<'v, 'a>(error: Option<&'v Value<'a>>) -> Option<&'v Object<'a>> {
    let Some(Value::Object(error)) = error else { return None };
    let inner = ["error", "cause"].iter().find_map(|key| innermost(error.get(*key)));
    inner
        .or_else(|| ["message", "code"].iter().any(|key| error.contains_key(*key)).then_some(error))
}

fn drop_headers(object: &mut Object<'_>) {
    object.remove(HEADERS);
    for key in ["error", "cause"] {
        if let Some(Value::Object(inner)) = object.get_mut(key) {
            drop_headers(inner);
        }
    }
}
