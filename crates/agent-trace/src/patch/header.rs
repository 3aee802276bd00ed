//! What stands above the hunks of a file: which file it is and what becomes of it.

use super::path::{self, Name};
use super::{Change, FilePatch, Lines, PatchError};

/// Reads the header of a file, if that is what comes next.
pub(super) fn read<'a>(lines: &mut Lines<'_>) -> Result<Option<FilePatch<'a>>, PatchError> {
    let Some(line) = lines.peek_header() else { return Ok(None) };
    let number = lines.number();
    let file = if let Some(names) = line.strip_prefix(b"diff --git ") {
        lines.advance();
        git(names, lines)?
    } else if let Some(name) = combined_name(line) {
        lines.advance();
        combined(name, lines)?
    } else if let Some(name) = line.strip_prefix(b"Index: ") {
        if !is_index(lines) {
            return Ok(None);
        }
        index(name, lines)?
    } else if let Some((old, new)) = marked(lines)? {
        file(path::somewhere(old), path::somewhere(new), None, false)
    } else if let Some(names) = differing(line) {
        lines.advance();
        let (old, new) = path::differing(names).ok_or(PatchError::BadPath { line: number })?;
        file(path::somewhere(old), path::somewhere(new), None, true)
    } else {
        return Ok(None);
    };
    file.map(Some).ok_or(PatchError::BadPath { line: number })
}

/// A file as its names and its header have it. There must be a name, and none is empty.
fn file<'a>(
    old: Option<Name<'_>>,
    new: Option<Name<'_>>,
    change: Option<Change>,
    is_binary: bool,
) -> Option<FilePatch<'a>> {
    let change = change.unwrap_or(match (&old, &new) {
        (None, _) => Change::Created,
        (Some(_), None) => Change::Deleted,
        (Some(_), Some(_)) => Change::Modified,
    });
    let text = |name: Name<'_>| String::from_utf8_lossy(&name).into_owned();
    let old_path = old.filter(|_| change != Change::Created).map(text);
    let new_path = new.filter(|_| change != Change::Deleted).map(text);
    let shortest = old_path.iter().chain(&new_path).map(String::len).min()?;
    let file = FilePatch { old_path, new_path, change, is_binary, hunks: Vec::new() };
    (shortest > 0).then_some(file)
}

/// The lines below `diff --git`.
fn git<'a>(names: &[u8], lines: &mut Lines<'_>) -> Result<Option<FilePatch<'a>>, PatchError> {
    let mut said = Extended::default();
    while said.read(lines)? {}
    let marked = marked(lines)?;
    let (old, new) = match (said.from, said.to) {
        (Some(old), Some(new)) => (Some(old), Some(new)),
        _ => git_names(path::pair(names), marked),
    };
    Ok(file(old, new, said.change, said.is_binary))
}

/// The names of a file that did not move. What `---` and `+++` say is clear, and `diff --git` may tell
/// whether there are prefixes where one of them says that there is no file.
fn git_names<'a>(
    pair: Option<(Name<'a>, Name<'a>)>,
    marked: Option<(Name<'a>, Name<'a>)>,
) -> (Option<Name<'a>>, Option<Name<'a>>) {
    let is_pair_prefixed = pair.as_ref().is_some_and(|(old, new)| path::are_prefixed(old, new));
    let Some((old, new)) = marked.or(pair) else { return (None, None) };
    let (old, new) = (path::somewhere(old), path::somewhere(new));
    let is_prefixed = match (&old, &new) {
        (Some(old), Some(new)) => path::are_prefixed(old, new),
        (None, _) | (_, None) => is_pair_prefixed,
    };
    if is_prefixed {
        (old.map(path::without_prefix), new.map(path::without_prefix))
    } else {
        (old, new)
    }
}

/// The lines below `diff --cc`, whose name has no prefix and stands for all parents.
fn combined<'a>(name: &[u8], lines: &mut Lines<'_>) -> Result<Option<FilePatch<'a>>, PatchError> {
    let mut said = Extended::default();
    while said.read(lines)? {}
    while lines.peek().is_some_and(|line| line.starts_with(b"--- ") || line.starts_with(b"+++ ")) {
        lines.advance();
    }
    let name = path::name(name);
    Ok(file(name.clone(), name, said.change, said.is_binary))
}

fn combined_name(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"diff --cc ").or_else(|| line.strip_prefix(b"diff --combined "))
}

/// Whether a double line is under `Index: x`. It may be prose otherwise.
fn is_index(lines: &Lines<'_>) -> bool {
    lines.peek_second_header().is_some_and(|line| line.starts_with(b"==="))
}

