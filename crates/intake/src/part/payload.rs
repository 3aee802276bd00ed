//! What a part's payload must not hold: the content of files, and tool output without bound.

use std::borrow::Cow;

use domain::{PartKind, TOOL_OUTPUT_LIMIT_BYTES};

use crate::json::{Object, Value, text};

const DATA_URL: &str = "data:";

/// Takes out of what is left of an item what is too big to be kept twice or must not be kept.
pub(super) fn slim(kind: PartKind, object: &mut Object<'_>) {
    match kind {
        PartKind::File => slim_file(object),
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

/// Takes the content of files out of an object, wherever it stands there. Texts stay whole.
pub(crate) fn slim_file(object: &mut Object<'_>) {
    slim_object(object, &|_| {});
}

/// Takes out of what a tool gave back what is too big to be kept twice or must not be kept.
pub(crate) fn slim_result(value: &mut Value<'_>) {
    slim_value(value, &cut);
}

fn slim_object(object: &mut Object<'_>, on_text: &impl Fn(&mut Cow<'_, str>)) {
    let content_bytes = object.get_mut("url").and_then(drop_content);
    if let Some(bytes) = content_bytes {
        object.insert("url_bytes".into(), Value::Number(bytes.into()));
    }
    if let Some((key, bytes)) = take_base64(object) {
        object.insert(format!("{key}_bytes").into(), Value::Number(bytes.into()));
    }
    for value in object.values_mut() {
        slim_value(value, on_text);
    }
}

/// Removes content in Base64, as the Messages API, MCP and Claude Code's own tools write it, and gives
/// its length.
fn take_base64(object: &mut Object<'_>) -> Option<(&'static str, usize)> {
    let is_content =
        ["base64", "image", "audio"].iter().any(|kind| text(object, "type") == Some(kind));
    let key = if is_content && object.contains_key("data") { "data" } else { "base64" };
    let bytes = text(object, key)?.len();
    object.remove(key);
    Some((key, bytes))
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
