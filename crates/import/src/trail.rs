//! How far rows were read, so that the next reading can go on from there.
//!
//! What was read is remembered as a number of rows and a digest of them. As long as a store begins
//! with the same rows, they need not be read again; else all of them are. So whatever a store does,
//! a cursor can cost time but never a row: rows that came while it was read, times that are equal or
//! that go back, rows that are gone, another store in the same place.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A row that was written so recently may be written again in the same millisecond.
const SETTLED_AFTER_MS: i64 = 2_000;

/// What tells two versions of a row apart without reading it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version<'a> {
    /// Its identity.
    pub id: &'a str,
    /// When it was last written, in Unix milliseconds.
    pub written_at: i64,
    /// How long it is.
    pub bytes: u64,
}

/// Rows from the first on, none left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    rows: u64,
    digest: Sha256,
    is_broken: bool,
}

/// The end of a trail, as it is kept.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Mark {
    /// How many rows.
    pub rows: u64,
    digest: String,
}

impl Trail {
    /// Goes on by one row that was read. Behind one that may still change nothing counts as read.
    pub fn pass(&mut self, version: Version<'_>, now: i64) {
        if version.written_at.saturating_add(SETTLED_AFTER_MS) > now {
            self.end();
        }
        self.step(version);
    }

    /// Goes on by one row that was read before.
    pub fn step(&mut self, version: Version<'_>) {
        if self.is_broken {
            return;
        }
        self.rows += 1;
        let Version { id, written_at, bytes } = version;
        self.digest.update(format!("{}:{id}{written_at} {bytes}\n", id.len()));
    }

    /// Something could not be read: what follows counts as unread, and is tried again.
    pub fn end(&mut self) {
        self.is_broken = true;
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Its end.
    pub fn mark(&self) -> Mark {
        Mark { rows: self.rows, digest: short_hex(self.digest.clone()) }
    }
}

/// A digest of a text, long enough to tell two apart.
pub(crate) fn digest(text: &[u8]) -> String {
    short_hex(Sha256::new_with_prefix(text))
}

fn short_hex(digest: Sha256) -> String {
    let bytes = digest.finalize();
    let (half, _) = bytes.split_at(bytes.len() / 2);
    half.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(id: &str, written_at: i64) -> Version<'_> {
        Version { id, written_at, bytes: 7 }
    }

    #[test]
    fn a_trail_ends_before_the_first_row_that_may_still_change() {
        let mut trail = Trail::default();
        let now = 100_000;
        trail.pass(version("a", 50_000), now);
        let settled = trail.mark();
        trail.pass(version("b", 99_000), now);
        trail.pass(version("c", 50_000), now);
        assert_eq!(trail.mark(), settled);
    }

    #[test]
    fn a_mark_tells_any_other_beginning_apart() {
        let mark = |versions: &[Version<'_>]| {
            let mut trail = Trail::default();
            for version in versions {
                trail.step(*version);
            }
            trail.mark()
        };
        let rows = [version("a", 1), version("b", 1)];
        assert_eq!(mark(&rows), mark(&rows));
        let others = [
            vec![version("b", 1), version("a", 1)],
            vec![version("a", 1)],
            vec![version("a", 1), version("b", 2)],
            vec![version("a", 1), Version { bytes: 8, ..version("b", 1) }],
            vec![version("a1", 1), version("b", 1)],
        ];
        for other in others {
            assert_ne!(mark(&other), mark(&rows), "{other:?}");
        }
    }
}
