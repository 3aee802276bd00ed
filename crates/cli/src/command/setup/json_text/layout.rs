//! How the items of an object or a list are set in the text, so that one more is set like them and
//! one less leaves no trace.
//!
//! The text is known to be JSON with comments; places are bytes in it.

use std::ops::Range;

/// An object or a list: what it holds, and where.
pub struct Container {
    /// Between its brackets.
    pub inside: Range<usize>,
    pub items: Vec<Item>,
}

/// A property or an entry.
pub struct Item {
    range: Range<usize>,
    /// The comma behind it, which may be far away.
    comma: Option<usize>,
}

/// How the items of a container are set.
pub enum Layout<'t> {
    /// One behind the other.
    Inline,
    /// Each on a line of its own.
    Lines { newline: &'static str, indent: &'t str },
}

/// Where nothing in the file shows another.
pub const DEFAULT_INDENT: &str = "  ";

impl Layout<'_> {
    /// What one level more is set in by.
    pub fn unit(&self) -> &str {
        match self {
            Self::Lines { indent, .. } if !indent.is_empty() => indent,
            Self::Lines { .. } | Self::Inline => DEFAULT_INDENT,
        }
    }

    /// An item with what separates it from what is before.
    pub fn place(&self, item: &str) -> String {
        match self {
            Self::Inline => format!(" {item}"),
            Self::Lines { newline, indent } => format!("{newline}{indent}{item}"),
        }
    }
}

impl Container {
    pub fn new(body: &str, range: Range<usize>, items: impl Iterator<Item = Range<usize>>) -> Self {
        let items = items.map(|range| {
            let next = Gap::after(body, range.end).end;
            Item { comma: body[next..].starts_with(',').then_some(next), range }
        });
        Self { inside: range.start + 1..range.end - 1, items: items.collect() }
    }

    /// The text without that item, its line and the comma that it needed.
    pub fn without(&self, body: &str, position: usize) -> String {
        let Item { range, comma } = &self.items[position];
        let before = || self.items[position.checked_sub(1)?].comma;
        let mut splices = Splices::new(body).remove(range.clone());
        if let Some(comma) = comma.or_else(before) {
            splices = splices.remove(comma..comma + 1);
        }
        splices.remove(self.blanks_of(body, position)).done()
    }

    /// The blanks that go with an item: its line, or one that separates it from its neighbour.
    fn blanks_of(&self, body: &str, position: usize) -> Range<usize> {
        let item = &self.items[position];
        let (start, behind) = (item.range.start, item.behind());
        let before = position.checked_sub(1).map(|before| self.items[before].range.end);
        if let Some(line) = own_line(body, start) {
            let is_all = end_of_line(body, behind) == Some(behind);
            let gap = Gap::between(body, before.unwrap_or(self.inside.start), start);
            // What follows must not become a part of a comment.
            let may_join = is_all || !gap.ends_in_comment;
            return if may_join { line } else { start..start };
        }
        if before.is_some() {
            let is_apart = body[..start].ends_with(' ');
            return start - usize::from(is_apart)..start;
        }
        let is_apart = self.items.len() > 1 && body[behind..].starts_with(' ');
        behind..behind + usize::from(is_apart)
    }

    /// Whether it holds one item and blanks around it, and before it at least one.
    pub fn is_one_between_blanks(&self, body: &str) -> bool {
        let [Item { range, comma }] = &self.items[..] else { return false };
        let before = &body[self.inside.start..range.start];
        let comma = comma.map_or(range.end..range.end, |comma| comma..comma + 1);
        let behind = [&body[range.end..comma.start], &body[comma.end..self.inside.end]];
        let is_blank = |text: &str| text.trim().is_empty();
        !before.is_empty() && is_blank(before) && behind.into_iter().all(is_blank)
    }
}

impl Item {
    /// Behind it and its comma.
    fn behind(&self) -> usize {
        self.comma.map_or(self.range.end, |comma| comma + 1)
    }

