//! How each kind of field lies in columns.

use domain::{
    Agent, CallId, Cost, CutText, Earliest, EditScope, ErrorKind, Field, FileChange, Json, Latest,
    MessageId, Model, PartId, PartKind, Picodollars, Receipts, Role, SessionId, SideCall, StepKind,
    Tokens, UnixMs,
};
use turso::Value;

use super::Stamps;
use crate::{StoreError, engine::Row};

/// Why a stored value is none of its type's; the caller knows table and column.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The value does not fit.
    Unfit,
    /// The engine failed.
    Store(StoreError),
}

impl From<StoreError> for Unreadable {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A value in one or more columns; all of them NULL is no value.
pub(crate) trait Columns: Sized {
    /// How many columns.
    const WIDTH: usize;
    /// Appends one value for each column.
    fn write(&self, into: &mut Vec<Value>);
    /// Takes as many columns as it has written.
    fn read(row: &mut Row) -> Result<Option<Self>, Unreadable>;
}

/// A field of a row, with its stamp where it has one.
pub(crate) trait Column: Sized {
    /// Appends the columns; `name` is the first one's.
    fn write(&self, name: &str, into: &mut Vec<Value>, stamps: &mut Stamps);
    /// Takes the columns.
    fn read(name: &str, row: &mut Row, stamps: &Stamps) -> Result<Self, Unreadable>;
}

impl<T: Columns> Column for Field<T> {
    fn write(&self, name: &str, into: &mut Vec<Value>, stamps: &mut Stamps) {
        match (self.value(), self.stamp()) {
            (Some(value), Some(stamp)) => {
                value.write(into);
                stamps.add(name, stamp);
            }
            _ => into.extend(std::iter::repeat_n(Value::Null, T::WIDTH)),
        }
    }

    fn read(name: &str, row: &mut Row, stamps: &Stamps) -> Result<Self, Unreadable> {
        match (T::read(row)?, stamps.of(name)) {
            (None, _) => Ok(Self::absent()),
            (Some(value), Some(stamp)) => Ok(Self::new(stamp, Some(value))),
            (Some(_), None) => Err(Unreadable::Unfit),
        }
    }
}

impl Column for Earliest {
    fn write(&self, _name: &str, into: &mut Vec<Value>, _stamps: &mut Stamps) {
        into.push(integer(self.0.map(UnixMs::get)));
    }

    fn read(_name: &str, row: &mut Row, _stamps: &Stamps) -> Result<Self, Unreadable> {
        time(row).map(Self)
    }
}

impl Column for Latest {
    fn write(&self, _name: &str, into: &mut Vec<Value>, _stamps: &mut Stamps) {
        into.push(integer(self.0.map(UnixMs::get)));
    }

    fn read(_name: &str, row: &mut Row, _stamps: &Stamps) -> Result<Self, Unreadable> {
        time(row).map(Self)
    }
}

impl Column for Receipts {
    fn write(&self, name: &str, into: &mut Vec<Value>, stamps: &mut Stamps) {
        self.first.write(name, into, stamps);
        self.last.write(name, into, stamps);
    }

