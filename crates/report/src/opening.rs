//! How a session begins: one without a title is recognised by that.

use store::query::session_opening::session_opening;

use crate::{ReportError, Source};

/// How long it is at most, in characters.
const CHARACTERS: usize = 200;

/// So much is read of a prompt, as white space is folded.
const READ_CHARACTERS: u32 = 1_000;

/// The beginning of what the person said first, on one line; `None` where nobody said anything.
///
/// # Errors
/// The store failed.
pub(crate) fn opening(
    source: &Source<'_>,
    session_id: &str,
) -> Result<Option<String>, ReportError> {
    let said = session_opening(source.holder, session_id, READ_CHARACTERS)?;
    Ok(said.as_deref().and_then(begin))
}

/// The same of a session without a title; one that has a title is recognised by that.
///
/// # Errors
/// The store failed.
pub(crate) fn opening_of_untitled(
    source: &Source<'_>,
    session_id: &str,
    title: Option<&String>,
) -> Result<Option<String>, ReportError> {
    if title.is_some() { Ok(None) } else { opening(source, session_id) }
}

/// The beginning of what was said, on one line; `None` where that is nothing.
pub(crate) fn begin(said: &str) -> Option<String> {
    let begin = command(said).map_or_else(|| folded(said), |command| folded(&command));
    Some(begin).filter(|begin| !begin.is_empty())
}

/// A command as the person typed it: Claude Code keeps it in tags of its own (2.1.328).
fn command(said: &str) -> Option<String> {
    let tagged = |tag: &str| {
        let (_, rest) = said.split_once(&format!("<{tag}>"))?;
        Some(rest.split_once(&format!("</{tag}>"))?.0)
    };
    let name = tagged("command-name").filter(|_| said.starts_with("<command-"))?;
    Some(format!("{name} {}", tagged("command-args").unwrap_or_default()))
}

fn folded(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(CHARACTERS).collect();
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_is_one_line_of_bounded_length() {
        let [long, cut] = [500, 100].map(|times| "é ".repeat(times));
        let cases = [
            ("", ""),
            (" \n\t ", ""),
            ("  fix\r\n\tthe   parser\u{2028}please ", "fix the parser please"),
            (&long, cut.trim_end()),
        ];
        for (text, expected) in cases {
            assert_eq!(folded(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_command_is_told_as_it_was_typed() {
        let cases = [
            ("fix <command-name>/x</command-name>", None),
            ("<command-name>/compact</command-name>\n<command-message>c", Some("/compact ")),
            (
                "<command-message>r</command-message><command-name>/r</command-name><command-args>a b</command-args>",
                Some("/r a b"),
            ),
            ("<command-name>/compact", None),
        ];
        for (text, expected) in cases {
            assert_eq!(command(text).as_deref(), expected, "{text:?}");
        }
    }
}
