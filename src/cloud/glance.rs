//! Glance v2: every OpenStack. Members are removed one by one; there are no jobs.

use async_trait::async_trait;

use super::pages::{Of, Position, entries};
use super::rows::{image, may_have_members, membership};
use super::service::{Service, malformed};
use super::{Accepted, CloudError, ImageCloud, Listing, Page, PageMark, RECEIVED, Refusal};
use crate::domain::request::segment;
use crate::domain::{
    ApiRequest, Batch, CloudKind, Image, ImageId, JobId, JobReport, Limits, Membership,
    OperationKind, ProjectId,
};

/// Images on a page; Glance's usual maximum (larger is cut silently).
const PAGE: usize = 1000;

/// Glance, seen by one project.
#[derive(Clone, Debug)]
pub struct Glance {
    service: Service,
    project: ProjectId,
}

impl Glance {
    /// Glance at a service, for the project one is logged in to.
    pub fn new(service: Service, project: ProjectId) -> Self {
        Self { service, project }
    }

    /// `owner` as well as `visibility` matters: without it a list mixes own and received images (seen, Glance 33).
    fn first_page(&self, listing: Listing) -> String {
        let own = self.project.is_known().then(|| segment(self.project.0.raw()));
        let owner = own.map(|id| format!("owner={id}&")).unwrap_or_default();
        let received = |status| format!("visibility=shared&member_status={status}&");
        let filter = match listing {
            Listing::Owned => owner,
            Listing::OwnedHidden => format!("{owner}os_hidden=true&"),
            Listing::ReceivedPending => received("pending"),
            Listing::ReceivedAccepted => received("accepted"),
            Listing::ReceivedRejected => received("rejected"),
        };
        format!("/v2/images?{filter}limit={PAGE}")
    }
}

#[async_trait]
impl ImageCloud for Glance {
    fn kind(&self) -> CloudKind {
        CloudKind::Glance
    }

    fn limits(&self) -> Limits {
        Limits::SINGLE
    }

    fn listings(&self, received: bool) -> Vec<Listing> {
        let mut all = vec![Listing::Owned, Listing::OwnedHidden];
        // Nobody knows what a project that nobody named received.
        if received && self.project.is_known() {
            all.extend(RECEIVED);
        }
        all
    }

    async fn images(
        &self,
        listing: Listing,
        page: Option<&PageMark>,
    ) -> Result<Page<Image>, CloudError> {
        let first = self.first_page(listing);
        listed_images(&self.service, &self.project, listing, &first, page).await
    }

    async fn image(&self, id: &ImageId) -> Result<Image, CloudError> {
        one_image(&self.service, id).await
    }

    fn members_apply(&self, image: &Image) -> bool {
        may_have_members(&image.visibility)
    }

    async fn members(
        &self,
        image: &ImageId,
        page: Option<&PageMark>,
    ) -> Result<Page<Membership>, CloudError> {
        native_members(&self.service, image, page).await
    }

    async fn change(&self, kind: OperationKind, batch: &Batch) -> Result<Accepted, CloudError> {
        change_one(&self.service, self.kind(), kind, batch).await
    }

    async fn job(&self, _: &JobId) -> Result<JobReport, CloudError> {
        Err(CloudError::NotSent("this cloud has no jobs".into()))
    }
}

/// A page of an image list that begins at this path.
pub(super) async fn listed_images(
    service: &Service,
    project: &ProjectId,
    listing: Listing,
    first: &str,
    page: Option<&PageMark>,
) -> Result<Page<Image>, CloudError> {
    let position = Position { base: service.base(), first, current: page };
    let answer = service
        .get_list(position.path())
        .await
        .map_err(|error| stale_when_marked(error, page.is_some()))?;
    let entries = entries(&answer, Of::Images)?;
    let mut read = entries.read(image);
    read.next = position.told(&entries.clue).map_err(|trouble| malformed(&answer, &trouble))?;
    keep(&mut read.items, listing, project);
    Ok(read)
}

/// Changes one share.
pub(super) async fn change_one(
    service: &Service,
    cloud: CloudKind,
    kind: OperationKind,
    batch: &Batch,
) -> Result<Accepted, CloudError> {
    let request = ApiRequest::of(cloud, kind, batch)
        .ok_or_else(|| CloudError::NotSent("this cloud changes one share with a request".into()))?;
    let answer = service.change(&request).await.map_err(|error| needless(kind, error))?;
    Ok(Accepted { job: None, request_id: answer.request_id })
}

/// Lists of received images show own ones too, and a cloud that ignores `owner` shows others' among own. An image
/// of the list of own ones that does not say whose it is belongs to the project that was asked for.
pub(super) fn keep(images: &mut Vec<Image>, listing: Listing, project: &ProjectId) {
    let own = !RECEIVED.contains(&listing);
    if own && project.is_known() {
        for image in images.iter_mut() {
            image.owner.get_or_insert_with(|| project.clone());
        }
    }
    images.retain(|image| image.is_owned_by(project) == own);
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
    page: Option<&PageMark>,
) -> Result<Page<Membership>, CloudError> {
    let first = format!("/v2/images/{}/members", segment(image.raw()));
    listed_members(service, &first, page).await
}

/// A page of a member list that begins at this path.
pub(super) async fn listed_members(
    service: &Service,
    first: &str,
    page: Option<&PageMark>,
) -> Result<Page<Membership>, CloudError> {
    let position = Position { base: service.base(), first, current: page };
    let answer = service
        .get_list(position.path())
        .await
        .map_err(|error| gone_if_it_says_so(members_do_not_apply(error)))?;
    let entries = entries(&answer, Of::Members)?;
    let mut read = entries.read(membership);
    read.next = position.told(&entries.clue).map_err(|trouble| malformed(&answer, &trouble))?;
    Ok(read)
}

/// 400 "No image found with ID …": the image a page should begin after was deleted meanwhile.
fn stale_when_marked(error: CloudError, marked: bool) -> CloudError {
    match error {
        CloudError::Answered(refusal)
            if marked && refusal.status == 400 && says(&refusal, "no image found") =>
        {
            CloudError::StaleMark(refusal)
        }
        other => other,
    }
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

fn is_about_an_image(refusal: &Refusal) -> bool {
    match &refusal.code {
        Some(code) => code.raw().starts_with("IMG."),
        None => says(refusal, "image"),
    }
}

fn says(refusal: &Refusal, words: &str) -> bool {
    refusal.message.raw().to_ascii_lowercase().contains(words)
}
