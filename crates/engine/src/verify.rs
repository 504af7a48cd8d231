//! Verifies: the members are read a second time, and every share gets its outcome.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::sleep;

use super::operate::Operator;
use super::precheck::images_of;
use super::{OperationEvent, Reading, now, outcome};
use domain::operation::ShareRecord;
use domain::text::counted;
use domain::{Batch, Failure, Moment, Outcome, Share, Step};

impl Operator {
    /// Settles every share that has no outcome yet, or one that may be out of date.
    pub(super) async fn verify_and_finish(&mut self) {
        if self.quits() {
            return;
        }
        self.record(Step::Verifying).await;
        let open = |record: &&ShareRecord| {
            record.request.is_some() && !record.outcome.is_some_and(Outcome::is_success)
        };
        let shares = self.operation.shares.iter().filter(open).map(|s| s.share.clone()).collect();
        if self.verify_shares(shares).await.is_some() {
            self.make_receipt().await;
        }
    }

    /// Makes the receipt: a provisional one while a share waits for a job that still runs.
    async fn make_receipt(&mut self) {
        self.report_concurrent_operations().await;
        if self.operation.awaits_jobs() {
            self.record(Step::Provisional).await;
        } else {
            self.pollers.clear();
            self.record(Step::Finished { at: now() }).await;
        }
    }

    /// On a cloud with jobs, several operations that name one share all find it gone, and none knows which one did it.
    async fn report_concurrent_operations(&mut self) {
        let Some(journal) = self.context.journal.clone() else { return };
        let id = self.id().clone();
        let concurrent_operations = journal
            .query("read the journal", move |journal| journal.concurrent_operations(&id))
            .await;
        for (other, shares) in concurrent_operations.unwrap_or_default() {
            let shares = counted(shares, "share");
            let what = format!("determine which operation changed {shares}");
            let why = format!("operation {other} names them too and ran at the same time");
            self.emit(OperationEvent::Notice(Failure::new(what, why))).await;
        }
    }

    /// Reads the members a second time and settles every share. What should be so and is not is looked at
    /// again a few times: a cloud may need a moment. `None` when the program ends.
    async fn verify_shares(&mut self, mut shares: Vec<Share>) -> Option<()> {
        let mut wait = self.context.poll_times.settling;
        for look in 0.. {
            let readings = self.read(images_of(&shares)).await?;
            let (mut lingering, mut last, mut most) = (Vec::new(), Vec::new(), look);
            for share in shares {
                let Some(reading) = readings.get(&share.image) else { continue };
                let reading = &*outcome::conclusive(&*self.login.cloud, reading, &share.member);
                let Some((end, looks)) = self.verdict(&share, reading) else { continue };
                if end.0 == Outcome::Failed && look < looks {
                    last.push((share.clone(), end, outcome::seen(reading, &share.member)));
                    most = most.max(looks);
                    lingering.push(share);
                } else {
                    let seen = outcome::seen(reading, &share.member);
                    self.settle(share, end, seen).await;
                }
            }
            shares = lingering;
            if shares.is_empty() {
                break;
            }
            let left =
                (look..most).fold(Duration::ZERO, |left, at| left + wait * (1 << (at - look)));
            let left = i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
            let until = Moment(now().0.saturating_add(left));
            // Registered before the wait is announced, so that no stop is missed.
            let end_wait = self.end_wait.clone();
            let ended = end_wait.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            self.record(Step::Waiting { shares: shares.len(), until }).await;
            let quit = self.context.tasks.quit.clone();
            let stopped = tokio::select! {
                () = quit.cancelled() => return None,
                () = ended => true,
                () = sleep(wait) => false,
            };
            if stopped {
                for (share, end, seen) in last {
                    self.settle(share, end, seen).await;
                }
                break;
            }
            wait *= 2;
        }
        Some(())
    }

    fn verdict(&self, share: &Share, reading: &Reading) -> Option<(outcome::Verdict, u32)> {
        let found =
            self.operation.shares.binary_search_by(|record| record.share.cmp(share)).ok()?;
        let request = self.operation.shares.get(found)?.request?;
        let request = self.operation.requests.get(request)?;
        let end = outcome::after(self.operation.kind, reading, &share.member, request);
        Some((end, outcome::max_rereads(&request.state, self.login.cloud.works_by_jobs())))
    }

    /// Goes on polling jobs that were over the limit, and completes the receipt when they end.
    pub(super) async fn poll_overdue_jobs(&mut self) {
        while !self.pollers.is_empty() && !self.quits() {
            let watched: Vec<usize> = self.pollers.keys().copied().collect();
            for &request in &watched {
                self.poll_after(request, self.context.poll_times.watching);
            }
            while let Some(completed) = self.in_flight.next().await {
                self.on_completion(completed).await;
            }
            if self.quits() {
                return;
            }
            let ended = |request: &&usize| !self.pollers.contains_key(request);
            let ended: Vec<usize> = watched.iter().filter(ended).copied().collect();
            if !ended.is_empty() {
                self.verify_requests(&ended).await;
            }
        }
    }

    async fn verify_requests(&mut self, requests: &[usize]) {
        let of = |request: &usize| self.batch(*request).into_iter().flat_map(Batch::shares);
        let mut shares: Vec<Share> = requests.iter().flat_map(of).collect();
        shares.sort_unstable();
        if self.verify_shares(shares).await.is_some() {
            self.make_receipt().await;
        }
    }
}
