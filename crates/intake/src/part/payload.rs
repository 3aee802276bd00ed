//! What a part's payload must not hold: the content of files, and tool output without bound.

use std::borrow::Cow;

use domain::{PartKind, TOOL_OUTPUT_LIMIT_BYTES};

use crate::json::{Object, Value};

const DATA_URL: &str = "data:";

/// Takes out of what is left of an item what is too big to be kept twice or must not be kept.
pub(super) fn slim(kind: PartKind, object: &mut Object<'_>) {
    match kind {
        PartKind::File => slim_object(object, &|_| {}),
        PartKind::Tool => slim_object(object, &cut),
        PartKind::Text
        | PartKind::Reasoning
        | PartKind::Patch
        | PartKind::Question
        | PartKind::StepStart
        | PartKind::StepFinish
        | PartKind::Compaction
        | PartKind::Snapshot
        | PartKind::Agent
        | PartKind::Retry
        | PartKind::Subtask => {}
    }
}

fn slim_object(object: &mut Object<'_>, on_text: &impl Fn(&mut Cow<'_, str>)) {
    let content_bytes = object.get_mut("url").and_then(drop_content);
    if let Some(bytes) = content_bytes {
        object.insert("url_bytes".into(), Value::Number(bytes.into()));
    }
    for value in object.values_mut() {
        slim_value(value, on_text);
    }
}

fn slim_value(value: &mut Value<'_>, on_text: &impl Fn(&mut Cow<'_, str>)) {
    match value {
        Value::Text(text) => on_text(text),
        Value::List(values) => {
            for value in values {
                slim_value(value, on_text);
            }
        }
        Value::Object(object) => slim_object(object, on_text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Digits(_) => {}
    }
}

/// Leaves the scheme and the media type of a URL that holds its content, and gives its length.
fn drop_content(url: &mut Value<'_>) -> Option<usize> {
    let Value::Text(url) = url else { return None };
    let bytes = url.len();
    let scheme = url.get(..DATA_URL.len())?;
    if !scheme.eq_ignore_ascii_case(DATA_URL) {
        return None;
    }
    let end = url.find([';', ',']).unwrap_or(DATA_URL.len());
    url.to_mut().truncate(end);
    Some(bytes)
}

fn cut(text: &mut Cow<'_, str>) {
    if text.len() > TOOL_OUTPUT_LIMIT_BYTES {
        let end = text.floor_char_boundary(TOOL_OUTPUT_LIMIT_BYTES);
        text.to_mut().truncate(end);
    }
}
