//! Reads that are retried while that can help. Only reads: a change is never retried here.

use std::future::Future;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder, Retryable};
use tokio::time::{Instant, sleep};

use super::limiter::Limiter;
use cloud::auth::AuthError;
use cloud::clients::CloudError;

/// Retries after the first try.
const RETRIES: usize = 4;
const FIRST_WAIT: Duration = Duration::from_millis(400);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A read whose tries have taken so long together is not retried: a server that never answers costs one more deadline at
/// most. Waits do not count.
const LONG_ENOUGH: Duration = Duration::from_secs(45);

/// The longest `Retry-After` that sharelock waits for. A longer one is an error, so that no command waits for hours.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(2);

fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .with_max_times(RETRIES)
        .with_jitter()
}

/// Reads, and retries with jittered backoff while the failure is transient; the cloud's own `Retry-After` comes before
/// that. Every try takes a permit of its own, and none is held in between.
pub(super) async fn read<T, F>(
    limiter: &Limiter,
    mut request: impl FnMut() -> F,
) -> Result<T, CloudError>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let (mut waits, mut spent) = (backoff().build(), Duration::ZERO);
    loop {
        let request = async {
            let begun = Instant::now();
            let result = request().await;
            spent += begun.elapsed();
            result
        };
        let error = match limiter.run(request).await {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        let Some(wait) = waits.next().filter(|_| is_worth_retrying(&error, spent)) else {
            return Err(error);
        };
        sleep(with_retry_after(&error, wait)).await;
    }
}

/// Logs in, again after a while where the login service was too busy to look at it. What it has refused is never sent
/// again: clouds lock users out who try on.
pub(super) async fn log_in<T, F>(request: impl FnMut() -> F) -> Result<T, AuthError>
where
    F: Future<Output = Result<T, AuthError>>,
{
    let is_worth_it = |error: &AuthError| error.asks_to_wait().is_some_and(is_retryable_after);
    let pause = |error: &AuthError, wait: Option<Duration>| match error.asks_to_wait().flatten() {
        Some(pause) => wait.map(|wait| wait.min(FIRST_WAIT).max(pause)),
        None => wait,
    };
    request.retry(backoff()).when(is_worth_it).adjust(pause).await
}

/// Whether a request may be retried after this `Retry-After`. The only rule for reads, changes and logins.
pub(super) fn is_retryable_after(retry_after: Option<Duration>) -> bool {
    retry_after.is_none_or(|pause| pause <= LONGEST_RETRY_AFTER)
}

fn is_worth_retrying(error: &CloudError, spent: Duration) -> bool {
    match error {
        CloudError::Throttled { retry_after, .. } => is_retryable_after(*retry_after),
        error => error.is_transient() && spent < LONG_ENOUGH,
    }
}

