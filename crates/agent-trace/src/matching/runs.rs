//! Pairs of lines that stand together in both files.

use crate::commit::AddedLine;

/// A written line and an added one, by their positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub written: usize,
    pub added: usize,
}

/// Splits pairs, ascending in both, where one of the files has something between.
pub fn runs<'p>(pairs: &'p [Pair], added: &[AddedLine<'_>]) -> impl Iterator<Item = &'p [Pair]> {
    pairs.chunk_by(|a, b| {
        a.written + 1 == b.written && added[a.added].number + 1 == added[b.added].number
    })
}

/// How much a line says of its own: its letters and digits.
pub fn telling(text: &[u8]) -> u32 {
    let says = text.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    u32::try_from(says.count()).unwrap_or(u32::MAX)
}