/// The lines below `Index: x`, as jsdiff and Subversion write them. There are no hunks where nothing
/// changed, and nothing else where `svn diff --git` goes on with a header of git's.
fn index<'a>(name: &[u8], lines: &mut Lines<'_>) -> Result<Option<FilePatch<'a>>, PatchError> {
    lines.advance();
    lines.advance();
    if lines.peek().is_some_and(|line| line.starts_with(b"diff --git ")) {
        return read(lines);
    }
    let (old, new) = match marked(lines)? {
        Some((old, new)) => (path::somewhere(old), path::somewhere(new)),
        None => (path::name(name), path::name(name)),
    };
    Ok(file(old, new, None, false))
}

/// The names after `---` and `+++`, if these come next.
fn marked<'a>(lines: &mut Lines<'a>) -> Result<Option<(Name<'a>, Name<'a>)>, PatchError> {
    let Some(old) = lines.peek_header().and_then(|line| line.strip_prefix(b"--- ")) else {
        return Ok(None);
    };
    let Some(new) = lines.peek_second_header().and_then(|line| line.strip_prefix(b"+++ ")) else {
        return Ok(None);
    };
    let old = path::name(old).ok_or(PatchError::BadPath { line: lines.number() })?;
    lines.advance();
    let new = path::name(new).ok_or(PatchError::BadPath { line: lines.number() })?;
    lines.advance();
    Ok(Some((old, new)))
}

/// What stands between `Binary files ` and ` differ`.
fn differing(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"Binary files ")?.strip_suffix(b" differ")
}

/// What a line of git's extended header says.
#[derive(Clone, Copy)]
enum Key {
    /// Nothing that we keep.
    Mode,
    /// What becomes of the file.
    Change(Change),
    /// Where it was.
    From(Change),
    /// Where it is.
    To(Change),
}

/// The lines of git's extended header by their beginnings; `rename old` and `rename new` are old forms
/// that git still reads.
const KEYS: [(&[u8], Key); 14] = [
    (b"old mode ", Key::Mode),
    (b"new mode ", Key::Mode),
    (b"mode ", Key::Mode),
    (b"index ", Key::Mode),
    (b"similarity index ", Key::Mode),
    (b"dissimilarity index ", Key::Mode),
    (b"new file mode ", Key::Change(Change::Created)),
    (b"deleted file mode ", Key::Change(Change::Deleted)),
    (b"copy from ", Key::From(Change::Copied)),
    (b"copy to ", Key::To(Change::Copied)),
    (b"rename from ", Key::From(Change::Renamed)),
    (b"rename to ", Key::To(Change::Renamed)),
    (b"rename old ", Key::From(Change::Renamed)),
    (b"rename new ", Key::To(Change::Renamed)),
];

/// What git's extended header says.
#[derive(Default)]
struct Extended<'a> {
    change: Option<Change>,
    from: Option<Name<'a>>,
    to: Option<Name<'a>>,
    is_binary: bool,
}

impl<'a> Extended<'a> {
    /// Reads a line, if it is one of these.
    fn read(&mut self, lines: &mut Lines<'a>) -> Result<bool, PatchError> {
        let Some(line) = lines.peek_header() else { return Ok(false) };
        let number = lines.number();
        let name = |rest| path::name(rest).map(Some).ok_or(PatchError::BadPath { line: number });
        let key = KEYS.iter().find_map(|(key, what)| Some((line.strip_prefix(*key)?, *what)));
        match key {
            Some((_, Key::Mode)) => {}
            Some((_, Key::Change(change))) => self.change = Some(change),
            Some((rest, Key::From(change))) => {
                (self.change, self.from) = (Some(change), name(rest)?);
            }
            Some((rest, Key::To(change))) => {
                (self.change, self.to) = (Some(change), name(rest)?);
            }
            None if line == b"GIT binary patch" => {
                self.is_binary = true;
                lines.advance();
                pass_over_bytes(lines)?;
                return Ok(true);
            }
            None if line.starts_with(b"Binary files ") && line.ends_with(b"differ") => {
                self.is_binary = true;
            }
            None => return Ok(false),
        }
        lines.advance();
        Ok(true)
    }
}

/// Passes over the bytes forth and back, each a line `literal` or `delta` with a count, lines in base
/// 85, and an empty line.
fn pass_over_bytes(lines: &mut Lines<'_>) -> Result<(), PatchError> {
    let is_block = |line: &[u8]| line.starts_with(b"literal ") || line.starts_with(b"delta ");
    while lines.peek().is_some_and(is_block) {
        lines.advance();
        while let Some(line) = lines.peek_header().filter(|line| !line.is_empty()) {
            if !line[0].is_ascii_alphabetic() || line.contains(&b' ') {
                return Err(PatchError::BadBinaryPatch { line: lines.number() });
            }
            lines.advance();
        }
        lines.advance();
    }
    Ok(())
}
