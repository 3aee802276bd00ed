//! Answers in Markdown as HTML of ours: what a model wrote can look like something, and do nothing.
//!
//! Every tag is one of those written here. HTML in a text is text. Nothing is loaded: an image is a link
//! to it. A link leads to the web or to a mailbox, or is no link.

use std::fmt::Write as _;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use report::plain::{Keep, escape, push_entities};

/// Where a link may lead.
const SCHEMES: [&str; 3] = ["http://", "https://", "mailto:"];

/// The HTML of a text.
pub(super) fn html(text: &str) -> String {
    let text = escape(text, Keep::Lines);
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer =
        Writer { html: String::with_capacity(text.len() * 5 / 4), ..Writer::default() };
    for event in Parser::new_ext(&text, options) {
        writer.write(event);
    }
    writer.html
}

#[derive(Default)]
struct Writer {
    html: String,
    /// The links that are open, and whether each is one of ours.
    links: Vec<bool>,
    /// Whether cells are those of a table's head.
    is_head: bool,
}

impl Writer {
    fn write(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text),
            Event::Code(text) => {
                self.html += "<code>";
                self.text(&text);
                self.html += "</code>";
            }
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html += "<br>",
            Event::Rule => self.html += "<hr>",
            Event::TaskListMarker(is_done) => self.html += if is_done { "☑ " } else { "☐ " },
        }
    }

    fn text(&mut self, text: &str) {
        push_entities(&mut self.html, text);
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Link { dest_url, .. } => self.begin_link(dest_url),
            Tag::Image { dest_url, .. } => {
                self.begin_link(dest_url);
                self.html += "image: ";
            }
            Tag::List(Some(first)) if *first != 1 => {
                let _ = write!(self.html, "<ol start=\"{first}\">");
            }
            Tag::TableHead => {
                self.is_head = true;
                self.html += "<thead><tr>";
            }
            other => self.mark("<", other.to_end()),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Link | TagEnd::Image => {
                if self.links.pop() == Some(true) {
                    self.html += "</a>";
                }
            }
            TagEnd::TableHead => {
                self.is_head = false;
                self.html += "</tr></thead>";
            }
            other => self.mark("</", other),
        }
    }

    /// Begins or ends what is one element with us.
    fn mark(&mut self, bracket: &str, tag: TagEnd) {
        let name = match tag {
            TagEnd::Paragraph => "p",
            TagEnd::Heading(level) => heading(level),
            TagEnd::BlockQuote(_) => "blockquote",
            TagEnd::CodeBlock => "pre",
            TagEnd::List(true) => "ol",
            TagEnd::List(false) => "ul",
            TagEnd::Item => "li",
            TagEnd::Table => "table",
            TagEnd::TableRow => "tr",
            TagEnd::TableCell => {
                if self.is_head {
                    "th"
                } else {
                    "td"
                }
            }
            TagEnd::Emphasis => "em",
            TagEnd::Strong => "strong",
            TagEnd::Strikethrough => "del",
            // Not asked for, or without a form of their own.
            TagEnd::HtmlBlock
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_)
            | TagEnd::TableHead
            | TagEnd::Link
            | TagEnd::Image => return,
        };
        self.html += bracket;
        self.html += name;
        self.html.push('>');
    }

    fn begin_link(&mut self, url: &str) {
        let lower = url.to_ascii_lowercase();
        let leads_out = SCHEMES.iter().any(|scheme| lower.starts_with(scheme));
        // HTML knows no link in a link.
        let is_ours = leads_out && !self.links.contains(&true);
        self.links.push(is_ours);
        if is_ours {
            self.html += "<a href=\"";
            self.text(url);
            self.html += "\" rel=\"noreferrer noopener\">";
        }
    }
}

