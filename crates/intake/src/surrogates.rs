//! Half characters: an agent that cuts a string by UTF-16 units can leave one half of a pair behind
//! as an escape. No Unicode text can hold it, so it becomes U+FFFD before the item is parsed.

use std::ops::RangeInclusive;

use crate::wire::Note;

const HIGH: RangeInclusive<u16> = 0xD800..=0xDBFF;
const LOW: RangeInclusive<u16> = 0xDC00..=0xDFFF;
const ESCAPE_BYTES: usize = r"\u0000".len();

/// What the receipt says of a text that was repaired.
pub(crate) fn note() -> Note {
    Note { field: "payload".to_owned(), reason: "holds half a character, kept as U+FFFD" }
}

/// Well-formed JSON text with each lone surrogate replaced; `None` where there is none.
pub(crate) fn replaced(text: &str) -> Option<String> {
    if !text.contains(r"\ud") && !text.contains(r"\uD") {
        return None;
    }
    let mut repaired = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = text[at..].find('\\') {
        at += found;
        let (length, is_lone) = escape(&text[at..]);
        if is_lone {
            repaired.push_str(&text[copied..at]);
            repaired.push_str(r"\ufffd");
            copied = at + length;
        }
        at += length;
    }
    if copied == 0 {
        return None;
    }
    repaired.push_str(&text[copied..]);
    Some(repaired)
}

/// How long the escape at the start of `text` is, and whether it is a lone surrogate.
fn escape(text: &str) -> (usize, bool) {
    let Some(unit) = unit(text) else { return (r"\n".len(), false) };
    let next = || text.get(ESCAPE_BYTES..).and_then(self::unit);
    if HIGH.contains(&unit) && next().is_some_and(|next| LOW.contains(&next)) {
        return (2 * ESCAPE_BYTES, false);
    }
    (ESCAPE_BYTES, HIGH.contains(&unit) || LOW.contains(&unit))
}

fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix(r"\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lone_surrogates_are_replaced() {
        let cases = [
            ("no escape", r#""plain""#, None),
            ("a pair", r#""\ud83d\ude00""#, None),
            ("a pair in capitals", r#""\uD83D\uDE00""#, None),
            ("a high one", r#""a\ud83db""#, Some(r#""a\ufffdb""#)),
            ("a low one", r#""a\uDE00b""#, Some(r#""a\ufffdb""#)),
            ("the halves swapped", r#""\ude00\ud83d""#, Some(r#""\ufffd\ufffd""#)),
            (
                "a high one before a pair",
                r#""\ud83d\ud83d\ude00""#,
                Some(r#""\ufffd\ud83d\ude00""#),
            ),
            ("a high one before another escape", r#""\ud83d\n""#, Some(r#""\ufffd\n""#)),
            ("an escaped backslash before ud", r#""\\ud83d""#, None),
            ("an escaped backslash before a lone one", r#""\\\ud83d""#, Some(r#""\\\ufffd""#)),
            ("one at the end", r#""\ud83d""#, Some(r#""\ufffd""#)),
            ("one in a key", r#"{"\ud83d":1}"#, Some(r#"{"\ufffd":1}"#)),
            ("one beside other text", r#""é\udc00é""#, Some(r#""é\ufffdé""#)),
        ];
        for (name, text, expected) in cases {
            assert_eq!(replaced(text).as_deref(), expected, "{name}");
        }
    }
}
