//! What can be said about a new share before it is asked for: what makes it impossible, and what makes it doubtful.

use super::{CloudKind, Image, Member, MemberKind, ProjectId, Text, Visibility};

/// Longest member id that Glance keeps (its column, on most databases).
const LONGEST: usize = 255;

/// Why nobody of this id can become a member here; `None` when nothing speaks against it.
pub fn member_obstacle(cloud: CloudKind, own: &ProjectId, member: &Member) -> Option<String> {
    let id = member.id.raw();
    if member.kind == MemberKind::Project && own.is(&ProjectId(member.id.clone())) {
        return Some("an image cannot be shared with its own project".into());
    }
    match cloud {
        _ if id.is_empty() => Some("the id of the member is empty".into()),
        CloudKind::Glance => glance_obstacle(id),
        CloudKind::Rackspace if !id.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some("members are account numbers here: digits only".into())
        }
        CloudKind::Ims => ims_obstacle(member.kind, id),
        CloudKind::Rackspace => None,
    }
}

/// Glance takes any string; one with a slash can be added and never removed again (seen, Glance 33).
fn glance_obstacle(id: &str) -> Option<String> {
    if id.contains('/') {
        return Some("a member with a `/` in its id could never be removed again".into());
    }
    (id.chars().count() > LONGEST).then(|| format!("the id is longer than {LONGEST} characters"))
}

/// Huawei/OTC docs: project ids are 32 hex digits, organisations have a URN.
fn ims_obstacle(kind: MemberKind, id: &str) -> Option<String> {
    match kind {
        MemberKind::Project if !is_hex_id(id) => {
            Some("it is no project id: those are 32 hexadecimal digits here".into())
        }
        MemberKind::Organization if !id.starts_with("organizations:") => Some(
            "it is no organisation: those have an URN that begins with `organizations:`".into(),
        ),
        _ => None,
    }
}

/// Why this image cannot be shared by a project; `None` when nothing speaks against it.
pub fn image_obstacle(cloud: CloudKind, own: &ProjectId, image: &Image) -> Option<String> {
    if let Some(owner) = image.owner.as_ref().filter(|owner| !own.owns(owner)) {
        return Some(format!(
            "the image belongs to project {owner}, and only its owner can share it"
        ));
    }
    match cloud {
        CloudKind::Glance if image.visibility != Visibility::Shared => {
            Some(format!("the image is {}: set its visibility to `shared` first", image.visibility))
        }
        CloudKind::Ims => ims_image_obstacle(image),
        _ => None,
    }
}

/// Huawei/OTC docs, restrictions on sharing images; codes IMG.0089 and IMG.0046 say the same.
fn ims_image_obstacle(image: &Image) -> Option<String> {
    if image.visibility == Visibility::Public {
        return Some("the image is public".into());
    }
    let status =
        image.status.as_ref().filter(|status| !status.raw().eq_ignore_ascii_case("active"));
    status.map(|status| format!("the image is {status}: only active images can be shared"))
}

/// Why this image cannot be accepted so; `None` when nothing speaks against it. Full-ECS images of IMS are kept in a
/// vault of the receiver, which the answer names (OTC docs, "Accepting or Rejecting Shared Images"; code IMG.0184).
pub fn vault_obstacle(cloud: CloudKind, image: &Image, vault: Option<&Text>) -> Option<String> {
    match vault {
        Some(_) if cloud != CloudKind::Ims => Some("this cloud knows no vaults".into()),
        Some(_) if !image.whole => {
            Some("it is no full-ECS image, and a vault is for those alone".into())
        }
        None if cloud == CloudKind::Ims && image.whole => {
            Some("it is a full-ECS image, and those are accepted into a vault".into())
        }
        _ => None,
    }
}

/// What to do about a [`vault_obstacle`].
pub fn vault_remedy(vault: Option<&Text>) -> &'static str {
    match vault {
        Some(_) => "nothing was sent; leave `--vault` out for it",
        None => {
            "nothing was sent; accept it by itself: `sharelock accept --image ID --vault ID`, with a server backup vault of \
             this project"
        }
    }
}

