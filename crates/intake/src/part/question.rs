//! The tool with which `OpenCode` 1.18 asks the person: `input.questions[].question`, and for each the
//! list of what was answered in `metadata.answers`.

use domain::{CallId, Field, Part, PartId, PartKind};
use schemars::{Schema, SchemaGenerator};
use serde_json::json;

use super::Rows;
use crate::json::{Value, text};
use crate::wire::{FromJson, Note, Reason};

/// The questions among what the tool was given.
pub(super) fn questions(input: &Value<'_>) -> Vec<String> {
    let Value::Object(input) = input else { return Vec::new() };
    let Some(Value::List(questions)) = input.get("questions") else { return Vec::new() };
    let asked = |question: &Value<'_>| match question {
        Value::Object(question) => text(question, "question").unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    questions.iter().map(asked).collect()
}

/// For each question its answers, which stay where they are too.
pub(crate) struct Answers(Vec<Vec<String>>);

impl FromJson for Answers {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let texts = |value: &Value<'_>| match value {
            Value::List(values) => values.iter().filter_map(owned_text).collect(),
            value => owned_text(value).into_iter().collect(),
        };
        Ok(Self(match value {
            Value::List(values) => values.iter().map(texts).collect(),
            _ => Vec::new(),
        }))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

fn owned_text(value: &Value<'_>) -> Option<String> {
    value.as_text().map(str::to_owned)
}

impl Rows {
    /// The questions with their answers, as a part of their own beside the call.
    pub fn question(&mut self, call_id: &CallId, questions: &[String], answers: Option<&Answers>) {
        let Some(Answers(answers)) = answers else { return };
        let pairs: Vec<_> = questions
            .iter()
            .zip(answers)
            .map(|(question, answer)| json!({ "question": question, "answer": answer.join(", ") }))
            .collect();
        let (session_id, message_id, _) = self.key();
        let part_id = PartId::new(format!("question:{call_id}"));
        let part_id = part_id.expect("a name with a prefix is not empty");
        let mut part = Part::new(session_id, message_id, part_id);
        (part.generated_at, part.ordered_at) = self.times();
        part.kind = Field::new(self.stamp, Some(PartKind::Question));
        part.text = Field::new(self.stamp, Some(serde_json::Value::from(pairs).to_string()));
        self.beside.push(part.into());
    }
}
