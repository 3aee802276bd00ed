//! Numbers that follow from a seed, so that what failed once can be tried again.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use super::say;

/// Names the seed of a run that is to be tried again.
const SEED: &str = "RECOUNT_TEST_SEED";

/// `SplitMix64` (Steele, Lea, Flood 2014): enough to choose what to do and when.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of that seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// The numbers of the variable's seed, else of one that no run had before. Says which it is.
    #[expect(clippy::disallowed_methods, reason = "a person repeats a run by it")]
    pub fn seed_of_this_run(what: &str) -> u64 {
        let named = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
        let seed = named.unwrap_or_else(|| RandomState::new().hash_one(what));
        say(&format!("{what}: {SEED}={seed}"));
        seed
    }

    /// Numbers of its own for somebody else.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A time span up to `longest`.
    pub fn span(&mut self, longest: Duration) -> Duration {
        let nanoseconds = u64::try_from(longest.as_nanos()).expect("a short span");
        Duration::from_nanos(self.below(nanoseconds + 1))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
