//! Where a page of sessions ends.

use std::{cmp::Reverse, fmt, str::FromStr};

use thiserror::Error;

use super::Sort;

/// Where a page ends. It stays true while sessions come and go; to whoever holds it, it is a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(super) sort: &'static str,
    pub(super) rank: Option<i64>,
    pub(super) session_id: String,
}

/// A text is no cursor that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this cursor was not given by a list in that order")]
pub struct NoCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rank = self.rank.map(|rank| rank.to_string()).unwrap_or_default();
        let text = format!("{}:{rank}:{}", self.sort, self.session_id);
        text.bytes().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).ok_or(NoCursor);
        let byte = |pair: &[u8]| match pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).map_err(|_| NoCursor),
            _ => Err(NoCursor),
        };
        let bytes: Result<Vec<u8>, NoCursor> = text.as_bytes().chunks(2).map(byte).collect();
        let text = String::from_utf8(bytes?).map_err(|_| NoCursor)?;
        let (sort, rest) = text.split_once(':').ok_or(NoCursor)?;
        let (rank, session_id) = rest.split_once(':').ok_or(NoCursor)?;
        let sort = Sort::ALL.iter().find(|known| known.as_str() == sort).ok_or(NoCursor)?;
        let rank = match rank {
            "" => None,
            rank => Some(rank.parse().map_err(|_| NoCursor)?),
        };
        Ok(Self { sort: sort.as_str(), rank, session_id: session_id.to_owned() })
    }
}

impl Cursor {
    /// The same, if it was given by a list in that order.
    ///
    /// # Errors
    /// It was not.
    pub fn of(self, sort: Sort) -> Result<Self, NoCursor> {
        if self.sort == sort.as_str() { Ok(self) } else { Err(NoCursor) }
    }

    pub(super) fn order(&self) -> (Reverse<Option<i64>>, &str) {
        (Reverse(self.rank), &self.session_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is_one() {
        for (rank, id) in [(Some(5), "ses_1"), (None, "a:b:c"), (Some(i64::MIN), "日本\u{1b}")] {
            for sort in Sort::ALL {
                let cursor = Cursor { sort: sort.as_str(), rank, session_id: id.to_owned() };
                let word = cursor.to_string();
                assert!(word.bytes().all(|byte| byte.is_ascii_hexdigit()), "{word}");
                assert_eq!(word.parse(), Ok(cursor.clone()));
                assert_eq!(cursor.clone().of(*sort), Ok(cursor));
            }
        }
        let other = Cursor { sort: "cost", rank: None, session_id: "s".to_owned() };
        assert_eq!(other.of(Sort::Activity), Err(NoCursor));
        for text in ["", "0", "zz", "ffff", "é", "636f7374", "636f73743a783a73", "6e6f3a3a73"] {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text}");
        }
    }
}
