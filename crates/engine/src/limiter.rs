//! The concurrency limit of one scope: every HTTP request of its login takes a permit here, whatever it is for.
//!
//! The limit is halved when the cloud answers 429 or 503 and grows slowly again. A `Retry-After` holds back every
//! request of the scope. A cloud that stops answering is tried by one request at a time, for which the others wait.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use super::retry::is_retryable_after;
use cloud::clients::CloudError;

/// Where the limit begins: enough to fill a small cloud (a Glance 33 on two cores was measured to be full at 4).
const START: usize = 8;
/// Many refusals arrive together for one cause; they count once.
const HALVE_EVERY: Duration = Duration::from_secs(1);

/// A cloud counts as unresponsive when it has not answered for so long…
const UNRESPONSIVE_AFTER: Duration = Duration::from_mins(1);
/// … and so many requests were lost meanwhile, or as many as may be under way at once. After fewer than these the next
/// request is a probe; after these many it fails at once.
const MIN_LOST: usize = 6;
/// An answer that took longer than this does not prove that the cloud is well: it may send a byte a second.
const SLOW_RESPONSE: Duration = Duration::from_secs(30);
/// After a failed probe, requests fail at once for so long.
const PROBE_INTERVAL: Duration = Duration::from_secs(30);

/// Shared by everything that sends requests to one scope.
#[derive(Debug)]
pub(super) struct Limiter {
    permits: Semaphore,
    state: Mutex<State>,
    /// A probe of an unresponsive cloud has ended.
    probe_ended: Notify,
}

#[derive(Debug)]
struct State {
    limit: usize,
    max: usize,
    /// Permits that are taken and must not come back, because the limit was lowered meanwhile.
    surplus: usize,
    successes: usize,
    halved: Option<Instant>,
    /// The end of the pause that the cloud asked for.
    paused_until: Option<Instant>,
    /// The last answer that did not take long.
    answered: Option<Instant>,
    silence: Option<Silence>,
    probe: bool,
}

#[derive(Clone, Copy, Debug)]
struct Silence {
    since: Instant,
    lost: usize,
    refused_until: Option<Instant>,
}

/// The right to send one request. Not to be held while sleeping or while waiting for another permit.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    limiter: &'a Limiter,
    permit: Option<SemaphorePermit<'a>>,
}

/// A request to a cloud that may be unresponsive: its one probe, where the cloud is.
#[derive(Debug)]
struct Probe<'a>(Option<&'a Limiter>);

enum Gate {
    Open,
    Probe,
    /// Another request is the probe.
    Wait,
    Closed,
}

impl Limiter {
    /// At most `max` requests at once.
    pub(super) fn new(max: usize) -> Self {
        let max = max.max(1);
        let limit = START.min(max);
        let state = State {
            limit,
            max,
            surplus: 0,
            successes: 0,
            halved: None,
            paused_until: None,
            answered: None,
            silence: None,
            probe: false,
        };
        let permits = Semaphore::new(limit);
        Self { permits, state: Mutex::new(state), probe_ended: Notify::new() }
    }

    /// How many requests may be under way now. It changes with every answer, so it is only good for deciding how much
    /// to queue.
    pub(super) fn limit(&self) -> usize {
        self.state().limit
    }

    /// What [`Limiter::limit`] never exceeds.
    pub(super) fn max(&self) -> usize {
        self.state().max
    }

