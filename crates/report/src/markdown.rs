//! Foreign texts in Markdown: what could become a table, a link, an image or HTML there is shown
//! instead, and blocks stand in fences that nothing inside can close.

use crate::plain::{Keep, escape};

/// A text within a line or a cell.
pub fn inline(text: &str) -> String {
    let text = escape(text, Keep::Nothing);
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '~' | '|' | '#' | '!' | '$' => {
                safe.push('\\');
                safe.push(character);
            }
            _ => safe.push(character),
        }
    }
    safe
}

/// A text of several lines in a fence that is longer than every run of backticks in it.
pub fn fenced(text: &str, language: &str) -> String {
    let text = escape(text, Keep::Lines);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_line_of_markdown_acts() {
        let cases = [
            ("plain words, 1.5", "plain words, 1.5"),
            ("a|b", "a\\|b"),
            ("a\nb", "a\\\\nb"),
            ("`code`", "\\`code\\`"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("&lt;", "&amp;lt;"),
            ("![x](http://y)", "\\!\\[x\\]\\(http://y\\)"),
            ("\\|", "\\\\\\|"),
        ];
        for (text, expected) in cases {
            assert_eq!(inline(text), expected, "{text:?}");
        }
    }

    #[test]
    fn nothing_inside_a_fence_closes_it() {
        let cases = [
            ("a", "```\na\n```"),
            ("", "```\n```"),
            ("a\n", "```\na\n```"),
            ("```\n<b>\n```", "````\n```\n<b>\n```\n````"),
            ("`````", "``````\n`````\n``````"),
            ("a\r```\u{202e}", "````\na\\r```\\u{202e}\n````"),
        ];
        for (text, expected) in cases {
            assert_eq!(fenced(text, ""), expected, "{text:?}");
        }
    }
}
