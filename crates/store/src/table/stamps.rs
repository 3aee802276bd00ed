//! The stamps of a row's fields in one column. Almost always one snapshot gave them all, so the
//! stamp of the first field stands for every field that is not named:
//! `1795168018979!` or `1795168018979 tokens=1795168018990!`. A `!` marks a final one.

use std::collections::BTreeMap;

use domain::{Stamp, UnixMs};

/// The stamps of the fields of one row, by the name of the field's first column.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamps {
    first: Option<Stamp>,
    others: BTreeMap<String, Stamp>,
}

impl Stamps {
    /// Adds the stamp of a field that has a value.
    pub(crate) fn add(&mut self, name: &str, stamp: Stamp) {
        match self.first {
            None => self.first = Some(stamp),
            Some(first) if first == stamp => {}
            Some(_) => drop(self.others.insert(name.to_owned(), stamp)),
        }
    }

    /// The stamp of a field that has a value.
    pub(crate) fn of(&self, name: &str) -> Option<Stamp> {
        self.others.get(name).copied().or(self.first)
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = self.first.map(print).unwrap_or_default();
        for (name, stamp) in &self.others {
            text.push(' ');
            text.push_str(name);
            text.push('=');
            text.push_str(&print(*stamp));
        }
        text
    }

    /// `None` where the text is none that `to_text` made.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut stamps = Self::default();
        if text.is_empty() {
            return Some(stamps);
        }
        let mut words = text.split(' ');
        stamps.first = Some(parse(words.next()?)?);
        for word in words {
            let (name, stamp) = word.split_once('=')?;
            stamps.others.insert(name.to_owned(), parse(stamp)?);
        }
        Some(stamps)
    }
}

fn print(stamp: Stamp) -> String {
    format!("{}{}", stamp.observed_at.get(), if stamp.is_final { "!" } else { "" })
}

fn parse(text: &str) -> Option<Stamp> {
    let (digits, is_final) = text.strip_suffix('!').map_or((text, false), |digits| (digits, true));
    Some(Stamp { is_final, observed_at: UnixMs::new(digits.parse().ok()?)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(ms: i64, is_final: bool) -> Stamp {
        Stamp { is_final, observed_at: UnixMs::new(ms).expect("not negative") }
    }

    #[test]
    fn stamps_are_read_as_they_were_written() {
        let cases: [(&[(&str, Stamp)], &str); 4] = [
            (&[], ""),
            (&[("a", stamp(5, false))], "5"),
            (&[("a", stamp(5, true)), ("b", stamp(5, true))], "5!"),
            (
                &[("a", stamp(5, true)), ("c", stamp(7, false)), ("b", stamp(5, false))],
                "5! b=5 c=7",
            ),
        ];
        for (fields, text) in cases {
            let mut stamps = Stamps::default();
            for (name, stamp) in fields {
                stamps.add(name, *stamp);
            }
            assert_eq!(stamps.to_text(), text);
            let read = Stamps::parse(text);
            assert_eq!(read.as_ref(), Some(&stamps));
            for (name, stamp) in fields {
                assert_eq!(read.as_ref().and_then(|read| read.of(name)), Some(*stamp), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_stamp_is_refused() {
        for text in ["x", "-1", "5!!", "5 a", "5 a=", " 5"] {
            assert_eq!(Stamps::parse(text), None, "{text:?}");
        }
    }
}
