//! Images and members as the clouds describe them. Everything may be missing but the id.

use serde::Deserialize;

use super::lenient::Lenient;
use super::list_stream::{Row, shortened, without_id};
use domain::{Image, ImageId, Member, MemberKind, MemberStatus, Membership, Visibility};
use domain::{ProjectId, Text};

/// An image of Glance or IMS; keys with underscores in front are IMS's (Huawei/OTC docs: image attributes).
#[derive(Default, Deserialize)]
#[serde(default)]
struct ImageRow {
    id: Lenient,
    name: Lenient,
    owner: Lenient,
    status: Lenient,
    visibility: Lenient,
    created_at: Lenient,
    updated_at: Lenient,
    size: Lenient,
    os_hidden: Lenient,
    protected: Lenient,
    os_distro: Lenient,
    os_version: Lenient,
    #[serde(rename = "__image_size")]
    image_size: Lenient,
    #[serde(rename = "__os_version")]
    ims_os_version: Lenient,
    #[serde(rename = "__platform")]
    platform: Lenient,
    #[serde(rename = "__os_type")]
    os_type: Lenient,
    #[serde(rename = "__system__cmkid")]
    key_id: Lenient,
    #[serde(rename = "__whole_image")]
    whole_image: Lenient,
}

impl Row for Image {
    const LIST: &str = "images";

    fn read(json: &str) -> Option<Self> {
        image(json)
    }

    fn id(&self) -> &str {
        self.id.raw()
    }

    fn wrong(json: &str) -> String {
        without_id(json, "id").unwrap_or_else(|| "is not an image".into())
    }

    fn kept(&self) -> usize {
        let texts = [&self.name, &self.status, &self.os];
        let owner = self.owner.as_ref().map_or(0, |owner| owner.0.raw().len());
        let visibility = match &self.visibility {
            Visibility::Other(word) => word.raw().len(),
            _ => 0,
        };
        self.id().len() + owner + visibility + lengths(texts)
    }
}

/// Reads one image; `None` when it is no object or has no id.
pub(super) fn image(json: &str) -> Option<Image> {
    let row: ImageRow = serde_json::from_str(json).ok()?;
    let id = ImageId(row.id.owned()?);
    Some(Image {
        name: row.name.owned(),
        owner: row.owner.owned().map(ProjectId),
        status: row.status.owned(),
        // Not said is not "private": the members are asked for, rather than taken to be none.
        visibility: row.visibility.owned().unwrap_or_else(|| Text::from("unknown")).into(),
        created_at: row.created_at.moment(),
        updated_at: row.updated_at.moment(),
        // IMS has a `size` that is always 0, and the real one beside it.
        size: row.image_size.number().or_else(|| row.size.number().filter(|size| *size > 0)),
        os: row.os(),
        hidden: row.os_hidden.is_true(),
        protected: row.protected.is_true(),
        encrypted: row.key_id.text().is_some(),
        whole: row.whole_image.is_true(),
        ..Image::bare(id)
    })
}

impl ImageRow {
    fn os(&self) -> Option<Text> {
        let distro = match (self.os_distro.text(), self.os_version.text()) {
            (Some(distro), Some(version)) => Some(Text::from(format!("{distro} {version}"))),
            (distro, _) => distro.map(Text::from),
        };
        [&self.ims_os_version, &self.platform, &self.os_type]
            .into_iter()
            .find_map(Lenient::owned)
            .or(distro)
    }
}

/// A member; the last two are newer Huawei Cloud's.
#[derive(Default, Deserialize)]
#[serde(default)]
struct MemberRow {
    member_id: Lenient,
    status: Lenient,
    created_at: Lenient,
    updated_at: Lenient,
    member_type: Lenient,
    urn: Lenient,
}

impl Row for Membership {
    const LIST: &str = "members";

    fn read(json: &str) -> Option<Self> {
        membership(json)
    }

    fn id(&self) -> &str {
        self.member.id.raw()
    }

    fn wrong(json: &str) -> String {
        without_id(json, "member_id").unwrap_or_else(|| {
            let row: MemberRow = serde_json::from_str(json).unwrap_or_default();
            let of = |value: &Lenient| shortened(value.text().unwrap_or_default());
            let (id, kind) = (of(&row.member_id), of(&row.member_type));
            format!("(member `{id}`) has the unknown `member_type` `{kind}`")
        })
    }

    fn kept(&self) -> usize {
        let status = match &self.status {
            MemberStatus::Other(word) => word.raw().len(),
            _ => 0,
        };
        self.id().len() + status
    }
}

/// How long the texts are together.
pub(super) fn lengths<'a>(texts: impl IntoIterator<Item = &'a Option<Text>>) -> usize {
    texts.into_iter().flatten().map(|text| text.raw().len()).sum()
}

/// Reads one member; `None` when it is no object, has no id, or is of a kind that no request could name.
fn membership(json: &str) -> Option<Membership> {
    let row: MemberRow = serde_json::from_str(json).ok()?;
    let kind = match row.member_type.text() {
        Some(word) => MemberKind::from_word(word)?,
        None => MemberKind::Project,
    };
    let urn = row.urn.owned().filter(|_| kind == MemberKind::Organization);
    let id = urn.or_else(|| row.member_id.owned())?;
    Some(Membership {
        member: Member { kind, id },
        status: MemberStatus::from(row.status.owned().unwrap_or_else(|| Text::from("unknown"))),
        created_at: row.created_at.moment(),
        updated_at: row.updated_at.moment(),
    })
}
