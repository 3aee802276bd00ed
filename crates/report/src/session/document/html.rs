//! A session as one page of HTML that loads nothing and runs nothing: texts of the record are shown,
//! never understood, and the page forbids itself everything but its own style.

use std::io::{self, Write};

use super::{
    super::story::Story,
    Place,
    telling::{self, Clock, Piece, Section},
};
use crate::plain::{Keep, escape, push_entities};

/// How it looks. The page allows this text and no other style, by its SHA-256.
const STYLE: &str = include_str!("style.css");

/// The SHA-256 of [`STYLE`], as the policy of the page writes it; a test keeps it right.
const STYLE_SHA256: &str = "+xJLx2bz1DTufW+L/Oyv4NBX8plMq+iAnVHq08+/ou0=";

/// Writes it.
pub fn write(story: &Story<'_>, place: Place, document: &mut impl Write) -> io::Result<()> {
    let head = telling::session(story, place.depth, Clock::Exact);
    if place.is_first {
        begin(&head.heading, document)?;
    }
    section(&head, if place.depth == 0 { "h1" } else { "h2" }, document)?;
    for scene in &story.scenes {
        section(&telling::scene(scene, Clock::Exact), "h3", document)?;
    }
    Ok(())
}

fn begin(title: &str, document: &mut impl Write) -> io::Result<()> {
    let title = safe(title);
    writeln!(
        document,
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{STYLE_SHA256}'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>"#
    )
}

/// Ends the page.
pub fn write_end(document: &mut impl Write) -> io::Result<()> {
    document.write_all(b"</body>\n</html>\n")
}

fn section(section: &Section, level: &str, document: &mut impl Write) -> io::Result<()> {
    writeln!(document, "<section>\n<{level}>{}</{level}>", safe(&section.heading))?;
    for about in &section.about {
        writeln!(document, "<p class=\"about\">{}</p>", safe(about))?;
    }
    for piece in &section.pieces {
        match piece {
            Piece::Text(text) => writeln!(document, "<pre class=\"said\">{}</pre>", block(text))?,
            Piece::Note(note) => writeln!(document, "<p class=\"note\">{}</p>", safe(note))?,
            Piece::Wrong(text) => {
                writeln!(document, "<p class=\"name\">error</p>\n<pre>{}</pre>", block(text))?;
            }
            Piece::Folded { summary, texts } => {
                writeln!(document, "<details>\n<summary>{}</summary>", safe(summary))?;
                for text in texts {
                    if !text.kind.name().is_empty() {
                        writeln!(document, "<p class=\"name\">{}</p>", text.kind.name())?;
                    }
                    writeln!(document, "<pre>{}</pre>", block(&text.told()))?;
                }
                writeln!(document, "</details>")?;
            }
        }
    }
    writeln!(document, "</section>")
}

/// A text within a line.
fn safe(text: &str) -> String {
    entities(&escape(text, Keep::Nothing))
}

/// A text of several lines. A line feed right after `<pre>` is none, so one more stands there.
fn block(text: &str) -> String {
    format!("\n{}", entities(&escape(text, Keep::Lines)))
}

fn entities(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    push_entities(&mut safe, text);
    safe
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let at = |index: usize| u32::from(three.get(index).copied().unwrap_or_default());
            let bits = at(0) << 16 | at(1) << 8 | at(2);
            for place in 0..4 {
                let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
                text.push(if place <= three.len() { char::from(digit) } else { '=' });
            }
        }
        text
    }

    #[test]
    fn the_policy_allows_the_style_of_the_page() {
        assert_eq!(STYLE_SHA256, base64(&Sha256::digest(STYLE)));
    }

    #[test]
    fn a_text_is_shown_as_it_is() {
        let text = "</pre><script>alert('x')</script>\n\u{202e}&amp;\"";
        assert_eq!(
            block(text),
            "\n&lt;/pre&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\n\\u{202e}&amp;amp;&quot;"
        );
        assert_eq!(safe("a\nb"), "a\\nb");
    }
}
