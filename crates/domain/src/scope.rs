//! Where one is logged in: cloud, region, project, and as whom.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Text;
use super::text::clean;

/// The id of a project: 32 hex digits on OpenStack and IMS, an account number on Rackspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProjectId(pub Text);

impl ProjectId {
    /// The project of a service without a login that nobody named: every image such a service lists is as good as
    /// one's own.
    pub fn unknown() -> Self {
        Self("".into())
    }

    /// Whether there is one.
    pub fn is_known(&self) -> bool {
        !self.0.raw().is_empty()
    }

    /// Whether images of `owner` are this project's own: all of them where it is not known.
    pub fn owns(&self, owner: &Self) -> bool {
        !self.is_known() || self.is(owner)
    }

    /// Whether two spellings name the same project: clouds disagree about case and dashes.
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

/// Which API a cloud shares images with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloudKind {
    /// Any OpenStack with Glance v2: members are removed one by one.
    Glance,
    /// Huawei Cloud, Open Telekom Cloud and relatives: members are removed in batches, by jobs.
    Ims,
    /// Rackspace Cloud Images.
    Rackspace,
}

impl CloudKind {
    /// Whether the login service is Huawei's IAM, which speaks Keystone v3 with rules of its own.
    pub fn logs_in_to_iam(self) -> bool {
        self == Self::Ims
    }

    /// Whether lists of received images show an administrator every project's shared images (seen, Glance 33).
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

/// One place where images live: a project in a region of a cloud, seen as one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a login")]
pub struct Scope {
    /// The name of the cloud in `clouds.yaml`.
    pub cloud: String,
    /// The region, where the cloud has regions.
    pub region: Option<String>,
    /// Which API the cloud speaks.
    pub kind: CloudKind,
    /// The project one is logged in to; it owns the images that are audited.
    pub project_id: ProjectId,
    /// Its name, where the login told it.
    pub project_name: Option<Text>,
    /// Name of the user, where the login told it.
    pub user: Option<Text>,
    /// Base of the image service, without a version: for error texts and the equivalent `curl`.
    pub endpoint: String,
    /// The user set `protected` for this cloud: its name must be typed as well to confirm.
    pub protected: bool,
    /// Nothing may be changed here.
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
    /// Cloud, region and project in one line, as in `otc-prod · eu-de · image-factory`. The project is named by its name,
    /// else by its ID; without a login service there may be none.
    pub fn label(&self) -> String {
        let project = self.project_name.as_ref().unwrap_or(&self.project_id.0);
        let project = Some(project.to_string()).filter(|project| !project.is_empty());
        let parts = [Some(clean(&self.cloud)), self.region.as_deref().map(clean)];
        let parts = parts.into_iter().flatten().map(Cow::into_owned).chain(project);
        parts.collect::<Vec<_>>().join(" · ")
    }

    /// Whether a login here sees what one there saw. The name of a cloud may change in the configuration and its
    /// endpoint in the catalog, but hardly both, and the project must be the same.
    pub fn is_same_place(&self, there: &Self) -> bool {
        self.kind == there.kind
            && self.project_id.is(&there.project_id)
            && self.region == there.region
            && (self.cloud == there.cloud || self.endpoint == there.endpoint)
    }

    /// Whether a reading here is the very reading there, under another name of cloud or region: the same image service,
    /// project and user. Where the user is not known it is not taken for the same: rights may hide images (enterprise
    /// projects on Huawei Cloud), and what is read twice hides nothing.
    pub fn sees_the_same(&self, there: &Self) -> bool {
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
