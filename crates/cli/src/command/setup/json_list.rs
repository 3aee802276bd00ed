//! A list in somebody else's JSON file with comments: an entry goes in or out, and every other byte
//! stays.
//!
//! What [`add`] puts in is laid out so that [`remove`] can tell from the text alone what was there
//! before: a list that `add` made has blanks inside its brackets, and in one that it found empty the
//! entry touches the bracket. So no copy of the file has to be kept. It touches no file.

mod option;

use std::collections::BTreeMap;

use jsonc_parser::{
    ParseOptions,
    ast::{Array, Object, StringLit, Value},
};

pub use self::option::literal;
use self::option::string;
use super::json_text::{
    self, Fault, Layout, STRICT, Splices, append_property, entries_in, line_of, only_property,
    properties_in, span, split_mark,
};

/// Which list, and which of its entries are ours.
pub struct List {
    /// The key of the outermost object that holds it.
    pub key: &'static str,
    /// The key of our option in an entry that has some.
    pub option: &'static str,
    /// Whether an entry, or the first element of one that is a list itself, is ours.
    pub is_ours: fn(&str) -> bool,
}

/// An entry as it is to be.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'e> {
    /// What is loaded.
    pub name: &'e str,
    /// What our option says, if there is something to say.
    pub value: Option<&'e str>,
}

/// The text with the entry as the last of the list, which is made where it is missing; an entry of
/// ours that is there already is changed where it stands, and keeps what else the person has put
/// into it. Adding twice is adding once.
///
/// # Errors
/// The text is not what it should be.
pub fn add(text: &str, list: &List, entry: Entry<'_>) -> Result<String, Fault> {
    let (mark, body) = split_mark(text);
    let root = json_text::parse(body, &JSON_WITH_COMMENTS)?;
    let added = match find(body, &root, list)? {
        None => append_list(body, &root, list.key, &literal(entry, list)),
        Some(array) => match entries_of_ours(array, list).next() {
            None => append_entry(body, array, &literal(entry, list)),
            Some((position, name)) if name.value == entry.name => {
                let there = &array.elements[position];
                let changed = match entry.value {
                    None => option::unset(body, there, list)?,
                    Some(value) => option::set(body, there, list, value)?,
                };
                remove_others(&changed, list)?
            }
            Some((_, name)) => {
                let renamed = Splices::new(body).replace(span(name), &string(entry.name)).done();
                add(&renamed, list, entry)?
            }
        },
    };
    Ok(format!("{mark}{added}"))
}

/// The text without our entries, and without the list if [`add`] has made it. What was added is
/// taken away to the byte.
///
/// # Errors
/// The text is not what it should be.
pub fn remove(text: &str, list: &List) -> Result<String, Fault> {
    let (mark, body) = split_mark(text);
    let mut body = body.to_owned();
    while let Some(without) = remove_one(&body, list, 0)? {
        body = without;
    }
    Ok(format!("{mark}{body}"))
}

/// Our entries as they stand in the text.
///
/// # Errors
/// The text is not what it should be.
pub fn ours<'t>(text: &'t str, list: &List) -> Result<Vec<&'t str>, Fault> {
    let (_, body) = split_mark(text);
    let root = json_text::parse(body, &JSON_WITH_COMMENTS)?;
    let Some(array) = find(body, &root, list)? else { return Ok(Vec::new()) };
    let ours = entries_of_ours(array, list);
    Ok(ours.map(|(position, _)| &body[span(&array.elements[position])]).collect())
}

/// An entry of ours: its name, and those of its options that are texts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// What is loaded.
    pub name: String,
    /// Its options.
    pub options: BTreeMap<String, String>,
}

/// Our entries and what they say.
///
/// # Errors
/// The text is not what it should be.
pub fn named(text: &str, list: &List) -> Result<Vec<Named>, Fault> {
    let (_, body) = split_mark(text);
    let root = json_text::parse(body, &JSON_WITH_COMMENTS)?;
    let Some(array) = find(body, &root, list)? else { return Ok(Vec::new()) };
    let ours = entries_of_ours(array, list).map(|(position, name)| {
        let options = match &array.elements[position] {
            Value::Array(pair) => pair.elements.get(1).and_then(Value::as_object),
            _ => None,
        };
        let options = options.into_iter().flat_map(|options| &options.properties);
        let options = options.filter_map(|option| {
            Some((option.name.as_str().to_owned(), option.value.as_string_lit()?.value.to_string()))
        });
        Named { name: name.value.to_string(), options: options.collect() }
    });
    Ok(ours.collect())
}

/// The text without our entries but the first.
fn remove_others(body: &str, list: &List) -> Result<String, Fault> {
    let mut body = body.to_owned();
    while let Some(without) = remove_one(&body, list, 1)? {
        body = without;
    }
    Ok(body)
}

/// The text without our entry number `which`; `None` if there are not so many.
fn remove_one(body: &str, list: &List, which: usize) -> Result<Option<String>, Fault> {
    let root = json_text::parse(body, &JSON_WITH_COMMENTS)?;
    let Some(array) = find(body, &root, list)? else { return Ok(None) };
    let Some((position, _)) = entries_of_ours(array, list).nth(which) else { return Ok(None) };
    let entries = entries_in(body, array);
    if !entries.is_one_between_blanks(body) {
        return Ok(Some(entries.without(body, position)));
    }
    let property = root.properties.iter().position(|property| property.name.as_str() == list.key);
    let property = property.expect("the list was found in it");
    Ok(Some(properties_in(body, &root).without(body, property)))
}

/// What JSON with comments is to OpenCode 1.18: its parser refuses all else that this one knows.
const JSON_WITH_COMMENTS: ParseOptions =
    ParseOptions { allow_comments: true, allow_trailing_commas: true, ..STRICT };

fn find<'r, 't>(
    body: &str,
    root: &'r Object<'t>,
    list: &List,
) -> Result<Option<&'r Array<'t>>, Fault> {
    let Some((_, property)) = only_property(body, root, list.key)? else { return Ok(None) };
    let no_list = || Fault::NoList { line: line_of(body, property), key: list.key };
    property.value.as_array().map(Some).ok_or_else(no_list)
}

/// Position and name of each entry of ours: `"name"` or `["name", …]`.
fn entries_of_ours<'a, 't>(
    array: &'a Array<'t>,
    list: &List,
) -> impl Iterator<Item = (usize, &'a StringLit<'t>)> {
    let is_ours = list.is_ours;
    array.elements.iter().enumerate().filter_map(move |(position, element)| {
        let name = match element {
            Value::Array(pair) => pair.elements.first()?.as_string_lit()?,
            other => other.as_string_lit()?,
        };
        is_ours(&name.value).then_some((position, name))
    })
}

fn append_entry(body: &str, array: &Array<'_>, literal: &str) -> String {
    let entries = entries_in(body, array);
    match entries.items.last() {
        Some(last) => last.append(body, |_| literal.to_owned()),
        // Touching the bracket, so that this list is told from one that we made.
        None => Splices::new(body).insert(entries.inside.start, literal).done(),
    }
}

fn append_list(body: &str, root: &Object<'_>, key: &str, literal: &str) -> String {
    append_property(body, root, |layout: &Layout| match layout {
        Layout::Inline => format!("\"{key}\": [ {literal} ]"),
        Layout::Lines { newline, indent } => {
            let line = format!("{newline}{indent}");
            format!("\"{key}\": [{line}{unit}{literal}{line}]", unit = layout.unit())
        }
    })
}

#[cfg(test)]
mod tests;
