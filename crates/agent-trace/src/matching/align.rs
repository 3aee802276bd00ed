//! Which texts two lists share, in their order.

use imara_diff::{Algorithm, Diff, InternedInput};

/// Pairs of positions with one text, ascending in both lists.
pub fn shared(before: &[Vec<u8>], after: &[Vec<u8>]) -> impl Iterator<Item = (usize, usize)> {
    let mut input = InternedInput::<&[u8]>::default();
    input.update_before(before.iter().map(Vec::as_slice));
    input.update_after(after.iter().map(Vec::as_slice));
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let removed = |at: &usize| !diff.is_removed(number(*at));
    let added = |at: &usize| !diff.is_added(number(*at));
    let before: Vec<usize> = (0..before.len()).filter(removed).collect();
    let after: Vec<usize> = (0..after.len()).filter(added).collect();
    before.into_iter().zip(after)
}

fn number(at: usize) -> u32 {
    u32::try_from(at).expect("no list of lines is that long")
}
