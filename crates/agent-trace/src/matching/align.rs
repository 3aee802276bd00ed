//! Which texts two lists share, in their order.

use std::collections::HashMap;

use imara_diff::{Algorithm, Diff, InternedInput};

/// A text that stands more often in a list says too little to begin with; it is found beside others. With
/// such a text the histogram gives way to another algorithm, which takes quadratic time (imara-diff 0.2.0).
const COMMON: u32 = 60;

/// Pairs of positions with one text, ascending in both lists.
pub fn shared(before: &[Vec<u8>], after: &[Vec<u8>]) -> Vec<(usize, usize)> {
    let mut pairs = rare(before, after);
    // What stands before the first pair and behind the last one may be alike from either end.
    pairs.push((before.len(), after.len()));
    let mut shared = Vec::with_capacity(pairs.len());
    let mut from = (0, 0);
    for pair in pairs {
        let (begin, end) = fill(before, after, from, pair);
        shared.extend((0..begin).map(|at| (from.0 + at, from.1 + at)));
        shared.extend((1..=end).rev().map(|at| (pair.0 - at, pair.1 - at)));
        if pair.0 < before.len() {
            shared.push(pair);
        }
        from = (pair.0 + 1, pair.1 + 1);
    }
    shared
}

/// How many texts are alike from the begin of two stretches on, and how many of the rest before their end.
fn fill(
    before: &[Vec<u8>],
    after: &[Vec<u8>],
    from: (usize, usize),
    to: (usize, usize),
) -> (usize, usize) {
    let (before, after) = (&before[from.0..to.0], &after[from.1..to.1]);
    let begin = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (before, after) = (&before[begin..], &after[begin..]);
    let end = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    (begin, end)
}

/// The pairs of texts that are not common.
fn rare(before: &[Vec<u8>], after: &[Vec<u8>]) -> Vec<(usize, usize)> {
    let common = common(before, after);
    // Each common text becomes one that stands nowhere else.
    let names = |texts: &[Vec<u8>], next: u32| -> Vec<(u32, u32)> {
        let ids = texts.iter().map(|text| common.get(text.as_slice()).copied().flatten());
        ids.zip(next..).map(|(id, own)| id.map_or((1, own), |id| (0, id))).collect()
    };
    let mut input = InternedInput::<(u32, u32)>::default();
    input.update_before(names(before, 0).into_iter());
    input.update_after(names(after, number(before.len())).into_iter());
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let removed = |at: &usize| !diff.is_removed(number(*at));
    let added = |at: &usize| !diff.is_added(number(*at));
    let kept = (0..before.len()).filter(removed);
    kept.zip((0..after.len()).filter(added)).collect()
}

/// A number for each text, or none for those that stand too often in either list.
fn common<'t>(before: &'t [Vec<u8>], after: &'t [Vec<u8>]) -> HashMap<&'t [u8], Option<u32>> {
    let mut counts: HashMap<&[u8], (u32, u32, u32)> = HashMap::new();
    for (texts, is_after) in [(before, false), (after, true)] {
        for text in texts {
            let next = number(counts.len());
            let (_, in_before, in_after) = counts.entry(text).or_insert((next, 0, 0));
            *(if is_after { in_after } else { in_before }) += 1;
        }
    }
    let numbered = counts.into_iter();
    numbered.map(|(text, (id, a, b))| (text, (a.max(b) <= COMMON).then_some(id))).collect()
}

fn number(at: usize) -> u32 {
    u32::try_from(at).expect("no list of lines is that long")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pairs_ascend_and_are_of_one_text(
            before in prop::collection::vec("[ab]{1,2}", 0..80),
            after in prop::collection::vec("[ab]{1,2}", 0..80),
        ) {
            let texts = |words: &[String]| -> Vec<Vec<u8>> {
                words.iter().map(|word| word.clone().into_bytes()).collect()
            };
            let (before, after) = (texts(&before), texts(&after));
            let pairs = shared(&before, &after);
            prop_assert!(pairs.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{pairs:?}");
            prop_assert!(pairs.iter().all(|(a, b)| before[*a] == after[*b]));
            let all = shared(&before, &before);
            prop_assert_eq!(all.len(), before.len());
        }
    }

    #[test]
    fn a_text_that_stands_everywhere_is_found_beside_others() {
        let lines = |text: &str| -> Vec<Vec<u8>> {
            text.split(' ').map(|word| word.as_bytes().to_vec()).collect()
        };
        let many = "} ".repeat(100);
        let (before, after) =
            (format!("{many}one }} two }}"), format!("x one }} y two }} {many}z"));
        let pairs = shared(&lines(&before), &lines(&after));
        assert_eq!(pairs, [(100, 1), (101, 2), (102, 4), (103, 5)]);
    }
}
