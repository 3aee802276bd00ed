//! `/commits/{id}`: a commit, and whose its lines are.

use askama::Template;
use jiff::tz::TimeZone;
use report::{
    attribution::{CommitDetail, CommitShown},
    json,
};

use super::{
    Visit, files, filters,
    frame::Frame,
    lines::{LineShares, Maker, Told, drift, file_url, place, query},
    text,
};
use crate::{answers::AskBeside, attribution::WantedCommit, reply::Refusal};

/// So many ranges are told; nobody reads more.
const RANGES: usize = 1_000;

/// A longer record is only linked to.
const RECORD_BYTES: usize = 64 << 10;

#[derive(Template)]
#[template(path = "commit.html")]
struct CommitPage {
    frame: Frame,
    zone: TimeZone,
    made_at: Option<i64>,
    commit: CommitShown,
}

pub(super) fn visit(visit: Visit) -> Result<AskBeside, Refusal> {
    let Visit { id, parameters, zone, links, .. } = visit;
    let wanted = WantedCommit::of_revision(id.ok_or_else(Refusal::internal)?, parameters)?;
    Ok(Box::new(move |store| {
        let commit = wanted.show(store, links)?;
        let made_at = Some(commit.meta.committed_at_unix_ms);
        let frame = Frame::of(files::PATH);
        Ok(Box::new(move || text(&CommitPage { frame, zone, made_at, commit })))
    }))
}

/// What a commit adds to a file.
struct File<'c> {
    path: &'c str,
    ranges: &'c [CommitDetail],
}

impl CommitPage {
    fn shares(&self) -> String {
        let lines = |range| (Maker::from(range), lines(range));
        text(&LineShares::of(self.commit.details.iter().map(lines)))
    }

    fn lines(&self) -> u64 {
        self.commit.details.iter().map(lines).sum()
    }

    fn files(&self) -> impl Iterator<Item = File<'_>> {
        let shown = &self.commit.details[..self.commit.details.len().min(RANGES)];
        let files = shown.chunk_by(|a, b| a.path == b.path);
        files.filter_map(|ranges| Some(File { path: &ranges.first()?.path, ranges }))
    }

    fn left_out(&self) -> usize {
        self.commit.details.len().saturating_sub(RANGES)
    }

    /// Its record, where that is short enough to be looked at.
    fn record(&self) -> Option<String> {
        Some(json::pretty(&self.commit.meta.record)).filter(|text| text.len() <= RECORD_BYTES)
    }

    /// The same for programs.
    fn as_json(&self) -> String {
        let meta = &self.commit.meta;
        format!(
            "/api/commit?{}",
            query(&[("repository", &meta.repository), ("rev", &meta.commit_id)])
        )
    }

    /// The file as the commit has it.
    fn file(&self, path: &str) -> String {
        let meta = &self.commit.meta;
        file_url(&meta.repository, path, Some(&meta.commit_id))
    }

    /// The same at some of its lines.
    fn at(&self, range: &CommitDetail) -> String {
        let line = range.start_line;
        let from = if line > RANGE_ABOVE {
            format!("&from={}", line - RANGE_ABOVE)
        } else {
            String::new()
        };
        format!("{}{from}#L{line}", self.file(&range.path))
    }

    fn maker(range: &CommitDetail) -> Maker<'_> {
        range.into()
    }

    fn told(range: &CommitDetail) -> Option<Told> {
        let CommitDetail { session_id, message_id, prompt, url, .. } = range;
        let [session, message, prompt, url] =
            [session_id, message_id, prompt, url].map(Option::as_deref);
        Told::of(session, message, prompt, url)
    }

    fn drift(range: &CommitDetail) -> Option<String> {
        range.drift.as_deref().map(drift)
    }
}

/// So many lines above it are seen of a file.
const RANGE_ABOVE: u32 = 500;

fn lines(range: &CommitDetail) -> u64 {
    u64::from(range.end_line.saturating_sub(range.start_line)) + 1
}
