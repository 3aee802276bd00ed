//! How the fields of an item are read, and what its JSON Schema is: [`wire!`] makes both from one
//! declaration, so they cannot disagree.
//!
//! Reading takes a field out of the item. What is left when all are taken is what the type does not
//! know, and it goes to the row's payload. A declaration's order is the order of the checks. No
//! reason may quote a value: it could be a piece of a conversation.

mod values;

use domain::Warning;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value as Json;

pub(crate) use self::values::{AbsolutePath, Count, Kept, Name, Seen};
use crate::item::Place;
use crate::json::{Object, Value};

/// Why something does not fit, in a few words that follow its name.
pub(crate) type Reason = &'static str;

/// The first field that an item cannot do without, and why it does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub field: &'static str,
    pub reason: Reason,
}

/// An optional field that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// Its key, after the keys that lead to it, with dots between.
    pub field: String,
    pub reason: Reason,
}

impl Note {
    /// The note as a finding about the item at a place of the input.
    pub fn at(self, Place { envelope, index }: Place) -> Warning {
        Warning { envelope, index, field: self.field, reason: self.reason.to_owned() }
    }
}

/// A value that a field may hold.
pub(crate) trait FromJson: Sized {
    /// Takes what it can hold out of a value, and leaves the rest there.
    ///
    /// # Errors
    /// Why the value does not fit.
    fn from_json(value: &mut Value<'_>, notes: &mut Vec<Note>) -> Result<Self, Reason>;

    /// The values that fit.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

/// A field of an item: `T` must be there, `Option<T>` need not, [`Nullable<T>`] may say null.
pub(crate) trait Slot: Sized {
    /// Whether an item without it is refused.
    const IS_REQUIRED: bool;

    /// Takes the field out of an item.
    ///
    /// # Errors
    /// The field, where the item cannot do without it.
    fn take(
        object: &mut Object<'_>,
        key: &'static str,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Refusal>;

    /// The values that fit.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

impl<T: FromJson> Slot for T {
    const IS_REQUIRED: bool = true;

    fn take(
        object: &mut Object<'_>,
        field: &'static str,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Refusal> {
        let read = read(object, field, notes).unwrap_or(Err("is missing"));
        read.map_err(|reason| Refusal { field, reason })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        T::schema(generator)
    }
}

impl<T: FromJson> Slot for Option<T> {
    const IS_REQUIRED: bool = false;

    fn take(
        object: &mut Object<'_>,
        key: &'static str,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Refusal> {
        if object.get(key) == Some(&Value::Null) {
            object.remove(key);
        }
        Ok(match read(object, key, notes) {
            Some(Ok(value)) => Some(value),
            Some(Err(reason)) => {
                notes.push(Note { field: key.to_owned(), reason });
                None
            }
            None => None,
        })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        or_null(T::schema(generator))
    }
}

/// Reads the value under a key and leaves there what the type does not know of it.
fn read<T: FromJson>(
    object: &mut Object<'_>,
    key: &str,
    notes: &mut Vec<Note>,
) -> Option<Result<T, Reason>> {
    let value = object.get_mut(key)?;
    let before = notes.len();
    let read = T::from_json(value, notes);
    for note in &mut notes[before..] {
        note.field = format!("{key}.{}", note.field);
    }
    if read.is_err() || value.is_spent() {
        object.remove(key);
    }
    Some(read)
}

/// A field that says by null that there is nothing, but never by a value that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nullable<T>(pub Option<T>);

impl<T: FromJson> Slot for Nullable<T> {
    const IS_REQUIRED: bool = false;

    fn take(
        object: &mut Object<'_>,
        key: &'static str,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Refusal> {
        if object.get(key).is_none_or(|value| *value == Value::Null) {
            object.remove(key);
            return Ok(Self(None));
        }
        <T as Slot>::take(object, key, notes).map(|value| Self(Some(value)))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        or_null(T::schema(generator))
    }
}

/// A schema that null fits too.
fn or_null(mut schema: Schema) -> Schema {
    if schema.as_bool() == Some(true) {
        return schema;
    }
    let object = schema.ensure_object();
    if let Some(Json::String(of)) = object.get("type").filter(|_| !object.contains_key("enum")) {
        let types = [of.as_str(), "null"].into();
        object.insert("type".to_owned(), types);
        return schema;
    }
    json_schema!({ "anyOf": [schema, { "type": "null" }] })
}

/// A group of fields that are read together; [`wire!`] declares them.
pub(crate) trait Fields: JsonSchema + Sized {
    /// Takes them out of an item, in the order in which they are declared.
    ///
    /// # Errors
    /// The first field that the item cannot do without.
    fn take(object: &mut Object<'_>, notes: &mut Vec<Note>) -> Result<Self, Refusal>;
}

impl<T: Fields> FromJson for T {
    fn from_json(value: &mut Value<'_>, notes: &mut Vec<Note>) -> Result<Self, Reason> {
        let Value::Object(object) = value else { return Err("is no object") };
        <T as Fields>::take(object, notes).map_err(|refusal| refusal.reason)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// The schema of a group of fields, as it is built field by field.
#[derive(Default)]
pub(crate) struct FieldsSchema {
    properties: serde_json::Map<String, Json>,
    required: Vec<&'static str>,
}

impl FieldsSchema {
    pub fn add<T: Slot>(
        &mut self,
        generator: &mut SchemaGenerator,
        key: &'static str,
        description: &str,
    ) {
        let mut schema = T::schema(generator);
        schema.ensure_object().insert("description".to_owned(), description.trim().into());
        self.properties.insert(key.to_owned(), schema.to_value());
        if T::IS_REQUIRED {
            self.required.push(key);
        }
    }

    pub fn finish(self, description: &str) -> Schema {
        let mut schema = json_schema!({
            "description": description.trim(),
            "type": "object",
            "properties": self.properties,
        });
        if !self.required.is_empty() {
            schema.insert("required".to_owned(), self.required.into());
        }
        schema
    }
}

/// Declares a group of fields: the struct, how it is read, and its schema.
macro_rules! wire {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident $(as $key:literal)?: $type:ty,)+
        }
    ) => {
        $(#[doc = $doc])*
        $(#[derive($($derive),+)])?
        pub(crate) struct $name {
            $($(#[doc = $field_doc])* pub $field: $type,)+
        }

        impl $crate::wire::Fields for $name {
            fn take(
                object: &mut $crate::json::Object<'_>,
                notes: &mut Vec<$crate::wire::Note>,
            ) -> Result<Self, $crate::wire::Refusal> {
                Ok(Self {
                    $($field: $crate::wire::Slot::take(
                        object,
                        $crate::wire::wire!(@key $field $($key)?),
                        notes,
                    )?,)+
                })
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut schema = $crate::wire::FieldsSchema::default();
                $(schema.add::<$type>(
                    generator,
                    $crate::wire::wire!(@key $field $($key)?),
                    concat!($($field_doc),*),
                );)+
                schema.finish(concat!($($doc),*))
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}

pub(crate) use wire;