    fn read(name: &str, row: &mut Row, stamps: &Stamps) -> Result<Self, Unreadable> {
        Ok(Self {
            first: Earliest::read(name, row, stamps)?,
            last: Latest::read(name, row, stamps)?,
        })
    }
}

fn integer(value: Option<i64>) -> Value {
    value.map_or(Value::Null, Value::Integer)
}

fn time(row: &mut Row) -> Result<Option<UnixMs>, Unreadable> {
    row.integer()?.map(|ms| UnixMs::new(ms).ok_or(Unreadable::Unfit)).transpose()
}

/// A text column that holds the words of a type.
macro_rules! text_column {
    ($($type:ty: $print:expr, $parse:expr;)+) => {
        $(impl Columns for $type {
            const WIDTH: usize = 1;

            fn write(&self, into: &mut Vec<Value>) {
                let print: fn(&Self) -> &str = $print;
                into.push(Value::Text(print(self).to_owned()));
            }

            fn read(row: &mut Row) -> Result<Option<Self>, Unreadable> {
                let parse: fn(String) -> Option<Self> = $parse;
                row.text()?.map(|text| parse(text).ok_or(Unreadable::Unfit)).transpose()
            }
        })+
    };
}

text_column! {
    String: String::as_str, Some;
    Json: Json::as_str, |text| Some(Json::from_canonical(text));
    Agent: Agent::as_str, |text| Agent::new(text).ok();
    SessionId: SessionId::as_str, |text| SessionId::new(text).ok();
    MessageId: MessageId::as_str, |text| MessageId::new(text).ok();
    PartId: PartId::as_str, |text| PartId::new(text).ok();
    CallId: CallId::as_str, |text| CallId::new(text).ok();
    Role: |role| role.as_str(), |text| text.parse().ok();
    PartKind: |kind| kind.as_str(), |text| text.parse().ok();
    StepKind: |kind| kind.as_str(), |text| text.parse().ok();
    SideCall: |call| call.as_str(), |text| text.parse().ok();
    ErrorKind: |kind| kind.as_str(), |text| text.parse().ok();
    FileChange: |change| change.as_str(), |text| text.parse().ok();
    EditScope: |scope| scope.as_str(), |text| text.parse().ok();
}

impl Columns for i64 {
    const WIDTH: usize = 1;

    fn write(&self, into: &mut Vec<Value>) {
        into.push(Value::Integer(*self));
    }

    fn read(row: &mut Row) -> Result<Option<Self>, Unreadable> {
        Ok(row.integer()?)
    }
}

impl Columns for bool {
    const WIDTH: usize = 1;

    fn write(&self, into: &mut Vec<Value>) {
        into.push(Value::Integer(i64::from(*self)));
    }

    fn read(row: &mut Row) -> Result<Option<Self>, Unreadable> {
        Ok(row.integer()?.map(|value| value != 0))
    }
}

impl Columns for Model {
    const WIDTH: usize = 2;

    fn write(&self, into: &mut Vec<Value>) {
        for text in [&self.provider_id, &self.model_id] {
            into.push(text.clone().map_or(Value::Null, Value::Text));
        }
    }

    fn read(row: &mut Row) -> Result<Option<Self>, Unreadable> {
        Ok(Self::named(row.text()?, row.text()?))
    }
}

impl Columns for Tokens {
    const WIDTH: usize = 6;

    fn write(&self, into: &mut Vec<Value>) {
        let Self { input, output, reasoning, cache_read, cache_write, cache_write_1h } = *self;
        let counts = [input, output, reasoning, cache_read, cache_write, cache_write_1h];
        into.extend(counts.map(integer));
    }

    fn read(row: &mut Row) -> Result<Option<Self>, Unreadable> {
        let tokens = Self {
            input: row.integer()?,
            output: row.integer()?,
            reasoning: row.integer()?,
            cache_read: row.integer()?,
            cache_write: row.integer()?,
            cache_write_1h: row.integer()?,
        };
        Ok((!tokens.is_empty()).then_some(tokens))
    }
}

impl Columns for Cost {
    const WIDTH: usize = 2;

    fn write(&self, into: &mut Vec<Value>) {
        into.push(Value::Text(self.text().to_owned()));
        into.push(Value::Integer(self.amount().0));
    }

    fn read(row: &mut Row) -> Result<Option<Self>, Unreadable> {
        match (row.text()?, row.integer()?) {
            (Some(text), Some(amount)) => Ok(Some(Self::from_stored(text, Picodollars(amount)))),
            (None, None) => Ok(None),
            _ => Err(Unreadable::Unfit),
        }
    }
}

impl Columns for CutText {
    const WIDTH: usize = 2;

    fn write(&self, into: &mut Vec<Value>) {
        into.push(Value::Text(self.text().to_owned()));
        into.push(Value::Integer(self.full_bytes()));
    }

    fn read(row: &mut Row) -> Result<Option<Self>, Unreadable> {
        match (row.text()?, row.integer()?) {
            (Some(text), Some(full)) => Ok(Some(Self::from_stored(text, full))),
            (None, None) => Ok(None),
            _ => Err(Unreadable::Unfit),
        }
    }
}
