//! What is recorded of a commit, or of those of which it is a copy, where the edits themselves are not to be had.

use agent_trace::{
    CommittedFile, Contributor, Edit, EditScope, Origin, Told,
    git::{Change, Repository},
    patch::{Hunk, Line, LineKind, Span},
};
use store::{Trace, TraceRange};

use super::{AttributionError, Known, candidates::Material, work::Asked};

/// Records of others as edits: what they say is found again where the lines are.
pub(super) struct Earlier<'m> {
    /// The lines that each recorded commit adds.
    changes: Vec<Change>,
    /// Each with those of its ranges that we cannot find out again.
    traces: Vec<(&'m Trace, Vec<&'m TraceRange>)>,
}

impl<'m> Earlier<'m> {
    /// Asks git for the lines of those commits of which something is recorded that we cannot find out again:
    /// by others, or where the repository lay before.
    pub fn of(
        repository: &Repository,
        known: &Known,
        material: &'m Material,
    ) -> Result<Self, AttributionError> {
        let name = repository.name();
        let traces = material.earlier.iter().map(|trace| {
            let is_elsewhere = trace.repository != name;
            let is_lost = |range: &&TraceRange| {
                known.is_foreign(range) || is_elsewhere && range.session_id.is_some()
            };
            (trace, trace.ranges.iter().filter(is_lost).collect())
        });
        let traces: Vec<(&Trace, Vec<&TraceRange>)> =
            traces.filter(|(_, ranges): &(_, Vec<_>)| !ranges.is_empty()).collect();
        let mut ids: Vec<String> =
            traces.iter().map(|(trace, _)| trace.commit_id.clone()).collect();
        ids.sort();
        ids.dedup();
        let there = repository.commits(&ids)?;
        let ids: Vec<String> = there.into_iter().map(|commit| commit.id).collect();
        Ok(Self { changes: repository.changes(&ids)?, traces })
    }

    /// What earlier records say of the lines of one commit.
    pub fn edits(&self, asked: &Asked<'_>, known: &Known) -> Vec<Edit<'_>> {
        let replaced = known.replaced_by(&asked.commit.id);
        let mut edits = Vec::new();
        for (trace, ranges) in &self.traces {
            let is_of_it = trace.commit_id == asked.commit.id
                || replaced.contains(&trace.commit_id)
                || trace.patch_id.is_some() && trace.patch_id == asked.patch_id;
            let change = self.changes.iter().find(|change| change.id == trace.commit_id);
            let Some(Ok(files)) = change.filter(|_| is_of_it).map(Change::files) else { continue };
            for file in CommittedFile::of_patch(&files) {
                let ranges = ranges.iter().filter(|range| range.path == file.path);
                edits.extend(ranges.map(|range| edit_of(trace, range, &file)));
            }
        }
        edits
    }
}

/// What a record says of some lines.
fn edit_of<'a>(trace: &Trace, range: &TraceRange, file: &CommittedFile<'a>) -> Edit<'a> {
    let numbers = range.start_line..=range.end_line;
    let added = file.added.iter().filter(|line| numbers.contains(&line.number));
    let lines: Vec<Line<'a>> = added
        .map(|line| Line {
            kind: LineKind::Added,
            marks: b"+",
            text: line.text,
            has_line_feed: true,
        })
        .collect();
    let new = Span { start: range.start_line.into(), lines: lines.len() as u64 };
    Edit {
        id: format!("record:{}:{}:{}", trace.commit_id, range.path, range.start_line),
        path: range.path.clone(),
        at_unix_ms: trace.committed_at.get(),
        origin: Origin {
            session_id: range.session_id.clone(),
            message_id: range.message_id.clone(),
            call_id: range.call_id.clone(),
            agent: range.agent.clone(),
            model: range.model_id.clone(),
            url: range.url.clone(),
        },
        scope: EditScope::Call,
        is_mixed: range.contributor == Contributor::Mixed.as_str(),
        told: Told::Hunks(vec![Hunk {
            old: vec![Span { start: new.start - 1, lines: 0 }],
            new,
            lines,
        }]),
    }
}
