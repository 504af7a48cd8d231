//! The token kept between requests. Requests that wait for a login share its outcome, good or bad.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::{AuthError, Generation, Session};
use crate::http::header::HeaderValue;

/// A token is replaced when less than this is left, as keystoneauth does.
const RENEW_BEFORE: Duration = Duration::from_mins(2);
/// How long a refused login is not repeated: clouds lock users out after several attempts.
const REFUSED_FOR: Duration = Duration::from_mins(1);
/// When an early renewal fails, the old token is used for this long before the next attempt.
const TRY_AGAIN: Duration = Duration::from_secs(15);

/// What a successful login gives.
#[derive(Clone)]
pub(super) struct Grant {
    /// Marked sensitive.
    pub(super) token: HeaderValue,
    pub(super) session: Arc<Session>,
    /// How long it is valid, where known.
    pub(super) lifetime: Option<Duration>,
    /// Whether a new login gives a token that lasts longer.
    pub(super) renewable: bool,
}

struct Held {
    generation: u64,
    grant: Option<Timed>,
    failed: Option<(AuthError, Instant)>,
    tried: u64,
}

struct Timed {
    grant: Grant,
    renew_at: Option<Instant>,
    ends_at: Option<Instant>,
}

impl Timed {
    fn new(grant: Grant, now: Instant) -> Self {
        let lifetime = grant.lifetime;
        // A token that lives shorter than the margin is not replaced at every request.
        let renew_after = lifetime.map(|whole| whole.saturating_sub(RENEW_BEFORE.min(whole / 2)));
        let renew_at =
            renew_after.filter(|_| grant.renewable).and_then(|after| now.checked_add(after));
        let ends_at = lifetime.and_then(|whole| now.checked_add(whole));
        Self { grant, renew_at, ends_at }
    }

    fn is_fresh(&self, now: Instant) -> bool {
        self.renew_at.is_none_or(|at| now < at)
    }

    fn is_valid(&self, now: Instant) -> bool {
        self.ends_at.is_none_or(|at| now < at)
    }
}

/// Keeps one token.
pub(super) struct TokenCache {
    /// Logins so far, readable without the lock: shows whether a login ended while a request waited for it.
    tried: AtomicU64,
    held: Mutex<Held>,
}

impl TokenCache {
    pub(super) fn new() -> Self {
        let held = Held { generation: 0, grant: None, failed: None, tried: 0 };
        Self { tried: AtomicU64::new(0), held: Mutex::new(held) }
    }

    /// The token, from `log_in` if there is none. The lock is held while logging in, on purpose: whoever else
    /// needs a token waits for this one. A caller that is cancelled lets the next one log in.
    pub(super) async fn get(
        &self,
        log_in: impl Future<Output = Result<Grant, AuthError>>,
    ) -> Result<(Grant, Generation), AuthError> {
        let tried_before = self.tried.load(Ordering::SeqCst);
        let mut held = self.held.lock().await;
        if let Some(known) = held.known(tried_before, Instant::now()) {
            return known;
        }
        let begun = Instant::now();
        let outcome = log_in.await;
        held.tried += 1;
        self.tried.store(held.tried, Ordering::SeqCst);
        held.settle(outcome, begun, Instant::now())
    }

    /// The token, if there is a valid one; sends nothing.
    pub(super) async fn valid(&self) -> Option<Grant> {
        let held = self.held.lock().await;
        let timed = held.grant.as_ref().filter(|timed| timed.is_valid(Instant::now()));
        timed.map(|timed| timed.grant.clone())
    }

    /// Forgets the token, unless it has been replaced since.
    pub(super) async fn forget(&self, refused: Generation) {
        let mut held = self.held.lock().await;
        if held.generation == refused.0 {
            held.grant = None;
        }
    }
}

impl Held {
    /// The outcome that is known without logging in.
    fn known(
        &self,
        tried_before: u64,
        now: Instant,
    ) -> Option<Result<(Grant, Generation), AuthError>> {
        if let Some(timed) = self.grant.as_ref().filter(|timed| timed.is_fresh(now)) {
            return Some(Ok((timed.grant.clone(), Generation(self.generation))));
        }
        let (error, at) = self.failed.as_ref()?;
        let shared = self.tried > tried_before;
        let sticky = error.is_final() && now.duration_since(*at) < REFUSED_FOR;
        (shared || sticky).then(|| Err(error.clone()))
    }

    fn settle(
        &mut self,
        outcome: Result<Grant, AuthError>,
        begun: Instant,
        now: Instant,
    ) -> Result<(Grant, Generation), AuthError> {
        match outcome {
            Ok(grant) => {
                self.generation += 1;
                self.failed = None;
                self.grant = Some(Timed::new(grant.clone(), begun));
                Ok((grant, Generation(self.generation)))
            }
            Err(error) => match self.grant.as_mut().filter(|timed| timed.is_valid(now)) {
                Some(timed) if error.is_transient() => {
                    timed.renew_at = now.checked_add(TRY_AGAIN);
                    Ok((timed.grant.clone(), Generation(self.generation)))
                }
                _ => {
                    self.grant = None;
                    self.failed = Some((error.clone(), now));
                    Err(error)
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Blame;
    use super::*;
    use crate::http::HttpError;
    use domain::ProjectId;

    fn grant(seconds: u64, renewable: bool) -> Grant {
        let session = Session {
            project_id: ProjectId("p".into()),
            project_name: None,
            user: None,
            roles: Vec::new(),
            expires_at: None,
            catalog: Vec::new(),
        };
        Grant {
            token: HeaderValue::from_static("t"),
            session: Arc::new(session),
            lifetime: Some(Duration::from_secs(seconds)),
            renewable,
        }
    }

    fn holding(grant: Grant, now: Instant) -> Held {
        let grant = Some(Timed::new(grant, now));
        Held { generation: 1, grant, failed: None, tried: 1 }
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_token_is_replaced_two_minutes_before_its_end() {
        let now = Instant::now();
        let held = holding(grant(3600, true), now);

        assert!(held.known(1, after(now, 3479)).is_some());
        assert!(held.known(1, after(now, 3481)).is_none());
    }

    #[test]
    fn a_token_that_cannot_be_renewed_is_used_to_its_end_and_beyond() {
        let now = Instant::now();
        let held = holding(grant(3600, false), now);

        assert!(held.known(1, after(now, 4000)).is_some(), "the cloud says when it has ended");
    }

    #[test]
    fn when_an_early_renewal_fails_the_token_is_used_while_it_lasts() {
        let start = Instant::now();
        let mut held = holding(grant(3600, true), start);
        let trouble = || Err(AuthError::from(HttpError::Unreachable("no route".into())));

        let (early, late) = (after(start, 3500), after(start, 3601));

        assert!(held.settle(trouble(), early, early).is_ok());
        assert!(held.known(1, after(early, 14)).is_some());
        assert!(held.known(1, after(early, 16)).is_none(), "tried again after a while");
        assert!(held.settle(trouble(), late, late).is_err());
    }

    #[test]
    fn a_refusal_is_not_asked_for_again_within_a_minute() {
        let now = Instant::now();
        let mut held = Held { generation: 0, grant: None, failed: None, tried: 0 };
        let refused = AuthError::new(Blame::Secret, "wrong password", "check it");

        assert!(held.settle(Err(refused), now, now).is_err());

        assert!(matches!(held.known(0, after(now, 59)), Some(Err(_))));
        assert!(held.known(0, after(now, 61)).is_none());
    }
}
