//! Glance v2: every OpenStack. Members are removed one by one; there are no jobs.

use async_trait::async_trait;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::list_query::{Manner, received, with_received};
use super::pages::{Silence, page};
use super::service::{Service, malformed};
use super::wire::image;
use super::{Accepted, ApiError, CloudError, ImageCloud, Listing, Page, PageMark};
use crate::auth::discovery;
use domain::request::segment;
use domain::{
    ApiRequest, Batch, CloudKind, Image, ImageId, Membership, OperationKind, ProjectId, Visibility,
};

/// Images on a page; Glance's usual maximum (larger is cut silently).
const PAGE: usize = 1000;

/// 400 "No image found with ID …": the image a page should begin after was deleted meanwhile.
pub(super) const MANNER: Manner = Manner {
    silence: Silence::End,
    is_about_the_marker: |refusal| refusal.status == 400 && says(refusal, "no image found"),
};

/// Glance, seen by one project.
#[derive(Debug)]
pub struct Glance {
    service: Service,
    project: ProjectId,
    /// What `private` means here; looked up when the first private image is seen.
    private: OnceCell<Private>,
}

/// What the visibility `private` means, by the version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Private {
    /// Since v2.5 (Ocata): no members, or dormant ones that the cloud does not list.
    Unshared,
    /// Before v2.5, which did not have the visibility `shared`: there may be members. Glance's own migration to v2.5
    /// renamed such images to `shared`.
    MayBeShared,
    /// The cloud does not publish its versions: there may be members, and a newer API answers 403 where there are none.
    Unknown,
}

impl Glance {
    /// Glance at a service, for the project one is logged in to.
    pub fn new(service: Service, project: ProjectId) -> Self {
        Self { service, project, private: OnceCell::new() }
    }

    /// Looks up what `private` means, once, if one of these images needs it.
    async fn interpret(&self, images: &mut [Image]) {
        let is_private = |image: &Image| image.visibility == Visibility::Private;
        if !images.iter().any(is_private) {
            return;
        }
        let looked_up = self.private.get_or_try_init(|| meaning_of_private(&self.service)).await;
        if let Ok(Private::MayBeShared) = looked_up {
            for image in images.iter_mut().filter(|image| is_private(image)) {
                image.visibility = Visibility::Shared;
            }
        }
    }

    /// `owner` as well as `visibility` matters: without it a list mixes own and received images (seen, Glance 33).
    fn first_page(&self, listing: Listing) -> String {
        let own = self.project.is_known().then(|| segment(self.project.0.raw()));
        let owner = own.map(|id| format!("owner={id}&")).unwrap_or_default();
        let filter = match received(listing) {
            Some(received) => format!("{received}&"),
            None if listing == Listing::OwnedHidden => format!("{owner}os_hidden=true&"),
            None => owner,
        };
        format!("/v2/images?{filter}limit={PAGE}")
    }
}

#[async_trait]
impl ImageCloud for Glance {
    fn kind(&self) -> CloudKind {
        CloudKind::Glance
    }

    fn listings(&self, received: bool) -> Vec<Listing> {
        // Nobody knows what a project that nobody named received.
        let received = received && self.project.is_known();
        with_received(&[Listing::Owned, Listing::OwnedHidden], received)
    }

    async fn images(
        &self,
        listing: Listing,
        page: Option<&PageMark>,
    ) -> Result<Page<Image>, CloudError> {
        let first = self.first_page(listing);
        let mut read = MANNER.images(&self.service, &self.project, listing, (&first, page)).await?;
        self.interpret(&mut read.items).await;
        Ok(read)
    }

    async fn image(&self, id: &ImageId) -> Result<Image, CloudError> {
        let mut image = one_image(&self.service, id).await?;
        self.interpret(std::slice::from_mut(&mut image)).await;
        Ok(image)
    }

    /// A private image is read too unless the cloud is known to list no members of it: unread would look like unshared.
    fn members_apply(&self, image: &Image) -> bool {
        match image.visibility {
            Visibility::Private => self.private.get() != Some(&Private::Unshared),
            Visibility::Shared | Visibility::Other(_) => true,
            Visibility::Public | Visibility::Community => false,
        }
    }

    async fn members(
        &self,
        image: &ImageId,
        page: Option<&PageMark>,
    ) -> Result<Page<Membership>, CloudError> {
        native_members(&self.service, image, page).await
    }

    async fn change(
        &self,
        kind: OperationKind,
        batch: &Batch,
        stop: &CancellationToken,
    ) -> Result<Accepted, CloudError> {
        change_one(&self.service, (self.kind(), kind), batch, stop).await
    }
}

