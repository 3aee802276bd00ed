//! A tool call as a card: what it was about, what came back, and how it ended.

use askama::Template;
use domain::CutText;
use report::{
    length,
    session::story::{Body, Call, Change, Todo},
};
use store::query::session_tree::Branch;

use super::{
    super::{filters, text},
    diff::Diff,
    fold::Folded,
    talk::{Talk, pretty},
    url,
};

/// So many lines of an output are seen at once.
const SEEN_LINES: usize = 16;

#[derive(Template)]
#[template(path = "session/card.html")]
pub(super) struct Card<'c> {
    call: &'c Call<'c>,
    body: Body<'c>,
    talk: &'c Talk<'c>,
}

impl<'c> Card<'c> {
    pub fn of(call: &'c Call<'c>, talk: &'c Talk<'c>) -> Self {
        Self { call, body: call.body(), talk }
    }

    /// The file, where the changes do not name it.
    fn path(&self) -> Option<&str> {
        let is_named = matches!(self.body, Body::Changes(_));
        self.call.row.file_path.value().map(String::as_str).filter(|_| !is_named)
    }

    fn exit_code(&self) -> Option<i64> {
        self.call.row.exit_code.value().copied()
    }

    fn facts(&self) -> Vec<String> {
        let status = self.call.row.status.value().cloned();
        status.into_iter().chain(self.call.row.length_ms().map(length)).collect()
    }

    /// Whether what came back is what one looks for.
    fn shows_output(&self) -> bool {
        matches!(self.body, Body::Shell { .. })
    }

    fn nested(&self, branch: &Branch) -> Option<String> {
        self.talk.nested(branch)
    }

    fn diff(&self, change: &Change<'_>) -> String {
        text(&Diff::of(change, change.path.as_deref().and_then(|path| self.file_url(path))))
    }

    fn file_url(&self, path: &str) -> Option<String> {
        self.talk.file_url(path)
    }

    fn input(&self) -> Option<String> {
        self.call.row.input.value().map(pretty)
    }
}

#[expect(clippy::unused_self, reason = "a template calls what its page has")]
impl Card<'_> {
    fn folded<'t>(&self, text: &'t CutText) -> Folded<&'t str> {
        let mut folded = Folded::of(text.text().lines(), SEEN_LINES, usize::MAX);
        let kept = text.text().len();
        if i64::try_from(kept).is_ok_and(|kept| kept < text.full_bytes()) {
            folded.missing = Some(format!("{kept} of {} bytes are kept", text.full_bytes()));
        }
        folded
    }

    fn url(&self, branch: &Branch) -> String {
        url(&branch.session_id)
    }

    /// How far something is, in one of the words that the style sheet knows.
    fn state(&self, todo: &Todo) -> &'static str {
        match todo.status.as_deref() {
            Some("completed" | "done") => "done",
            Some("in_progress") => "doing",
            Some("cancelled") => "dropped",
            Some(_) | None => "open",
        }
    }
}
