//! Image Management Service of Huawei Cloud, Open Telekom Cloud and relatives: members are removed in batches, by
//! jobs. Calls that only some of these clouds have are found out by asking, and remembered.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::glance::{gone_if_it_says_so, listed_members, native_members, one_image};
use super::lenient::Lenient;
use super::list_query::{Manner, received};
use super::pages::{Frame, Silence};
use super::service::{Service, json, malformed};
use super::{Accepted, ApiError, CloudError, ImageCloud, Listing, Page, PageMark, job};
use domain::request::segment;
use domain::{
    ApiRequest, Batch, CloudKind, Image, ImageId, JobId, JobReport, Limits, MemberKind, Membership,
    OperationKind, ProjectId, Visibility,
};

/// Images on a page: the API's own default.
const PAGE: usize = 500;

const MANNER: Manner = Manner { silence: Silence::GoOn, is_about_the_marker };

/// IMS, seen by one project.
#[derive(Debug)]
pub struct Ims {
    service: Service,
    project: ProjectId,
    limits: Limits,
    /// `/v2/cloudimages` is not there: the native list is used.
    native_list: AtomicBool,
    /// `/v1/{project_id}/jobs` is not there: `/v1/cloudimages/job` is used.
    other_job_call: AtomicBool,
    /// Which member list is used, once one has come. It stays so: what the native list cannot show would else be taken for
    /// absent where a single answer of the other went wrong.
    lists: OnceLock<MemberLists>,
    /// `enterprise_project_id` of every list, as configured.
    enterprise_project: Option<String>,
    /// Lists that are read with [`ALL_GRANTED`], because the plain list was refused or empty.
    granted: [AtomicBool; 5],
}

/// Every enterprise project in which the user has rights (Huawei docs: `enterprise_project_id` of `GET /v2/cloudimages`;
/// OTC has it too). Users who have their rights by enterprise project only are refused a list that names none.
pub(super) const ALL_GRANTED: &str = "all_granted_eps";

/// The two member lists of IMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MemberLists {
    /// `/v1/{project_id}/cloudimages/{image_id}/members`: projects, accounts and organisations (newer Huawei Cloud).
    Typed,
    /// `/v2/images/{image_id}/members`: only projects.
    Native,
}

impl Ims {
    /// IMS at a service, for the project one is logged in to.
    pub fn new(service: Service, project: ProjectId, limits: Limits) -> Self {
        Self {
            service,
            project,
            limits,
            native_list: AtomicBool::new(false),
            other_job_call: AtomicBool::new(false),
            lists: OnceLock::new(),
            enterprise_project: None,
            granted: Default::default(),
        }
    }

    /// Lists the images of this enterprise project only.
    #[must_use]
    pub fn in_enterprise_project(self, enterprise_project: Option<String>) -> Self {
        Self { enterprise_project, ..self }
    }

    /// The enterprise project that a list names, if any.
    fn enterprise_project(&self, listing: Listing) -> Option<&str> {
        let granted = self.granted[listing as usize].load(Ordering::Relaxed);
        self.enterprise_project.as_deref().or(granted.then_some(ALL_GRANTED))
    }

    /// The first page of a list by the rights in enterprise projects, where the plain one was refused or shows no own
    /// image. If this shows no more, the plain answer counts.
    async fn by_enterprise_project(
        &self,
        listing: Listing,
        plain: Result<Page<Image>, CloudError>,
    ) -> Result<Page<Image>, CloudError> {
        let shows_nothing = |page: &Page<Image>| {
            page.items.is_empty() && page.unreadable.is_none() && page.next.is_none()
        };
        let worth_it = match &plain {
            Ok(page) => listing == Listing::Owned && shows_nothing(page),
            Err(error) => matches!(error, CloudError::ListForbidden(_)),
        };
        if !worth_it || self.enterprise_project(listing).is_some() {
            return plain;
        }
        let granted = &self.granted[listing as usize];
        granted.store(true, Ordering::Relaxed);
        let found = self.page(listing, None, false).await;
        match found {
            Ok(page) if plain.is_err() || !shows_nothing(&page) => Ok(page),
            _ => {
                granted.store(false, Ordering::Relaxed);
                plain
            }
        }
    }

    /// Own images are asked for by owner alone: `visibility=private` and `__imagetype=private` hide exactly those
    /// that are shared.
    fn first_page(&self, listing: Listing, native: bool) -> String {
        let filter = match received(listing) {
            Some(received) if native => received,
            Some(received) => format!("__imagetype=shared&{received}"),
            None => format!("owner={}", segment(self.project.0.raw())),
        };
        if native {
            return format!("/v2/images?{filter}&limit={PAGE}");
        }
        let of = self.enterprise_project(listing).map(segment);
        let of = of.map(|id| format!("&enterprise_project_id={id}")).unwrap_or_default();
        format!("/v2/cloudimages?{filter}{of}&limit={PAGE}")
    }

    async fn page(
        &self,
        listing: Listing,
        page: Option<&PageMark>,
        native: bool,
    ) -> Result<Page<Image>, CloudError> {
        let first = self.first_page(listing, native);
        MANNER.images(&self.service, &self.project, listing, (&first, page)).await
    }

