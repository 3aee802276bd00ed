//! What agents' edits of one file come to when they are put together in the order of time: which lines are
//! still there, and where they should stand.
//!
//! Nobody tells of what people changed in between, so places are a guess; texts are not.

mod places;

use std::collections::HashMap;

use self::places::Places;
use crate::{
    commit::Before,
    edit::{Edit, EditScope, Told},
    patch::{Hunk, Line, LineKind},
};

/// A line that an agent wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenLine<'a> {
    /// The edit, by its position among all edits.
    pub edit: u32,
    /// Its bytes without a line feed.
    pub text: &'a [u8],
    /// Where it should stand, from 1 on.
    pub place: Option<u32>,
    /// Whether a later edit took it away.
    pub is_gone: bool,
}

/// Lines of one file, in the order in which they should stand.
///
/// `edits` are those of this file, in the order of time, each with its position among all edits.
pub fn written<'a>(
    edits: &[(u32, &Edit<'a>)],
    before: Option<&Before<'a>>,
) -> Vec<WrittenLine<'a>> {
    let mut composition =
        Composition { told_by_calls: told_by_calls(edits), ..Composition::default() };
    for (position, edit) in sums_behind_calls(edits) {
        composition.apply(position, edit);
    }
    let mut lines = composition.finish();
    if let Some(before) = before {
        leave_out_committed(&mut lines, edits, before);
    }
    lines
}

/// A sum bears the time of the prompt, and tells how the file stood after the last of the calls that it sums
/// up: those of its session before the next sum.
fn sums_behind_calls<'e, 'a>(edits: &[(u32, &'e Edit<'a>)]) -> Vec<(u32, &'e Edit<'a>)> {
    let mut last_calls: HashMap<&Option<String>, usize> = HashMap::new();
    let mut ordered: Vec<(usize, (u32, &Edit<'_>))> = Vec::with_capacity(edits.len());
    for (at, (position, edit)) in edits.iter().enumerate().rev() {
        let session = &edit.origin.session_id;
        let place = match edit.scope {
            EditScope::Call => {
                last_calls.entry(session).or_insert(at);
                at
            }
            EditScope::Wide => last_calls.remove(session).unwrap_or(at),
        };
        ordered.push((place, (*position, edit)));
    }
    ordered.reverse();
    ordered.sort_by_key(|(place, (_, edit))| (*place, edit.scope));
    ordered.into_iter().map(|(_, edit)| edit).collect()
}

/// How often the calls of a session wrote a text.
type Tellings<'a> = HashMap<(Option<String>, &'a [u8]), u32>;

/// What a call tells, the sum of its message or session tells again.
fn told_by_calls<'a>(edits: &[(u32, &Edit<'a>)]) -> Tellings<'a> {
    let mut told = Tellings::new();
    if edits.iter().all(|(_, edit)| edit.scope == EditScope::Call) {
        return told;
    }
    for (_, edit) in edits.iter().filter(|(_, edit)| edit.scope == EditScope::Call) {
        let mut add = |text| *told.entry((edit.origin.session_id.clone(), text)).or_default() += 1;
        match &edit.told {
            Told::Hunks(hunks) => {
                let added = hunks.iter().flat_map(Hunk::added);
                added.for_each(|(_, line)| add(line.text));
            }
            Told::Whole(text) => lines_of(text).for_each(add),
            Told::Nothing => {}
        }
    }
    told
}

/// An edit of before the parents whose lines they have was committed with them: each such line is used up.
fn leave_out_committed<'a>(
    lines: &mut Vec<WrittenLine<'a>>,
    edits: &[(u32, &Edit<'a>)],
    before: &Before<'a>,
) {
    let is_old: HashMap<u32, bool> = edits
        .iter()
        .map(|(position, edit)| (*position, edit.at_unix_ms <= before.at_unix_ms))
        .collect();
    let mut committed: HashMap<&[u8], u32> = HashMap::new();
    for text in &before.text {
        *committed.entry(text).or_default() += 1;
    }
    // What is there takes its line before what is gone, and of these the later.
    let mut order: Vec<usize> = (0..lines.len()).filter(|&at| is_old[&lines[at].edit]).collect();
    order.sort_by_key(|&at| (lines[at].is_gone, std::cmp::Reverse(lines[at].edit)));
    let mut used = vec![false; lines.len()];
    for at in order {
        if let Some(left) = committed.get_mut(lines[at].text).filter(|left| **left > 0) {
            *left -= 1;
            used[at] = true;
        }
    }
    let mut at = 0;
    lines.retain(|_| {
        at += 1;
        !used[at - 1]
    });
}

/// A file in the making.
#[derive(Default)]
struct Composition<'a> {
    lines: Vec<WrittenLine<'a>>,
    /// The lines that are there, by their text.
    standing: HashMap<&'a [u8], Vec<u32>>,
    places: Places,
    told_by_calls: Tellings<'a>,
}

