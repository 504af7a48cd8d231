//! Images, as far as sharing is concerned.

use serde::{Deserialize, Serialize};

use super::{Moment, ProjectId, Text};

/// The ID of an image, exactly as the cloud spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageId(pub Text);

impl ImageId {
    /// The ID for a request path or body.
    pub fn raw(&self) -> &str {
        self.0.raw()
    }
}

impl From<&str> for ImageId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl std::fmt::Display for ImageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Who may see an image, by the cloud's word.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Text", into = "Text")]
pub enum Visibility {
    /// Every project.
    Public,
    /// Only the owner. On Glance, memberships of such an image are dormant, not deleted.
    Private,
    /// The owner and the members. The default of new Glance images, so it does not mean "has members".
    Shared,
    /// Every project that knows the ID.
    Community,
    /// A word this program does not know.
    Other(Text),
}

impl From<Text> for Visibility {
    fn from(word: Text) -> Self {
        match word.raw().to_ascii_lowercase().as_str() {
            "public" => Self::Public,
            "private" => Self::Private,
            "shared" => Self::Shared,
            "community" => Self::Community,
            _ => Self::Other(word),
        }
    }
}

impl From<Visibility> for Text {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Public => "public".into(),
            Visibility::Private => "private".into(),
            Visibility::Shared => "shared".into(),
            Visibility::Community => "community".into(),
            Visibility::Other(word) => word,
        }
    }
}

impl std::fmt::Display for Visibility {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Text::from(self.clone()).fmt(f)
    }
}

/// An image. Everything but the id may be missing from a cloud's answer.
#[expect(clippy::struct_excessive_bools, reason = "independent facts the cloud states one by one")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The ID; names are not unique.
    pub id: ImageId,
    /// The name; optional on Glance.
    pub name: Option<Text>,
    /// The project that owns it.
    pub owner: Option<ProjectId>,
    /// `active`, `queued`, …; the cloud's word.
    pub status: Option<Text>,
    /// Who may see it; [`Visibility::Private`] where the cloud does not say.
    pub visibility: Visibility,
    /// When it was created.
    pub created_at: Option<Moment>,
    /// When it was last changed.
    pub updated_at: Option<Moment>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Operating system or platform, where the cloud reports it.
    pub os: Option<Text>,
    /// Hidden from ordinary lists (`os_hidden`).
    pub hidden: bool,
    /// Cannot be deleted; sharing is unaffected.
    pub protected: bool,
    /// Encrypted (`__system__cmkid` on IMS).
    pub encrypted: bool,
    /// A full-ECS image (`__whole_image` on IMS): own sharing rules.
    pub whole: bool,
}

impl Image {
    /// An image of which only the ID is known.
    pub fn bare(id: ImageId) -> Self {
        Self {
            id,
            name: None,
            owner: None,
            status: None,
            visibility: Visibility::Private,
            created_at: None,
            updated_at: None,
            size: None,
            os: None,
            hidden: false,
            protected: false,
            encrypted: false,
            whole: false,
        }
    }

    /// The name to show; the ID for an image without a name.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) if !name.raw().trim().is_empty() => name.to_string(),
            _ => self.id.to_string(),
        }
    }

    /// Whether `project` owns it. No project owns an image without an owner; an unknown project owns all others too.
    pub fn is_owned_by(&self, project: &ProjectId) -> bool {
        !project.is_known() || self.owner.as_ref().is_some_and(|owner| owner.is(project))
    }
}
