//! The scope of a login: cloud, region, project and user.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Text;
use super::text::clean;

/// The ID of a project: 32 hex digits on OpenStack and IMS, an account number on Rackspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProjectId(pub Text);

impl ProjectId {
    /// The project of a service without a login if the configuration names none. It counts as the owner of every image.
    pub fn unknown() -> Self {
        Self("".into())
    }

    /// Whether the ID is known.
    pub fn is_known(&self) -> bool {
        !self.0.raw().is_empty()
    }

    /// Whether this project is `owner`; an unknown project owns everything.
    pub fn owns(&self, owner: &Self) -> bool {
        !self.is_known() || self.is(owner)
    }

    /// Whether two IDs name the same project, ignoring case and dashes, in which clouds differ.
    pub fn is(&self, other: &Self) -> bool {
        let plain = |id: &Self| id.0.raw().replace('-', "").to_ascii_lowercase();
        self == other || plain(self) == plain(other)
    }
}

impl std::fmt::Display for ProjectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The image sharing API of a cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloudKind {
    /// Any OpenStack with Glance v2: one request for each share.
    Glance,
    /// Huawei Cloud, Open Telekom Cloud and relatives: batch requests and asynchronous jobs.
    Ims,
    /// Rackspace Cloud Images.
    Rackspace,
}

impl CloudKind {
    /// Whether the login service is Huawei's IAM, which implements Keystone v3 with differences.
    pub fn logs_in_to_iam(self) -> bool {
        self == Self::Ims
    }

    /// Whether lists of received images show an administrator every project's shared images (seen on Glance 33).
    pub fn lists_images_of_others(self) -> bool {
        self == Self::Glance
    }
}

impl std::fmt::Display for CloudKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Glance => "glance",
            Self::Ims => "ims",
            Self::Rackspace => "rackspace",
        })
    }
}

/// A project in a region of a cloud, as one user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a login")]
pub struct Scope {
    /// The name of the cloud in `clouds.yaml`.
    pub cloud: String,
    /// The region, where the cloud has regions.
    pub region: Option<String>,
    /// The image sharing API.
    pub kind: CloudKind,
    /// The project of the login; it owns the audited images.
    pub project_id: ProjectId,
    /// Its name, where the login reports it.
    pub project_name: Option<Text>,
    /// Name of the user, where the login reports it.
    pub user: Option<Text>,
    /// Base URL of the image service, without a version: for error messages and the equivalent `curl`.
    pub endpoint: String,
    /// `protected` is set for this cloud: a confirmation needs its name too.
    pub protected: bool,
    /// Requests that change something are refused.
    pub read_only: bool,
    /// False when TLS verification is off (`verify: false`); the screen says so.
    pub tls_verified: bool,
    /// False when the login or the image service is reached by http:// over a network; the screen says so. Not in the
    /// journal.
    #[serde(default = "encrypted")]
    pub encrypted: bool,
}

fn encrypted() -> bool {
    true
}

impl Scope {
    /// Cloud, region and project in one line, as in `otc-prod · eu-de · image-factory`. The project is omitted
    /// if it is unknown.
    pub fn label(&self) -> String {
        let project = self.project_name.as_ref().unwrap_or(&self.project_id.0);
        let project = Some(project.to_string()).filter(|project| !project.is_empty());
        let parts = [Some(clean(&self.cloud)), self.region.as_deref().map(clean)];
        let parts = parts.into_iter().flatten().map(Cow::into_owned).chain(project);
        parts.collect::<Vec<_>>().join(" · ")
    }

    /// Whether both are the same project in the same region. The name of the cloud may change in the configuration, and its
    /// endpoint in the catalog, but not both.
    pub fn is_same_scope(&self, there: &Self) -> bool {
        self.kind == there.kind
            && self.project_id.is(&there.project_id)
            && self.region == there.region
            && (self.cloud == there.cloud || self.endpoint == there.endpoint)
    }

    /// Whether readings of both are the same: image service, project and user are equal, under any name of the cloud or the
    /// region. Unknown users count as different, because permissions may hide images (enterprise projects on Huawei Cloud).
    pub fn sees_same_images(&self, there: &Self) -> bool {
        self.kind == there.kind
            && self.endpoint == there.endpoint
            && self.project_id.is(&there.project_id)
            && self.user.is_some()
            && self.user == there.user
    }
}

#[cfg(any(test, feature = "testing"))]
impl Scope {
    /// A scope for tests: project `p` on a Glance, without a region.
    pub fn fixture() -> Self {
        Self {
            cloud: "demo".into(),
            region: None,
            kind: CloudKind::Glance,
            project_id: ProjectId("p".into()),
            project_name: None,
            user: None,
            endpoint: "http://glance".into(),
            protected: false,
            read_only: false,
            tls_verified: true,
            encrypted: true,
        }
    }
}
