//! The text of somebody else's JSON file: what is where in it, and what is set how.
//!
//! It says of no key what it means, and touches no file.

mod layout;

use std::ops::Range;

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{Array, Object, ObjectProp, Value},
    common::Ranged,
    parse_to_ast,
};
use thiserror::Error;

pub use self::layout::{Container, Layout, Splices};
use self::layout::{end_of_line, newline_at};

/// JSON and nothing else.
pub const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_trailing_commas: false,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Why a text is not changed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// It is no JSON of the kind that is asked for. The first line and column are 1.
    #[error("line {line}, column {column}: {reason}")]
    Syntax { line: usize, column: usize, reason: String },
    /// It holds something else than an object, or nothing.
    #[error("line 1: no JSON object is in it")]
    NoObject,
    /// The key holds something else than a list.
    #[error("line {line}: `{key}` has to be a list")]
    NoList { line: usize, key: &'static str },
    /// The key holds something else than an object.
    #[error("line {line}: `{key}` has to be an object")]
    NotAnObject { line: usize, key: &'static str },
    /// An entry of ours has something else than an object behind its name.
    #[error("line {line}: the options of an entry have to be an object")]
    NoOptions { line: usize },
    /// The key is there twice, of which readers see one.
    #[error("line {line}: `{key}` is there a second time")]
    Twice { line: usize, key: &'static str },
}

/// The byte order mark, which is no part of the JSON, and the rest.
pub fn split_mark(text: &str) -> (&str, &str) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split_at(text.len() - body.len())
}

/// The outermost object.
///
/// # Errors
/// It is no JSON of that kind, or holds no object.
pub fn parse<'t>(body: &'t str, kind: &ParseOptions) -> Result<Object<'t>, Fault> {
    let parsed = parse_to_ast(body, &CollectOptions::default(), kind);
    let parsed = parsed.map_err(|error| Fault::Syntax {
        line: error.line_display(),
        column: error.column_display(),
        reason: error.kind().to_string().to_lowercase(),
    })?;
    match parsed.value {
        Some(Value::Object(root)) => Ok(root),
        Some(_) | None => Err(Fault::NoObject),
    }
}

/// The property with that key, and its position.
///
/// # Errors
/// There are two.
pub fn only_property<'r, 't>(
    body: &str,
    object: &'r Object<'t>,
    key: &'static str,
) -> Result<Option<(usize, &'r ObjectProp<'t>)>, Fault> {
    let properties = object.properties.iter().enumerate();
    let mut found = properties.filter(|(_, property)| property.name.as_str() == key);
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some((_, second)) => Err(Fault::Twice { line: line_of(body, second), key }),
    }
}

/// The line on which a node begins; the first is 1.
pub fn line_of(body: &str, node: &impl Ranged) -> usize {
    1 + body[..node.start()].matches('\n').count()
}

/// The bytes that a node takes.
pub fn span(node: &impl Ranged) -> Range<usize> {
    node.start()..node.end()
}

/// A list as it is set.
pub fn entries_in(body: &str, array: &Array<'_>) -> Container {
    Container::new(body, span(array), array.elements.iter().map(span))
}

/// An object as it is set.
pub fn properties_in(body: &str, object: &Object<'_>) -> Container {
    Container::new(body, span(object), object.properties.iter().map(span))
}

/// The text with one more property, which is the object's last.
pub fn append_property(
    body: &str,
    object: &Object<'_>,
    property: impl Fn(&Layout<'_>) -> String,
) -> String {
    let properties = properties_in(body, object);
    if let Some(last) = properties.items.last() {
        return last.append(body, property);
    }
    let start = properties.inside.start;
    match end_of_line(body, start) {
        None => Splices::new(body).insert(start, &property(&Layout::Inline)).done(),
        Some(at) => {
            let newline = newline_at(body, at);
            let layout = Layout::Lines { newline, indent: layout::DEFAULT_INDENT };
            Splices::new(body).insert(at, &layout.place(&property(&layout))).done()
        }
    }
}
