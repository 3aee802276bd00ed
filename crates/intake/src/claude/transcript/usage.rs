//! What an answer took, as the provider counts it.

use domain::Tokens;

use super::line::{take_count, take_object};
use crate::json::{Object, Value};
use crate::wire::Note;

/// What the provider says of nearly every answer.
const USUAL: [(&str, &str); 2] = [("service_tier", "standard"), ("speed", "standard")];

/// The counts of a usage, and the objects that hold further ones.
const COUNTS: [&str; 4] =
    ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];
const FURTHER: [(&str, &[&str]); 2] = [
    ("cache_creation", &["ephemeral_1h_input_tokens", "ephemeral_5m_input_tokens"]),
    ("output_tokens_details", &["thinking_tokens"]),
];

/// Takes the tokens out of a usage. Output leaves out thinking, and what is left says something.
///
/// # Errors
/// A count that does not fit, and why: half of them would give a wrong cost. All are left then.
pub(super) fn take(usage: &mut Object<'_>) -> Result<Tokens, Note> {
    if let Some(note) = misfit(usage) {
        return Err(note);
    }
    let mut take = |key| take_count(usage, key);
    let (input, output) = (take("input_tokens"), take("output_tokens"));
    let (cache_read, cache_write) =
        (take("cache_read_input_tokens"), take("cache_creation_input_tokens"));
    let cache_write_1h = take_lasting(usage, cache_write);
    let thinking = match usage.get_mut("output_tokens_details") {
        Some(Value::Object(details)) => take_count(details, "thinking_tokens"),
        _ => None,
    };
    let reasoning = thinking.zip(output).map(|(thinking, output)| thinking.min(output));
    usage.retain(|key, value| !is_usual(key, value));
    Ok(Tokens {
        input,
        output: output.map(|output| output - reasoning.unwrap_or(0)),
        reasoning,
        cache_read,
        cache_write,
        cache_write_1h,
    })
}

/// The first that is there and is no count.
fn misfit(usage: &Object<'_>) -> Option<Note> {
    let of = |object: &Object<'_>, keys: &[&'static str]| {
        keys.iter().copied().find(|key| object.get(*key).is_some_and(|value| !is_count(value)))
    };
    let note = |field: String, reason| Note { field: format!("message.usage.{field}"), reason };
    if let Some(key) = of(usage, &COUNTS) {
        return Some(note(key.to_owned(), "is no count"));
    }
    FURTHER.iter().find_map(|(key, keys)| match usage.get(*key)? {
        Value::Null => None,
        Value::Object(further) => {
            of(further, keys).map(|inner| note(format!("{key}.{inner}"), "is no count"))
        }
        _ => Some(note((*key).to_owned(), "is no object")),
    })
}

fn is_count(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Number(number) => number.as_i64().is_some_and(|count| count >= 0),
        _ => false,
    }
}

/// Takes what lasts an hour. What lasts five minutes is the rest of what was written.
fn take_lasting(usage: &mut Object<'_>, written: Option<i64>) -> Option<i64> {
    let mut creation = take_object(usage, "cache_creation")?;
    let hour = take_count(&mut creation, "ephemeral_1h_input_tokens");
    let minutes = take_count(&mut creation, "ephemeral_5m_input_tokens");
    if let Some(minutes) = minutes
        && written != Some(minutes.saturating_add(hour.unwrap_or(0)))
    {
        creation.insert("ephemeral_5m_input_tokens".into(), Value::Number(minutes.into()));
    }
    if !creation.is_empty() {
        usage.insert("cache_creation".into(), Value::Object(creation));
    }
    hour
}

fn is_usual(key: &str, value: &Value<'_>) -> bool {
    let is_told = USUAL.iter().any(|(usual, text)| *usual == key && value.as_text() == Some(text));
    is_told || is_nothing(value)
}

fn is_nothing(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Text(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Object(object) => object.values().all(is_nothing),
        Value::Bool(_) | Value::Digits(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{canonical, object};

    #[test]
    fn tokens_are_taken_and_only_what_is_unusual_is_left() {
        let all = r#"{"input_tokens":3,"output_tokens":80,"cache_read_input_tokens":5,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_1h_input_tokens":10,"ephemeral_5m_input_tokens":20},"output_tokens_details":{"thinking_tokens":24},"server_tool_use":{"web_search_requests":0},"service_tier":"standard","iterations":[],"fallback_credit":null}"#;
        let cases = [
            (all, [Some(3), Some(56), Some(24), Some(5), Some(30), Some(10)], "{}"),
            ("{}", [None; 6], "{}"),
            (
                r#"{"output_tokens":5,"output_tokens_details":{"thinking_tokens":9}}"#,
                [None, Some(0), Some(5), None, None, None],
                "{}",
            ),
            (r#"{"output_tokens_details":{"thinking_tokens":9}}"#, [None; 6], "{}"),
            (
                r#"{"cache_creation_input_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":4}}"#,
                [None, None, None, None, Some(9), None],
                r#"{"cache_creation":{"ephemeral_5m_input_tokens":4}}"#,
            ),
        ];
        for (text, [input, output, reasoning, cache_read, cache_write, cache_write_1h], left) in
            cases
        {
            let mut usage = object(text).expect("it is an object");
            let expected =
                Tokens { input, output, reasoning, cache_read, cache_write, cache_write_1h };
            assert_eq!(take(&mut usage), Ok(expected), "{text}");
            assert_eq!(canonical(&usage), left, "{text}");
        }
    }

    #[test]
    fn of_counts_that_do_not_all_fit_none_is_taken_and_all_are_left() {
        let cases = [
            (r#"{"input_tokens":99999999999999999999999999,"output_tokens":5}"#, "input_tokens"),
            (r#"{"input_tokens":3,"output_tokens":-5}"#, "output_tokens"),
            (r#"{"input_tokens":"ten","service_tier":"standard"}"#, "input_tokens"),
            (r#"{"cache_read_input_tokens":1.5,"input_tokens":3}"#, "cache_read_input_tokens"),
            (r#"{"cache_creation":7,"input_tokens":3}"#, "cache_creation"),
            (
                r#"{"cache_creation":{"ephemeral_1h_input_tokens":true},"input_tokens":3}"#,
                "cache_creation.ephemeral_1h_input_tokens",
            ),
            (
                r#"{"input_tokens":3,"output_tokens_details":{"thinking_tokens":[]}}"#,
                "output_tokens_details.thinking_tokens",
            ),
        ];
        for (text, field) in cases {
            let mut usage = object(text).expect("it is an object");
            let note = take(&mut usage).expect_err("it does not fit");
            assert_eq!(note.field, format!("message.usage.{field}"));
            let before = object(text).expect("it is an object");
            assert_eq!(canonical(&usage), canonical(&before), "{text}");
        }
    }
}
