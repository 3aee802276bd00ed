//! Finds the lines of agents' edits again among the lines that a commit adds.
//!
//! Each written line is used once, and better evidence comes first: the exact place, the same text in the
//! same order, a text that a later edit took away and somebody brought back, other white space, another file,
//! other line breaks, and at last a line that is much alike. What says nothing of its own, such as a brace, is
//! found at its exact place or beside a line that does.
//!
//! Everything is decided by the order of paths, places and times, never by that of the arguments.

mod align;
mod alike;
mod reflow;
mod runs;

use std::collections::{BTreeMap, HashSet};

use self::runs::{Pair, telling};
use crate::{
    attribution::{Attributed, AttributedFile, AttributedRange, Contributor, Drift},
    commit::CommittedFile,
    edit::{Edit, Told},
    written::{WrittenLine, written},
};

/// Lines that stand out of order are found in a further round; so many are made.
const ROUNDS: usize = 3;

/// What a run of lines that a later edit took away has to tell, in letters and digits.
const TELLING_OF_GONE: u32 = 4;

/// What a run of lines in another file has to tell.
const TELLING_OF_MOVED: u32 = 16;

/// Says of every line that a commit adds whose it is.
///
/// `edits` are all that may have led to it, of these and of other files. A line that no agent wrote is a
/// person's if `is_watched`, or if any line of the commit was found: somebody would have told of an agent.
pub fn attribute(files: &[CommittedFile<'_>], edits: &[Edit<'_>], is_watched: bool) -> Attributed {
    let mut ordered: Vec<&Edit<'_>> = edits.iter().collect();
    ordered.sort_by(|a, b| (a.at_unix_ms, &a.id).cmp(&(b.at_unix_ms, &b.id)));
    let mut by_path: BTreeMap<&str, Vec<(u32, &Edit<'_>)>> = BTreeMap::new();
    for (position, edit) in (0..).zip(&ordered) {
        by_path.entry(&edit.path).or_default().push((position, edit));
    }
    let mut matchings = matchings(files, &mut by_path);
    for matching in &mut matchings {
        matching.match_within();
    }
    let elsewhere: Vec<WrittenLine<'_>> =
        by_path.values().flat_map(|edits| written(edits, None)).collect();
    match_moved(&mut matchings, &elsewhere);
    for matching in &mut matchings {
        reflow::find(matching);
        alike::find(matching);
    }
    let is_watched = is_watched || matchings.iter().any(|matching| !matching.is_untouched());
    let files = matchings.iter().filter(|matching| !matching.file.added.is_empty());
    Attributed { files: files.map(|matching| matching.attributed(&ordered, is_watched)).collect() }
}

/// Each file of the commit with what was written to it, in the order of paths. What was written to no file of
/// the commit stays in `by_path`.
fn matchings<'m, 'a>(
    files: &'m [CommittedFile<'a>],
    by_path: &mut BTreeMap<&str, Vec<(u32, &'m Edit<'a>)>>,
) -> Vec<Matching<'m, 'a>> {
    let mut files: Vec<&CommittedFile<'_>> = files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let paths: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut matchings = Vec::with_capacity(files.len());
    for file in files {
        let mut edits = by_path.remove(file.path.as_str()).unwrap_or_default();
        let old_path = file.old_path.as_deref().filter(|path| !paths.contains(path));
        if let Some(earlier) = old_path.and_then(|path| by_path.remove(path)) {
            edits.extend(earlier);
            edits.sort_by_key(|(position, _)| *position);
        }
        matchings.push(Matching::new(file, &edits));
    }
    matchings
}

/// A file of a commit, and what is found of it.
struct Matching<'m, 'a> {
    file: &'m CommittedFile<'a>,
    written: Vec<WrittenLine<'a>>,
    is_used: Vec<bool>,
    /// For each added line, what it was.
    found: Vec<Option<Found>>,
    /// Whether an agent changed the file and nobody knows how.
    has_untold: bool,
}

/// What an added line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    edit: u32,
    /// The written line, where it was written to this file.
    written: Option<usize>,
    how: How,
}

/// How an added line was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Same,
    Drifted(Drift),
    Changed,
}

