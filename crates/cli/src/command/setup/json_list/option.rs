//! The option of an entry that is ours: with it the entry is `["name", {"option": "value"}]`, and
//! `"name"` without.
//!
//! It is changed where it stands, so that other options stay as they are. What [`set`] has made of
//! `"name"`, [`unset`] makes `"name"` again.

use jsonc_parser::ast::{Object, Value};

use super::{Entry, Fault, List, Splices, entries_in, line_of, only_property, properties_in, span};

/// The entry as it is put into a list.
pub fn literal(entry: Entry<'_>, list: &List) -> String {
    let name = string(entry.name);
    match entry.value {
        None => name,
        Some(value) => pair(&name, list, value),
    }
}

/// A JSON string without `{`: OpenCode 1.18.33 puts variables and files in for `{env:…}` and
/// `{file:…}` wherever its configuration has them, before it reads that as JSON.
pub fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('{', "\\u007b")
}

fn pair(name: &str, list: &List, value: &str) -> String {
    format!("[{name}, {}]", options(list, value))
}

fn options(list: &List, value: &str) -> String {
    format!("{{{}}}", property(list, value))
}

fn property(list: &List, value: &str) -> String {
    format!("\"{}\": {}", list.option, string(value))
}

/// The text with that value in that entry of ours.
///
/// # Errors
/// There is something else where its options have to be.
pub fn set(body: &str, entry: &Value<'_>, list: &List, value: &str) -> Result<String, Fault> {
    let Value::Array(elements) = entry else {
        let pair = pair(&body[span(entry)], list, value);
        return Ok(Splices::new(body).replace(span(entry), &pair).done());
    };
    match &elements.elements[..] {
        [_, Value::Object(options), ..] => set_in(body, options, list, value),
        [_, other, ..] => Err(Fault::NoOptions { line: line_of(body, other) }),
        _ => {
            let elements = entries_in(body, elements);
            let name = elements.items.last().expect("an entry of ours has a name");
            Ok(name.append(body, |_| options(list, value)))
        }
    }
}

fn set_in(body: &str, options: &Object<'_>, list: &List, value: &str) -> Result<String, Fault> {
    let ours = only_property(body, options, list.option)?.map(|(_, property)| &property.value);
    let properties = properties_in(body, options);
    Ok(match (ours, properties.items.last()) {
        (Some(Value::StringLit(is)), _) if is.value == value => body.to_owned(),
        (Some(other), _) => Splices::new(body).replace(span(other), &string(value)).done(),
        (None, Some(last)) => last.append(body, |_| property(list, value)),
        (None, None) => {
            let start = properties.inside.start;
            Splices::new(body).insert(start, &property(list, value)).done()
        }
    })
}

/// The text without the option in that entry of ours.
///
/// # Errors
/// The option is there twice.
pub fn unset(body: &str, entry: &Value<'_>, list: &List) -> Result<String, Fault> {
    let elements = entry.as_array().map(|entry| &entry.elements[..]);
    let Some([name, Value::Object(options), ..]) = elements else { return Ok(body.to_owned()) };
    let Some((position, property)) = only_property(body, options, list.option)? else {
        return Ok(body.to_owned());
    };
    let name = &body[span(name)];
    let value = property.value.as_string_lit();
    if value.is_some_and(|value| body[span(entry)] == pair(name, list, &value.value)) {
        return Ok(Splices::new(body).replace(span(entry), name).done());
    }
    Ok(properties_in(body, options).without(body, position))
}