/// Whether a text has the form that ids of projects have on a cloud.
pub fn looks_like_an_id(cloud: CloudKind, text: &str) -> bool {
    match cloud {
        CloudKind::Glance => is_hex_id(&text.replace('-', "")),
        CloudKind::Ims => is_hex_id(text),
        CloudKind::Rackspace => text.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// What should make one look twice at a member; the cloud does not check it.
pub fn member_doubt(cloud: CloudKind, member: &Member) -> Option<&'static str> {
    let odd = cloud == CloudKind::Glance && !looks_like_an_id(cloud, member.id.raw());
    odd.then_some(
        "does not look like the id of a project; the cloud takes any text, and a mistake stays",
    )
}

/// What should make one look twice at an image.
pub fn image_doubt(cloud: CloudKind, image: &Image) -> Option<&'static str> {
    match cloud {
        CloudKind::Ims if image.encrypted => {
            Some("is encrypted: some clouds refuse to share it, and its members need the key")
        }
        CloudKind::Ims if image.whole => {
            Some("is a full-ECS image: ten members at most, and accepting it needs a vault")
        }
        _ => None,
    }
}

fn is_hex_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "0123456789abcdef0123456789abcdef";

    fn obstacle(cloud: CloudKind, member: &Member) -> bool {
        member_obstacle(cloud, &ProjectId(OWN.into()), member).is_some()
    }

    #[test]
    fn an_image_is_never_offered_to_its_own_project_however_spelt() {
        for own in [OWN, "01234567-89AB-cdef-0123-456789abcdef"] {
            assert!(obstacle(CloudKind::Glance, &Member::project(own)));
        }
        let account = Member { kind: MemberKind::Domain, id: OWN.into() };
        assert!(!obstacle(CloudKind::Ims, &account));
    }

    #[test]
    fn a_vault_is_for_full_ecs_images_of_ims_and_for_nothing_else() {
        let plain = Image::bare("a".into());
        let whole = Image { whole: true, ..plain.clone() };
        let vault = Text::from("v");
        let may = |cloud, image, vault| vault_obstacle(cloud, image, vault).is_none();
        for (image, with, without) in [(&whole, true, false), (&plain, false, true)] {
            assert_eq!(may(CloudKind::Ims, image, Some(&vault)), with);
            assert_eq!(may(CloudKind::Ims, image, None), without);
            assert!(!may(CloudKind::Glance, image, Some(&vault)));
            assert!(may(CloudKind::Glance, image, None));
        }
    }

    #[test]
    fn each_cloud_has_its_own_form_of_ids() {
        let other = Member::project("f123456789abcdef0123456789abcdef");
        let (name, number) = (Member::project("team-web"), Member::project("929418"));
        assert!(!obstacle(CloudKind::Ims, &other) && obstacle(CloudKind::Ims, &name));
        assert!(!obstacle(CloudKind::Rackspace, &number) && obstacle(CloudKind::Rackspace, &name));
        assert!(!obstacle(CloudKind::Glance, &name));
        assert!(member_doubt(CloudKind::Glance, &name).is_some());
        assert_eq!(member_doubt(CloudKind::Glance, &other), None);
    }

    #[test]
    fn a_member_that_could_never_be_removed_is_not_added() {
        assert!(obstacle(CloudKind::Glance, &Member::project("a/b")));
    }

    #[test]
    fn an_image_that_is_not_ours_or_not_shareable_is_told_before_the_cloud_refuses_it() {
        let own = ProjectId(OWN.into());
        let mut image = Image { owner: Some(own.clone()), ..Image::bare("a".into()) };
        image.visibility = Visibility::Shared;
        assert_eq!(image_obstacle(CloudKind::Glance, &own, &image), None);
        image.visibility = Visibility::Private;
        assert!(image_obstacle(CloudKind::Glance, &own, &image).is_some());
        assert_eq!(image_obstacle(CloudKind::Ims, &own, &image), None);
        image.status = Some("saving".into());
        assert!(image_obstacle(CloudKind::Ims, &own, &image).is_some());
        image.owner = Some(ProjectId("other".into()));
        assert!(image_obstacle(CloudKind::Rackspace, &own, &image).is_some());
    }
}
