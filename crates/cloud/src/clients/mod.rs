//! Clouds that share images. One request per call and no repeats: waiting and asking again is the engine's
//! business, which alone knows what is safe to repeat.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use domain::{
    Batch, CloudKind, Image, ImageId, JobId, JobReport, Limits, MemberKind, Membership,
    OperationKind, ProjectId, Text,
};

mod base;
pub mod catalog;
mod directory;
pub mod error;
mod error_body;
mod glance;
mod hints;
mod ims;
mod job;
mod lenient;
mod list_query;
mod list_splitter;
mod list_stream;
mod pages;
mod probe;
mod rackspace;
#[cfg(test)]
mod rackspace_tests;
mod roles;
mod service;
#[cfg(test)]
mod tests;
mod wire;

pub use base::Base;
pub use directory::Directory;
pub use error::{ApiError, CloudError};
pub use glance::Glance;
pub use ims::Ims;
pub use probe::{Look, locate, look, probe};
pub use rackspace::Rackspace;
pub use roles::{may_change, missing_role};
pub use service::Service;

/// The cloud at a service. `limits` are those of a batch; clouds without batches have their own. Only IMS knows enterprise
/// projects.
pub fn connect(
    kind: CloudKind,
    service: Service,
    project: ProjectId,
    limits: Limits,
    enterprise_project: Option<String>,
) -> Arc<dyn ImageCloud> {
    match kind {
        CloudKind::Glance => Arc::new(Glance::new(service, project)),
        CloudKind::Ims => {
            let ims = Ims::new(service, project, limits);
            Arc::new(ims.in_enterprise_project(enterprise_project))
        }
        CloudKind::Rackspace => Arc::new(Rackspace::new(service, project)),
    }
}

/// One of the lists that together hold all images asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Images the project owns, shared or not.
    Owned,
    /// Owned images that ordinary lists leave out (`os_hidden`).
    OwnedHidden,
    /// Images shared with the project that it has not answered.
    ReceivedPending,
    /// Images shared with the project that it accepted.
    ReceivedAccepted,
    /// Images shared with the project that it rejected.
    ReceivedRejected,
}

/// The lists that together hold the images a project received.
pub const RECEIVED: [Listing; 3] =
    [Listing::ReceivedPending, Listing::ReceivedAccepted, Listing::ReceivedRejected];

/// Where the next page begins, in the cloud's own terms. Opaque; comparing two tells a loop.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageMark(pub String);

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What could be read of it.
    pub items: Vec<T>,
    /// Entries that could not be read (not an object, no ID). They make an audit incomplete.
    pub unreadable: Option<Unreadable>,
    /// Where to go on, if there may be more.
    pub next: Option<PageMark>,
}

/// Entries of a page that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// How many; at least 1.
    pub count: usize,
    /// The position of the first on its page, from 1.
    pub position: usize,
    /// What is wrong with the first, as a predicate: "has no `id`". Holds the cloud's text.
    pub why: String,
}

impl Unreadable {
    /// How many, where there may be none.
    pub(crate) fn count(unreadable: Option<&Self>) -> usize {
        unreadable.map_or(0, |unreadable| unreadable.count)
    }
}

/// What a change came back with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// A job to follow; none where the cloud has done it already.
    pub job: Option<JobId>,
    /// The cloud's id of the request.
    pub request_id: Option<Text>,
}

/// A cloud, logged in to one project in one region.
#[async_trait]
pub trait ImageCloud: Send + Sync + 'static {
    /// Which API it speaks.
    fn kind(&self) -> CloudKind;

    /// What one change may name: one share, unless the cloud takes batches.
    fn limits(&self) -> Limits {
        Limits::SINGLE
    }

    /// Whether a change begins a job on the cloud, which goes on after the answer.
    fn works_by_jobs(&self) -> bool {
        false
    }

    /// The lists that hold the project's own images, and those it received if `received`.
    fn listings(&self, received: bool) -> Vec<Listing> {
        list_query::with_received(&[Listing::Owned], received)
    }

    /// One page of a list; the first when `page` is `None`.
    async fn images(
        &self,
        listing: Listing,
        page: Option<&PageMark>,
    ) -> Result<Page<Image>, CloudError>;

    /// One image by id.
    async fn image(&self, id: &ImageId) -> Result<Image, CloudError>;

    /// Whether this image can have members that the cloud would list.
    fn members_apply(&self, image: &Image) -> bool;

    /// One page of an image's members.
    async fn members(
        &self,
        image: &ImageId,
        page: Option<&PageMark>,
    ) -> Result<Page<Membership>, CloudError>;

    /// Whether the member lists that were read here show members of this kind. Who could not be in a list is not
    /// known to be absent.
    fn shows(&self, _kind: MemberKind) -> bool {
        true
    }

    /// What the lists that were read here leave out, as sentences without a period; nothing where they are whole.
    fn notices(&self) -> Vec<String> {
        Vec::new()
    }

    /// How many members an image may have, where the cloud tells.
    async fn member_quota(&self) -> Result<Option<usize>, CloudError> {
        Ok(None)
    }

    /// Does this to every share of a batch. Callers never repeat it after an error that is not a refusal. The request
    /// does not leave once `stop` is cancelled, whatever it waits for before that (a login, its renewal):
    /// [`CloudError::Stopped`].
    async fn change(
        &self,
        kind: OperationKind,
        batch: &Batch,
        stop: &CancellationToken,
    ) -> Result<Accepted, CloudError>;

    /// Polls a job.
    async fn job(&self, _id: &JobId) -> Result<JobReport, CloudError> {
        Err(CloudError::NotSent("this cloud has no jobs".into()))
    }
}