    /// Waits until a request may leave: for the end of the cloud's pause, and for one of the permits. First come,
    /// first served.
    pub(super) async fn acquire(&self) -> Permit<'_> {
        loop {
            while let Some(end) = self.pause() {
                sleep_until(end).await;
            }
            // Only a closed semaphore gives none, and this one is never closed.
            let permit = Permit { limiter: self, permit: self.permits.acquire().await.ok() };
            if self.pause().is_none() {
                return permit;
            }
        }
    }

    /// Sends a request that changes nothing when it may leave, and learns from what comes of it. It is not sent to a
    /// cloud that is unresponsive: [`CloudError::Unresponsive`].
    pub(super) async fn run<T>(
        &self,
        request: impl Future<Output = Result<T, CloudError>>,
    ) -> Result<T, CloudError> {
        let _admission = self.admit().await?;
        let sent = Instant::now();
        let result = request.await;
        self.observe(sent, &result);
        result
    }

    /// Takes account of the result of a request that left at `sent`.
    pub(super) fn observe<T>(&self, sent: Instant, result: &Result<T, CloudError>) {
        match result {
            Ok(_) => self.succeeded(sent),
            Err(CloudError::Throttled { retry_after, .. }) => self.throttled(sent, *retry_after),
            Err(CloudError::Answered(refusal)) if refusal.status == 503 => {
                self.throttled(sent, None);
            }
            Err(CloudError::Lost(_) | CloudError::Unreachable(_)) => self.lost(sent),
            // Nothing was asked of the cloud.
            Err(
                CloudError::NotSent(_)
                | CloudError::Stopped
                | CloudError::StoppedAfterRefusal
                | CloudError::Unresponsive,
            ) => {}
            Err(_) => self.state().answered(sent),
        }
    }

    /// After as many successes as the limit, one more request at a time is allowed.
    fn succeeded(&self, sent: Instant) {
        let mut state = self.state();
        state.answered(sent);
        state.successes += 1;
        if state.successes >= state.limit && state.limit < state.max {
            (state.limit, state.successes) = (state.limit + 1, 0);
            if state.surplus > 0 {
                state.surplus -= 1;
            } else {
                self.permits.add_permits(1);
            }
        }
    }

    fn throttled(&self, sent: Instant, retry_after: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.state();
        state.answered(sent);
        if let Some(pause) = retry_after.filter(|pause| is_retryable_after(Some(*pause))) {
            state.paused_until = state.paused_until.max(now.checked_add(pause));
        }
        if state.halved.is_none_or(|at| now - at >= HALVE_EVERY) {
            let limit = (state.limit / 2).max(1);
            let fewer = state.limit - limit;
            state.surplus += fewer - self.permits.forget_permits(fewer);
            (state.limit, state.successes, state.halved) = (limit, 0, Some(now));
        }
    }

    fn lost(&self, sent: Instant) {
        let now = Instant::now();
        let mut state = self.state();
        let since = state.answered.map_or(sent, |answered| answered.max(sent));
        let probe = state.probe;
        let silence = state.silence.get_or_insert(Silence { since, lost: 0, refused_until: None });
        silence.lost += 1;
        let logged_in = probe || silence.lost >= MIN_LOST;
        if logged_in && now - silence.since >= UNRESPONSIVE_AFTER {
            silence.refused_until = Some(now + PROBE_INTERVAL);
        }
    }

    /// As [`Limiter::acquire`]; waits while another request tries an unresponsive cloud, and is an error while such a
    /// cloud is not to be tried.
    async fn admit(&self) -> Result<(Probe<'_>, Permit<'_>), CloudError> {
        loop {
            let mut ended = std::pin::pin!(self.probe_ended.notified());
            // From here on the end of a probe is noticed, also when it comes before the wait for it.
            ended.as_mut().enable();
            let permit = self.acquire().await;
            let gate = self.state().gate();
            match gate {
                Gate::Open => return Ok((Probe(None), permit)),
                Gate::Probe => return Ok((Probe(Some(self)), permit)),
                Gate::Closed => return Err(CloudError::Unresponsive),
                Gate::Wait => {
                    drop(permit);
                    ended.await;
                }
            }
        }
    }

    fn pause(&self) -> Option<Instant> {
        self.state().paused_until.filter(|end| *end > Instant::now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent after every statement, so a panic elsewhere while it was held is harmless.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The cloud answered a request that left at `sent`, with whatever.
    fn answered(&mut self, sent: Instant) {
        let now = Instant::now();
        if now - sent < SLOW_RESPONSE {
            (self.answered, self.silence) = (Some(now), None);
        }
    }

    fn gate(&mut self) -> Gate {
        let now = Instant::now();
        let Some(silence) = self.silence else { return Gate::Open };
        let lost = silence.lost >= MIN_LOST.min(self.limit);
        if !lost || now - silence.since < UNRESPONSIVE_AFTER {
            return Gate::Open;
        }
        if silence.refused_until.is_some_and(|until| now < until) {
            return Gate::Closed;
        }
        if self.probe {
            return Gate::Wait;
        }
        self.probe = true;
        Gate::Probe
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let Some(permit) = self.permit.take() else { return };
        let mut state = self.limiter.state();
        if state.surplus > 0 {
            state.surplus -= 1;
            permit.forget();
        }
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if let Some(limiter) = self.0 {
            limiter.state().probe = false;
            limiter.probe_ended.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use cloud::clients::ApiError;

    fn too_many<T>(retry_after: Option<Duration>) -> Result<T, CloudError> {
        let refusal = ApiError { status: 429, code: None, message: "no".into(), request_id: None };
        Err(CloudError::Throttled { refusal, retry_after })
    }

    fn lost() -> Result<(), CloudError> {
        Err(CloudError::Lost("silence".into()))
    }

    fn throttle(limiter: &Limiter) {
        limiter.observe::<()>(Instant::now(), &too_many(None));
    }

    /// How many permits can be had at the same time.
    async fn at_once(limiter: &Limiter) -> usize {
        let mut taken = Vec::new();
        while let Ok(permit) =
            tokio::time::timeout(Duration::from_millis(1), limiter.acquire()).await
        {
            taken.push(permit);
        }
        taken.len()
    }

    #[tokio::test(start_paused = true)]
    async fn many_refusals_at_once_halve_the_limit_once() {
        let limiter = Limiter::new(16);
        (0..5).for_each(|_| throttle(&limiter));
        assert_eq!((limiter.limit(), at_once(&limiter).await), (4, 4));

        tokio::time::advance(HALVE_EVERY).await;
        throttle(&limiter);
        assert_eq!((limiter.limit(), at_once(&limiter).await), (2, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_grows_by_one_after_a_round_of_answers_and_not_beyond_the_configured_one() {
        let limiter = Limiter::new(9);
        let succeed = || limiter.observe(Instant::now(), &Ok(()));
        (0..8).for_each(|_| succeed());
        assert_eq!((limiter.limit(), at_once(&limiter).await), (9, 9));
        (0..100).for_each(|_| succeed());
        assert_eq!((limiter.limit(), at_once(&limiter).await), (9, 9));
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_is_lowered_while_all_permits_are_taken_holds_when_they_come_back() {
        let limiter = Limiter::new(8);
        let mut taken = Vec::new();
        for _ in 0..8 {
            taken.push(limiter.acquire().await);
        }
        throttle(&limiter);

        taken.truncate(4);
        assert_eq!(at_once(&limiter).await, 0, "four are still under way");
        taken.clear();
        assert_eq!(at_once(&limiter).await, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_grows_again_before_the_permits_came_back_is_not_exceeded() {
        let limiter = Limiter::new(8);
        let mut taken = Vec::new();
        for _ in 0..8 {
            taken.push(limiter.acquire().await);
        }
        throttle(&limiter);
        (0..4).for_each(|_| limiter.observe(Instant::now(), &Ok(())));
        assert_eq!(limiter.limit(), 5);

        taken.clear();
        assert_eq!(at_once(&limiter).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn reads_that_are_queued_already_are_slowed_down_by_a_429() {
        let limiter = Arc::new(Limiter::new(8));
        let open = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let mut reads = tokio::task::JoinSet::new();
        for number in 0..40 {
            let (limiter, open, most) = (limiter.clone(), open.clone(), most.clone());
            reads.spawn(async move {
                let request = async {
                    let now = open.fetch_add(1, Ordering::SeqCst) + 1;
                    tokio::time::sleep(Duration::from_secs(2)).await;
                    open.fetch_sub(1, Ordering::SeqCst);
                    // The third round: the second begins before all of the first is over, and the limit grows again.
                    if (16..20).contains(&number) {
                        most.fetch_max(now, Ordering::SeqCst);
                    }
                    if number == 0 { too_many(None) } else { Ok(()) }
                };
                let _ = limiter.run(request).await;
            });
        }
        reads.join_all().await;

        let most = most.load(Ordering::SeqCst);
        assert!(most < 8, "{most} at once, and 8 before the 429");
    }

    #[tokio::test(start_paused = true)]
    async fn no_request_leaves_before_the_pause_the_cloud_asked_for_is_over() {
        let limiter = Limiter::new(4);
        let refused = limiter.run(async { too_many::<()>(Some(Duration::from_secs(7))) }).await;
        assert!(refused.is_err());
        let before = Instant::now();

        drop(limiter.acquire().await);

        assert_eq!(before.elapsed(), Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_waits_for_a_permit_heeds_a_pause_that_begins_meanwhile() {
        let limiter = Limiter::new(1);
        let before = Instant::now();
        let first = limiter.run(async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            too_many::<()>(Some(Duration::from_secs(7)))
        });
        let second = limiter.acquire();
        let (_, permit) = tokio::join!(first, second);
        drop(permit);

        assert_eq!(before.elapsed(), Duration::from_secs(8));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_of_hours_holds_nothing_back() {
        let limiter = Limiter::new(4);
        for pause in [Duration::from_hours(2), Duration::from_secs(u64::MAX)] {
            limiter.observe::<()>(Instant::now(), &too_many(Some(pause)));
            drop(limiter.acquire().await);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn while_one_trial_of_an_unresponsive_cloud_is_out_the_others_wait_for_it() {
        let limiter = Limiter::new(4);
        let sent = Instant::now();
        tokio::time::advance(UNRESPONSIVE_AFTER).await;
        (0..4).for_each(|_| limiter.observe(sent, &lost()));

        let probe = limiter.admit().await.unwrap();
        let wait = || tokio::time::timeout(Duration::from_mins(1), limiter.admit());
        assert!(wait().await.is_err(), "a second one was admitted");

        limiter.observe(Instant::now(), &lost());
        drop(probe);
        assert!(matches!(wait().await, Ok(Err(CloudError::Unresponsive))));

        tokio::time::advance(PROBE_INTERVAL).await;
        let probe = limiter.admit().await.unwrap();
        limiter.observe(Instant::now(), &Ok(()));
        drop(probe);
        assert!(matches!(wait().await, Ok(Ok(_))));
        assert!(matches!(wait().await, Ok(Ok(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_is_given_up_leaves_its_turn_to_another() {
        let limiter = Limiter::new(1);
        let sent = Instant::now();
        tokio::time::advance(UNRESPONSIVE_AFTER).await;
        limiter.observe(sent, &lost());

        let probe = limiter.admit().await.unwrap();
        let mut other = std::pin::pin!(limiter.admit());
        assert!(futures_util::poll!(&mut other).is_pending());
        drop(probe);
        assert!(other.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_took_long_does_not_count_as_a_sign_of_life() {
        let limiter = Limiter::new(8);
        let sent = Instant::now();
        tokio::time::advance(UNRESPONSIVE_AFTER).await;
        (0..MIN_LOST).for_each(|_| limiter.observe(sent, &lost()));
        limiter.observe(sent, &Ok(()));
        assert!(matches!(limiter.admit().await, Err(CloudError::Unresponsive)));

        limiter.observe(Instant::now(), &Ok(()));
        assert!(limiter.admit().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_that_hangs_among_others_that_are_answered_makes_no_cloud_unresponsive() {
        let limiter = Limiter::new(2);
        let sent = Instant::now();
        tokio::time::advance(Duration::from_mins(2)).await;
        limiter.observe(Instant::now(), &Ok(()));
        (0..2).for_each(|_| limiter.observe(sent, &lost()));
        let (_first, second) = (limiter.admit().await, limiter.admit().await);
        assert!(second.is_ok(), "both at the same time");
    }

    #[test]
    fn at_least_one_request_at_a_time_is_allowed() {
        assert_eq!(Limiter::new(0).limit(), 1);
    }
}
