//! Lists of images: what is the same on every cloud. Each asks in its own words and knows its own way on.

use super::pages::{Silence, page};
use super::{ApiError, CloudError, Listing, Page, PageMark, RECEIVED, Service};
use domain::{Image, ProjectId};

/// How a cloud's lists of images are read.
pub(super) struct Manner {
    /// What it means when pages do not say how the list goes on.
    pub(super) silence: Silence,
    /// Whether a refusal says that the image a page should begin after is gone.
    pub(super) is_about_the_marker: fn(&ApiError) -> bool,
}

impl Manner {
    /// A page of a list that begins at this path, for the project that is logged in.
    pub(super) async fn images(
        &self,
        service: &Service,
        project: &ProjectId,
        listing: Listing,
        (first, mark): (&str, Option<&PageMark>),
    ) -> Result<Page<Image>, CloudError> {
        let read = page::<Image>(service, first, mark, self.silence).await;
        let mut read = read.map_err(|error| self.stale_when_marked(error, mark.is_some()))?;
        keep(&mut read.items, listing, project);
        Ok(read)
    }

    fn stale_when_marked(&self, error: CloudError, marked: bool) -> CloudError {
        match error {
            CloudError::Answered(refusal) | CloudError::NotFound(refusal)
                if marked && (self.is_about_the_marker)(&refusal) =>
            {
                CloudError::StaleMark(refusal)
            }
            CloudError::Forbidden(refusal) => CloudError::ListForbidden(refusal),
            other => other,
        }
    }
}

/// The lists of own images, and those of received ones if they are wanted.
pub(super) fn with_received(own: &[Listing], received: bool) -> Vec<Listing> {
    let received: &[Listing] = if received { &RECEIVED } else { &[] };
    [own, received].concat()
}

/// What asks for received images. They need their status: pending ones are in no other list (Huawei/OTC docs).
pub(super) fn received(listing: Listing) -> Option<String> {
    let status = match listing {
        Listing::Owned | Listing::OwnedHidden => return None,
        Listing::ReceivedPending => "pending",
        Listing::ReceivedAccepted => "accepted",
        Listing::ReceivedRejected => "rejected",
    };
    Some(format!("visibility=shared&member_status={status}"))
}

/// Lists of received images show own ones too, and a cloud that ignores `owner` shows others' among own. An image
/// of the list of own ones that does not say whose it is belongs to the project that was asked for.
fn keep(images: &mut Vec<Image>, listing: Listing, project: &ProjectId) {
    let own = !RECEIVED.contains(&listing);
    if own && project.is_known() {
        for image in images.iter_mut() {
            image.owner.get_or_insert_with(|| project.clone());
        }
    }
    images.retain(|image| image.is_owned_by(project) == own);
}
