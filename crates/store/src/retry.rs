//! Trying again: only what is transient by its type, with backoff and full jitter.

use std::{
    hash::{BuildHasher, RandomState},
    thread,
    time::{Duration, Instant},
};

use crate::StoreError;

/// How often and how long to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, at least one.
    pub max_attempts: u32,
    /// After this long no further attempt starts; one that runs is never cut off.
    pub timeout: Duration,
    /// The longest first pause; it doubles with each attempt.
    pub initial_backoff: Duration,
    /// The longest pause.
    pub max_backoff: Duration,
}

impl RetryPolicy {
    /// Runs `operation` until it succeeds, fails for good, or may not be tried again.
    ///
    /// # Errors
    /// The last failure.
    pub fn run<T>(
        &self,
        deadline: Option<Instant>,
        mut operation: impl FnMut() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let last_start = Instant::now() + self.timeout;
        let last_start = deadline.map_or(last_start, |deadline| deadline.min(last_start));
        let mut attempt = 1;
        loop {
            let error = match operation() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let pause = self.pause_after(attempt);
            let too_late = Instant::now() + pause > last_start;
            if !error.is_transient() || attempt >= self.max_attempts || too_late {
                return Err(error);
            }
            thread::sleep(pause);
            attempt += 1;
        }
    }

    /// Anything from nothing to the backoff of this attempt.
    fn pause_after(&self, attempt: u32) -> Duration {
        let doubled = self.initial_backoff.saturating_mul(1 << attempt.saturating_sub(1).min(20));
        full_jitter(doubled.min(self.max_backoff))
    }
}

/// Anything from nothing to `longest`.
pub(crate) fn full_jitter(longest: Duration) -> Duration {
    let random = u32::try_from(random() >> 32).expect("a shifted u64 fits");
    longest.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// A number that no other process draws; not for secrets.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn policy() -> RetryPolicy {
        RetryPolicy {
            max_attempts: 3,
            timeout: Duration::from_mins(1),
            initial_backoff: Duration::from_micros(10),
            max_backoff: Duration::from_micros(20),
        }
    }

    fn transient() -> StoreError {
        StoreError::LockedByOther(PathBuf::from("x"))
    }

    fn permanent() -> StoreError {
        StoreError::Foreign(PathBuf::from("x"))
    }

    fn attempts(policy: &RetryPolicy, deadline: Option<Instant>, fail: fn() -> StoreError) -> u32 {
        let mut attempts = 0;
        let result: Result<(), _> = policy.run(deadline, || {
            attempts += 1;
            Err(fail())
        });
        assert!(result.is_err());
        attempts
    }

    #[test]
    fn only_a_transient_fault_is_tried_again() {
        assert_eq!(attempts(&policy(), None, transient), 3);
        assert_eq!(attempts(&policy(), None, permanent), 1);
    }

    #[test]
    fn no_attempt_starts_after_the_timeout_or_the_deadline() {
        let spent = RetryPolicy { timeout: Duration::ZERO, ..policy() };
        assert_eq!(attempts(&spent, None, transient), 1);
        assert_eq!(attempts(&policy(), Some(Instant::now()), transient), 1);
    }

    #[test]
    fn late_success_is_a_success_and_runs_once() {
        let spent = RetryPolicy { timeout: Duration::from_micros(1), ..policy() };
        let mut runs = 0;
        let result = spent.run(None, || {
            runs += 1;
            thread::sleep(Duration::from_millis(5));
            Ok(runs)
        });
        assert_eq!(result.expect("it succeeded"), 1);
    }

    #[test]
    fn a_pause_is_never_longer_than_the_longest_backoff() {
        for attempt in 1..100 {
            assert!(policy().pause_after(attempt) <= policy().max_backoff);
        }
    }
}