fn with_retry_after(error: &CloudError, wait: Duration) -> Duration {
    match error {
        CloudError::Throttled { retry_after: Some(pause), .. } => wait.min(FIRST_WAIT).max(*pause),
        _ => wait,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::StreamExt;

    use super::*;
    use cloud::auth::Blame;
    use cloud::clients::error::ApiError;

    fn refusal(status: u16) -> ApiError {
        ApiError { status, code: None, message: "no".into(), request_id: None }
    }

    async fn tries(error: impl Fn() -> CloudError) -> usize {
        let tries = Cell::new(0);
        let result: Result<(), _> = read(&Limiter::new(4), || {
            tries.set(tries.get() + 1);
            let error = error();
            async { Err(error) }
        })
        .await;
        assert!(result.is_err());
        tries.get()
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_is_retried_while_the_failure_may_pass() {
        assert_eq!(tries(|| CloudError::Lost("reset".into())).await, 1 + RETRIES);
        assert_eq!(tries(|| CloudError::Answered(refusal(502))).await, 1 + RETRIES);
    }

    #[tokio::test(start_paused = true)]
    async fn a_plain_refusal_is_not_retried() {
        assert_eq!(tries(|| CloudError::Forbidden(refusal(403))).await, 1);
        assert_eq!(tries(|| CloudError::Unauthorized(refusal(401))).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_cloud_s_own_retry_after_is_kept() {
        let (first, start) = (Cell::new(true), Instant::now());
        let result = read(&Limiter::new(4), || {
            let throttled = CloudError::Throttled {
                refusal: refusal(429),
                retry_after: Some(Duration::from_secs(9)),
            };
            let answer = if first.replace(false) { Err(throttled) } else { Ok(()) };
            async { answer }
        })
        .await;

        assert!(result.is_ok());
        assert!(start.elapsed() >= Duration::from_secs(9));
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_ran_into_its_deadline_is_retried_once_and_not_five_times() {
        let (tries, start) = (Cell::new(0), Instant::now());
        let result: Result<(), _> = read(&Limiter::new(4), || {
            tries.set(tries.get() + 1);
            async {
                tokio::time::sleep(Duration::from_secs(30)).await;
                Err(CloudError::Lost("silence".into()))
            }
        })
        .await;

        assert!(result.is_err());
        assert_eq!(tries.get(), 2);
        assert!(start.elapsed() < Duration::from_secs(65));
    }

    /// A thousand reads, eight queued at once, of a cloud that takes so long for each; how many were sent.
    async fn thousand_reads(
        limiter: &Limiter,
        answer: impl Fn(usize) -> (u64, Result<(), CloudError>),
    ) -> usize {
        let sent = Cell::new(0);
        let request = |number: usize| {
            let (seconds, result) = answer(number);
            let sent = &sent;
            async move {
                sent.set(sent.get() + 1);
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                result
            }
        };
        let one = |number| read(limiter, move || request(number));
        let one: &dyn Fn(usize) -> _ = &one;
        let reads = futures_util::stream::iter(0..1000).map(one).buffer_unordered(8);
        reads.for_each(|_| std::future::ready(())).await;
        sent.get()
    }

    fn lost() -> Result<(), CloudError> {
        Err(CloudError::Lost("silence".into()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_reads_of_a_cloud_that_answers_nothing_end_soon_after_the_first() {
        let (limiter, start) = (Limiter::new(16), Instant::now());

        let sent = thousand_reads(&limiter, |_| (30, lost())).await;

        assert!(start.elapsed() < Duration::from_mins(2), "{:?}", start.elapsed());
        assert!(sent < 30, "{sent}");
        assert!(matches!(read(&limiter, || async { Ok(1) }).await, Err(CloudError::Unresponsive)));
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(read(&limiter, || async { Ok(1) }).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cloud_that_sends_a_byte_a_second_is_given_up_after_minutes_whatever_the_limit() {
        for most in [1, 2, 8, 16] {
            let (limiter, start) = (Limiter::new(most), Instant::now());
            // Short answers arrive after a while, long ones run into the deadline of two minutes.
            let drip = |number| match number % 3 {
                0 => (46, Ok(())),
                _ => (120, lost()),
            };

            let sent = thousand_reads(&limiter, drip).await;

            let minutes = start.elapsed().as_secs_f64() / 60.0;
            assert!(minutes < 5.0, "limit {most}: {minutes} min");
            assert!(sent < 30, "limit {most}: {sent} requests");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_image_whose_members_hang_costs_no_other_its_reading() {
        for most in [1, 2, 8] {
            let limiter = Limiter::new(most);
            let failed = Cell::new(0);
            let answer = |number| match number {
                5 => (120, lost()),
                _ => (0, Ok(())),
            };
            let one = |number| {
                read(&limiter, move || async move {
                    let (seconds, result) = answer(number);
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                    result
                })
            };
            let reads = futures_util::stream::iter(0..100).map(one).buffer_unordered(8);
            reads
                .for_each(|result| {
                    failed.set(failed.get() + usize::from(result.is_err()));
                    std::future::ready(())
                })
                .await;
            assert_eq!(failed.get(), 1, "limit {most}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_permit_is_held_while_a_read_waits_for_its_next_try() {
        let limiter = Limiter::new(1);
        let (first, start) = (Cell::new(true), Instant::now());
        let retried = read(&limiter, || {
            let answer = if first.replace(false) { lost() } else { Ok(()) };
            async { answer }
        });
        let other = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let read = read(&limiter, || async { Ok(()) }).await;
            assert!(start.elapsed() < FIRST_WAIT, "it waited for the other's backoff");
            read
        };
        let (retried, other) = tokio::join!(retried, other);
        assert!(retried.is_ok() && other.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_503_slows_the_session_down_with_and_without_a_pause() {
        let limiter = Limiter::new(8);
        let _: Result<(), _> =
            read(&limiter, || async { Err(CloudError::Answered(refusal(503))) }).await;
        assert!(limiter.limit() < 8);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_too_long_is_not_requested_again() {
        assert_eq!(tries(|| CloudError::TooLong("more than 16 MiB".into())).await, 1);
    }

    async fn logins(status: u16, pause: Option<u64>) -> (usize, Duration) {
        let (tries, start) = (Cell::new(0), Instant::now());
        let _: Result<(), _> = log_in(|| {
            tries.set(tries.get() + 1);
            let pause = pause.map(Duration::from_secs);
            let blame = Blame::Service { status, retry_after: pause };
            async move { Err(AuthError::new(blame, "busy", "try again later")) }
        })
        .await;
        (tries.get(), start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_is_sent_again_only_where_the_service_was_too_busy_to_look_at_it() {
        let (tries, took) = logins(429, Some(7)).await;
        assert_eq!(tries, 1 + RETRIES);
        assert!(took >= Duration::from_secs(28) && took < Duration::from_secs(32), "{took:?}");
        assert_eq!(logins(503, None).await.0, 1 + RETRIES);
        for (status, pause) in
            [(401, None), (403, None), (400, None), (500, None), (429, Some(9999))]
        {
            assert_eq!(logins(status, pause).await.0, 1, "{status}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_of_hours_is_an_answer() {
        let throttled = || CloudError::Throttled {
            refusal: refusal(429),
            retry_after: Some(Duration::from_hours(2)),
        };
        assert_eq!(tries(throttled).await, 1);
        let for_ever = || CloudError::Throttled {
            refusal: refusal(429),
            retry_after: Some(Duration::from_secs(u64::MAX)),
        };
        assert_eq!(tries(for_ever).await, 1);
    }
}
