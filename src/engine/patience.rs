//! Reads that are repeated while that can help. Only reads: a change is never repeated here.

use std::future::Future;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use tokio::time::Instant;

use super::pace::Pace;
use crate::auth::AuthError;
use crate::cloud::CloudError;

/// Repeats after the first try.
const REPEATS: usize = 4;
const FIRST_WAIT: Duration = Duration::from_millis(400);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A cloud that asks for a longer pause than this is given up on, so that nobody waits for hours unknowingly.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);
/// A read that has taken so long is not begun again: a server that never answers costs one more deadline at most.
const LONG_ENOUGH: Duration = Duration::from_secs(45);

/// Said of a read that is not even tried.
const SILENT: &str = "it has answered nothing for a minute, so it is asked less often";

/// Reads, again and again with growing jittered waits while the failure is transient; honours the cloud's own
/// pause, and slows the session down when the cloud says "too many".
pub(super) async fn read<T, F>(pace: &Pace, mut request: impl FnMut() -> F) -> Result<T, CloudError>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let begun = Instant::now();
    let attempt = || {
        let request = request();
        async move {
            if !pace.is_answered() {
                return Err(CloudError::Lost(SILENT.into()));
            }
            pace.ready().await;
            let result = request.await;
            note(pace, &result);
            result
        }
    };
    let waits = ExponentialBuilder::default()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .with_max_times(REPEATS)
        .with_jitter();
    let may_pass = |error: &CloudError| {
        is_worth_repeating(error)
            && !matches!(error, CloudError::Lost(why) if why == SILENT)
            && (begun.elapsed() < LONG_ENOUGH || matches!(error, CloudError::Throttled { .. }))
    };
    attempt.retry(waits).when(may_pass).adjust(cloud_knows_better).await
}

/// Logs in, again after a while where the login service was too busy to look at it. What it has refused is never sent
/// again: clouds lock users out who try on.
pub(super) async fn log_in<T, F>(request: impl FnMut() -> F) -> Result<T, AuthError>
where
    F: Future<Output = Result<T, AuthError>>,
{
    let waits = ExponentialBuilder::default()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .with_max_times(REPEATS)
        .with_jitter();
    let is_worth_it = |error: &AuthError| error.asks_to_wait().is_some_and(is_waited_for);
    let pause = |error: &AuthError, wait: Option<Duration>| match error.asks_to_wait().flatten() {
        Some(pause) => wait.map(|wait| wait.min(FIRST_WAIT).max(pause)),
        None => wait,
    };
    request.retry(waits).when(is_worth_it).adjust(pause).await
}

fn note<T>(pace: &Pace, result: &Result<T, CloudError>) {
    match result {
        Ok(_) => pace.succeeded(),
        Err(CloudError::Throttled { retry_after, .. }) => {
            pace.throttled(retry_after.filter(|pause| is_waited_for(Some(*pause))));
        }
        Err(CloudError::Answered(refusal)) if refusal.status == 503 => pace.throttled(None),
        Err(CloudError::Lost(_) | CloudError::Unreachable(_)) => pace.unanswered(),
        Err(_) => pace.answered(),
    }
}

fn is_worth_repeating(error: &CloudError) -> bool {
    let may_pass = match error {
        CloudError::Throttled { retry_after, .. } => is_waited_for(*retry_after),
        _ => true,
    };
    may_pass && error.is_transient()
}

/// Whether anybody waits for the pause that a cloud asks for. The one rule for reads and changes.
pub(super) fn is_waited_for(pause: Option<Duration>) -> bool {
    pause.is_none_or(|pause| pause <= LONGEST_PAUSE)
}

fn cloud_knows_better(error: &CloudError, wait: Option<Duration>) -> Option<Duration> {
    match error {
        CloudError::Throttled { retry_after: Some(pause), .. } => {
            wait.map(|wait| wait.min(FIRST_WAIT).max(*pause))
        }
        _ => wait,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::StreamExt;

    use super::*;
    use crate::cloud::error::Refusal;

    fn refusal(status: u16) -> Refusal {
        Refusal { status, code: None, message: "no".into(), request_id: None }
    }

    async fn tries(error: impl Fn() -> CloudError) -> usize {
        let tries = Cell::new(0);
        let result: Result<(), _> = read(&Pace::new(4), || {
            tries.set(tries.get() + 1);
            let error = error();
            async { Err(error) }
        })
        .await;
        assert!(result.is_err());
        tries.get()
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_is_repeated_while_the_failure_may_pass() {
        assert_eq!(tries(|| CloudError::Lost("reset".into())).await, 1 + REPEATS);
        assert_eq!(tries(|| CloudError::Answered(refusal(502))).await, 1 + REPEATS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_plain_no_is_not_asked_again() {
        assert_eq!(tries(|| CloudError::Forbidden(refusal(403))).await, 1);
        assert_eq!(tries(|| CloudError::Unauthorized(refusal(401))).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_cloud_s_own_pause_is_kept() {
        let (first, start) = (Cell::new(true), Instant::now());
        let result = read(&Pace::new(4), || {
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
    async fn a_read_that_ran_into_its_deadline_is_begun_anew_once_and_not_five_times() {
        let (tries, start) = (Cell::new(0), Instant::now());
        let result: Result<(), _> = read(&Pace::new(4), || {
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

    #[tokio::test(start_paused = true)]
    async fn a_thousand_reads_of_a_cloud_that_answers_nothing_end_soon_after_the_first() {
        let (pace, tries, start) = (Pace::new(4), Cell::new(0), Instant::now());
        let asked = || async {
            tries.set(tries.get() + 1);
            tokio::time::sleep(Duration::from_secs(30)).await;
            Err::<(), _>(CloudError::Lost("silence".into()))
        };
        let one = |_| read(&pace, asked);
        let reads = futures_util::stream::iter(0..1000).map(one).buffer_unordered(4);
        reads.for_each(|result| async move { assert!(result.is_err()) }).await;

        assert!(start.elapsed() < Duration::from_mins(3), "{:?}", start.elapsed());
        assert!(tries.get() < 30, "{}", tries.get());
        pace.answered();
        assert_eq!(read(&pace, || async { Ok(1) }).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_503_slows_the_session_down_with_and_without_a_pause() {
        let pace = Pace::new(8);
        let _: Result<(), _> =
            read(&pace, || async { Err(CloudError::Answered(refusal(503))) }).await;
        assert!(pace.limit() < 8);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_too_long_is_not_asked_for_again() {
        assert_eq!(tries(|| CloudError::TooLong("more than 16 MiB".into())).await, 1);
    }

    async fn logins(status: u16, pause: Option<u64>) -> (usize, Duration) {
        let (tries, start) = (Cell::new(0), Instant::now());
        let _: Result<(), _> = log_in(|| {
            tries.set(tries.get() + 1);
            let pause = pause.map(Duration::from_secs);
            let message = "busy".into();
            async move { Err(AuthError::Answered { status, message, pause, request_id: None }) }
        })
        .await;
        (tries.get(), start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_is_sent_again_only_where_the_service_was_too_busy_to_look_at_it() {
        let (tries, took) = logins(429, Some(7)).await;
        assert_eq!(tries, 1 + REPEATS);
        assert!(took >= Duration::from_secs(28) && took < Duration::from_secs(32), "{took:?}");
        assert_eq!(logins(503, None).await.0, 1 + REPEATS);
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