/// The first API version in which a private image has no members.
const SHARED_IS_A_VISIBILITY: u16 = 5;

/// Asks the service for its versions. An error is one that may pass: nothing is known then, and the next page asks
/// again.
async fn meaning_of_private(service: &Service) -> Result<Private, CloudError> {
    let document = match service.version_document(service.base().at("/versions")?).await {
        Ok(answer) => answer.body,
        Err(error) if error.is_transient() => return Err(error),
        Err(_) => Vec::new(),
    };
    let versions = discovery::versions(&document).unwrap_or_default();
    let minors = versions.iter().filter(|version| version.major == 2).map(|version| version.minor);
    Ok(match minors.max() {
        Some(minor) if minor < SHARED_IS_A_VISIBILITY => Private::MayBeShared,
        Some(_) => Private::Unshared,
        None => Private::Unknown,
    })
}

/// Changes one share.
pub(super) async fn change_one(
    service: &Service,
    (cloud, kind): (CloudKind, OperationKind),
    batch: &Batch,
    stop: &CancellationToken,
) -> Result<Accepted, CloudError> {
    let request = ApiRequest::of(cloud, kind, batch)
        .ok_or_else(|| CloudError::NotSent("this cloud changes one share with a request".into()))?;
    let answer = service.change(&request, stop).await.map_err(|error| needless(kind, error))?;
    Ok(Accepted { job: None, request_id: answer.request_id })
}

/// One image by its id, from the native call that Glance and IMS have alike.
pub(super) async fn one_image(service: &Service, id: &ImageId) -> Result<Image, CloudError> {
    let answer = service
        .get(&format!("/v2/images/{}", segment(id.raw())))
        .await
        .map_err(gone_if_it_says_so)?;
    std::str::from_utf8(&answer.body)
        .ok()
        .and_then(image)
        .ok_or_else(|| malformed(&answer, "there is no image in it"))
}

/// The native member list that Glance and IMS have alike. Glance has no pages there; newer IMS may.
pub(super) async fn native_members(
    service: &Service,
    image: &ImageId,
    mark: Option<&PageMark>,
) -> Result<Page<Membership>, CloudError> {
    let first = format!("/v2/images/{}/members", segment(image.raw()));
    listed_members(service, &first, mark).await
}

/// A page of a member list that begins at this path.
pub(super) async fn listed_members(
    service: &Service,
    first: &str,
    mark: Option<&PageMark>,
) -> Result<Page<Membership>, CloudError> {
    let read = page(service, first, mark, Silence::End).await;
    read.map_err(|error| gone_if_it_says_so(members_do_not_apply(error)))
}

/// 404 means two things to a delete: no such image, or "… not found in the member list of the image …" ("The specified
/// member … could not be found" before 2014). 409 to an addition means that it is a member already.
fn needless(kind: OperationKind, error: CloudError) -> CloudError {
    match (kind, error) {
        (OperationKind::Revoke, CloudError::NotFound(refusal))
            if says(&refusal, "not found in the member list")
                || says(&refusal, "the specified member") =>
        {
            CloudError::Needless(refusal)
        }
        (OperationKind::Share, CloudError::Answered(refusal)) if refusal.status == 409 => {
            CloudError::Needless(refusal)
        }
        (_, other) => other,
    }
}

/// 403 "… Only shared images have members." ("Public images do not have members." before 2017): the image was made
/// private, public or community meanwhile.
fn members_do_not_apply(error: CloudError) -> CloudError {
    match error {
        CloudError::Forbidden(refusal)
            if ["only shared images have members", "public images do not have members"]
                .iter()
                .any(|words| says(&refusal, words)) =>
        {
            CloudError::MembersDoNotApply(refusal)
        }
        other => other,
    }
}

/// A 404 that does not speak of an image is a gateway's or a proxy's, about the path: what it says of the image is
/// nothing, and "gone" would be read as "shared with nobody".
pub(super) fn gone_if_it_says_so(error: CloudError) -> CloudError {
    match error {
        CloudError::NotFound(refusal) if !is_about_an_image(&refusal) => {
            CloudError::Answered(refusal)
        }
        other => other,
    }
}

fn is_about_an_image(refusal: &ApiError) -> bool {
    match &refusal.code {
        Some(code) => code.raw().starts_with("IMG."),
        None => says(refusal, "image"),
    }
}

fn says(refusal: &ApiError, words: &str) -> bool {
    refusal.message.raw().to_ascii_lowercase().contains(words)
}