impl<'m, 'a> Matching<'m, 'a> {
    fn new(file: &'m CommittedFile<'a>, edits: &[(u32, &Edit<'a>)]) -> Self {
        let written = written(edits, file.before.as_ref());
        let since = file.before.as_ref().map_or(i64::MIN, |before| before.at_unix_ms);
        let has_untold = edits
            .iter()
            .any(|(_, edit)| matches!(edit.told, Told::Nothing) && edit.at_unix_ms > since);
        let is_used = vec![false; written.len()];
        Self { file, written, is_used, found: vec![None; file.added.len()], has_untold }
    }

    fn is_untouched(&self) -> bool {
        self.found.iter().all(Option::is_none)
    }

    /// All that needs no other file and no guess.
    fn match_within(&mut self) {
        self.match_in_place(1);
        self.match_in_order(false, 1, How::Same, <[u8]>::to_vec);
        self.match_in_place(0);
        self.match_in_order(true, TELLING_OF_GONE, How::Same, <[u8]>::to_vec);
        let whitespace = How::Drifted(Drift::Whitespace);
        self.match_in_order(false, 1, whitespace, |text| {
            text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
        });
    }

    /// Lines at the very place where they should stand.
    fn match_in_place(&mut self, tells: u32) {
        let mut pairs = Vec::new();
        let mut added = self.left_added().into_iter().peekable();
        for at in self.left_written(false) {
            let WrittenLine { place: Some(place), text, .. } = self.written[at] else { continue };
            while added.next_if(|&line| self.file.added[line].number < place).is_some() {}
            let here = added.peek().copied().filter(|&line| self.file.added[line].number == place);
            if let Some(line) = here.filter(|&line| self.file.added[line].text == text) {
                pairs.push(Pair { written: at, added: line });
                added.next();
            }
        }
        self.take_runs(&pairs, tells, How::Same);
    }

    /// Lines of one text in one order; what stands out of order is found in a further round.
    fn match_in_order(&mut self, gone: bool, tells: u32, how: How, key: impl Fn(&[u8]) -> Vec<u8>) {
        for _ in 0..ROUNDS {
            let (written, added) = (self.left_written(gone), self.left_added());
            if written.is_empty() || added.is_empty() {
                return;
            }
            let before: Vec<_> = written.iter().map(|&at| key(self.written[at].text)).collect();
            let after: Vec<_> = added.iter().map(|&at| key(self.file.added[at].text)).collect();
            let shared = align::shared(&before, &after);
            let pairs: Vec<Pair> = shared
                .into_iter()
                .map(|(before, after)| Pair { written: written[before], added: added[after] })
                .collect();
            if !self.take_runs(&pairs, tells, how) {
                return;
            }
        }
    }

    /// Takes the runs that tell enough, or that go on from a line that is found already.
    fn take_runs(&mut self, pairs: &[Pair], tells: u32, how: How) -> bool {
        let mut has_taken = false;
        for run in runs::runs(pairs, &self.file.added) {
            let told: u32 = run.iter().map(|pair| telling(self.file.added[pair.added].text)).sum();
            if told >= tells || self.goes_on(run) {
                has_taken = true;
                for pair in run {
                    self.take(*pair, how);
                }
            }
        }
        has_taken
    }

    fn take(&mut self, pair: Pair, how: How) {
        let Pair { written, added } = pair;
        self.is_used[written] = true;
        let edit = self.written[written].edit;
        self.found[added] = Some(Found { edit, written: Some(written), how });
    }

    /// Whether a neighbour of the run was found in the same edit.
    fn goes_on(&self, run: &[Pair]) -> bool {
        let beside = |pair: &Pair, neighbour: Option<usize>, is_next: fn(u32, u32) -> bool| {
            let neighbour = neighbour.filter(|&at| at < self.found.len());
            neighbour.is_some_and(|at| {
                let numbers = (self.file.added[at].number, self.file.added[pair.added].number);
                let edit = self.found[at].map(|found| found.edit);
                is_next(numbers.0, numbers.1) && edit == Some(self.written[pair.written].edit)
            })
        };
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
        beside(first, first.added.checked_sub(1), |before, here| before + 1 == here)
            || beside(last, Some(last.added + 1), |behind, here| here + 1 == behind)
    }

    /// The written lines that are not found again.
    fn left_written(&self, is_gone: bool) -> Vec<usize> {
        (0..self.written.len())
            .filter(|&at| !self.is_used[at] && self.written[at].is_gone == is_gone)
            .collect()
    }

    /// The added lines that are not found.
    fn left_added(&self) -> Vec<usize> {
        (0..self.found.len()).filter(|&at| self.found[at].is_none()).collect()
    }

    fn attributed(&self, edits: &[&Edit<'_>], is_watched: bool) -> AttributedFile {
        let rest =
            if is_watched && !self.has_untold { Contributor::Human } else { Contributor::Unknown };
        let mut ranges: Vec<AttributedRange> = Vec::new();
        for (line, found) in self.file.added.iter().zip(&self.found) {
            let edit = found.map(|found| edits[found.edit as usize]);
            let (contributor, drift) = match found.map(|found| found.how) {
                None => (rest, None),
                Some(How::Changed) => (Contributor::Mixed, None),
                Some(_) if edit.is_some_and(|edit| edit.is_mixed) => (Contributor::Mixed, None),
                Some(How::Same) => (Contributor::Ai, None),
                Some(How::Drifted(drift)) => (Contributor::Ai, Some(drift)),
            };
            let origin = edit.map(|edit| &edit.origin);
            match ranges.last_mut() {
                Some(last)
                    if last.end_line + 1 == line.number
                        && (last.contributor, last.drift) == (contributor, drift)
                        && last.origin.as_ref() == origin =>
                {
                    last.end_line = line.number;
                }
                _ => ranges.push(AttributedRange {
                    start_line: line.number,
                    end_line: line.number,
                    contributor,
                    origin: origin.cloned(),
                    drift,
                }),
            }
        }
        AttributedFile { path: self.file.path.clone(), ranges }
    }
}

/// Lines that were written to one file and stand in another: somebody moved them before the commit.
fn match_moved(matchings: &mut [Matching<'_, '_>], elsewhere: &[WrittenLine<'_>]) {
    let mut is_used = vec![false; elsewhere.len()];
    for _ in 0..ROUNDS {
        let (written, before) = left_everywhere(matchings, elsewhere, &is_used);
        let (added, after) = added_everywhere(matchings);
        if before.is_empty() || after.is_empty() {
            return;
        }
        let pairs = align::shared(&before, &after);
        let mut has_taken = false;
        let is_next = |a: &(usize, usize), b: &(usize, usize)| {
            let files = (written[a.0].0 == written[b.0].0, added[a.1].0 == added[b.1].0);
            files == (true, true) && a.0 + 1 == b.0 && a.1 + 1 == b.1
        };
        for run in pairs.chunk_by(is_next) {
            let told: u32 = run.iter().map(|pair| telling(&after[pair.1])).sum();
            if told < TELLING_OF_MOVED {
                continue;
            }
            has_taken = true;
            for (from, to) in run {
                let edit = take_everywhere(matchings, elsewhere, &mut is_used, written[*from]);
                let (file, line) = added[*to];
                let how = How::Drifted(Drift::Moved);
                matchings[file].found[line] = Some(Found { edit, written: None, how });
            }
        }
        if !has_taken {
            return;
        }
    }
}

/// A line of one of the matchings, or, without one, of what was written elsewhere.
type Somewhere = (Option<usize>, usize);

fn left_everywhere(
    matchings: &[Matching<'_, '_>],
    elsewhere: &[WrittenLine<'_>],
    is_used: &[bool],
) -> (Vec<Somewhere>, Vec<Vec<u8>>) {
    let mut left = Vec::new();
    for (file, matching) in matchings.iter().enumerate() {
        let lines = matching.left_written(false).into_iter();
        left.extend(lines.map(|at| ((Some(file), at), matching.written[at].text.to_vec())));
    }
    let others = elsewhere.iter().enumerate().filter(|(at, line)| !is_used[*at] && !line.is_gone);
    left.extend(others.map(|(at, line)| ((None, at), line.text.to_vec())));
    left.into_iter().unzip()
}

fn added_everywhere(matchings: &[Matching<'_, '_>]) -> (Vec<(usize, usize)>, Vec<Vec<u8>>) {
    let mut left = Vec::new();
    for (file, matching) in matchings.iter().enumerate() {
        let lines = matching.left_added().into_iter();
        left.extend(lines.map(|at| ((file, at), matching.file.added[at].text.to_vec())));
    }
    left.into_iter().unzip()
}

fn take_everywhere(
    matchings: &mut [Matching<'_, '_>],
    elsewhere: &[WrittenLine<'_>],
    is_used: &mut [bool],
    (file, at): Somewhere,
) -> u32 {
    if let Some(file) = file {
        matchings[file].is_used[at] = true;
        return matchings[file].written[at].edit;
    }
    is_used[at] = true;
    elsewhere[at].edit
}

#[cfg(test)]
mod tests;
