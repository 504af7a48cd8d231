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
    /// Since when nothing was answered, how many requests were not, and when the last one was let through.
    silent: Option<Silence>,
    resume: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Silence {
    since: Instant,
    requests: usize,
    tried: Instant,
}

/// A cloud that answered none of so many requests for so long is not waited for at every further one.
const GIVEN_UP_AFTER: (usize, Duration) = (6, Duration::from_mins(1));
/// It is tried again this often.
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// Where it begins: enough to fill a small cloud (a Glance 33 on two cores was measured to be full at 4).
const START: usize = 8;
/// Many refusals arrive together for one cause; they count once.
const HALVE_EVERY: Duration = Duration::from_secs(1);

impl Pace {
    /// At most `most` requests at once.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1);
        let limit = START.min(most);
        let state = State { limit, most, successes: 0, halved: None, silent: None, resume: None };
        Self(Mutex::new(state))
    }

    /// How many requests may be under way now.
    pub(super) fn limit(&self) -> usize {
        self.state().limit
    }

    /// A request was answered: after as many as the limit, one more is tried.
    pub(super) fn succeeded(&self) {
        let mut state = self.state();
        state.silent = None;
        state.successes += 1;
        if state.successes >= state.limit && state.limit < state.most {
            (state.limit, state.successes) = (state.limit + 1, 0);
        }
    }

    /// The cloud asked for less, and perhaps for a pause.
    pub(super) fn throttled(&self, retry_after: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.state();
        state.silent = None;
        if let Some(pause) = retry_after {
            // A moment beyond all time is none.
            state.resume = state.resume.max(now.checked_add(pause));
        }
        if state.halved.is_none_or(|at| now - at >= HALVE_EVERY) {
            state.limit = (state.limit / 2).max(1);
            state.successes = 0;
            state.halved = Some(now);
        }
    }

    /// A request was answered, with whatever.
    pub(super) fn answered(&self) {
        self.state().silent = None;
    }

    /// A request was not answered.
    pub(super) fn unanswered(&self) {
        let now = Instant::now();
        let mut state = self.state();
        let silence = state.silent.get_or_insert(Silence { since: now, requests: 0, tried: now });
        silence.requests += 1;
    }

    /// Whether the cloud is to be asked: not while it answers nobody, but for one request now and then.
    pub(super) fn is_answered(&self) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        let Some(silence) = state.silent.as_mut() else { return true };
        let (requests, long) = GIVEN_UP_AFTER;
        let given_up = silence.requests >= requests && now - silence.since >= long;
        if given_up && now - silence.tried < TRY_AGAIN {
            return false;
        }
        silence.tried = now;
        true
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

    #[tokio::test(start_paused = true)]
    async fn a_pause_beyond_all_time_is_none() {
        let pace = Pace::new(4);
        pace.throttled(Some(Duration::from_secs(u64::MAX)));
        pace.ready().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_cloud_that_answers_nobody_is_asked_now_and_then_until_it_answers() {
        let pace = Pace::new(4);
        (0..10).for_each(|_| pace.unanswered());
        assert!(pace.is_answered(), "it may be a short trouble");

        tokio::time::advance(Duration::from_mins(1)).await;
        let asked = (0..5).filter(|_| pace.is_answered()).count();
        assert_eq!(asked, 1);
        tokio::time::advance(TRY_AGAIN).await;
        assert!(pace.is_answered());

        pace.answered();
        assert!((0..5).all(|_| pace.is_answered()));
    }

    #[test]
    fn there_is_always_room_for_one_request() {
        assert_eq!(Pace::new(0).limit(), 1);
    }
}
