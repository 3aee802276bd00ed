//! Whose lines are, as pages tell it: by bars, and run by run.

use std::collections::BTreeMap;

use askama::Template;
use form_urlencoded::Serializer;
use report::{
    attribution::{BlameDetail, BlameShare, CommitDetail},
    overall::attribution::Share,
    plain::{Keep, escape},
};

use super::{blame, filters, session::message_url};

/// How much of a commit's id tells it from others.
const SHORT_ID: usize = 8;

/// What made some lines, with nothing but what is the same for all of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Maker<'m> {
    contributor: &'m str,
    agent: Option<&'m str>,
    model: Option<&'m str>,
}

impl<'m> Maker<'m> {
    /// The word of the style sheet for it.
    pub fn kind(self) -> &'static str {
        match self.contributor {
            "ai" => "ai",
            "mixed" => "mixed",
            "human" => "human",
            _ => "unknown",
        }
    }

    /// Who that was.
    pub fn name(self) -> String {
        let agent = self.agent.unwrap_or("An agent");
        let told = match self.kind() {
            "ai" => agent.to_owned(),
            "mixed" => format!("{agent}, changed by a person"),
            "human" => "A person".to_owned(),
            _ => "Unknown".to_owned(),
        };
        escape(&told, Keep::Nothing).into_owned()
    }

    /// The model behind it.
    pub fn model(self) -> Option<&'m str> {
        self.model
    }
}

impl<'b> From<&'b BlameShare> for Maker<'b> {
    fn from(share: &'b BlameShare) -> Self {
        let BlameShare { contributor, agent, model_id, lines: _ } = share;
        Self { contributor, agent: agent.as_deref(), model: model_id.as_deref() }
    }
}

impl<'s> From<&'s Share> for Maker<'s> {
    fn from(share: &'s Share) -> Self {
        let Share { contributor, agent, model_id, .. } = share;
        Self { contributor, agent: agent.as_deref(), model: model_id.as_deref() }
    }
}

impl<'d> From<&'d BlameDetail> for Maker<'d> {
    fn from(line: &'d BlameDetail) -> Self {
        let BlameDetail { contributor, agent, model_id, .. } = line;
        Self { contributor, agent: agent.as_deref(), model: model_id.as_deref() }
    }
}

impl<'d> From<&'d CommitDetail> for Maker<'d> {
    fn from(range: &'d CommitDetail) -> Self {
        let CommitDetail { contributor, agent, model_id, .. } = range;
        Self { contributor, agent: agent.as_deref(), model: model_id.as_deref() }
    }
}

/// The shares of some lines, the greatest first.
#[derive(Template)]
#[template(path = "lines/shares.html")]
pub(super) struct LineShares<'m> {
    shares: Vec<LineShare<'m>>,
}

struct LineShare<'m> {
    maker: Maker<'m>,
    lines: u64,
    percent: f64,
}

impl<'m> LineShares<'m> {
    /// Those of so many lines each; what is of the same maker stands together.
    pub fn of(parts: impl IntoIterator<Item = (Maker<'m>, u64)>) -> Self {
        let mut lines: BTreeMap<Maker<'m>, u64> = BTreeMap::new();
        for (maker, count) in parts {
            *lines.entry(maker).or_default() += count;
        }
        let all: u64 = lines.values().sum();
        let shares = lines.into_iter().map(|(maker, lines)| LineShare {
            maker,
            lines,
            percent: percent(lines, all),
        });
        let mut shares: Vec<_> = shares.collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.lines));
        Self { shares }
    }
}

#[expect(clippy::cast_precision_loss, reason = "no file has as many lines")]
fn percent(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 * 100.0 / all as f64 }
}

/// Where the conversation behind some lines is told.
pub(super) struct Told {
    pub url: String,
    pub text: String,
}

impl Told {
    /// In our own record, else where somebody else's says so.
    pub fn of(
        session: Option<&str>,
        message: Option<&str>,
        prompt: Option<&str>,
        url: Option<&str>,
    ) -> Option<Self> {
        let text = |without: &str| escape(prompt.unwrap_or(without), Keep::Nothing).into_owned();
        if let Some(session) = session {
            return Some(Self { url: message_url(session, message), text: text("its session") });
        }
        // Anybody can have made that record.
        let url =
            url.filter(|url| ["https://", "http://"].iter().any(|begin| url.starts_with(begin)));
        url.map(|url| Self { url: url.to_owned(), text: text(url) })
    }
}

/// How lines differ from what an agent wrote, in words.
pub(super) fn drift(word: &str) -> String {
    match word {
        "whitespace" => "other white space".to_owned(),
        "format" => "reformatted".to_owned(),
        "moved" => "moved".to_owned(),
        other => escape(other, Keep::Nothing).into_owned(),
    }
}

/// A repository as a person knows it: by the folder of its work tree, where git's own lies in there.
pub(super) fn place(repository: &str) -> &str {
    repository.strip_suffix("/.git").unwrap_or(repository)
}

/// What of a commit's id is shown.
pub(super) fn short(id: &str) -> &str {
    id.get(..SHORT_ID).unwrap_or(id)
}

/// The page of a commit.
pub(super) fn commit_url(repository: &str, id: &str) -> String {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/commits/{id}?{}", query(&[("repository", repository)]))
}

/// The page of a file: as a commit has it, or as it lies in the work tree.
pub(super) fn file_url(repository: &str, path: &str, revision: Option<&str>) -> String {
    let mut pairs = vec![("repository", repository), ("path", path)];
    pairs.extend(revision.map(|revision| ("rev", revision)));
    format!("{}?{}", blame::PATH, query(&pairs))
}

/// Pairs as the query of a URL.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}
