//! Answers as JSON text: the same bytes in a terminal and over HTTP.

use std::{borrow::Cow, fmt::Write as _};

use serde::Serialize;
use serde_json::Value;

/// An answer on as many lines as make it readable.
///
/// # Panics
/// It is no JSON, as a map with keys other than texts; no answer holds one.
pub fn json(answer: &impl Serialize) -> String {
    pretty(&serde_json::to_value(answer).expect("an answer is texts and numbers"))
}

/// A value on as many lines as make it readable.
pub fn pretty(value: &Value) -> String {
    escaped(format!("{value:#}"))
}

/// A value on one line.
pub fn line(value: &Value) -> String {
    escaped(value.to_string())
}

fn escaped(text: String) -> String {
    let escaped = match escape_json(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(escaped) => Some(escaped),
    };
    escaped.unwrap_or(text)
}

/// Whether a character acts on what is around it instead of being seen. Joiners are not among
/// them: scripts and emoji need them, and they move nothing.
pub fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Direction marks, embeddings, overrides and isolates (Unicode annex 9), and the
            // deprecated format characters after them.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // Separators that some terminals take for line ends.
            | '\u{2028}' | '\u{2029}'
            // What is there but cannot be seen: a text can be hidden in it.
            | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
        )
}

/// JSON text with those characters as `\u` escapes: it means the same, and a terminal that it is
/// printed on is left alone.
pub fn escape_json(text: &str) -> Cow<'_, str> {
    let kept = |character| character == '\n' || !is_active(character);
    if text.chars().all(kept) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if kept(character) {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_means_the_same_and_holds_nothing_that_acts() {
        let text = "a\u{7f}\u{9b}\u{202e}\u{e0041}é\n";
        let json = serde_json::Value::from(text).to_string();
        let escaped = escape_json(&json);
        assert_eq!(escaped, r#""a\u007f\u009b\u202e\udb40\udc41é\n""#);
        assert_eq!(serde_json::from_str::<String>(&escaped).expect("JSON"), text);
    }
}
