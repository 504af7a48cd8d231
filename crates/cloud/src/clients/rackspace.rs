//! Rackspace Cloud Images: a Glance of before 2017 (API v2.2 or so) behind a rate limiter (Rackspace docs: Cloud Images
//! API v2). Its calls are Glance's; what an image's visibility means and how it says "too many" are not.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::glance::{MANNER, change_one, native_members, one_image};
use super::list_query::received;
use super::service::Service;
use super::{Accepted, CloudError, ImageCloud, Listing, Page, PageMark};
use domain::request::segment;
use domain::{Batch, CloudKind, Image, ImageId, Membership, OperationKind, ProjectId, Visibility};

/// Images on a page: larger pages are cut (Rackspace docs: "limit").
const PAGE: usize = 100;

/// Cloud Images in one region, seen by one account.
#[derive(Clone, Debug)]
pub struct Rackspace {
    service: Service,
    account: ProjectId,
}

impl Rackspace {
    /// Cloud Images at a service, for the account one is logged in to.
    pub fn new(service: Service, account: ProjectId) -> Self {
        Self { service, account }
    }

    /// Own images are asked for by owner alone: `visibility=shared` would leave out all of them, for it means
    /// "shared with me" there. Hidden images came to Glance later.
    fn first_page(&self, listing: Listing) -> String {
        let owner = segment(self.account.0.raw());
        let filter = received(listing).unwrap_or_else(|| format!("owner={owner}"));
        format!("/v2/images?{filter}&limit={PAGE}")
    }
}

#[async_trait]
impl ImageCloud for Rackspace {
    fn kind(&self) -> CloudKind {
        CloudKind::Rackspace
    }

    async fn images(
        &self,
        listing: Listing,
        page: Option<&PageMark>,
    ) -> Result<Page<Image>, CloudError> {
        let first = self.first_page(listing);
        let read = MANNER.images(&self.service, &self.account, listing, (&first, page)).await;
        read.map_err(too_many)
    }

    async fn image(&self, id: &ImageId) -> Result<Image, CloudError> {
        one_image(&self.service, id).await.map_err(too_many)
    }

    /// Before API v2.5 an image with members still reads `private`, so every own image may have some.
    fn members_apply(&self, image: &Image) -> bool {
        image.visibility != Visibility::Public
    }

    async fn members(
        &self,
        image: &ImageId,
        page: Option<&PageMark>,
    ) -> Result<Page<Membership>, CloudError> {
        native_members(&self.service, image, page).await.map_err(too_many)
    }

    async fn change(
        &self,
        kind: OperationKind,
        batch: &Batch,
        stop: &CancellationToken,
    ) -> Result<Accepted, CloudError> {
        change_one(&self.service, (self.kind(), kind), batch, stop).await.map_err(
            |error| match kind {
                // An addition may have met a quota.
                OperationKind::Share => error,
                _ => too_many(error),
            },
        )
    }
}

/// 413 is the rate limiter's, also where it does not say when to come back.
fn too_many(error: CloudError) -> CloudError {
    match error {
        CloudError::Answered(refusal) if refusal.status == 413 => {
            CloudError::Throttled { refusal, retry_after: None }
        }
        other => other,
    }
}
