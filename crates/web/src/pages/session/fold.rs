//! Long lists of lines, of which the begin is seen.

/// Lines, of which only the first are seen.
pub(super) struct Folded<T> {
    pub seen: Vec<T>,
    pub rest: Vec<T>,
    /// What is not there at all, in words.
    pub missing: Option<String>,
}

impl<T> Folded<T> {
    /// The first `seen` lines are seen, and those up to `most` can be.
    pub fn of(lines: impl Iterator<Item = T>, seen: usize, most: usize) -> Self {
        let mut rest: Vec<T> = lines.collect();
        let missing = rest.len().saturating_sub(most);
        rest.truncate(most);
        // A few more are seen rather than folded.
        let at = if rest.len() <= seen + seen / 4 { rest.len() } else { seen };
        let folded = rest.split_off(at);
        let missing = (missing > 0).then(|| format!("{missing} more lines are not shown"));
        Self { seen: rest, rest: folded, missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_lines_are_not_folded_and_too_many_are_counted() {
        let cases = [
            (5, 8, 100, (5, 0, None)),
            (10, 8, 100, (10, 0, None)),
            (11, 8, 100, (8, 3, None)),
            (101, 8, 100, (8, 92, Some("1 more lines are not shown"))),
        ];
        for (lines, seen, most, expected) in cases {
            let folded = Folded::of(0..lines, seen, most);
            let told = (folded.seen.len(), folded.rest.len(), folded.missing.as_deref());
            assert_eq!(told, expected, "{lines}");
        }
    }
}