impl<'a> Composition<'a> {
    fn apply(&mut self, edit: u32, told: &Edit<'a>) {
        match (&told.told, told.scope) {
            (Told::Hunks(hunks), EditScope::Call) => {
                for hunk in hunks {
                    self.apply_hunk(edit, hunk);
                }
            }
            (Told::Hunks(hunks), EditScope::Wide) => {
                for hunk in hunks {
                    self.add_untold(edit, hunk, told.origin.session_id.as_ref());
                }
            }
            (Told::Whole(text), _) => self.write_whole(edit, text),
            (Told::Nothing, _) => {}
        }
    }

    /// Lines to the left of a hunk are changed already, so its place in the new file is where it is.
    fn apply_hunk(&mut self, edit: u32, hunk: &Hunk<'a>) {
        let mut at = place(hunk.new.start.saturating_sub(u64::from(hunk.new.lines > 0)));
        let changes = hunk.lines.chunk_by(|a, b| a.kind == b.kind);
        for lines in changes {
            let count = place(lines.len() as u64);
            match lines[0].kind {
                LineKind::Context => at = at.saturating_add(count),
                LineKind::Removed => {
                    let removed = self.places.remove(at, count);
                    self.remove(lines, &removed);
                }
                LineKind::Added => {
                    let first = self.next();
                    for line in lines {
                        self.add(edit, line.text);
                    }
                    self.places.insert(at, first, count);
                    at = at.saturating_add(count);
                }
            }
        }
    }

    /// Lines that only the sum of several calls tells of: a shell wrote them.
    fn add_untold(&mut self, edit: u32, hunk: &Hunk<'a>, session: Option<&String>) {
        for (number, line) in hunk.added() {
            let key = (session.cloned(), line.text);
            if let Some(left) = self.told_by_calls.get_mut(&key).filter(|left| **left > 0) {
                *left -= 1;
            } else {
                let id = self.next();
                self.add(edit, line.text);
                self.places.insert(place(number.saturating_sub(1)), id, 1);
            }
        }
    }

    /// The file is written anew: what is in it again keeps its origin.
    fn write_whole(&mut self, edit: u32, text: &'a [u8]) {
        let mut again = std::mem::take(&mut self.standing);
        self.places = Places::default();
        for (at, text) in (0..).zip(lines_of(text)) {
            let known = again.get_mut(text).and_then(Vec::pop);
            let id = known.unwrap_or_else(|| self.next());
            if known.is_some() {
                self.standing.entry(text).or_default().push(id);
            } else {
                self.add(edit, text);
            }
            self.places.insert(at, id, 1);
        }
        for id in again.into_values().flatten() {
            self.lines[id as usize].is_gone = true;
        }
    }

    fn next(&self) -> u32 {
        place(self.lines.len() as u64)
    }

    fn add(&mut self, edit: u32, text: &'a [u8]) {
        let id = self.next();
        self.standing.entry(text).or_default().push(id);
        self.lines.push(WrittenLine { edit, text, place: None, is_gone: false });
    }

    /// Of what stood there is gone what has the text of a removed line; else a line with that text is gone,
    /// wherever it stands.
    fn remove(&mut self, lines: &[Line<'a>], stood_there: &[Option<u32>]) {
        let stood_there = stood_there.iter().copied().chain(std::iter::repeat(None));
        for (line, there) in lines.iter().zip(stood_there) {
            let Some(standing) = self.standing.get_mut(line.text) else { continue };
            let there = there.and_then(|id| standing.iter().rposition(|&other| other == id));
            let gone = match there {
                Some(at) => Some(standing.remove(at)),
                None => standing.pop(),
            };
            if let Some(id) = gone {
                self.lines[id as usize].is_gone = true;
            }
        }
    }

    fn finish(mut self) -> Vec<WrittenLine<'a>> {
        for (number, id) in self.places.lines() {
            self.lines[id as usize].place = Some(number);
        }
        // What has no place stands behind the line that was written before it.
        let mut last = 0;
        let mut ordered: Vec<(u32, WrittenLine<'a>)> = Vec::with_capacity(self.lines.len());
        for line in self.lines {
            last = line.place.unwrap_or(last);
            ordered.push((last, line));
        }
        ordered.sort_by_key(|(place, _)| *place);
        ordered.into_iter().map(|(_, line)| line).collect()
    }
}

/// No file has more lines than fit; what a hostile patch says beyond is at the end.
fn place(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The lines of a text, without their line feeds.
pub fn lines_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}
