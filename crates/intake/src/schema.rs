//! The JSON Schema of the envelope, made from the types that read it.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::commit::CommitFields;
use crate::compaction::CompactedFields;
use crate::envelope::Kind;
use crate::event::EventFields;
use crate::failure::ErrorFields;
use crate::file_edited::FileEditedFields;
use crate::message::MessageFields;
use crate::part;
use crate::session::SessionFields;

/// JSON Schema 2020-12 of the envelope, with a final newline.
///
/// It cannot say that an integer must be written without a fraction, nor that no key may come twice.
///
/// # Panics
/// Never: a schema always prints.
pub fn envelope_schema() -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.into_root_schema_for::<Envelope>();
    let text = serde_json::to_string_pretty(&schema).expect("a schema always prints");
    text + "\n"
}

struct Envelope;

impl JsonSchema for Envelope {
    fn schema_name() -> Cow<'static, str> {
        "Typed batch envelope".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kinds = Kind::ALL.map(|kind| kind_schema(kind, generator));
        json_schema!({
            "description": "What a plugin writes to the standard input of \
                `recount hooks conversation-trace`: items of one type. Other keys are ignored.",
            "type": "object",
            "properties": {
                "type": {
                    "description": "What all payloads are.",
                    "enum": Kind::ALL.map(Kind::as_str),
                },
                "agent": {
                    "description": "Which agent speaks; `unknown` where it is missing or empty.",
                    "type": ["string", "null"],
                },
                "agent_version": {
                    "description": "The agent's version.",
                    "type": ["string", "null"],
                },
                "payloads": {
                    "description": "The items. One that does not fit is refused alone, but one \
                        with a `type` of its own makes the envelope invalid.",
                    "type": "array",
                    "items": { "type": "object", "properties": { "type": false } },
                },
            },
            "required": ["type", "payloads"],
            "allOf": kinds,
        })
    }
}

fn kind_schema(kind: Kind, generator: &mut SchemaGenerator) -> Value {
    let item = match kind {
        Kind::Message => generator.subschema_for::<MessageFields>(),
        Kind::Part => part::schema(generator),
        Kind::Session => generator.subschema_for::<SessionFields>(),
        Kind::Error => generator.subschema_for::<ErrorFields>(),
        Kind::Compaction => generator.subschema_for::<CompactedFields>(),
        Kind::File => generator.subschema_for::<FileEditedFields>(),
        Kind::Event => generator.subschema_for::<EventFields>(),
        Kind::Commit => generator.subschema_for::<CommitFields>(),
    };
    json!({
        "if": only("type", kind.as_str()),
        "then": { "properties": { "payloads": { "items": item } } },
    })
}

/// The objects whose `key` says `word`.
pub(crate) fn only(key: &str, word: &str) -> Value {
    json!({ "properties": { key: { "const": word } }, "required": [key] })
}
