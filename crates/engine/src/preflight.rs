//! Preflight checks of shares that are not listed: they may be hidden, or impossible to make.

use std::collections::{HashMap, HashSet};

use futures_util::StreamExt;

use super::outcome::{self, Verdict};
use super::{Login, Reading, retry};
use cloud::clients::CloudError;
use domain::{Failure, Image, ImageId, OperationKind, Outcome, Seen, Share, Text, sharing};

/// What prevents a share, by image.
#[derive(Debug, Default)]
pub(super) struct Preflight(HashMap<ImageId, Verdict>);

/// Reads the images of which a share is not listed. Answers need none: the image is another project's, and the cloud shows
/// a receiver its own share.
pub(super) async fn check(
    login: Login,
    kind: OperationKind,
    shares: &[Share],
    readings: &HashMap<ImageId, Reading>,
) -> Preflight {
    let is_unlisted = |share: &&Share| match readings.get(&share.image) {
        Some(reading @ Reading::Members(_)) => !is_listed(reading, share),
        Some(Reading::DoNotApply) => kind == OperationKind::Share,
        _ => false,
    };
    let unlisted: HashSet<ImageId> =
        shares.iter().filter(is_unlisted).map(|share| share.image.clone()).collect();
    let unlisted = if kind.is_answer() { HashSet::new() } else { unlisted };
    let login = &login;
    let check = |id: ImageId| async move {
        let end = check_image(login, kind, &id).await?;
        Some((id, end))
    };
    let found = futures_util::stream::iter(unlisted).map(check);
    Preflight(
        found.buffer_unordered(login.limiter.max()).filter_map(std::future::ready).collect().await,
    )
}

impl Preflight {
    /// The outcome of a share that something prevents.
    pub(super) fn verdict(
        &self,
        login: &Login,
        kind: OperationKind,
        reading: &Reading,
        share: &Share,
    ) -> Option<Verdict> {
        if is_listed(reading, share) {
            return None;
        }
        let member = || {
            sharing::why_member_is_unshareable(
                login.scope.kind,
                &login.scope.project_id,
                &share.member,
            )
        };
        let unshareable = if kind == OperationKind::Share { member() } else { None };
        unshareable.as_deref().map(not_sendable).or_else(|| self.0.get(&share.image).cloned())
    }
}

/// Warnings before images get more members than the cloud's quota. Not refused here: what counts is up to the cloud.
pub(super) async fn over_quota(
    login: &Login,
    new: &[Share],
    readings: &HashMap<ImageId, Reading>,
) -> Vec<Failure> {
    let Ok(Some(quota)) = retry::read(&login.limiter, || login.cloud.member_quota()).await else {
        return Vec::new();
    };
    let over = |shares: &[Share]| {
        let image = &shares.first()?.image;
        let Some(Reading::Members(members)) = readings.get(image) else { return None };
        let then = members.len() + shares.len();
        let fact =
            format!("image {image} would have {then} members, and the cloud's quota is {quota}");
        (then > quota).then(|| Failure::warning(fact).with_hint("the cloud may refuse"))
    };
    new.chunk_by(|a, b| a.image == b.image).filter_map(over).collect()
}

fn is_listed(reading: &Reading, share: &Share) -> bool {
    matches!(outcome::seen(reading, &share.member), Some(Seen::Listed { .. }))
}

fn not_sendable(why: &str) -> Verdict {
    (Outcome::Failed, Some(format!("{why}; nothing was sent").into()))
}

async fn check_image(login: &Login, kind: OperationKind, id: &ImageId) -> Option<Verdict> {
    match retry::read(&login.limiter, || login.cloud.image(id)).await {
        Ok(image) if kind == OperationKind::Share => {
            sharing::why_image_is_unshareable(login.scope.kind, &login.scope.project_id, &image)
                .as_deref()
                .map(not_sendable)
        }
        Ok(image) => incomplete_members(login, &image).map(|why| (Outcome::Unknown, Some(why))),
        Err(CloudError::NotFound(_)) => None,
        Err(error) => {
            let why = error.failure(format!("find the owner of image {id}")).to_string();
            Some((Outcome::Unknown, Some(why.into())))
        }
    }
}

/// Why a member that is not listed may still be one: the cloud shows a project that does not own an image only its own
/// share. `None` when the list is complete.
fn incomplete_members(login: &Login, image: &Image) -> Option<Text> {
    let owner = image.owner.as_ref().filter(|owner| !login.scope.project_id.owns(owner))?;
    let why = format!("the image belongs to project {owner}, and only its owner sees all members");
    Some(why.into())
}
