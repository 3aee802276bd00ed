//! How lines are written: without a blank, or with one after each colon and comma, as other
//! writers of JSON leave it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Serializer, Value, ser::Formatter};

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

/// The lines as the bytes of a file.
pub fn lines(lines: &[Value], spaced: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        if spaced {
            let mut serializer = Serializer::with_formatter(&mut bytes, Spaced);
            line.serialize(&mut serializer).expect("a value can be written");
        } else {
            serde_json::to_writer(&mut bytes, line).expect("a value can be written");
        }
        bytes.push(b'\n');
    }
    bytes
}