    /// One image, where only the list has it. An empty list says that it is not there.
    async fn listed(&self, id: &ImageId) -> Result<Image, CloudError> {
        let of = self.enterprise_project(Listing::Owned).map(segment);
        let of = of.map(|id| format!("&enterprise_project_id={id}")).unwrap_or_default();
        let path = format!("/v2/cloudimages?id={}{of}", segment(id.raw()));
        let asked = self.service.get_list::<Image, Frame>(&path).await;
        let (answer, found) = asked.map_err(gone_if_it_says_so)?;
        let found_none = found.items.is_empty() && found.unreadable.is_none();
        match found.items.into_iter().find(|image| image.id == *id) {
            Some(image) => Ok(image),
            None if found_none => Err(CloudError::NotFound(ApiError {
                status: answer.status.as_u16(),
                code: None,
                message: format!("image {id} is in no list").into(),
                request_id: answer.request_id,
            })),
            None => Err(malformed(&answer, "it is about other images")),
        }
    }

    /// The list of newer Huawei Cloud, which knows accounts and organisations.
    async fn own_members(
        &self,
        image: &ImageId,
        page: Option<&PageMark>,
    ) -> Result<Page<Membership>, CloudError> {
        let (project, image) = (segment(self.project.0.raw()), segment(image.raw()));
        let first = format!("{}?limit={MEMBERS}", own_members_path(&project, &image));
        listed_members(&self.service, &first, page).await
    }

    async fn typed_members(
        &self,
        image: &ImageId,
        page: Option<&PageMark>,
    ) -> Result<Page<Membership>, CloudError> {
        match self.own_members(image, page).await {
            Err(refused) if page.is_none() && is_about_no_image(&refused) => {
                self.as_receiver(image, refused).await
            }
            answered => answered,
        }
    }

    /// The first page of an image's members, before it is known which lists there are. It is decided by the first list
    /// that comes, once and for all, so that no list is believed that could not show what another one does.
    async fn members_of_either(&self, image: &ImageId) -> Result<Page<Membership>, CloudError> {
        let refused = match self.typed_members(image, None).await {
            Ok(page) => {
                self.lists.get_or_init(|| MemberLists::Typed);
                return Ok(page);
            }
            Err(refused) if !may_not_be_there(&refused) => return Err(refused),
            Err(refused) => refused,
        };
        // A call that is not there and an image that is not there look alike: the native list tells.
        let page = native_members(&self.service, image, None).await?;
        match self.lists.get_or_init(|| MemberLists::Native) {
            MemberLists::Native => Ok(page),
            MemberLists::Typed => Err(refused),
        }
    }

    /// What the native list shows of an image of another project: its receiver sees itself alone, in any list. Of an own
    /// image it would hide accounts and organisations, so the refusal stands.
    async fn as_receiver(
        &self,
        image: &ImageId,
        refused: CloudError,
    ) -> Result<Page<Membership>, CloudError> {
        let native = native_members(&self.service, image, None).await?;
        match self.image(image).await {
            Ok(Image { owner: Some(owner), .. }) if !self.project.owns(&owner) => Ok(native),
            _ => Err(refused),
        }
    }

    async fn ask_about(&self, path: &str) -> Result<JobReport, CloudError> {
        job::report(&self.service.get(path).await?)
    }
}