/// Below the headings of the page.
fn heading(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h3",
        HeadingLevel::H2 => "h4",
        HeadingLevel::H3 => "h5",
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => "h6",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markdown_is_shown_as_it_is_meant() {
        let cases = [
            ("a *b* **c** `d<e`", "<p>a <em>b</em> <strong>c</strong> <code>d&lt;e</code></p>"),
            ("# One\n## Two", "<h3>One</h3><h4>Two</h4>"),
            ("```rust\nlet a = \"<b>\";\n```", "<pre>let a = &quot;&lt;b&gt;&quot;;\n</pre>"),
            ("- [x] a\n- [ ] b", "<ul><li>☑ a</li><li>☐ b</li></ul>"),
            ("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>"),
            (
                "| a | b |\n|:-:|--:|\n| 1 | 2 |",
                "<table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>1</td><td>2</td></tr></table>",
            ),
            (
                "[a](https://b.example/?x=1&y=\"2\")",
                "<p><a href=\"https://b.example/?x=1&amp;y=&quot;2&quot;\" rel=\"noreferrer noopener\">a</a></p>",
            ),
            ("~~a~~\\\nb", "<p><del>a</del><br>b</p>"),
        ];
        for (text, expected) in cases {
            assert_eq!(html(text), expected, "{text}");
        }
    }

    #[test]
    fn nothing_in_it_acts_or_loads() {
        let cases = [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a <img src=x onerror=y> b", "<p>a &lt;img src=x onerror=y&gt; b</p>"),
            ("[a](javascript:alert(1))", "<p>a</p>"),
            ("[a](JaVaScRiPt:alert(1))", "<p>a</p>"),
            ("[a](java&#115;cript:x)", "<p>a</p>"),
            ("[a](data:text/html,x)", "<p>a</p>"),
            ("[a](//evil.example)", "<p>a</p>"),
            ("[a](file:///etc/passwd)", "<p>a</p>"),
            ("<javascript:alert(1)>", "<p>javascript:alert(1)</p>"),
            ("![a](data:image/png;base64,x)", "<p>image: a</p>"),
            (
                "![a](https://evil.example/x.png)",
                "<p><a href=\"https://evil.example/x.png\" rel=\"noreferrer noopener\">image: a</a></p>",
            ),
            (
                "[![a](https://b.example/i)](https://c.example)",
                "<p><a href=\"https://c.example\" rel=\"noreferrer noopener\">image: a</a></p>",
            ),
            ("a\u{202e}b", "<p>a\\u{202e}b</p>"),
        ];
        for (text, expected) in cases {
            assert_eq!(html(text).trim(), expected, "{text}");
        }
    }

    /// Every tag of a text, with its attributes.
    fn tags(html: &str) -> impl Iterator<Item = &str> {
        html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default())
    }

    fn is_ours(tag: &str) -> bool {
        const PLAIN: [&str; 22] = [
            "p",
            "h3",
            "h4",
            "h5",
            "h6",
            "blockquote",
            "pre",
            "code",
            "ol",
            "ul",
            "li",
            "table",
            "thead",
            "tr",
            "th",
            "td",
            "em",
            "strong",
            "del",
            "br",
            "hr",
            "a",
        ];
        let name = tag.strip_prefix('/').unwrap_or(tag);
        let is_start = |tag: &str| {
            let digits = tag.strip_prefix("ol start=\"").and_then(|rest| rest.strip_suffix('"'));
            digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let is_link = |tag: &str| {
            let rest = tag.strip_prefix("a href=\"");
            let url = rest.and_then(|rest| rest.strip_suffix("\" rel=\"noreferrer noopener\""));
            url.is_some_and(|url| {
                let lower = url.to_ascii_lowercase();
                !url.contains('"') && SCHEMES.iter().any(|scheme| lower.starts_with(scheme))
            })
        };
        PLAIN.contains(&name) || is_start(tag) || is_link(tag)
    }

    proptest! {
        #[test]
        fn whatever_was_written_every_tag_is_ours(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "<script>", "</p>", "<img src=x onerror=alert(1)>", "<!--", "-->", "[", "](", ")",
                "javascript:", "https://", "mailto:", "![", "`", "```", "\n", "\n\n", "\"", "'", "<", ">",
                "&lt;", "&#x3c;", "\\", "|", "---", "- ", "1. ", "> ", "# ", "*", "_", "~~", "a", " ",
                "[x]: ", "<https://a", "\t", "\u{202e}", "\0", "[^1]", "$$", "onclick=",
            ]), 0..40),
        ) {
            let html = html(&pieces.concat());
            for tag in tags(&html) {
                prop_assert!(is_ours(tag), "<{}> in {}", tag, html);
            }
            prop_assert_eq!(html.matches("<a ").count(), html.matches("</a>").count());
        }
    }
}
