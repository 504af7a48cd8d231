//! How long to wait between two questions about a job, and when to stop expecting an end soon.

use std::time::Duration;

/// The times of following and verifying. No cloud's documentation gives any, so these are
/// gentle: the first question after a second, then ever longer waits, for five minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    /// Before the first question.
    pub first: Duration,
    /// Between two questions, at most.
    pub longest: Duration,
    /// After this a job is *unknown, still watched*.
    pub limit: Duration,
    /// Between two questions about a job that is over its limit.
    pub watching: Duration,
    /// Before a share that should be gone is looked for again; doubled each time.
    pub settling: Duration,
}

impl Default for Following {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(10),
            limit: Duration::from_mins(5),
            watching: Duration::from_secs(30),
            settling: Duration::from_secs(1),
        }
    }
}

impl Following {
    /// The wait before question number `asked` (from 0), with up to a fifth of jitter, so that many jobs begun
    /// together are not asked about together. `chance` is between 0 and 1.
    pub(super) fn wait(&self, asked: u32, chance: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << asked.saturating_sub(1).min(16));
        doubled.min(self.longest).mul_f64(1.0 + chance / 5.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_one_second_to_ten() {
        let seconds: Vec<u64> =
            (0..8).map(|asked| Following::default().wait(asked, 0.0).as_secs()).collect();
        assert_eq!(seconds, [1, 1, 2, 4, 8, 10, 10, 10]);
    }

    #[test]
    fn jitter_only_lengthens_and_by_a_fifth_at_most() {
        assert_eq!(Following::default().wait(9, 1.0), Duration::from_secs(12));
    }
}