    /// The text with a new item behind this one, which is the last, and set like it.
    pub fn append(&self, body: &str, new: impl Fn(&Layout<'_>) -> String) -> String {
        let (layout, at) = match own_line(body, self.range.start) {
            None => (Layout::Inline, self.behind()),
            Some(line) => {
                let indent = body[line.start..self.range.start].trim_start_matches(['\r', '\n']);
                let newline = newline_at(body, line.start);
                // A comment at the end of a line belongs to what is before it.
                let at = end_of_line(body, self.behind()).unwrap_or(self.behind());
                (Layout::Lines { newline, indent }, at)
            }
        };
        let new = layout.place(&new(&layout));
        match self.comma {
            None => Splices::new(body).insert(self.range.end, ",").insert(at, &new).done(),
            Some(_) => Splices::new(body).insert(at, &format!("{new},")).done(),
        }
    }
}

/// The line end and the blanks before an item that is the first on its line.
fn own_line(body: &str, start: usize) -> Option<Range<usize>> {
    let line_feed = body[..start].rfind('\n')?;
    let is_first = body[line_feed..start].trim().is_empty();
    let has_return = body[..line_feed].ends_with('\r');
    is_first.then(|| line_feed - usize::from(has_return)..start)
}

/// Where the line ends if nothing but blanks and comments follows on it.
pub fn end_of_line(body: &str, from: usize) -> Option<usize> {
    Gap::after(body, from).line_end
}

pub fn newline_at(body: &str, at: usize) -> &'static str {
    if body[at..].starts_with("\r\n") { "\r\n" } else { "\n" }
}

/// Blanks and comments behind a value.
struct Gap {
    /// Where it ends.
    end: usize,
    /// Where the value's line ends, unless a comment goes on beyond it.
    line_end: Option<usize>,
    /// Whether the last of its lines ends with a comment.
    ends_in_comment: bool,
}

impl Gap {
    /// From there to the next value, bracket or comma.
    fn after(body: &str, from: usize) -> Self {
        Self::scan(body, from..body.len(), |_| false)
    }

    /// All of a place, commas too.
    fn between(body: &str, from: usize, to: usize) -> Self {
        Self::scan(body, from..to, |next| next == ',')
    }

    fn scan(body: &str, range: Range<usize>, is_blank: impl Fn(char) -> bool) -> Self {
        let mut gap = Self { end: range.start, line_end: None, ends_in_comment: false };
        let (mut in_comment, mut is_first_line) = (false, true);
        loop {
            let rest = &body[gap.end..range.end];
            let Some(next) = rest.chars().next() else { return gap };
            let length = if rest.starts_with("//") {
                in_comment = true;
                rest.find(['\r', '\n']).unwrap_or(rest.len())
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let length = comment.find("*/").map_or(rest.len(), |end| end + 4);
                is_first_line &= !rest[..length].contains('\n');
                length
            } else if next == '\n' {
                let has_return = body[range.start..gap.end].ends_with('\r');
                if is_first_line {
                    gap.line_end = Some(gap.end - usize::from(has_return));
                }
                (gap.ends_in_comment, in_comment, is_first_line) = (in_comment, false, false);
                1
            } else if next.is_whitespace() || is_blank(next) {
                next.len_utf8()
            } else {
                return gap;
            };
            gap.end += length;
        }
    }
}

/// Changes of a text, by places in the old one.
pub struct Splices<'t> {
    text: &'t str,
    changes: Vec<(Range<usize>, String)>,
}

impl<'t> Splices<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, changes: Vec::new() }
    }

    /// Of two at one place the first comes first.
    pub fn insert(self, at: usize, new: &str) -> Self {
        self.replace(at..at, new)
    }

    pub fn remove(self, range: Range<usize>) -> Self {
        self.replace(range, "")
    }

    pub fn replace(mut self, range: Range<usize>, new: &str) -> Self {
        self.changes.push((range, new.to_owned()));
        self
    }

    pub fn done(mut self) -> String {
        self.changes.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut done, mut from) = (String::new(), 0);
        for (range, new) in &self.changes {
            done.push_str(&self.text[from..range.start]);
            done.push_str(new);
            from = range.end;
        }
        done.push_str(&self.text[from..]);
        done
    }
}
