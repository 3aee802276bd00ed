//! `message.part.updated`: one part of a message, and what follows from it.

mod body;
mod changes;
mod payload;
mod question;
mod tool;

use domain::{
    CallId, Earliest, Field, MessageId, Part, PartId, PartKind, Record, SessionId, Stamp, UnixMs,
};

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use self::body::Body;
pub(crate) use self::payload::{slim_file, slim_result};
pub(crate) use self::tool::file_path;
use crate::change::Teller;
use crate::item::{Draft, Moment, remainder};
use crate::schema::only;
use crate::wire::{Fields as _, Refusal, wire};

wire! {
    /// What every part has, and what tells how to read the rest.
    PartHead {
        /// The conversation.
        session_id: SessionId,
        /// The message that it belongs to.
        message_id: MessageId,
        /// What it is.
        part_type: PartKind,
    }
}

wire! {
    /// What every part has, checked after the fields of its own type.
    PartTail {
        /// When it came into being, in Unix milliseconds.
        generated_at_unix_ms: UnixMs,
        /// When this snapshot of it was seen, in Unix milliseconds; the same by default.
        observed_at_unix_ms: Option<UnixMs>,
        /// The part's identity in the message. With it the newest snapshot wins, without it every
        /// part is a row of its own.
        part_id: Option<PartId>,
    }
}

/// A part on its way to its rows.
struct Rows {
    part: Part,
    beside: Vec<Record>,
    stamp: Stamp,
}

impl Rows {
    fn key(&self) -> (SessionId, MessageId, PartId) {
        let part = &self.part;
        (part.session_id.clone(), part.message_id.clone(), part.part_id.clone())
    }

    fn times(&self) -> (Earliest, Earliest) {
        (self.part.generated_at, self.part.ordered_at)
    }

    /// A name for what bears none of its own and follows from this part alone.
    fn own_name(&self) -> String {
        format!("part:{}/{}", self.part.message_id, self.part.part_id)
    }

    /// Who tells of changes of files: this part, or the tool call that it shows.
    fn teller(&self, call_id: Option<CallId>) -> Teller {
        Teller {
            session_id: self.part.session_id.clone(),
            message_id: Some(self.part.message_id.clone()),
            call_id,
            times: self.times(),
            stamp: self.stamp,
        }
    }
}

/// A part's schema: the head says which type it is, and the type what else there is.
pub(crate) fn schema(generator: &mut SchemaGenerator) -> Schema {
    let mut groups = vec![
        generator.subschema_for::<PartHead>().to_value(),
        generator.subschema_for::<PartTail>().to_value(),
    ];
    for kind in PartKind::ALL {
        if let Some(fields) = Body::schema(*kind, generator) {
            groups.push(json!({
                "if": only("part_type", kind.as_str()),
                "then": fields,
            }));
        }
    }
    groups.push(json!({
        "if": only("part_type", PartKind::Patch.as_str()),
        "then": { "anyOf": [one_filled("text"), one_filled("hash")] },
    }));
    json_schema!({ "allOf": groups })
}

fn one_filled(key: &str) -> Value {
    json!({ "properties": { key: { "type": "string", "minLength": 1 } }, "required": [key] })
}

/// The part, its session, and what follows from it.
pub(crate) fn rows(mut draft: Draft<'_, '_>) -> Result<(Record, Vec<Record>), Refusal> {
    let head = PartHead::take(&mut draft.object, draft.notes)?;
    let body = Body::take(head.part_type, &mut draft.object, draft.notes)?;
    let tail = PartTail::take(&mut draft.object, draft.notes)?;
    let moment = Moment::new(draft.speaker, tail.generated_at_unix_ms, tail.observed_at_unix_ms);
    let part_id = tail.part_id.unwrap_or_else(|| {
        PartId::new(draft.occurrences.id(draft.text)).expect("a derived id is not empty")
    });
    let span = body.span();
    let session = draft.speaker.session(head.session_id.clone(), &moment, &[span.start, span.end]);
    let mut rows = Rows {
        part: Part::new(head.session_id, head.message_id, part_id),
        beside: vec![session.into()],
        stamp: moment.stamp(body.has_ended()),
    };
    rows.part.generated_at = Earliest(Some(moment.generated));
    rows.part.ordered_at = Earliest(Some(moment.ordered));
    rows.part.kind = Field::new(rows.stamp, Some(head.part_type));
    rows.part.started_at = Field::new(rows.stamp, span.start.map(UnixMs::get));
    rows.part.ended_at = Field::new(rows.stamp, span.end.map(UnixMs::get));
    body.tell(&mut rows);
    payload::slim(head.part_type, &mut draft.object);
    rows.part.payload = Field::new(rows.stamp, remainder(&draft.object));
    Ok((rows.part.into(), rows.beside))
}
