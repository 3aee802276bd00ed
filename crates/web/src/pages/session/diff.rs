//! A change of a file, line by line.

use std::borrow::Cow;

use askama::Template;
use report::session::story::{
    Change,
    diff::{self, Kind, Line},
};

use super::{super::filters, fold::Folded};

/// So many lines are seen at once, …
const SEEN_LINES: usize = 40;
/// … and so many can be unfolded; an export has all.
const MOST_LINES: usize = 1_000;

#[derive(Template)]
#[template(path = "session/diff.html")]
pub(super) struct Diff<'d> {
    path: Option<&'d str>,
    /// Where the file is shown.
    url: Option<String>,
    added: usize,
    removed: usize,
    lines: Folded<Line<'d>>,
}

impl<'d> Diff<'d> {
    pub fn of(change: &'d Change<'d>, url: Option<String>) -> Self {
        let Change { path, diff: text } = change;
        let count = |kind| diff::lines(text).filter(|line| line.kind == kind).count();
        // The path stands above, and a patch that has none names its files in other lines.
        let is_told = |line: &Line<'_>| {
            let is_head = ["---", "+++", "Index: ", "====", "diff --git"]
                .iter()
                .any(|head| line.text.starts_with(head));
            path.is_none() || line.kind != Kind::Other || !is_head
        };
        let lines = diff::lines(text).filter(is_told);
        Self {
            path: path.as_deref(),
            url,
            added: count(Kind::Added),
            removed: count(Kind::Removed),
            lines: Folded::of(lines, SEEN_LINES, MOST_LINES),
        }
    }
}

#[expect(clippy::unused_self, reason = "a template calls what its page has")]
impl Diff<'_> {
    fn kind(&self, line: &Line<'_>) -> &'static str {
        match line.kind {
            Kind::Added => "added",
            Kind::Removed => "removed",
            Kind::Context => "same",
            Kind::Hunk => "hunk",
            Kind::Other => "other",
        }
    }

    fn mark(&self, line: &Line<'_>) -> &'static str {
        match line.kind {
            Kind::Added => "+",
            Kind::Removed => "-",
            Kind::Context => " ",
            Kind::Hunk | Kind::Other => "",
        }
    }

    fn number(&self, number: Option<u64>) -> Cow<'static, str> {
        number.map_or(Cow::Borrowed(""), |number| Cow::Owned(number.to_string()))
    }
}
