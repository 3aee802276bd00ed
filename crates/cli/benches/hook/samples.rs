//! Times of many runs, and what they come to.

use std::time::Duration;

/// The times of one case.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    pub fn add(&mut self, taken: Duration) {
        self.0.push(taken);
    }

    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// `None` where there are none.
    pub fn summary(&self) -> Option<Summary> {
        let mut ms: Vec<f64> = self.0.iter().map(|taken| taken.as_secs_f64() * 1e3).collect();
        ms.sort_by(f64::total_cmp);
        let (count, max) = (ms.len(), *ms.last()?);
        let rank = |percent: usize| ms[(count * percent).div_ceil(100).max(1) - 1];
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 samples")]
        let mean = ms.iter().sum::<f64>() / count as f64;
        Some(Summary { p50: rank(50), mean, p95: rank(95), p99: rank(99), max })
    }
}

/// Milliseconds of one case. Percentiles are nearest ranks.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    pub p50: f64,
    pub mean: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
}
