//! `/blame`: a file, and whose its lines are, some of them at a time.

use std::borrow::Cow;

use agent_trace::git::LineRange;
use askama::Template;
use domain::UnixMs;
use jiff::tz::TimeZone;
use report::attribution::{Blame, BlameDetail};
use store::Store;

use super::{
    Visit, files, filters,
    frame::Frame,
    lines::{LineShares, Maker, Told, commit_url, drift, file_url, place, short},
    text,
};
use crate::{
    Links,
    answers::{AskBeside, Unanswered},
    attribution::WantedFile,
    reply::Refusal,
};

/// Where it is.
pub(super) const PATH: &str = "/blame";

/// So many lines stand on a page.
const LINES: u32 = 1_000;

/// So much of a line is read by anybody.
const CHARACTERS: usize = 2_000;

#[derive(Template)]
#[template(path = "blame.html")]
struct BlamePage {
    frame: Frame,
    zone: TimeZone,
    wanted: WantedFile,
    window: Window,
    blame: Blame,
}

/// Which lines are shown.
struct Window {
    first: u32,
    last: u32,
    /// Whether others follow.
    has_more: bool,
}

pub(super) fn visit(visit: Visit) -> Result<AskBeside, Refusal> {
    let Visit { parameters, now, zone, links, .. } = visit;
    let wanted = WantedFile::of(parameters)?;
    Ok(Box::new(move |store| {
        let (window, blame) = look(&wanted, store, links, now)?;
        Ok(Box::new(move || {
            text(&BlamePage { frame: Frame::of(files::PATH), zone, wanted, window, blame })
        }))
    }))
}

/// Asks for one line more than is shown, which tells whether there are others.
fn look(
    wanted: &WantedFile,
    store: &Store,
    links: Links,
    now: UnixMs,
) -> Result<(Window, Blame), Unanswered> {
    let first = wanted.from.unwrap_or(1);
    let most = first.saturating_add(LINES - 1);
    let last = wanted.to.map_or(most, |to| to.min(most));
    let range = LineRange { first, last: Some(last.saturating_add(1)) };
    let asked = wanted.blame_of(Some(range), store, links.clone(), now);
    let mut blame = match asked {
        // An empty file has no first line.
        Err(Unanswered::Refused(Refusal::NotFound(_))) if first == 1 => {
            wanted.blame_of(None, store, links, now)?
        }
        asked => asked?,
    };
    let count = blame.details.len();
    blame.details.retain(|line| line.line <= last);
    let has_more = blame.details.len() < count;
    blame.meta.lines = blame.details.len();
    let last = blame.details.last().map_or(0, |line| line.line);
    Ok((Window { first, last, has_more }, blame))
}

/// Lines that follow each other and have one origin.
struct Run<'b> {
    first: &'b BlameDetail,
    lines: &'b [BlameDetail],
}

impl BlamePage {
    fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        let runs = self.blame.details.chunk_by(|a, b| origin(a) == origin(b));
        runs.filter_map(|lines| Some(Run { first: lines.first()?, lines }))
    }

    fn shares(&self) -> String {
        text(&LineShares::of(self.blame.details.iter().map(|line| (Maker::from(line), 1))))
    }

    fn folder_and_name(&self) -> (&str, &str) {
        files::folder_and_name(&self.blame.meta.path)
    }

    fn commit(&self, id: &str) -> String {
        commit_url(&self.blame.meta.repository, id)
    }

    fn at_work_tree(&self) -> String {
        file_url(&self.wanted.repository, &self.wanted.path, None)
    }

    fn before(&self) -> Option<String> {
        let first = self.window.first;
        (first > 1).then(|| self.from(first.saturating_sub(LINES).max(1), Some(first - 1)))
    }

    fn after(&self) -> Option<String> {
        self.window.has_more.then(|| self.from(self.window.last + 1, None))
    }

    fn from(&self, from: u32, to: Option<u32>) -> String {
        let WantedFile { repository, path, revision, .. } = &self.wanted;
        let to = to.map(|to| format!("&to={to}")).unwrap_or_default();
        format!("{}&from={from}{to}", file_url(repository, path, revision.as_deref()))
    }
}

/// What is told once of all lines of a run.
fn origin(line: &BlameDetail) -> impl PartialEq + '_ {
    let BlameDetail { author, session_id, message_id, url, drift, commit_id, .. } = line;
    (Maker::from(line), author, session_id, message_id, (url, drift, commit_id))
}

impl Run<'_> {
    fn maker(&self) -> Maker<'_> {
        self.first.into()
    }

    /// The person behind it, where one is.
    fn name(&self) -> Cow<'_, str> {
        let author = self.first.author.as_deref().filter(|_| self.maker().kind() == "human");
        author.map_or_else(|| self.maker().name().into(), Cow::Borrowed)
    }

    fn told(&self) -> Option<Told> {
        let BlameDetail { session_id, message_id, prompt, url, .. } = self.first;
        let texts = [session_id, message_id, prompt, url].map(Option::as_deref);
        let [session, message, prompt, url] = texts;
        Told::of(session, message, prompt, url)
    }

    fn drift(&self) -> Option<String> {
        self.first.drift.as_deref().map(drift)
    }
}

/// A line without what ends it, as far as anybody reads.
fn readable(line: &str) -> Cow<'_, str> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    match line.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}… {} bytes", &line[..end], line.len()).into(),
        None => line.into(),
    }
}