#[async_trait]
impl ImageCloud for Ims {
    fn kind(&self) -> CloudKind {
        CloudKind::Ims
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn works_by_jobs(&self) -> bool {
        true
    }

    async fn images(
        &self,
        listing: Listing,
        page: Option<&PageMark>,
    ) -> Result<Page<Image>, CloudError> {
        if self.native_list.load(Ordering::Relaxed) {
            return self.page(listing, page, true).await;
        }
        match self.page(listing, page, false).await {
            Err(CloudError::NotFound(_)) if page.is_none() => {
                let found = self.page(listing, None, true).await?;
                self.native_list.store(true, Ordering::Relaxed);
                Ok(found)
            }
            plain if page.is_none() => self.by_enterprise_project(listing, plain).await,
            answered => answered,
        }
    }

    fn notices(&self) -> Vec<String> {
        let granted = self.granted.iter().any(|granted| granted.load(Ordering::Relaxed));
        let of_lists = match self.enterprise_project.as_deref() {
            Some(id) if id != ALL_GRANTED => Some(format!(
                "only images of enterprise project {id} are listed (`enterprise_project_id` in clouds.yaml or config.toml, or \
                 HW_ENTERPRISE_PROJECT_ID)"
            )),
            None if !granted => None,
            _ => Some(format!(
                "images are listed by this user's rights in enterprise projects (enterprise_project_id={ALL_GRANTED}): \
                 images of other enterprise projects are not listed"
            )),
        };
        let native = self.lists.get() == Some(&MemberLists::Native);
        let of_members = native.then(|| {
            "this cloud lists only projects as members: accounts and organizations with access, if it knows any, are not \
             shown"
                .to_owned()
        });
        of_lists.into_iter().chain(of_members).collect()
    }

    async fn image(&self, id: &ImageId) -> Result<Image, CloudError> {
        match one_image(&self.service, id).await {
            Err(error) if is_unknown_path(&error) => self.listed(id).await,
            answered => answered,
        }
    }

    /// A private image may have members here: shared ones are said to read `private` on some clouds.
    fn members_apply(&self, image: &Image) -> bool {
        image.visibility != Visibility::Public
    }

    async fn members(
        &self,
        image: &ImageId,
        page: Option<&PageMark>,
    ) -> Result<Page<Membership>, CloudError> {
        match self.lists.get() {
            Some(MemberLists::Native) => native_members(&self.service, image, page).await,
            Some(MemberLists::Typed) => self.typed_members(image, page).await,
            None => self.members_of_either(image).await,
        }
    }

    fn shows(&self, kind: MemberKind) -> bool {
        kind == MemberKind::Project || self.lists.get() == Some(&MemberLists::Typed)
    }

    /// OTC docs, "Querying the Image Quota": the resource `image_member`; Huawei Cloud leaves it out.
    async fn member_quota(&self) -> Result<Option<usize>, CloudError> {
        #[derive(Deserialize)]
        struct Answered {
            quotas: Quotas,
        }
        #[derive(Deserialize)]
        struct Quotas {
            resources: Vec<Resource>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Resource {
            r#type: Lenient,
            quota: Lenient,
        }
        let answered: Answered = json(&self.service.get("/v1/cloudimages/quota").await?)?;
        let members = |it: &&Resource| it.r#type.text() == Some("image_member");
        let quota = answered.quotas.resources.iter().find(members).and_then(|it| it.quota.number());
        Ok(quota.and_then(|quota| usize::try_from(quota).ok()))
    }

    async fn change(
        &self,
        kind: OperationKind,
        batch: &Batch,
        stop: &CancellationToken,
    ) -> Result<Accepted, CloudError> {
        #[derive(Deserialize)]
        struct Started {
            #[serde(default)]
            job_id: Lenient,
        }
        let request = ApiRequest::of(self.kind(), kind, batch)
            .ok_or_else(|| CloudError::NotSent("no request can name this batch".into()))?;
        let answer = self.service.change(&request, stop).await?;
        let started: Started = json(&answer)?;
        let job = started.job_id.owned().map(JobId);
        let job = job.ok_or_else(|| malformed(&answer, "there is no job in it"))?;
        Ok(Accepted { job: Some(job), request_id: answer.request_id })
    }

    async fn job(&self, id: &JobId) -> Result<JobReport, CloudError> {
        let job = segment(id.0.raw());
        let usual = format!("/v1/{}/jobs/{job}", segment(self.project.0.raw()));
        let other = format!("/v1/cloudimages/job/{job}");
        if self.other_job_call.load(Ordering::Relaxed) {
            return self.ask_about(&other).await;
        }
        let first = match self.ask_about(&usual).await {
            Err(error @ CloudError::NotFound(_)) => error,
            answered => return answered,
        };
        let unknown_path = is_unknown_path(&first);
        let second = self.ask_about(&other).await;
        // Only what the gateway says about the path is remembered: a 404 may be about this one job.
        if unknown_path && second.is_ok() {
            self.other_job_call.store(true, Ordering::Relaxed);
        }
        match second {
            Err(CloudError::NotFound(_)) if !unknown_path => Err(first),
            second => second,
        }
    }
}

/// Rows of a page of members: the most that the API gives.
const MEMBERS: usize = 1000;

fn own_members_path(project: &str, image: &str) -> String {
    format!("/v1/{project}/cloudimages/{image}/members")
}

/// The call may not exist here: not found or no such method, and not in the words of IMS.
fn may_not_be_there(error: &CloudError) -> bool {
    error.refusal().is_some_and(|refusal| {
        [404, 405].contains(&refusal.status) && !code(refusal).starts_with("IMG.")
    })
}

/// IMS itself, not a gateway or a proxy before it, says that there is no such image: so the call is there.
fn is_about_no_image(error: &CloudError) -> bool {
    error.refusal().is_some_and(|refusal| NO_SUCH_IMAGE.contains(&code(refusal)))
}

fn code(refusal: &ApiError) -> &str {
    refusal.code.as_ref().map_or("", |code| code.raw())
}

/// The gateway knows no such call here: `APIGW.0101`, `APIGW.0103`, also spelt `APIG.`.
fn is_unknown_path(error: &CloudError) -> bool {
    error.refusal().map(code).is_some_and(|code| {
        code.starts_with("APIG") && (code.ends_with(".0101") || code.ends_with(".0103"))
    })
}

/// Codes for an image that is not there, in answer to a marker.
const NO_SUCH_IMAGE: [&str; 4] = ["IMG.0027", "IMG.0066", "IMG.0086", "IMG.0144"];

fn is_about_the_marker(refusal: &ApiError) -> bool {
    let message = refusal.message.raw().to_ascii_lowercase();
    [400, 404].contains(&refusal.status)
        && (NO_SUCH_IMAGE.contains(&code(refusal))
            || message.contains("no image found")
            || message.contains("marker"))
}
