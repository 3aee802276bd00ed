//! A session as a file to keep or to pass on: Markdown, HTML that loads nothing, or JSON.

mod html;
mod markdown;
pub mod telling;

use std::io::{self, Write};

use serde_json::Value;

use super::{conversation, story::Material};
use crate::json;

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Markdown, with the texts in fences.
    Markdown,
    /// One page that loads nothing and runs nothing.
    Html,
    /// The rows, by the names of the tables.
    Json,
}

/// Where a session stands in a document.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// How far below the first one.
    pub depth: usize,
    /// Whether nothing stands before it.
    pub is_first: bool,
    /// Whether the document may hold more than one; JSON is a list then.
    pub is_of_several: bool,
}

impl Place {
    /// The only one.
    pub const ALONE: Self = Self { depth: 0, is_first: true, is_of_several: false };
}

/// Writes one session of a document.
///
/// # Errors
/// It cannot be written.
pub fn write(
    material: &Material,
    place: Place,
    form: Form,
    document: &mut impl Write,
) -> io::Result<()> {
    match form {
        Form::Markdown => markdown::write(&material.story(), place, document),
        Form::Html => html::write(&material.story(), place, document),
        Form::Json => {
            let value: Value = conversation::whole(material.conversation());
            let value = json::pretty(&value);
            match (place.is_of_several, place.is_first) {
                (true, true) => write!(document, "[\n{value}"),
                (true, false) => write!(document, ",\n{value}"),
                (false, _) => writeln!(document, "{value}"),
            }
        }
    }
}

/// Ends a document; `is_of_several` as in the places of its sessions.
///
/// # Errors
/// It cannot be written.
pub fn write_end(form: Form, is_of_several: bool, document: &mut impl Write) -> io::Result<()> {
    match form {
        Form::Html => html::write_end(document),
        Form::Json if is_of_several => document.write_all(b"\n]\n"),
        Form::Json | Form::Markdown => Ok(()),
    }
}

/// One session as a whole document.
pub fn whole(material: &Material, form: Form) -> String {
    let mut document = Vec::new();
    write(material, Place::ALONE, form, &mut document)
        .and_then(|()| write_end(form, false, &mut document))
        .expect("memory can be written");
    String::from_utf8(document).expect("a document is text")
}
