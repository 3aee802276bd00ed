//! Texts that are not ids: JSON kept as text, and tool output cut to a bound.

/// How much of a tool's output is kept.
pub const TOOL_OUTPUT_LIMIT_BYTES: usize = 10 * 1024;

/// JSON text with sorted keys, as intake made it: equal values have equal text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Json(String);

impl Json {
    /// Takes canonical JSON text; the caller made it with sorted keys.
    pub fn from_canonical(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text cut at a character boundary, with the length that it had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CutText {
    text: String,
    full_bytes: i64,
}

impl CutText {
    /// Keeps at most `limit_bytes` bytes of `text`, never half a character.
    pub fn new(mut text: String, limit_bytes: usize) -> Self {
        let full_bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
        text.truncate(text.floor_char_boundary(limit_bytes));
        Self { text, full_bytes }
    }

    /// Puts a stored text and its stored length together again.
    pub fn from_stored(text: String, full_bytes: i64) -> Self {
        Self { text, full_bytes }
    }

    /// What was kept.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How long the whole text was, in bytes.
    pub fn full_bytes(&self) -> i64 {
        self.full_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_falls_on_a_character_boundary_and_keeps_the_length() {
        let cases = [
            ("abc", 5, "abc", 3),
            ("abc", 3, "abc", 3),
            ("abc", 2, "ab", 3),
            ("aé", 2, "a", 3),
            ("é", 1, "", 2),
        ];
        for (text, limit, kept, full) in cases {
            let cut = CutText::new(text.to_owned(), limit);
            assert_eq!((cut.text(), cut.full_bytes()), (kept, full), "{text:?} at {limit}");
        }
    }
}
