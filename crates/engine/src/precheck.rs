//! Prechecks: the members are read just before anything is sent.

use std::collections::HashMap;

use futures_util::StreamExt;

use super::operate::Operator;
use super::{Ids, OperationEvent, Reading, members, outcome, preflight};
use domain::{ImageId, OperationKind, Outcome, Share, Step};

/// The shares of an operation after they were read.
#[derive(Debug, Default)]
pub(super) struct Prechecked {
    /// Those to change.
    pub(super) to_do: Vec<Share>,
    /// Those that are settled already: nothing is sent for them.
    pub(super) settled: Vec<Share>,
}

impl Operator {
    /// Reads the members again and settles every share that cannot or need not be changed. `None` when the program ends.
    pub(super) async fn precheck(&mut self) -> Option<Prechecked> {
        let (kind, login) = (self.operation.kind, self.login.clone());
        let shares: Vec<Share> = self.operation.shares.iter().map(|s| s.share.clone()).collect();
        let readings = self.read(images_of(&shares)).await?;
        let reading = |share: &Share| {
            let reading = readings.get(&share.image)?;
            Some(outcome::conclusive(&*login.cloud, reading, &share.member))
        };
        let seen = |share: &Share| outcome::seen(&*reading(share)?, &share.member);
        let before: Vec<_> = shares.iter().map(seen).collect();
        self.record(Step::Found { before: before.clone() }).await;
        let preflight = preflight::check(login.clone(), kind, &shares, &readings).await;
        let mut checked = Prechecked::default();
        for (share, seen) in shares.into_iter().zip(before) {
            let end = match reading(&share).as_deref() {
                None => Some((Outcome::Unknown, Some("it was not read".into()))),
                Some(reading) => preflight
                    .verdict(&login, kind, reading, &share)
                    .or_else(|| outcome::before(kind, reading, &share.member)),
            };
            match end {
                None => checked.to_do.push(share),
                Some(end) => {
                    self.settle(share.clone(), end, seen).await;
                    checked.settled.push(share);
                }
            }
        }
        if kind == OperationKind::Share && !checked.to_do.is_empty() {
            for warning in preflight::over_quota(&login, &checked.to_do, &readings).await {
                self.emit(OperationEvent::Notice(warning)).await;
            }
        }
        Some(checked)
    }

    /// Reads the members of images and reports progress. `None` when the program ends.
    pub(super) async fn read(&mut self, images: Ids) -> Option<HashMap<ImageId, Reading>> {
        let (of, login) = (images.len(), self.login.clone());
        let quit = self.context.tasks.quit.clone();
        let read = |image: ImageId| {
            let login = &login;
            async move {
                let reading = members::read(login, &image).await;
                (image, reading)
            }
        };
        let stream = futures_util::stream::iter(images).map(read);
        let mut answers = stream.buffer_unordered(login.limiter.max());
        let mut readings = HashMap::with_capacity(of);
        while let Some((image, reading)) = quit.run_until_cancelled(answers.next()).await? {
            readings.insert(image, reading);
            let done = readings.len();
            if done == of || done.is_multiple_of(8) {
                self.record(Step::Read { done, of }).await;
            }
        }
        Some(readings)
    }
}

/// The images of shares that are in order, each once.
pub(super) fn images_of(shares: &[Share]) -> Ids {
    let mut images: Ids = shares.iter().map(|share| share.image.clone()).collect();
    images.dedup();
    images
}
