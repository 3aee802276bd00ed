//! Foreign texts as they may be shown: what would drive or deceive whoever reads them is shown instead.

use std::{borrow::Cow, fmt::Write as _};

use crate::json::is_active;

/// Which control characters of a text are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// None: the text is one line of a table.
    Nothing,
    /// Line feeds and tabs: the text is a block of its own.
    Lines,
}

/// Shows what would drive or deceive a terminal as `\u{…}`, `\n`, `\r` or `\t`.
pub fn escape(text: &str, keep: Keep) -> Cow<'_, str> {
    let kept = |character| keep == Keep::Lines && matches!(character, '\n' | '\t');
    if !text.chars().any(|character| is_active(character) && !kept(character)) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_active(character) && !kept(character) {
            let _ = write!(escaped, "{}", character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Appends a text as HTML tells it, within an element or an attribute.
pub fn push_entities(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown_instead() {
        let cases = [
            ("plain", "a b", Keep::Nothing, "a b"),
            ("unicode", "grüße 👩\u{200d}💻 日本", Keep::Nothing, "grüße 👩\u{200d}💻 日本"),
            ("lines in a table", "a\nb\tc", Keep::Nothing, "a\\nb\\tc"),
            ("lines in a block", "a\nb\tc", Keep::Lines, "a\nb\tc"),
            ("carriage return", "a\rb", Keep::Lines, "a\\rb"),
            ("clear screen", "\u{1b}[2J", Keep::Lines, "\\u{1b}[2J"),
            ("one-byte sequence start", "\u{9b}2J", Keep::Lines, "\\u{9b}2J"),
            ("nul, bell, delete", "\0\u{7}\u{7f}", Keep::Lines, "\\u{0}\\u{7}\\u{7f}"),
            ("right-to-left override", "a\u{202e}b", Keep::Lines, "a\\u{202e}b"),
            ("isolate", "\u{2066}x\u{2069}", Keep::Lines, "\\u{2066}x\\u{2069}"),
            ("hidden text", "x\u{e0041}", Keep::Lines, "x\\u{e0041}"),
            ("line separator", "x\u{2028}", Keep::Lines, "x\\u{2028}"),
        ];
        for (name, text, keep, expected) in cases {
            assert_eq!(escape(text, keep), expected, "{name}");
        }
    }
}
