//! Polls jobs: how long to wait between two polls, and when to stop expecting an end soon.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, sleep};

use super::now;
use super::operate::{Completion, Operator};
use cloud::clients::CloudError;
use domain::operation::RequestState;
use domain::{JobId, JobReport, Step};

/// A cloud that says "no such job" this often in a row has forgotten it; a new job may be unknown at first.
const FORGOTTEN: u32 = 4;

/// A cloud may ask for any pause between two polls; a longer one than this is a mistake of the cloud.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// The times of polling and verifying. No cloud's documentation gives any, so these are gentle: the first poll after a
/// second, then ever longer waits, for five minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollTimes {
    /// Before the first poll.
    pub first: Duration,
    /// Between two polls, at most.
    pub longest: Duration,
    /// After this a job is *unknown, still watched*.
    pub limit: Duration,
    /// Between two polls of a job that is over its limit.
    pub watching: Duration,
    /// Before the members are read again for a share that should be gone; doubled each time.
    pub settling: Duration,
}

impl Default for PollTimes {
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

impl PollTimes {
    /// The wait before poll number `polls` (from 0), with up to a fifth of jitter, so that jobs begun together are not polled
    /// together. `chance` is between 0 and 1.
    pub(super) fn wait(&self, polls: u32, chance: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << polls.saturating_sub(1).min(16));
        doubled.min(self.longest).mul_f64(1.0 + chance / 5.0)
    }
}

/// The polling of one job.
pub(super) struct JobPoller {
    job: JobId,
    began: Instant,
    polls: u32,
    unknown: u32,
    /// The cloud does not want to be polled earlier (`Retry-After`).
    not_before: Instant,
}

impl JobPoller {
    pub(super) fn new(job: JobId) -> Self {
        let now = Instant::now();
        Self { job, began: now, polls: 0, unknown: 0, not_before: now }
    }
}

impl Operator {
    /// Polls a job from now on.
    pub(super) fn poll(&mut self, request: usize, job: JobId) {
        self.pollers.insert(request, JobPoller::new(job));
        self.poll_after(request, self.context.poll_times.wait(0, fastrand::f64()));
    }

    pub(super) async fn polled(&mut self, request: usize, result: Result<JobReport, CloudError>) {
        let unknown = matches!(result, Err(CloudError::NotFound(_)));
        let forgotten = unknown
            && self.pollers.get(&request).is_some_and(|poller| poller.unknown + 1 >= FORGOTTEN);
        let over = matches!(&result, Ok(report) if report.status.is_final());
        let pause = match &result {
            Err(CloudError::Throttled { retry_after, .. }) => {
                retry_after.unwrap_or_default().min(LONGEST_PAUSE)
            }
            _ => Duration::ZERO,
        };
        self.record(match result {
            Ok(report) => Step::Polled { request, report, at: now() },
            Err(error) => Step::PollFailed { request, error: error.to_string().into() },
        })
        .await;
        let limit = self.context.poll_times.limit;
        let Some(poller) = self.pollers.get_mut(&request) else { return };
        poller.polls += 1;
        poller.unknown = if unknown { poller.unknown + 1 } else { 0 };
        let now = Instant::now();
        poller.not_before = now.checked_add(pause).unwrap_or(now);
        if over {
            self.release(request);
        } else if forgotten {
            let error = format!("the cloud does not know job {} any more", poller.job).into();
            self.end_request(request, RequestState::Lost { error }, None).await;
        } else if poller.began.elapsed().saturating_add(pause) >= limit {
            self.overdue(request).await;
        } else {
            let left = limit.saturating_sub(poller.began.elapsed());
            let wait = self.context.poll_times.wait(poller.polls, fastrand::f64());
            self.poll_after(request, wait.min(left));
        }
    }

    /// The job stays among the pollers: it is polled after the provisional receipt.
    async fn overdue(&mut self, request: usize) {
        let record = self.operation.requests.get(request);
        if record.is_some_and(|record| record.state == RequestState::Following) {
            self.record(Step::Overdue { request }).await;
            self.free_images(request);
        }
    }

    pub(super) fn poll_after(&mut self, request: usize, wait: Duration) {
        let Some(poller) = self.pollers.get(&request) else { return };
        let (login, job) = (self.login.clone(), poller.job.clone());
        let wait = wait.max(poller.not_before.saturating_duration_since(Instant::now()));
        let quit = self.context.tasks.quit.clone();
        let request_in_flight = async move {
            let ask = async {
                sleep(wait).await;
                login.limiter.run(login.cloud.job(&job)).await
            };
            match quit.run_until_cancelled(ask).await {
                Some(result) => Completion::Polled { request, result },
                None => Completion::Abandoned,
            }
        };
        self.in_flight.push(request_in_flight.boxed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_one_second_to_ten() {
        let seconds: Vec<u64> =
            (0..8).map(|polls| PollTimes::default().wait(polls, 0.0).as_secs()).collect();
        assert_eq!(seconds, [1, 1, 2, 4, 8, 10, 10, 10]);
    }

    #[test]
    fn jitter_only_lengthens_and_by_a_fifth_at_most() {
        assert_eq!(PollTimes::default().wait(9, 1.0), Duration::from_secs(12));
    }
}
