//! Sends the requests of a plan: each once, whatever comes back.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::operate::{Completion, Operator};
use super::retry::is_retryable_after;
use super::{Login, now};
use cloud::clients::{Accepted, CloudError};
use domain::operation::RequestState;
use domain::{Batch, OperationKind, Step, Text};

/// Batches under way at once on a cloud with jobs; no two of them name the same image.
const JOBS_AT_ONCE: usize = 4;
/// A request that the cloud refuses with "too many" was not carried out and is offered again this often.
const MAX_ATTEMPTS: u32 = 5;

impl Operator {
    /// Sends every waiting request once and polls each job to its end or its limit.
    pub(super) async fn send(&mut self, mut waiting: VecDeque<usize>) {
        let stop = self.stop.clone();
        loop {
            if stop.is_cancelled() {
                self.mark_unsent(&mut waiting).await;
            }
            self.send_ready(&mut waiting).await;
            if self.in_flight.is_empty() {
                if waiting.is_empty() {
                    return;
                }
                // Nothing could leave: it is stopped, and the rest is given up.
                continue;
            }
            tokio::select! {
                Some(completed) = self.in_flight.next() => self.on_completion(completed).await,
                () = stop.cancelled(), if !waiting.is_empty() => {}
            }
            // What came back in the meantime, so that the next requests leave together.
            while let Some(Some(completed)) = self.in_flight.next().now_or_never() {
                self.on_completion(completed).await;
            }
        }
    }

    /// Sends what may leave now: all of it is on the disk first, in one write.
    async fn send_ready(&mut self, waiting: &mut VecDeque<usize>) {
        let mut ready = Vec::new();
        while let Some(request) = self.next_ready(waiting, ready.len()) {
            ready.push(request);
        }
        if ready.is_empty() {
            return;
        }
        let at = now();
        let sending = |&request: &usize| Step::Sending { request, at };
        let steps: Vec<Step> = ready.iter().map(sending).collect();
        if !self.persist(&steps).await || self.stop.is_cancelled() {
            ready.into_iter().rev().for_each(|request| waiting.push_front(request));
            return;
        }
        for (request, step) in ready.into_iter().zip(steps) {
            self.apply(step).await;
            self.start_request(request);
        }
    }

    async fn mark_unsent(&mut self, waiting: &mut VecDeque<usize>) {
        let state = self.unsent_state();
        for request in waiting.drain(..) {
            self.record(Step::Unsent { request, state: state.clone(), at: now() }).await;
        }
    }

    /// The state of a request that is not sent: because of the journal, or because the user said stop.
    fn unsent_state(&self) -> RequestState {
        match &self.unrecorded {
            None => RequestState::Stopped,
            Some(failure) => RequestState::Refused { error: format!("not sent: {failure}").into() },
        }
    }

    /// The next request that may be sent now, beside others.
    fn next_ready(&mut self, waiting: &mut VecDeque<usize>, ready: usize) -> Option<usize> {
        let by_jobs = self.login.cloud.works_by_jobs();
        let limit = self.login.limiter.limit();
        let room = if by_jobs { JOBS_AT_ONCE.min(limit) } else { limit };
        if self.in_flight.len() + ready >= room {
            return None;
        }
        if !by_jobs {
            return waiting.pop_front();
        }
        let free = |request: &usize| {
            let images = self.batch(*request).into_iter().flat_map(|batch| &batch.images);
            images.into_iter().all(|image| !self.busy_images.contains(image))
        };
        let request = waiting.remove(waiting.iter().position(free)?)?;
        let images = self.batch(request).map(|batch| batch.images.clone());
        self.busy_images.extend(images.into_iter().flatten());
        Some(request)
    }

    fn start_request(&mut self, request: usize) {
        let (login, stop, kind) = (self.login.clone(), self.stop.clone(), self.operation.kind);
        let Some(batch) = self.batch(request).cloned() else { return };
        let request_in_flight = async move {
            let result = send_with_retries(&login, kind, &batch, &stop).await;
            Completion::Sent { request, result }
        };
        self.in_flight.push(request_in_flight.boxed());
    }

    pub(super) async fn accepted(
        &mut self,
        request: usize,
        Accepted { job, request_id }: Accepted,
    ) {
        let step = Step::Accepted { request, job: job.clone(), request_id, at: now() };
        self.record(step).await;
        match job {
            None => self.release(request),
            Some(job) => {
                self.poll(request, job);
            }
        }
    }

    pub(super) async fn rejected(&mut self, request: usize, error: &CloudError) {
        let words: Text = error.failure(self.operation.kind.word()).to_string().into();
        let state = match error {
            CloudError::Needless(_) => RequestState::Needless,
            CloudError::Stopped | CloudError::StoppedAfterRefusal => self.unsent_state(),
            error if error.is_refusal() => RequestState::Refused { error: words },
            _ => RequestState::Lost { error: words },
        };
        if error.never_left() {
            self.record(Step::Unsent { request, state, at: now() }).await;
            self.release(request);
        } else {
            self.end_request(request, state, error.request_id()).await;
        }
    }

    pub(super) async fn end_request(
        &mut self,
        request: usize,
        state: RequestState,
        request_id: Option<Text>,
    ) {
        self.record(Step::Rejected { request, state, request_id, at: now() }).await;
        self.release(request);
    }
}

/// Sends a batch. Only a refusal with "too many requests" is followed by another offer, because nothing was carried out
/// then; a pause of hours is not waited for. Everything else is the answer, a lost one too.
///
/// Whatever is waited for before a request leaves, a stop ends the waiting, and the request with it.
async fn send_with_retries(
    login: &Login,
    kind: OperationKind,
    batch: &Batch,
    stop: &CancellationToken,
) -> Result<Accepted, CloudError> {
    let mut wait = Duration::from_secs(1);
    let mut attempts = 0;
    loop {
        attempts += 1;
        let of = |error: CloudError| if attempts > 1 { error.after_refusal() } else { error };
        let permit = stop.run_until_cancelled(login.limiter.acquire()).await;
        let permit = permit.ok_or(CloudError::Stopped).map_err(of)?;
        let sent = Instant::now();
        let answer = login.cloud.change(kind, batch, stop).await;
        login.limiter.observe(sent, &answer);
        drop(permit);
        match answer {
            Err(CloudError::Throttled { refusal, retry_after })
                if attempts < MAX_ATTEMPTS
                    && refusal.status < 500
                    && is_retryable_after(retry_after) =>
            {
                let pause = sleep(retry_after.unwrap_or(wait));
                stop.run_until_cancelled(pause).await.ok_or(CloudError::StoppedAfterRefusal)?;
                wait *= 2;
            }
            answer => return answer.map_err(of),
        }
    }
}
