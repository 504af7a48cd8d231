//! Read before: what is there to be taken away, just before anything is sent.

use std::collections::{HashMap, HashSet};

use futures_util::StreamExt;

use super::operate::Operator;
use super::{Ids, Login, Reading, members, patience, verify};
use crate::cloud::CloudError;
use crate::domain::{ImageId, Outcome, Share, Step, Text};

/// The shares of an operation after they were read.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// Those that are there and can be revoked.
    pub(super) there: Vec<Share>,
    /// Those that have an end already: nothing is sent for them.
    pub(super) settled: Vec<Share>,
}

impl Operator {
    /// Reads the members again and settles every share that cannot or need not be revoked. Gives those, and those
    /// that are there. `None` when the program ends.
    pub(super) async fn check(&mut self) -> Option<Checked> {
        let shares: Vec<Share> = self.operation.shares.iter().map(|s| s.share.clone()).collect();
        let readings = self.read(images_of(&shares)).await?;
        let foreign = foreign(self.login.clone(), &shares, &readings).await;
        let mut checked = Checked::default();
        for share in shares {
            let end = match (readings.get(&share.image), foreign.get(&share.image)) {
                (None, _) => Some((Outcome::Unknown, Some("it was not read".into()))),
                (Some(_), Some(why)) => Some((Outcome::Unknown, Some(why.clone()))),
                (Some(reading), None) => verify::before(reading, &share.member),
            };
            match end {
                None => checked.there.push(share),
                Some(end) => {
                    self.settle(share.clone(), end).await;
                    checked.settled.push(share);
                }
            }
        }
        Some(checked)
    }

    /// Reads the members of images, telling how far it is. `None` when the program ends.
    pub(super) async fn read(&mut self, images: Ids) -> Option<HashMap<ImageId, Reading>> {
        let (of, login) = (images.len(), self.login.clone());
        let quit = self.circumstances.quit.clone();
        let read = |image: ImageId| {
            let login = &login;
            async move {
                let reading = members::read(login, &image).await;
                (image, reading)
            }
        };
        let stream = futures_util::stream::iter(images).map(read);
        let mut answers = stream.buffer_unordered(login.pace.limit());
        let mut readings = HashMap::with_capacity(of);
        while let Some((image, reading)) = quit.run_until_cancelled(answers.next()).await? {
            readings.insert(image, reading);
            let done = readings.len();
            if done == of || done.is_multiple_of(8) {
                self.take(Step::Read { done, of }).await;
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

/// Images of which a reading proves nothing, with the reason: whoever does not own an image is shown his own
/// membership alone, so an absent member is no proof of absence.
async fn foreign(
    login: Login,
    shares: &[Share],
    readings: &HashMap<ImageId, Reading>,
) -> HashMap<ImageId, Text> {
    let absent = |share: &&Share| {
        matches!(readings.get(&share.image), Some(reading @ Reading::Members(_))
            if verify::is_listed(reading, &share.member) == Some(false))
    };
    let doubtful: HashSet<ImageId> =
        shares.iter().filter(absent).map(|share| share.image.clone()).collect();
    let login = &login;
    let ask = |id: ImageId| async move {
        let doubt = doubt(login, &id).await?;
        Some((id, doubt))
    };
    let asked = futures_util::stream::iter(doubtful).map(ask);
    asked.buffer_unordered(login.pace.limit()).filter_map(std::future::ready).collect().await
}

/// Why a member that is not listed may be one all the same; `None` when the list is the whole truth.
async fn doubt(login: &Login, id: &ImageId) -> Option<Text> {
    match patience::read(&login.pace, || login.cloud.image(id)).await {
        Ok(image) => match &image.owner {
            Some(owner) if !owner.is(&login.scope.project_id) => Some(
                format!(
                    "the image belongs to project {owner}, and only its owner sees all members"
                )
                .into(),
            ),
            _ => None,
        },
        Err(CloudError::NotFound(_)) => None,
        Err(error) => {
            Some(error.failure(format!("find the owner of image {id}")).to_string().into())
        }
    }
}
