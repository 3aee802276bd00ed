//! The names of files in headers: quoted as in C, followed by a time, two in one line.
//!
//! Git quotes a name that has a quote, a backslash or a control character in it, and any byte that is
//! not ASCII; GNU diff does the same. Both write what follows a name after a tab.

use std::borrow::Cow;

/// A name as bytes, with its prefix.
pub(crate) type Name<'a> = Cow<'a, [u8]>;

/// What git and diff write for a file that is not there.
const NOWHERE: &[u8] = b"/dev/null";

/// The prefixes of the two sides. With `diff.mnemonicPrefix` these are the index, the work tree, a
/// commit, an object and the first and second file that no repository has.
const PREFIXES: [[u8; 2]; 6] =
    [[b'a', b'b'], [b'i', b'w'], [b'c', b'i'], [b'c', b'w'], [b'o', b'w'], [b'1', b'2']];

/// How long a prefix is.
const PREFIX_BYTES: usize = 2;

/// The name that a text begins with, and that only a tab ends.
pub(crate) fn name(text: &[u8]) -> Option<Name<'_>> {
    let name = if text.starts_with(b"\"") {
        let (name, rest) = quoted(text)?;
        matches!(rest.first(), None | Some(b'\t')).then_some(Cow::Owned(name))?
    } else {
        Cow::Borrowed(text.split(|byte| *byte == b'\t').next()?)
    };
    (!name.is_empty()).then_some(name)
}

/// The name of a file that is there.
pub(super) fn somewhere(name: Name<'_>) -> Option<Name<'_>> {
    (*name != *NOWHERE).then_some(name)
}

/// The two names of `diff --git`, between which only a blank is.
///
/// Without quotes a blank may as well be part of a name. Git leaves the names to this line only where
/// both are the same, so that the blank is in the middle; of others a guess is good enough.
pub(super) fn pair(text: &[u8]) -> Option<(Name<'_>, Name<'_>)> {
    if text.starts_with(b"\"") {
        let (old, rest) = quoted(text)?;
        return Some((Cow::Owned(old), name(rest.strip_prefix(b" ")?)?));
    }
    let blank = if text.ends_with(b"\"") {
        text.windows(2).position(|bytes| bytes == b" \"")?
    } else {
        middle(text).or_else(|| only(text, b" b/")).or_else(|| only(text, b" "))?
    };
    Some((name(&text[..blank])?, name(&text[blank + 1..])?))
}

/// The two names of `Binary files x and y differ`. Mostly their ends are the same, and so is how often
/// ` and ` is in them.
pub(super) fn differing(text: &[u8]) -> Option<(Name<'_>, Name<'_>)> {
    const AND: &[u8] = b" and ";
    let ands: Vec<usize> =
        (0..text.len()).filter(|start| text[*start..].starts_with(AND)).collect();
    let and = *ands.get(ands.len() / 2).filter(|_| ands.len() % 2 == 1)?;
    Some((name(&text[..and])?, name(&text[and + AND.len()..])?))
}

/// Whether two names have the prefixes of the two sides.
pub(super) fn are_prefixed(old: &[u8], new: &[u8]) -> bool {
    match (old, new) {
        ([old, b'/', ..], [new, b'/', ..]) => {
            PREFIXES.contains(&[*old, *new]) || PREFIXES.contains(&[*new, *old])
        }
        _ => false,
    }
}

/// A name without its prefix.
pub(super) fn without_prefix(name: Name<'_>) -> Name<'_> {
    match name {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(PREFIX_BYTES..).unwrap_or_default()),
        Cow::Owned(bytes) => Cow::Owned(bytes.get(PREFIX_BYTES..).unwrap_or_default().to_vec()),
    }
}

/// The place of the blank in the middle, if what is on its sides is the same but for prefixes.
fn middle(text: &[u8]) -> Option<usize> {
    let middle = text.len() / 2;
    let (old, new) = (&text[..middle], text[middle..].strip_prefix(b" ")?);
    let is_same =
        old == new || are_prefixed(old, new) && old[PREFIX_BYTES..] == new[PREFIX_BYTES..];
    is_same.then_some(middle)
}

/// The place of what occurs once.
fn only(text: &[u8], what: &[u8]) -> Option<usize> {
    let mut places = (0..text.len()).filter(|start| text[*start..].starts_with(what));
    let place = places.next()?;
    places.next().is_none().then_some(place)
}

/// What stands between quotes, and what follows them.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut name = Vec::new();
    let mut rest = text.strip_prefix(b"\"")?;
    loop {
        rest = match rest {
            [b'"', rest @ ..] => return Some((name, rest)),
            [b'\\', rest @ ..] => {
                let (byte, rest) = escaped(rest)?;
                name.push(byte);
                rest
            }
            [byte, rest @ ..] => {
                name.push(*byte);
                rest
            }
            [] => return None,
        };
    }
}

/// The byte that is meant by what follows a backslash, and the rest.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    if let [high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', rest @ ..] = text {
        return Some(((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'), rest));
    }
    let (letter, rest) = text.split_first()?;
    let byte = match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => b'\r',
        b'"' | b'\\' => *letter,
        _ => return None,
    };
    Some((byte, rest))
}
