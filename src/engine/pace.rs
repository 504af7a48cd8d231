//! How many requests may be under way at once: halved when the cloud says "too many", grown slowly again.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// Concurrency of one session. Shared by everything that sends to the same cloud.
#[derive(Debug)]
pub(super) struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    limit: usize,
    most: usize,
    successes: usize,
    halved: Option<Instant>,
    resume: Option<Instant>,
}

/// Where it begins: enough to fill a small cloud (a Glance 33 on two cores was measured to be full at 4).
const START: usize = 8;
/// Many refusals arrive together for one cause; they count once.
const HALVE_EVERY: Duration = Duration::from_secs(1);

impl Pace {
    /// At most `most` requests at once.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1);
        let limit = START.min(most);
        Self(Mutex::new(State { limit, most, successes: 0, halved: None, resume: None }))
    }

    /// How many requests may be under way now.
    pub(super) fn limit(&self) -> usize {
        self.state().limit
    }

    /// A request was answered: after as many as the limit, one more is tried.
    pub(super) fn succeeded(&self) {
        let mut state = self.state();
        state.successes += 1;
        if state.successes >= state.limit && state.limit < state.most {
            (state.limit, state.successes) = (state.limit + 1, 0);
        }
    }

    /// The cloud asked for less, and perhaps for a pause.
    pub(super) fn throttled(&self, retry_after: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.state();
        if let Some(pause) = retry_after {
            state.resume = state.resume.max(Some(now + pause));
        }
        if state.halved.is_none_or(|at| now - at >= HALVE_EVERY) {
            state.limit = (state.limit / 2).max(1);
            state.successes = 0;
            state.halved = Some(now);
        }
    }

    /// Waits until the cloud's pause is over; at once when there is none.
    pub(super) async fn ready(&self) {
        let resume = self.state().resume;
        if let Some(at) = resume {
            tokio::time::sleep_until(at).await;
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is consistent after every statement, so a panic elsewhere while it was held is harmless.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_refusals_at_once_halve_the_pace_once() {
        let pace = Pace::new(16);
        for _ in 0..5 {
            pace.throttled(None);
        }
        assert_eq!(pace.limit(), 4);

        tokio::time::advance(HALVE_EVERY).await;
        pace.throttled(None);
        assert_eq!(pace.limit(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pace_grows_by_one_after_a_round_of_answers_and_not_beyond_the_most() {
        let pace = Pace::new(9);
        (0..8).for_each(|_| pace.succeeded());
        assert_eq!(pace.limit(), 9);
        (0..100).for_each(|_| pace.succeeded());
        assert_eq!(pace.limit(), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_before_the_pause_the_cloud_asked_for_is_over() {
        let pace = Pace::new(4);
        pace.throttled(Some(Duration::from_secs(7)));
        let before = Instant::now();

        pace.ready().await;

        assert_eq!(before.elapsed(), Duration::from_secs(7));
    }

    #[test]
    fn there_is_always_room_for_one_request() {
        assert_eq!(Pace::new(0).limit(), 1);
    }
}
