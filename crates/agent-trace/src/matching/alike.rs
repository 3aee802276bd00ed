//! Lines that a person changed after an agent wrote them: they stand where a written line should, and are much
//! like it.

use super::{How, Matching};
use crate::matching::runs::{Pair, telling};

/// So many written lines are compared with one added line.
const COMPARED: usize = 32;

/// No more of a line than this is compared.
const BYTES: usize = 512;

/// How much of two lines has to be the same, in hundredths.
const SAME: u32 = 60;

/// So much the same that no better line is looked for.
const SAME_ENOUGH: u32 = 80;

/// What a line has to tell to be compared.
const TELLING: u32 = 4;

/// Finds changed lines between the neighbours that are found.
pub fn find(matching: &mut Matching<'_, '_>) {
    let written: Vec<usize> = matching.left_written(false);
    let shapes: Vec<Shape> =
        written.iter().map(|&at| Shape::of(matching.written[at].text)).collect();
    let bounds = bounds(matching);
    // Positions among the written lines that are left; what lies before the last one found is behind us.
    let mut from = 0;
    for at in matching.left_added() {
        let text = matching.file.added[at].text;
        if telling(text) < TELLING {
            continue;
        }
        let (low, high) = bounds[at];
        let begin = from.max(written.partition_point(|&line| line < low));
        let end = written.partition_point(|&line| line < high).min(begin + COMPARED);
        let shape = Shape::of(text);
        let mut best: Option<(u32, usize)> = None;
        for line in (begin..end).filter(|&line| shape.may_be_like(&shapes[line])) {
            let likeness = likeness(text, matching.written[written[line]].text);
            if likeness >= SAME && best.is_none_or(|(most, _)| likeness > most) {
                best = Some((likeness, line));
            }
            if likeness >= SAME_ENOUGH {
                break;
            }
        }
        if let Some((_, line)) = best {
            matching.take(Pair { written: written[line], added: at }, How::Changed);
            from = line + 1;
        }
    }
}

/// For each added line the written lines between which it should stand.
fn bounds(matching: &Matching<'_, '_>) -> Vec<(usize, usize)> {
    let place = |at: usize| matching.found[at].and_then(|found| found.written);
    let mut bounds = vec![(0, usize::MAX); matching.found.len()];
    let mut low = 0;
    for (at, bound) in bounds.iter_mut().enumerate() {
        low = place(at).map_or(low, |line| line + 1);
        bound.0 = low;
    }
    let mut high = usize::MAX;
    for (at, bound) in bounds.iter_mut().enumerate().rev() {
        high = place(at).unwrap_or(high);
        // Where lines stand out of order, the neighbours say nothing.
        if high < bound.0 {
            *bound = (0, usize::MAX);
        } else {
            bound.1 = high;
        }
    }
    bounds
}

/// What two bytes in a row a line holds, roughly: many lines are told apart by it at little cost.
struct Shape(u128);

impl Shape {
    fn of(text: &[u8]) -> Self {
        let bits = pairs_of(text).map(|[a, b]| 1_u128 << ((a.wrapping_mul(31) ^ b) % 128));
        Self(bits.fold(0, |shape, bit| shape | bit))
    }

    fn may_be_like(&self, other: &Self) -> bool {
        let (shared, all) =
            ((self.0 & other.0).count_ones(), self.0.count_ones() + other.0.count_ones());
        // Other pairs may fall on one bit, so this errs on the side of comparing.
        shared * 200 >= all * (SAME - 20)
    }
}

fn pairs_of(text: &[u8]) -> impl Iterator<Item = [u8; 2]> {
    let text = text.trim_ascii();
    let text = &text[..text.len().min(BYTES)];
    text.windows(2).map(|pair| [pair[0], pair[1]])
}

/// How many of the pairs of bytes of two lines are the same, in hundredths.
fn likeness(a: &[u8], b: &[u8]) -> u32 {
    let sorted = |text| {
        let mut pairs: Vec<[u8; 2]> = pairs_of(text).collect();
        pairs.sort_unstable();
        pairs
    };
    let (a, b) = (sorted(a), sorted(b));
    let (mut left, mut right, mut same) = (0, 0, 0_usize);
    while left < a.len() && right < b.len() {
        match a[left].cmp(&b[right]) {
            std::cmp::Ordering::Less => left += 1,
            std::cmp::Ordering::Greater => right += 1,
            std::cmp::Ordering::Equal => {
                same += 1;
                left += 1;
                right += 1;
            }
        }
    }
    let all = (a.len() + b.len()).max(1);
    u32::try_from(same * 200 / all).unwrap_or(0)
}
