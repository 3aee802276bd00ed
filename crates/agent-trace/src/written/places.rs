//! A file as a row of places, of which few are known: lines move as others come and go before them.

/// So many runs lie in one chunk before it is parted.
const CHUNK_RUNS: usize = 512;

/// Where known lines stand. Behind the last known one the file goes on without an end.
#[derive(Debug, Default)]
pub struct Places {
    chunks: Vec<Chunk>,
}

/// Some places in a row.
#[derive(Debug, Default)]
struct Chunk {
    lines: u32,
    runs: Vec<Run>,
}

/// Places in a row that are alike.
#[derive(Clone, Copy, Debug)]
struct Run {
    lines: u32,
    /// The first known line; those behind it follow it in number.
    first: Option<u32>,
}

impl Run {
    /// Parts it before a place in it.
    fn part(self, at: u32) -> (Self, Self) {
        let first = self.first.map(|first| first + at);
        (Self { lines: at, ..self }, Self { lines: self.lines - at, first })
    }
}

impl Places {
    /// Puts known lines, `first` and those that follow it in number, before the place `at`, from 0 on.
    pub fn insert(&mut self, at: u32, first: u32, lines: u32) {
        if lines == 0 {
            return;
        }
        let (chunk, run) = self.seek(at);
        let chunk = &mut self.chunks[chunk];
        chunk.runs.insert(run, Run { lines, first: Some(first) });
        chunk.lines = chunk.lines.saturating_add(lines);
    }

    /// Takes places away, from `at` on, and says which known lines stood there, place by place. What is
    /// unknown behind the last of them is left out.
    pub fn remove(&mut self, at: u32, lines: u32) -> Vec<Option<u32>> {
        let mut removed = Vec::new();
        let mut left = lines.min(self.len().saturating_sub(at));
        if left == 0 {
            return removed;
        }
        let (mut chunk, run) = self.seek(at);
        let mut run = run;
        while left > 0 {
            let Some(runs) = self.chunks.get_mut(chunk) else { break };
            if run == runs.runs.len() {
                (chunk, run) = (chunk + 1, 0);
                continue;
            }
            let taken = runs.runs[run].lines.min(left);
            let (gone, rest) = runs.runs[run].part(taken);
            removed.extend((0..taken).map(|at| gone.first.map(|first| first + at)));
            left -= taken;
            runs.lines = runs.lines.saturating_sub(taken);
            if rest.lines > 0 {
                runs.runs[run] = rest;
            } else {
                runs.runs.remove(run);
            }
        }
        removed
    }

    /// The known lines with their places, from 1 on, in their order.
    pub fn lines(&self) -> impl Iterator<Item = (u32, u32)> {
        let mut before = 0_u32;
        self.chunks.iter().flat_map(|chunk| &chunk.runs).flat_map(move |run| {
            let start = before;
            before = before.saturating_add(run.lines);
            let known = run
                .first
                .into_iter()
                .flat_map(move |first| (0..run.lines).map(move |at| (at, first)));
            known.map(move |(at, first)| (start.saturating_add(at).saturating_add(1), first + at))
        })
    }

    fn len(&self) -> u32 {
        self.chunks.iter().fold(0, |sum, chunk| sum.saturating_add(chunk.lines))
    }

    /// The run that begins at a place; runs are parted and places are added so that there is one.
    fn seek(&mut self, at: u32) -> (usize, usize) {
        let mut left = at;
        let mut found = 0;
        while found < self.chunks.len() && left > self.chunks[found].lines {
            left -= self.chunks[found].lines;
            found += 1;
        }
        if found == self.chunks.len() {
            self.chunks.push(Chunk::default());
        }
        if self.chunks[found].runs.len() > CHUNK_RUNS {
            self.part_chunk(found);
            return self.seek(at);
        }
        let chunk = &mut self.chunks[found];
        for run in 0..chunk.runs.len() {
            let lines = chunk.runs[run].lines;
            if left == 0 {
                return (found, run);
            }
            if left < lines {
                let (before, behind) = chunk.runs[run].part(left);
                chunk.runs[run] = before;
                chunk.runs.insert(run + 1, behind);
                return (found, run + 1);
            }
            left -= lines;
        }
        if left > 0 {
            chunk.runs.push(Run { lines: left, first: None });
            chunk.lines = chunk.lines.saturating_add(left);
        }
        (found, chunk.runs.len())
    }

    fn part_chunk(&mut self, at: usize) {
        let chunk = &mut self.chunks[at];
        let runs = chunk.runs.split_off(chunk.runs.len() / 2);
        let lines = runs.iter().fold(0_u32, |sum, run| sum.saturating_add(run.lines));
        chunk.lines = chunk.lines.saturating_sub(lines);
        self.chunks.insert(at + 1, Chunk { lines, runs });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, simply.
    #[derive(Default)]
    struct Plain(Vec<Option<u32>>);

    impl Plain {
        fn insert(&mut self, at: usize, first: u32, lines: u32) {
            if self.0.len() < at {
                self.0.resize(at, None);
            }
            self.0.splice(at..at, (first..first + lines).map(Some));
        }

        fn remove(&mut self, at: usize, lines: usize) -> Vec<Option<u32>> {
            let end = (at + lines).min(self.0.len());
            if at >= end { Vec::new() } else { self.0.drain(at..end).collect() }
        }

        fn lines(&self) -> Vec<(u32, u32)> {
            let known = (1..).zip(&self.0).filter_map(|(number, id)| id.map(|id| (number, id)));
            known.collect()
        }
    }

    proptest::proptest! {
        #[test]
        fn places_move_as_in_a_plain_list(
            steps in proptest::collection::vec((0_u32..900, 0_u32..9, proptest::bool::ANY), 0..1_200),
        ) {
            let (mut places, mut plain) = (Places::default(), Plain::default());
            let mut next = 0;
            for (at, lines, is_insert) in steps {
                if is_insert {
                    places.insert(at, next, lines);
                    if lines > 0 {
                        plain.insert(at as usize, next, lines);
                    }
                    next += lines;
                } else {
                    let removed = places.remove(at, lines);
                    proptest::prop_assert_eq!(removed, plain.remove(at as usize, lines as usize));
                }
            }
            proptest::prop_assert_eq!(places.lines().collect::<Vec<_>>(), plain.lines());
        }
    }

    #[test]
    fn places_at_the_end_of_numbers_do_no_harm() {
        let mut places = Places::default();
        places.insert(u32::MAX, 0, 5);
        places.insert(u32::MAX, 5, 5);
        assert!(places.remove(u32::MAX, 5).len() <= 5);
        assert!(places.lines().count() <= 10);
    }
}
